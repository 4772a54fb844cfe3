//! Numbers as they come out of the JSON text that kubectl passes between its steps.
//!
//! kubectl encodes every object before it compares: a float without a fraction becomes an integer
//! that way, and an integer beyond 64 bits a float.

use serde_json::{Map, Number, Value};

/// Copies `value` with its numbers as they are after encoding and decoding.
pub(crate) fn decoded(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(decoded_number(number)),
        Value::Array(items) => Value::Array(items.iter().map(decoded).collect()),
        Value::Object(map) => Value::Object(decoded_map(map)),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// As [`decoded`], for an object.
pub(crate) fn decoded_map(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter().map(|(key, item)| (key.clone(), decoded(item))).collect()
}

fn decoded_number(number: &Number) -> Number {
    if number.is_i64() {
        return number.clone();
    }
    let float = number.as_f64().unwrap_or_default();
    if float.fract() == 0.0
        && float.abs() < 1e21
        && let Ok(integer) = renga_gojson::format_float(float).parse::<i64>()
    {
        return integer.into();
    }
    Number::from_f64(float).unwrap_or_else(|| number.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_without_a_fraction_are_integers() {
        assert_eq!(
            decoded(&json!([1.0, 1.5, 1e20, -0.0, u64::MAX, i64::MAX])),
            json!([1, 1.5, 1e20, 0, 1.844_674_407_370_955_2e19, i64::MAX])
        );
    }
}
