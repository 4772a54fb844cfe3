//! One value, cheap to copy.
//!
//! Helm copies whole value trees many times over. Here tables and lists are shared until one of
//! the owners changes them, so a copy costs nothing; what differs from Go is only that Go tells
//! two copies of a map from two references to one. Where that shows (see
//! [`Coalesced`](super::Coalesced)), a table is a [`Value::Shared`] instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use renga_gotemplate::GoStr;

/// A table: values by key, in the order of the keys' bytes.
pub type Table = BTreeMap<GoStr, Value>;

/// A value of a chart or its user.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Null.
    #[default]
    Null,
    /// A bool.
    Bool(bool),
    /// An integer, which only `--set` makes.
    Int(i64),
    /// A number as all files give it. Finite.
    Float(f64),
    /// A string; `--set-file` may read any bytes.
    String(GoStr),
    /// A list. It is never changed, only replaced.
    List(Arc<Vec<Value>>),
    /// A table of its own.
    Table(Arc<Table>),
    /// A table that stands in several places; what is written in one of them, all see.
    Shared(SharedId),
}

/// Which of the shared tables of a [`Coalesced`](super::Coalesced) it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SharedId(pub(crate) usize);

impl Value {
    /// A table.
    pub fn table(table: Table) -> Self {
        Self::Table(Arc::new(table))
    }

    /// Takes over JSON as Go's decoder does without types: every number is a float.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Float(number.as_f64().unwrap_or_default()),
            serde_json::Value::String(text) => Self::String(GoStr::from(text.as_str())),
            serde_json::Value::Array(items) => {
                Self::List(Arc::new(items.iter().map(Self::from_json).collect()))
            }
            serde_json::Value::Object(map) => Self::table(table_from_json(map)),
        }
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self, Self::Table(_) | Self::Shared(_))
    }
}

/// A JSON object as a table.
pub(crate) fn table_from_json(map: &serde_json::Map<String, serde_json::Value>) -> Table {
    map.iter().map(|(key, value)| (GoStr::from(key.as_str()), Value::from_json(value))).collect()
}
