//! The environment object `tanka.dev/v1alpha1`: its fields, as they are written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The file that makes an environment static.
pub const SPEC_FILE: &str = "spec.json";

/// The API group, which is also the prefix of Tanka's labels and external variables.
pub const API_GROUP: &str = "tanka.dev";

/// An environment without its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// `tanka.dev/v1alpha1` unless the user wrote something else.
    pub api_version: String,
    /// `Environment` unless the user wrote something else.
    pub kind: String,
    /// Name, place and labels.
    pub metadata: Metadata,
    /// Where and how its manifests are applied.
    pub spec: Spec,
}

/// What an environment is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// Of a static environment its folder relative to the root; inline environments choose it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The entrypoint relative to the root, such as `environments/a/main.jsonnet`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// What selectors (`-l`) match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// Where and how an environment's manifests are applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// URL of the API server.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_server: String,
    /// Names of kubeconfig contexts, instead of `api_server`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context_names: Vec<String>,
    /// The namespace of objects that have none; always written.
    pub namespace: String,
    /// How `diff` compares.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff_strategy: String,
    /// How `apply` sends.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub apply_strategy: String,
    /// Whether objects get the label `tanka.dev/environment`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inject_labels: bool,
    /// The fields of the environment that the label is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tanka_env_label_from_fields: Vec<String>,
    /// Labels and annotations for every object; always written.
    pub resource_defaults: ResourceDefaults,
    /// Versions of tools the environment needs; always written.
    pub expect_versions: ExpectVersions,
    /// The Jsonnet implementation that `export` uses.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub export_jsonnet_implementation: String,
}

/// Labels and annotations that objects get where they lack them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResourceDefaults {
    /// Annotations by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Labels by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// Versions of tools an environment needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExpectVersions {
    /// A constraint on the version of Tanka.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tanka: String,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            api_server: String::new(),
            context_names: Vec::new(),
            namespace: "default".to_owned(),
            diff_strategy: String::new(),
            apply_strategy: String::new(),
            inject_labels: false,
            tanka_env_label_from_fields: Vec::new(),
            resource_defaults: ResourceDefaults::default(),
            expect_versions: ExpectVersions::default(),
            export_jsonnet_implementation: String::new(),
        }
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            api_version: "tanka.dev/v1alpha1".to_owned(),
            kind: "Environment".to_owned(),
            metadata: Metadata::default(),
            spec: Spec::default(),
        }
    }
}

impl Environment {
    /// The object as data, fields in the order in which Tanka writes them, empty ones left out.
    pub fn to_value(&self) -> Value {
        // Strings, booleans and maps of strings only: nothing that could fail to serialise.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The object as the text of `spec.json`: indented by two spaces, with a final newline.
    pub fn to_spec_json(&self) -> String {
        ordered_json(&self.to_value(), Some("  ")) + "\n"
    }

    /// The object on one line, as `env list --json` prints it.
    pub fn to_json(&self) -> String {
        ordered_json(&self.to_value(), None)
    }
}

/// JSON with the keys in their own order: of a Go struct that is the order of its fields.
fn ordered_json(value: &Value, indent: Option<&str>) -> String {
    fn write(value: &Value, indent: Option<&str>, depth: usize, out: &mut String) {
        let Value::Object(map) = value else {
            let text = match indent {
                Some(indent) => renga_gojson::to_string_pretty(value, indent),
                None => renga_gojson::to_string(value),
            };
            let new_line = format!("\n{}", indent.unwrap_or_default().repeat(depth));
            out.push_str(&text.replace('\n', &new_line));
            return;
        };
        out.push('{');
        let line = |depth: usize, out: &mut String| {
            if let Some(indent) = indent {
                out.push('\n');
                out.push_str(&indent.repeat(depth));
            }
        };
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            line(depth + 1, out);
            renga_gojson::write_string(key, out);
            out.push_str(if indent.is_some() { ": " } else { ":" });
            write(value, indent, depth + 1, out);
        }
        if !map.is_empty() {
            line(depth, out);
        }
        out.push('}');
    }
    let mut out = String::new();
    write(value, indent, 0, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_is_written_in_the_order_of_the_fields() {
        let mut environment = Environment::default();
        environment.metadata.name = "a<b".to_owned();
        environment.metadata.labels.insert("z".to_owned(), "1".to_owned());
        environment.spec.context_names = vec!["c".to_owned()];
        assert_eq!(
            environment.to_json(),
            r#"{"apiVersion":"tanka.dev/v1alpha1","kind":"Environment","metadata":{"name":"a\u003cb","labels":{"z":"1"}},"spec":{"contextNames":["c"],"namespace":"default","resourceDefaults":{},"expectVersions":{}}}"#
        );
        assert!(
            environment.to_spec_json().contains("    \"contextNames\": [\n      \"c\"\n    ],\n")
        );
    }
}
