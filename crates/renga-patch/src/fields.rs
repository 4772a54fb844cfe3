//! The fields that a manager owns: `fieldsV1` of an entry in `metadata.managedFields`.
//!
//! A set of paths is a tree of path elements; an element may be owned itself, own children, or both.
//! Elements are compared and written in the order of structured-merge-diff 6.3, so that a set that
//! was read is written with the server's own bytes.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::{Map, Number, Value};

use crate::MAX_DEPTH;

/// Why a set of fields cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum FieldsError {
    /// A path element is none.
    #[error("`{text}` is no path element of `fieldsV1`")]
    #[diagnostic(code(patch::path_element))]
    PathElement {
        /// The element as it was found.
        text: String,
    },
    /// The set is no tree of objects.
    #[error("`fieldsV1` is no tree of objects")]
    #[diagnostic(code(patch::fields))]
    NotATree,
    /// The set nests too deeply.
    #[error("`fieldsV1` nests deeper than {MAX_DEPTH} levels")]
    #[diagnostic(code(patch::fields_too_deep))]
    TooDeep,
}

/// One step of a path.
#[derive(Clone, Debug)]
pub enum PathElement {
    /// A field by its name, `f:spec`.
    Field(String),
    /// An item of a list by some of its fields, `k:{"name":"a"}`; sorted by name.
    Key(Vec<(String, Value)>),
    /// An item of a set by its value, `v:"a"`.
    Value(Value),
    /// An item of a list by its position, `i:0`.
    Index(i64),
}

impl PathElement {
    /// Reads an element as it stands in `fieldsV1`; nothing for kinds that are not known.
    fn read(text: &str) -> Result<Option<Self>, FieldsError> {
        let bad = || FieldsError::PathElement { text: text.to_owned() };
        let (kind, rest) = text.split_at_checked(2).ok_or_else(bad)?;
        if !kind.ends_with(':') {
            return Err(bad());
        }
        Ok(Some(match kind {
            "f:" => Self::Field(rest.to_owned()),
            "v:" => Self::Value(serde_json::from_str(rest).map_err(|_| bad())?),
            "k:" => {
                let fields: Map<String, Value> = serde_json::from_str(rest).map_err(|_| bad())?;
                let mut fields: Vec<_> = fields.into_iter().collect();
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                Self::Key(fields)
            }
            "i:" => Self::Index(rest.parse().map_err(|_| bad())?),
            _ => return Ok(None),
        }))
    }

    fn write(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Value(value) => format!("v:{}", renga_gojson::to_string(value)),
            Self::Key(fields) => {
                let map: Map<String, Value> = fields.iter().cloned().collect();
                format!("k:{}", renga_gojson::to_string(&Value::Object(map)))
            }
            Self::Index(index) => format!("i:{index}"),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

impl std::fmt::Display for PathElement {
    /// The element as the API server writes it in messages: `.spec`, `[name="a"]`, `[="a"]`, `[0]`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Value(value) => write!(f, "[={}]", renga_gojson::to_string(value)),
            Self::Key(fields) => {
                f.write_str("[")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{name}={}", renga_gojson::to_string(value))?;
                }
                f.write_str("]")
            }
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl PartialEq for PathElement {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for PathElement {}

impl PartialOrd for PathElement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PathElement {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(a), Self::Field(b)) => a.cmp(b),
            (Self::Key(a), Self::Key(b)) => {
                for ((name_a, value_a), (name_b, value_b)) in a.iter().zip(b) {
                    let order = name_a.cmp(name_b).then_with(|| compare(value_a, value_b));
                    if order.is_ne() {
                        return order;
                    }
                }
                a.len().cmp(&b.len())
            }
            (Self::Value(a), Self::Value(b)) => compare(a, b),
            (Self::Index(a), Self::Index(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// The library's order of values: by type (numbers, texts, flags, lists, objects, null), then value.
fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => a
            .iter()
            .zip(b)
            .map(|(a, b)| compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len())),
        (Value::Object(a), Value::Object(b)) => renga_gojson::to_string(&Value::Object(a.clone()))
            .cmp(&renga_gojson::to_string(&Value::Object(b.clone()))),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn compare_numbers(a: &Number, b: &Number) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
    }
}

/// A set of paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    nodes: BTreeMap<PathElement, FieldNode>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FieldNode {
    /// Whether the path that ends here is in the set.
    owned: bool,
    children: FieldSet,
}

impl FieldSet {
    /// Reads `fieldsV1`; null is the empty set. Elements of kinds that are not known are dropped.
    ///
    /// # Errors
    ///
    /// [`FieldsError`].
    pub fn read(fields: &Value) -> Result<Self, FieldsError> {
        Ok(Self::read_node(fields, 0)?.children)
    }

