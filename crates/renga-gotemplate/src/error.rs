//! What can go wrong, in Go's words.
//!
//! The texts are those of Go's `text/template`, because tools that print them are compared with
//! tools written in Go. The parts (name, line, column, node) are kept as data beside the text.

use std::sync::Arc;

/// Why a template text could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("template: {name}:{line}: {message}")]
#[diagnostic(code(gotemplate::parse))]
pub struct ParseError {
    /// The name the text was parsed under.
    pub name: String,
    /// The line the parser had reached, from 1.
    pub line: usize,
    /// What was wrong.
    pub message: String,
}

impl ParseError {
    pub(crate) fn new(name: &str, line: usize, message: String) -> Self {
        ParseError { name: name.to_owned(), line, message }
    }
}

/// Where in a template an execution failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name of the text the template was parsed from.
    pub text: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 0.
    pub column: usize,
    /// The node, written the way Go writes parse trees.
    pub node: String,
}

/// Why the execution of a template stopped.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("{}", self.text())]
#[diagnostic(code(gotemplate::execute))]
pub struct ExecError {
    /// The name of the template that was running.
    pub template: Arc<str>,
    /// Where it was, unless it had not begun.
    pub location: Option<Location>,
    /// What was wrong.
    pub message: String,
    /// The error of a function that failed, when it says more than its message.
    pub cause: Option<Box<FuncError>>,
}

impl ExecError {
    fn text(&self) -> String {
        let name = &self.template;
        let message = &self.message;
        match &self.location {
            Some(at) => {
                let shown = crate::text::quote::quoted(name.as_bytes());
                format!(
                    "template: {}:{}:{}: executing {shown} at <{}>: {message}",
                    at.text, at.line, at.column, at.node
                )
            }
            None => format!("template: {name}: {message}"),
        }
    }
}

/// Why a function refused its arguments.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FuncError {
    /// The text that follows `error calling NAME: `.
    pub message: String,
    /// The failed execution behind it, for functions that render templates.
    pub cause: Option<Box<ExecError>>,
}

impl FuncError {
    /// An error with this text.
    pub fn new(message: impl Into<String>) -> Self {
        FuncError { message: message.into(), cause: None }
    }
}

impl From<ExecError> for FuncError {
    fn from(error: ExecError) -> Self {
        FuncError { message: error.to_string(), cause: Some(Box::new(error)) }
    }
}

impl From<ParseError> for FuncError {
    fn from(error: ParseError) -> Self {
        FuncError::new(error.to_string())
    }
}
