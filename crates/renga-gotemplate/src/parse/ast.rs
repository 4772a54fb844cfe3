//! Syntax trees: one arena of nodes per text, shared by the templates the text defines.
//!
//! Nodes refer to each other by index and to their children by a [`Span`] of a common list, so
//! trees of any depth are built, shared between threads and dropped without recursion and almost
//! without allocations. Functions are resolved when a tree is parsed; names are interned.

use std::ops::{Deref, Range};
use std::sync::Arc;

use crate::builtins::Builtin;
use crate::func::Function;
use crate::text::GoStr;

/// The index of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// The number of a variable name within a tree; `$` is always 0.
pub(crate) type VarId = u32;

/// A part of one of the lists of an [`Arena`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// What a list has from `start` on.
    pub(crate) fn since<T>(start: usize, list: &[T]) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Span { start: number(start), len: number(list.len().saturating_sub(start)) }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    pub(crate) fn len(self) -> usize {
        self.len as usize
    }

    fn of<T>(self, list: &[T]) -> &[T] {
        let start = self.start as usize;
        list.get(start..start + self.len as usize).unwrap_or_default()
    }
}

/// What the templates of a text are made of.
#[derive(Debug)]
pub(crate) struct Arena {
    /// The name of the text, for error positions.
    pub(crate) parse_name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
    /// Positions and nodes.
    pub(crate) nodes: Vec<(u32, Node)>,
    pub(crate) children: Vec<NodeId>,
    pub(crate) fields: Vec<GoStr>,
    pub(crate) vars: Vec<Arc<str>>,
    /// The names of the templates that are invoked.
    pub(crate) invoked: Vec<Arc<str>>,
}

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) root: NodeId,
    /// Whether the template holds nothing but space.
    pub(crate) is_empty: bool,
    pub(crate) arena: Arc<Arena>,
}

impl Deref for Tree {
    type Target = Arena;

    fn deref(&self) -> &Arena {
        &self.arena
    }
}

/// A function name with what it stands for.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) callee: Callee,
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
    List(Span),
    /// Where in the text of the tree it stands.
    Text(Range<u32>),
    Action(NodeId),
    Pipe {
        assign: bool,
        decls: Span,
        commands: Span,
    },
    Command(Span),
    Identifier(Arc<Named>),
    Variable {
        var: VarId,
        fields: Span,
    },
    Dot,
    Nil,
    Field(Span),
    Chain {
        node: NodeId,
        fields: Span,
    },
    Bool(bool),
    Number(Box<Number>),
    Str {
        /// Where the literal ends in the text of the tree; it begins at the position of the node.
        end: u32,
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
        /// The index of its name.
        invoked: u32,
        pipe: Option<NodeId>,
    },
    End,
    Else,
}

impl Arena {
    /// Gives back what was set aside and not needed: the tree stays for long.
    pub(crate) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.children.shrink_to_fit();
        self.fields.shrink_to_fit();
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize].1
    }

    pub(crate) fn children(&self, span: Span) -> &[NodeId] {
        span.of(&self.children)
    }

    pub(crate) fn fields(&self, span: Span) -> &[GoStr] {
        span.of(&self.fields)
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

    /// A string literal as it was written.
    pub(crate) fn literal(&self, id: NodeId, end: u32) -> &[u8] {
        self.slice(&(self.nodes[id.0 as usize].0..end))
    }

    /// Whether a list holds nothing but space.
    pub(crate) fn is_blank(&self, root: NodeId) -> bool {
        let Node::List(nodes) = self.node(root) else { return false };
        self.children(*nodes).iter().all(|&id| match self.node(id) {
            Node::Text(range) => {
                let text = self.slice(range);
                let space = |(_, rune, _): (usize, char, usize)| crate::text::rune::is_space(rune);
                crate::text::rune::runes(text).all(space)
            }
            _ => false,
        })
    }
}
