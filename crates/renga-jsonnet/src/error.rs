//! Why an evaluation failed: a message, where, and on whose behalf.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};
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
/// `Display` is the message in renga's words; the places are on the [`Diagnostic`] side.
/// [`Report::tk_text`] is go-jsonnet's text, trace included, as far as the engine knows the same
/// steps.
#[derive(Clone, Debug)]
pub struct EvalError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    frames: Vec<Frame>,
    /// The message in renga's words.
    summary: String,
    help: Vec<String>,
    tried: Vec<PathBuf>,
    source: Option<Arc<NamedSource<Arc<str>>>>,
    /// The first one is where it failed.
    labels: Vec<LabeledSpan>,
    related: Vec<Call>,
}

/// A place in another file on whose behalf something failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
struct Call {
    message: String,
    source_text: Arc<NamedSource<Arc<str>>>,
    span: LabeledSpan,
}

impl Diagnostic for Call {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.source_text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.span.clone())))
    }
}

/// A place with something to say about it.
#[derive(Clone, Debug)]
pub(crate) struct Labeled {
    /// How the file is shown.
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) note: String,
}

impl Labeled {
    /// Whether it lies within bytes of a text.
    pub(crate) fn lies_within(&self, text: &Arc<str>, start: usize, end: usize) -> bool {
        Arc::ptr_eq(&self.text, text) && start <= self.start && self.end <= end
    }

    fn span(&self, note: Option<&str>) -> LabeledSpan {
        let note = note.filter(|note| !note.is_empty()).map(str::to_owned);
        LabeledSpan::new_with_span(note, self.start..self.end.max(self.start))
    }
}

impl EvalError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner {
            kind,
            summary: message.clone(),
            message,
            frames: Vec::new(),
            help: Vec::new(),
            tried: Vec::new(),
            source: None,
            labels: Vec::new(),
            related: Vec::new(),
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
        self.0.help.push(help.into());
        self
    }

    pub(crate) fn with_tried(mut self, tried: Vec<PathBuf>) -> Self {
        self.0.tried = tried;
        self
    }

    /// The message in renga's words.
    pub(crate) fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.0.summary = summary.into();
        self
    }

    /// Points at the place of the failure, and at those on whose behalf it was evaluated.
    pub(crate) fn with_labels(mut self, primary: &Labeled, others: &[Labeled]) -> Self {
        let inner = &mut self.0;
        inner.source = Some(Arc::new(NamedSource::new(&primary.file, primary.text.clone())));
        let first = primary.span(Some(&primary.note));
        inner.labels = vec![LabeledSpan::new_primary_with_span(
            first.label().map(str::to_owned),
            *first.inner(),
        )];
        inner.related.clear();
        for other in others {
            if other.file == primary.file {
                inner.labels.push(other.span(Some(&other.note)));
                continue;
            }
            let source_text = Arc::new(NamedSource::new(&other.file, other.text.clone()));
            let (message, span) = (other.note.clone(), other.span(None));
            inner.related.push(Call { message, source_text, span });
        }
        self
    }

    /// The text of the file where it failed.
    pub(crate) fn source_text(&self) -> Option<&Arc<str>> {
        self.0.source.as_ref().map(|source| source.inner())
    }

    /// The line of a static error, which go-jsonnet shows.
    fn source_line(&self) -> Option<&str> {
        let line = self.0.frames.first()?.start.line.checked_sub(1)?;
        let text: &Arc<str> = self.0.source.as_ref()?.inner();
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

    /// The steps with those that repeat the one before them counted rather than listed.
    pub fn folded_frames(&self) -> Vec<(&Frame, usize)> {
        let mut folded: Vec<(&Frame, usize)> = Vec::new();
        for frame in &self.0.frames {
            match folded.last_mut() {
                Some((last, count)) if *last == frame => *count += 1,
                _ => folded.push((frame, 1)),
            }
        }
        folded
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
        f.write_str(&self.0.summary)
    }
}

/// An error as go-jsonnet prints it.
struct GoText<'a>(&'a EvalError);

impl std::ops::Deref for GoText<'_> {
    type Target = EvalError;

    fn deref(&self) -> &EvalError {
        self.0
    }
}

impl fmt::Display for GoText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.0.kind == ErrorKind::Engine {
            return f.write_str(&self.0.0.message);
        }
        if self.0.0.kind == ErrorKind::Static {
            if let Some(frame) = self.0.0.frames.first() {
                write!(f, "{}:", frame.file)?;
                write_range(f, frame.start, frame.end)?;
                f.write_str(" ")?;
            }
            writeln!(f, "{}\n", self.0.0.message)?;
            return match self.source_line() {
                Some(line) => writeln!(f, "{line}\n"),
                None => Ok(()),
            };
        }
        write!(f, "RUNTIME ERROR: {}", self.0.0.message)?;
        let count = self.0.0.frames.len();
        let cut = (count > MAX_TRACE).then_some(MAX_TRACE / 2);
        for (index, frame) in self.0.0.frames.iter().enumerate() {
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
        if self.0.help.is_empty() {
            return None;
        }
        Some(Box::new(self.0.help.join("\n")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.as_ref().map(|source| &**source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.0.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.0.related.is_empty() {
            return None;
        }
        Some(Box::new(self.0.related.iter().map(|call| call as &dyn Diagnostic)))
    }
}

impl Report for EvalError {
    fn tk_text(&self) -> String {
        GoText(self).to_string()
    }
}
