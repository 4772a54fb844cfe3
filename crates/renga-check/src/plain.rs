//! Rule `secret/plain`: secrets stand in no other kind than Secret.
//!
//! Only forms that are nothing else are looked for: private keys with their contents, and tokens
//! whose issuers gave them a prefix. What is found is never shown.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::finding::Remark;
use crate::object::ObjectName;
use crate::rule::Rule;

/// Each form with what it is called.
const FORMS: [(&str, &str); 10] = [
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/=]{40}"),
    ("a private PGP key", r"-----BEGIN PGP PRIVATE KEY BLOCK-----"),
    ("a token of GitHub", r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    ("a token of GitHub", r"\bgithub_pat_[A-Za-z0-9_]{60,}\b"),
    ("a token of GitLab", r"\bgl(?:pat|rt|dt)-[A-Za-z0-9_-]{20,}\b"),
    ("a token of Slack", r"\bxox[abprs]-[0-9]{8,}-[A-Za-z0-9-]{20,}\b"),
    (
        "a webhook of Slack",
        r"\bhooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    ),
    ("a key of Google", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("a key of Stripe", r"\b[sr]k_live_[A-Za-z0-9]{20,}\b"),
    ("a signed token", r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
];

/// The shortest text that can have one of the forms.
const SHORTEST: usize = 30;

static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms: Vec<String> = FORMS.iter().map(|(_, form)| format!("({form})")).collect();
    Regex::new(&forms.join("|")).ok()
});

pub(crate) fn check(name: &ObjectName, value: &Value, remarks: &mut Vec<Remark>) {
    let is_secret = name.group().is_empty() && name.kind == "Secret";
    // Definitions hold descriptions.
    if !is_secret && name.kind != "CustomResourceDefinition" {
        walk(value, &mut Vec::new(), remarks);
    }
}

enum Step<'v> {
    Field(&'v str),
    Item(usize),
}

/// Manifests nest no deeper than their reader allows.
fn walk<'v>(value: &'v Value, path: &mut Vec<Step<'v>>, remarks: &mut Vec<Remark>) {
    match value {
        Value::String(text) if text.len() >= SHORTEST => {
            if let Some(what) = form_of(text) {
                let message = format!("this looks like {what}, in an object that is no Secret");
                remarks.push(
                    Remark::new(Rule::SecretPlain, &shown(path), message)
                        .help("put it into a Secret, better one that an operator fills, and replace it where it is valid"),
                );
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Item(index));
                walk(item, path, remarks);
                path.pop();
            }
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                path.push(Step::Field(field));
                walk(value, path, remarks);
                path.pop();
            }
        }
        _ => {}
    }
}

fn form_of(text: &str) -> Option<&'static str> {
    let captures = ANY.as_ref()?.captures(text)?;
    FORMS
        .iter()
        .enumerate()
        .find(|(index, _)| captures.get(index + 1).is_some())
        .map(|(_, form)| form.0)
}

fn shown(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Item(index) => _ = write!(out, "[{index}]"),
            Step::Field(name) if name.contains(['.', '/', '[', ' ']) => {
                _ = write!(out, "[{name:?}]");
            }
            Step::Field(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{ANY, form_of};

    #[test]
    fn forms_are_told_from_what_looks_alike() {
        assert!(ANY.is_some());
        let key = |body: &str| format!("-----BEGIN {}PRIVATE KEY-----\n{body}\n-----END", "RSA ");
        let token = |parts: &[&str]| parts.concat();
        let letters = "aB3".repeat(20);
        for (text, expected) in [
            (key(&letters), true),
            (key(&letters).replace('\n', "\\n"), true),
            (key("…"), false),
            (format!("-----BEGIN CERTIFICATE-----\n{letters}"), false),
            (format!("-----BEGIN PUBLIC KEY-----\n{letters}"), false),
            (token(&["gh", "p_", &letters[..36]]), true),
            (token(&["gh", "p_", &letters[..10], " and many more words"]), false),
            (token(&["xo", "xb-123456789012-", &letters[..30]]), true),
            (token(&["AI", "za", &letters[..35]]), true),
            (token(&["ey", "J", &letters, ".ey", "J", &letters, ".", &letters]), true),
            (token(&["ey", "J", &letters, ".", &letters]), false),
        ] {
            assert_eq!(form_of(&text).is_some(), expected, "{text}");
        }
    }
}
