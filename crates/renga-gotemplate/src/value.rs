//! The values templates work on.
//!
//! A [`Value`] is what a Go `interface{}` holds: a dynamic type and its content. Maps and lists
//! are references, as in Go: copies of a value share their content, so what `set` writes through
//! one alias every alias sees. Values stay on one thread; templates do not.
//!
//! Invariant: dropping a deeply nested value does not use native stack in proportion to its depth.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::func::Closure;
use crate::object::Object;
use crate::text::GoStr;
use crate::time::{Time, Zone};
use crate::types::{IntKind, Type, UintKind};

/// The content of a Go interface value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The nil interface.
    #[default]
    Nil,
    /// A `bool`.
    Bool(bool),
    /// A signed integer and its type.
    Int(IntKind, i64),
    /// An unsigned integer and its type.
    Uint(UintKind, u64),
    /// A `float64`.
    Float(f64),
    /// A `complex128`: real and imaginary part.
    Complex(f64, f64),
    /// A `string`.
    Str(GoStr),
    /// A `[]byte`.
    Bytes(GoStr),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A function.
    Func(Rc<Closure>),
    /// Something of the host's, with its own fields and methods.
    Object(Rc<dyn Object>),
}

/// A Go slice: a nil one, or a reference to shared items.
#[derive(Clone, Debug)]
pub struct List {
    ty: Type,
    items: Option<Rc<Items>>,
}

/// A Go map: a nil one, or a reference to shared entries.
///
/// Entries are kept in key order, which is the order Go ranges over and prints them in.
#[derive(Clone, Debug)]
pub struct Map {
    ty: Type,
    entries: Option<Rc<Entries>>,
}

#[derive(Debug)]
struct Items(RefCell<Vec<Value>>);

#[derive(Debug)]
struct Entries(RefCell<Table>);

/// The entries of a map, in key order.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<GoStr, Value>);

impl Table {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        self.0.get(key)
    }

    /// The entries, in key order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&GoStr, &Value)> {
        self.0.iter()
    }

    fn into_values(self) -> impl Iterator<Item = Value> {
        self.0.into_values()
    }
}

impl FromIterator<(GoStr, Value)> for Table {
    fn from_iter<I: IntoIterator<Item = (GoStr, Value)>>(entries: I) -> Self {
        Table(entries.into_iter().collect())
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        dismantle(std::mem::take(self.0.get_mut()));
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        let entries = std::mem::take(self.0.get_mut());
        if entries.iter().any(|(_, value)| matches!(value, Value::List(_) | Value::Map(_))) {
            dismantle(entries.into_values().collect());
        }
    }
}

