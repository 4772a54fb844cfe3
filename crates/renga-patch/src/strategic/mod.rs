//! Strategic merge patches: made of three versions of an object, and applied to one.
//!
//! Follows `strategicpatch` of k8s.io/apimachinery 0.36.3 step by step, with what it does on odd
//! input: the order of results is part of what the server gets. Lists are worked on with hash tables
//! where the library searches, so that lists of many thousand items stay cheap.

mod diff;
mod list;
mod merge;
mod order;

use serde_json::{Map, Value};

use crate::{error::PatchError, number, patch::check_depth, schema::Schema};

/// In an object of a patch: replace or delete the object instead of merging it.
const DIRECTIVE: &str = "$patch";
/// Prefix of the list of scalars to be removed from the list named after the slash.
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
/// The fields that shall stay; all others are removed.
const RETAIN_KEYS: &str = "$retainKeys";
/// Prefix of the order of the list named after the slash.
const ELEMENT_ORDER: &str = "$setElementOrder";

type Object = Map<String, Value>;

/// The patch of three versions of an object whose numbers are decoded.
pub(crate) fn three_way(
    original: &Object,
    modified: &Object,
    current: &Object,
    schema: Schema<'_>,
) -> Result<Object, PatchError> {
    let additions = diff::diff(current, modified, schema, diff::Options::additions())?;
    let deletions = diff::diff(original, modified, schema, diff::Options::deletions())?;
    merge::merge(deletions, additions, schema, merge::Options::patches())
}

/// Applies a strategic merge patch to `target`, as the API server does.
///
/// One thing is not followed: where a list of scalars in `target` has duplicates, the library's
/// order depends on how much memory it had reserved for the list.
///
/// # Errors
///
/// [`PatchError`] where the patch does not fit the object.
pub fn apply_strategic_patch(
    target: &Value,
    patch: &Value,
    schema: Schema<'_>,
) -> Result<Value, PatchError> {
    let (Value::Object(target), Value::Object(patch)) = (target, patch) else {
        return Err(PatchError::NotAnObject);
    };
    check_depth(target.values())?;
    check_depth(patch.values())?;
    let (target, patch) = (number::decoded_map(target), number::decoded_map(patch));
    merge::merge(target, patch, schema, merge::Options::objects()).map(Value::Object)
}

/// The name after the slash of a directive for a list.
fn list_name(key: &str, prefix: &str) -> Option<String> {
    let (found, name) = key.split_once('/')?;
    (found == prefix).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_do_not_tell_values() {
        let object = |env: Value| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "web", "env": env}]}})
        };
        let live = object(json!([{"name": "A", "value": "1"}]));
        for (env, words) in [
            (
                json!([{"value": "hidden"}]),
                "map with [value] does not contain declared merge key: name",
            ),
            (
                json!([{"name": "A", "value": "hidden"}, "hidden"]),
                "list element types are not identical: map[string]interface {}, string",
            ),
        ] {
            let error = crate::three_way(None, &object(env), &live).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn objects_may_be_as_deep_as_allowed() {
        for (version, kind) in [("apps/v1", "ControllerRevision"), ("example.com/v1", "Thing")] {
            let object = |end: i64| {
                let mut deep = json!(end);
                for _ in 0..crate::MAX_DEPTH - 2 {
                    deep = json!({"a": deep});
                }
                json!({"apiVersion": version, "kind": kind, "data": deep})
            };
            let patch = crate::three_way(Some(&object(1)), &object(2), &object(1)).unwrap();
            assert_eq!(patch.apply(&object(1)).unwrap(), object(2));
        }
    }

    #[test]
    fn deep_objects_are_refused() {
        let mut deep = json!(1);
        for _ in 0..crate::MAX_DEPTH {
            deep = json!({"a": deep});
        }
        let object = json!({"apiVersion": "v1", "kind": "Pod", "spec": deep});
        assert_eq!(crate::three_way(None, &object, &json!({})).unwrap_err(), PatchError::TooDeep);
    }
}
