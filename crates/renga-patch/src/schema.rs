//! What is known of the fields of a kind: how patches change them, what list items are known by.

use serde_json::Value;

use crate::table::{self, Item, Shape};

/// A place in the schema of a kind: the kind itself, one of its fields, an item of a list.
///
/// Cheap to copy. Comes from the built-in table ([`Schema::builtin`]) or from a structural schema
/// that the caller has ([`Schema::structural`]).
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a>(Node<'a>);

#[derive(Clone, Copy, Debug)]
enum Node<'a> {
    Builtin(Shape),
    /// An object of a CRD's `openAPIV3Schema`.
    Structural(&'a Value),
}

/// What a schema says of one field.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// The schema of the field's value.
    pub value: Schema<'a>,
    /// The schema of its items, if it is a list; of its values, if it is a map.
    pub item: Schema<'a>,
    /// Whether patches merge the list instead of replacing it.
    pub merge: bool,
    /// Whether patches replace the object instead of merging it.
    pub replace: bool,
    /// Whether patches name the fields that shall stay (`$retainKeys`).
    pub retain_keys: bool,
    /// The key by which a strategic merge patch knows the items of the list.
    pub merge_key: Option<&'a str>,
    /// What server-side apply takes the list for.
    pub list: ListKind<'a>,
}

/// What a list is, by its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListKind<'a> {
    /// Items are objects known by the values of these keys.
    Map(Vec<&'a str>),
    /// Items are scalars, each at most once.
    Set,
    /// The list is one value.
    Atomic,
    /// The schema does not say.
    Unknown,
}

impl<'a> Schema<'a> {
    /// The schema of a kind that Kubernetes 1.36 brings along and that takes strategic merge
    /// patches; nothing for custom resources.
    ///
    /// `api_version` is as in manifests, such as `apps/v1`. Versions that are gone or not yet there
    /// are taken for others of their group.
    pub fn builtin(api_version: &str, kind: &str) -> Option<Schema<'static>> {
        let number = table::table().kind(api_version, kind)?;
        Some(Schema(Node::Builtin(Shape::Struct(number))))
    }

    /// The built-in schema of `object`, by its `apiVersion` and `kind`.
    pub fn of(object: &Value) -> Option<Schema<'static>> {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        Schema::builtin(text("apiVersion")?, text("kind")?)
    }

    /// The schema of a custom resource, from `openAPIV3Schema` of a version of its definition.
    ///
    /// It tells keys of lists only: custom resources take no strategic merge patches.
    pub fn structural(schema: &'a Value) -> Self {
        Self(Node::Structural(schema))
    }

    /// The schema of anything at all, of which nothing is known.
    pub fn free() -> Schema<'static> {
        Schema(Node::Builtin(Shape::Any))
    }

    /// The field `key` of an object; nothing if the schema has no such field.
    pub fn field(self, key: &str) -> Option<Field<'a>> {
        match self.0 {
            Node::Builtin(Shape::Struct(number)) => {
                let entry = table::table().field(number, key)?;
                let item = match entry.shape {
                    Shape::List(item) | Shape::Map(item) => item.shape(),
                    // As kubectl has it, a field that is no list is its own item.
                    other => other,
                };
                Some(Field {
                    value: Schema(Node::Builtin(entry.shape)),
                    item: Schema(Node::Builtin(item)),
                    merge: entry.merge,
                    replace: entry.replace,
                    retain_keys: entry.retain_keys,
                    merge_key: entry.merge_key,
                    list: match entry.list_type {
                        _ if !entry.map_keys.is_empty() => ListKind::Map(entry.map_keys.clone()),
                        Some("set") => ListKind::Set,
                        Some("atomic") => ListKind::Atomic,
                        _ if entry.merge => match entry.merge_key {
                            Some(key) => ListKind::Map(vec![key]),
                            None => ListKind::Set,
                        },
                        _ => ListKind::Unknown,
                    },
                })
            }
            Node::Builtin(Shape::Map(item)) => Some(Field::plain(item_schema(item))),
            Node::Builtin(Shape::Any) => Some(Field::plain(Schema::free())),
            Node::Builtin(_) => None,
            Node::Structural(schema) => structural_field(schema, key),
        }
    }

    /// The schema of the values of a map, or of the items of a list; anything for others.
    #[must_use]
    pub fn items(self) -> Schema<'a> {
        match self.0 {
            Node::Builtin(Shape::List(item) | Shape::Map(item)) => item_schema(item),
            Node::Builtin(_) => Schema::free(),
            Node::Structural(schema) => schema
                .get("items")
                .or_else(|| schema.get("additionalProperties"))
                .filter(|items| items.is_object())
                .map_or(Schema(Node::Builtin(Shape::Any)), |items| Schema(Node::Structural(items))),
        }
    }

    /// The field as a strategic merge patch looks it up: only structs have fields that are known.
    pub(crate) fn patch_field(self, key: &str) -> Option<Field<'a>> {
        match self.0 {
            Node::Builtin(Shape::Map(_) | Shape::List(_) | Shape::Scalar) => None,
            _ => self.field(key),
        }
    }

    /// What the library calls the schema in its messages.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Node::Builtin(Shape::Struct(_) | Shape::Map(_)) => "object",
            Node::Builtin(Shape::List(_)) => "array",
            Node::Builtin(Shape::Scalar) => "string",
            Node::Builtin(Shape::Any) | Node::Structural(_) => "Struct",
        }
    }
}

