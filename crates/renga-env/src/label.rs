//! The value of the label `tanka.dev/environment`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::spec::Environment;

/// The fields that the label is made of where the environment names none.
const DEFAULT_FIELDS: [&str; 2] = [".metadata.name", ".metadata.namespace"];

/// Why the label cannot be made. The outer words are Tanka's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error(
    "failed to get name label: failed to retrieve field values for label: could not get struct value at path: {reason}"
)]
#[diagnostic(
    code(env::label_field),
    help(
        "`{field}` in `spec.tankaEnvLabelFromFields` must name a string, number or boolean of the environment, such as `.metadata.labels.team`"
    )
)]
pub struct LabelError {
    field: String,
    reason: &'static str,
}

impl renga_diag::Report for LabelError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

impl Environment {
    /// The first 48 hex digits of the SHA-256 of the chosen fields, joined with `:`.
    ///
    /// # Errors
    ///
    /// [`LabelError`] for a field that is not there or is no plain value.
    pub fn label(&self) -> Result<String, LabelError> {
        let fields = &self.spec.tanka_env_label_from_fields;
        let all = self.all_fields();
        let parts: Vec<String> = if fields.is_empty() {
            DEFAULT_FIELDS.iter().map(|field| field_text(&all, field)).collect::<Result<_, _>>()?
        } else {
            fields.iter().map(|field| field_text(&all, field)).collect::<Result<_, _>>()?
        };
        let hash = Sha256::digest(parts.join(":"));
        let mut label = String::with_capacity(48);
        for byte in &hash[..24] {
            // Writing to a string cannot fail.
            let _ = write!(label, "{byte:02x}");
        }
        Ok(label)
    }

    /// Every field, also those that are left out when empty.
    fn all_fields(&self) -> Value {
        let (metadata, spec) = (&self.metadata, &self.spec);
        json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": { "name": metadata.name, "namespace": metadata.namespace, "labels": metadata.labels },
            "spec": {
                "apiServer": spec.api_server,
                "contextNames": spec.context_names,
                "namespace": spec.namespace,
                "diffStrategy": spec.diff_strategy,
                "applyStrategy": spec.apply_strategy,
                "injectLabels": spec.inject_labels,
                "tankaEnvLabelFromFields": spec.tanka_env_label_from_fields,
                "resourceDefaults": {
                    "annotations": spec.resource_defaults.annotations,
                    "labels": spec.resource_defaults.labels,
                },
                "expectVersions": { "tanka": spec.expect_versions.tanka },
                "exportJsonnetImplementation": spec.export_jsonnet_implementation,
            },
        })
    }
}

fn field_text(all: &Value, field: &str) -> Result<String, LabelError> {
    let error = |reason| LabelError { field: field.to_owned(), reason };
    let mut value = all;
    let mut rest = field.strip_prefix('.').unwrap_or(field);
    loop {
        let Value::Object(map) = value else {
            return Err(error("intermediary objects must be object types"));
        };
        // A label's key may hold dots itself, so the whole rest is tried first.
        if let Some(found) = map.get(rest) {
            value = found;
            break;
        }
        let (key, after) = rest.split_once('.').ok_or_else(|| error("no such field"))?;
        value = map.get(key).ok_or_else(|| error("no such field"))?;
        rest = after;
    }
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(error("unsupported value type")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(fields: &[&str]) -> Environment {
        let mut environment = Environment::default();
        environment.metadata.name = "environments/a".to_owned();
        environment.metadata.namespace = "environments/a/main.jsonnet".to_owned();
        environment.metadata.labels.insert("example.com/team".to_owned(), "x".to_owned());
        environment.spec.tanka_env_label_from_fields =
            fields.iter().map(|&f| f.to_owned()).collect();
        environment
    }

    #[test]
    fn the_label_hashes_name_and_namespace_by_default() {
        let default = environment(&[]).label().unwrap();
        assert_eq!(default.len(), 48);
        assert_eq!(
            default,
            environment(&[".metadata.name", "metadata.namespace"]).label().unwrap()
        );
        assert_ne!(default, environment(&[".metadata.name"]).label().unwrap());
    }

    #[test]
    fn fields_of_labels_and_flags_count_and_wrong_ones_are_errors() {
        assert!(
            environment(&[".metadata.labels.example.com/team", ".spec.injectLabels"])
                .label()
                .is_ok()
        );
        for (field, reason) in [
            (".nope", "no such field"),
            (".metadata.labels", "unsupported value type"),
            (".metadata.name.x", "intermediary objects must be object types"),
        ] {
            assert_eq!(environment(&[field]).label().unwrap_err().reason, reason, "{field}");
        }
    }
}
