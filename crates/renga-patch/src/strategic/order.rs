//! The order of merged lists, and what their items are.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{DIRECTIVE, Object};
use crate::{error::PatchError, gosort, gotext, key::Key};

/// What the items of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    Objects,
    Scalars,
}

/// What the items of all the lists are: they must have one type, and there must be one.
pub(super) fn elements(lists: &[&[Value]]) -> Result<Elements, PatchError> {
    let mut items = lists.iter().copied().flatten();
    let first = items.next().ok_or(PatchError::EmptyLists)?;
    if first.is_array() {
        return Err(PatchError::ListOfLists);
    }
    let mixed = || {
        let types: BTreeSet<&str> = lists.iter().copied().flatten().map(gotext::go_type).collect();
        PatchError::MixedList { types: types.into_iter().collect::<Vec<_>>().join(", ") }
    };
    // The library crashes on a null in the first place.
    if first.is_null() || items.any(|item| gotext::go_type(item) != gotext::go_type(first)) {
        return Err(mixed());
    }
    Ok(if first.is_object() { Elements::Objects } else { Elements::Scalars })
}

/// The item as an object.
pub(super) fn object(item: &Value) -> Result<&Object, PatchError> {
    item.as_object().ok_or_else(|| PatchError::WrongType {
        expected: gotext::MAP,
        found: gotext::go_type(item),
    })
}

/// The value of the merge key of an item.
pub(super) fn merge_value<'a>(item: &'a Value, merge_key: &str) -> Result<&'a Value, PatchError> {
    object(item)?.get(merge_key).ok_or_else(|| no_merge_key(item, merge_key))
}

pub(super) fn no_merge_key(item: &Value, merge_key: &str) -> PatchError {
    let mut fields: Vec<&str> =
        item.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    fields.sort_unstable();
    PatchError::NoMergeKey { fields: format!("[{}]", fields.join(" ")), key: merge_key.to_owned() }
}

/// An object with nothing but the merge key.
pub(super) fn key_only(item: &Value, merge_key: &str) -> Value {
    let mut map = Map::new();
    let value = item.get(merge_key).cloned().unwrap_or(Value::Null);
    map.insert(merge_key.to_owned(), value);
    Value::Object(map)
}

pub(super) fn has_directive(item: &Value) -> bool {
    item.get(DIRECTIVE).is_some()
}

/// Whether the item is to be deleted.
pub(super) fn is_deletion(item: &Value) -> bool {
    item.get(DIRECTIVE).is_some_and(|directive| directive == "delete")
}

/// Where items stand in a list, by their merge key or, for scalars, themselves.
struct Ranks<'a> {
    places: HashMap<Key<'a>, usize>,
    merge_key: &'a str,
    elements: Elements,
}

impl<'a> Ranks<'a> {
    fn new(list: &'a [Value], merge_key: &'a str, elements: Elements) -> Result<Self, PatchError> {
        let mut ranks = Self { places: HashMap::new(), merge_key, elements };
        for (place, item) in list.iter().enumerate() {
            let key = ranks.key(item)?;
            ranks.places.entry(key).or_insert(place);
        }
        Ok(ranks)
    }

    fn key<'b>(&self, item: &'b Value) -> Result<Key<'b>, PatchError> {
        match self.elements {
            // An item without the key counts as one whose key is null.
            Elements::Objects => Key::new(item.get(self.merge_key).unwrap_or(&Value::Null)),
            Elements::Scalars => Key::new(item),
        }
    }

    fn place(&self, item: &Value) -> Result<Option<usize>, PatchError> {
        let key = self.key(item)?;
        Ok(self.places.get(&key).copied())
    }
}

