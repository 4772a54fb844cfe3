//! JSON files as values of the evaluator, without its parser.
//!
//! A file that ends in `.json` and is JSON never reaches the evaluator's parser, which needs far
//! more time and memory for data than a reader made for it.

use std::borrow::Cow;

use jrsonnet_evaluator::error::{ErrorKind as JrsonnetErrorKind, Result};
use jrsonnet_evaluator::{NumValue, ObjValueBuilder, Val};

/// Reads a text that is known to be JSON.
///
/// # Errors
///
/// What Jsonnet does not take either: a field that stands twice, a number beyond `f64`, half of a
/// surrogate pair.
pub(super) fn read(text: &str) -> Result<Val> {
    let mut reader = Reader { text, at: 0 };
    reader.value()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

fn error(message: &str) -> jrsonnet_evaluator::Error {
    JrsonnetErrorKind::RuntimeError(message.into()).into()
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Whether the next byte closes a list; skips it, or else a comma.
    fn closes(&mut self, close: u8) -> bool {
        let next = self.peek();
        if next == close || next == b',' {
            self.at += 1;
        }
        next == close
    }

    fn value(&mut self) -> Result<Val> {
        Ok(match self.peek() {
            b'{' => {
                self.at += 1;
                let mut object = ObjValueBuilder::new();
                while !self.closes(b'}') {
                    self.peek();
                    let name = self.string()?;
                    self.peek();
                    self.at += 1;
                    let value = self.value()?;
                    object.field(name.as_ref()).try_value(value)?;
                }
                Val::Obj(object.build())
            }
            b'[' => {
                self.at += 1;
                let mut elements = Vec::new();
                while !self.closes(b']') {
                    elements.push(self.value()?);
                }
                Val::arr(elements)
            }
            b'"' => Val::string(self.string()?.as_ref()),
            b't' => self.word(4, Val::Bool(true)),
            b'f' => self.word(5, Val::Bool(false)),
            b'n' => self.word(4, Val::Null),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest
                    .find(|char: char| !matches!(char, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
                    .unwrap_or(rest.len());
                self.at += end.max(1);
                let number = rest[..end].parse().ok().and_then(NumValue::new);
                Val::Num(number.ok_or_else(|| error("overflow"))?)
            }
        })
    }

    fn word(&mut self, len: usize, value: Val) -> Val {
        self.at += len;
        value
    }

    fn string(&mut self) -> Result<Cow<'a, str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        let mut escaped = false;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    end += 1;
                }
                _ => {}
            }
            end += 1;
        }
        self.at = end + 1;
        if !escaped {
            return Ok(self.text[start..end].into());
        }
        let literal = &self.text[start - 1..=end];
        let text: String =
            serde_json::from_str(literal).map_err(|error_| error(&error_.to_string()))?;
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jrsonnet::handle::manifest;
    use crate::request::Limits;

    #[test]
    fn reads_json() {
        let text = r#" {"b": [1, -2.5e3, true, false, null, {}, []], "a": "x\n\u00e9\ud83d\ude00\"", "": 0.1 } "#;
        let value = manifest(&read(text).unwrap(), Limits::default()).unwrap();
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["a"], expected["a"]);
        assert_eq!(value["b"], json!([1.0, -2500.0, true, false, null, {}, []]));
        assert_eq!(value[""], json!(0.1));
    }

    #[test]
    fn refuses_what_jsonnet_refuses() {
        for text in [r#"{"a": 1, "a": 2}"#, "[1e999]", r#""\ud83d""#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
