//! Merges a patch into an object, or into another patch.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, Object, RETAIN_KEYS, list_name,
    order::{
        self, Elements, deduplicated, elements, has_directive, interleaved, is_deletion, key_only,
        merge_value, no_merge_key, partition,
    },
};
use crate::{
    error::PatchError,
    gotext,
    key::Key,
    schema::{Field, Schema},
};

/// What a patch is merged into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// An object: directives take effect, and nulls go. Otherwise a patch, which keeps both.
    object: bool,
}

impl Options {
    pub(super) fn objects() -> Self {
        Self { object: true }
    }

    pub(super) fn patches() -> Self {
        Self { object: false }
    }
}

/// Merges `patch` into `original`.
pub(super) fn merge(
    mut original: Object,
    mut patch: Object,
    schema: Schema<'_>,
    options: Options,
) -> Result<Object, PatchError> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => {
                patch.shift_remove(DIRECTIVE);
                Ok(patch)
            }
            Some("delete") => Ok(Map::new()),
            _ => Err(unknown_directive(directive)),
        };
    }
    retain_keys(&mut original, &mut patch, options)?;
    ordered_lists(&mut original, &mut patch, schema, options)?;
    for (key, value) in patch {
        let mut key = key;
        let mut deletes = false;
        if key.starts_with(DELETE_FROM_LIST) {
            if !options.object {
                original.insert(key, value);
                continue;
            }
            key = list_name(&key, DELETE_FROM_LIST).ok_or(PatchError::PrimitiveList)?;
            deletes = true;
        }
        if value.is_null() {
            original.shift_remove(&key);
            if options.object {
                continue;
            }
        }
        let same_type =
            original.get(&key).is_some_and(|old| gotext::go_type(old) == gotext::go_type(&value));
        if !same_type {
            if !deletes {
                replace(&mut original, key, value, options);
            }
            continue;
        }
        let old = original.get_mut(&key).map(std::mem::take).unwrap_or_default();
        let merged = match (old, value) {
            (Value::Object(old), Value::Object(new)) => {
                let field = field(schema, &key)?;
                if field.replace {
                    Value::Object(new)
                } else {
                    Value::Object(merge(old, new, field.value, options)?)
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                let field = field(schema, &key)?;
                Value::Array(lists(old, new, &field, deletes, options)?.0)
            }
            (_, new) => new,
        };
        original.insert(key, merged);
    }
    Ok(original)
}

/// Puts a value of the patch where there was none, or none of its type.
fn replace(original: &mut Object, key: String, mut value: Value, options: Options) {
    if options.object {
        discard_nulls(&mut value);
    }
    match without_directives(value) {
        Some(value) => {
            original.insert(key, value);
        }
        None => {
            original.shift_remove(&key);
        }
    }
}

fn unknown_directive(directive: &Value) -> PatchError {
    let directive = directive.as_str().unwrap_or_else(|| gotext::go_type(directive));
    PatchError::Directive { directive: directive.to_owned() }
}

fn field<'a>(schema: Schema<'a>, key: &str) -> Result<Field<'a>, PatchError> {
    schema.patch_field(key).ok_or_else(|| PatchError::UnknownField { field: key.to_owned() })
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, item| !item.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        _ => {}
    }
}

/// The value without the objects that are directives.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) => {
            if map.contains_key(DIRECTIVE) {
                return None;
            }
            let kept = map
                .into_iter()
                .filter_map(|(key, item)| Some((key, without_directives(item)?)))
                .collect();
            Some(Value::Object(kept))
        }
        Value::Array(items) => {
            Some(Value::Array(items.into_iter().filter_map(without_directives).collect()))
        }
        scalar => Some(scalar),
    }
}

/// Carries out `$retainKeys`, or moves it from one patch to the other.
fn retain_keys(
    original: &mut Object,
    patch: &mut Object,
    options: Options,
) -> Result<(), PatchError> {
    let Some(retained) = patch.shift_remove(RETAIN_KEYS) else {
        return Ok(());
    };
    if !options.object {
        return match original.get(RETAIN_KEYS) {
            Some(other) if *other != retained => Err(PatchError::RetainKeysConflict {
                first: gotext::print(other),
                second: gotext::print(&retained),
            }),
            Some(_) => Ok(()),
            None => {
                original.insert(RETAIN_KEYS.to_owned(), retained);
                Ok(())
            }
        };
    }
    let Value::Array(retained) = retained else {
        return Err(PatchError::RetainKeys);
    };
    let keys: HashSet<&str> = retained.iter().filter_map(Value::as_str).collect();
    let complete = patch.iter().all(|(key, value)| {
        value.is_null()
            || key.starts_with(DELETE_FROM_LIST)
            || key.starts_with(ELEMENT_ORDER)
            || keys.contains(key.as_str())
    });
    if !complete {
        return Err(PatchError::RetainKeys);
    }
    original.retain(|key, _| keys.contains(key.as_str()));
    Ok(())
}

