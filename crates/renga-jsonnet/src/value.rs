//! JSON values as handles and as sinks.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use crate::engine::{Handle, Kind, Sink};
use crate::error::EvalError;

/// Builds a [`Value`] from its pieces.
#[derive(Default)]
pub(crate) struct ValueSink {
    open: Vec<Open>,
    done: Option<Value>,
}

enum Open {
    Array(Vec<Value>),
    Object(Map<String, Value>, String),
}

impl ValueSink {
    pub(crate) fn into_value(self) -> Value {
        self.done.unwrap_or_default()
    }

    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::Array(elements)) => elements.push(value),
            Some(Open::Object(fields, name)) => {
                fields.insert(std::mem::take(name), value);
            }
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::Array(elements)) => self.put(Value::Array(elements)),
            Some(Open::Object(fields, _)) => self.put(Value::Object(fields)),
            None => {}
        }
    }
}

impl Sink for ValueSink {
    fn null(&mut self) {
        self.put(Value::Null);
    }

    fn boolean(&mut self, value: bool) {
        self.put(Value::Bool(value));
    }

    fn number(&mut self, value: f64) {
        self.put(Number::from_f64(value).map_or(Value::Null, Value::Number));
    }

    fn string(&mut self, value: &str) {
        self.put(Value::String(value.to_owned()));
    }

    fn begin_array(&mut self, len: usize) {
        self.open.push(Open::Array(Vec::with_capacity(len)));
    }

    fn end_array(&mut self) {
        self.close();
    }

    fn begin_object(&mut self, len: usize) {
        self.open.push(Open::Object(Map::with_capacity(len), String::new()));
    }

    fn key(&mut self, name: &str) {
        if let Some(Open::Object(_, next)) = self.open.last_mut() {
            name.clone_into(next);
        }
    }

    fn end_object(&mut self) {
        self.close();
    }
}

/// Every number as `f64`, as Jsonnet sees it.
pub(crate) fn with_f64_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().and_then(Number::from_f64);
            float.map_or(Value::Null, Value::Number)
        }
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(with_f64_numbers).collect())
        }
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name, with_f64_numbers(value))).collect(),
        ),
        other => other,
    }
}

impl Handle for Value {
    fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    fn fields(&self) -> Vec<Arc<str>> {
        let Self::Object(fields) = self else { return Vec::new() };
        let mut names: Vec<Arc<str>> = fields.keys().map(|name| name.as_str().into()).collect();
        names.sort();
        names
    }

    fn field(&self, name: &str) -> Result<Option<Box<dyn Handle>>, EvalError> {
        Ok(Value::get(self, name).map(Handle::boxed))
    }

    fn len(&self) -> usize {
        match self {
            Self::Array(elements) => elements.len(),
            Self::Object(fields) => fields.len(),
            _ => 0,
        }
    }

    fn element(&self, index: usize) -> Result<Option<Box<dyn Handle>>, EvalError> {
        Ok(Value::get(self, index).map(Handle::boxed))
    }

    fn as_str(&self) -> Option<Arc<str>> {
        Value::as_str(self).map(Arc::from)
    }

    fn stream(&self, sink: &mut dyn Sink) -> Result<(), EvalError> {
        match self {
            Self::Null => sink.null(),
            Self::Bool(value) => sink.boolean(*value),
            Self::Number(number) => sink.number(number.as_f64().unwrap_or_default()),
            Self::String(text) => sink.string(text),
            Self::Array(elements) => {
                sink.begin_array(elements.len());
                for element in elements {
                    element.stream(sink)?;
                }
                sink.end_array();
            }
            Self::Object(fields) => {
                sink.begin_object(fields.len());
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_by_key(|(name, _)| *name);
                for (name, value) in sorted {
                    sink.key(name);
                    value.stream(sink)?;
                }
                sink.end_object();
            }
        }
        Ok(())
    }

    fn boxed(&self) -> Box<dyn Handle> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::Segment;

    #[test]
    fn a_json_value_is_a_handle() {
        let value = json!({ "b": [1, { "c": "x" }], "a": null });
        assert_eq!(value.fields(), ["a".into(), "b".into()]);
        let path = [Segment::Field("b".into()), Segment::Element(1), Segment::Field("c".into())];
        let found = Handle::get(&value, &path).unwrap().unwrap();
        assert_eq!(found.as_str().as_deref(), Some("x"));
        assert!(Handle::get(&value, &[Segment::Field("z".into())]).unwrap().is_none());
        let manifest = Handle::manifest(&value).unwrap();
        assert_eq!(manifest.to_string(), r#"{"a":null,"b":[1.0,{"c":"x"}]}"#);
    }
}
