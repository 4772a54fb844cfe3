//! Go's JSON decoder, for the types of a `Chart.yaml`, behind `sigs.k8s.io/yaml`.
//!
//! Fields are found whatever the case of their key, in the order of the sorted keys; null changes
//! nothing; what is there already is kept where the text says nothing. Decoding goes on after a
//! value of a wrong type, and the first one is the error.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{ChartMetadata, Dependency, FieldError, Maintainer};

/// Reads `value` into `into`.
pub(super) fn metadata(into: &mut ChartMetadata, value: &Value) -> Result<(), FieldError> {
    let mut decoder = Decoder { type_name: "Metadata", path: String::new(), error: None };
    match value {
        Value::Null => {}
        Value::Object(map) => decoder.metadata(into, map),
        other => {
            return Err(FieldError {
                found: renga_gojson::kind(other),
                place: "value".to_owned(),
                wanted: "loader.chartBase",
            });
        }
    }
    decoder.error.map_or(Ok(()), Err)
}

/// The fields of `Chart.yaml` that Helm knows, in the order of its Go type.
pub const CHART_FIELDS: [&str; 17] = [
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];

struct Decoder {
    type_name: &'static str,
    /// The keys from the root to the current field.
    path: String,
    error: Option<FieldError>,
}

impl Decoder {
    fn metadata(&mut self, into: &mut ChartMetadata, map: &Map<String, Value>) {
        for (key, value) in sorted(map) {
            let Some(field) = find(&CHART_FIELDS, key) else { continue };
            field.clone_into(&mut self.path);
            match field {
                "name" => self.string(&mut into.name, value),
                "home" => self.string(&mut into.home, value),
                "sources" => self.strings(&mut into.sources, value),
                "version" => self.string(&mut into.version, value),
                "description" => self.string(&mut into.description, value),
                "keywords" => self.strings(&mut into.keywords, value),
                "maintainers" => {
                    let kind = ("Maintainer", "[]*v2.Maintainer", "v2.Maintainer");
                    self.pointers(&mut into.maintainers, value, kind, Self::maintainer);
                }
                "icon" => self.string(&mut into.icon, value),
                "apiVersion" => self.string(&mut into.api_version, value),
                "condition" => self.string(&mut into.condition, value),
                "tags" => self.string(&mut into.tags, value),
                "appVersion" => self.string(&mut into.app_version, value),
                "deprecated" => self.boolean(&mut into.deprecated, value),
                "annotations" => self.annotations(&mut into.annotations, value),
                "kubeVersion" => self.string(&mut into.kube_version, value),
                "dependencies" => {
                    let kind = ("Dependency", "[]*v2.Dependency", "v2.Dependency");
                    self.pointers(&mut into.dependencies, value, kind, Self::dependency);
                }
                _ => self.string(&mut into.kind, value),
            }
        }
    }

    fn maintainer(&mut self, into: &mut Maintainer, field: &str, value: &Value) {
        match field {
            "name" => self.string(&mut into.name, value),
            "email" => self.string(&mut into.email, value),
            _ => self.string(&mut into.url, value),
        }
    }

    fn dependency(&mut self, into: &mut Dependency, field: &str, value: &Value) {
        match field {
            "name" => self.string(&mut into.name, value),
            "version" => self.string(&mut into.version, value),
            "repository" => self.string(&mut into.repository, value),
            "condition" => self.string(&mut into.condition, value),
            "tags" => self.strings(&mut into.tags, value),
            "enabled" => self.boolean(&mut into.enabled, value),
            "import-values" => match value {
                Value::Null => into.import_values.clear(),
                Value::Array(items) => {
                    into.import_values = items.iter().map(floats).collect();
                }
                other => self.mismatch(other, "[]interface {}"),
            },
            _ => self.string(&mut into.alias, value),
        }
    }

    /// A list of pointers to structs: elements that exist already are read over.
    fn pointers<T: Fields>(
        &mut self,
        into: &mut Vec<Option<T>>,
        value: &Value,
        (name, list_type, item_type): (&'static str, &'static str, &'static str),
        field: fn(&mut Self, &mut T, &str, &Value),
    ) {
        let items = match value {
            Value::Null => return into.clear(),
            Value::Array(items) => items,
            other => return self.mismatch(other, list_type),
        };
        into.resize_with(items.len(), || None);
        let outer = self.path.clone();
        for (slot, item) in into.iter_mut().zip(items) {
            match item {
                Value::Null => *slot = None,
                Value::Object(map) => {
                    let target = slot.get_or_insert_default();
                    self.type_name = name;
                    for (key, value) in sorted(map) {
                        let Some(found) = find(T::FIELDS, key) else { continue };
                        self.path = format!("{outer}.{found}");
                        field(self, target, found, value);
                    }
                    self.type_name = "Metadata";
                    outer.clone_into(&mut self.path);
                }
                other => {
                    *slot = Some(T::default());
                    self.mismatch(other, item_type);
                }
            }
        }
    }

    fn annotations(&mut self, into: &mut BTreeMap<String, String>, value: &Value) {
        match value {
            Value::Null => into.clear(),
            Value::Object(map) => {
                for (key, value) in sorted(map) {
                    let mut text = String::new();
                    self.string(&mut text, value);
                    into.insert(key.to_owned(), text);
                }
            }
            other => self.mismatch(other, "map[string]string"),
        }
    }

    fn strings(&mut self, into: &mut Vec<String>, value: &Value) {
        match value {
            Value::Null => into.clear(),
            Value::Array(items) => {
                into.resize_with(items.len(), String::new);
                for (slot, item) in into.iter_mut().zip(items) {
                    self.string(slot, item);
                }
            }
            other => self.mismatch(other, "[]string"),
        }
    }

    fn string(&mut self, into: &mut String, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => text.clone_into(into),
            // The YAML library turns scalars into the strings that are wanted.
            Value::Bool(flag) => *into = flag.to_string(),
            Value::Number(number) => {
                *into = if number.is_f64() {
                    format_g(number.as_f64().unwrap_or_default())
                } else {
                    number.to_string()
                };
            }
            other => self.mismatch(other, "string"),
        }
    }

    fn boolean(&mut self, into: &mut bool, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(flag) => *into = *flag,
            other => self.mismatch(other, "bool"),
        }
    }

    fn mismatch(&mut self, value: &Value, wanted: &'static str) {
        let place = format!("struct field {}.{}", self.type_name, self.path);
        self.error.get_or_insert(FieldError { found: renga_gojson::kind(value), place, wanted });
    }
}

/// The keys of a struct.
trait Fields: Default {
    const FIELDS: &'static [&'static str];
}

impl Fields for Maintainer {
    const FIELDS: &'static [&'static str] = &["name", "email", "url"];
}

impl Fields for Dependency {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "version",
        "repository",
        "condition",
        "tags",
        "enabled",
        "import-values",
        "alias",
    ];
}

fn find(fields: &[&'static str], key: &str) -> Option<&'static str> {
    fields.iter().copied().find(|field| field.eq_ignore_ascii_case(key))
}

fn sorted(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

/// Values that have no type in Go are read as JSON, where every number is a float.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => number
            .as_f64()
            .and_then(serde_json::Number::from_f64)
            .map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.iter().map(floats).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), floats(value))).collect())
        }
        other => other.clone(),
    }
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)`: the fewest digits that read back the same, with
/// an exponent below -4 and from 21 on.
fn format_g(value: f64) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        // An infinity or NaN, which the YAML reader refuses.
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..21).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
