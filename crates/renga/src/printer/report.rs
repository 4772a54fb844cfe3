//! Errors under renga's own name: for a terminal, for a log, for a program.

use std::error::Error;
use std::fmt::Write as _;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use renga_diag::Report;
use serde_json::{Map, Value, json};

/// An error with its source and labels: drawn on a terminal, in plain lines elsewhere.
pub(super) fn human(error: &dyn Report, is_terminal: bool, color: bool) -> String {
    let diagnostic: &dyn Diagnostic = error;
    drawn(diagnostic, is_terminal, color).unwrap_or_else(|| {
        let mut text = String::new();
        plain(&mut text, diagnostic, "");
        text
    })
}

/// What there is to say of an error besides its message; nothing, if there is nothing.
pub(super) fn details(error: &dyn Diagnostic, is_terminal: bool, color: bool) -> String {
    if error.labels().is_none() && helps(error).is_empty() {
        return String::new();
    }
    drawn(error, is_terminal, color).map_or_else(
        || {
            let mut text = String::new();
            plain_details(&mut text, error, "");
            text
        },
        |text| format!("\n{text}"),
    )
}

/// The error as a drawing, for a terminal.
fn drawn(diagnostic: &dyn Diagnostic, is_terminal: bool, color: bool) -> Option<String> {
    if is_terminal {
        let theme =
            if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut text = String::new();
        if GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_links(false)
            .render_report(&mut text, &Shown::of(diagnostic))
            .is_ok()
        {
            return Some(text);
        }
    }
    None
}

fn plain(text: &mut String, error: &dyn Diagnostic, indent: &str) {
    let severity = match error.severity() {
        Some(miette::Severity::Warning) => "warning",
        Some(miette::Severity::Advice) => "advice",
        Some(miette::Severity::Error) | None => "error",
    };
    let _ = writeln!(text, "{indent}{severity}: {}", indented(&error.to_string(), indent));
    for cause in causes(error) {
        let _ = writeln!(text, "{indent}  caused by: {}", indented(&cause, indent));
    }
    plain_details(text, error, indent);
    let deeper = format!("{indent}  ");
    for related in error.related().into_iter().flatten() {
        plain(text, related, &deeper);
    }
}

fn plain_details(text: &mut String, error: &dyn Diagnostic, indent: &str) {
    for place in places(error, None) {
        let Place { file, line, column, label } = place;
        let label = if label.is_empty() { String::new() } else { format!(": {label}") };
        let _ = writeln!(text, "{indent}  at {file}:{line}:{column}{label}");
    }
    for help in helps(error) {
        let _ = writeln!(text, "{indent}  help: {}", indented(&help, &format!("{indent}  ")));
    }
}

fn indented(message: &str, indent: &str) -> String {
    message.trim_end().replace('\n', &format!("\n{indent}  "))
}

/// The error as one line of JSON.
pub(super) fn json(error: &dyn Diagnostic, time: &str) -> String {
    let mut object = Map::new();
    object.insert("level".into(), "error".into());
    object.insert("time".into(), time.into());
    fill(&mut object, error);
    format!("{}\n", Value::Object(object))
}

fn fill(object: &mut Map<String, Value>, error: &dyn Diagnostic) {
    object.insert("message".into(), error.to_string().into());
    if let Some(code) = error.code() {
        object.insert("code".into(), code.to_string().into());
    }
    let causes = causes(error);
    if !causes.is_empty() {
        object.insert("causes".into(), causes.into());
    }
    let labels: Vec<Value> = places(error, None)
        .into_iter()
        .map(|Place { file, line, column, label }| {
            json!({ "file": file, "line": line, "column": column, "label": label })
        })
        .collect();
    if !labels.is_empty() {
        object.insert("labels".into(), labels.into());
    }
    let helps = helps(error);
    if !helps.is_empty() {
        object.insert("help".into(), helps.join("\n").into());
    }
    let related: Vec<Value> = error
        .related()
        .into_iter()
        .flatten()
        .map(|related| {
            let mut object = Map::new();
            fill(&mut object, related);
            Value::Object(object)
        })
        .collect();
    if !related.is_empty() {
        object.insert("related".into(), related.into());
    }
}

/// The messages of the causes, outermost first.
fn causes(error: &dyn Diagnostic) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string().trim_end().to_owned());
        next = cause.source();
    }
    texts
}

/// What to do about an error and its causes.
fn helps(error: &dyn Diagnostic) -> Vec<String> {
    let mut helps: Vec<String> = error.help().map(|help| help.to_string()).into_iter().collect();
    if let Some(cause) = error.diagnostic_source() {
        helps.extend(self::helps(cause));
    }
    helps
}

