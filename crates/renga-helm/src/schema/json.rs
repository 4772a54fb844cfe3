//! JSON documents as the validator sees them: numbers keep how they were written.
//!
//! A schema is read as Go's streaming decoder reads it, with Go's error texts; values come from
//! [`serde_json::Value`]. Objects are sorted by key, so that whatever walks one does so in one order.

use std::collections::BTreeMap;

use renga_gotemplate::GoStr;
use serde_json::Value;

use super::number::Number;
use crate::values::{self, Coalesced, Table};

/// A schema or an instance.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.get(key),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// A table of a chart's values.
    pub(super) fn of_table(all: &Coalesced, table: &Table) -> Self {
        let member =
            |(key, value): (&_, &_)| (GoStr::to_text(key).into_owned(), Json::of_value(all, value));
        Json::Object(table.iter().map(member).collect())
    }

    fn of_value(all: &Coalesced, value: &values::Value) -> Self {
        super::deeper(|| match value {
            values::Value::Null => Json::Null,
            values::Value::Bool(truth) => Json::Bool(*truth),
            values::Value::Int(number) => Json::Number(Number::new(&number.to_string())),
            values::Value::Float(number) => Json::Number(Number::new(&format!("{number:e}"))),
            values::Value::String(text) => Json::String(text.to_text().into_owned()),
            values::Value::List(items) => {
                Json::Array(items.iter().map(|item| Json::of_value(all, item)).collect())
            }
            values::Value::Table(table) => Json::of_table(all, table),
            values::Value::Shared(id) => Json::of_table(all, all.shared(*id)),
        })
    }

    /// Whether both are the same value: numbers by value, objects without regard to order.
    pub(super) fn equals(&self, other: &Json) -> bool {
        super::deeper(|| match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Bool(a), Json::Bool(b)) => a == b,
            (Json::String(a), Json::String(b)) => a == b,
            (Json::Number(a), Json::Number(b)) => a.equals(b),
            (Json::Array(a), Json::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Json::Object(a), Json::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && a.equals(b))
            }
            _ => false,
        })
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        super::deeper(|| match value {
            Value::Null => Json::Null,
            Value::Bool(truth) => Json::Bool(*truth),
            Value::Number(number) => Json::Number(Number::new(&number.to_string())),
            Value::String(text) => Json::String(text.clone()),
            Value::Array(items) => Json::Array(items.iter().map(Json::from).collect()),
            Value::Object(members) => Json::Object(
                members.iter().map(|(key, value)| (key.clone(), Json::from(value))).collect(),
            ),
        })
    }
}

/// Reads one document. The last of equal keys wins; invalid UTF-8 becomes U+FFFD.
///
/// # Errors
///
/// The text of Go's `json.Decoder`, or of the library where something follows the document.
pub(super) fn parse(text: &[u8]) -> Result<Json, String> {
    if let Err(error) = renga_gojson::parse(text) {
        let message = error.message;
        // The streaming decoder tells an end from a wrong character; the other one imagines a space.
        let ended = error.offset >= text.len() && message.starts_with("invalid character ' ' ");
        if ended || message == "unexpected end of JSON input" {
            let blank = text.iter().all(|byte| b" \t\r\n".contains(byte));
            return Err(if blank { "EOF" } else { "unexpected EOF" }.to_owned());
        }
        if message.ends_with(" after top-level value") {
            return Err("invalid character after top-level value".to_owned());
        }
        // A number too large for a float is fine here: nothing turns it into one.
        if !message.starts_with("json: cannot unmarshal number") {
            return Err(message);
        }
    }
    let mut reader = Reader { text, at: 0 };
    let value = reader.document().ok_or("unexpected EOF")?;
    reader.space();
    if reader.at < text.len() {
        return Err("invalid character after top-level value".to_owned());
    }
    Ok(value)
}

/// Reads what is known to be JSON, or nearly so.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

/// A container that is being filled; on the heap, so that depth costs no native stack.
enum Open {
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>, String),
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Json> {
        let mut open = Vec::new();
        loop {
            self.space();
            let mut value = match self.peek()? {
                b'{' => {
                    self.at += 1;
                    if self.takes(b'}') {
                        Json::Object(BTreeMap::new())
                    } else {
                        open.push(Open::Object(BTreeMap::new(), self.key()?));
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if self.takes(b']') {
                        Json::Array(Vec::new())
                    } else {
                        open.push(Open::Array(Vec::new()));
                        continue;
                    }
                }
                _ => self.scalar()?,
            };
            loop {
                match open.pop() {
                    None => return Some(value),
                    Some(Open::Array(mut items)) => {
                        items.push(value);
                        if self.takes(b',') {
                            open.push(Open::Array(items));
                            break;
                        }
                        self.takes(b']').then_some(())?;
                        value = Json::Array(items);
                    }
                    Some(Open::Object(mut members, key)) => {
                        members.insert(key, value);
                        if self.takes(b',') {
                            open.push(Open::Object(members, self.key()?));
                            break;
                        }
                        self.takes(b'}').then_some(())?;
                        value = Json::Object(members);
                    }
                }
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        self.space();
        let Json::String(key) = self.scalar()? else { return None };
        self.takes(b':').then_some(key)
    }

    /// A text, a number or a word. Texts and words are left to the common reader.
    fn scalar(&mut self) -> Option<Json> {
        let start = self.at;
        if self.peek()? == b'"' {
            self.at += 1;
            while self.peek()? != b'"' {
                self.at += if self.peek()? == b'\\' { 2 } else { 1 };
            }
            self.at += 1;
        } else {
            while self.peek().is_some_and(|byte| !b" \t\r\n,]}:".contains(&byte)) {
                self.at += 1;
            }
        }
        let token = self.text.get(start..self.at)?;
        if token.first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit()) {
            return std::str::from_utf8(token).ok().map(|text| Json::Number(Number::new(text)));
        }
        renga_gojson::parse(token).ok().map(|value| Json::from(&value))
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_spelling() {
        let Json::Array(items) = parse(b" [1.0, -0, 1e5, 1e999, \"\\u00e9\xff\"] ").unwrap() else {
            panic!("no array");
        };
        let texts: Vec<&str> = items
            .iter()
            .map(|item| match item {
                Json::Number(number) => &*number.text,
                Json::String(text) => text,
                _ => "",
            })
            .collect();
        assert_eq!(texts, ["1.0", "-0", "1e5", "1e999", "é\u{fffd}"]);
    }

    #[test]
    fn errors_are_those_of_the_decoder() {
        // Recorded from Go 1.26 with jsonschema v6.0.3.
        for (text, message) in [
            ("", "EOF"),
            (" \n", "EOF"),
            ("{", "unexpected EOF"),
            ("[tru", "unexpected EOF"),
            ("tru ", "invalid character ' ' in literal true (expecting 'e')"),
            ("{} x", "invalid character after top-level value"),
            ("{]", "invalid character ']' looking for beginning of object key string"),
            ("[1e999", "unexpected EOF"),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap_err(), message, "{text}");
        }
    }
}
