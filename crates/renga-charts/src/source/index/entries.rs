//! The versions of one chart, out of its part of an index.
//!
//! Two ways lead there: over the events of [`super::plain`] for the plain YAML that Go programs
//! write, and over values for all else. Both read fields as `sigs.k8s.io/yaml` decodes them into
//! Helm's types, leave out the entries that Helm leaves out, and ignore fields that are not known.

use renga_semver::Version;
use renga_yaml::{Flavour, YamlError};
use serde_json::Value;

use super::plain::{Event, Unusual, walk};
use crate::source::ChartVersion;

/// The fields of an entry that matter, as written.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kube_version: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    pub(super) deprecated: bool,
    pub(super) urls: Vec<String>,
}

impl Entry {
    fn field(&mut self, key: &str) -> Option<&mut Option<String>> {
        Some(match key {
            "name" => &mut self.name,
            "version" => &mut self.version,
            "appVersion" => &mut self.app_version,
            "description" => &mut self.description,
            "digest" => &mut self.digest,
            "created" => &mut self.created,
            "kubeVersion" => &mut self.kube_version,
            "type" => &mut self.kind,
            _ => return None,
        })
    }

    /// Reads an entry that a parser has made a value of.
    ///
    /// # Errors
    ///
    /// What is wrong with a field.
    pub(super) fn of_value(value: &Value) -> Result<Self, String> {
        let mut entry = Self::default();
        let Value::Object(fields) = value else {
            return Err("a version of a chart is no mapping".to_owned());
        };
        for (key, value) in fields {
            if key == "urls" {
                let items = match value {
                    Value::Null => &[][..],
                    Value::Array(items) => items,
                    _ => return Err("`urls` is no list".to_owned()),
                };
                for item in items {
                    entry.urls.extend(text_of(item).ok_or("`urls` is no list of texts")?);
                }
            } else if key == "deprecated" {
                entry.deprecated = value == &Value::Bool(true);
            } else if let Some(field) = entry.field(key) {
                *field = text_of(value).ok_or_else(|| format!("`{key}` is no text"))?;
            }
        }
        Ok(entry)
    }

    /// The version, if Helm would list it.
    fn into_version(self) -> Option<(Version, ChartVersion)> {
        let name = self.name.filter(|name| {
            !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\'])
        })?;
        let version = self.version?;
        let parsed = Version::parse(&version).ok()?;
        if !matches!(self.kind.as_deref().unwrap_or_default(), "" | "application" | "library") {
            return None;
        }
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        Some((
            parsed,
            ChartVersion {
                name,
                version,
                app_version: set(self.app_version),
                description: set(self.description),
                // Helm never looks at it, so repositories may have anything there.
                digest: self.digest.and_then(|digest| digest.parse().ok()),
                urls: self.urls,
                deprecated: self.deprecated,
                created: set(self.created),
                kube_version: set(self.kube_version),
            },
        ))
    }
}

/// The versions in `entries` that are valid, newest first; among equal ones in their order.
pub(super) fn sorted(entries: Vec<Entry>) -> Vec<ChartVersion> {
    let mut versions: Vec<_> = entries.into_iter().filter_map(Entry::into_version).collect();
    versions.sort_by(|(a, _), (b, _)| b.cmp(a));
    versions.into_iter().map(|(_, version)| version).collect()
}

/// Reads the part of a YAML index that begins with the name of a chart.
///
/// # Errors
///
/// The parser's, with lines counted from the beginning of `part`, or what is wrong with the entries.
pub(super) fn of_yaml(part: &str) -> Result<Vec<Entry>, PartError> {
    if let Ok(entries) = of_plain_yaml(part) {
        return Ok(entries);
    }
    let value = renga_yaml::read_strict(part.as_bytes(), Flavour::GoYamlV2)?;
    let entries = value.as_object().and_then(|map| map.values().next());
    of_values(entries.unwrap_or(&Value::Null)).map_err(PartError::Shape)
}

/// Why the part of a chart cannot be read.
#[derive(Debug)]
pub(super) enum PartError {
    Yaml(YamlError),
    Shape(String),
}

impl From<YamlError> for PartError {
    fn from(error: YamlError) -> Self {
        Self::Yaml(error)
    }
}

