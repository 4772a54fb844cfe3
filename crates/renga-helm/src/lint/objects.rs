//! The rules for Kubernetes objects: names, selectors, annotations of lists, deprecated kinds, CRDs.

use std::sync::LazyLock;

use renga_gotemplate::quoted;
use renga_yaml::YamlError;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::read_yaml;
use crate::{capabilities::KubeVersion, compat::Compat};

const SUBDOMAIN: &str = r"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = r"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE: &str = r"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// By group version and kind: the minor version since when, and what Kubernetes says.
type Deprecated = FxHashMap<(&'static str, &'static str), (u32, &'static str)>;

/// The kinds Kubernetes marks as deprecated, one a line: group version, kind, the minor version
/// since when, and what Kubernetes says. Taken from client-go as of Kubernetes 1.37.
static DEPRECATED: LazyLock<Deprecated> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut parts = line.splitn(4, ' ');
        let kind = (parts.next()?, parts.next()?);
        Some((kind, (parts.next()?.parse().ok()?, parts.next()?)))
    };
    include_str!("deprecated.txt").lines().filter_map(line).collect()
});

/// The documents of a stream, as Kubernetes separates them: by lines that begin with `---`.
pub(super) fn documents(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            found.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    found.push(&text[start..]);
    found.retain(|document| !document.trim().is_empty());
    found
}

/// What the rules look at.
#[derive(Debug, Default)]
pub(super) struct Object {
    api_version: String,
    kind: String,
    name: String,
}

impl Object {
    /// Reads a document; nothing for one that is null.
    pub(super) fn read(document: &str, compat: Compat) -> Result<Option<Self>, ObjectError> {
        // The names of the structs in Go, which its decoder tells.
        let object = if compat.is_v3() { "K8sYamlStruct" } else { "k8sYamlStruct" };
        let value = read_yaml(document.as_bytes())?;
        match &value {
            Value::Null => return Ok(None),
            Value::Object(_) => {}
            other => {
                return Err(ObjectError::Type {
                    found: renga_gojson::kind(other),
                    place: String::new(),
                    expected: format!("rules.{object}"),
                });
            }
        }
        let metadata = member(&value, "metadata");
        Ok(Some(Self {
            api_version: text(member(&value, "apiVersion"), &format!("{object}.apiVersion"))?,
            kind: text(member(&value, "kind"), &format!("{object}.Kind"))?,
            name: match metadata {
                None | Some(Value::Null) => String::new(),
                Some(Value::Object(_)) => text(
                    metadata.and_then(|metadata| member(metadata, "name")),
                    &format!("{object}.Metadata.Name"),
                )?,
                Some(other) => {
                    return Err(ObjectError::Type {
                        found: renga_gojson::kind(other),
                        place: format!("struct field {object}.Metadata"),
                        expected: "rules.k8sYamlMetadata".to_owned(),
                    });
                }
            },
        }))
    }

    /// Whether Kubernetes would refuse the name.
    pub(super) fn name_problem(&self) -> Option<String> {
        let name = &*self.name;
        let mut problems = Vec::new();
        let subdomain = |problems: &mut Vec<String>| {
            if name.len() > 253 {
                problems.push("must be no more than 253 characters".to_owned());
            }
            if !name.split('.').all(|part| is_label(part, false)) {
                problems.push(SUBDOMAIN.to_owned());
            }
        };
        match &*self.kind.to_lowercase() {
            "certificatesigningrequest" => {}
            "service" | "namespace" => {
                let service = self.kind.eq_ignore_ascii_case("service");
                if name.len() > 63 {
                    problems.push("must be no more than 63 characters".to_owned());
                }
                if !is_label(name, service) {
                    let dotted = !service && name.split('.').all(|part| is_label(part, false));
                    let words = if service { SERVICE } else { LABEL };
                    problems.push(if dotted { "must not contain dots" } else { words }.to_owned());
                }
            }
            "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => {
                if matches!(name, "." | "..") {
                    problems.push(format!("may not be '{name}'"));
                } else {
                    let bad = ["/", "%"].into_iter().filter(|bad| name.contains(bad));
                    problems.extend(bad.map(|bad| format!("may not contain '{bad}'")));
                }
            }
            _ => subdomain(&mut problems),
        }
        let shown = quoted(name.as_bytes());
        let problems: Vec<String> = problems
            .into_iter()
            .map(|problem| format!("metadata.name: Invalid value: {shown}: {problem}"))
            .collect();
        let all = match &*problems {
            [] => return None,
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Some(format!(
            "object name does not conform to Kubernetes naming requirements: {shown}: {all}"
        ))
    }

