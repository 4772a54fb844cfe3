//! `Chart.yaml` as data.
//!
//! Owns the fields of a chart's metadata and how YAML becomes them: keys in any case, numbers and
//! bools as text where text is expected, everything else an error in the words of Go's JSON
//! decoder. Whether the result makes sense is for `load`'s validation.

use std::collections::BTreeMap;

use renga_charts::CHART_FIELDS;
use renga_yaml::{Flavour, YamlError};
use serde_json::Value as Json;

use crate::compat::Compat;
use crate::values::Value;

/// What `Chart.yaml` says. A field that is absent is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// `name`; of an aliased subchart its alias.
    pub name: String,
    /// `home`.
    pub home: String,
    /// `sources`.
    pub sources: Vec<String>,
    /// `version`, as written.
    pub version: String,
    /// `description`.
    pub description: String,
    /// `keywords`.
    pub keywords: Vec<String>,
    /// `maintainers`.
    pub maintainers: Vec<Maintainer>,
    /// `icon`.
    pub icon: String,
    /// `apiVersion`; `v1` where there is none.
    pub api_version: String,
    /// `condition`, which Helm reads and does not use.
    pub condition: String,
    /// `tags`, which Helm reads and does not use.
    pub tags: String,
    /// `appVersion`.
    pub app_version: String,
    /// `deprecated`.
    pub deprecated: bool,
    /// `annotations`; absent is a nil map in Go.
    pub annotations: Option<BTreeMap<String, String>>,
    /// `kubeVersion`, a constraint.
    pub kube_version: String,
    /// `dependencies`; absent is not the same as none.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`: empty, `application` or `library`.
    pub kind: String,
}

impl Metadata {
    /// Whether the chart is only there to be used by others.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

/// An entry of `maintainers`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// `name`.
    pub name: String,
    /// `email`.
    pub email: String,
    /// `url`.
    pub url: String,
}

/// An entry of `dependencies`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// `name`; once dependencies are processed, the alias if it has one.
    pub name: String,
    /// `version`, a constraint.
    pub version: String,
    /// `repository`.
    pub repository: String,
    /// `condition`: paths into the values, separated by commas.
    pub condition: String,
    /// `tags`.
    pub tags: Vec<String>,
    /// `enabled`; once dependencies are processed, whether it is in.
    pub enabled: bool,
    /// `import-values`; once dependencies are processed, all are tables of `child` and `parent`.
    pub import_values: Vec<Value>,
    /// `alias`.
    pub alias: String,
}

/// Metadata on its way in: lists may still have empty places, which validation refuses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) metadata: Metadata,
    pub(crate) maintainers: Vec<Option<Maintainer>>,
    pub(crate) dependencies: Option<Vec<Option<Dependency>>>,
}

/// Why YAML does not become metadata, without the name of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum MetadataError {
    /// It is not YAML.
    #[error("error converting YAML to JSON: {0}")]
    #[diagnostic(transparent)]
    Yaml(YamlError),
    /// A field has the wrong type.
    #[error(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {place} of type {expected}"
    )]
    #[diagnostic(
        code(helm::chart_yaml),
        help("look up the field in the reference of `Chart.yaml`")
    )]
    Type {
        /// What is there: `array`, `string`.
        found: &'static str,
        /// `struct field Metadata.home`, or `value`.
        place: String,
        /// The type in Go's words.
        expected: String,
    },
    /// The date of a lock file is none.
    #[error("error unmarshaling JSON: while decoding JSON: {problem}")]
    #[diagnostic(
        code(helm::chart_lock),
        help("write the lock file anew: `helm dependency update`")
    )]
    Time {
        /// Go's words.
        problem: String,
    },
}

/// Reads YAML into metadata that may have content already, as Helm does with `requirements.yaml`.
pub(crate) fn read_into(
    draft: &mut Draft,
    text: &[u8],
    compat: Compat,
) -> Result<(), MetadataError> {
    let json = read_yaml(text)?;
    let mut decoder = Decoder { compat, problem: None };
    decoder.metadata(&json, draft);
    decoder.finish()
}

/// Reads no more than the `apiVersion`, as Helm 4 does to find out how to load a chart.
pub(crate) fn read_api_version(text: &[u8], compat: Compat) -> Result<String, MetadataError> {
    let json = read_yaml(text)?;
    let mut decoder = Decoder { compat, problem: None };
    let mut version = String::new();
    let base = Struct { name: "chartBase", path: "" };
    if let Some(object) = decoder.object(&json, "value", "loader.chartBase") {
        for (key, value) in sorted(object) {
            if key.eq_ignore_ascii_case("apiVersion") {
                decoder.string(value, base, "apiVersion", &mut version);
            }
        }
    }
    decoder.finish()?;
    Ok(version)
}

