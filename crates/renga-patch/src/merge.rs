//! JSON merge patches: for custom resources, whose lists are replaced as a whole.

use serde_json::{Map, Value};

use crate::{error::PatchError, number, patch::check_depth};

/// Applies a JSON merge patch (RFC 7386) to an object.
///
/// As in the library that kubectl and the API server use, null is also removed from objects inside
/// of lists that the patch adds.
///
/// # Errors
///
/// [`PatchError::TooDeep`].
pub fn apply_merge_patch(target: &Value, patch: &Value) -> Result<Value, PatchError> {
    check_depth([target, patch].into_iter())?;
    let patch = number::decoded(patch);
    Ok(merged(target.clone(), patch))
}

/// The patch of three versions of an object, with kubectl's check that it stays the same object.
pub(crate) fn three_way(
    original: &Map<String, Value>,
    modified: &Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<Map<String, Value>, PatchError> {
    let additions = filtered(difference(current, modified), false);
    let deletions = filtered(difference(original, modified), true);
    if conflict(&additions, &deletions) {
        return Err(PatchError::Conflict);
    }
    let patch = match merged(Value::Object(deletions), Value::Object(additions)) {
        Value::Object(patch) => patch,
        _ => Map::new(),
    };
    let renamed =
        patch.get("metadata").and_then(Value::as_object).is_some_and(|m| m.contains_key("name"));
    if renamed || patch.contains_key("apiVersion") || patch.contains_key("kind") {
        return Err(PatchError::IdentityChanged);
    }
    Ok(patch)
}

/// What turns `from` into `to`, with null for what is gone.
fn difference(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for (key, new) in to {
        match (from.get(key), new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let inner = difference(old, new);
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            (Some(old), new) if old == new => {}
            _ => {
                patch.insert(key.clone(), new.clone());
            }
        }
    }
    for key in from.keys() {
        if !to.contains_key(key) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    patch
}

/// Keeps the nulls only, or all but the nulls.
fn filtered(patch: Map<String, Value>, nulls: bool) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in patch {
        match value {
            Value::Null if nulls => {
                kept.insert(key, Value::Null);
            }
            Value::Null => {}
            // An empty object is a value, an object that becomes empty is no change.
            Value::Object(inner) if inner.is_empty() => {
                if !nulls {
                    kept.insert(key, Value::Object(inner));
                }
            }
            Value::Object(inner) => {
                let inner = filtered(inner, nulls);
                if !inner.is_empty() {
                    kept.insert(key, Value::Object(inner));
                }
            }
            other => {
                if !nulls {
                    kept.insert(key, other);
                }
            }
        }
    }
    kept
}

fn conflict(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    left.iter().any(|(key, left)| match (left, right.get(key)) {
        (_, None) => false,
        (Value::Object(left), Some(Value::Object(right))) => conflict(left, right),
        (left, Some(right)) => left != right,
    })
}

fn merged(target: Value, patch: Value) -> Value {
    match (target, patch) {
        (Value::Object(mut target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.shift_remove(&key);
                    continue;
                }
                match target.get_mut(&key) {
                    Some(place) if !place.is_null() => {
                        *place = merged(std::mem::take(place), value);
                    }
                    _ => {
                        target.insert(key, without_nulls(value));
                    }
                }
            }
            Value::Object(target)
        }
        // An object gives way to a list as it is.
        (Value::Object(_), patch) => patch,
        (_, patch) => without_nulls(patch),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(_, item)| !item.is_null())
                .map(|(key, item)| (key, without_nulls(item)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        scalar => scalar,
    }
}
