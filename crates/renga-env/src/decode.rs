//! Reading an environment object as Go's `encoding/json` decodes it into a struct.
//!
//! Keys match whatever their letter case, unknown ones are passed over, `null` leaves a field as it
//! is, and the first wrong type is reported in Go's words after all the rest was read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::spec::{Environment, ExpectVersions, Metadata, ResourceDefaults, Spec};

/// Fields of `spec.json` that had another place in old versions of Tanka.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeprecatedField {
    /// The key that is used.
    pub old: &'static str,
    /// The path that should be used.
    pub new: &'static str,
}

impl std::fmt::Display for DeprecatedField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Warning: `{}` is deprecated, use `{}` instead.", self.old, self.new)
    }
}

/// Why an environment object cannot be read. The messages are Tanka's and Go's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum SpecError {
    /// No JSON, or a field of a wrong type.
    #[error("parsing spec.json: {0}")]
    #[diagnostic(
        code(env::spec),
        help(
            "an Environment has `metadata` {{name, labels}} and `spec` {{apiServer, contextNames, namespace, injectLabels, …}}"
        )
    )]
    Invalid(String),
    /// A deprecated field of a wrong type.
    #[error("`{0}` is of type string but should be string")]
    #[diagnostic(
        code(env::deprecated_field),
        help("`{0}` must be a string; better use its new place in the object")
    )]
    Deprecated(&'static str),
}

/// Decodes an environment object and applies the deprecated fields that are still honoured.
pub(crate) fn decode(value: &Value) -> Result<(Environment, Vec<DeprecatedField>), SpecError> {
    let mut environment = Environment::default();
    let mut decoder = Decoder::default();
    decoder.environment(value, &mut environment);
    if let Some(error) = decoder.error {
        return Err(SpecError::Invalid(error));
    }
    let deprecated = apply_deprecated(value, &mut environment)?;
    Ok((environment, deprecated))
}

/// `server` and `team` at the top level, and `namespace`, which Tanka announces but never honours
/// because the default namespace counts as set. Here it is honoured where the spec sets none.
fn apply_deprecated(
    value: &Value,
    environment: &mut Environment,
) -> Result<Vec<DeprecatedField>, SpecError> {
    let mut used = Vec::new();
    let mut take = |old: &'static str, new: &'static str| match value.get(old) {
        None => Ok(None),
        Some(Value::String(text)) => {
            used.push(DeprecatedField { old, new });
            Ok(Some(text.clone()))
        }
        Some(_) => Err(SpecError::Deprecated(old)),
    };
    if !sets_namespace(value)
        && let Some(namespace) = take("namespace", "spec.namespace")?
    {
        environment.spec.namespace = namespace;
    }
    if environment.spec.api_server.is_empty()
        && let Some(server) = take("server", "spec.apiServer")?
    {
        environment.spec.api_server = server;
    }
    if !environment.metadata.labels.contains_key("team")
        && let Some(team) = take("team", "metadata.labels.team")?
    {
        environment.metadata.labels.insert("team".to_owned(), team);
    }
    Ok(used)
}

fn sets_namespace(value: &Value) -> bool {
    let spec = value.as_object().and_then(|map| field(map, "spec"));
    spec.and_then(Value::as_object)
        .and_then(|spec| field(spec, "namespace"))
        .is_some_and(|v| !v.is_null())
}

