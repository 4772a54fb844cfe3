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
