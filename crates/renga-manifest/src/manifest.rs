//! One Kubernetes object.

use serde_json::{Map, Value};

use crate::schema::{SchemaError, verify};

/// A Kubernetes object: an object with string `apiVersion` and `kind`, and `metadata`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest(Value);

/// A manifest and where in the evaluated data it was found, such as `.app.deployments[0]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// The path, with a leading dot.
    pub path: String,
    /// The object found there.
    pub manifest: Manifest,
}

impl Manifest {
    /// Takes `value` as a manifest found at `path`.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] naming each field that is missing or of a wrong type.
    pub fn new(value: Value, path: &str) -> Result<Self, SchemaError> {
        verify(&value, path)?;
        Ok(Self(value))
    }

    /// Takes a value that [`verify`] has seen.
    pub(crate) fn verified(value: Value) -> Self {
        Self(value)
    }

    /// The object as data.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Gives the object back as data.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.0.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// `apiVersion`.
    pub fn api_version(&self) -> &str {
        self.0.get("apiVersion").and_then(Value::as_str).unwrap_or_default()
    }

    /// `metadata.name`, empty where there is none.
    pub fn name(&self) -> &str {
        self.metadata_str("name")
    }

    /// `metadata.generateName`, empty where there is none.
    pub fn generate_name(&self) -> &str {
        self.metadata_str("generateName")
    }

    /// `metadata.namespace`, empty where there is none.
    pub fn namespace(&self) -> &str {
        self.metadata_str("namespace")
    }

    /// `Kind/name`, what target filters match.
    pub fn kind_name(&self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// The elements of a list object: any object with an array `items` is one, whatever its kind.
    pub(crate) fn items(&self) -> Option<&Vec<Value>> {
        self.0.get("items").and_then(Value::as_array)
    }

    fn metadata_str(&self, key: &str) -> &str {
        self.0.get("metadata").and_then(|m| m.get(key)).and_then(Value::as_str).unwrap_or_default()
    }

    /// `metadata`, made where a list object has none.
    pub(crate) fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        object_entry(object(&mut self.0), "metadata")
    }
}

/// The object under `key`; anything else there gives way to an empty object.
pub(crate) fn object_entry<'a>(
    map: &'a mut Map<String, Value>,
    key: &str,
) -> &'a mut Map<String, Value> {
    object(map.entry(key).or_insert(Value::Null))
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

/// Kinds that live outside of namespaces, as far as Tanka knows: by kind alone, whatever the API
/// group. Others can say so with the annotation `tanka.dev/namespaced: "false"`.
const CLUSTER_WIDE: [&str; 23] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "CustomResourceDefinition",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "NodeMetrics",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "RuntimeClass",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "StorageClass",
    "SubjectAccessReview",
    "TokenReview",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Whether objects of `kind` have no namespace, as far as Tanka knows.
pub fn is_cluster_wide(kind: &str) -> bool {
    CLUSTER_WIDE.binary_search(&kind).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_wide_kinds_are_sorted_for_the_search() {
        assert!(CLUSTER_WIDE.is_sorted());
        assert!(is_cluster_wide("Namespace"));
        assert!(!is_cluster_wide("IngressClass"), "tk does not know it, so it gets a namespace");
    }
}
