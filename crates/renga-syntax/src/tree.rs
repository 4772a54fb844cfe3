//! The tree of a file: nodes in one arena, addressed by number.
//!
//! A node is a small `Copy` value; lists of children are ranges of typed tables. Texts are in one
//! buffer, addressed by [`StrId`]; equal identifiers have equal numbers.

/// A range of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Span {
    /// From offsets. Texts beyond 4 GiB are refused before there are any.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }

    /// From the start of this to the end of `last`.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }
}

/// The number of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

/// The number of a text in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StrId(pub u32);

/// A range of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The first entry.
    pub start: u32,
    /// How many.
    pub len: u32,
}

impl List {
    /// The range as indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Mul,
    Div,
    Mod,
    Add,
    Sub,
    Shl,
    Shr,
    Gt,
    Ge,
    Lt,
    Le,
    In,
    Eq,
    Ne,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
}

/// An operator before one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Not,
    BitNot,
    Plus,
    Minus,
}

/// How a file is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportKind {
    /// `import`: as code.
    Code,
    /// `importstr`: as a string.
    Str,
    /// `importbin`: as an array of bytes.
    Bin,
}

/// Whether a field shows in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// `:`: as in the object below.
    Inherit,
    /// `::`
    Hidden,
    /// `:::`
    Visible,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the shapes are those of the language's grammar")]
pub enum Node {
    Null,
    True,
    False,
    Number(f64),
    /// A number too large for a double.
    HugeNumber,
    Str(StrId),
    SelfRef,
    Dollar,
    Var(StrId),
    Parens(NodeId),
    /// `items` is a range of [`Tree::items`].
    Array {
        items: List,
    },
    /// `specs` is a range of [`Tree::specs`].
    ArrayComp {
        body: NodeId,
        specs: List,
    },
    /// `members` is a range of [`Tree::members`].
    Object {
        members: List,
    },
    /// Exactly one of the members is a field.
    ObjectComp {
        members: List,
        specs: List,
    },
    Index {
        target: NodeId,
        index: NodeId,
    },
    Field {
        target: NodeId,
        name: StrId,
    },
    /// `parts` is the first of three entries of [`Tree::slice_parts`]: from, to, step.
    Slice {
        target: NodeId,
        parts: u32,
    },
    SuperField {
        name: StrId,
    },
    SuperIndex {
        index: NodeId,
    },
    InSuper {
        name: NodeId,
    },
    /// `args` is a range of [`Tree::arguments`].
    Apply {
        target: NodeId,
        args: List,
        tailstrict: bool,
    },
    ApplyBrace {
        left: NodeId,
        right: NodeId,
    },
    Binary {
        op: BinaryOp,
        left: NodeId,
        right: NodeId,
    },
    Unary {
        op: UnaryOp,
        operand: NodeId,
    },
    /// `branches` is the first of two entries of [`Tree::slice_parts`]: then, else.
    If {
        cond: NodeId,
        branches: u32,
    },
    /// `params` is a range of [`Tree::parameters`].
    Function {
        params: List,
        body: NodeId,
    },
    /// `binds` is a range of [`Tree::binds`].
    Local {
        binds: List,
        body: NodeId,
    },
    /// `rest` is the first of two entries of [`Tree::slice_parts`]: message, rest.
    Assert {
        cond: NodeId,
        rest: u32,
    },
    Error(NodeId),
    Import {
        kind: ImportKind,
        path: StrId,
    },
}

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// The parameter, if it is named.
    pub name: Option<StrId>,
    /// The value.
    pub value: NodeId,
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name.
    pub name: StrId,
    /// The name's place.
    pub span: Span,
    /// What stands for a missing argument.
    pub default: Option<NodeId>,
}

/// A variable of a `local`.
#[derive(Clone, Copy, Debug)]
pub struct Bind {
    /// The name.
    pub name: StrId,
    /// The name's place.
    pub name_span: Span,
    /// The value; a [`Node::Function`] where parameters are written before the `=`.
    pub value: NodeId,
    /// Whether they are.
    pub sugared: bool,
}

/// The name of a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldName {
    /// `name`
    Identifier(StrId),
    /// `'name'`; the node is a [`Node::Str`].
    Str(NodeId),
    /// `[name]`
    Computed(NodeId),
}

/// A part of an object.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the shapes are those of the language's grammar")]
pub enum Member {
    Local {
        bind: Bind,
        span: Span,
    },
    Assert {
        cond: NodeId,
        message: Option<NodeId>,
        span: Span,
    },
    Field {
        name: FieldName,
        plus: bool,
        visibility: Visibility,
        value: NodeId,
        method: bool,
        span: Span,
    },
}

/// A part of a comprehension.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the shapes are those of the language's grammar")]
pub enum Spec {
    For { var: StrId, var_span: Span, list: NodeId },
    If { cond: NodeId },
}

/// A file.
#[derive(Debug)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) spans: Vec<Span>,
    pub(crate) text: String,
    pub(crate) texts: Vec<(u32, u32)>,
    /// Elements of arrays.
    pub items: Vec<NodeId>,
    /// Parts of comprehensions.
    pub specs: Vec<Spec>,
    /// Parts of objects.
    pub members: Vec<Member>,
    /// Arguments of calls.
    pub arguments: Vec<Argument>,
    /// Parameters of functions.
    pub parameters: Vec<Parameter>,
    /// Variables of `local`s.
    pub binds: Vec<Bind>,
    /// Operands that may be missing.
    pub slice_parts: Vec<Option<NodeId>>,
    /// The outermost expression.
    pub root: NodeId,
}

impl Tree {
    /// A node.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.spans[id.0 as usize]
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes; never so after parsing.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A text.
    pub fn str(&self, id: StrId) -> &str {
        let (start, end) = self.texts[id.0 as usize];
        &self.text[start as usize..end as usize]
    }

    /// How many texts there are.
    pub fn str_count(&self) -> usize {
        self.texts.len()
    }

    /// The buffer of all texts and their ranges in it, for who keeps them after the tree.
    pub fn into_texts(self) -> (String, Vec<(u32, u32)>) {
        (self.text, self.texts)
    }
}