    /// Whether that version of Kubernetes calls the kind deprecated.
    pub(super) fn deprecation(&self, kube: &KubeVersion) -> Option<String> {
        let (since, words) = DEPRECATED.get(&(&*self.api_version, &*self.kind))?;
        let (major, minor): (u32, u32) = (kube.major.parse().ok()?, kube.minor.parse().ok()?);
        let deprecated = major > 1 || major == 1 && minor >= *since;
        deprecated.then(|| format!("{} {} {words}", self.api_version, self.kind))
    }

    /// Whether a workload has no selector anywhere in its file.
    pub(super) fn missing_selector(&self, file: &str) -> Option<String> {
        let needs = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].contains(&&*self.kind);
        let has = file.contains("matchLabels") || file.contains("matchExpressions");
        (needs && !has).then(|| {
            let name = quoted(self.name.as_bytes());
            format!(
                "a {} must contain matchLabels or matchExpressions, and {name} does not",
                self.kind
            )
        })
    }

    /// Whether an item of a list asks to be kept, which Helm does not see. Helm looks at the first
    /// document of the file.
    pub(super) fn list_annotation(&self, file: &str) -> Option<String> {
        if self.kind != "List" {
            return None;
        }
        let value = match read_yaml(file.as_bytes()) {
            Ok(value) => value,
            Err(error) => return Some(format!("unable to parse YAML: {error}")),
        };
        let kept = member(&value, "items").and_then(Value::as_array)?.iter().any(|item| {
            member(item, "metadata")
                .and_then(|metadata| member(metadata, "annotations"))
                .is_some_and(|annotations| annotations.get("helm.sh/resource-policy").is_some())
        });
        kept.then(|| {
            "annotation 'helm.sh/resource-policy' within List objects are ignored".to_owned()
        })
    }

    /// What is wrong with it as a CRD.
    pub(super) fn crd_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.api_version.starts_with("apiextensions.k8s.io") {
            problems.push("apiVersion is not in 'apiextensions.k8s.io'".to_owned());
        }
        if self.kind != "CustomResourceDefinition" {
            problems.push("object kind is not 'CustomResourceDefinition'".to_owned());
        }
        problems
    }
}

/// Why a document is no object. The words are those of the Kubernetes decoder.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectError {
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {} of type {expected}",
        if place.is_empty() { "value" } else { place }
    )]
    Type { found: &'static str, place: String, expected: String },
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.as_object()?.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v)
}

fn text(value: Option<&Value>, place: &str) -> Result<String, ObjectError> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        // The YAML library turns scalars into text where text is wanted.
        Some(Value::Bool(truth)) => Ok(truth.to_string()),
        Some(Value::Number(number)) => {
            Ok(number.as_f64().map(renga_gojson::format_float).unwrap_or_default())
        }
        Some(other) => Err(ObjectError::Type {
            found: renga_gojson::kind(other),
            place: format!("struct field {place}"),
            expected: "string".to_owned(),
        }),
    }
}

/// Lower-case letters, digits and hyphens, these not at the ends; `letter` asks for one first.
fn is_label(text: &str, letter: bool) -> bool {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (Some(&first), Some(&last)) = (text.as_bytes().first(), text.as_bytes().last()) else {
        return false;
    };
    valid(first)
        && valid(last)
        && !(letter && first.is_ascii_digit())
        && text.bytes().all(|byte| valid(byte) || byte == b'-')
}
