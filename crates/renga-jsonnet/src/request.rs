//! What to evaluate: the entrypoint, what it may see, and how far it may go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::search::SearchPath;

/// The value of an external variable or of a top-level argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// A string.
    String(String),
    /// Code, evaluated when it is first looked at.
    Code(String),
    /// The text of a file (`importstr`).
    StringFile(PathBuf),
    /// The value of a file (`import`).
    CodeFile(PathBuf),
}

/// External variables or top-level arguments by name.
pub type Variables = BTreeMap<String, Variable>;

/// One evaluation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The file to evaluate, absolute.
    pub entrypoint: PathBuf,
    /// Code to evaluate instead, in which `main` is the entrypoint's value (called with `tlas`
    /// if it is a function).
    pub expression: Option<String>,
    /// Where imports are looked for.
    pub search_path: SearchPath,
    /// Where relative paths in [`Variable::StringFile`] and [`Variable::CodeFile`] start.
    pub working_dir: Option<PathBuf>,
    /// What `std.extVar` gives.
    pub ext_vars: Arc<Variables>,
    /// Arguments for a value that is a function. Ignored for other values.
    pub tlas: Arc<Variables>,
    /// How deep calls may nest; 0 for go-jsonnet's default of 500.
    pub max_stack: u32,
}

impl Request {
    /// A request for the value of `entrypoint`, without variables.
    pub fn new(entrypoint: impl Into<PathBuf>, search_path: SearchPath) -> Self {
        Self {
            entrypoint: entrypoint.into(),
            expression: None,
            search_path,
            working_dir: None,
            ext_vars: Arc::default(),
            tlas: Arc::default(),
            max_stack: 0,
        }
    }

    /// The same request for `expression`, in which `main` is the entrypoint's value.
    #[must_use]
    pub fn with_expression(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }
}

/// How big a result may be. What exceeds them is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep objects and arrays may nest.
    pub depth: usize,
    /// How many values a result may hold.
    pub nodes: usize,
    /// How many bytes its strings may hold together.
    pub bytes: usize,
}

impl Default for Limits {
    /// 1,000 levels, 5 million values (some 3 GB while evaluated), 1 GiB of text: more than any
    /// environment, less than memory.
    fn default() -> Self {
        Self { depth: 1_000, nodes: 5_000_000, bytes: 1 << 30 }
    }
}

/// What evaluation has to say beside its value.
pub trait Log: Send + Sync {
    /// A call of `std.trace`: `file` as in [`crate::Frame::file`], the line from 1, the text.
    fn trace(&self, file: &str, line: u32, message: &str);

    /// What an external engine wrote to its standard error, one call per paragraph.
    fn message(&self, text: &str);
}

/// A [`Log`] that drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentLog;

impl Log for SilentLog {
    fn trace(&self, _file: &str, _line: u32, _message: &str) {}

    fn message(&self, _text: &str) {}
}
