//! Suppressions on objects: findings that are accepted where they arise.
//!
//! The annotation [`ANNOTATION`] holds lines of `rule[, rule]: reason`. Suppressions of the settings
//! are read with the settings; [`crate::judge`] applies both.

use serde_json::Value;

use crate::finding::Remark;
use crate::provided::matches;
use crate::rule::{Rule, RuleId};

/// The annotation by which an object accepts findings about itself.
pub(crate) const ANNOTATION: &str = "check.renga.dev/ignore";

/// One line of the annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignore {
    rules: Vec<Box<str>>,
    pub(crate) reason: Box<str>,
}

impl Ignore {
    pub(crate) fn covers(&self, rule: &RuleId) -> bool {
        self.rules.iter().any(|pattern| matches(pattern, rule.as_str()))
    }

    /// The rules as they were written.
    pub(crate) fn rules(&self) -> String {
        self.rules.join(", ")
    }
}

/// Where the annotation stands, for findings.
pub(crate) fn path() -> String {
    format!("metadata.annotations[\"{ANNOTATION}\"]")
}

/// What an object accepts. Lines that cannot be read are findings.
pub(crate) fn of(object: &Value, remarks: &mut Vec<Remark>) -> Vec<Ignore> {
    let annotations = object.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let Some(text) = annotations.and_then(|annotations| annotations.get(ANNOTATION)?.as_str())
    else {
        return Vec::new();
    };
    let mut ignores = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match read(line) {
            Ok(ignore) => ignores.push(ignore),
            Err(fault) => {
                remarks.push(
                    Remark::new(Rule::SuppressionInvalid, &path(), fault)
                        .help("write `rule: reason`, or `rule, rule: reason`; one to a line"),
                );
            }
        }
    }
    ignores
}

fn read(line: &str) -> Result<Ignore, String> {
    let (rules, reason) = line.split_once(':').unwrap_or((line, ""));
    let rules: Vec<Box<str>> = rules.split(',').map(|rule| rule.trim().into()).collect();
    if let Some(unknown) = rules.iter().find(|rule| !RuleId::is_known(rule)) {
        let near = RuleId::nearest(unknown).map(|name| format!(", did you mean `{name}`?"));
        return Err(format!("no rule is called `{unknown}`{}", near.unwrap_or_default()));
    }
    match reason.trim() {
        "" => Err(format!("no reason is given to ignore {}", rules.join(", "))),
        reason => Ok(Ignore { rules, reason: reason.into() }),
    }
}