    fn read_node(fields: &Value, depth: usize) -> Result<FieldNode, FieldsError> {
        if depth > MAX_DEPTH {
            return Err(FieldsError::TooDeep);
        }
        let mut node = FieldNode::default();
        match fields {
            Value::Null => {}
            Value::Object(map) => {
                for (key, value) in map {
                    if key == "." {
                        node.owned = true;
                    } else if let Some(element) = PathElement::read(key)? {
                        let child = Self::read_node(value, depth + 1)?;
                        node.children.nodes.insert(element, child);
                    }
                }
            }
            _ => return Err(FieldsError::NotATree),
        }
        // A leaf owns what it names.
        node.owned |= node.children.is_empty();
        Ok(node)
    }

    /// Writes `fieldsV1`.
    pub fn write(&self) -> Value {
        Value::Object(self.write_map(false))
    }

    fn write_map(&self, owned: bool) -> Map<String, Value> {
        let mut map = Map::new();
        if owned && !self.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (element, node) in &self.nodes {
            map.insert(element.write(), Value::Object(node.children.write_map(node.owned)));
        }
        map
    }

    /// Whether no path is in the set.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds all paths of `other`.
    pub fn union(&mut self, other: &Self) {
        for (element, node) in &other.nodes {
            let own = self.nodes.entry(element.clone()).or_default();
            own.owned |= node.owned;
            own.children.union(&node.children);
        }
    }

    /// Whether exactly this path is in the set.
    pub fn contains(&self, path: &[PathElement]) -> bool {
        self.node(path).is_some_and(|node| node.owned)
    }

    /// Whether this path, a part of it or something below it is in the set.
    pub fn touches(&self, path: &[PathElement]) -> bool {
        let mut set = self;
        for element in path {
            match set.nodes.get(element) {
                Some(node) if node.owned && node.children.is_empty() => return true,
                Some(node) => set = &node.children,
                None => return false,
            }
        }
        true
    }

    fn node(&self, path: &[PathElement]) -> Option<&FieldNode> {
        let (last, parents) = path.split_last()?;
        let mut set = self;
        for element in parents {
            set = &set.nodes.get(element)?.children;
        }
        set.nodes.get(last)
    }

    /// All paths, in order.
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        for (element, node) in &self.nodes {
            prefix.push(element.clone());
            if node.owned {
                paths.push(prefix.clone());
            }
            node.children.collect(prefix, paths);
            prefix.pop();
        }
    }
}

/// A manager that owns fields of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// The subresource it wrote to, empty for the object itself.
    pub subresource: String,
    /// When it last changed its fields, as in the object; empty if that is not said.
    pub time: String,
}

/// Who owns the field at `path`, as `metadata.managedFields` of `live` tell; entries that cannot be
/// read own nothing.
pub fn owners(live: &Value, path: &[PathElement]) -> Vec<Owner> {
    entries(live)
        .iter()
        .filter(|entry| {
            FieldSet::read(entry.get("fieldsV1").unwrap_or(&Value::Null))
                .is_ok_and(|set| set.touches(path))
        })
        .map(|entry| {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            Owner {
                manager: text("manager").to_owned(),
                operation: text("operation").to_owned(),
                subresource: text("subresource").to_owned(),
                time: text("time").to_owned(),
            }
        })
        .collect()
}

/// `metadata.managedFields`.
pub(crate) fn entries(live: &Value) -> &[Value] {
    live.get("metadata")
        .and_then(|metadata| metadata.get("managedFields"))
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Reads a path as the API server writes it in a conflict, such as
/// `.spec.template.spec.containers[name="a"].image`.
///
/// The server does not quote names: one with a dot in it, such as an annotation's, reads as several
/// fields.
///
/// # Errors
///
/// [`FieldsError::PathElement`] with the rest that cannot be read.
pub fn parse_path(text: &str) -> Result<Vec<PathElement>, FieldsError> {
    let mut path = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let bad = || FieldsError::PathElement { text: rest.to_owned() };
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            path.push(PathElement::Field(name[..end].to_owned()));
            rest = &name[end..];
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (element, after) = parse_brackets(inner).ok_or_else(bad)?;
            path.push(element);
            rest = after;
        } else {
            return Err(bad());
        }
    }
    Ok(path)
}

