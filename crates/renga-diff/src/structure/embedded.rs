//! Structure in texts: JSON and YAML that a `ConfigMap` or an annotation holds.

use renga_yaml::Flavour;
use serde_json::Value;

use super::path::Segment;

/// What a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object or list.
    Json,
    /// YAML documents; several ones count as a list.
    Yaml,
}

impl Format {
    /// The format's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// Texts that are longer are compared by line.
const MAX_JSON: usize = 8 << 20;
const MAX_YAML: usize = 1 << 20;

/// The structure in both texts, if they hold the same sort.
///
/// JSON is known by its first character, YAML by the ending of the field's name: too many texts
/// happen to be YAML.
pub(crate) fn parse(path: &[Segment], old: &str, new: &str) -> Option<(Format, Value, Value)> {
    if looks_like_json(old) && looks_like_json(new) && old.len().max(new.len()) <= MAX_JSON {
        let parsed = serde_json::from_str(old).ok().zip(serde_json::from_str(new).ok());
        if let Some((old, new)) = parsed {
            return Some((Format::Json, old, new));
        }
    }
    if is_yaml_name(path) && old.len().max(new.len()) <= MAX_YAML {
        return Some((Format::Yaml, yaml(old)?, yaml(new)?));
    }
    None
}

fn looks_like_json(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

fn is_yaml_name(path: &[Segment]) -> bool {
    let Some(Segment::Field(name)) = path.last() else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}

fn yaml(text: &str) -> Option<Value> {
    let mut documents = renga_yaml::read_documents(text.as_bytes(), Flavour::GoYamlV3).ok()?;
    if documents.len() == 1 {
        return documents.pop().filter(|value| value.is_object() || value.is_array());
    }
    Some(Value::Array(documents)).filter(|value| value != &Value::Array(Vec::new()))
}
