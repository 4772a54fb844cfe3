//! An object held against a schema.

use std::fmt;

use serde_json::Value;

use crate::format;
use crate::names::nearest;
use crate::path::{Path, Step};
use crate::rules::Rules;
use crate::schema::{Fields, List, Null, Schema, Shape, Text, Width};

/// Finds the definitions that schemas refer to.
pub trait Types {
    /// The definition of that name.
    fn named(&self, name: &str) -> Option<&Schema>;
}

/// Something that a schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, such as `spec.template.spec.containers[0].image`; empty for the object itself.
    pub path: String,
    /// What.
    pub problem: Problem,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.problem)
    }
}

/// What a schema does not allow. No variant holds the text of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A value of another type.
    Type {
        /// What the schema says.
        expected: &'static str,
        /// What the value is.
        found: &'static str,
    },
    /// A number that does not fit.
    Range(&'static str),
    /// A field that the schema does not name.
    Unknown {
        /// Its name.
        field: String,
        /// A field that was perhaps meant.
        nearest: Option<String>,
    },
    /// A field that must be there.
    Missing(String),
    /// A text of another form.
    Form(String),
    /// A value that is none of those allowed.
    NotAllowed(Vec<String>),
    /// A number, a length or a count out of bounds.
    Bounds(String),
    /// An item of a set, or of a list with keys, that occurred before.
    Duplicate {
        /// The fields that are the same; empty for the whole item.
        keys: Vec<String>,
        /// The item it repeats, counted from 0.
        first: usize,
    },
    /// None, or more than one, of the alternatives of a schema fits.
    Alternatives(&'static str),
    /// Nested too deeply to look at.
    TooDeep,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Range(width) => write!(f, "does not fit into {width}"),
            Self::Unknown { field, nearest: None } => write!(f, "unknown field `{field}`"),
            Self::Unknown { field, nearest: Some(name) } => {
                write!(f, "unknown field `{field}`, did you mean `{name}`?")
            }
            Self::Missing(field) => write!(f, "`{field}` is missing"),
            Self::Form(form) => write!(f, "expected {form}"),
            Self::NotAllowed(values) => write!(f, "expected one of {}", values.join(", ")),
            Self::Bounds(words) => f.write_str(words),
            Self::Duplicate { keys, first } if keys.is_empty() => {
                write!(f, "is the same as item {first}")
            }
            Self::Duplicate { keys, first } => {
                write!(f, "has the same {} as item {first}", keys.join(" and "))
            }
            Self::Alternatives(words) => f.write_str(words),
            Self::TooDeep => f.write_str("nested too deeply"),
        }
    }
}

/// Tells `found` of everything in `value` that `schema` does not allow, from the top down, fields in
/// the order of the value.
pub fn validate(
    schema: &Schema,
    value: &Value,
    types: &dyn Types,
    found: &mut dyn FnMut(Violation),
) {
    Walk { types, path: Path::default(), found }.value(schema, value);
}

/// Values nest this deep at most; definitions can refer to themselves without end.
const DEEPEST: usize = 300;

struct Walk<'v, 'c> {
    types: &'c dyn Types,
    path: Path<'v>,
    found: &'c mut dyn FnMut(Violation),
}