fn field<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| {
        map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// Decodes field by field, keeping the first type error.
#[derive(Default)]
struct Decoder {
    error: Option<String>,
}

/// A field: the Go struct it is in, and its path from the top.
#[derive(Clone, Copy)]
struct At<'a>(&'static str, &'a str);

impl Decoder {
    fn mistyped(&mut self, value: &Value, at: At<'_>, go_type: &str) {
        let kind = match value {
            Value::Null => return,
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.error.get_or_insert_with(|| match at {
            At("", _) => format!("json: cannot unmarshal {kind} into Go value of type {go_type}"),
            At(owner, path) => {
                format!("json: cannot unmarshal {kind} into Go struct field {owner}.{path} of type {go_type}")
            }
        });
    }

    fn object<'v>(
        &mut self,
        value: &'v Value,
        at: At<'_>,
        go_type: &str,
    ) -> Option<&'v Map<String, Value>> {
        if !value.is_object() {
            self.mistyped(value, at, go_type);
        }
        value.as_object()
    }

    fn string(&mut self, value: &Value, at: At<'_>, target: &mut String) {
        match value {
            Value::String(text) => target.clone_from(text),
            other => self.mistyped(other, at, "string"),
        }
    }

    fn bool(&mut self, value: &Value, at: At<'_>, target: &mut bool) {
        match value {
            Value::Bool(flag) => *target = *flag,
            other => self.mistyped(other, at, "bool"),
        }
    }

    fn strings(&mut self, value: &Value, at: At<'_>, target: &mut Vec<String>) {
        match value {
            Value::Null => target.clear(),
            Value::Array(items) => {
                *target = vec![String::new(); items.len()];
                for (item, slot) in items.iter().zip(target) {
                    self.string(item, at, slot);
                }
            }
            other => self.mistyped(other, at, "[]string"),
        }
    }

    fn string_map(&mut self, value: &Value, at: At<'_>, target: &mut BTreeMap<String, String>) {
        match value {
            Value::Null => target.clear(),
            Value::Object(map) => {
                for (key, item) in map {
                    let mut text = String::new();
                    self.string(item, at, &mut text);
                    target.insert(key.clone(), text);
                }
            }
            other => self.mistyped(other, at, "map[string]string"),
        }
    }

    fn environment(&mut self, value: &Value, target: &mut Environment) {
        let Some(map) = self.object(value, At("", ""), "v1alpha1.Environment") else { return };
        for (key, value) in map {
            match key.to_ascii_lowercase().as_str() {
                "apiversion" => {
                    self.string(value, At("Environment", "apiVersion"), &mut target.api_version);
                }
                "kind" => self.string(value, At("Environment", "kind"), &mut target.kind),
                "metadata" => self.metadata(value, &mut target.metadata),
                "spec" => self.spec(value, &mut target.spec),
                _ => {}
            }
        }
    }

    fn metadata(&mut self, value: &Value, target: &mut Metadata) {
        let at = At("Environment", "metadata");
        let Some(map) = self.object(value, at, "v1alpha1.Metadata") else { return };
        for (key, value) in map {
            match key.to_ascii_lowercase().as_str() {
                "name" => self.string(value, At("Metadata", "metadata.name"), &mut target.name),
                "namespace" => {
                    self.string(value, At("Metadata", "metadata.namespace"), &mut target.namespace);
                }
                "labels" => {
                    self.string_map(value, At("Metadata", "metadata.labels"), &mut target.labels);
                }
                _ => {}
            }
        }
    }

    fn spec(&mut self, value: &Value, target: &mut Spec) {
        let Some(map) = self.object(value, At("Environment", "spec"), "v1alpha1.Spec") else {
            return;
        };
        for (key, value) in map {
            let at = |path| At("Spec", path);
            match key.to_ascii_lowercase().as_str() {
                "apiserver" => self.string(value, at("spec.apiServer"), &mut target.api_server),
                "contextnames" => {
                    self.strings(value, at("spec.contextNames"), &mut target.context_names);
                }
                "namespace" => self.string(value, at("spec.namespace"), &mut target.namespace),
                "diffstrategy" => {
                    self.string(value, at("spec.diffStrategy"), &mut target.diff_strategy);
                }
                "applystrategy" => {
                    self.string(value, at("spec.applyStrategy"), &mut target.apply_strategy);
                }
                "injectlabels" => {
                    self.bool(value, at("spec.injectLabels"), &mut target.inject_labels);
                }
                "tankaenvlabelfromfields" => self.strings(
                    value,
                    at("spec.tankaEnvLabelFromFields"),
                    &mut target.tanka_env_label_from_fields,
                ),
                "resourcedefaults" => self.resource_defaults(value, &mut target.resource_defaults),
                "expectversions" => self.expect_versions(value, &mut target.expect_versions),
                "exportjsonnetimplementation" => self.string(
                    value,
                    at("spec.exportJsonnetImplementation"),
                    &mut target.export_jsonnet_implementation,
                ),
                _ => {}
            }
        }
    }

    fn resource_defaults(&mut self, value: &Value, target: &mut ResourceDefaults) {
        let at = At("Spec", "spec.resourceDefaults");
        let Some(map) = self.object(value, at, "v1alpha1.ResourceDefaults") else { return };
        for (key, value) in map {
            let at = |path| At("ResourceDefaults", path);
            match key.to_ascii_lowercase().as_str() {
                "annotations" => {
                    self.string_map(
                        value,
                        at("spec.resourceDefaults.annotations"),
                        &mut target.annotations,
                    );
                }
                "labels" => {
                    self.string_map(value, at("spec.resourceDefaults.labels"), &mut target.labels);
                }
                _ => {}
            }
        }
    }

    fn expect_versions(&mut self, value: &Value, target: &mut ExpectVersions) {
        let at = At("Spec", "spec.expectVersions");
        let Some(map) = self.object(value, at, "v1alpha1.ExpectVersions") else { return };
        for (key, value) in map {
            if key.eq_ignore_ascii_case("tanka") {
                self.string(
                    value,
                    At("ExpectVersions", "spec.expectVersions.tanka"),
                    &mut target.tanka,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_types_are_told_in_gos_words() {
        // Recorded from tk at Tanka 0.38, Go 1.26.
        for (value, message) in [
            (
                json!({"spec": {"apiServer": 1}}),
                "json: cannot unmarshal number into Go struct field Spec.spec.apiServer of type string",
            ),
            (json!([]), "json: cannot unmarshal array into Go value of type v1alpha1.Environment"),
            (
                json!({"metadata": {"labels": {"a": 1}}}),
                "json: cannot unmarshal number into Go struct field Metadata.metadata.labels of type string",
            ),
            (
                json!({"metadata": {"labels": ["a"]}}),
                "json: cannot unmarshal array into Go struct field Metadata.metadata.labels of type map[string]string",
            ),
            (
                json!({"metadata": 1}),
                "json: cannot unmarshal number into Go struct field Environment.metadata of type v1alpha1.Metadata",
            ),
            (
                json!({"spec": {"contextNames": [1.5, "b"]}, "apiVersion": 7}),
                "json: cannot unmarshal number into Go struct field Spec.spec.contextNames of type string",
            ),
            (
                json!({"spec": {"resourceDefaults": {"annotations": {"a": {}}}}}),
                "json: cannot unmarshal object into Go struct field ResourceDefaults.spec.resourceDefaults.annotations of type string",
            ),
            (
                json!({"spec": {"resourceDefaults": 1}}),
                "json: cannot unmarshal number into Go struct field Spec.spec.resourceDefaults of type v1alpha1.ResourceDefaults",
            ),
        ] {
            assert_eq!(
                decode(&value).unwrap_err(),
                SpecError::Invalid(message.to_owned()),
                "{value}"
            );
        }
    }

    #[test]
    fn keys_match_in_any_letter_case_and_null_changes_nothing() {
        let (environment, deprecated) = decode(
            &json!({"SPEC": {"APISERVER": "x", "namespace": null}, "metadata": null, "more": 1}),
        )
        .unwrap();
        assert_eq!(environment.spec.api_server, "x");
        assert_eq!(environment.spec.namespace, "default");
        assert!(deprecated.is_empty());
        assert_eq!(decode(&Value::Null).unwrap().0, Environment::default());
    }

    #[test]
    fn deprecated_fields_fill_what_is_not_set() {
        let (environment, deprecated) =
            decode(&json!({"server": "s", "team": "t", "namespace": "n", "metadata": {"labels": {"team": "own"}}})).unwrap();
        assert_eq!(environment.spec.api_server, "s");
        assert_eq!(environment.spec.namespace, "n");
        assert_eq!(environment.metadata.labels["team"], "own");
        let olds: Vec<_> = deprecated.iter().map(|field| field.old).collect();
        assert_eq!(olds, ["namespace", "server"]);
        assert_eq!(decode(&json!({"server": 1})).unwrap_err(), SpecError::Deprecated("server"));
    }
}
