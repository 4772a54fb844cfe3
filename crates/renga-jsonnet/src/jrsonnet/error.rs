//! Errors of the evaluator as data, in go-jsonnet's words.
//!
//! The evaluator names its steps differently from go-jsonnet and leaves some out. Messages are
//! mapped one by one; of the trace, the calls and fields that both know are given.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jrsonnet_evaluator::error::ErrorKind as Cause;
use jrsonnet_evaluator::typed::ValType;
use jrsonnet_evaluator::{Error, IStr, Source};
use jrsonnet_ir::Span;

use crate::error::{ErrorKind, EvalError, Frame, Labeled, Position};
use crate::jrsonnet::advice;
use crate::jrsonnet::diagnosis::{NodeRef, Recorder, Step};
use crate::jrsonnet::handle::{FUNCTION, TOO_DEEP, TOO_LONG, TOO_MANY};
use crate::jrsonnet::instrument::{NodeKind, Wanted};
use crate::jrsonnet::library::{EXPRESSION, file_name};
use crate::jrsonnet::resolver::{Current, ENTRYPOINT, FileId, Form, TOO_NESTED};
use crate::jrsonnet::words;
use crate::lexer::{Lexer, TokenKind};
use crate::sources::{SourceFile, Sources, position};

/// go-jsonnet's words.
pub(super) const STACK_OVERFLOW: &str = "max stack frames exceeded.";

/// Turns errors of the evaluator into ours.
pub(super) struct Converter<'a> {
    pub(super) sources: &'a Sources,
    pub(super) current: &'a Current,
}

/// A place in the text as the user wrote it.
struct Place {
    file: String,
    text: Arc<str>,
    start: usize,
    end: usize,
}

impl Place {
    /// How many arguments without a name stand between the brackets here.
    fn arguments(&self) -> usize {
        let Some(call) = self.text.get(self.start..self.end) else { return 0 };
        let (mut depth, mut count, mut named, mut empty) = (0_usize, 0, 0, true);
        for token in Lexer::new(call) {
            match (token.kind, &call[token.start..token.end]) {
                (TokenKind::Open, _) => depth += 1,
                (TokenKind::Close, _) => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                (TokenKind::Comma, _) if depth == 1 => {
                    count += 1;
                    empty = true;
                    continue;
                }
                (TokenKind::Operator, "=") if depth == 1 => named += 1,
                _ => {}
            }
            empty &= depth == 1 && token.start == 0;
        }
        (count + usize::from(!empty)).saturating_sub(named)
    }

    /// Whether the condition of an assertion here belongs to an object, rather than standing
    /// before an expression.
    fn is_member(&self) -> bool {
        let before: Vec<_> =
            Lexer::new(&self.text).take_while(|token| token.start < self.start).collect();
        let member = before.iter().rev().nth(1);
        member.is_some_and(|token| matches!(&self.text[token.start..token.end], "{" | ","))
    }

    fn frame(&self, description: String) -> Frame {
        let at = |offset: usize| {
            let (line, column) = position(&self.text, offset);
            Position { line, column, offset }
        };
        Frame { file: self.file.clone(), start: at(self.start), end: at(self.end), description }
    }
}