/// Sorts `list` as its items stand in `order`; items to be deleted come last.
pub(super) fn sorted_as(
    list: Vec<Value>,
    order: &[Value],
    merge_key: &str,
    elements: Elements,
) -> Result<Vec<Value>, PatchError> {
    let mut deletions = Vec::new();
    let mut kept = list;
    if elements == Elements::Objects {
        for item in kept.iter().chain(order) {
            merge_value(item, merge_key)?;
        }
        (deletions, kept) = kept.into_iter().partition(is_deletion);
    }
    let ranks = Ranks::new(order, merge_key, elements)?;
    let mut placed = Vec::with_capacity(kept.len());
    for item in kept {
        placed.push((ranks.place(&item)?, item));
    }
    gosort::sort_stable(&mut placed, |(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => a < b,
        _ => true,
    });
    Ok(placed.into_iter().map(|(_, item)| item).chain(deletions).collect())
}

/// Merges what the patch has and what only the server has, each in its own order.
///
/// An item of the server comes before the first item of the patch that the server has after it.
pub(super) fn interleaved(
    patch: Vec<Value>,
    server_only: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    merge_key: &str,
    elements: Elements,
) -> Result<Vec<Value>, PatchError> {
    let patch = sorted_as(patch, patch_order, merge_key, elements)?;
    let server_only = sorted_as(server_only, server_order, merge_key, elements)?;
    let ranks = Ranks::new(server_order, merge_key, elements)?;
    let placed = |list: Vec<Value>| -> Result<Vec<_>, PatchError> {
        list.into_iter().map(|item| Ok((ranks.place(&item)?, item))).collect()
    };
    let mut left = placed(server_only)?.into_iter().peekable();
    let mut right = placed(patch)?.into_iter().peekable();
    let mut all = Vec::with_capacity(left.len() + right.len());
    while let (Some((l, _)), Some((r, _))) = (left.peek(), right.peek()) {
        let left_first = matches!((l, r), (Some(l), Some(r)) if l < r);
        let next = if left_first { left.next() } else { right.next() };
        all.extend(next.map(|(_, item)| item));
    }
    all.extend(left.chain(right).map(|(_, item)| item));
    Ok(all)
}

/// Parts items into those that are in `by` and the others.
pub(super) fn partition(
    items: Vec<Value>,
    by: &[Value],
    merge_key: &str,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let elements = if merge_key.is_empty() { Elements::Scalars } else { Elements::Objects };
    if elements == Elements::Objects {
        for item in &items {
            merge_value(item, merge_key)?;
        }
        for item in by {
            object(item)?;
        }
    }
    let mut present = HashSet::new();
    for item in by {
        let key = match elements {
            Elements::Scalars => Some(item),
            // Other than in an order, an item without the key matches nothing.
            Elements::Objects => item.get(merge_key),
        };
        if let Some(key) = key {
            present.insert(Key::new(key)?);
        }
    }
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for item in items {
        let key = match elements {
            Elements::Scalars => Key::new(&item)?,
            Elements::Objects => Key::new(merge_value(&item, merge_key)?)?,
        };
        if present.contains(&key) {
            inside.push(item);
        } else {
            outside.push(item);
        }
    }
    Ok((inside, outside))
}

/// Sorts scalars by what Go prints for them.
pub(super) fn sort_scalars(list: &[Value]) -> Vec<(String, Value)> {
    let mut printed: Vec<_> = list.iter().map(|item| (gotext::print(item), item.clone())).collect();
    gosort::sort(&mut printed, |(a, _), (b, _)| a <= b);
    printed
}

/// Removes duplicates as the library does: the last item takes the place of one that goes.
pub(super) fn deduplicated(mut list: Vec<Value>) -> Result<Vec<Value>, PatchError> {
    let mut first = HashSet::new();
    let mut at = 0;
    while at < list.len() {
        let key = match &list[at] {
            Value::String(text) => OwnedKey::Text(text.clone()),
            other => OwnedKey::Other(Key::new(other)?.text()),
        };
        // Each item meets all before it, so the first one stays and later ones give way.
        if first.insert(key) {
            at += 1;
        } else {
            list.swap_remove(at);
        }
    }
    Ok(list)
}

#[derive(PartialEq, Eq, Hash)]
enum OwnedKey {
    Text(String),
    Other(String),
}
