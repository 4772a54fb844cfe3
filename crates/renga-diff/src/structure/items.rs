//! Which items of two lists are the same.
//!
//! In this order: by the keys that the schema names, or else by a field that looks like a name and
//! tells all items apart; by being equal; by `name`; by being much alike; and, where as many are left
//! on both sides, by their place.

use std::collections::{HashMap, HashSet};

use renga_patch::ListKind;
use serde_json::Value;

use super::similar;

/// How alike two items must be to be the same.
const ALIKE: f64 = 0.5;

/// Fields that items are often known by.
const NAMES: [&str; 14] = [
    "name",
    "key",
    "id",
    "uid",
    "alert",
    "record",
    "job_name",
    "host",
    "path",
    "mountPath",
    "port",
    "containerPort",
    "ip",
    "type",
];

/// What belongs together.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// Places in the old and in the new list, by the place in the new one.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Places of items that went.
    pub(crate) removed: Vec<usize>,
    /// Places of items that came.
    pub(crate) added: Vec<usize>,
    /// The fields by which items are known, if they are.
    keys: Vec<String>,
}

impl Matching {
    /// What an item is known by, such as `name=web`.
    pub(crate) fn name(&self, item: &Value) -> Option<String> {
        if self.keys.is_empty() {
            return None;
        }
        let mut parts = Vec::new();
        for key in &self.keys {
            if let Some(value) = item.get(key) {
                parts.push(format!("{key}={}", plain(value)?));
            }
        }
        (!parts.is_empty()).then(|| parts.join(","))
    }

    /// The pairs whose items stand elsewhere among their like: all but a longest row of pairs that
    /// keeps its order. By places in the new list.
    pub(crate) fn moved(&self) -> HashSet<usize> {
        // `ends[n]` is the pair that ends a row of n + 1 pairs and is smallest in the old list.
        let mut ends: Vec<usize> = Vec::new();
        let mut before: Vec<Option<usize>> = vec![None; self.pairs.len()];
        for (index, (old, _)) in self.pairs.iter().enumerate() {
            let row = ends.partition_point(|end| self.pairs[*end].0 < *old);
            before[index] = row.checked_sub(1).map(|shorter| ends[shorter]);
            if row == ends.len() {
                ends.push(index);
            } else {
                ends[row] = index;
            }
        }
        let mut moved: HashSet<usize> = self.pairs.iter().map(|(_, new)| *new).collect();
        let mut at = ends.last().copied();
        while let Some(index) = at {
            moved.remove(&self.pairs[index].1);
            at = before[index];
        }
        moved
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The items that are still without a partner.
struct Open<'a> {
    old: &'a [Value],
    new: &'a [Value],
    old_left: Vec<usize>,
    new_left: Vec<usize>,
    pairs: Vec<(usize, usize)>,
}

/// Matches the items of two lists.
pub(crate) fn matching(old: &[Value], new: &[Value], kind: &ListKind<'_>) -> Matching {
    let mut left = Open {
        old,
        new,
        old_left: (0..old.len()).collect(),
        new_left: (0..new.len()).collect(),
        pairs: Vec::new(),
    };
    let keys = keys(old, new, kind);
    if !keys.is_empty() {
        left.by(|item| identity(item, &keys));
    }
    left.by(|item| Some(renga_gojson::to_string(item)));
    if left.is_open() {
        left.by(|item| item.get("name").and_then(plain));
    }
    if left.is_open() {
        left.by_likeness();
    }
    // Scalars that differ are others; structures in as many places are taken for the same.
    let structures = |places: &[usize], list: &[Value]| {
        places.iter().all(|place| list[*place].is_object() || list[*place].is_array())
    };
    if left.is_open()
        && keys.is_empty()
        && left.old_left.len() == left.new_left.len()
        && structures(&left.old_left, old)
        && structures(&left.new_left, new)
    {
        let places = std::mem::take(&mut left.old_left);
        left.pairs.extend(places.into_iter().zip(std::mem::take(&mut left.new_left)));
    }
    left.pairs.sort_unstable_by_key(|(_, new)| *new);
    Matching { pairs: left.pairs, removed: left.old_left, added: left.new_left, keys }
}

impl Open<'_> {
    fn is_open(&self) -> bool {
        !self.old_left.is_empty() && !self.new_left.is_empty()
    }

    /// Pairs items of equal texts, the first one with the first one.
    fn by(&mut self, text: impl Fn(&Value) -> Option<String>) {
        let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
        for place in self.old_left.iter().rev() {
            if let Some(text) = text(&self.old[*place]) {
                waiting.entry(text).or_default().push(*place);
            }
        }
        let mut taken = HashSet::new();
        let new = self.new;
        let pairs = &mut self.pairs;
        self.new_left.retain(|place| {
            let partner =
                text(&new[*place]).and_then(|text| waiting.get_mut(&text)).and_then(Vec::pop);
            if let Some(partner) = partner {
                taken.insert(partner);
                pairs.push((partner, *place));
            }
            partner.is_none()
        });
        self.old_left.retain(|place| !taken.contains(place));
    }

    fn by_likeness(&mut self) {
        let leaves = |list: &[Value], places: &[usize]| -> (Vec<usize>, Vec<similar::Leaves>) {
            let objects: Vec<usize> =
                places.iter().copied().filter(|place| list[*place].is_object()).collect();
            let leaves = objects.iter().map(|place| similar::Leaves::of(&list[*place])).collect();
            (objects, leaves)
        };
        let (old_places, old_leaves) = leaves(self.old, &self.old_left);
        let (new_places, new_leaves) = leaves(self.new, &self.new_left);
        let mut taken = (HashSet::new(), HashSet::new());
        for (a, b) in similar::matches(&old_leaves, &new_leaves, ALIKE) {
            self.pairs.push((old_places[a], new_places[b]));
            taken.0.insert(old_places[a]);
            taken.1.insert(new_places[b]);
        }
        self.old_left.retain(|place| !taken.0.contains(place));
        self.new_left.retain(|place| !taken.1.contains(place));
    }
}

/// The fields by which all items of both lists are known.
fn keys(old: &[Value], new: &[Value], kind: &ListKind<'_>) -> Vec<String> {
    let objects = old.iter().chain(new).all(Value::is_object);
    if !objects {
        return Vec::new();
    }
    if let ListKind::Map(keys) = kind
        && !keys.is_empty()
    {
        return keys.iter().map(|key| (*key).to_owned()).collect();
    }
    let unique = |list: &[Value], key: &str| {
        let mut seen = HashSet::new();
        list.iter().all(|item| item.get(key).and_then(plain).is_some_and(|text| seen.insert(text)))
    };
    NAMES
        .iter()
        .find(|key| unique(old, key) && unique(new, key))
        .map(|key| vec![(*key).to_owned()])
        .unwrap_or_default()
}

/// The values of the keys; nothing where an item has none of them.
fn identity(item: &Value, keys: &[String]) -> Option<String> {
    let mut found = false;
    let mut text = String::new();
    for key in keys {
        match item.get(key) {
            Some(value) => {
                found = true;
                text.push_str(&renga_gojson::to_string(value));
            }
            // The one default that is part of a key.
            None if key == "protocol" => text.push_str("\"TCP\""),
            None => {}
        }
        text.push(',');
    }
    found.then_some(text)
}