impl Converter<'_> {
    pub(super) fn convert(&self, error: &Error) -> EvalError {
        let (kind, mut message) = words::message(error.error());
        let mut places: Vec<(Place, String)> = Vec::new();
        if let Some(span) = static_span(error.error())
            && let Some(mut place) = self.place(span)
        {
            // go-jsonnet names the end of the file, and no end for what has none.
            if message.to_ascii_lowercase().contains("end of file") || place.end == 0 {
                (place.start, place.end) = (place.text.len(), place.text.len());
            } else if message == "Unterminated String" {
                place.end = place.start;
            }
            places.push((place, String::new()));
        } else if kind == ErrorKind::Static {
            places.extend(self.misplaced(error, &message).map(|place| (place, String::new())));
        } else {
            for element in &error.trace().0 {
                let Some(place) = element.location.as_ref().and_then(|span| self.place(span))
                else {
                    continue;
                };
                places.push((place, description(&element.desc)));
            }
        }
        if matches!(error.error(), Cause::AssertionFailed(text) if &**text == "null") {
            let place = places.first().map(|(place, _)| place);
            words::failed_assertion(place.is_some_and(Place::is_member)).clone_into(&mut message);
        }
        if let (Cause::TooManyArgsFunctionHas(count, _), Some((place, _))) =
            (error.error(), places.first())
        {
            message = words::too_many_arguments(*count, place.arguments());
        }
        let frames =
            places.iter().map(|(place, description)| place.frame(description.clone())).collect();
        let mut converted = EvalError::new(kind, message).with_frames(frames);
        if let Some((place, _)) = places.into_iter().next() {
            converted = converted.with_labels(&self.labeled(place, label(error.error())), &[]);
        }
        let told = matches!(error.error(), Cause::AssertionFailed(text) if &**text != "null");
        let summary = advice::summary(converted.message(), kind, told);
        self.explain(error.error(), converted.with_summary(summary))
    }

    fn labeled(&self, place: Place, note: impl Into<String>) -> Labeled {
        let root = advice::root_of(&self.current.search_path);
        let file = advice::shown(&place.file, root.as_deref());
        let Place { text, start, end, .. } = place;
        Labeled { file, text, start, end, note: note.into() }
    }

    /// The error with what a second run found, if that failed with the same message.
    pub(super) fn diagnosed(
        &self,
        error: EvalError,
        second: &Error,
        recorder: &Recorder,
    ) -> EvalError {
        let (kind, message) = words::message(second.error());
        let same = kind == error.kind()
            && (message == error.message()
                || matches!(second.error(), Cause::AssertionFailed(_))
                || matches!(second.error(), Cause::TooManyArgsFunctionHas(..))
                || matches!(second.error(), Cause::ImportFileNotFound(..)));
        let endless = matches!(second.error(), Cause::InfiniteRecursionDetected);
        let steps = recorder.steps(endless);
        if !same || steps.is_empty() {
            return error;
        }
        let mut error = error;
        if let Some((wanted, found)) = recorder.misfit()
            && error.message().starts_with("Unexpected type")
        {
            error = error.with_message(match wanted {
                Wanted::Array => words::unexpected(found, ValType::Arr),
                Wanted::Name => words::field_name(found),
            });
        }
        if let Some(Step::Node(first)) = steps.first() {
            match (second.error(), first.node().kind) {
                (Cause::AssertionFailed(text), NodeKind::Assertion(member, _))
                    if &**text == "null" =>
                {
                    error = error.with_message(words::failed_assertion(member));
                }
                (Cause::TooManyArgsFunctionHas(count, _), NodeKind::Call(given)) => {
                    error = error.with_message(words::too_many_arguments(*count, given));
                }
                _ => {}
            }
        }
        let raised = matches!(
            steps.first(),
            Some(Step::Node(node)) if node.node().kind == NodeKind::Error
        );
        let told =
            raised || matches!(second.error(), Cause::AssertionFailed(text) if &**text != "null");
        let mut summary = advice::summary(error.message(), kind, told);
        if let (Some(import), Cause::ImportFileNotFound(..)) =
            (&self.current.missing, second.error())
        {
            summary = format!("cannot find the import `{}`", import.0);
        }
        error = error.with_summary(summary);
        let mut frames: Vec<Frame> = Vec::with_capacity(steps.len());
        let mut places: Vec<Labeled> = Vec::new();
        for step in &steps {
            match step {
                Step::Text(text) => frames.push(Frame::of_evaluation(text)),
                Step::Node(node) => {
                    let Some((mut place, description)) = self.step_place(node) else { continue };
                    let note = match frames.last() {
                        None if raised => "raised here".to_owned(),
                        None => label(second.error()).to_owned(),
                        Some(inner) => behalf(&inner.description),
                    };
                    frames.push(self.told_as_tk(place.frame(description)));
                    if let NodeKind::Assertion(_, end) = node.node().kind {
                        // Without the code that follows.
                        place.end = end;
                    }
                    if places.len() <= MAX_LABELS
                        && !places
                            .iter()
                            .any(|known| known.lies_within(&place.text, place.start, place.end))
                    {
                        places.push(self.labeled(place, note));
                    }
                }
            }
        }
        if let Some(way) = way_in_result(&steps) {
            error = error.with_help(format!("in the result this is `{way}`"));
        }
        error = error.with_frames(frames);
        match places.split_first() {
            Some((primary, others)) => error.with_labels(primary, others),
            None => error,
        }
    }

    /// tk wraps the request's expression in code of its own, which it calls by the name of the
    /// entrypoint's directory.
    fn told_as_tk(&self, mut frame: Frame) -> Frame {
        if frame.file == EXPRESSION
            && let Some(directory) = self.current.entrypoint.parent()
        {
            frame.file = directory.display().to_string();
            for position in [&mut frame.start, &mut frame.end] {
                if position.line == 1 {
                    position.column += 2;
                }
                position.line += 2;
            }
        }
        frame
    }

    /// Where a step of a second run is, and what go-jsonnet calls it.
    fn step_place(&self, step: &NodeRef) -> Option<(Place, String)> {
        let path = &step.file.path;
        let source = match self.current.snippets.get(path) {
            Some(snippet) => snippet.clone(),
            None => self.sources.load(path).ok()?,
        };
        let text = source.text().ok()?.clone();
        let node = step.node();
        let description = match (step.plus, &node.context) {
            (true, _) => "+:".to_owned(),
            (false, context) => context.as_deref().unwrap_or_default().to_owned(),
        };
        let file = path.display().to_string();
        Some((Place { file, text, start: node.start, end: node.end }, description))
    }

    /// Adds what helps: the paths tried, similar names, what to do.
    fn explain(&self, cause: &Cause, error: EvalError) -> EvalError {
        match cause {
            Cause::ImportFileNotFound(..) => match &self.current.missing {
                Some((import, resolution)) => {
                    let message = format!(
                        "couldn't open import {import:?}: no match locally or in the Jsonnet \
                         library paths"
                    );
                    let similar = advice::similar_imports(
                        self.sources,
                        &self.current.search_path,
                        import,
                        resolution,
                    );
                    let root = advice::root_of(&self.current.search_path);
                    let shown =
                        |path: &PathBuf| advice::shown(&path.to_string_lossy(), root.as_deref());
                    let tried: Vec<String> = resolution.missed.iter().map(shown).collect();
                    let summary = format!("cannot find the import `{import}`");
                    let mut error = error
                        .with_message(message)
                        .with_summary(summary)
                        .with_tried(resolution.missed.clone());
                    if let Some(help) = advice::did_you_mean(&similar) {
                        error = error.with_help(help);
                    }
                    error.with_help(format!("tried\n  {}", tried.join("\n  ")))
                }
                None => error,
            },
            Cause::NoSuchField(_, similar) if !similar.is_empty() => {
                let names: Vec<&str> = similar.iter().map(IStr::as_str).collect();
                match advice::did_you_mean(&names) {
                    Some(help) => error.with_help(help),
                    None => error,
                }
            }
            Cause::StackOverflow | Cause::InfiniteRecursionDetected => {
                error.with_help(OVERFLOW_HELP)
            }
            Cause::StaticAnalysisError(_) => {
                let Some(name) = error.message().strip_prefix("Unknown variable: ") else {
                    return error;
                };
                let text = error.source_text().cloned().unwrap_or_default();
                match advice::did_you_mean(&advice::similar_variables(&text, name)) {
                    Some(help) => error.with_help(help),
                    None => error,
                }
            }
            _ => match error.message() {
                TOO_DEEP | TOO_MANY | TOO_LONG => {
                    error.with_help("look for an object that contains itself")
                }
                TOO_NESTED => error.with_help("split the expression up"),
                FUNCTION => error.with_help("call the function, or hide its field with `::`"),
                _ => error,
            },
        }
    }

    /// Where a span lies in the text that the user wrote.
    fn place(&self, span: &Span) -> Option<Place> {
        let (start, end) = (span.1 as usize, span.2 as usize);
        let file = file_name(&span.0);
        let Some(source) = self.source(&span.0) else {
            return Some(Place { file, text: span.0.code().into(), start, end });
        };
        let text = source.text().ok()?.clone();
        if source.is_json() {
            return Some(Place { file, text, start: 0, end: 0 });
        }
        let before = match span.0.source_path().downcast_ref::<FileId>() {
            Some(FileId { form: Form::Entrypoint, .. }) => ENTRYPOINT.len(),
            _ => 0,
        };
        let original = |offset: usize| source.scan().original_offset(offset.saturating_sub(before));
        let (start, end) = (original(start), original(end).max(original(start)));
        Some(Place { file, text, start, end })
    }

    /// Where `self`, `super` or `$` stands outside of every object; the evaluator does not say.
    fn misplaced(&self, error: &Error, message: &str) -> Option<Place> {
        let word = words::misplaced(message)?;
        // The file is the one whose import failed, or else the entrypoint.
        let span = error.trace().0.iter().find_map(|element| element.location.as_ref());
        let path = match span.and_then(|span| self.imported(span)) {
            Some(path) => path,
            None => self.current.entrypoint.clone(),
        };
        let file = self.sources.load(&path).ok()?;
        let text = file.text().ok()?.clone();
        let mut depth = 0_usize;
        for token in Lexer::new(&text) {
            match &text[token.start..token.end] {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                found if depth == 0 && found == word => {
                    let (start, end) = (token.start, token.end);
                    return Some(Place { file: path.display().to_string(), text, start, end });
                }
                _ => {}
            }
        }
        None
    }

    /// The file that the import at `span` leads to.
    fn imported(&self, span: &Span) -> Option<PathBuf> {
        let place = self.place(span)?;
        let path = PathBuf::from(&place.file);
        let file = self.sources.load(&path).ok()?;
        let import = file.imports().iter().find(|import| import.span.start == place.start)?;
        self.current.search_path.resolve(self.sources, path.parent(), &import.path).found
    }

    fn source(&self, source: &Source) -> Option<Arc<SourceFile>> {
        let path: &Path = &source.source_path().downcast_ref::<FileId>()?.path;
        match self.current.snippets.get(path) {
            Some(snippet) => Some(snippet.clone()),
            None => self.sources.load(path).ok(),
        }
    }
}

