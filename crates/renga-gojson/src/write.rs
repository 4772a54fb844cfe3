//! Writing, as `json.Marshal` and `json.MarshalIndent`.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Writes `value` on one line, as `json.Marshal`: keys sorted bytewise, HTML characters escaped.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, None, 0, &mut out);
    out
}

/// Writes `value` over several lines, as `json.MarshalIndent` without a prefix; no final newline.
pub fn to_string_pretty(value: &Value, indent: &str) -> String {
    let mut out = String::new();
    write_value(value, Some(indent), 0, &mut out);
    out
}

fn write_value(value: &Value, indent: Option<&str>, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, indent, depth + 1, out);
                write_value(item, indent, depth + 1, out);
            }
            close(items.is_empty(), ']', indent, depth, out);
        }
        Value::Object(map) => {
            out.push('{');
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (index, (key, value)) in entries.into_iter().enumerate() {
                separate(index, indent, depth + 1, out);
                write_string(key, out);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write_value(value, indent, depth + 1, out);
            }
            close(map.is_empty(), '}', indent, depth, out);
        }
    }
}

fn separate(index: usize, indent: Option<&str>, depth: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    new_line(indent, depth, out);
}

fn close(empty: bool, bracket: char, indent: Option<&str>, depth: usize, out: &mut String) {
    if !empty {
        new_line(indent, depth, out);
    }
    out.push(bracket);
}

fn new_line(indent: Option<&str>, depth: usize, out: &mut String) {
    if let Some(indent) = indent {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str(indent));
    }
}

fn write_number(number: &Number, out: &mut String) {
    if let Some(integer) = number.as_i64() {
        out.push_str(&integer.to_string());
    } else if let Some(integer) = number.as_u64() {
        out.push_str(&integer.to_string());
    } else {
        out.push_str(&format_float(number.as_f64().unwrap_or_default()));
    }
}

/// A float64 as Go's encoder writes it: the shortest digits, with an exponent below 1e-6 and from
/// 1e21 on.
pub fn format_float(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{float:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => text,
        };
    }
    format!("{float}")
}

/// Writes a string in quotes, escaped as Go does: control characters, `<`, `>`, `&`, and the line
/// separators that JavaScript does not allow.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut clean = 0;
    for (at, c) in text.char_indices() {
        let escape: Option<&str> = match c {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{8}' => Some("\\b"),
            '\u{c}' => Some("\\f"),
            '\u{2028}' => Some("\\u2028"),
            '\u{2029}' => Some("\\u2029"),
            '<' => Some("\\u003c"),
            '>' => Some("\\u003e"),
            '&' => Some("\\u0026"),
            c if c < ' ' => None,
            _ => continue,
        };
        out.push_str(&text[clean..at]);
        match escape {
            Some(escape) => out.push_str(escape),
            // Writing to a string cannot fail.
            None => drop(write!(out, "\\u{:04x}", u32::from(c))),
        }
        clean = at + c.len_utf8();
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_go_writes_them() {
        // Recorded from Go 1.26, encoding/json.
        let value = json!({"b": [1, 2.5, 1e21, 1e-7, 123_456_789.0, -0.0, 100.0], "a": {}, "c": [], "é": "<a&b>\u{2028}\u{1}\u{7f}"});
        assert_eq!(
            to_string(&value),
            "{\"a\":{},\"b\":[1,2.5,1e+21,1e-7,123456789,-0,100],\"c\":[],\"é\":\"\\u003ca\\u0026b\\u003e\\u2028\\u0001\u{7f}\"}"
        );
        assert_eq!(
            to_string_pretty(&json!({"a": [1, {}], "b": []}), "  "),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
        );
    }
}