impl<'v> Walk<'v, '_> {
    fn tell(&mut self, problem: Problem) {
        (self.found)(Violation { path: self.path.to_string(), problem });
    }

    fn value(&mut self, schema: &Schema, value: &'v Value) {
        let mut schema = schema;
        let mut hops = 0;
        while let Shape::Reference(name) = &schema.shape {
            let Some(target) = self.types.named(name).filter(|_| hops < DEEPEST) else {
                return;
            };
            schema = target;
            hops += 1;
        }
        if self.path.steps().len() > DEEPEST {
            return self.tell(Problem::TooDeep);
        }
        if value.is_null() {
            if schema.null == Null::Refused && schema.shape != Shape::Any {
                self.wrong_type(&schema.shape, value);
            }
            return;
        }
        if self.typed(&schema.shape, value)
            && let Some(rules) = &schema.rules
        {
            self.rules(rules, value);
        }
    }

    /// Whether the value is of the type, whatever is wrong inside of it.
    fn typed(&mut self, shape: &Shape, value: &'v Value) -> bool {
        match (shape, value) {
            (Shape::Any, _)
            | (Shape::Boolean, Value::Bool(_))
            | (Shape::Number | Shape::Quantity, Value::Number(_))
            | (Shape::IntOrString, Value::String(_)) => {}
            (Shape::String(text), Value::String(value)) => self.text(text, value),
            (Shape::Quantity, Value::String(text)) => {
                if !format::is_quantity(text) {
                    self.tell(Problem::Form("a quantity such as 500m or 2Gi".to_owned()));
                }
            }
            (Shape::Integer(_) | Shape::IntOrString, Value::Number(number)) => {
                let Some(whole) = whole(number) else {
                    self.wrong_type(shape, value);
                    return false;
                };
                let narrow = !matches!(shape, Shape::Integer(Width::Int64));
                if narrow && i32::try_from(whole).is_err() {
                    self.tell(Problem::Range("32 bits"));
                } else if i64::try_from(whole).is_err() {
                    self.tell(Problem::Range("64 bits"));
                }
            }
            (Shape::List(list), Value::Array(items)) => self.list(list, items),
            (Shape::Map(values), Value::Object(object)) => {
                for (name, value) in object {
                    self.path.push(Step::Field(name));
                    self.value(values, value);
                    self.path.pop();
                }
            }
            (Shape::Object(fields), Value::Object(object)) => self.object(fields, object),
            _ => {
                self.wrong_type(shape, value);
                return false;
            }
        }
        true
    }

    fn wrong_type(&mut self, shape: &Shape, value: &Value) {
        let expected = match shape {
            Shape::Any | Shape::Reference(_) => "a value",
            Shape::String(_) => "a string",
            Shape::Integer(_) => "a whole number",
            Shape::Number => "a number",
            Shape::Boolean => "true or false",
            Shape::IntOrString => "a whole number or a string",
            Shape::Quantity => "a quantity",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Object(_) => "an object",
        };
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if whole(number).is_some() => "a whole number",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.tell(Problem::Type { expected, found });
    }

    fn text(&mut self, text: &Text, value: &str) {
        let form = match text {
            Text::Plain => return,
            Text::DateTime if format::is_time(value) => return,
            Text::DateTime => "a time such as 2006-01-02T15:04:05Z".to_owned(),
            Text::Bytes if format::is_base64(value) => return,
            Text::Bytes => "base64".to_owned(),
            Text::Format(name) if format::holds(name, value) => return,
            Text::Format(name) => format!("a text of the format {name}"),
        };
        self.tell(Problem::Form(form));
    }

    fn object(&mut self, fields: &Fields, object: &'v serde_json::Map<String, Value>) {
        for field in fields.fields.iter().filter(|field| field.required) {
            let missing = match object.get(&*field.name) {
                None => true,
                Some(value) => value.is_null() && field.schema.null == Null::Unset,
            };
            if missing {
                self.tell(Problem::Missing(field.name.to_string()));
            }
        }
        for (name, value) in object {
            if let Some(field) = fields.get(name) {
                self.path.push(Step::Field(name));
                self.value(&field.schema, value);
                self.path.pop();
            } else if !fields.open {
                let names = fields.fields.iter().map(|field| &*field.name);
                let nearest = nearest(name, names).map(str::to_owned);
                self.tell(Problem::Unknown { field: name.clone(), nearest });
            }
        }
    }

    fn list(&mut self, list: &List, items: &'v [Value]) {
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Item(index));
            self.value(&list.items, item);
            self.path.pop();
        }
        if list.set {
            self.distinct(items, &[]);
        } else if !list.keys.is_empty() {
            self.distinct(items, &list.keys);
        }
    }

    /// Tells of items that are the same, or that have the same `keys`.
    fn distinct(&mut self, items: &[Value], keys: &[Box<str>]) {
        let mut seen = rustc_hash::FxHashMap::default();
        for (index, item) in items.iter().enumerate() {
            let name = if keys.is_empty() {
                item.to_string()
            } else {
                let parts: Option<Vec<String>> =
                    keys.iter().map(|key| item.get(&**key).map(Value::to_string)).collect();
                // A key that is not set has a default that only the server knows.
                let Some(parts) = parts else { continue };
                parts.join(",")
            };
            if let Some(first) = seen.get(&name) {
                self.path.push(Step::Item(index));
                self.tell(Problem::Duplicate {
                    keys: keys.iter().map(ToString::to_string).collect(),
                    first: *first,
                });
                self.path.pop();
            } else {
                seen.insert(name, index);
            }
        }
    }

    fn rules(&mut self, rules: &Rules, value: &'v Value) {
        if !rules.one_of_values.is_empty()
            && !rules.one_of_values.iter().any(|one| same(one, value))
        {
            self.tell(Problem::NotAllowed(
                rules.one_of_values.iter().map(Value::to_string).collect(),
            ));
        }
        match value {
            Value::String(text) => {
                if let Some(pattern) = &rules.pattern
                    && !pattern.is_match(text.as_bytes())
                {
                    self.tell(Problem::Form(format!("a text that matches {}", pattern.as_str())));
                }
                self.count("characters", rules.length, || text.chars().count());
            }
            Value::Number(number) => self.number(rules, number.as_f64().unwrap_or(f64::NAN)),
            Value::Array(items) => {
                self.count("items", rules.items, || items.len());
                if rules.unique_items {
                    self.distinct(items, &[]);
                }
            }
            Value::Object(object) => self.count("fields", rules.properties, || object.len()),
            _ => {}
        }
        for part in &rules.all_of {
            self.value(part, value);
        }
        if !rules.any_of.is_empty() && !rules.any_of.iter().any(|part| self.holds(part, value)) {
            self.tell(Problem::Alternatives("fits none of the alternatives of its schema"));
        }
        if !rules.one_of.is_empty() {
            match rules.one_of.iter().filter(|part| self.holds(part, value)).count() {
                1 => {}
                0 => self.tell(Problem::Alternatives("fits none of the alternatives of its schema")),
                _ => self.tell(Problem::Alternatives(
                    "fits more than one of the alternatives of its schema, which exclude each other",
                )),
            }
        }
        if let Some(part) = &rules.not
            && self.holds(part, value)
        {
            self.tell(Problem::Alternatives("is what its schema excludes"));
        }
    }

    fn number(&mut self, rules: &Rules, number: f64) {
        if let Some((limit, exclusive)) = rules.minimum
            && (number < limit || (exclusive && number <= limit))
        {
            let words = if exclusive { "more than" } else { "at least" };
            self.tell(Problem::Bounds(format!("expected {words} {limit}")));
        }
        if let Some((limit, exclusive)) = rules.maximum
            && (number > limit || (exclusive && number >= limit))
        {
            let words = if exclusive { "less than" } else { "at most" };
            self.tell(Problem::Bounds(format!("expected {words} {limit}")));
        }
        if let Some(step) = rules.multiple_of
            && (number / step).fract() != 0.0
        {
            self.tell(Problem::Bounds(format!("expected a multiple of {step}")));
        }
    }

    fn count(&mut self, of: &str, bounds: crate::rules::Bounds, count: impl FnOnce() -> usize) {
        if bounds == crate::rules::Bounds::default() {
            return;
        }
        let count = count();
        if !bounds.hold(count) {
            let words = match (bounds.least, bounds.most) {
                (Some(least), Some(most)) => format!("{least} to {most}"),
                (Some(least), None) => format!("at least {least}"),
                (None, Some(most)) => format!("at most {most}"),
                (None, None) => return,
            };
            self.tell(Problem::Bounds(format!("expected {words} {of}, found {count}")));
        }
    }

    /// Whether a part of a schema allows the value.
    fn holds(&self, schema: &Schema, value: &Value) -> bool {
        let mut holds = true;
        validate(schema, value, self.types, &mut |_| holds = false);
        holds
    }
}

/// The whole number that a number is: `1.0` is one, as for the server's reader of custom resources.
fn whole(number: &serde_json::Number) -> Option<i128> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Some(whole.into());
    }
    let number = number.as_f64()?;
    // Beyond 2^100 nothing fits anyway.
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^100")]
    (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
}

/// Whether two values are the same; numbers by their value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
