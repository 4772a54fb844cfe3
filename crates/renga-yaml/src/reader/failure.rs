//! A failure while scanning or parsing, before it has a line to print.

use crate::error::YamlError;
use crate::resolve::Version;

/// A position in the text: characters from its start, line and column from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: isize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The layer that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Reader,
    Scanner,
    Parser,
}

/// What went wrong, with the two positions that the libraries choose from.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) layer: Layer,
    pub(super) problem: String,
    /// Where the construct began that was being read.
    pub(super) context: Mark,
    /// Where the problem is.
    pub(super) at: Mark,
}

impl Failure {
    /// The error with the line that the library prints, which is often not the right one.
    pub(super) fn into_error(self, version: Version) -> YamlError {
        // Lines count from zero and zero means none. A scanner's line is corrected to count from
        // one; a parser's is not, so that it usually names the line before.
        let correction = usize::from(self.layer == Layer::Scanner);
        let (at, context) = (self.at.line, self.context.line);
        let line = match version {
            Version::V2 if at != 0 => Some(at + correction),
            Version::V2 => (context != 0).then_some(context),
            Version::V3 if context != 0 => Some(context + correction),
            Version::V3 => (at != 0).then_some(at + correction),
        };
        YamlError::Syntax { line, problem: self.problem }
    }
}
