//! Why a pattern is refused, in Go's words.

use std::fmt;

/// What is wrong with a pattern: the error codes of Go's `regexp/syntax`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A range in a class runs backwards, or a class name is unknown.
    InvalidCharRange,
    /// A backslash is followed by something that has no meaning.
    InvalidEscape,
    /// A group name is empty, unfinished or has characters beyond `[A-Za-z0-9_]`.
    InvalidNamedCapture,
    /// `(?` is followed by something that is neither flags nor a group.
    InvalidPerlOp,
    /// A repetition follows a repetition, as in `a**`.
    InvalidRepeatOp,
    /// A repeat count is above 1000, alone or multiplied with those around it, or runs backwards.
    InvalidRepeatSize,
    /// A class has no end.
    MissingBracket,
    /// A group has no end.
    MissingParen,
    /// A repetition has nothing to repeat.
    MissingRepeatArgument,
    /// The pattern ends in a lone backslash.
    TrailingBackslash,
    /// A group ends that was never opened.
    UnexpectedParen,
    /// The pattern nests more than 1000 levels.
    NestingDepth,
    /// The compiled pattern would be too large.
    Large,
}

impl ErrorCode {
    /// Go's words for this error.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::Large => "expression too large",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::InvalidCharRange => {
                "write ranges from low to high, and class names as Go lists them"
            }
            Self::InvalidEscape => {
                "write `\\\\` for a backslash; back references do not exist here"
            }
            Self::InvalidNamedCapture => {
                "write a named group as `(?P<name>…)`, with `[A-Za-z0-9_]` in the name"
            }
            Self::InvalidPerlOp => {
                "look-around does not exist here; the flags are `i`, `m`, `s` and `U`"
            }
            Self::InvalidRepeatOp => "put the inner repetition into a group: `(?:…)`",
            Self::InvalidRepeatSize => "repeat at most 1000 times, nested repetitions multiplied",
            Self::MissingBracket => "close the class with `]`, or write `\\[` for the character",
            Self::MissingParen => "close the group with `)`, or write `\\(` for the character",
            Self::MissingRepeatArgument => "put something before it, or escape it with a backslash",
            Self::TrailingBackslash => "write `\\\\` for a backslash",
            Self::UnexpectedParen => "open the group with `(`, or write `\\)` for the character",
            Self::NestingDepth | Self::Large => "write a smaller pattern",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A pattern that Go refuses; its `Display` is the message Go gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {code}: `{fragment}`")]
pub struct RegexpError {
    /// What is wrong.
    pub code: ErrorCode,
    /// The offending part of the pattern, or all of it where Go names all of it.
    pub fragment: String,
}

impl RegexpError {
    pub(crate) fn new(code: ErrorCode, fragment: &str) -> Self {
        Self { code, fragment: fragment.to_owned() }
    }
}

impl miette::Diagnostic for RegexpError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("regexp::syntax"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code.advice()))
    }
}
