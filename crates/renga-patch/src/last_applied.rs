//! The annotation in which kubectl remembers what it applied.

use serde_json::{Map, Value};

/// The annotation's name.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Why what was applied last is unknown although the annotation is there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LastAppliedError {
    /// The annotation holds no JSON object.
    #[error("annotation `{LAST_APPLIED}` holds no JSON object")]
    #[diagnostic(
        code(patch::last_applied),
        help(
            "something else than kubectl or renga wrote it; remove the annotation and apply again"
        )
    )]
    NotAnObject,
}

/// What was applied to `live` the last time; nothing if it was not applied from the client's side.
///
/// # Errors
///
/// [`LastAppliedError`]; the text stays unsaid, it may be a Secret's.
pub fn last_applied(live: &Value) -> Result<Option<Value>, LastAppliedError> {
    let Some(text) = annotation(live) else {
        return Ok(None);
    };
    // kubectl takes an empty annotation for none.
    if text.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        _ => Err(LastAppliedError::NotAnObject),
    }
}

fn annotation(object: &Value) -> Option<&str> {
    object.get("metadata")?.get("annotations")?.get(LAST_APPLIED)?.as_str()
}

/// The annotation's value for `manifest`, byte for byte as kubectl writes it.
///
/// JSON on one line with sorted keys, HTML characters escaped, a newline at the end; the manifest
/// is written without the annotation itself, and with `annotations` even where they are empty.
pub fn last_applied_value(manifest: &Value) -> String {
    let mut text = renga_gojson::to_string(&without_last_applied(manifest));
    text.push('\n');
    text
}

/// The manifest without the annotation: what `kubectl diff` patches with.
pub fn without_last_applied(manifest: &Value) -> Value {
    let mut object = manifest.clone();
    if let Some(annotations) = annotations(&mut object) {
        annotations.shift_remove(LAST_APPLIED);
    }
    object
}

/// The manifest with the annotation: what `kubectl apply` creates or patches with.
///
/// Nothing is added to what is no object.
pub fn with_last_applied(manifest: &Value) -> Value {
    let value = last_applied_value(manifest);
    let mut object = manifest.clone();
    if let Some(annotations) = annotations(&mut object) {
        annotations.insert(LAST_APPLIED.to_owned(), value.into());
    }
    object
}

fn annotations(object: &mut Value) -> Option<&mut Map<String, Value>> {
    let metadata = child(object.as_object_mut()?, "metadata");
    Some(child(metadata.as_object_mut()?, "annotations")).and_then(Value::as_object_mut)
}

/// The object under `key`, made where there is none.
fn child<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Value {
    let value = map.entry(key).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value
}

/// Removes null from objects and from the objects in lists, as kubectl does before it creates.
///
/// A patch with null creates nothing, so without this an object would have fields after its
/// creation that an update would take away.
pub fn prune_nulls(object: &mut Value) {
    match object {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(prune_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_value_is_kubectls() {
        let manifest = json!({
            "kind": "ConfigMap", "apiVersion": "v1",
            "metadata": {"name": "a", "annotations": {LAST_APPLIED: "old"}},
            "data": {"k": "<a & b>"},
        });
        assert_eq!(
            last_applied_value(&manifest),
            "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"\\u003ca \\u0026 b\\u003e\"},\"kind\":\"ConfigMap\",\
             \"metadata\":{\"annotations\":{},\"name\":\"a\"}}\n"
        );
        let applied = with_last_applied(&manifest);
        assert_eq!(last_applied(&applied).unwrap(), Some(without_last_applied(&manifest)));
    }

    #[test]
    fn what_was_applied_is_an_object_or_an_error() {
        let live = |text: &str| json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
        assert!(last_applied(&json!({})).unwrap().is_none());
        assert!(last_applied(&live("")).unwrap().is_none());
        assert!(last_applied(&live("[1]")).is_err());
        assert!(last_applied(&live("{")).is_err());
    }

    #[test]
    fn nulls_are_pruned_where_a_patch_would_drop_them() {
        let mut object = json!({"a": null, "b": [{"c": null, "d": 1}, null]});
        prune_nulls(&mut object);
        assert_eq!(object, json!({"b": [{"d": 1}, null]}));
    }
}
