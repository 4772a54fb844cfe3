//! The structural difference of sets of objects: which objects came, went and changed, and at which
//! paths.
//!
//! Objects are the same by group, kind, namespace and name; what is left over of one kind may be
//! renamed. Within objects, items of lists are matched by what they are known by (`items`), texts are
//! compared by line and texts that hold JSON or YAML as structure (`value`). Before anything is
//! compared, secrets give way to keyed digests (`mask`), so that none can get into a result; what the
//! rules call noise is left out and counted (`noise`).
//!
//! Work is bounded: matching is linear but for what is left over in the end, of which at most
//! [`PAIRS`] pairs are weighed.

mod apply;
mod embedded;
mod items;
mod json;
mod mask;
mod noise;
mod path;
mod pattern;
mod render;
mod similar;
mod value;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use renga_patch::Schema;
use serde_json::Value;

pub use apply::{ApplyError, apply_changes};
pub use embedded::Format;
pub use mask::Mask;
pub use noise::{Noise, NoiseRule};
pub use path::{Path, Segment};
pub use pattern::{Pattern, PatternError};
pub use render::{RenderOptions, render};

/// How many pairs are weighed at most where nothing else tells what belongs together.
pub(crate) const PAIRS: usize = 4096;

/// How alike two objects of one kind must be to count as one that was renamed.
const RENAMED: f64 = 0.6;

/// How many values an object must have besides its name for likeness to tell anything.
const TELLING: usize = 6;

/// What an object is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// The API group, empty for the core.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace, empty where there is none.
    pub namespace: String,
    /// The name, or what it is generated from.
    pub name: String,
    /// The version; it is no part of the identity of an object.
    pub version: String,
}

impl ObjectId {
    /// The identity of `object`.
    pub fn of(object: &Value) -> Self {
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let meta = |key: &str| text(object.get("metadata").and_then(|meta| meta.get(key)));
        let api_version = text(object.get("apiVersion"));
        let (group, version) = match api_version.split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), api_version),
        };
        let name = match meta("name") {
            name if name.is_empty() => meta("generateName"),
            name => name,
        };
        Self { group, kind: text(object.get("kind")), namespace: meta("namespace"), name, version }
    }

    /// `apps/v1` or `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    fn key(&self) -> [&str; 4] {
        [&self.group, &self.kind, &self.namespace, &self.name]
    }
}

impl std::fmt::Display for ObjectId {
    /// `apps/v1 Deployment prod/web`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ", self.api_version(), self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

/// What became of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It came; as it is, secrets masked.
    Added(Value),
    /// It went; as it was, secrets masked.
    Removed(Value),
    /// It changed.
    Changed,
    /// It changed its name or namespace, and what the changes say.
    Renamed(ObjectId),
}

/// One object that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectDiff {
    /// Its identity; the new one where that changed.
    pub id: ObjectId,
    /// What became of it.
    pub fate: Fate,
    /// What changed within it; empty where it came or went.
    pub changes: Vec<Change>,
}

/// One change within an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where. For an item that was added its place in the new list, otherwise that in the old one.
    pub path: Path,
    /// What.
    pub edit: Edit,
}

/// What changed at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A field or item came.
    Added(Value),
    /// A field or item went.
    Removed(Value),
    /// A value became another one.
    Changed {
        /// The old value.
        before: Value,
        /// The new value.
        after: Value,
    },
    /// An item stands elsewhere in its list, counted from 0 in the new list.
    Moved {
        /// Its new place.
        to: usize,
    },
    /// A text of several lines changed.
    Text {
        /// The old text.
        before: String,
        /// The new text.
        after: String,
        /// The lines that differ, as unified hunks without names above them.
        hunks: String,
    },
    /// A text that holds structure changed.
    Embedded {
        /// What it holds.
        format: Format,
        /// The old text.
        before: String,
        /// The new text.
        after: String,
        /// What changed within; several YAML documents count as a list.
        changes: Vec<Change>,
    },
}

/// The difference of two sets of objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The objects that differ, by kind, namespace and name.
    pub objects: Vec<ObjectDiff>,
    /// How many changes each rule of noise has hidden.
    pub hidden: BTreeMap<String, usize>,
    /// How many values were masked in the objects that differ.
    pub masked: usize,
}

impl Comparison {
    /// Whether there is nothing to show. Something may be hidden all the same.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// How many objects were added, removed and changed; renamed ones count as changed.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Fate) -> bool| {
            self.objects.iter().filter(|object| wanted(&object.fate)).count()
        };
        (
            count(|fate| matches!(fate, Fate::Added(_))),
            count(|fate| matches!(fate, Fate::Removed(_))),
            count(|fate| matches!(fate, Fate::Changed | Fate::Renamed(_))),
        )
    }

    /// The comparison as data, in the form of version 1: see the module `json`.
    pub fn to_json(&self) -> Value {
        json::comparison(self)
    }
}

/// Finds the schema of a kind that Kubernetes does not bring along, by `apiVersion` and `kind`.
pub type FindSchema<'a> = dyn Fn(&str, &str) -> Option<Schema<'a>> + Sync + 'a;

/// How objects are compared.
#[derive(Default)]
pub struct Compare<'a> {
    /// What is left out.
    pub noise: Noise,
    /// What is masked.
    pub mask: Mask,
    /// Where to look for schemas of custom resources.
    pub schemas: Option<&'a FindSchema<'a>>,
}

