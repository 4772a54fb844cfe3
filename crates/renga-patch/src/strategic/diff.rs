//! What turns one object into another, as a strategic merge patch.

use serde_json::{Map, Value};

use super::{DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, Object, RETAIN_KEYS, list};
use crate::{
    error::PatchError,
    gotext,
    schema::{Field, Schema},
};

/// Which part of a difference is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) additions: bool,
    pub(super) deletions: bool,
    /// Whether the object at hand names the fields that shall stay.
    pub(super) retain_keys: bool,
}

impl Options {
    pub(super) fn additions() -> Self {
        Self { additions: true, deletions: false, retain_keys: false }
    }

    pub(super) fn deletions() -> Self {
        Self { additions: false, deletions: true, retain_keys: false }
    }
}

/// The patch from `original` to `modified`.
pub(super) fn diff(
    original: &Object,
    modified: &Object,
    schema: Schema<'_>,
    options: Options,
) -> Result<Object, PatchError> {
    let mut patch = Map::new();
    let mut retained = Vec::new();
    for (key, new) in modified {
        if options.retain_keys && !new.is_null() {
            retained.push(key.as_str());
        }
        let Some(old) = original.get(key) else {
            if options.additions {
                patch.insert(key.clone(), new.clone());
            }
            continue;
        };
        if key == DIRECTIVE {
            let (Value::String(old), Value::String(text)) = (old, new) else {
                return Err(PatchError::DirectiveType);
            };
            if old != text {
                patch.insert(key.clone(), new.clone());
            }
            continue;
        }
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                objects(key, old, new, &mut patch, schema, options)?;
            }
            (Value::Array(old), Value::Array(new)) => {
                lists(key, old, new, &mut patch, schema, options)?;
            }
            _ => {
                // A number that has become a float is another one even if it is equal.
                let same = gotext::go_type(old) == gotext::go_type(new) && old == new;
                if options.additions && !same {
                    patch.insert(key.clone(), new.clone());
                }
            }
        }
    }
    if options.deletions {
        for key in original.keys() {
            if !modified.contains_key(key) {
                patch.insert(key.clone(), Value::Null);
            }
        }
    }
    if !retained.is_empty() && (!patch.is_empty() || loses_a_field(original, modified)) {
        retained.sort_unstable();
        patch.insert(RETAIN_KEYS.to_owned(), retained.into());
    }
    Ok(patch)
}

fn loses_a_field(original: &Object, modified: &Object) -> bool {
    original.iter().any(|(key, value)| !value.is_null() && !modified.contains_key(key))
}

fn field<'a>(schema: Schema<'a>, key: &str) -> Result<Field<'a>, PatchError> {
    schema.patch_field(key).ok_or_else(|| PatchError::UnknownField { field: key.to_owned() })
}

fn objects(
    key: &str,
    original: &Object,
    modified: &Object,
    patch: &mut Object,
    schema: Schema<'_>,
    options: Options,
) -> Result<(), PatchError> {
    let field = match field(schema, key) {
        Ok(field) => field,
        // What is equal needs no schema.
        Err(_) if original == modified => return Ok(()),
        Err(error) => return Err(error),
    };
    if field.replace {
        if options.additions {
            patch.insert(key.to_owned(), Value::Object(modified.clone()));
        }
        return Ok(());
    }
    let options = Options { retain_keys: field.retain_keys, ..options };
    let inner = diff(original, modified, field.value, options)?;
    if !inner.is_empty() {
        patch.insert(key.to_owned(), Value::Object(inner));
    }
    Ok(())
}

fn lists(
    key: &str,
    original: &[Value],
    modified: &[Value],
    patch: &mut Object,
    schema: Schema<'_>,
    options: Options,
) -> Result<(), PatchError> {
    let field = match field(schema, key) {
        Ok(field) => field,
        Err(_) if original == modified => return Ok(()),
        Err(error) => return Err(error),
    };
    if !field.merge {
        if options.additions && original != modified {
            patch.insert(key.to_owned(), modified.into());
        }
        return Ok(());
    }
    let options = Options { retain_keys: field.retain_keys, ..options };
    let merge_key = field.merge_key.unwrap_or_default();
    let difference = list::diff(original, modified, field.item, merge_key, options)?;
    let mut insert = |key: String, list: Vec<Value>| {
        if !list.is_empty() {
            patch.insert(key, Value::Array(list));
        }
    };
    insert(key.to_owned(), difference.changes);
    insert(format!("{DELETE_FROM_LIST}/{key}"), difference.deletions);
    insert(format!("{ELEMENT_ORDER}/{key}"), difference.order);
    Ok(())
}
