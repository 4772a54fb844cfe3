//! Why a text is no Jsonnet.

use std::fmt;

use crate::tree::Span;

/// A text that is no Jsonnet. `Display` is go-jsonnet's message without the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where. Empty spans are points.
    pub span: Span,
    /// Whether go-jsonnet writes the place twice, as it does for bad escapes.
    pub place_twice: bool,
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span, place_twice: false }
    }

    pub(crate) fn at(message: impl Into<String>, offset: usize) -> Self {
        Self::new(message, Span::new(offset, offset))
    }

    pub(crate) fn during(mut self, what: &str) -> Self {
        self.message.push_str(" while ");
        self.message.push_str(what);
        self
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}