/// Reads the list of a chart's entries that a parser has made a value of.
pub(super) fn of_values(entries: &Value) -> Result<Vec<Entry>, String> {
    match entries {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            // Helm skips empty entries.
            items.iter().filter(|item| !item.is_null()).map(Entry::of_value).collect()
        }
        _ => Err("the versions of a chart are no list".to_owned()),
    }
}

pub(super) fn of_plain_yaml(part: &str) -> Result<Vec<Entry>, Unusual> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut current = "";
    let mut seen: Vec<&str> = Vec::new();
    // The chart's name, and beneath it the list, the entries, their fields, and what those hold.
    walk(part, &mut |event| {
        match event {
            Event::Key { depth: 1, .. } | Event::Empty { depth: 1 } => {}
            Event::Item { depth: 2 } => {
                current = "";
                seen.clear();
            }
            Event::Key { depth: 3, text, quoted, .. } => {
                if quoted || seen.contains(&text) {
                    return Err(Unusual);
                }
                // An item without keys is null, which Helm skips.
                if seen.is_empty() {
                    entries.push(Entry::default());
                }
                seen.push(text);
                current = text;
            }
            Event::Scalar { depth: 3, raw } => {
                let entry = entries.last_mut().ok_or(Unusual)?;
                if current == "deprecated" {
                    entry.deprecated = match raw {
                        "true" => true,
                        "false" => false,
                        _ => return Err(Unusual),
                    };
                } else if let Some(field) = entry.field(current) {
                    *field = scalar(raw)?;
                } else if current == "urls" {
                    return Err(Unusual);
                }
            }
            Event::Item { depth: 4 } | Event::Empty { depth: 3 } if current == "urls" => {}
            Event::Scalar { depth: 4, raw } if current == "urls" => {
                let entry = entries.last_mut().ok_or(Unusual)?;
                entry.urls.extend(scalar(raw)?);
            }
            // No entry, or more than a scalar in a field that must be one.
            Event::Item { depth: 3 } => return Err(Unusual),
            _ if event.depth() < 3 || is_read(current) => return Err(Unusual),
            _ => {}
        }
        Ok(())
    })?;
    Ok(entries)
}

/// Whether this is one of the fields of [`Entry`].
fn is_read(key: &str) -> bool {
    matches!(key, "urls" | "deprecated") || Entry::default().field(key).is_some()
}

/// The text that a scalar's source stands for; none for null.
fn scalar(raw: &str) -> Result<Option<String>, Unusual> {
    let inner = || &raw[1..raw.len() - 1];
    match raw.as_bytes()[0] {
        b'"' if !raw.contains(['\\', '\n']) => return Ok(Some(inner().to_owned())),
        b'\'' if !raw.contains('\n') && !inner().contains('\'') => {
            return Ok(Some(inner().to_owned()));
        }
        _ if surely_text(raw) => return Ok(Some(raw.to_owned())),
        _ => {}
    }
    let document = format!("k: {raw}\n");
    let value = renga_yaml::read(document.as_bytes(), Flavour::GoYamlV2).map_err(|_| Unusual)?;
    value.get("k").and_then(text_of).ok_or(Unusual)
}

/// Whether a plain scalar in one line is a string without asking the parser.
pub(super) fn surely_text(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    match bytes.first() {
        Some(first) if first.is_ascii_alphabetic() => {
            !raw.contains('\n')
                && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
                    .iter()
                    .any(|word| raw.eq_ignore_ascii_case(word))
        }
        // No number has two points, or these letters unless it is hexadecimal.
        Some(first) if first.is_ascii_digit() => {
            !raw.contains(['\n', 'x', 'X', ':'])
                && (raw.matches('.').nth(1).is_some()
                    || raw.contains(['a', 'c', 'd', 'f', 'g', 'h', 'k', 'm', 'v']))
        }
        _ => false,
    }
}

/// A scalar as `sigs.k8s.io/yaml` puts it into a field that is a string; the outer `None` for
/// what is no scalar, the inner one for null.
#[expect(clippy::option_option, reason = "no text, and a text that is null, are different answers")]
fn text_of(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::Bool(flag) => Some(Some(flag.to_string())),
        Value::Number(number) => Some(Some(number.to_string())),
        Value::String(text) => Some(Some(text.clone())),
        Value::Array(_) | Value::Object(_) => None,
    }
}
