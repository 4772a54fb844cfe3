//! What a rule found.

use serde::Serialize;

use crate::object::ObjectName;
use crate::rule::{Rule, Severity};

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How grave it is.
    pub severity: Severity,
    /// The environment that renders the object.
    pub environment: String,
    /// The object.
    pub object: ObjectName,
    /// Where in the object, such as `spec.template.spec.containers[0].image`; empty for all of it.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
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
            rule: self.rule,
            severity: self.rule.severity(),
            environment: environment.to_owned(),
            object: object.clone(),
            path: self.path,
            message: self.message,
            help: self.help,
        }
    }
}