/// Checks that YAML has the shape of a lock file. What it says is not used.
pub(crate) fn check_lock(text: &[u8], compat: Compat) -> Result<(), MetadataError> {
    let json = read_yaml(text)?;
    let mut decoder = Decoder { compat, problem: None };
    let lock = Struct { name: "Lock", path: "" };
    let Some(object) = decoder.object(&json, "value", &decoder.type_name("Lock")) else {
        return decoder.finish();
    };
    let (mut text, mut dependencies) = (String::new(), None);
    for (key, value) in sorted(object) {
        match field(key, &["generated", "digest", "dependencies"]) {
            Some("generated") => check_time(value)?,
            Some("digest") => decoder.string(value, lock, "digest", &mut text),
            Some("dependencies") => decoder.dependencies(value, lock, &mut dependencies),
            _ => {}
        }
    }
    decoder.finish()
}

/// Whether a JSON value is what Go's `time.Time` takes: null, or a string in the form of RFC 3339.
fn check_time(json: &Json) -> Result<(), MetadataError> {
    let fail = |problem: String| Err(MetadataError::Time { problem });
    match json {
        Json::Null => Ok(()),
        Json::String(text) => {
            let bytes = text.as_bytes();
            let shape = b"0000-00-00T00:00:00";
            let digits = bytes.len() > shape.len()
                && shape.iter().zip(bytes).all(|(want, have)| match want {
                    b'0' => have.is_ascii_digit(),
                    _ => want == have,
                });
            let zone = &bytes[shape.len().min(bytes.len())..];
            let fraction = zone
                .strip_prefix(b".")
                .map_or(0, |rest| 1 + rest.iter().take_while(|b| b.is_ascii_digit()).count());
            let zoned = match &zone[fraction..] {
                b"Z" => true,
                [b'+' | b'-', h1, h2, b':', m1, m2] => {
                    [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit())
                }
                _ => false,
            };
            if digits && zoned {
                return Ok(());
            }
            let quoted = renga_gotemplate::quoted(bytes);
            let layout = "2006-01-02T15:04:05Z07:00";
            fail(format!(
                "parsing time {quoted} as \"{layout}\": cannot parse {quoted} as \"2006\""
            ))
        }
        _ => fail("Time.UnmarshalJSON: input is not a JSON string".to_owned()),
    }
}

fn read_yaml(text: &[u8]) -> Result<Json, MetadataError> {
    renga_yaml::read(text, Flavour::GoYamlV2).map_err(MetadataError::Yaml)
}

/// The entries of an object by their keys' bytes, which is the order Go decodes them in.
fn sorted(object: &serde_json::Map<String, Json>) -> Vec<(&str, &Json)> {
    let mut entries: Vec<_> = object.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_unstable_by_key(|entry| entry.0);
    entries
}

/// The field that a key names: the one of that name, else one that differs in case only.
fn field(key: &str, names: &[&'static str]) -> Option<&'static str> {
    names
        .iter()
        .find(|&&name| name == key)
        .or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(key)))
        .copied()
}

/// A Go struct and the fields that lead to it, for error messages.
#[derive(Clone, Copy)]
struct Struct {
    name: &'static str,
    path: &'static str,
}

