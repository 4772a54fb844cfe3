//! The kinds that Kubernetes brings along: how their fields are merged and their items known.
//!
//! `data/builtin.txt` is written by `cargo xtask oracle` from the `OpenAPI` documents that an API server
//! publishes. It begins with a line per kind (`apps/v1 Deployment 14`: version, kind, number of its
//! struct); after an empty line there is a line per struct, in the order of their numbers, with the
//! fields in it separated by spaces. A field is its name and
//!
//! - what it holds: nothing for a scalar, `=7` a struct, `*` anything; `[` a list and `{` a map,
//!   followed by what their items hold;
//! - `~merge`, `~replace`, `~retainKeys` or `~merge+retainKeys`: how a patch changes it;
//! - `!name`: the key by which a strategic merge patch knows its items;
//! - `@port+protocol`: the keys by which server-side apply knows them; `%set` or `%atomic` where it
//!   has another rule for the list.
//!
//! Reading it takes less than a millisecond, once per process.

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

/// What a field or item holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Scalar,
    Struct(usize),
    List(Item),
    Map(Item),
    Any,
}

/// What the items of a list or map hold; lists in lists and the like count as anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Scalar,
    Struct(usize),
    Any,
}

impl Item {
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Scalar => Shape::Scalar,
            Self::Struct(number) => Shape::Struct(number),
            Self::Any => Shape::Any,
        }
    }
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) shape: Shape,
    pub(crate) merge: bool,
    pub(crate) replace: bool,
    pub(crate) retain_keys: bool,
    pub(crate) merge_key: Option<&'static str>,
    pub(crate) map_keys: Vec<&'static str>,
    pub(crate) list_type: Option<&'static str>,
}

/// All kinds and structs.
pub(crate) struct Table {
    kinds: HashMap<(&'static str, &'static str), usize>,
    structs: Vec<BTreeMap<&'static str, Entry>>,
}

const TEXT: &str = include_str!("../data/builtin.txt");

/// The table, read on first use.
pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| read(TEXT))
}

impl Table {
    /// The struct of a kind.
    ///
    /// A version that is not in the table, such as one that newer clusters no longer serve, is taken
    /// for another one of the same group: keys of lists do not change between versions.
    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<usize> {
        if let Some(number) = self.kinds.get(&(api_version, kind)) {
            return Some(*number);
        }
        let (group, version) = api_version.split_once('/')?;
        if !is_version(version) {
            return None;
        }
        let prefix = format!("{group}/");
        self.kinds
            .iter()
            .filter(|((other, name), _)| *name == kind && other.starts_with(&prefix))
            .max_by_key(|((other, _), _)| *other)
            .map(|(_, number)| *number)
    }

    pub(crate) fn field(&self, number: usize, name: &str) -> Option<&Entry> {
        self.structs.get(number)?.get(name)
    }
}

/// `v1`, `v2beta1`: so that a typing error is not taken for a version.
fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    ["alpha", "beta"]
        .iter()
        .find_map(|stage| rest.split_once(stage))
        .map_or_else(|| digits(rest), |(major, minor)| digits(major) && digits(minor))
}

fn read(text: &'static str) -> Table {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut kinds = HashMap::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        if let (Some(version), Some(kind), Some(number)) =
            (words.next(), words.next(), words.next())
            && let Ok(number) = number.parse()
        {
            kinds.insert((version, kind), number);
        }
    }
    let structs = lines.map(|line| line.split(' ').map(read_field).collect()).collect();
    Table { kinds, structs }
}

fn read_field(text: &'static str) -> (&'static str, Entry) {
    const MARKS: [char; 8] = ['=', '[', '{', '*', '~', '!', '@', '%'];
    let end = text.find(MARKS).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let end = rest.find(['~', '!', '@', '%']).unwrap_or(rest.len());
    let (shape, mut rest) = rest.split_at(end);
    let mut entry = Entry {
        shape: read_shape(shape),
        merge: false,
        replace: false,
        retain_keys: false,
        merge_key: None,
        map_keys: Vec::new(),
        list_type: None,
    };
    while !rest.is_empty() {
        let end = rest[1..].find(['~', '!', '@', '%']).map_or(rest.len(), |at| at + 1);
        let (part, next) = rest.split_at(end);
        let words = &part[1..];
        match part.as_bytes()[0] {
            b'~' => {
                for word in words.split('+') {
                    match word {
                        "merge" => entry.merge = true,
                        "replace" => entry.replace = true,
                        _ => entry.retain_keys = true,
                    }
                }
            }
            b'!' => entry.merge_key = Some(words),
            b'@' => entry.map_keys = words.split('+').collect(),
            _ => entry.list_type = Some(words),
        }
        rest = next;
    }
    (name, entry)
}

fn read_shape(text: &str) -> Shape {
    match text.as_bytes().first() {
        None => Shape::Scalar,
        Some(b'=') => text[1..].parse().map_or(Shape::Any, Shape::Struct),
        Some(b'[') => Shape::List(read_item(&text[1..])),
        Some(b'{') => Shape::Map(read_item(&text[1..])),
        Some(_) => Shape::Any,
    }
}

fn read_item(text: &str) -> Item {
    match read_shape(text) {
        Shape::Scalar => Item::Scalar,
        Shape::Struct(number) => Item::Struct(number),
        _ => Item::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_struct_that_is_named_is_there() {
        let table = table();
        assert!(table.kinds.len() > 80);
        let count = table.structs.len();
        for entry in table.structs.iter().flat_map(BTreeMap::values) {
            let number = match entry.shape {
                Shape::Struct(number)
                | Shape::List(Item::Struct(number))
                | Shape::Map(Item::Struct(number)) => number,
                _ => 0,
            };
            assert!(number < count);
        }
        assert!(table.kinds.values().all(|number| *number < count));
    }

    #[test]
    fn other_versions_of_a_kind_are_found_but_not_other_kinds() {
        let table = table();
        assert_eq!(table.kind("apps/v1beta2", "Deployment"), table.kind("apps/v1", "Deployment"));
        assert!(table.kind("apps/v1", "Deployment").is_some());
        assert_eq!(table.kind("apps/latest", "Deployment"), None);
        assert_eq!(table.kind("v2", "Pod"), None);
        assert_eq!(table.kind("apps.example.com/v1", "Deployment"), None);
    }
}