/// Merges the lists that come with an order, and takes them out of the patch.
fn ordered_lists(
    original: &mut Object,
    patch: &mut Object,
    schema: Schema<'_>,
    options: Options,
) -> Result<(), PatchError> {
    let directives: Vec<String> =
        patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
    for directive in directives {
        let Some(order) = patch.shift_remove(&directive) else {
            continue;
        };
        if !options.object {
            match original.get(&directive) {
                Some(other) if *other != order => return Err(PatchError::SetElementOrder),
                Some(_) => {}
                None => {
                    original.insert(directive.clone(), order.clone());
                }
            }
        }
        let order = list(order)?;
        let key = list_name(&directive, ELEMENT_ORDER).ok_or(PatchError::SetElementOrder)?;
        let old = original.get(&key).map(as_list).transpose()?;
        let new = patch.get(&key).map(as_list).transpose()?;
        let field = field(schema, &key)?;
        let merge_key = field.merge_key.unwrap_or_default();
        check_order(new.unwrap_or_default(), &order, merge_key)?;
        let elements = elements(&[old.unwrap_or_default(), new.unwrap_or_default()]);
        let (merged, server_order) = match (old.is_some(), new.is_some()) {
            (false, false) => continue,
            (true, false) => {
                let old = taken(original, &key);
                (old.clone(), old)
            }
            (false, true) => {
                let new = taken(patch, &key);
                (new.into_iter().filter_map(without_directives).collect(), Vec::new())
            }
            (true, true) => {
                lists(taken(original, &key), taken(patch, &key), &field, false, options)?
            }
        };
        let (in_patch, server_only) = partition(merged, &order, merge_key)?;
        let sorted =
            interleaved(in_patch, server_only, &order, &server_order, merge_key, elements?)?;
        original.insert(key.clone(), Value::Array(sorted));
        patch.shift_remove(&key);
    }
    Ok(())
}

fn list(value: Value) -> Result<Vec<Value>, PatchError> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(not_a_list(&other)),
    }
}

fn as_list(value: &Value) -> Result<&[Value], PatchError> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| not_a_list(value))
}

fn not_a_list(value: &Value) -> PatchError {
    PatchError::WrongType { expected: gotext::SLICE, found: gotext::go_type(value) }
}