/// Drops values level by level instead of recursively.
fn dismantle(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value {
            Value::List(List { items: Some(items), .. }) => {
                if let Ok(mut items) = Rc::try_unwrap(items) {
                    pending.append(items.0.get_mut());
                }
            }
            Value::Map(Map { entries: Some(entries), .. }) => {
                if let Ok(mut entries) = Rc::try_unwrap(entries) {
                    pending.extend(std::mem::take(entries.0.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

impl List {
    /// A slice of the given slice type.
    pub fn new(ty: Type, items: Vec<Value>) -> Self {
        List { ty, items: Some(Rc::new(Items(RefCell::new(items)))) }
    }

    /// The nil slice of the given type.
    pub fn nil(ty: Type) -> Self {
        List { ty, items: None }
    }

    /// The type of the slice.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// The type of the elements.
    pub fn element(&self) -> Type {
        self.ty.element().unwrap_or(Type::Any)
    }

    /// Whether this is the nil slice.
    pub fn is_nil(&self) -> bool {
        self.items.is_none()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.items.as_ref().map_or(0, |items| items.0.borrow().len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items.as_ref()?.0.borrow().get(index).cloned()
    }

    /// Reads the elements in place.
    ///
    /// # Panics
    ///
    /// When `read` writes to the same slice.
    pub fn with<R>(&self, read: impl FnOnce(&[Value]) -> R) -> R {
        match &self.items {
            Some(items) => read(&items.0.borrow()),
            None => read(&[]),
        }
    }

    /// A copy of the elements.
    pub fn to_vec(&self) -> Vec<Value> {
        self.items.as_ref().map_or_else(Vec::new, |items| items.0.borrow().clone())
    }

    /// Replaces all elements; every alias sees it. Nothing happens to a nil slice.
    pub(crate) fn replace(&self, items: Vec<Value>) {
        if let Some(shared) = &self.items {
            *shared.0.borrow_mut() = items;
        }
    }

    /// An address that aliases share.
    pub(crate) fn address(&self) -> usize {
        self.items.as_ref().map_or(0, |items| Rc::as_ptr(items).addr())
    }
}

impl Map {
    /// A map of the given map type; of entries with the same key the last one stays.
    pub fn new(ty: Type, entries: impl IntoIterator<Item = (GoStr, Value)>) -> Self {
        let entries = entries.into_iter().collect();
        Map { ty, entries: Some(Rc::new(Entries(RefCell::new(entries)))) }
    }

    /// An empty `map[string]interface {}`.
    pub fn empty() -> Self {
        Map::new(Type::DICT, [])
    }

    /// The nil map of the given type.
    pub fn nil(ty: Type) -> Self {
        Map { ty, entries: None }
    }

    /// The same entries under another map type with the same element type.
    #[must_use]
    pub fn retyped(&self, ty: Type) -> Self {
        Map { ty, entries: self.entries.clone() }
    }

    /// The type of the map.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// The type of the elements.
    pub fn element(&self) -> Type {
        self.ty.element().unwrap_or(Type::Any)
    }

    /// Whether this is the nil map.
    pub fn is_nil(&self) -> bool {
        self.entries.is_none()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| entries.0.borrow().len())
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.entries.as_ref()?.0.borrow().get(key).cloned()
    }

    /// Whether the key is present.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.entries.as_ref().is_some_and(|entries| entries.0.borrow().get(key).is_some())
    }

    /// Sets a key for every alias; `false` when the map is nil.
    pub fn insert(&self, key: GoStr, value: Value) -> bool {
        let Some(entries) = &self.entries else { return false };
        let old = entries.0.borrow_mut().0.insert(key, value);
        drop(old);
        true
    }

    /// Removes a key for every alias.
    pub fn remove(&self, key: &[u8]) {
        if let Some(entries) = &self.entries {
            let old = entries.0.borrow_mut().0.remove(key);
            drop(old);
        }
    }

    /// A copy of the keys, in order.
    pub fn keys(&self) -> Vec<GoStr> {
        self.entries
            .as_ref()
            .map_or_else(Vec::new, |e| e.0.borrow().iter().map(|(key, _)| key.clone()).collect())
    }

    /// Reads the entries in place.
    ///
    /// # Panics
    ///
    /// When `read` writes to the same map.
    pub fn with<R>(&self, read: impl FnOnce(&Table) -> R) -> R {
        match &self.entries {
            Some(entries) => read(&entries.0.borrow()),
            None => read(&Table::default()),
        }
    }

    /// A copy of the entries, in key order.
    pub fn entries(&self) -> Vec<(GoStr, Value)> {
        self.entries.as_ref().map_or_else(Vec::new, |entries| {
            entries.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        })
    }

    /// Whether both are the same map.
    pub fn is_same(&self, other: &Map) -> bool {
        match (&self.entries, &other.entries) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// An address that aliases share.
    pub(crate) fn address(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| Rc::as_ptr(entries).addr())
    }
}

impl Value {
    /// An `int`.
    pub fn int(value: i64) -> Value {
        Value::Int(IntKind::Int, value)
    }

    /// An `int64`.
    pub fn int64(value: i64) -> Value {
        Value::Int(IntKind::Int64, value)
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(Type::LIST, items))
    }

    /// A `[]string`.
    pub fn strings<S: Into<GoStr>>(items: impl IntoIterator<Item = S>) -> Value {
        let items = items.into_iter().map(|item| Value::Str(item.into())).collect();
        Value::List(List::new(Type::STRINGS, items))
    }

    /// A `map[string]interface {}`.
    pub fn dict<K: Into<GoStr>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        Value::Map(Map::new(Type::DICT, entries))
    }

    /// A `time.Duration`.
    pub fn duration(nanoseconds: i64) -> Value {
        crate::time::object::duration_value(nanoseconds)
    }

    /// A `time.Time`, in seconds since 1970 and nanoseconds, shown in a zone.
    pub fn time(seconds: i64, nanoseconds: u32, zone: Zone) -> Value {
        crate::time::object::time_value(Time::unix(seconds, nanoseconds, zone))
    }

    /// The nanoseconds of a `time.Duration`.
    pub fn as_duration(&self) -> Option<i64> {
        match self {
            Value::Object(object) if object.ty() == crate::time::object::DURATION => {
                object.number()
            }
            _ => None,
        }
    }

    /// The dynamic type; `None` for nil.
    pub fn ty(&self) -> Option<Type> {
        Some(match self {
            Value::Nil => return None,
            Value::Bool(_) => Type::Bool,
            Value::Int(kind, _) => Type::Int(*kind),
            Value::Uint(kind, _) => Type::Uint(*kind),
            Value::Float(_) => Type::Float64,
            Value::Complex(..) => Type::Complex128,
            Value::Str(_) => Type::String,
            Value::Bytes(_) => Type::BYTES,
            Value::List(list) => list.ty(),
            Value::Map(map) => map.ty(),
            Value::Func(closure) => Type::Func(closure.type_name),
            Value::Object(object) => object.ty(),
        })
    }

    /// The name `%T` prints: `<nil>` for nil.
    pub fn type_name(&self) -> String {
        self.ty().map_or_else(|| "<nil>".to_owned(), |ty| ty.to_string())
    }

    /// The name of `reflect.ValueOf(v).Kind()`: `invalid` for nil.
    pub fn kind_name(&self) -> &'static str {
        self.ty().map_or("invalid", Type::kind)
    }

    /// Whether Go templates take the value as true: not the zero value of its type.
    pub fn truth(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(_, value) => *value != 0,
            Value::Uint(_, value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(text) | Value::Bytes(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Func(_) => true,
            Value::Object(object) => object.truth(),
        }
    }

    /// Converts JSON as `encoding/json` decodes into an `interface{}`: every number is a
    /// `float64`.
    pub fn from_json(json: &serde_json::Value) -> Value {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || match json {
            serde_json::Value::Null => Value::Nil,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => {
                Value::Float(number.as_f64().unwrap_or(f64::INFINITY))
            }
            serde_json::Value::String(text) => Value::from(text.as_str()),
            serde_json::Value::Array(items) => {
                Value::list(items.iter().map(Value::from_json).collect())
            }
            serde_json::Value::Object(entries) => Value::dict(
                entries.iter().map(|(key, value)| (key.as_str(), Value::from_json(value))),
            ),
        })
    }

    /// Encodes as Go's `json.Marshal` does: keys sorted, `<`, `>` and `&` escaped.
    ///
    /// # Errors
    ///
    /// Go's text for values JSON cannot hold.
    pub fn encode_json(&self) -> Result<Vec<u8>, String> {
        crate::json::encode(self, crate::json::Style::Html)
    }

    /// Decodes as Go's `json.Unmarshal` does into an `interface{}`.
    ///
    /// # Errors
    ///
    /// Go's text for the first thing wrong.
    pub fn decode_json(text: &[u8]) -> Result<Value, String> {
        crate::json::decode(text)
    }

    /// Appends the value as Go's `%v` writes it.
    pub fn print(&self, out: &mut Vec<u8>) {
        crate::format::print_value(out, self);
    }

    /// Converts to JSON; what JSON cannot hold (functions, objects, NaN) is `None`.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        let text = crate::json::encode(self, crate::json::Style::Raw).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(GoStr::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(GoStr::from(text))
    }
}

impl From<Vec<u8>> for Value {
    fn from(text: Vec<u8>) -> Self {
        Value::Str(GoStr::from(text))
    }
}

impl From<GoStr> for Value {
    fn from(text: GoStr) -> Self {
        Value::Str(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Value};

    #[test]
    fn aliases_see_each_others_writes() {
        let map = Map::empty();
        let alias = Value::Map(map.clone());
        map.insert("a".into(), Value::int(1));
        let Value::Map(alias) = alias else { unreachable!() };
        assert!(alias.contains(b"a"));
        assert!(alias.is_same(&map));
    }

    #[test]
    fn dropping_a_deep_value_does_not_overflow() {
        let mut value = Value::Nil;
        for depth in 0..300_000 {
            value =
                if depth % 2 == 0 { Value::list(vec![value]) } else { Value::dict([("a", value)]) };
        }
        drop(value);
    }
}
