//! The resolved form of a file: what evaluation works on.
//!
//! Immutable, `Send + Sync` and shared by all threads. Variables are frames and slots, names are
//! numbers of texts, sugar is gone; for every node there are a span and a context for traces.
//!
//! A *frame* is what holds variables while code runs. Functions, objects, iterations of
//! comprehensions and code with `local`s have one. `depth` counts frames outwards from the
//! innermost; the outermost frame of a file is addressed directly, by `Top`.

use renga_syntax::{BinaryOp, ImportKind, LineIndex, Span, UnaryOp, Visibility};

/// The number of a node.
pub(crate) type Id = u32;

/// Stands for a missing node.
pub(crate) const NO_NODE: Id = u32::MAX;

/// The slot of an object's frame that holds `self`.
pub(crate) const SELF_SLOT: u32 = 0;
/// The slot of an object's frame that holds the layer whose field is evaluated.
pub(crate) const LAYER_SLOT: u32 = 1;
/// The first slot of an object's own variables.
pub(crate) const OBJECT_LOCALS: u32 = 2;

/// A step of evaluation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ir {
    Null,
    True,
    False,
    Num(f64),
    HugeNum,
    /// A text of the file.
    Str(u32),
    Var {
        depth: u32,
        slot: u32,
    },
    Top(u32),
    SelfRef {
        depth: u32,
    },
    Std,
    /// A function of the standard library.
    StdFn(u16),
    /// Nodes in [`Code::lists`].
    Array {
        start: u32,
        len: u32,
    },
    ArrayComp(u32),
    Object(u32),
    ObjectComp(u32),
    Index {
        target: Id,
        index: Id,
    },
    Field {
        target: Id,
        name: u32,
    },
    /// Four entries of [`Code::lists`]: target, from, to, step.
    Slice(u32),
    SuperIndex {
        depth: u32,
        index: Id,
    },
    InSuper {
        depth: u32,
        name: Id,
    },
    Call {
        target: Id,
        call: u32,
    },
    CallStd {
        function: u16,
        call: u32,
    },
    Function(u32),
    /// Entries of [`Code::binds`]; then the body.
    Local {
        start: u32,
        len: u32,
        body: Id,
    },
    /// The body runs in a frame of its own.
    Frame {
        size: u32,
        body: Id,
    },
    If {
        cond: Id,
        then: Id,
        otherwise: Id,
    },
    /// `rest` is [`NO_NODE`] for the assertion of an object.
    Assert {
        cond: Id,
        message: Id,
        rest: Id,
    },
    Error(Id),
    Binary {
        op: BinaryOp,
        left: Id,
        right: Id,
    },
    Unary {
        op: UnaryOp,
        operand: Id,
    },
    Import {
        kind: ImportKind,
        path: u32,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CallIr {
    /// The first entry of [`Code::lists`].
    pub args: u32,
    pub positional: u32,
    /// The first of the names of named arguments, which follow the positional ones.
    pub names: u32,
    pub named: u32,
    pub tailstrict: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FunctionIr {
    /// Entries of [`Code::params`]; they take the first slots.
    pub params: u32,
    pub param_count: u32,
    pub body: Id,
    pub frame: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ParamIr {
    pub name: u32,
    /// [`NO_NODE`] if there is none.
    pub default: Id,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum NameIr {
    Text(u32),
    Computed(Id),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldIr {
    pub name: NameIr,
    pub body: Id,
    pub visibility: Visibility,
    pub plus: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectIr {
    /// Entries of [`Code::fields`].
    pub fields: u32,
    pub field_count: u32,
    /// Entries of [`Code::binds`].
    pub locals: u32,
    pub local_count: u32,
    /// Entries of [`Code::lists`].
    pub asserts: u32,
    pub assert_count: u32,
    pub frame: u32,
    /// Whether all names are texts.
    pub plain: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum SpecIr {
    /// Each element gets a frame with the variable in slot 0.
    For(Id),
    If(Id),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CompIr {
    /// Entries of [`Code::specs`].
    pub specs: u32,
    pub spec_count: u32,
    /// The element; for objects the number of the object with its one field.
    pub body: Id,
}

/// What a node belongs to, in the words of go-jsonnet's traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    None,
    Top,
    /// The name; `u32::MAX` if there is none.
    Function(u32),
    Object(u32),
    Thunk(u32),
    NamedThunk(u32, u32),
}

/// A file, ready for evaluation.
#[derive(Debug)]
pub(crate) struct Code {
    pub nodes: Vec<Ir>,
    pub spans: Vec<Span>,
    pub node_contexts: Vec<u32>,
    pub contexts: Vec<Context>,
    pub lists: Vec<Id>,
    pub calls: Vec<CallIr>,
    pub functions: Vec<FunctionIr>,
    pub params: Vec<ParamIr>,
    pub fields: Vec<FieldIr>,
    pub objects: Vec<ObjectIr>,
    pub specs: Vec<SpecIr>,
    pub comps: Vec<CompIr>,
    pub binds: Vec<(u32, Id)>,
    pub text: String,
    pub texts: Vec<(u32, u32)>,
    pub root: Id,
    /// The size of the outermost frame.
    pub frame: u32,
    pub lines: std::sync::OnceLock<LineIndex>,
}

impl Code {
    pub(crate) fn str(&self, id: u32) -> &str {
        let (start, end) = self.texts[id as usize];
        &self.text[start as usize..end as usize]
    }

    /// A context as go-jsonnet writes it.
    pub(crate) fn context(&self, id: u32) -> String {
        let name = |id: u32| if id == u32::MAX { "anonymous" } else { self.str(id) };
        match self.contexts[id as usize] {
            Context::None => String::new(),
            Context::Top => "$".to_owned(),
            Context::Function(id) => format!("function <{}>", name(id)),
            Context::Object(id) => format!("object <{}>", name(id)),
            Context::Thunk(from) => format!("thunk from <{}>", self.context(from)),
            Context::NamedThunk(id, from) => {
                format!("thunk <{}> from <{}>", name(id), self.context(from))
            }
        }
    }
}