/// Places that are shown beside the one that failed.
const MAX_LABELS: usize = 3;

/// What there is to say about the place that failed.
fn label(cause: &Cause) -> &'static str {
    match cause {
        Cause::NoSuchField(..) => "no such field",
        Cause::ImportFileNotFound(..) => "imported here",
        Cause::AssertionFailed(_) => "this does not hold",
        Cause::StackOverflow | Cause::InfiniteRecursionDetected => "goes on without end",
        Cause::FunctionParameterNotBoundInCall(..)
        | Cause::TooManyArgsFunctionHas(..)
        | Cause::UnknownFunctionParameter(_)
        | Cause::BindingParameterASecondTime(_) => "in this call",
        Cause::StaticAnalysisError(_) | Cause::ImportSyntaxError { .. } => "here",
        _ => "fails here",
    }
}

/// What the place around a step has to do with it, by what go-jsonnet calls the step.
fn behalf(step: &str) -> String {
    let named = |prefix: &str| {
        let name = step.strip_prefix(prefix)?.split(['<', '>']).next()?;
        (name != "anonymous").then(|| name.to_owned())
    };
    if let Some(name) = named("function <") {
        return format!("`{name}` is called here");
    }
    if step.starts_with("function ") {
        return "called here".to_owned();
    }
    match named("thunk <") {
        Some(name) => format!("`{name}` is needed here"),
        None => "needed here".to_owned(),
    }
}

