//! What a rule found.

use serde::Serialize;

use crate::object::ObjectName;
use crate::rule::{Rule, RuleId, Severity};

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How grave it is.
    pub severity: Severity,
    /// The environment that renders the object; empty for what belongs to none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub environment: String,
    /// The object, unless it is about something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectName>,
    /// Where in the object, such as `spec.template.spec.containers[0].image`; empty for all of it.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The file it is about, or from which the object comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The file, relative to where the command runs, with slashes.
    pub file: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Place {
    /// A file as a whole.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None }
    }
}

impl Finding {
    /// A finding about a file rather than an object.
    pub fn of_file(rule: Rule, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            severity: rule.severity(),
            environment: String::new(),
            object: None,
            path: String::new(),
            message: message.into(),
            help: None,
            place: Some(Place::file(file)),
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Where it is, for readers: `Deployment shop/web, spec.replicas`, or a file.
    pub fn whereabouts(&self) -> String {
        match (&self.object, &self.place) {
            (Some(object), _) if self.path.is_empty() => object.to_string(),
            (Some(object), _) => format!("{object}, {}", self.path),
            (None, Some(Place { file, line: Some(line) })) => format!("{file}:{line}"),
            (None, Some(Place { file, line: None })) => file.clone(),
            (None, None) => "the environment".to_owned(),
        }
    }
}

/// A finding without what all findings of an object share.
#[derive(Debug, Clone)]
pub(crate) struct Remark {
    rule: Rule,
    path: String,
    message: String,
    help: Option<String>,
}

impl Remark {
    pub(crate) fn new(rule: Rule, path: &str, message: String) -> Self {
        Self { rule, path: path.to_owned(), message, help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn of(self, environment: &str, object: &ObjectName) -> Finding {
        Finding {
            rule: self.rule.into(),
            severity: self.rule.severity(),
            environment: environment.to_owned(),
            object: Some(object.clone()),
            path: self.path,
            message: self.message,
            help: self.help,
            place: None,
        }
    }
}
