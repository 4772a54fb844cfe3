//! The move from client-side to server-side apply.
//!
//! What kubectl or tk applied from the client's side belongs to a manager of `Update` operations
//! such as `kubectl-client-side-apply`. Server-side apply alone would leave a field there for ever
//! that has left the manifest. So before (or after) the first server-side apply the fields of that
//! manager are moved to the one that applies, in one JSON patch, as `kubectl apply --server-side`
//! does.

use serde_json::{Value, json};

use crate::{
    fields::{FieldSet, FieldsError, PathElement, entries},
    last_applied::LAST_APPLIED,
};

/// The managers that applied the object from the client's side: those of `Update` operations that
/// own the annotation of what was applied last. Sorted, each once.
pub fn client_side_managers(live: &Value) -> Vec<String> {
    let path =
        ["metadata", "annotations", LAST_APPLIED].map(|name| PathElement::Field(name.to_owned()));
    let mut managers: Vec<_> = entries(live)
        .iter()
        .filter(|entry| text(entry, "operation") == "Update")
        .filter(|entry| set(entry).is_ok_and(|set| set.contains(&path)))
        .map(|entry| text(entry, "manager").to_owned())
        .collect();
    managers.sort_unstable();
    managers.dedup();
    managers
}

/// The JSON patch that moves the fields of the managers of [`client_side_managers`] to `manager`;
/// nothing if there is nothing to move.
///
/// It also sets `metadata.resourceVersion` to that of `live`, so that the server refuses it with a
/// conflict (409) when the object has changed meanwhile.
///
/// # Errors
///
/// [`FieldsError`] when the fields of an entry that takes part cannot be read.
pub fn migration_patch(live: &Value, manager: &str) -> Result<Option<Value>, FieldsError> {
    let before = entries(live);
    let mut after = before.to_vec();
    for client in client_side_managers(live) {
        after = moved(after, &client, manager)?;
    }
    if after == before {
        return Ok(None);
    }
    let version = live.get("metadata").and_then(|metadata| metadata.get("resourceVersion"));
    Ok(Some(json!([
        {
            "op": "replace",
            "path": "/metadata/managedFields",
            "value": if after.is_empty() { Value::Null } else { Value::Array(after) },
        },
        {
            "op": "replace",
            "path": "/metadata/resourceVersion",
            "value": version.and_then(Value::as_str).unwrap_or_default(),
        },
    ])))
}

fn moved(mut entries: Vec<Value>, client: &str, manager: &str) -> Result<Vec<Value>, FieldsError> {
    let of_client = |entry: &Value| {
        text(entry, "manager") == client
            && text(entry, "operation") == "Update"
            && text(entry, "subresource").is_empty()
    };
    let target = entries.iter().position(|entry| {
        text(entry, "manager") == manager
            && text(entry, "operation") == "Apply"
            && text(entry, "subresource").is_empty()
    });
    let target = if let Some(target) = target {
        target
    } else {
        // The most recent entry comes first; it becomes the one that applies.
        let Some(first) = entries.iter().position(of_client) else {
            return Ok(entries);
        };
        entries[first]["operation"] = "Apply".into();
        entries[first]["manager"] = manager.into();
        first
    };
    let mut fields = set(&entries[target])?;
    let version = text(&entries[target], "apiVersion").to_owned();
    if let Some(same_version) =
        entries.iter().find(|entry| of_client(entry) && text(entry, "apiVersion") == version)
    {
        fields.union(&set(same_version)?);
    }
    entries[target]["fieldsV1"] = fields.write();
    entries.retain(|entry| !of_client(entry));
    Ok(entries)
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn set(entry: &Value) -> Result<FieldSet, FieldsError> {
    FieldSet::read(entry.get("fieldsV1").unwrap_or(&Value::Null))
}
