//! Values, functions and what is not evaluated yet.

/// A value, or one of the marks that stand where values do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Num(f64),
    Str(u32),
    Arr(u32),
    Obj(u32),
    Fun(u32),
    /// Not evaluated yet. Never what evaluation returns.
    Thunk(u32),
    /// Keeps a frame on the stack.
    Env(u32),
    /// A variable before its `local` ran, a field that was not looked at.
    Unset,
    /// The result is that of the call the evaluator has pending.
    TailCall,
}

impl Value {
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Bool(_) => "boolean",
            Self::Num(_) => "number",
            Self::Str(_) => "string",
            Self::Arr(_) => "array",
            Self::Obj(_) => "object",
            Self::Fun(_) => "function",
            Self::Null | Self::Thunk(_) | Self::Env(_) | Self::Unset | Self::TailCall => "null",
        }
    }
}

/// A function.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Function {
    #[default]
    Free,
    /// The number is that of the function in the file of the frame.
    Closure {
        function: u32,
        env: u32,
    },
    Library(u16),
    /// Entry of the evaluator's table of native functions.
    Native(u32),
}

/// What is not evaluated yet, or was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Thunk {
    #[default]
    Free,
    Done(Value),
    /// A node of the file of the frame.
    Node {
        node: u32,
        env: u32,
    },
    /// A function applied to an argument.
    Call {
        function: u32,
        argument: Value,
    },
    /// A function applied to two arguments, which are in an array.
    Call2 {
        function: u32,
        arguments: u32,
    },
    /// A field, which is there.
    Field {
        object: u32,
        name: u32,
    },
    /// An external variable.
    Code {
        file: u32,
    },
}