const DEPENDENCY_FIELDS: [&str; 8] =
    ["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

/// Fills Go-like structs from JSON. As Go's, it goes on after a mismatch and reports the first.
struct Decoder {
    compat: Compat,
    problem: Option<MetadataError>,
}

impl Decoder {
    fn finish(self) -> Result<(), MetadataError> {
        self.problem.map_or(Ok(()), Err)
    }

    /// The name of a type of the package that charts are in.
    fn type_name(&self, name: &str) -> String {
        format!("{}.{name}", if self.compat.is_v4() { "v2" } else { "chart" })
    }

    fn mismatch(&mut self, json: &Json, place: impl Into<String>, expected: &str) {
        let found = match json {
            Json::Null => return,
            Json::Bool(_) => "bool",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        };
        self.problem.get_or_insert_with(|| MetadataError::Type {
            found,
            place: place.into(),
            expected: expected.to_owned(),
        });
    }

    fn field_mismatch(&mut self, json: &Json, of: Struct, name: &str, expected: &str) {
        self.mismatch(json, format!("struct field {}.{}{name}", of.name, of.path), expected);
    }

    fn object<'j>(
        &mut self,
        json: &'j Json,
        place: &str,
        expected: &str,
    ) -> Option<&'j serde_json::Map<String, Json>> {
        if let Json::Object(object) = json {
            return Some(object);
        }
        self.mismatch(json, place, expected);
        None
    }

    fn string(&mut self, json: &Json, of: Struct, name: &str, out: &mut String) {
        match json {
            Json::Null => {}
            Json::String(text) => out.clone_from(text),
            Json::Bool(value) => *out = value.to_string(),
            Json::Number(number) => *out = number_text(number),
            Json::Array(_) | Json::Object(_) => self.field_mismatch(json, of, name, "string"),
        }
    }

    fn bool(&mut self, json: &Json, of: Struct, name: &str, out: &mut bool) {
        match json {
            Json::Bool(value) => *out = *value,
            other => self.field_mismatch(other, of, name, "bool"),
        }
    }

    /// Decodes a list into one that may have elements: they are written over one by one.
    fn list<T: Default>(
        &mut self,
        json: &Json,
        (of, name): (Struct, &str),
        expected: &str,
        out: &mut Vec<T>,
        mut element: impl FnMut(&mut Self, &Json, &mut T),
    ) {
        match json {
            Json::Null => out.clear(),
            Json::Array(items) => {
                out.resize_with(items.len(), T::default);
                for (item, slot) in items.iter().zip(out) {
                    element(self, item, slot);
                }
            }
            other => self.field_mismatch(other, of, name, expected),
        }
    }

    fn strings(&mut self, json: &Json, of: Struct, name: &str, out: &mut Vec<String>) {
        self.list(json, (of, name), "[]string", out, |decoder, item, slot| {
            decoder.string(item, of, name, slot);
        });
    }

    fn metadata(&mut self, json: &Json, draft: &mut Draft) {
        let of = Struct { name: "Metadata", path: "" };
        let Some(object) = self.object(json, "value", &self.type_name("Metadata")) else { return };
        for (key, value) in sorted(object) {
            let Some(name) = field(key, &CHART_FIELDS) else { continue };
            let out = &mut draft.metadata;
            let text = match name {
                "name" => &mut out.name,
                "home" => &mut out.home,
                "version" => &mut out.version,
                "description" => &mut out.description,
                "icon" => &mut out.icon,
                "apiVersion" => &mut out.api_version,
                "condition" => &mut out.condition,
                "tags" => &mut out.tags,
                "appVersion" => &mut out.app_version,
                "kubeVersion" => &mut out.kube_version,
                "type" => &mut out.kind,
                "deprecated" => {
                    self.bool(value, of, name, &mut out.deprecated);
                    continue;
                }
                "sources" => {
                    self.strings(value, of, name, &mut out.sources);
                    continue;
                }
                "keywords" => {
                    self.strings(value, of, name, &mut out.keywords);
                    continue;
                }
                "annotations" => {
                    self.annotations(value, of, &mut out.annotations);
                    continue;
                }
                "maintainers" => {
                    self.maintainers(value, of, &mut draft.maintainers);
                    continue;
                }
                _ => {
                    self.dependencies(value, of, &mut draft.dependencies);
                    continue;
                }
            };
            self.string(value, of, name, text);
        }
    }

    fn annotations(&mut self, json: &Json, of: Struct, out: &mut Option<BTreeMap<String, String>>) {
        match json {
            Json::Null => *out = None,
            Json::Object(object) => {
                let map = out.get_or_insert_default();
                for (key, value) in sorted(object) {
                    let mut text = String::new();
                    self.string(value, of, "annotations", &mut text);
                    map.insert(key.to_owned(), text);
                }
            }
            other => self.field_mismatch(other, of, "annotations", "map[string]string"),
        }
    }

    fn maintainers(&mut self, json: &Json, of: Struct, out: &mut Vec<Option<Maintainer>>) {
        let item_type = self.type_name("Maintainer");
        let list_type = format!("[]*{item_type}");
        let inner = Struct { name: "Maintainer", path: "maintainers." };
        self.list(json, (of, "maintainers"), &list_type, out, |decoder, item, slot| match item {
            Json::Null => *slot = None,
            Json::Object(object) => {
                let maintainer = slot.get_or_insert_default();
                for (key, value) in sorted(object) {
                    let Some(name) = field(key, &["name", "email", "url"]) else { continue };
                    let text = match name {
                        "name" => &mut maintainer.name,
                        "email" => &mut maintainer.email,
                        _ => &mut maintainer.url,
                    };
                    decoder.string(value, inner, name, text);
                }
            }
            other => decoder.field_mismatch(other, of, "maintainers", &item_type),
        });
    }

    fn dependencies(&mut self, json: &Json, of: Struct, out: &mut Option<Vec<Option<Dependency>>>) {
        if json.is_null() {
            *out = None;
            return;
        }
        let item_type = self.type_name("Dependency");
        let list_type = format!("[]*{item_type}");
        let list = out.get_or_insert_default();
        self.list(json, (of, "dependencies"), &list_type, list, |decoder, item, slot| match item {
            Json::Null => *slot = None,
            Json::Object(object) => decoder.dependency(object, slot.get_or_insert_default()),
            other => decoder.field_mismatch(other, of, "dependencies", &item_type),
        });
    }

    fn dependency(&mut self, object: &serde_json::Map<String, Json>, out: &mut Dependency) {
        let of = Struct { name: "Dependency", path: "dependencies." };
        for (key, value) in sorted(object) {
            let Some(name) = field(key, &DEPENDENCY_FIELDS) else { continue };
            let text = match name {
                "name" => &mut out.name,
                "version" => &mut out.version,
                "repository" => &mut out.repository,
                "condition" => &mut out.condition,
                "alias" => &mut out.alias,
                "tags" => {
                    self.strings(value, of, name, &mut out.tags);
                    continue;
                }
                "enabled" => {
                    self.bool(value, of, name, &mut out.enabled);
                    continue;
                }
                _ => {
                    let place = (of, name);
                    let values = &mut out.import_values;
                    self.list(value, place, "[]interface {}", values, |_, item, slot| {
                        *slot = Value::from_json(item);
                    });
                    continue;
                }
            };
            self.string(value, of, name, text);
        }
    }
}

