//! From evaluated data to the manifests of an environment: the whole pipeline, in Tanka's order.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::extract::{ExtractError, extract, unwrap_lists};
use crate::filter::Targets;
use crate::manifest::{Manifest, is_cluster_wide, object_entry};
use crate::order::sort;

/// The label that marks an object as one of an environment.
pub const ENVIRONMENT_LABEL: &str = "tanka.dev/environment";

/// The annotation by which an object says whether it gets the environment's namespace: `"true"`
/// forces it, any other value prevents it.
pub const NAMESPACED_ANNOTATION: &str = "tanka.dev/namespaced";

/// What an environment asks for its manifests.
#[derive(Debug, Default)]
pub struct Processing<'a> {
    /// The environment's name, for errors.
    pub environment: &'a str,
    /// The namespace for objects without one; empty for none.
    pub namespace: &'a str,
    /// The value of [`ENVIRONMENT_LABEL`], if it is to be set.
    pub label: Option<&'a str>,
    /// Annotations for objects that do not have them.
    pub annotations: Option<&'a BTreeMap<String, String>>,
    /// Labels for objects that do not have them.
    pub labels: Option<&'a BTreeMap<String, String>>,
    /// Which manifests are wanted.
    pub targets: Option<&'a Targets>,
}

/// Why evaluated data does not become manifests.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ProcessError {
    /// The data holds something that is no manifest.
    #[error("got an error while extracting env `{environment}`")]
    Extract {
        /// The environment.
        environment: String,
        /// What is wrong.
        #[source]
        #[diagnostic_source]
        source: ExtractError,
    },
    /// A list object holds something that is no manifest.
    #[error(transparent)]
    #[diagnostic(transparent)]
    List(ExtractError),
}

impl renga_diag::Report for ProcessError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Finds the manifests in `data`, gives them the environment's defaults, filters and sorts them.
///
/// # Errors
///
/// [`ProcessError`] for the first value that is no manifest.
pub fn process(data: Value, processing: &Processing<'_>) -> Result<Vec<Manifest>, ProcessError> {
    if data.is_null() {
        return Ok(Vec::new());
    }
    let found = extract(data).map_err(|source| ProcessError::Extract {
        environment: processing.environment.to_owned(),
        source,
    })?;
    let found = unwrap_lists(found).map_err(ProcessError::List)?;
    let mut manifests = Vec::with_capacity(found.len());
    for located in found {
        let mut manifest = located.manifest;
        set_namespace(&mut manifest, processing.namespace);
        set_label(&mut manifest, processing.label);
        set_defaults(&mut manifest, "annotations", processing.annotations);
        set_defaults(&mut manifest, "labels", processing.labels);
        if processing.targets.is_none_or(|targets| targets.selects(&manifest)) {
            manifests.push(manifest);
        }
    }
    Ok(sort(manifests))
}

fn set_namespace(manifest: &mut Manifest, namespace: &str) {
    if namespace.is_empty() {
        return;
    }
    let cluster_wide = is_cluster_wide(manifest.kind());
    let metadata = manifest.metadata_mut();
    let annotation = metadata.get("annotations").and_then(|a| a.get(NAMESPACED_ANNOTATION));
    let namespaced = annotation.map_or(!cluster_wide, |value| value == "true");
    if namespaced && !metadata.get("namespace").is_some_and(Value::is_string) {
        metadata.insert("namespace".to_owned(), Value::from(namespace));
    }
    // Tanka drops annotations that are there but empty.
    if metadata.get("annotations").is_some_and(|a| a.as_object().is_none_or(Map::is_empty)) {
        metadata.shift_remove("annotations");
    }
}

fn set_label(manifest: &mut Manifest, label: Option<&str>) {
    if let Some(label) = label {
        let labels = object_entry(manifest.metadata_mut(), "labels");
        labels.insert(ENVIRONMENT_LABEL.to_owned(), Value::from(label));
    }
}

fn set_defaults(manifest: &mut Manifest, field: &str, defaults: Option<&BTreeMap<String, String>>) {
    let Some(defaults) = defaults.filter(|defaults| !defaults.is_empty()) else { return };
    let map = object_entry(manifest.metadata_mut(), field);
    for (key, value) in defaults {
        if !map.contains_key(key) {
            map.insert(key.clone(), Value::from(value.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(metadata: &Value, kind: &str, processing: &Processing<'_>) -> Value {
        let data = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata});
        process(data, processing).unwrap().remove(0).into_value()["metadata"].take()
    }

    #[test]
    fn the_namespace_is_set_where_none_is_and_the_kind_has_one() {
        let to = Processing { namespace: "ns", ..Processing::default() };
        assert_eq!(one(&json!({"name": "a"}), "Pod", &to)["namespace"], "ns");
        assert_eq!(one(&json!({"name": "a", "namespace": ""}), "Pod", &to)["namespace"], "");
        assert_eq!(one(&json!({"name": "a", "namespace": null}), "Pod", &to)["namespace"], "ns");
        assert_eq!(one(&json!({"name": "a"}), "Namespace", &to).get("namespace"), None);
        let forced = json!({"name": "a", "annotations": {"tanka.dev/namespaced": "true"}});
        assert_eq!(one(&forced, "Namespace", &to)["namespace"], "ns");
        let prevented = json!({"name": "a", "annotations": {"tanka.dev/namespaced": "no"}});
        assert_eq!(one(&prevented, "Pod", &to).get("namespace"), None);
        assert_eq!(
            one(&json!({"name": "a"}), "Pod", &Processing::default()).get("namespace"),
            None
        );
    }

    #[test]
    fn empty_annotations_go_empty_labels_stay() {
        let to = Processing { namespace: "ns", ..Processing::default() };
        let metadata = one(&json!({"name": "a", "annotations": {}, "labels": {}}), "Pod", &to);
        assert_eq!(metadata, json!({"name": "a", "labels": {}, "namespace": "ns"}));
    }

    #[test]
    fn defaults_do_not_replace_and_the_label_does() {
        let defaults: BTreeMap<_, _> =
            [("a".to_owned(), "d".to_owned()), ("b".to_owned(), "d".to_owned())].into();
        let to = Processing {
            label: Some("hash"),
            labels: Some(&defaults),
            annotations: Some(&defaults),
            ..Processing::default()
        };
        let labels = json!({"a": "own", "tanka.dev/environment": "old"});
        let metadata = one(&json!({"name": "x", "labels": labels}), "Pod", &to);
        assert_eq!(
            metadata["labels"],
            json!({"a": "own", "tanka.dev/environment": "hash", "b": "d"})
        );
        assert_eq!(metadata["annotations"], json!({"a": "d", "b": "d"}));
    }
}