/// An error as it is drawn. Messages that are tk's may end in blank lines, which are left out, and a
/// label behind the last character, which would not be seen, points to that character.
#[derive(Debug)]
struct Shown<'a> {
    error: &'a dyn Diagnostic,
    cause: Option<Box<Shown<'a>>>,
    related: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    fn of(error: &'a dyn Diagnostic) -> Self {
        Self {
            error,
            cause: error.diagnostic_source().map(|cause| Box::new(Self::of(cause))),
            related: error.related().into_iter().flatten().map(Self::of).collect(),
        }
    }
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.error.to_string().trim_end())
    }
}

impl Error for Shown<'_> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn std::fmt::Display + 'b>> {
        self.error.code()
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.error.severity()
    }

    fn help<'b>(&'b self) -> Option<Box<dyn std::fmt::Display + 'b>> {
        self.error.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.error.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (labels, source) = (self.error.labels()?, self.error.source_code());
        Some(Box::new(labels.map(move |label| source.map_or(label.clone(), |s| visible(label, s)))))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn Diagnostic> + 'b>> {
        Some(Box::new(self.related.iter().map(|related| related as &dyn Diagnostic)))
    }

    fn diagnostic_source(&self) -> Option<&dyn Diagnostic> {
        self.cause.as_deref().map(|cause| cause as &dyn Diagnostic)
    }
}

/// Moves an empty label at the end of the text back to the last character that can be seen.
fn visible(label: LabeledSpan, source: &dyn SourceCode) -> LabeledSpan {
    let byte = |at: usize| {
        let contents = source.read_span(&(at, 1).into(), 0, 0).ok()?;
        contents.data().get(at - contents.span().offset()).copied()
    };
    let end = label.offset();
    if !label.is_empty() || byte(end).is_some() {
        return label;
    }
    let last = (0..end).rev().find(|at| byte(*at).is_some_and(|byte| !byte.is_ascii_whitespace()));
    match last {
        Some(at) => LabeledSpan::new(label.label().map(str::to_owned), at, 1),
        None => label,
    }
}

struct Place {
    file: String,
    line: usize,
    column: usize,
    label: String,
}

/// Where the labels of an error and of its causes point to.
fn places<'a>(error: &'a dyn Diagnostic, outer: Option<&'a dyn miette::SourceCode>) -> Vec<Place> {
    let source = error.source_code().or(outer);
    let mut places = Vec::new();
    for label in error.labels().into_iter().flatten() {
        let Some(contents) = source.and_then(|source| source.read_span(label.inner(), 0, 0).ok())
        else {
            continue;
        };
        places.push(Place {
            file: contents.name().unwrap_or("input").to_owned(),
            line: contents.line() + 1,
            column: contents.column() + 1,
            label: label.label().unwrap_or_default().to_owned(),
        });
    }
    if let Some(cause) = error.diagnostic_source() {
        places.extend(self::places(cause, source));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use miette::NamedSource;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("it is wrong")]
    #[diagnostic(code(test::wrong), help("do it right"))]
    struct Wrong {
        #[source]
        cause: std::num::ParseIntError,
        #[source_code]
        text: NamedSource<String>,
        #[label("here")]
        span: (usize, usize),
    }

    impl Report for Wrong {
        fn tk_text(&self) -> String {
            renga_diag::chain(self)
        }
    }

    fn wrong() -> Wrong {
        Wrong {
            cause: "x".parse::<u8>().unwrap_err(),
            text: NamedSource::new("a.jsonnet", "one\ntwo x\n".to_owned()),
            span: (8, 1),
        }
    }

    #[test]
    fn plain_errors_say_what_why_where_and_what_to_do() {
        insta::assert_snapshot!(human(&wrong(), false, false), @r"
        error: it is wrong
          caused by: invalid digit found in string
          at a.jsonnet:2:5: here
          help: do it right
        ");
    }

    #[test]
    fn a_label_behind_the_text_is_drawn_at_its_last_character() {
        let wrong = Wrong {
            text: NamedSource::new("a.jsonnet", "{ a:\n\n".to_owned()),
            span: (6, 0),
            ..wrong()
        };
        let drawn = human(&wrong, true, false);
        assert!(drawn.contains("1 │ { a:\n   ·    ┬\n   ·    ╰── here"), "{drawn}");
    }

    #[test]
    fn an_error_is_one_line_of_json() {
        let line = json(&wrong(), "T");
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["labels"][0]["line"], 2);
        assert_eq!(value["code"], "test::wrong");
        assert_eq!(line.matches('\n').count(), 1);
    }
}