/// The part of the result that could not be made.
fn way_in_result(steps: &[Step]) -> Option<String> {
    let mut way = String::new();
    for step in steps.iter().rev() {
        let Step::Text(text) = step else { continue };
        if let Some(name) = text.strip_prefix("Field \"").and_then(|name| name.strip_suffix('"')) {
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if plain && !name.is_empty() {
                way.push('.');
                way.push_str(name);
            } else {
                let _ = write!(way, "[\"{name}\"]");
            }
        } else if let Some(index) = text.strip_prefix("Array element ") {
            let _ = write!(way, "[{index}]");
        }
        if way.len() > MAX_WAY {
            way.push('…');
            break;
        }
    }
    (!way.is_empty()).then_some(way)
}

/// Bytes after which the way into a result is cut.
const MAX_WAY: usize = 200;

pub(super) const OVERFLOW_HELP: &str =
    "look for a value that needs itself; if the recursion ends, raise `--max-stack`";

/// Where an error lies that was found before evaluation.
fn static_span(cause: &Cause) -> Option<&Span> {
    match cause {
        Cause::ImportSyntaxError { error, .. } => Some(&error.location),
        Cause::StaticAnalysisError(diagnostics) => words::static_error(diagnostics)?.span.as_ref(),
        _ => None,
    }
}

/// What go-jsonnet calls a step of a trace.
fn description(description: &str) -> String {
    match description.strip_suffix(" call") {
        Some(function) if !function.contains("<builtin_") => function.to_owned(),
        _ => String::new(),
    }
}