fn taken(map: &mut Object, key: &str) -> Vec<Value> {
    match map.get_mut(key) {
        Some(Value::Array(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

/// The items of the patch must stand in the order that comes with them.
fn check_order(items: &[Value], order: &[Value], merge_key: &str) -> Result<(), PatchError> {
    if items.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        if merge_key.is_empty() {
            kept.push(item);
        } else {
            order::object(item)?;
            if !is_deletion(item) {
                kept.push(item);
            }
        }
    }
    let key = |item: &'_ Value| -> Result<String, PatchError> {
        let value = if merge_key.is_empty() { item } else { merge_value(item, merge_key)? };
        Ok(Key::new(value)?.text())
    };
    let mut kept = kept.into_iter().peekable();
    let mut orders = order.iter().peekable();
    while let (Some(item), Some(next)) = (kept.peek(), orders.peek()) {
        if has_directive(item) {
            kept.next();
            continue;
        }
        if key(item)? == key(next)? {
            kept.next();
        }
        orders.next();
    }
    if kept.peek().is_some() {
        let known_by = |list: &[Value]| -> Value {
            list.iter()
                .map(|item| item.get(merge_key).unwrap_or(item))
                .filter(|value| !value.is_object())
                .cloned()
                .collect()
        };
        return Err(PatchError::Order {
            list: gotext::print(&known_by(items)),
            order: gotext::print(&known_by(order)),
        });
    }
    Ok(())
}

/// Merges two lists as their field asks for. The second result is what the library, which works in
/// place, then finds where the first list was: the order of what only the server has.
fn lists(
    original: Vec<Value>,
    patch: Vec<Value>,
    field: &Field<'_>,
    deletes: bool,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    if !field.merge && !deletes {
        return Ok((patch, original));
    }
    if original.is_empty() && patch.is_empty() {
        return Ok((original, Vec::new()));
    }
    let merge_key = field.merge_key.unwrap_or_default();
    match elements(&[&original, &patch])? {
        Elements::Scalars => {
            if deletes && options.object {
                let kept = without(&original, &patch)?;
                return Ok((kept, original));
            }
            let both = deduplicated(original.iter().chain(&patch).cloned().collect())?;
            let (in_patch, server_only) = partition(both, &patch, merge_key)?;
            let sorted = interleaved(
                in_patch,
                server_only,
                &patch,
                &original,
                merge_key,
                Elements::Scalars,
            )?;
            Ok((sorted, original))
        }
        Elements::Objects => {
            if merge_key.is_empty() {
                return Err(PatchError::ListWithoutKey { schema: field.item.name() });
            }
            objects(original, patch, field.item, merge_key, options)
        }
    }
}

fn without(original: &[Value], deletions: &[Value]) -> Result<Vec<Value>, PatchError> {
    let deletions: HashSet<Key<'_>> = deletions.iter().map(Key::new).collect::<Result<_, _>>()?;
    let mut kept = Vec::new();
    for item in original {
        if !deletions.contains(&Key::new(item)?) {
            kept.push(item.clone());
        }
    }
    Ok(kept)
}

fn objects(
    original: Vec<Value>,
    patch: Vec<Value>,
    schema: Schema<'_>,
    merge_key: &str,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let mut items: Vec<Value> = Vec::with_capacity(patch.len());
    let mut deleted: Vec<Value> = Vec::new();
    let mut replaces = false;
    for item in patch {
        let Some(directive) = item.get(DIRECTIVE) else {
            items.push(item);
            continue;
        };
        match directive.as_str() {
            Some("delete") => match item.get(merge_key) {
                Some(value) => deleted.push(value.clone()),
                None => return Err(no_merge_key(&item, merge_key)),
            },
            Some("replace") => replaces = true,
            Some("merge") => return Err(PatchError::MergeDirective),
            _ => return Err(unknown_directive(directive)),
        }
    }
    if replaces {
        let sorted =
            interleaved(Vec::new(), items.clone(), &[], &items, merge_key, Elements::Objects)?;
        let keys = original.iter().map(|item| key_only(item, merge_key)).collect();
        return Ok((sorted, keys));
    }
    let mut place = Place::new(&original, merge_key);
    let mut merged = original;
    if !deleted.is_empty() {
        let keys: HashSet<Key<'_>> = deleted.iter().map(Key::new).collect::<Result<_, _>>()?;
        let mut kept = Vec::with_capacity(merged.len());
        for item in merged {
            let gone = match item.get(merge_key) {
                Some(value) => keys.contains(&Key::new(value)?),
                None => false,
            };
            if !gone {
                kept.push(item);
            }
        }
        merged = kept;
        place.delete(&deleted)?;
    }
    let server_order = place.remaining();
    let patch_order: Vec<Value> = items.iter().map(|item| key_only(item, merge_key)).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, item) in merged.iter().enumerate() {
        if let Some(value) = item.get(merge_key) {
            places.entry(Key::new(value)?.text()).or_insert(index);
        }
    }
    for item in items {
        let value = merge_value(&item, merge_key)?;
        let key = Key::new(value)?.text();
        match (places.get(&key), item) {
            (Some(index), Value::Object(item)) => {
                if let Value::Object(old) = std::mem::take(&mut merged[*index]) {
                    merged[*index] = Value::Object(merge(old, item, schema, options)?);
                }
            }
            (_, item) => {
                place.append(&item);
                places.insert(key, merged.len());
                merged.push(item);
            }
        }
    }
    let (in_patch, server_only) = partition(merged, &patch_order, merge_key)?;
    let sorted = interleaved(
        in_patch,
        server_only,
        &patch_order,
        &server_order,
        merge_key,
        Elements::Objects,
    )?;
    Ok((sorted, place.keys))
}

/// The memory in which Go keeps the original list while it is changed in place: what is deleted moves
/// the rest up and leaves the last items standing, what is appended overwrites them.
struct Place<'a> {
    keys: Vec<Value>,
    length: usize,
    merge_key: &'a str,
}

impl<'a> Place<'a> {
    fn new(list: &[Value], merge_key: &'a str) -> Self {
        let keys: Vec<Value> = list.iter().map(|item| key_only(item, merge_key)).collect();
        Self { length: keys.len(), keys, merge_key }
    }

    fn delete(&mut self, values: &[Value]) -> Result<(), PatchError> {
        for value in values {
            let wanted = Key::new(value)?;
            let mut at = 0;
            while at < self.length {
                if Key::new(&self.keys[at][self.merge_key])? == wanted {
                    let last = self.length - 1;
                    self.keys[at..=last].rotate_left(1);
                    if at < last {
                        self.keys[last] = self.keys[last - 1].clone();
                    }
                    self.length = last;
                } else {
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn remaining(&self) -> Vec<Value> {
        self.keys[..self.length].to_vec()
    }

    fn append(&mut self, item: &Value) {
        if let Some(slot) = self.keys.get_mut(self.length) {
            *slot = key_only(item, self.merge_key);
        }
        self.length += 1;
    }
}
