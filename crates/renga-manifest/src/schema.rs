//! What every manifest must have, and how its absence is told.

use renga_gojson::go_type;
use renga_yaml::Flavour;
use serde_json::Value;

/// A manifest lacks required fields, or they have wrong types. Worded as `tk` words it.
#[derive(Debug, Clone, PartialEq, Eq, miette::Diagnostic)]
#[diagnostic(
    code(manifest::invalid_fields),
    help(
        "a manifest needs `apiVersion`, `kind` and `metadata.name`; labels and annotations are maps of strings"
    )
)]
pub struct SchemaError {
    /// Where the manifest was found.
    pub path: String,
    /// Field and reason, sorted by field.
    pub fields: Vec<(&'static str, String)>,
    /// The first lines of the manifest as YAML, indented by two spaces.
    pub sample: String,
}

impl std::error::Error for SchemaError {}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} has missing or invalid fields:", self.path)?;
        for (field, reason) in &self.fields {
            writeln!(f, "  - {field}: {reason}")?;
        }
        write!(f, "\nPlease check below object:\n{}", self.sample)
    }
}

/// Checks the fields that the rest of the pipeline relies on.
pub(crate) fn verify(value: &Value, path: &str) -> Result<(), SchemaError> {
    const NO_STRING: &str = "missing or not of string type";
    let mut fields = Vec::new();
    let is_string = |value: Option<&Value>| value.is_some_and(Value::is_string);
    let is_list = value.get("items").is_some_and(Value::is_array);

    if !is_string(value.get("apiVersion")) {
        fields.push(("apiVersion", NO_STRING.to_owned()));
    }
    if !is_string(value.get("kind")) {
        fields.push(("kind", NO_STRING.to_owned()));
    }
    if !is_list {
        let metadata = value.get("metadata");
        let field = |name| metadata.and_then(|m| m.get(name));
        if !metadata.is_some_and(Value::is_object) {
            fields.push(("metadata", "missing or not an object".to_owned()));
        }
        if let Err(reason) = string_map(field("annotations")) {
            fields.push(("metadata.annotations", reason));
        }
        if let Err(reason) = string_map(field("labels")) {
            fields.push(("metadata.labels", reason));
        }
        if !is_string(field("name")) && !is_string(field("generateName")) {
            fields.push(("metadata.name", NO_STRING.to_owned()));
        }
    }
    if fields.is_empty() {
        return Ok(());
    }
    let yaml = renga_yaml::to_string(&masked(value), Flavour::GoYamlV2);
    Err(SchemaError { path: path.to_owned(), fields, sample: sample(&yaml) })
}

/// The object as messages may show it: of a Secret, keys but no values.
pub(crate) fn masked(value: &Value) -> Value {
    let mut shown = value.clone();
    if is_secret(value) {
        for field in ["data", "stringData"] {
            if let Some(values) = shown.get_mut(field) {
                *values = hidden(values);
            }
        }
    }
    shown
}

/// Whether an object says that it is a Secret.
pub(crate) fn is_secret(value: &Value) -> bool {
    value
        .get("kind")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"))
}

/// The same structure without any of its values.
pub(crate) fn hidden(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), hidden(value))).collect(),
        Value::Array(items) => items.iter().map(hidden).collect(),
        Value::Null => Value::Null,
        _ => Value::from("***"),
    }
}

/// A map of strings, or nothing.
fn string_map(value: Option<&Value>) -> Result<(), String> {
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(map)) => match map.iter().find(|(_, value)| !value.is_string()) {
            Some((key, value)) => {
                Err(format!("contains non-string field '{key}' of type '{}'", go_type(value)))
            }
            None => Ok(()),
        },
        Some(other) => Err(format!("must be object, but got '{}' instead", go_type(other))),
    }
}

/// The first ten lines, each indented by two spaces, and dots where there may be more.
fn sample(yaml: &str) -> String {
    let lines: Vec<&str> = yaml.trim().lines().collect();
    let mut out: Vec<String> = lines.iter().take(10).map(|line| format!("  {line}")).collect();
    if lines.len() >= 10 {
        out.push("  ...".to_owned());
    }
    out.join("\n")
}
