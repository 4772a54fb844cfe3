//! Why templates do not render: the data, and Helm's words for it.
//!
//! Version 3 prints what `text/template` says, in one line. Version 4 takes that text apart again
//! and prints one level per paragraph, where every level reads like a template error.

use std::sync::Arc;

use renga_gotemplate::{ExecError, Location, ParseError};

use crate::compat::Compat;

/// What `required` and `fail` put around their messages, so that they are found again.
pub(super) const MARK_START: &str = "HELM_ERR_START";
pub(super) const MARK_END: &str = "HELM_ERR_END";

/// Why the templates of a chart do not render.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TemplateError {
    /// A template could not be parsed.
    #[error("{}", parse_text(.0))]
    Parse(ParseError),
    /// A template failed.
    #[error("{}", exec_text(.error, *.compat))]
    Exec {
        /// The template file that was being rendered.
        file: Arc<str>,
        /// What went wrong, innermost cause last.
        error: Box<ExecError>,
        /// Whose words to use.
        compat: Compat,
    },
}

/// A place in a template, on the way to where it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file; `gotpl` for texts given to `tpl`.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 0.
    pub column: usize,
    /// The template that was running.
    pub template: Arc<str>,
    /// The expression.
    pub node: String,
}

impl TemplateError {
    /// Where it failed, outermost place first.
    pub fn frames(&self) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        match self {
            TemplateError::Parse(error) => frames.push(Frame {
                file: Arc::from(error.name.as_str()),
                line: error.line,
                column: 0,
                template: Arc::from(error.name.as_str()),
                node: String::new(),
            }),
            TemplateError::Exec { error, .. } => {
                let mut current = Some(&**error);
                while let Some(error) = current {
                    if let Some(Location { text, line, column, node }) = &error.location {
                        frames.push(Frame {
                            file: Arc::clone(text),
                            line: *line,
                            column: *column,
                            template: Arc::clone(&error.template),
                            node: node.clone(),
                        });
                    }
                    current = error.cause.as_ref().and_then(|cause| cause.cause.as_deref());
                }
            }
        }
        frames
    }

    /// The innermost message, without places.
    pub fn message(&self) -> String {
        match self {
            TemplateError::Parse(error) => error.message.clone(),
            TemplateError::Exec { error, .. } => {
                let mut current = &**error;
                while let Some(inner) = current.cause.as_ref().and_then(|c| c.cause.as_deref()) {
                    current = inner;
                }
                marked(&current.message).map_or_else(|| current.message.clone(), str::to_owned)
            }
        }
    }

    /// The path, such as `.Values.a.b`, that had no value where something in it was asked for.
    pub fn nil_path(&self) -> Option<String> {
        let TemplateError::Exec { .. } = self else { return None };
        let message = self.message();
        let (_, field) = message.split_once("nil pointer evaluating ")?.1.rsplit_once('.')?;
        let node = self.frames().pop()?.node;
        let suffix = format!(".{field}");
        let mut from = 0;
        // The field ends where the chain ends or goes on.
        while let Some(at) = node[from..].find(&suffix).map(|at| at + from) {
            let end = at + suffix.len();
            if matches!(node.as_bytes().get(end), None | Some(b'.' | b' ' | b')')) && at > 0 {
                return Some(node[..at].to_owned());
            }
            from = end;
        }
        None
    }
}

fn parse_text(error: &ParseError) -> String {
    let text = error.to_string();
    let last = text.rsplit(": ").next().unwrap_or_default();
    let location = text.split(": ").nth(1).unwrap_or_default();
    format!("parse error at ({location}): {last}")
}

/// The message of `required` or `fail` in a text.
fn marked(text: &str) -> Option<&str> {
    let start = text.find(MARK_START)? + MARK_START.len();
    let end = text.rfind(MARK_END)?;
    text.get(start..end)
}

fn exec_text(error: &ExecError, compat: Compat) -> String {
    let text = error.to_string();
    let mut parts = text.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return text;
    };
    if let Some(message) = marked(rest) {
        return format!("execution error at ({location}): {message}");
    }
    if compat.is_v3() {
        return text;
    }
    reformatted(error).unwrap_or(text)
}

/// One level of version 4's text.
#[derive(PartialEq, Eq)]
struct Level {
    location: String,
    function: String,
    message: String,
}

/// The text of version 4; `None` when some level does not read like a template error.
fn reformatted(error: &ExecError) -> Option<String> {
    let mut levels: Vec<Level> = Vec::new();
    let mut push = |text: &str| -> Option<()> {
        let level = Level::read(text)?;
        if levels.last() != Some(&level) {
            levels.push(level);
        }
        Some(())
    };
    let mut current = Some(error);
    while let Some(error) = current {
        push(&error.to_string())?;
        let Some(cause) = &error.cause else { break };
        match &cause.cause {
            // A function that passes on the error of a template as it is.
            Some(inner) if inner.to_string() == cause.message => current = Some(inner),
            // One that says something of its own first, or has an error of its own.
            _ => {
                push(&cause.message)?;
                current = cause.cause.as_deref();
            }
        }
    }
    let mut out = String::new();
    for level in &levels {
        for (part, indent) in
            [(&level.location, "\n  "), (&level.function, "\n    "), (&level.message, "\n")]
        {
            if !part.is_empty() {
                out.push_str(part);
                out.push_str(indent);
            }
        }
    }
    Some(out.trim().to_owned())
}

impl Level {
    fn read(text: &str) -> Option<Level> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Level {
                location: String::new(),
                function: String::new(),
                message: text.to_owned(),
            });
        }
        Level::executing(rest).or_else(|| {
            let (location, message) = rest.rsplit_once(": ")?;
            Some(Level {
                location: location.to_owned(),
                function: String::new(),
                message: without_chain(message),
            })
        })
    }

    fn executing(rest: &str) -> Option<Level> {
        let (location, after) = rest.split_once(": executing ")?;
        let (name, after) = after.strip_prefix('"')?.split_once('"')?;
        let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Level {
            location: location.to_owned(),
            function: format!("executing \"{name}\" at <{node}>:"),
            message: without_chain(message),
        })
    }
}

/// The message without the next level, which has a paragraph of its own.
fn without_chain(message: &str) -> String {
    message.split_once(" template:").map_or(message, |(message, _)| message).to_owned()
}
