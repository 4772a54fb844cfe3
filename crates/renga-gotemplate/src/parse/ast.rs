//! Syntax trees: one arena of nodes per template.
//!
//! Nodes refer to each other by index, so trees of any depth are built, shared between threads
//! and dropped without recursion. Functions are resolved when a tree is parsed; names are
//! interned.

use std::ops::Range;
use std::sync::Arc;

use crate::builtins::Builtin;
use crate::func::Function;
use crate::text::GoStr;

/// The index of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// The number of a variable name within a tree; `$` is always 0.
pub(crate) type VarId = u32;

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    /// The name of the text it was parsed from, for error positions.
    pub(crate) parse_name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
    pub(crate) nodes: Vec<(u32, Node)>,
    pub(crate) vars: Vec<Arc<str>>,
    pub(crate) root: NodeId,
}

/// The word of an `if`, `range` or `with`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BranchKind {
    If,
    Range,
    With,
}

/// A function name and what it stood for when the template was parsed.
#[derive(Clone, Debug)]
pub(crate) enum Callee {
    Builtin(Builtin),
    Function(Arc<Function>),
}

/// A number literal under every type that can represent it.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
    pub(crate) text: Arc<str>,
}

/// A node.
#[derive(Debug)]
pub(crate) enum Node {
    List(Vec<NodeId>),
    /// Where in the text of the tree it stands.
    Text(Range<u32>),
    Action(NodeId),
    Pipe {
        assign: bool,
        decls: Vec<NodeId>,
        commands: Vec<NodeId>,
    },
    Command(Vec<NodeId>),
    Identifier {
        name: Arc<str>,
        callee: Callee,
    },
    Variable {
        var: VarId,
        fields: Vec<GoStr>,
    },
    Dot,
    Nil,
    Field(Vec<GoStr>),
    Chain {
        node: NodeId,
        fields: Vec<GoStr>,
    },
    Bool(bool),
    Number(Box<Number>),
    Str {
        quoted: GoStr,
        text: GoStr,
    },
    Branch {
        kind: BranchKind,
        pipe: NodeId,
        list: NodeId,
        or_else: Option<NodeId>,
    },
    Break,
    Continue,
    Template {
        name: Arc<str>,
        pipe: Option<NodeId>,
    },
    End,
    Else,
}

impl Tree {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize].1
    }

    /// A part of the text the tree was parsed from.
    pub(crate) fn slice(&self, range: &Range<u32>) -> &[u8] {
        self.text.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    pub(crate) fn pos(&self, id: NodeId) -> usize {
        self.nodes[id.0 as usize].0 as usize
    }

    /// The position of a node as Go reports it: line from 1, byte column from 0.
    pub(crate) fn line_and_column(&self, id: NodeId) -> (usize, usize) {
        let before = &self.text[..self.pos(id).min(self.text.len())];
        let line = before.split(|&byte| byte == b'\n').count();
        let column = match before.iter().rposition(|&byte| byte == b'\n') {
            Some(newline) => before.len() - newline - 1,
            None => before.len(),
        };
        (line, column)
    }

    /// Whether the template holds nothing but space.
    pub(crate) fn is_empty(&self) -> bool {
        let Node::List(nodes) = self.node(self.root) else { return false };
        nodes.iter().all(|&id| match self.node(id) {
            Node::Text(range) => {
                let text = self.slice(range);
                let space = |(_, rune, _): (usize, char, usize)| crate::text::rune::is_space(rune);
                crate::text::rune::runes(text).all(space)
            }
            _ => false,
        })
    }
}
