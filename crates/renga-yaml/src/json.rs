//! JSON text as Go's `encoding/json` writes it, on its way through a YAML reader.
//!
//! `sigs.k8s.io/yaml` writes YAML by way of JSON text that it reads as YAML. For nearly all values
//! that is the same as writing them directly; [`changes_in_yaml`] tells the others.

use serde_json::Value;

use crate::number;

/// Keys up to this many bytes stay simple keys however they are escaped.
const SHORT_KEY: usize = 160;

/// Whether JSON text of the value may read back as something else, or not at all.
pub(crate) fn changes_in_yaml(value: &Value) -> bool {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if is_awkward(text) => return true,
            Value::Array(items) => pending.extend(items),
            Value::Object(map) => {
                if map.keys().any(|key| is_altered(key, true)) {
                    return true;
                }
                pending.extend(map.values());
            }
            _ => {}
        }
    }
    false
}

/// Whether a string or key may read back as something else, or not at all.
pub(crate) fn is_altered(text: &str, is_key: bool) -> bool {
    (is_key && text.len() > SHORT_KEY) || is_awkward(text)
}

/// Whether text has characters that JSON keeps and YAML refuses or folds.
fn is_awkward(text: &str) -> bool {
    // Without an early end, which would keep the compiler from comparing many bytes at once.
    let highest = text.as_bytes().iter().fold(0, |highest, &b| b.max(highest));
    highest >= 0x7F
        && text.chars().any(|c| matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'))
}

enum Step<'v> {
    Value(&'v Value),
    Key(&'v str),
    Text(&'static [u8]),
}

/// The value as compact JSON, keys sorted by their bytes.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Text(text) => out.extend_from_slice(text),
            Step::Key(key) => {
                encode_string(key, &mut out);
                out.push(b':');
            }
            Step::Value(Value::Null) => out.extend_from_slice(b"null"),
            Step::Value(Value::Bool(value)) => out.extend_from_slice(value.to_string().as_bytes()),
            Step::Value(Value::Number(value)) => encode_number(value, &mut out),
            Step::Value(Value::String(text)) => encode_string(text, &mut out),
            Step::Value(Value::Array(items)) => {
                out.push(b'[');
                steps.push(Step::Text(b"]"));
                for (at, item) in items.iter().enumerate().rev() {
                    steps.push(Step::Value(item));
                    if at > 0 {
                        steps.push(Step::Text(b","));
                    }
                }
            }
            Step::Value(Value::Object(map)) => {
                out.push(b'{');
                steps.push(Step::Text(b"}"));
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|entry| entry.0);
                for (at, (key, value)) in entries.into_iter().enumerate().rev() {
                    steps.push(Step::Value(value));
                    steps.push(Step::Key(key));
                    if at > 0 {
                        steps.push(Step::Text(b","));
                    }
                }
            }
        }
    }
    out
}

fn encode_number(value: &serde_json::Number, out: &mut Vec<u8>) {
    if let Some(value) = value.as_i64() {
        number::write_i64(value, out);
    } else if let Some(value) = value.as_u64() {
        number::write_u64(value, out);
    } else if let Some(value) = value.as_f64() {
        number::write_json_float(value, out);
    }
}

fn encode_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        let short = match c {
            '"' | '\\' => c as u8,
            '\u{08}' => b'b',
            '\u{0C}' => b'f',
            '\n' => b'n',
            '\r' => b'r',
            '\t' => b't',
            '\0'..='\u{1F}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
                continue;
            }
            _ => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
    out.push(b'"');
}