/// A number where text is expected, as `sigs.k8s.io/yaml` spells it: floats in single precision.
fn number_text(number: &serde_json::Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "the library formats 32 bits")]
    let single = number.as_f64().unwrap_or_default() as f32;
    go_float(single)
}

/// A float in Go's `'g'` format with the fewest digits.
fn go_float(value: f32) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    // `1.2345679e7`, `-5e-324`, `0e0`.
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // Go decides as if for six digits when it may choose their number.
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, compat: Compat) -> Result<Draft, String> {
        let mut draft = Draft::default();
        read_into(&mut draft, text.as_bytes(), compat)
            .map(|()| draft)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_become_text_in_single_precision() {
        for (yaml, text) in [
            ("1.10", "1.1"),
            ("1", "1"),
            ("010", "8"),
            ("1e10", "1e+10"),
            ("12345678.9", "1.2345679e+07"),
            ("123456.75", "123456.75"),
            ("1234567.5", "1.2345675e+06"),
            ("0.00001", "1e-05"),
            ("0.0001", "0.0001"),
            ("true", "true"),
            ("~", ""),
        ] {
            let draft = read(&format!("appVersion: {yaml}"), Compat::V4).unwrap();
            assert_eq!(draft.metadata.app_version, text, "{yaml}");
        }
    }

    #[test]
    fn keys_match_in_any_case_and_the_exact_one_last() {
        let draft = read("NAME: r\nName: q\n", Compat::V4).unwrap();
        assert_eq!(draft.metadata.name, "q");
        let draft = read("name: a\nName: q\n", Compat::V4).unwrap();
        assert_eq!(draft.metadata.name, "a");
    }

    #[test]
    fn wrong_types_are_named_as_go_names_them() {
        for (yaml, v4, v3) in [
            ("home: [1]", "array into Go struct field Metadata.home of type string", None),
            (
                "maintainers: [{name: [1]}]",
                "array into Go struct field Maintainer.maintainers.name of type string",
                None,
            ),
            (
                "maintainers: [1]",
                "number into Go struct field Metadata.maintainers of type v2.Maintainer",
                Some("number into Go struct field Metadata.maintainers of type chart.Maintainer"),
            ),
            (
                "dependencies: [{tags: [[1]]}]",
                "array into Go struct field Dependency.dependencies.tags of type string",
                None,
            ),
            (
                "- a",
                "array into Go value of type v2.Metadata",
                Some("array into Go value of type chart.Metadata"),
            ),
        ] {
            let prefix = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ";
            assert_eq!(read(yaml, Compat::V4).unwrap_err(), format!("{prefix}{v4}"));
            assert_eq!(
                read(yaml, Compat::V3).unwrap_err(),
                format!("{prefix}{}", v3.unwrap_or(v4))
            );
        }
    }

    #[test]
    fn requirements_are_written_over_what_is_there() {
        let mut draft = read("dependencies: [{name: a, alias: b}, {name: c}]", Compat::V4).unwrap();
        read_into(&mut draft, b"dependencies: [{name: x}]", Compat::V4).unwrap();
        let dependencies: Vec<_> = draft.dependencies.unwrap().into_iter().flatten().collect();
        assert_eq!(dependencies.len(), 1);
        assert_eq!((dependencies[0].name.as_str(), dependencies[0].alias.as_str()), ("x", "b"));
    }
}
