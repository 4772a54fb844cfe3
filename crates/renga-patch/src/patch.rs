//! The patch that turns a live object into what the manifest says.

use serde_json::{Map, Value};

use crate::{MAX_DEPTH, error::PatchError, merge, number, schema::Schema, strategic};

/// How the API server is to read a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// Strategic merge patch: lists are merged by the keys of their items.
    Strategic,
    /// JSON merge patch (RFC 7386): lists are replaced.
    Merge,
}

impl PatchKind {
    /// The media type of a request with such a patch.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Strategic => "application/strategic-merge-patch+json",
            Self::Merge => "application/merge-patch+json",
        }
    }
}

/// A patch to be sent, or applied with [`Patch::apply`].
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// How to read it.
    pub kind: PatchKind,
    /// The patch itself, always an object.
    pub body: Value,
}

impl Patch {
    /// Whether it changes nothing; kubectl sends no request then.
    pub fn is_empty(&self) -> bool {
        self.body.as_object().is_none_or(Map::is_empty)
    }

    /// The bytes kubectl sends: keys sorted, no spaces, no newline.
    pub fn to_json(&self) -> String {
        renga_gojson::to_string(&self.body)
    }

    /// Makes the server refuse the patch when the object has changed meanwhile, as `kubectl diff`
    /// does with its dry run.
    pub fn require_resource_version(&mut self, version: &str) {
        if let Value::Object(body) = &mut self.body {
            let metadata = body.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
            if !metadata.is_object() {
                *metadata = Value::Object(Map::new());
            }
            if let Value::Object(metadata) = metadata {
                metadata.insert("resourceVersion".to_owned(), version.into());
            }
        }
    }

    /// Applies it to `object`, without a server: what `--dry-run=client` shows.
    ///
    /// The schema is looked up by the object's `apiVersion` and `kind`.
    ///
    /// # Errors
    ///
    /// [`PatchError`] where a strategic patch does not fit the object.
    pub fn apply(&self, object: &Value) -> Result<Value, PatchError> {
        match self.kind {
            PatchKind::Strategic => strategic::apply_strategic_patch(
                object,
                &self.body,
                Schema::of(object).unwrap_or_else(Schema::free),
            ),
            PatchKind::Merge => merge::apply_merge_patch(object, &self.body),
        }
    }
}

/// Computes the patch that `kubectl apply` sends.
///
/// `original` is what was applied last ([`crate::last_applied`]), `modified` what is wanted, and
/// `current` the live object. Additions and changes are those from `current` to `modified`,
/// deletions those from `original` to `modified`. Kinds that Kubernetes brings along get a
/// strategic merge patch, all others a JSON merge patch. For `kubectl apply`, `modified` carries the
/// annotation of [`crate::with_last_applied`]; for `kubectl diff` it does not.
///
/// # Errors
///
/// [`PatchError`] where kubectl refuses, too.
pub fn three_way(
    original: Option<&Value>,
    modified: &Value,
    current: &Value,
) -> Result<Patch, PatchError> {
    three_way_with(original, modified, current, Schema::of(modified))
}

/// As [`three_way`], with a schema given by the caller; without one the patch is a JSON merge patch.
///
/// # Errors
///
/// Those of [`three_way`].
pub fn three_way_with(
    original: Option<&Value>,
    modified: &Value,
    current: &Value,
    schema: Option<Schema<'_>>,
) -> Result<Patch, PatchError> {
    let nothing = Map::new();
    let original = match original {
        None | Some(Value::Null) => &nothing,
        Some(value) => object(value)?,
    };
    let (modified, current) = (object(modified)?, object(current)?);
    for map in [original, modified, current] {
        check_depth(map.values())?;
    }
    let (original, modified, current) = (
        number::decoded_map(original),
        number::decoded_map(modified),
        number::decoded_map(current),
    );
    let (kind, body) = match schema {
        Some(schema) => {
            (PatchKind::Strategic, strategic::three_way(&original, &modified, &current, schema)?)
        }
        None => (PatchKind::Merge, merge::three_way(&original, &modified, &current)?),
    };
    Ok(Patch { kind, body: Value::Object(body) })
}

fn object(value: &Value) -> Result<&Map<String, Value>, PatchError> {
    value.as_object().ok_or(PatchError::NotAnObject)
}

/// Refuses what would take more stack than there is, before anything recurses into it.
pub(crate) fn check_depth<'a>(values: impl Iterator<Item = &'a Value>) -> Result<(), PatchError> {
    let mut waiting: Vec<(&Value, usize)> = values.map(|value| (value, 1)).collect();
    while let Some((value, depth)) = waiting.pop() {
        if depth > MAX_DEPTH {
            return Err(PatchError::TooDeep);
        }
        match value {
            Value::Array(items) => waiting.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(map) => waiting.extend(map.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}
