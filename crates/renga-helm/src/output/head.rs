//! The head of a document: what Helm reads of a manifest to sort it.
//!
//! The whole document is parsed, since any mistake in it is an error; then type, name and
//! annotations are taken with the conversions of a Go struct with JSON tags: keys in any case,
//! scalars where strings are wanted.

use renga_yaml::Flavour;
use serde_json::{Map, Value};

use crate::compat::Compat;

/// What a document says about itself; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) annotations: Vec<(String, String)>,
}

/// Why a document has no head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeadError {
    /// Helm's words.
    pub(crate) message: String,
    /// The line of the document the parser names.
    pub(crate) line: Option<usize>,
}

/// What is looked at of a document.
const FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

const METADATA_TYPE: &str = r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

impl Head {
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().rev().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// Reads the head of a document.
pub(crate) fn read(document: &[u8], compat: Compat) -> Result<Head, HeadError> {
    let read = renga_yaml::read_fields(document, Flavour::GoYamlV2, &FIELDS);
    let value = read.map_err(|error| HeadError {
        message: format!("error converting YAML to JSON: {error}"),
        line: error.line(),
    })?;
    let mut decoder = Decoder { head: Head::default(), error: None };
    match &value {
        Value::Null => {}
        Value::Object(map) => decoder.document(map),
        other => {
            let package = if compat.is_v4() { "util" } else { "releaseutil" };
            let name = renga_gojson::kind(other);
            decoder.error =
                Some(format!("cannot unmarshal {name} into Go value of type {package}.SimpleHead"));
        }
    }
    match decoder.error {
        None => Ok(decoder.head),
        Some(error) => Err(HeadError {
            message: format!("error unmarshaling JSON: while decoding JSON: json: {error}"),
            line: None,
        }),
    }
}

struct Decoder {
    head: Head,
    /// The first mismatch; decoding goes on after it.
    error: Option<String>,
}

impl Decoder {
    fn document(&mut self, map: &Map<String, Value>) {
        for (key, value) in sorted(map) {
            match field(key, &FIELDS) {
                Some("apiVersion") => {
                    if let Some(text) = self.string(value, "SimpleHead.apiVersion") {
                        self.head.api_version = text;
                    }
                }
                Some("kind") => {
                    if let Some(text) = self.string(value, "SimpleHead.kind") {
                        self.head.kind = text;
                    }
                }
                Some(_) => match value {
                    Value::Object(metadata) => self.metadata(metadata),
                    Value::Null => {
                        self.head.name.clear();
                        self.head.annotations.clear();
                    }
                    other => self.mismatch(other, "SimpleHead.metadata", METADATA_TYPE),
                },
                None => {}
            }
        }
    }

    fn metadata(&mut self, map: &Map<String, Value>) {
        for (key, value) in sorted(map) {
            match field(key, &["name", "annotations"]) {
                Some("name") => {
                    if let Some(text) = self.string(value, ".metadata.name") {
                        self.head.name = text;
                    }
                }
                Some(_) => match value {
                    Value::Object(annotations) => {
                        for (key, value) in sorted(annotations) {
                            let text = if value.is_null() {
                                Some(String::new())
                            } else {
                                self.string(value, ".metadata.annotations")
                            };
                            let text = text.unwrap_or_default();
                            self.head.annotations.push((key.to_owned(), text));
                        }
                    }
                    Value::Null => self.head.annotations.clear(),
                    other => self.mismatch(other, ".metadata.annotations", "map[string]string"),
                },
                None => {}
            }
        }
    }

    fn string(&mut self, value: &Value, path: &str) -> Option<String> {
        match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(match number.as_f64() {
                Some(float) if number.is_f64() => {
                    let text = crate::engine::float_text(float);
                    String::from_utf8_lossy(&text).into_owned()
                }
                _ => number.to_string(),
            }),
            Value::Array(_) | Value::Object(_) => {
                self.mismatch(value, path, "string");
                None
            }
        }
    }

    fn mismatch(&mut self, value: &Value, path: &str, wanted: &str) {
        self.error.get_or_insert_with(|| {
            format!(
                "cannot unmarshal {} into Go struct field {path} of type {wanted}",
                renga_gojson::kind(value)
            )
        });
    }
}

/// The field a key stands for: case matters only where two keys compete.
fn field(key: &str, names: &[&'static str]) -> Option<&'static str> {
    names.iter().copied().find(|name| name.eq_ignore_ascii_case(key))
}

fn sorted(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}
