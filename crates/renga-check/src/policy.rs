//! Policies of a workspace: what they look at, and what their answers mean.
//!
//! A file of policies is Jsonnet: an object whose fields are policies. This module owns their shape;
//! evaluating them is for others, with [`EXPRESSION`] as what to evaluate. It yields an object with
//! `policies`, the file's own value; `each`, for every policy an array with the answer for every
//! manifest; and `all`, for every policy the answer for the whole environment. Nothing in it is
//! evaluated before it is looked at, so that one answer that fails costs no other.

use serde_json::Value;

use crate::finding::{Finding, Place};
use crate::object::ObjectName;
use crate::provided::matches;
use crate::rule::{Rule, RuleId, Severity};

/// The external variable with the manifests of an environment.
pub const MANIFESTS: &str = "renga/manifests";

/// What to evaluate, with `main` as the value of the file.
pub const EXPRESSION: &str = "\
local objects = std.extVar('renga/manifests');
local kinds(policy) = std.get(std.get(policy, 'match', {}), 'kinds');
{
  policies: main,
  each: {
    [name]: [main[name].check(object) for object in objects]
    for name in std.objectFields(main)
    if std.objectHasAll(main[name], 'check')
  },
  all: {
    [name]: main[name].checkAll([
      object
      for object in objects
      if kinds(main[name]) == null || std.member(kinds(main[name]), object.kind)
    ])
    for name in std.objectFields(main)
    if std.objectHasAll(main[name], 'checkAll')
  },
}
";

/// What a policy says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: String,
    severity: Severity,
    help: Option<String>,
    kinds: Option<Vec<String>>,
    namespaces: Option<Vec<String>>,
    names: Option<Vec<String>>,
    environments: Option<Vec<String>>,
}

impl Policy {
    /// Reads the fields `match`, `severity` and `help` of a policy; absent ones are null.
    ///
    /// # Errors
    ///
    /// What is wrong with them, in one line.
    pub fn read(
        name: &str,
        selection: &Value,
        severity: &Value,
        help: &Value,
    ) -> Result<Self, String> {
        let severity = match severity.as_str() {
            None if severity.is_null() => Severity::Error,
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            _ => return Err("`severity` is `error` or `warning`".to_owned()),
        };
        let help = match help {
            Value::Null => None,
            Value::String(help) => Some(help.clone()),
            _ => return Err("`help` is a string".to_owned()),
        };
        let mut policy = Self {
            name: name.to_owned(),
            severity,
            help,
            kinds: None,
            namespaces: None,
            names: None,
            environments: None,
        };
        let fields = match selection {
            Value::Null => return Ok(policy),
            Value::Object(fields) => fields,
            _ => return Err("`match` is an object".to_owned()),
        };
        for (field, value) in fields {
            if !matches!(field.as_str(), "kinds" | "namespaces" | "names" | "environments") {
                return Err(format!(
                    "`match` has no `{field}`, only `kinds`, `namespaces`, `names` and `environments`"
                ));
            }
            let words = value.as_array().and_then(|items| {
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            });
            let Some(words) = words else {
                return Err(format!("`match.{field}` is a list of strings"));
            };
            match field.as_str() {
                "kinds" => policy.kinds = Some(words),
                "namespaces" => policy.namespaces = Some(words),
                "names" => policy.names = Some(words),
                _ => policy.environments = Some(words),
            }
        }
        Ok(policy)
    }

    /// Whether it looks at an environment.
    pub fn looks_at(&self, environment: &str) -> bool {
        any(self.environments.as_ref(), environment)
    }

    /// Whether it looks at an object, in an environment that it looks at.
    pub fn selects(&self, object: &ObjectName) -> bool {
        any(self.kinds.as_ref(), &object.kind)
            && any(self.namespaces.as_ref(), &object.namespace)
            && any(self.names.as_ref(), &object.name)
    }

    /// The findings of an answer about `object`, or about the whole environment: null, a message, an
    /// object with `message` and perhaps `path`, `help` and `manifest`, or a list of these.
    ///
    /// # Errors
    ///
    /// What is wrong with the answer, in one line.
    pub fn findings(
        &self,
        answer: &Value,
        environment: &str,
        object: Option<&ObjectName>,
    ) -> Result<Vec<Finding>, String> {
        let one = std::slice::from_ref(answer);
        let answers = answer.as_array().map_or(one, Vec::as_slice);
        answers.iter().filter_map(|answer| self.finding(answer, environment, object)).collect()
    }

    fn finding(
        &self,
        answer: &Value,
        environment: &str,
        object: Option<&ObjectName>,
    ) -> Option<Result<Finding, String>> {
        let text = |field: &str| answer.get(field).and_then(Value::as_str);
        let message = match answer {
            Value::Null => return None,
            Value::String(message) => Some(message.as_str()),
            Value::Object(_) => text("message"),
            _ => None,
        };
        let Some(message) = message else {
            return Some(Err(
                "the answer is null, a message, an object with a `message`, or a list of these"
                    .to_owned(),
            ));
        };
        let named = answer.get("manifest").map(object_name);
        Some(Ok(Finding {
            rule: RuleId::policy(&self.name),
            severity: self.severity,
            environment: environment.to_owned(),
            object: object.cloned().or(named),
            path: text("path").unwrap_or_default().to_owned(),
            message: message.lines().collect::<Vec<_>>().join(" "),
            help: text("help").map(str::to_owned).or_else(|| self.help.clone()),
            place: None,
        }))
    }
}

/// A finding about a file of policies; `policy` says which of them, if it is about one.
pub fn broken_policy(file: &str, policy: Option<&str>, environment: &str, fault: &str) -> Finding {
    let message = match policy {
        Some(policy) => format!("policy `{policy}` cannot be evaluated: {fault}"),
        None => format!("policies cannot be evaluated: {fault}"),
    };
    Finding {
        environment: environment.to_owned(),
        place: Some(Place::file(file)),
        ..Finding::of_file(Rule::PolicyBroken, file, message)
    }
}

fn any(patterns: Option<&Vec<String>>, text: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, text)))
}

fn object_name(manifest: &Value) -> ObjectName {
    let text = |pointer: &str| {
        manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    ObjectName {
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
    }
}
