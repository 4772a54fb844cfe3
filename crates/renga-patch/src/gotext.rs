//! What Go prints for decoded JSON, and what it calls its types.

use serde_json::Value;

/// The value as `fmt.Sprint` prints it: objects as `map[…]` with sorted keys, null as `<nil>`.
pub(crate) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => out.push_str(&integer.to_string()),
            None => out.push_str(&float(number.as_f64().unwrap_or_default())),
        },
        Value::String(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push_str("map[");
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                write(item, out);
            }
            out.push(']');
        }
    }
}

/// A float64 under `%v`: as `%g`, but with an exponent below 1e-4 and from 1e6 on.
fn float(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-4..1e6).contains(&magnitude) {
        return format!("{float}");
    }
    let text = format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// The Go type that JSON decodes the value into; numbers stay integers where they can.
pub(crate) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => SLICE,
        Value::Object(_) => MAP,
    }
}

/// Go's type of a JSON list.
pub(crate) const SLICE: &str = "[]interface {}";
/// Go's type of a JSON object.
pub(crate) const MAP: &str = "map[string]interface {}";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_print_as_in_go() {
        // Recorded from Go 1.26, fmt.
        assert_eq!(
            print(
                &json!({"b": [1, 2.5, null, 1e21, 1e-5, 123_456_789.5], "a": {"x": true, "y": "z"}})
            ),
            "map[a:map[x:true y:z] b:[1 2.5 <nil> 1e+21 1e-05 1.234567895e+08]]"
        );
    }
}
