//! What the schema of a custom resource demands of a value beyond its type.

use renga_regexp::Regexp;
use serde_json::{Map, Value};

use crate::schema::Schema;

/// The value validations of a structural schema.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The values that are allowed; empty for any.
    pub one_of_values: Vec<Value>,
    /// What a string must match.
    pub pattern: Option<Regexp>,
    /// The least number, and whether it is itself too small.
    pub minimum: Option<(f64, bool)>,
    /// The greatest number, and whether it is itself too great.
    pub maximum: Option<(f64, bool)>,
    /// What a number is a multiple of.
    pub multiple_of: Option<f64>,
    /// The least and the greatest number of characters.
    pub length: Bounds,
    /// The least and the greatest number of items.
    pub items: Bounds,
    /// Whether no item may occur twice.
    pub unique_items: bool,
    /// The least and the greatest number of fields.
    pub properties: Bounds,
    /// Schemas that must all hold.
    pub all_of: Vec<Schema>,
    /// Schemas of which one must hold.
    pub any_of: Vec<Schema>,
    /// Schemas of which exactly one must hold.
    pub one_of: Vec<Schema>,
    /// A schema that must not hold.
    pub not: Option<Box<Schema>>,
}

/// A count's limits, both included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// At least so many.
    pub least: Option<u64>,
    /// At most so many.
    pub most: Option<u64>,
}

impl Bounds {
    pub(crate) fn hold(self, count: usize) -> bool {
        let count = count as u64;
        self.least.is_none_or(|least| count >= least) && self.most.is_none_or(|most| count <= most)
    }

    fn read(object: &Map<String, Value>, least: &str, most: &str) -> Self {
        let count = |key: &str| object.get(key).and_then(Value::as_u64);
        Self { least: count(least), most: count(most) }
    }
}

impl Rules {
    /// The rules of a schema in JSON, but for those made of other schemas; `None` where it has none.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub(crate) fn of(object: &Map<String, Value>) -> Result<Option<Self>, String> {
        let number = |key: &str| object.get(key).and_then(Value::as_f64);
        let set = |key: &str| object.get(key).and_then(Value::as_bool) == Some(true);
        let pattern = match object.get("pattern") {
            Some(Value::String(pattern)) => {
                Some(Regexp::new(pattern).map_err(|error| format!("pattern: {error}"))?)
            }
            Some(_) => return Err("pattern: expected a string".to_owned()),
            None => None,
        };
        let rules = Self {
            one_of_values: match object.get("enum") {
                Some(Value::Array(values)) => values.clone(),
                Some(_) => return Err("enum: expected a list".to_owned()),
                None => Vec::new(),
            },
            pattern,
            minimum: number("minimum").map(|limit| (limit, set("exclusiveMinimum"))),
            maximum: number("maximum").map(|limit| (limit, set("exclusiveMaximum"))),
            multiple_of: number("multipleOf").filter(|step| *step > 0.0),
            length: Bounds::read(object, "minLength", "maxLength"),
            items: Bounds::read(object, "minItems", "maxItems"),
            unique_items: set("uniqueItems"),
            properties: Bounds::read(object, "minProperties", "maxProperties"),
            ..Self::default()
        };
        Ok((rules != Self::default()).then_some(rules))
    }
}

/// Patterns are equal when their texts are.
impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.one_of_values == other.one_of_values
            && self.pattern.as_ref().map(Regexp::as_str)
                == other.pattern.as_ref().map(Regexp::as_str)
            && self.minimum == other.minimum
            && self.maximum == other.maximum
            && self.multiple_of == other.multiple_of
            && self.length == other.length
            && self.items == other.items
            && self.unique_items == other.unique_items
            && self.properties == other.properties
            && self.all_of == other.all_of
            && self.any_of == other.any_of
            && self.one_of == other.one_of
            && self.not == other.not
    }
}
