//! Errors as data.
//!
//! [`EvalError::text`] is what `jsonnet` of go-jsonnet prints, trace included.

use std::fmt::{self, Write as _};

use renga_syntax::{Position, Span};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The code is no Jsonnet, or names a variable that does not exist.
    Static,
    /// The code fails when it is evaluated.
    Runtime,
    /// A file that is imported cannot be found or read.
    Import,
    /// Recursion without end, or more than what is allowed of time or memory.
    Limit,
    /// The result holds what is no data.
    Manifest,
}

/// A mistake found without evaluating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StaticError {
    pub message: String,
    pub span: Span,
    pub place_twice: bool,
}

impl StaticError {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span, place_twice: false }
    }
}

impl From<renga_syntax::SyntaxError> for StaticError {
    fn from(error: renga_syntax::SyntaxError) -> Self {
        Self { message: error.message, span: error.span, place_twice: error.place_twice }
    }
}

/// A step of the evaluation that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file, or words for a step that is in none, as `During manifestation`.
    pub file: String,
    /// Where the step begins and ends (behind its last character); `None` if it is in no file.
    pub place: Option<(Position, Position)>,
    /// What the step belongs to, as `function <name>`. May be empty.
    pub context: String,
}

impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((start, end)) = self.place else { return formatter.write_str(&self.file) };
        if !self.file.is_empty() {
            write!(formatter, "{}:", self.file)?;
        }
        if start.line != end.line {
            return write!(
                formatter,
                "({}:{})-({}:{})",
                start.line, start.column, end.line, end.column
            );
        }
        write!(formatter, "{}:{}", start.line, start.column)?;
        if start.column != end.column {
            write!(formatter, "-{}", end.column)?;
        }
        Ok(())
    }
}

/// Why an evaluation failed.
#[derive(Clone, Debug)]
pub struct EvalError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    frames: Vec<Frame>,
    /// The lines of a mistake in the code.
    snippet: String,
}

impl EvalError {
    pub(crate) fn new(
        kind: ErrorKind,
        message: String,
        frames: Vec<Frame>,
        snippet: String,
    ) -> Self {
        Self(Box::new(Inner { kind, message, frames, snippet }))
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// go-jsonnet's message, without `RUNTIME ERROR: ` and without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The steps, innermost first. For static errors the place of the mistake alone.
    pub fn frames(&self) -> &[Frame] {
        &self.0.frames
    }

    /// The text `jsonnet` prints: message and trace, of which at most `max_frames` are shown (0:
    /// all).
    pub fn text(&self, max_frames: usize) -> String {
        let frames = self.frames();
        if self.kind() == ErrorKind::Static {
            let place = frames.first().map(ToString::to_string).unwrap_or_default();
            return format!("{place} {}\n\n{}\n\n", self.message(), self.0.snippet);
        }
        let mut text = format!("RUNTIME ERROR: {}\n", self.message());
        let above = max_frames / 2;
        let below = max_frames - above;
        for (at, frame) in frames.iter().enumerate() {
            if max_frames > 0 && at >= above && at + below < frames.len() {
                if at == above {
                    text.push_str("\t...\n");
                }
                continue;
            }
            let _ = writeln!(text, "\t{frame}\t{}", frame.context);
        }
        text
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message())
    }
}

impl std::error::Error for EvalError {}

/// A step, as it is noted while an error passes.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A node of a file.
    Node {
        file: u32,
        node: u32,
    },
    /// The `+:` of a field, at its value.
    Plus {
        file: u32,
        node: u32,
    },
    /// A node that go-jsonnet makes up and gives no place.
    Nowhere,
    Label(&'static str),
    Field(std::rc::Rc<str>),
    Element(usize),
}

/// An error on its way out of evaluation.
#[derive(Debug)]
pub(crate) struct Failure {
    pub kind: ErrorKind,
    pub message: String,
    pub steps: Vec<Step>,
    /// The place of a static error, and the lines it is on.
    pub place: Option<(Frame, String)>,
}

pub(crate) type Fail = Box<Failure>;
pub(crate) type Res<T> = Result<T, Fail>;

#[cold]
pub(crate) fn failure(kind: ErrorKind, message: impl Into<String>) -> Fail {
    Box::new(Failure { kind, message: message.into(), steps: Vec::new(), place: None })
}

/// A failure of the code itself.
#[cold]
pub(crate) fn fail<T>(message: impl Into<String>) -> Res<T> {
    Err(failure(ErrorKind::Runtime, message))
}

impl Failure {
    #[cold]
    pub(crate) fn step(mut self: Box<Self>, step: Step) -> Box<Self> {
        self.steps.push(step);
        self
    }
}