impl Compare<'_> {
    /// Compares two sets of objects.
    ///
    /// Objects without a counterpart of the same identity are taken for renamed if one of the same
    /// kind is left over on the other side that is much alike. Of several objects with one identity
    /// the first ones are compared with each other, and so on.
    pub fn objects(&self, before: &[Value], after: &[Value]) -> Comparison {
        let mut comparison = Comparison::default();
        let (old, new) = (self.masked(before), self.masked(after));
        let mut waiting: HashMap<[&str; 4], Vec<usize>> = HashMap::new();
        for (index, object) in old.iter().enumerate().rev() {
            waiting.entry(object.id.key()).or_default().push(index);
        }
        let mut pairs = Vec::new();
        let mut added = Vec::new();
        for (index, object) in new.iter().enumerate() {
            match waiting.get_mut(&object.id.key()).and_then(Vec::pop) {
                Some(partner) => pairs.push((partner, index)),
                None => added.push(index),
            }
        }
        let mut paired = vec![false; old.len()];
        for (index, _) in &pairs {
            paired[*index] = true;
        }
        let mut removed: Vec<usize> = (0..old.len()).filter(|index| !paired[*index]).collect();
        pairs.extend(renamed(&old, &new, &mut removed, &mut added));
        for (index_old, index_new) in pairs {
            self.pair(&old[index_old], &new[index_new], &mut comparison);
        }
        for index in removed {
            self.single(&old[index], Fate::Removed, &mut comparison);
        }
        for index in added {
            self.single(&new[index], Fate::Added, &mut comparison);
        }
        comparison.objects.sort_by(|a, b| order(a).cmp(&order(b)));
        comparison
    }

    /// Compares two values, such as one object with another: what changed within.
    ///
    /// Nothing is masked. Returns the changes and how many of them each rule of noise has hidden.
    pub fn values(
        &self,
        before: &Value,
        after: &Value,
        schema: Schema<'_>,
    ) -> (Vec<Change>, BTreeMap<String, usize>) {
        let mut walk = value::Walk::new(&self.noise);
        walk.compare(before, after, schema);
        walk.finish()
    }

    fn masked<'a>(&self, objects: &'a [Value]) -> Vec<Masked<'a>> {
        objects
            .iter()
            .map(|object| {
                let (value, count) = self.mask.apply(object);
                Masked { id: ObjectId::of(object), value, count }
            })
            .collect()
    }

    fn schema(&self, object: &Value) -> Schema<'_> {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let builtin: Option<Schema<'_>> = Schema::of(object);
        builtin
            .or_else(|| self.schemas.and_then(|find| find(text("apiVersion"), text("kind"))))
            .unwrap_or(Schema::free())
    }

    fn pair(&self, old: &Masked<'_>, new: &Masked<'_>, comparison: &mut Comparison) {
        if old.value == new.value {
            return;
        }
        let (changes, hidden) = self.values(&old.value, &new.value, self.schema(&new.value));
        for (rule, count) in hidden {
            *comparison.hidden.entry(rule).or_default() += count;
        }
        if changes.is_empty() {
            return;
        }
        comparison.masked += old.count.max(new.count);
        let fate = if old.id.key() == new.id.key() {
            Fate::Changed
        } else {
            Fate::Renamed(old.id.clone())
        };
        comparison.objects.push(ObjectDiff { id: new.id.clone(), fate, changes });
    }

    #[expect(clippy::unused_self, reason = "the counterpart of `pair`")]
    fn single(&self, object: &Masked<'_>, fate: fn(Value) -> Fate, comparison: &mut Comparison) {
        comparison.masked += object.count;
        comparison.objects.push(ObjectDiff {
            id: object.id.clone(),
            fate: fate(object.value.clone().into_owned()),
            changes: Vec::new(),
        });
    }
}

struct Masked<'a> {
    id: ObjectId,
    value: Cow<'a, Value>,
    count: usize,
}

fn order(object: &ObjectDiff) -> (&str, &str, &str, &str, u8) {
    let [group, kind, namespace, name] = object.id.key();
    // Of two objects with one identity the one that went comes first.
    let fate = match object.fate {
        Fate::Removed(_) => 0,
        _ => 1,
    };
    (kind, namespace, name, group, fate)
}

/// Takes pairs that are renamed objects out of both lists.
fn renamed(
    old: &[Masked<'_>],
    new: &[Masked<'_>],
    removed: &mut Vec<usize>,
    added: &mut Vec<usize>,
) -> Vec<(usize, usize)> {
    let mut kinds: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for index in removed.iter() {
        let id = &old[*index].id;
        kinds.entry((&id.group, &id.kind)).or_default().0.push(*index);
    }
    for index in added.iter() {
        let id = &new[*index].id;
        kinds.entry((&id.group, &id.kind)).or_default().1.push(*index);
    }
    let mut pairs = Vec::new();
    for (gone, come) in kinds.into_values() {
        let leaves =
            |objects: &[Masked<'_>], places: &[usize]| -> (Vec<usize>, Vec<similar::Leaves>) {
                places
                    .iter()
                    .map(|place| (*place, similar::Leaves::of_object(&objects[*place].value)))
                    .filter(|(_, leaves)| leaves.len() >= TELLING)
                    .unzip()
            };
        let (old_places, old_leaves) = leaves(old, &gone);
        let (new_places, new_leaves) = leaves(new, &come);
        for (a, b) in similar::matches(&old_leaves, &new_leaves, RENAMED) {
            pairs.push((old_places[a], new_places[b]));
        }
    }
    let (gone, come): (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
    removed.retain(|index| !gone.contains(index));
    added.retain(|index| !come.contains(index));
    pairs
}
