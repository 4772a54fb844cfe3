//! Why an evaluation failed: a message, where, and on whose behalf.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use renga_diag::Report;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The code is no Jsonnet, or names a variable that does not exist.
    Static,
    /// The code fails when it is evaluated.
    Runtime,
    /// A file that is imported cannot be found or read.
    Import,
    /// Recursion without end, or a result beyond the limits.
    Limit,
    /// The result holds what is no data.
    Manifest,
    /// An external engine failed, or the evaluator broke down.
    Engine,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In bytes, from 1, as go-jsonnet counts.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: usize,
}

/// A step of the evaluation that failed, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file, or the name of code that is in none, as `<extvar:name>`. Empty where the step is
    /// the evaluator's own.
    pub file: String,
    /// Where the step begins.
    pub start: Position,
    /// Where it ends: the last character, as go-jsonnet counts.
    pub end: Position,
    /// What is evaluated, as `function <name>`. May be empty.
    pub description: String,
}

impl Frame {
    /// What an evaluation is for; it is in no file.
    pub(crate) fn of_evaluation(description: &str) -> Self {
        let nowhere = Position { line: 0, column: 0, offset: 0 };
        Self {
            file: String::new(),
            start: nowhere,
            end: nowhere,
            description: description.to_owned(),
        }
    }
}

/// Why an evaluation failed.
///
/// `Display` is go-jsonnet's text, trace included, as far as the engine knows the same steps.
#[derive(Clone, Debug)]
pub struct EvalError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    frames: Vec<Frame>,
    help: Option<String>,
    tried: Vec<PathBuf>,
    label: Option<Label>,
}

#[derive(Clone, Debug)]
struct Label {
    source: Arc<NamedSource<Arc<str>>>,
    span: LabeledSpan,
}

impl EvalError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            frames: Vec::new(),
            help: None,
            tried: Vec::new(),
            label: None,
        }))
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    pub(crate) fn with_frames(mut self, frames: Vec<Frame>) -> Self {
        self.0.frames = frames;
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) fn with_tried(mut self, tried: Vec<PathBuf>) -> Self {
        self.0.tried = tried;
        self
    }

    /// Points at bytes of a file.
    pub(crate) fn with_label(
        mut self,
        file: &str,
        text: Arc<str>,
        start: usize,
        end: usize,
    ) -> Self {
        let source = Arc::new(NamedSource::new(file, text));
        let span = LabeledSpan::underline(start..end.max(start));
        self.0.label = Some(Label { source, span });
        self
    }

    /// The line of a static error, which go-jsonnet shows.
    fn source_line(&self) -> Option<&str> {
        let line = self.0.frames.first()?.start.line.checked_sub(1)?;
        let text: &Arc<str> = self.0.label.as_ref()?.source.inner();
        text.lines().nth(line as usize)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, in go-jsonnet's words where it has some.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The steps of the evaluation, innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.0.frames
    }

    /// The paths that were tried for an import that was not found.
    pub fn tried(&self) -> &[PathBuf] {
        &self.0.tried
    }
}

/// go-jsonnet's way to write a range: `1:2-3`, or `(1:2)-(3:4)`, or `1:2`.
fn write_range(f: &mut fmt::Formatter<'_>, start: Position, end: Position) -> fmt::Result {
    if start.line != end.line {
        write!(f, "({}:{})-({}:{})", start.line, start.column, end.line, end.column)
    } else if start.column < end.column {
        write!(f, "{}:{}-{}", start.line, start.column, end.column)
    } else {
        write!(f, "{}:{}", start.line, start.column)
    }
}

/// go-jsonnet cuts a trace of more than this many steps in the middle.
const MAX_TRACE: usize = 20;

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind == ErrorKind::Engine {
            return f.write_str(&self.0.message);
        }
        if self.0.kind == ErrorKind::Static {
            if let Some(frame) = self.0.frames.first() {
                write!(f, "{}:", frame.file)?;
                write_range(f, frame.start, frame.end)?;
                f.write_str(" ")?;
            }
            writeln!(f, "{}\n", self.0.message)?;
            return match self.source_line() {
                Some(line) => writeln!(f, "{line}\n"),
                None => Ok(()),
            };
        }
        write!(f, "RUNTIME ERROR: {}", self.0.message)?;
        let count = self.0.frames.len();
        let cut = (count > MAX_TRACE).then_some(MAX_TRACE / 2);
        for (index, frame) in self.0.frames.iter().enumerate() {
            if cut == Some(index) {
                f.write_str("\n\t...")?;
            }
            if cut.is_some_and(|cut| index >= cut && index < count - (MAX_TRACE - cut)) {
                continue;
            }
            f.write_str("\n\t")?;
            if frame.file.is_empty() {
                write!(f, "{}\t", frame.description)?;
                continue;
            }
            write!(f, "{}:", frame.file)?;
            write_range(f, frame.start, frame.end)?;
            write!(f, "\t{}", frame.description)?;
        }
        f.write_str("\n")
    }
}

impl std::error::Error for EvalError {}

impl Diagnostic for EvalError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(match self.0.kind {
            ErrorKind::Static => "jsonnet::static",
            ErrorKind::Runtime => "jsonnet::runtime",
            ErrorKind::Import => "jsonnet::import",
            ErrorKind::Limit => "jsonnet::limit",
            ErrorKind::Manifest => "jsonnet::manifest",
            ErrorKind::Engine => "jsonnet::engine",
        }))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        if !self.0.tried.is_empty() {
            let mut help = String::from("tried");
            for path in &self.0.tried {
                help.push_str("\n  ");
                help.push_str(&path.display().to_string());
            }
            return Some(Box::new(help));
        }
        self.0.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.label.as_ref().map(|label| &*label.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.0.label.as_ref()?;
        Some(Box::new(std::iter::once(label.span.clone())))
    }
}

impl Report for EvalError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}
