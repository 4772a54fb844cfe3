//! Compares values, and what is within them.

use std::collections::{BTreeMap, BTreeSet};

use renga_patch::{ListKind, MAX_DEPTH, Schema};
use serde_json::{Map, Value};

use super::{
    Change, Edit, embedded,
    items::{Matching, matching},
    noise::Noise,
    path::{Path, Segment},
};
use crate::{lines, unified};

/// A comparison at work.
pub(crate) struct Walk<'a> {
    noise: &'a Noise,
    path: Vec<Segment>,
    changes: Vec<Change>,
    hidden: BTreeMap<String, usize>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(noise: &'a Noise) -> Self {
        Self { noise, path: Vec::new(), changes: Vec::new(), hidden: BTreeMap::new() }
    }

    pub(crate) fn finish(self) -> (Vec<Change>, BTreeMap<String, usize>) {
        (self.changes, self.hidden)
    }

    /// Compares two values at the current path.
    pub(crate) fn compare(&mut self, old: &Value, new: &Value, schema: Schema<'_>) {
        self.compare_list(old, new, schema, &ListKind::Unknown, schema.items());
    }

    fn compare_list(
        &mut self,
        old: &Value,
        new: &Value,
        schema: Schema<'_>,
        list: &ListKind<'_>,
        item: Schema<'_>,
    ) {
        if old == new {
            return;
        }
        // What nests deeper than anything Kubernetes takes is compared as one value.
        let within = self.path.len() < MAX_DEPTH;
        match (old, new) {
            (Value::Object(old), Value::Object(new)) if within => self.objects(old, new, schema),
            (Value::Array(old), Value::Array(new)) if within => self.lists(old, new, list, item),
            (Value::String(old), Value::String(new)) => self.texts(old, new),
            _ => self.emit(Edit::Changed { before: old.clone(), after: new.clone() }),
        }
    }

    fn objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, schema: Schema<'_>) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            self.path.push(Segment::Field(key.clone()));
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => match schema.field(key) {
                    Some(field) => {
                        self.compare_list(old, new, field.value, &field.list, field.item);
                    }
                    None => self.compare(old, new, Schema::free()),
                },
                (Some(old), None) => self.emit(Edit::Removed(old.clone())),
                (None, Some(new)) => self.emit(Edit::Added(new.clone())),
                (None, None) => {}
            }
            self.path.pop();
        }
    }

    fn lists(&mut self, old: &[Value], new: &[Value], kind: &ListKind<'_>, item: Schema<'_>) {
        let matching = matching(old, new, kind);
        for place in &matching.removed {
            let value = &old[*place];
            self.at_item(&matching, *place, value, |walk| {
                walk.emit(Edit::Removed(value.clone()));
            });
        }
        let moved = matching.moved();
        let mut added = matching.added.iter().peekable();
        for (from, to) in &matching.pairs {
            while let Some(place) = added.next_if(|place| *place < to) {
                self.added(&matching, *place, new);
            }
            self.at_item(&matching, *from, &old[*from], |walk| {
                if moved.contains(to) {
                    walk.emit(Edit::Moved { to: *to });
                }
                walk.compare(&old[*from], &new[*to], item);
            });
        }
        for place in added {
            self.added(&matching, *place, new);
        }
    }

    fn added(&mut self, matching: &Matching, place: usize, new: &[Value]) {
        let value = &new[place];
        self.at_item(matching, place, value, |walk| walk.emit(Edit::Added(value.clone())));
    }

    fn at_item(
        &mut self,
        matching: &Matching,
        index: usize,
        item: &Value,
        then: impl FnOnce(&mut Self),
    ) {
        self.path.push(Segment::Item { index, name: matching.name(item) });
        then(self);
        self.path.pop();
    }

    fn texts(&mut self, old: &str, new: &str) {
        if let Some((format, old_value, new_value)) = embedded::parse(&self.path, old, new) {
            let nothing = Noise::default();
            let mut walk = Walk::new(&nothing);
            walk.compare(&old_value, &new_value, Schema::free());
            let (changes, _) = walk.finish();
            // Texts that differ in their form only are shown by line.
            if !changes.is_empty() {
                let (before, after) = (old.to_owned(), new.to_owned());
                self.emit(Edit::Embedded { format, before, after, changes });
                return;
            }
        }
        let (before, after) = (old.to_owned(), new.to_owned());
        if !old.contains('\n') && !new.contains('\n') {
            self.emit(Edit::Changed { before: before.into(), after: after.into() });
            return;
        }
        let (old_lines, new_lines) = (lines::lines(old), lines::lines(new));
        let mut hunks = String::new();
        let changes = lines::changes(&old_lines, &new_lines);
        unified::hunks(&old_lines, &new_lines, &changes, &mut hunks);
        self.emit(Edit::Text { before, after, hunks });
    }

    /// Adds a change at the current path, or counts it as noise.
    fn emit(&mut self, edit: Edit) {
        if let Some(rule) = self.hiding_rule(&edit) {
            *self.hidden.entry(rule).or_default() += 1;
        } else {
            self.changes.push(Change { path: Path(self.path.clone()), edit });
        }
    }

    /// The rule that hides the change, or all the fields of the object that it adds or removes.
    fn hiding_rule(&mut self, edit: &Edit) -> Option<String> {
        if self.noise.rules.is_empty() {
            return None;
        }
        if let Some(rule) = self.noise.hides(&self.path) {
            return Some(rule.to_owned());
        }
        let (Edit::Added(Value::Object(map)) | Edit::Removed(Value::Object(map))) = edit else {
            return None;
        };
        let mut found = None;
        for key in map.keys() {
            self.path.push(Segment::Field(key.clone()));
            found = self.noise.hides(&self.path).map(str::to_owned);
            self.path.pop();
            found.as_ref()?;
        }
        found
    }
}
