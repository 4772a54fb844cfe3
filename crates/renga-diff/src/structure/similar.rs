//! How alike two values are.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;

use super::PAIRS;

/// How many leaves of a value are looked at.
const LEAVES: usize = 2000;

/// The leaves of a value with their paths, as sorted digests.
///
/// Places in lists are no part of the paths: an item that moved is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Leaves(Vec<u64>);

impl Leaves {
    pub(crate) fn of(value: &Value) -> Self {
        let mut leaves = Self::default();
        leaves.add(value, DefaultHasher::new(), 0);
        leaves.0.sort_unstable();
        leaves
    }

    /// The leaves of a Kubernetes object without its name and namespace.
    pub(crate) fn of_object(object: &Value) -> Self {
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("name");
            metadata.shift_remove("namespace");
        }
        Self::of(&object)
    }

    fn add(&mut self, value: &Value, path: DefaultHasher, depth: usize) {
        if self.0.len() >= LEAVES || depth > renga_patch::MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(map) if !map.is_empty() => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                for (key, item) in entries {
                    let mut path = path.clone();
                    key.hash(&mut path);
                    self.add(item, path, depth + 1);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    let mut path = path.clone();
                    0_u8.hash(&mut path);
                    self.add(item, path, depth + 1);
                }
            }
            scalar => {
                let mut path = path;
                scalar.hash(&mut path);
                self.0.push(path.finish());
            }
        }
    }

    /// How many leaves were looked at.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// From 0, nothing in common, to 1, all leaves equal.
    pub(crate) fn likeness(&self, other: &Self) -> f64 {
        let (a, b) = (&self.0, &other.0);
        if a.is_empty() && b.is_empty() {
            return 1.0;
        }
        let (mut i, mut j, mut common) = (0, 0, 0_u32);
        while i < a.len() && j < b.len() {
            match a[i].cmp(&b[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    common += 1;
                    i += 1;
                    j += 1;
                }
            }
        }
        let all = u32::try_from(a.len() + b.len()).unwrap_or(u32::MAX);
        2.0 * f64::from(common) / f64::from(all)
    }
}

/// Pairs up what is most alike, at least as much as `threshold`; each at most once.
///
/// Equal ones are found whatever their number; others only where there are at most [`PAIRS`] pairs.
pub(crate) fn matches(old: &[Leaves], new: &[Leaves], threshold: f64) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut equal: HashMap<&Leaves, Vec<usize>> = HashMap::new();
    for (index, leaves) in new.iter().enumerate().rev() {
        equal.entry(leaves).or_default().push(index);
    }
    let (mut old_free, mut new_free) = (Vec::new(), vec![true; new.len()]);
    for (index, leaves) in old.iter().enumerate() {
        match equal.get_mut(leaves).and_then(Vec::pop) {
            Some(partner) => {
                new_free[partner] = false;
                pairs.push((index, partner));
            }
            None => old_free.push(index),
        }
    }
    let new_free: Vec<usize> = (0..new.len()).filter(|index| new_free[*index]).collect();
    if old_free.len() * new_free.len() > PAIRS {
        return pairs;
    }
    let mut scores = Vec::new();
    for a in &old_free {
        for b in &new_free {
            let score = old[*a].likeness(&new[*b]);
            if score >= threshold {
                scores.push((score, *a, *b));
            }
        }
    }
    scores.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut old_used, mut new_used) = (vec![false; old.len()], vec![false; new.len()]);
    for (_, a, b) in scores {
        if !old_used[a] && !new_used[b] {
            (old_used[a], new_used[b]) = (true, true);
            pairs.push((a, b));
        }
    }
    pairs
}
