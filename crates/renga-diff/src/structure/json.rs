//! The structural difference as data, for other programs.
//!
//! Version 1: `{"version": 1, "objects": [OBJECT], "hidden": {RULE: COUNT}, "masked": COUNT}`. An
//! object has `apiVersion`, `kind`, `namespace` (where it has one), `name`, `fate` (`added`, `removed`,
//! `changed` or `renamed`), `from` (its old identity, where renamed), `object` (where added or removed)
//! and `changes`. A change has `path` (as text), `steps` (names, or `{"index", "name"}` for items) and
//! `edit`: `added` and `removed` with `value`, `changed` with `before` and `after`, `moved` with `to`,
//! `text` with `before`, `after` and `hunks`, `embedded` with `format`, `before`, `after`, `changes`.

use serde_json::{Map, Value, json};

use super::{Change, Comparison, Edit, Fate, ObjectDiff, ObjectId, Segment};

pub(crate) fn comparison(comparison: &Comparison) -> Value {
    json!({
        "version": 1,
        "objects": comparison.objects.iter().map(object).collect::<Vec<_>>(),
        "hidden": comparison.hidden,
        "masked": comparison.masked,
    })
}

fn identity(id: &ObjectId) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("apiVersion".to_owned(), id.api_version().into());
    map.insert("kind".to_owned(), id.kind.clone().into());
    if !id.namespace.is_empty() {
        map.insert("namespace".to_owned(), id.namespace.clone().into());
    }
    map.insert("name".to_owned(), id.name.clone().into());
    map
}

fn object(object: &ObjectDiff) -> Value {
    let mut map = identity(&object.id);
    let fate = match &object.fate {
        Fate::Added(_) => "added",
        Fate::Removed(_) => "removed",
        Fate::Changed => "changed",
        Fate::Renamed(_) => "renamed",
    };
    map.insert("fate".to_owned(), fate.into());
    match &object.fate {
        Fate::Added(value) | Fate::Removed(value) => {
            map.insert("object".to_owned(), value.clone());
        }
        Fate::Renamed(from) => {
            map.insert("from".to_owned(), Value::Object(identity(from)));
        }
        Fate::Changed => {}
    }
    if !object.changes.is_empty() {
        map.insert("changes".to_owned(), changes(&object.changes));
    }
    Value::Object(map)
}

fn changes(list: &[Change]) -> Value {
    list.iter().map(change).collect()
}

fn change(change: &Change) -> Value {
    let steps: Vec<Value> = change
        .path
        .0
        .iter()
        .map(|segment| match segment {
            Segment::Field(name) => name.clone().into(),
            Segment::Item { index, name: None } => json!({"index": index}),
            Segment::Item { index, name: Some(name) } => json!({"index": index, "name": name}),
        })
        .collect();
    let mut value = match &change.edit {
        Edit::Added(value) => json!({"edit": "added", "value": value}),
        Edit::Removed(value) => json!({"edit": "removed", "value": value}),
        Edit::Changed { before, after } => {
            json!({"edit": "changed", "before": before, "after": after})
        }
        Edit::Moved { to } => json!({"edit": "moved", "to": to}),
        Edit::Text { before, after, hunks } => {
            json!({"edit": "text", "before": before, "after": after, "hunks": hunks})
        }
        Edit::Embedded { format, before, after, changes: inner } => json!({
            "edit": "embedded", "format": format.name(), "before": before, "after": after,
            "changes": changes(inner),
        }),
    };
    if let Value::Object(map) = &mut value {
        map.shift_insert(0, "path".to_owned(), change.path.to_string().into());
        map.shift_insert(1, "steps".to_owned(), steps.into());
    }
    value
}
