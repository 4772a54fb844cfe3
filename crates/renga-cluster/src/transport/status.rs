//! What an answer means that is no success: the `Status` objects of the API, and what proxies and
//! load balancers say instead.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::{Failure, Retry};
use crate::config::Target;
use crate::error::{FieldConflict, FieldProblem, RequestError};

/// How much of an answer that is no `Status` is shown.
const SHOWN: usize = 200;

/// The parts of a `Status` that matter.
struct Status<'a> {
    message: String,
    reason: &'a str,
    kind: &'a str,
    name: &'a str,
    causes: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Status<'a> {
    fn read(value: &'a Value) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        if text("/kind") != Some("Status") {
            return None;
        }
        let part = |cause: &'a Value, key: &str| cause[key].as_str().unwrap_or_default();
        let causes = value.pointer("/details/causes").and_then(Value::as_array);
        Some(Self {
            message: printable(text("/message").unwrap_or_default()),
            reason: text("/reason").unwrap_or_default(),
            kind: text("/details/kind").unwrap_or_default(),
            name: text("/details/name").unwrap_or_default(),
            causes: causes
                .into_iter()
                .flatten()
                .map(|c| (part(c, "reason"), part(c, "field"), part(c, "message")))
                .collect(),
        })
    }
}

pub(super) fn meaning(code: u16, headers: &HeaderMap, body: &[u8], target: &Target) -> Failure {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let status = Status::read(&value);
    let pause = headers
        .get(http::header::RETRY_AFTER)
        .and_then(|v| v.to_str().ok())
        .and_then(|text| text.trim().parse().ok())
        .map(Duration::from_secs);
    let is_status = status.is_some();
    let status = status.unwrap_or_else(|| Status {
        message: start_of(body, code),
        reason: "",
        kind: "",
        name: "",
        causes: Vec::new(),
    });
    let error = error(code, &status, is_status, target);
    let retry = match code {
        429 => Retry::Always,
        // With the header, the server says that it did nothing.
        503 if pause.is_some() => Retry::Always,
        502..=504 => Retry::IfRepeatable,
        500 if pause.is_some() => Retry::IfRepeatable,
        // A webhook that fails does so again; a store that changes its leader does not.
        500 if !status.message.contains("webhook") => match &error {
            RequestError::Server { .. } => Retry::IfRepeatable,
            _ => Retry::Never,
        },
        _ => Retry::Never,
    };
    Failure { error, retry, pause }
}

fn error(code: u16, status: &Status<'_>, is_status: bool, target: &Target) -> RequestError {
    let message = status.message.clone();
    let server = target.server.clone();
    if message.contains("etcdserver: request is too large")
        || message.contains("trying to send message larger than max")
    {
        return RequestError::TooLarge { message };
    }
    match code {
        401 => RequestError::Unauthorized {
            server,
            context: target.context.clone(),
            user: target.user.clone(),
        },
        403 => forbidden(status),
        404 => RequestError::NotFound {
            message,
            kind: if is_status { status.kind.to_owned() } else { String::new() },
            name: status.name.to_owned(),
        },
        405 => RequestError::MethodNotAllowed { message },
        409 => conflict(status),
        413 => RequestError::TooLarge { message },
        422 => RequestError::Invalid { message, fields: problems(status) },
        400 if is_status => RequestError::Invalid { fields: problems(status), message },
        429 => RequestError::Busy { server, message },
        500..=599 => RequestError::Server { server, code, message },
        300..=399 => {
            RequestError::Answer { server, problem: format!("it answers with status {code}") }
        }
        _ => RequestError::Status { server, code, message },
    }
}

fn forbidden(status: &Status<'_>) -> RequestError {
    let message = &status.message;
    if let Some((_, field, _)) = status.causes.iter().find(|c| c.0 == "NamespaceTerminating") {
        let _ = field;
        let namespace = between(message, "in namespace ", " because").unwrap_or_default();
        return RequestError::Terminating { namespace: namespace.trim_matches('"').to_owned() };
    }
    // `User "a" cannot create resource "b" in API group "c" in the namespace "d"`
    if let (Some(user), Some(verb), Some(plural)) = (
        between(message, "User \"", "\" cannot "),
        between(message, "\" cannot ", " resource \""),
        between(message, " resource \"", "\""),
    ) {
        let group = between(message, "in API group \"", "\"").unwrap_or_default();
        let mut resource =
            if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") };
        if !status.name.is_empty() {
            resource = format!("{resource} \"{}\"", status.name);
        }
        return RequestError::Forbidden {
            user: user.to_owned(),
            verb: verb.to_owned(),
            resource,
            namespace: between(message, "in the namespace \"", "\"").unwrap_or_default().to_owned(),
        };
    }
    RequestError::Rejected { message: message.clone() }
}

fn conflict(status: &Status<'_>) -> RequestError {
    let message = status.message.clone();
    if status.reason == "AlreadyExists" {
        return RequestError::AlreadyExists { message };
    }
    let fields: Vec<_> = status
        .causes
        .iter()
        .filter(|(reason, _, _)| *reason == "FieldManagerConflict")
        .map(|(_, field, message)| FieldConflict {
            field: (*field).to_owned(),
            manager: between(message, "conflict with \"", "\"").unwrap_or("unknown").to_owned(),
            message: printable(message),
        })
        .collect();
    if fields.is_empty() {
        RequestError::Stale { message }
    } else {
        RequestError::FieldConflicts { fields }
    }
}

