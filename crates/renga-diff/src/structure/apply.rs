//! Carries changes out: what a list of changes says leads from the old value to the new one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Change, Edit, path::Segment};

/// Why changes do not fit a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the changes belong to another value")]
#[diagnostic(code(diff::apply))]
pub struct ApplyError;

/// Applies all changes that a comparison has found in `before`, and so makes the new value.
///
/// Changes that were hidden or masked are not among them.
///
/// # Errors
///
/// [`ApplyError`] if the changes are those of another value.
pub fn apply_changes(before: &Value, changes: &[Change]) -> Result<Value, ApplyError> {
    let changes: Vec<Step<'_>> =
        changes.iter().map(|change| Step { path: &change.path.0, edit: &change.edit }).collect();
    apply(before, &changes)
}

/// A change as seen from within a value.
#[derive(Clone, Copy)]
struct Step<'a> {
    path: &'a [Segment],
    edit: &'a Edit,
}

fn apply(value: &Value, steps: &[Step<'_>]) -> Result<Value, ApplyError> {
    let Some(first) = steps.first() else {
        return Ok(value.clone());
    };
    if first.path.is_empty() {
        return match first.edit {
            Edit::Added(new) => Ok(new.clone()),
            Edit::Changed { after, .. } => Ok(after.clone()),
            Edit::Text { after, .. } | Edit::Embedded { after, .. } => Ok(after.clone().into()),
            Edit::Removed(_) | Edit::Moved { .. } => Err(ApplyError),
        };
    }
    match value {
        Value::Object(map) => object(map, steps),
        Value::Array(items) => list(items, steps),
        _ => Err(ApplyError),
    }
}

fn object(map: &Map<String, Value>, steps: &[Step<'_>]) -> Result<Value, ApplyError> {
    let mut fields: BTreeMap<&str, Vec<Step<'_>>> = BTreeMap::new();
    for step in steps {
        let Some((Segment::Field(name), rest)) = step.path.split_first() else {
            return Err(ApplyError);
        };
        fields.entry(name).or_default().push(Step { path: rest, edit: step.edit });
    }
    let mut map = map.clone();
    for (name, steps) in fields {
        match steps.first() {
            Some(Step { path: [], edit: Edit::Removed(_) }) => {
                map.shift_remove(name).ok_or(ApplyError)?;
            }
            Some(Step { path: [], edit: Edit::Added(value) }) => {
                map.insert(name.to_owned(), value.clone());
            }
            _ => {
                let value = map.get_mut(name).ok_or(ApplyError)?;
                *value = apply(value, &steps)?;
            }
        }
    }
    Ok(Value::Object(map))
}

fn list(items: &[Value], steps: &[Step<'_>]) -> Result<Value, ApplyError> {
    let mut within: BTreeMap<usize, Vec<Step<'_>>> = BTreeMap::new();
    let mut placed: BTreeMap<usize, Value> = BTreeMap::new();
    let mut moved: BTreeMap<usize, usize> = BTreeMap::new();
    let mut removed = vec![false; items.len()];
    for step in steps {
        let Some((Segment::Item { index, .. }, rest)) = step.path.split_first() else {
            return Err(ApplyError);
        };
        match (rest, step.edit) {
            ([], Edit::Added(value)) => {
                placed.insert(*index, value.clone());
            }
            ([], Edit::Removed(_)) => *removed.get_mut(*index).ok_or(ApplyError)? = true,
            ([], Edit::Moved { to }) => {
                moved.insert(*index, *to);
            }
            _ => within.entry(*index).or_default().push(Step { path: rest, edit: step.edit }),
        }
    }
    let mut resting = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if removed[index] {
            continue;
        }
        let item = apply(item, within.get(&index).map_or(&[], Vec::as_slice))?;
        match moved.get(&index) {
            Some(to) => {
                placed.insert(*to, item);
            }
            None => resting.push(item),
        }
    }
    // What neither came nor moved keeps its order in the places that are left.
    let mut resting = resting.into_iter();
    let mut result = Vec::new();
    loop {
        match placed.remove(&result.len()).or_else(|| resting.next()) {
            Some(item) => result.push(item),
            None if placed.is_empty() => return Ok(Value::Array(result)),
            None => return Err(ApplyError),
        }
    }
}