impl<'a> Field<'a> {
    fn plain(value: Schema<'a>) -> Self {
        Self {
            value,
            item: value.items(),
            merge: false,
            replace: false,
            retain_keys: false,
            merge_key: None,
            list: ListKind::Unknown,
        }
    }
}

fn item_schema(item: Item) -> Schema<'static> {
    Schema(Node::Builtin(item.shape()))
}

fn structural_field<'a>(schema: &'a Value, key: &str) -> Option<Field<'a>> {
    let known = schema.get("properties").and_then(|properties| properties.get(key));
    let Some(value) = known.or_else(|| schema.get("additionalProperties")) else {
        let free = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
        return free.then(|| Field::plain(Schema::free()));
    };
    if !value.is_object() {
        return Some(Field::plain(Schema::free()));
    }
    let keys = || {
        let keys = value.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
        keys.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let list = match value.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => ListKind::Map(keys()),
        Some("set") => ListKind::Set,
        Some("atomic") => ListKind::Atomic,
        _ => ListKind::Unknown,
    };
    Some(Field { list, ..Field::plain(Schema::structural(value)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_built_in_kinds_are_known_by_their_keys() {
        let pod = Schema::builtin("v1", "Pod").unwrap().field("spec").unwrap().value;
        let containers = pod.field("containers").unwrap();
        assert_eq!(containers.list, ListKind::Map(vec!["name"]));
        assert!(containers.merge);
        let ports = containers.item.field("ports").unwrap();
        assert_eq!(ports.list, ListKind::Map(vec!["containerPort", "protocol"]));
        assert_eq!(ports.merge_key, Some("containerPort"));
        assert_eq!(containers.item.field("args").unwrap().list, ListKind::Atomic);
        assert!(pod.field("volumes").unwrap().retain_keys);
        assert!(pod.field("container").is_none());
        let meta = Schema::builtin("v1", "Pod").unwrap().field("metadata").unwrap().value;
        assert_eq!(meta.field("finalizers").unwrap().list, ListKind::Set);
        assert!(Schema::builtin("example.com/v1", "Pod").is_none());
    }

    #[test]
    fn structural_schemas_name_their_keys() {
        let schema = json!({"properties": {
            "rules": {"type": "array", "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["host", "port"],
                "items": {"properties": {"tags": {"x-kubernetes-list-type": "set"}}}},
            "labels": {"additionalProperties": {"type": "string"}},
            "free": {"x-kubernetes-preserve-unknown-fields": true},
        }});
        let schema = Schema::structural(&schema);
        let rules = schema.field("rules").unwrap();
        assert_eq!(rules.list, ListKind::Map(vec!["host", "port"]));
        assert_eq!(rules.item.field("tags").unwrap().list, ListKind::Set);
        assert!(schema.field("labels").unwrap().value.field("anything").is_some());
        assert!(schema.field("free").unwrap().value.field("anything").is_some());
        assert!(schema.field("nothing").is_none());
    }
}
