//! What turns one merged list into another.

use serde_json::{Map, Value};

use super::{
    DIRECTIVE,
    diff::{self, Options},
    order::{Elements, deduplicated, elements, key_only, merge_value, sort_scalars, sorted_as},
};
use crate::{error::PatchError, gosort, gotext, key::Key, schema::Schema};

/// The parts of a patch that a list gets.
#[derive(Default)]
pub(super) struct ListDiff {
    /// Items to be merged into the list; those of objects to be deleted among them, last.
    pub(super) changes: Vec<Value>,
    /// Scalars to be removed.
    pub(super) deletions: Vec<Value>,
    /// The items in their new order, if there is anything to say.
    pub(super) order: Vec<Value>,
}

pub(super) fn diff(
    original: &[Value],
    modified: &[Value],
    schema: Schema<'_>,
    merge_key: &str,
    options: Options,
) -> Result<ListDiff, PatchError> {
    if original.is_empty() {
        let changes = if options.additions { modified.to_vec() } else { Vec::new() };
        return Ok(ListDiff { changes, ..ListDiff::default() });
    }
    match elements(&[original, modified])? {
        Elements::Objects => {
            let (changes, deletions) = objects(original, modified, schema, merge_key, options)?;
            let mut changes = sorted_as(changes, modified, merge_key, Elements::Objects)?;
            let same_order = is_order_same(original, modified, merge_key)?;
            changes.extend(deletions);
            let ordered = (options.additions && (!changes.is_empty() || !same_order))
                || (options.deletions && !changes.is_empty());
            let order = if ordered {
                modified.iter().map(|item| key_only(item, merge_key)).collect()
            } else {
                Vec::new()
            };
            Ok(ListDiff { changes, deletions: Vec::new(), order })
        }
        Elements::Scalars => {
            let sorted = sort_scalars(original);
            let (changes, deletions) = scalars(&sorted, modified, options)?;
            let changes = sorted_as(changes, modified, merge_key, Elements::Scalars)?;
            // The library has sorted the original in place by now and compares it that way.
            let moved = sorted.iter().map(|(_, item)| item).ne(modified.iter());
            let ordered =
                (options.deletions && !deletions.is_empty()) || (options.additions && moved);
            let order = if ordered { modified.to_vec() } else { Vec::new() };
            Ok(ListDiff { changes, deletions, order })
        }
    }
}

fn is_order_same(
    original: &[Value],
    modified: &[Value],
    merge_key: &str,
) -> Result<bool, PatchError> {
    if original.len() != modified.len() {
        return Ok(false);
    }
    for (old, new) in original.iter().zip(modified) {
        let (old, new) = (merge_value(old, merge_key)?, merge_value(new, merge_key)?);
        if Key::new(old)? != Key::new(new)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Items with what Go prints for their merge key, sorted by that.
fn by_key<'a>(items: &'a [Value], merge_key: &str) -> Result<Vec<(String, &'a Value)>, PatchError> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        keyed.push((gotext::print(merge_value(item, merge_key)?), item));
    }
    gosort::sort(&mut keyed, |(a, _), (b, _)| a <= b);
    Ok(keyed)
}

/// Walks along both lists in the order of their keys; gives changed and deleted items.
fn objects(
    original: &[Value],
    modified: &[Value],
    schema: Schema<'_>,
    merge_key: &str,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let (original, modified) = (by_key(original, merge_key)?, by_key(modified, merge_key)?);
    let (mut old, mut new) = (original.iter().peekable(), modified.iter().peekable());
    let (mut changes, mut deletions) = (Vec::new(), Vec::new());
    loop {
        match (old.peek(), new.peek()) {
            (None, None) => return Ok((changes, deletions)),
            (Some((old_key, old_item)), Some((new_key, new_item))) if old_key == new_key => {
                if let (Value::Object(old_item), Value::Object(new_item)) = (old_item, new_item) {
                    let mut patch = diff::diff(old_item, new_item, schema, options)?;
                    if !patch.is_empty() {
                        let value = new_item.get(merge_key).cloned().unwrap_or(Value::Null);
                        patch.insert(merge_key.to_owned(), value);
                        changes.push(Value::Object(patch));
                    }
                }
                old.next();
                new.next();
            }
            (old_item, Some((new_key, item)))
                if old_item.is_none_or(|(old_key, _)| old_key > new_key) =>
            {
                if options.additions {
                    changes.push((*item).clone());
                }
                new.next();
            }
            (Some((_, item)), _) => {
                if options.deletions {
                    deletions.push(deletion(item, merge_key));
                }
                old.next();
            }
            // The arm before the last takes every new item that has no old one.
            (None, Some(_)) => {
                new.next();
            }
        }
    }
}

fn deletion(item: &Value, merge_key: &str) -> Value {
    let mut map = Map::new();
    let value = item.get(merge_key).cloned().unwrap_or(Value::Null);
    map.insert(merge_key.to_owned(), value);
    map.insert(DIRECTIVE.to_owned(), "delete".into());
    Value::Object(map)
}

/// Scalars that are new and scalars that are gone.
fn scalars(
    original: &[(String, Value)],
    modified: &[Value],
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let modified = sort_scalars(modified);
    let (mut old, mut new) = (original.iter().peekable(), modified.iter().peekable());
    let (mut additions, mut deletions) = (Vec::new(), Vec::new());
    loop {
        match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some((a, _)), Some((b, _))) if a == b => {
                old.next();
                new.next();
            }
            (Some((a, item)), other) if other.is_none_or(|(b, _)| a < b) => {
                if options.deletions {
                    deletions.push(item.clone());
                }
                old.next();
            }
            (_, Some((_, item))) => {
                if options.additions {
                    additions.push(item.clone());
                }
                new.next();
            }
            // The arm before takes every old item that has no new one.
            (Some(_), None) => {
                old.next();
            }
        }
    }
    Ok((additions, deduplicated(deletions)?))
}
