//! Secrets in what is shown: values give way to marks that tell no more than that they differ.
//!
//! The marks are kubectl's: `***`, and `*** (before)` and `*** (after)` where both sides have the key
//! with different values. kubectl 0.36.3 masks `data` only; here `stringData` and the copy of both in
//! the annotation of what was applied last are masked, too, and so is data that is no map.

use renga_patch::LAST_APPLIED;
use serde_json::{Map, Value};

/// A masked value.
pub(crate) const MASK: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// The fields of a Secret that hold secrets.
pub(crate) const FIELDS: [&str; 2] = ["data", "stringData"];

/// Whether the object is a Secret: version `v1` of that kind in any group, as kubectl has it.
pub fn is_secret(object: &Value) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let version = text("apiVersion");
    text("kind") == "Secret" && version.rsplit('/').next() == Some("v1")
}

/// Masks the secrets of both versions of an object, as `kubectl diff` does.
pub(crate) fn mask(from: Option<&mut Value>, to: Option<&mut Value>) {
    let (mut from, mut to) = (from, to);
    for field in FIELDS {
        mask_maps(
            from.as_mut().and_then(|object| object.get_mut(field)),
            to.as_mut().and_then(|object| object.get_mut(field)),
        );
    }
    let from_applied = from.as_mut().and_then(|object| annotation(object));
    let to_applied = to.as_mut().and_then(|object| annotation(object));
    mask_applied(from_applied, to_applied);
}

fn annotation(object: &mut Value) -> Option<&mut Value> {
    object.get_mut("metadata")?.get_mut("annotations")?.get_mut(LAST_APPLIED)
}

/// Masks what stands in the annotation, as JSON in a string.
fn mask_applied(from: Option<&mut Value>, to: Option<&mut Value>) {
    if from.is_none() && to.is_none() {
        return;
    }
    if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| **from == **to) {
        let mut masked = from.as_ref().map(|text| applied(text));
        mask(masked.as_mut(), None);
        let text = masked.as_ref().map(written);
        for place in [from, to].into_iter().flatten() {
            *place = text.clone().unwrap_or_default();
        }
        return;
    }
    let mut from_object = from.as_ref().map(|text| applied(text));
    let mut to_object = to.as_ref().map(|text| applied(text));
    mask(from_object.as_mut(), to_object.as_mut());
    for (place, object) in [(from, from_object), (to, to_object)] {
        if let (Some(place), Some(object)) = (place, object) {
            *place = written(&object);
        }
    }
}

/// The object in the annotation; what is none is masked as a whole.
fn applied(text: &Value) -> Value {
    text.as_str()
        .and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok())
        .map_or_else(|| MASK.into(), Value::Object)
}

/// The object as the annotation holds it.
fn written(object: &Value) -> Value {
    match object {
        Value::Object(_) => format!("{}\n", renga_gojson::to_string(object)).into(),
        other => other.clone(),
    }
}

fn mask_maps(from: Option<&mut Value>, to: Option<&mut Value>) {
    match (from, to) {
        (Some(Value::Object(from)), Some(Value::Object(to))) => {
            for (key, old) in from.iter_mut() {
                match to.get_mut(key) {
                    Some(new) if new != old => {
                        *old = BEFORE.into();
                        *new = AFTER.into();
                    }
                    Some(new) => {
                        *old = MASK.into();
                        *new = MASK.into();
                    }
                    None => *old = MASK.into(),
                }
            }
            for (key, new) in to.iter_mut() {
                if !from.contains_key(key) {
                    *new = MASK.into();
                }
            }
        }
        (from, to) => {
            let differ = match (&from, &to) {
                (Some(from), Some(to)) => from != to,
                _ => false,
            };
            for (side, mark) in [(from, BEFORE), (to, AFTER)] {
                match side {
                    Some(Value::Object(map)) => {
                        map.values_mut().for_each(|value| *value = MASK.into());
                    }
                    None | Some(Value::Null) => {}
                    Some(value) => *value = if differ { mark.into() } else { MASK.into() },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_a_secret_stays() {
        let applied = |value: &str| {
            let text = json!({"data": {"a": value, "gone": "c2VjcmV0"}}).to_string();
            json!({
                "kind": "Secret", "apiVersion": "v1",
                "metadata": {"annotations": {LAST_APPLIED: text, "other": "kept"}},
                "data": {"a": value, "same": "c2VjcmV0"},
                "stringData": {"b": value},
            })
        };
        let (mut from, mut to) = (applied("c2VjcmV0"), applied("c2VjcmV0Mg=="));
        to["data"]["new"] = "c2VjcmV0".into();
        mask(Some(&mut from), Some(&mut to));
        assert!(!from.to_string().contains("c2Vj"));
        assert!(!to.to_string().contains("c2Vj"));
        assert_eq!(from["data"], json!({"a": "*** (before)", "same": "***"}));
        assert_eq!(to["data"], json!({"a": "*** (after)", "same": "***", "new": "***"}));
        assert_eq!(to["stringData"], json!({"b": "*** (after)"}));
        assert_eq!(
            from["metadata"]["annotations"][LAST_APPLIED],
            "{\"data\":{\"a\":\"*** (before)\",\"gone\":\"***\"}}\n"
        );
        assert_eq!(to["metadata"]["annotations"]["other"], "kept");
    }

    #[test]
    fn secrets_of_odd_shapes_are_masked_as_a_whole() {
        let mut from =
            json!({"data": "secret", "metadata": {"annotations": {LAST_APPLIED: "{secret"}}});
        let mut to = json!({"data": {"a": "secret"}, "stringData": ["secret"]});
        mask(Some(&mut from), Some(&mut to));
        assert!(!from.to_string().contains("secret"));
        assert!(!to.to_string().contains("secret"));
    }

    #[test]
    fn any_group_has_secrets() {
        assert!(is_secret(&json!({"apiVersion": "v1", "kind": "Secret"})));
        assert!(is_secret(&json!({"apiVersion": "example.com/v1", "kind": "Secret"})));
        assert!(!is_secret(&json!({"apiVersion": "v1beta1", "kind": "Secret"})));
        assert!(!is_secret(&json!({"apiVersion": "v1", "kind": "SecretStore"})));
    }
}