fn problems(status: &Status<'_>) -> Vec<FieldProblem> {
    let mut fields: Vec<FieldProblem> = Vec::new();
    for (_, field, message) in &status.causes {
        let problem = FieldProblem {
            field: (*field).to_owned(),
            message: printable(message),
            immutable: is_immutable(message),
        };
        // Some say everything twice.
        if !fields.contains(&problem) {
            fields.push(problem);
        }
    }
    let strict = status.message.split_once("strict decoding error: ");
    for text in strict.map_or("", |(_, list)| list).split(", ").filter(|text| !text.is_empty()) {
        let field = between(text, "field \"", "\"").unwrap_or_default().to_owned();
        fields.push(FieldProblem { field, message: text.to_owned(), immutable: false });
    }
    if fields.is_empty() && is_immutable(&status.message) {
        fields.push(FieldProblem {
            field: String::new(),
            message: status.message.clone(),
            immutable: true,
        });
    }
    fields
}

/// Whether a message says that the field cannot be changed. There is no reason for it in the API:
/// validations say it in words of their own.
fn is_immutable(message: &str) -> bool {
    [
        "field is immutable",
        "is immutable",
        "may not be changed",
        "may not be updated",
        "may not change once set",
        "may not be unset",
        "cannot be changed",
        "cannot change roleRef",
        "updates to parameters are forbidden",
        "for fields other than",
        "may not change fields other than",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// What something that is no API server says, for a message.
fn start_of(body: &[u8], code: u16) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN * 4)]);
    let text: String = printable(text.trim()).chars().take(SHOWN).collect();
    if text.is_empty() || text.starts_with('<') {
        http::StatusCode::from_u16(code)
            .ok()
            .and_then(|code| code.canonical_reason())
            .unwrap_or("no reason given")
            .to_owned()
    } else {
        text
    }
}

/// Without control characters but line breaks: it comes from elsewhere and goes to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn target() -> Target {
        Target {
            context: "dev".into(),
            cluster: "dev".into(),
            server: "https://dev.example.com".into(),
            user: "me".into(),
            namespace: String::new(),
            cluster_entry: crate::config::ClusterEntry::default(),
            user_entry: crate::config::UserEntry::default(),
        }
    }

    fn of(code: u16, body: &Value) -> RequestError {
        meaning(code, &HeaderMap::new(), body.to_string().as_bytes(), &target()).error
    }

    #[test]
    fn access_is_told_from_admission() {
        let text = "deployments.apps \"a\" is forbidden: User \"jane\" cannot patch resource \
                    \"deployments\" in API group \"apps\" in the namespace \"team\"";
        let body = json!({"kind": "Status", "reason": "Forbidden", "message": text,
            "details": {"name": "a", "group": "apps", "kind": "deployments"}});
        assert_eq!(
            of(403, &body).to_string(),
            "user `jane` may not patch deployments.apps \"a\" in namespace `team`"
        );
        let text = "namespaces is forbidden: User \"jane\" cannot list resource \"namespaces\" in \
                    API group \"\" at the cluster scope";
        let body = json!({"kind": "Status", "reason": "Forbidden", "message": text});
        assert_eq!(of(403, &body).to_string(), "user `jane` may not list namespaces");
        let body =
            json!({"kind": "Status", "message": "admission webhook \"x\" denied the request: no"});
        assert_eq!(
            of(403, &body).to_string(),
            "refused by admission: admission webhook \"x\" denied the request: no"
        );
    }

    #[test]
    fn conflicts_name_fields_and_managers() {
        let body = json!({"kind": "Status", "reason": "Conflict", "message": "Apply failed",
            "details": {"causes": [{"reason": "FieldManagerConflict", "field": ".spec.replicas",
                "message": "conflict with \"scaler\" using apps/v1"}]}});
        assert_eq!(
            of(409, &body).to_string(),
            "other managers own 1 of its fields: `.spec.replicas` (`scaler`)"
        );
        let body = json!({"kind": "Status", "reason": "Conflict", "message": "modified"});
        assert!(matches!(of(409, &body), RequestError::Stale { .. }));
        let body = json!({"kind": "Status", "reason": "AlreadyExists", "message": "x"});
        assert!(matches!(of(409, &body), RequestError::AlreadyExists { .. }));
    }

    #[test]
    fn strict_decoding_names_the_fields() {
        let body = json!({"kind": "Status", "reason": "BadRequest", "message":
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: \
             unknown field \"spec.replica\", duplicate field \"spec.paused\""});
        let RequestError::Invalid { fields, .. } = of(400, &body) else { panic!() };
        let fields: Vec<_> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["spec.replica", "spec.paused"]);
    }

    #[test]
    fn what_is_no_status_is_told_in_a_line() {
        let failure = meaning(502, &HeaderMap::new(), b"<html>bad</html>", &target());
        assert_eq!(
            failure.error.to_string(),
            "https://dev.example.com failed with status 502: Bad Gateway"
        );
        assert!(failure.retry == Retry::IfRepeatable);
    }

    #[test]
    fn the_servers_wish_is_obeyed() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "2".parse().unwrap());
        let failure = meaning(429, &headers, b"", &target());
        assert_eq!(failure.pause, Some(Duration::from_secs(2)));
        assert!(failure.retry == Retry::Always);
    }
}
