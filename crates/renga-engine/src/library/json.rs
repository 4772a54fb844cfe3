//! JSON into values, without a tree in between.

use std::sync::Arc;

use renga_syntax::Visibility;
use serde_json::de::Deserializer;

use crate::error::Res;
use crate::eval::Vm;
use crate::heap::symbols::{Symbol, Symbols};
use crate::heap::value::Value;
use crate::source::Source;

/// Reads the name of a field.
struct Name<'s>(&'s mut Symbols);

impl<'de> serde::de::DeserializeSeed<'de> for Name<'_> {
    type Value = Symbol;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Symbol, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl serde::de::Visitor<'_> for Name<'_> {
    type Value = Symbol;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Symbol, E> {
        Ok(self.0.number(name))
    }
}

/// Reads a value.
struct Build<'v, 'h> {
    vm: &'v mut Vm<'h>,
    /// Whether a name may stand twice in an object; the last one counts.
    repeated: bool,
}

impl<'de> serde::de::DeserializeSeed<'de> for Build<'_, '_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Build<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Num(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers are doubles")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Num(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers are doubles")]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Num(value as f64))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.vm.heap.string(value))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) =
            list.next_element_seed(Build { vm: self.vm, repeated: self.repeated })?
        {
            elements.push(element);
        }
        elements.shrink_to_fit();
        Ok(self.vm.heap.array(elements))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields: Vec<(u32, Value)> = Vec::new();
        let mut known = rustc_hash::FxHashMap::default();
        while let Some(name) = map.next_key_seed(Name(&mut self.vm.symbols))? {
            let value = map.next_value_seed(Build { vm: self.vm, repeated: self.repeated })?;
            let few = fields.len() < 8;
            let before = if few {
                fields.iter().position(|(known, _)| *known == name)
            } else {
                if known.is_empty() {
                    known.extend(fields.iter().enumerate().map(|(at, (name, _))| (*name, at)));
                }
                known.get(&name).copied()
            };
            match before {
                Some(_) if !self.repeated => return Err(serde::de::Error::custom("repeated")),
                Some(at) => fields[at].1 = value,
                None => {
                    if !few {
                        known.insert(name, fields.len());
                    }
                    fields.push((name, value));
                }
            }
        }
        Ok(self.vm.object_of(fields, Visibility::Inherit))
    }
}

impl Vm<'_> {
    /// The value of JSON; `None` if it is none, or none that is Jsonnet as well.
    fn json_value(&mut self, bytes: &[u8], repeated: bool) -> Option<Value> {
        let mut deserializer = Deserializer::from_slice(bytes);
        let value = serde::de::DeserializeSeed::deserialize(
            Build { vm: self, repeated },
            &mut deserializer,
        )
        .ok()?;
        deserializer.end().ok()?;
        Some(value)
    }

    /// The value of a file of JSON.
    pub(crate) fn json_file(&mut self, source: &Arc<Source>) -> Option<Value> {
        self.json_value(source.bytes(), false)
    }

    /// `std.parseJson`
    pub(crate) fn parse_json(&mut self, text: &str) -> Res<Value> {
        if let Some(value) = self.json_value(text.as_bytes(), true) {
            return Ok(value);
        }
        match renga_gojson::parse(text.as_bytes()) {
            Ok(value) => self.from_json(&value),
            Err(error) => crate::error::fail(format!("failed to parse JSON: {error}")),
        }
    }

    /// Data as a value.
    pub(crate) fn from_json(&mut self, json: &serde_json::Value) -> Res<Value> {
        Ok(match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => {
                return crate::eval::operators::checked(number.as_f64().unwrap_or(f64::NAN));
            }
            serde_json::Value::String(text) => self.heap.string(text.as_str()),
            serde_json::Value::Array(elements) => {
                let elements =
                    elements.iter().map(|element| self.from_json(element)).collect::<Res<_>>()?;
                self.heap.array(elements)
            }
            serde_json::Value::Object(fields) => {
                let mut out = Vec::with_capacity(fields.len());
                for (name, value) in fields {
                    let name = self.symbols.number(name);
                    out.push((name, self.from_json(value)?));
                }
                self.object_of(out, Visibility::Inherit)
            }
        })
    }
}
