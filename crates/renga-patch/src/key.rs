//! Values by which items of lists are told apart, ready for a hash table.

use serde_json::Value;

use crate::{error::PatchError, gotext};

/// A scalar as Go compares it behind an interface: the type counts, so 1 and "1" differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// The bits of the float.
    Float(u64),
    Text(&'a str),
}

impl<'a> Key<'a> {
    /// Takes a scalar.
    ///
    /// # Errors
    ///
    /// [`PatchError::Uncomparable`] for objects and lists.
    pub(crate) fn new(value: &'a Value) -> Result<Self, PatchError> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                // Adding zero makes the two zeros one.
                None => Self::Float((number.as_f64().unwrap_or_default() + 0.0).to_bits()),
            },
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => {
                return Err(PatchError::Uncomparable { found: gotext::go_type(value) });
            }
        })
    }
}

impl Key<'_> {
    /// The key as text, different for different keys of one type.
    pub(crate) fn text(&self) -> String {
        format!("{self:?}")
    }
}
