//! Findings as SARIF 2.1.0, the format of code scanning.
//!
//! GitHub takes 25,000 results of a run and shows 5,000: the gravest come first, and what is beyond
//! the limit is counted in a notification. It needs a file for every result, and tells results apart
//! by their fingerprint. See
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Report;
use crate::finding::{Finding, Place};
use crate::rule::{RuleId, Severity};

/// How many results a run may have.
const LIMIT: usize = 25_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

impl Report<'_> {
    /// The findings as a SARIF log with one run.
    pub fn sarif(&self) -> Value {
        let files = self.files();
        let mut rules = Rules::default();
        let groups = self.gravest_first();
        let suppressed = self.verdict.suppressed.iter();
        let total = groups.len() + self.verdict.suppressed.len();
        let mut results: Vec<Value> = groups
            .iter()
            .take(LIMIT)
            .map(|group| {
                let place = group.place(&files);
                result(group.finding, group.environments(), place, &mut rules)
            })
            .collect();
        let room = LIMIT - results.len();
        results.extend(suppressed.take(room).map(|suppressed| {
            let finding = &suppressed.finding;
            let environment = finding.environment.as_str();
            let place = finding
                .place
                .clone()
                .or_else(|| files.get(environment).map(|file| Place::file(*file)));
            let named = (!environment.is_empty()).then(|| environment.to_owned());
            let mut result = result(finding, named, place, &mut rules);
            result["suppressions"] =
                json!([{"kind": "external", "justification": suppressed.reason}]);
            result
        }));
        let mut notifications: Vec<Value> = self
            .broken
            .iter()
            .map(|broken| {
                let text = format!("{} cannot be rendered: {}", broken.environment, broken.message);
                json!({"level": "error", "message": {"text": text}})
            })
            .collect();
        if total > LIMIT {
            let text = format!("{} more results are left out", total - LIMIT);
            notifications.push(json!({"level": "warning", "message": {"text": text}}));
        }
        json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "renga check",
                    "semanticVersion": self.version,
                    "rules": rules.descriptions,
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": self.broken.is_empty(),
                    "toolExecutionNotifications": notifications,
                }],
                "results": results,
            }],
        })
    }
}

/// The rules that results refer to, in the order of their first use.
#[derive(Default)]
struct Rules {
    places: BTreeMap<RuleId, usize>,
    descriptions: Vec<Value>,
}

impl Rules {
    fn place(&mut self, finding: &Finding) -> usize {
        if let Some(place) = self.places.get(&finding.rule) {
            return *place;
        }
        let place = self.descriptions.len();
        let rule = &finding.rule;
        let title = rule.rule().map_or("A policy of the workspace", |rule| rule.title());
        self.descriptions.push(json!({
            "id": rule.as_str(),
            "name": rule.as_str(),
            "shortDescription": {"text": title},
            "help": {"text": format!("{title}. See `{rule}` in docs/rules.md.")},
            "defaultConfiguration": {"level": level(finding.severity)},
        }));
        self.places.insert(rule.clone(), place);
        place
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(
    finding: &Finding,
    environments: Option<String>,
    place: Option<Place>,
    rules: &mut Rules,
) -> Value {
    let mut text = format!("{} (in {}", finding.message, finding.whereabouts());
    if let Some(environments) = environments {
        _ = write!(text, ", of {environments}");
    }
    text.push(')');
    if let Some(help) = &finding.help {
        _ = write!(text, "\n{help}");
    }
    let mut location = json!({
        "logicalLocations": [{"fullyQualifiedName": finding.whereabouts(), "kind": "object"}],
    });
    if let Some(Place { file, line }) = place {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(&file)},
            "region": {"startLine": line.unwrap_or(1)},
        });
    }
    json!({
        "ruleId": finding.rule.as_str(),
        "ruleIndex": rules.place(finding),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(finding)},
    })
}

/// A relative file as a URI reference: what a URI cannot hold is written in hexadecimal.
fn uri(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}

/// What stays the same while a finding does: it does not depend on lines or on other findings.
fn fingerprint(finding: &Finding) -> String {
    let mut hash = blake3::Hasher::new();
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    let parts =
        [finding.rule.as_str(), &finding.environment, &object, &finding.path, &finding.message];
    for part in parts {
        hash.update(part.as_bytes()).update(&[0]);
    }
    hash.finalize().to_hex()[..16].to_owned()
}