fn parse_brackets(text: &str) -> Option<(PathElement, &str)> {
    if let Some(end) = text.find(']')
        && let Ok(index) = text[..end].parse()
    {
        return Some((PathElement::Index(index), &text[end + 1..]));
    }
    if let Some(value) = text.strip_prefix('=') {
        let (value, rest) = parse_value(value)?;
        return Some((PathElement::Value(value), rest.strip_prefix(']')?));
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = parse_value(after)?;
        fields.push((name.to_owned(), value));
        if let Some(next) = after.strip_prefix(',') {
            rest = next;
        } else {
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            return Some((PathElement::Key(fields), after.strip_prefix(']')?));
        }
    }
}

fn parse_value(text: &str) -> Option<(Value, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn live() -> Value {
        json!({"metadata": {"managedFields": [
            {"manager": "kubectl", "operation": "Apply", "time": "2026-11-21T10:00:00Z",
                "fieldsV1": {"f:spec": {"f:replicas": {}, "f:containers": {
                    "k:{\"name\":\"web\"}": {".": {}, "f:image": {}, "f:ports": {}},
                }}}},
            {"manager": "scaler", "operation": "Update", "subresource": "scale",
                "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            {"manager": "broken", "operation": "Update", "fieldsV1": {"nonsense": {}}},
        ]}})
    }

    #[test]
    fn owners_of_a_field_are_named() {
        let owners_of = |path: &str| -> Vec<String> {
            let path = parse_path(path).unwrap();
            owners(&live(), &path).into_iter().map(|owner| owner.manager).collect()
        };
        assert_eq!(owners_of(".spec.replicas"), ["kubectl", "scaler"]);
        assert_eq!(owners_of(".spec.containers[name=\"web\"].image"), ["kubectl"]);
        assert_eq!(owners_of(".spec.containers[name=\"web\"]"), ["kubectl"]);
        assert_eq!(owners_of(".spec.containers[name=\"web\"].ports[0]"), ["kubectl"]);
        assert_eq!(owners_of(".spec.containers[name=\"log\"].image"), [""; 0]);
        assert_eq!(owners_of(".spec"), ["kubectl", "scaler"]);
        assert_eq!(owners(&live(), &parse_path(".spec.replicas").unwrap())[1].subresource, "scale");
    }

    #[test]
    fn paths_are_written_as_by_the_server() {
        for text in [
            ".spec.containers[name=\"a\"].ports[containerPort=80,protocol=\"TCP\"].name",
            ".metadata.finalizers[=\"x]y\"]",
            ".spec.list[3]",
        ] {
            let path = parse_path(text).unwrap();
            let written: String = path.iter().map(ToString::to_string).collect();
            assert_eq!(written, text);
        }
        for text in ["spec", ".a[", ".a[b]", ".a[b=]", ".a[=\"x\"", ".a[b=1"] {
            assert!(parse_path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sets_that_nest_too_deeply_are_refused() {
        let mut fields = json!({});
        for _ in 0..=MAX_DEPTH {
            fields = json!({"f:a": fields});
        }
        assert_eq!(FieldSet::read(&fields), Err(FieldsError::TooDeep));
        assert_eq!(FieldSet::read(&json!([])), Err(FieldsError::NotATree));
    }

    fn sets() -> impl Strategy<Value = Value> {
        let leaf = Just(json!({}));
        leaf.prop_recursive(4, 20, 4, |inner| {
            proptest::collection::btree_map("f:[abc]|v:[12]|i:[12]|[.]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn unions_have_the_paths_of_both(a in sets(), b in sets()) {
            let (a, b) = (FieldSet::read(&a).unwrap(), FieldSet::read(&b).unwrap());
            let mut both = a.clone();
            both.union(&b);
            let mut paths = a.paths();
            paths.extend(b.paths());
            paths.sort();
            paths.dedup();
            let mut found = both.paths();
            found.sort();
            prop_assert_eq!(found, paths);
            prop_assert_eq!(FieldSet::read(&both.write()).unwrap(), both);
        }
    }
}
