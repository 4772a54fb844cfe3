//! Values as the Go libraries hold them, and their way to JSON.
//!
//! Between a document and JSON lie mappings with keys of any scalar type, numbers that JSON does
//! not know and timestamps. This module turns them into [`serde_json::Value`] or says, in the
//! words of `encoding/json` or `sigs.k8s.io/yaml`, why not; and prints values in Go syntax, which
//! some errors quote.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;
use serde_json::{Map, Number, Value};

use crate::error::YamlError;
use crate::number;
use crate::resolve::Version;
use crate::time::Timestamp;

/// A scalar as a mapping key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// By its bits.
    Float(u64),
    Str(Text),
    Timestamp(Timestamp),
}

/// Text that may, after `!!binary`, not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Text {
    Utf8(String),
    Bytes(Vec<u8>),
}

impl Text {
    /// The text with every byte that is not UTF-8 replaced, as `encoding/json` does.
    fn into_string(self) -> String {
        let bytes = match self {
            Self::Utf8(text) => return text,
            Self::Bytes(bytes) => bytes,
        };
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(std::iter::repeat_n('\u{FFFD}', chunk.invalid().len()));
        }
        text
    }
}

/// A mapping in the order of its first assignments.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    /// Whether all keys are known to be strings (version 3 only).
    pub(super) string_keys: bool,
    entries: Vec<(Key, GoValue)>,
    index: FxHashMap<Key, usize>,
}

impl Mapping {
    /// Mappings of this size are searched from end to end.
    const SMALL: usize = 8;

    pub(super) fn new(string_keys: bool) -> Self {
        Self { string_keys, ..Self::default() }
    }

    fn position(&self, key: &Key) -> Option<usize> {
        if self.entries.len() <= Self::SMALL {
            self.entries.iter().position(|(known, _)| known == key)
        } else {
            self.index.get(key).copied()
        }
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.position(key).is_some()
    }

    pub(super) fn insert(&mut self, key: Key, value: GoValue) {
        if let Some(at) = self.position(&key) {
            self.entries[at].1 = value;
            return;
        }
        let count = self.entries.len();
        if count >= Self::SMALL {
            if count == Self::SMALL {
                for (at, (known, _)) in self.entries.iter().enumerate() {
                    self.index.insert(known.clone(), at);
                }
            }
            self.index.insert(key.clone(), count);
        }
        self.entries.push((key, value));
    }
}

/// A decoded value.
#[derive(Clone, Debug)]
pub(super) enum GoValue {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Str(Text),
    Timestamp(Timestamp),
    Sequence(Vec<GoValue>),
    /// Boxed, to keep values small.
    Mapping(Box<Mapping>),
}

impl GoValue {
    /// The value as a key; collections are returned as they are.
    pub(super) fn into_key(self) -> Result<Key, Self> {
        Ok(match self {
            Self::Null => Key::Null,
            Self::Bool(value) => Key::Bool(value),
            Self::Int(value) => Key::Int(value),
            Self::Uint(value) => Key::Uint(value),
            Self::Float(value) => Key::Float(value.to_bits()),
            Self::Str(text) => Key::Str(text),
            Self::Timestamp(time) => Key::Timestamp(time),
            Self::Sequence(_) | Self::Mapping(_) => return Err(self),
        })
    }

    /// The value as JSON has it.
    pub(super) fn into_json(self, version: Version) -> Result<Value, YamlError> {
        match self {
            Self::Sequence(items) => {
                // A plain loop: adapters cost a dozen frames a level where nothing is optimised.
                let mut converted = Vec::with_capacity(items.len());
                for item in items {
                    converted.push(item.into_json(version)?);
                }
                Ok(Value::Array(converted))
            }
            Self::Mapping(mapping) => mapping.into_json(version),
            scalar => scalar.into_json_scalar(),
        }
    }

    fn into_json_scalar(self) -> Result<Value, YamlError> {
        Ok(match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => value.into(),
            Self::Uint(value) => value.into(),
            Self::Float(value) => Number::from_f64(value).map(Value::Number).ok_or_else(|| {
                let spelled = if value.is_nan() {
                    "NaN"
                } else if value > 0.0 {
                    "+Inf"
                } else {
                    "-Inf"
                };
                not_json(format!("json: unsupported value: {spelled}"))
            })?,
            Self::Str(text) => Value::String(text.into_string()),
            Self::Timestamp(time) => Value::String(time.to_rfc3339().ok_or_else(|| {
                not_json(
                    "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: \
                     timezone hour outside of range [0,23]",
                )
            })?),
            Self::Null | Self::Sequence(_) | Self::Mapping(_) => Value::Null,
        })
    }
}

fn not_json(problem: impl Into<String>) -> YamlError {
    YamlError::NotJson { problem: problem.into() }
}

impl Mapping {
    fn into_json(self, version: Version) -> Result<Value, YamlError> {
        if version == Version::V3 && !self.string_keys {
            return Err(not_json("json: unsupported type: map[interface {}]interface {}"));
        }
        // The first problem in the order of keys is the one that the libraries report.
        let mut problem: Option<(String, YamlError)> = None;
        let mut map = Map::with_capacity(self.entries.len());
        for (key, value) in self.entries {
            let key = json_key(key, &value)?;
            match value.into_json(version) {
                Ok(value) => {
                    map.insert(key, value);
                }
                Err(error) => {
                    if problem.as_ref().is_none_or(|(first, _)| key < *first) {
                        problem = Some((key, error));
                    }
                }
            }
        }
        problem.map_or(Ok(Value::Object(map)), |(_, error)| Err(error))
    }
}

/// The string that `sigs.k8s.io/yaml` makes of a key.
fn json_key(key: Key, value: &GoValue) -> Result<String, YamlError> {
    let float = |bits| {
        let mut text = Vec::new();
        number::write_float32(f64::from_bits(bits), &mut text);
        String::from_utf8(text).unwrap_or_default()
    };
    Ok(match key {
        Key::Str(text) => text.into_string(),
        Key::Bool(value) => value.to_string(),
        Key::Int(value) => value.to_string(),
        Key::Float(bits) => float(bits),
        Key::Null | Key::Uint(_) | Key::Timestamp(_) => {
            let kind = if matches!(key, Key::Uint(_)) { "uint64" } else { "%!s(<nil>)" };
            let key = go_syntax_key(&key);
            let value = go_syntax(value, true);
            return Err(not_json(format!(
                "unsupported map key of type: {kind}, key: {key}, value: {value}"
            )));
        }
    })
}

/// A value as Go's `%#v` prints it.
pub(super) fn go_syntax(value: &GoValue, outermost: bool) -> String {
    match value {
        GoValue::Null if outermost => "<nil>".to_owned(),
        GoValue::Null => "interface {}(nil)".to_owned(),
        GoValue::Bool(value) => value.to_string(),
        GoValue::Int(value) => value.to_string(),
        GoValue::Uint(value) => format!("{value:#x}"),
        GoValue::Float(value) => go_syntax_float(*value),
        GoValue::Str(text) => quote_text(text),
        GoValue::Timestamp(time) => time.to_rfc3339().unwrap_or_default(),
        GoValue::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| go_syntax(item, false)).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        GoValue::Mapping(mapping) => {
            let kind = if mapping.string_keys { "string" } else { "interface {}" };
            let mut entries: Vec<_> = mapping.entries.iter().collect();
            entries.sort_by_cached_key(|(key, _)| sort_rank(key));
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", go_syntax_key(key), go_syntax(value, false)))
                .collect();
            format!("map[{kind}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

/// Go prints mappings sorted by key.
fn sort_rank(key: &Key) -> (u8, i128, String) {
    match key {
        Key::Null => (0, 0, String::new()),
        Key::Bool(value) => (1, i128::from(*value), String::new()),
        Key::Int(value) => (2, i128::from(*value), String::new()),
        Key::Uint(value) => (3, i128::from(*value), String::new()),
        Key::Float(bits) => {
            // Orders floats by their bits: flips negative ones.
            let signed = bits.cast_signed();
            let rank = if signed < 0 { i64::MIN - signed } else { signed };
            (4, i128::from(rank), String::new())
        }
        Key::Str(text) => (5, 0, text.clone().into_string()),
        Key::Timestamp(time) => (6, 0, time.to_rfc3339().unwrap_or_default()),
    }
}

pub(super) fn go_syntax_key(key: &Key) -> String {
    match key {
        Key::Null => "<nil>".to_owned(),
        Key::Bool(value) => value.to_string(),
        Key::Int(value) => value.to_string(),
        Key::Uint(value) => format!("{value:#x}"),
        Key::Float(bits) => go_syntax_float(f64::from_bits(*bits)),
        Key::Str(text) => quote_text(text),
        Key::Timestamp(time) => time.to_rfc3339().unwrap_or_default(),
    }
}

fn go_syntax_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let mut text = Vec::new();
    number::write_float(value, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

fn quote_text(text: &Text) -> String {
    match text {
        Text::Utf8(text) => quote(text),
        Text::Bytes(bytes) => quote(&String::from_utf8_lossy(bytes)),
    }
}

/// A string as Go's `strconv.Quote` prints it.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{07}' => quoted.push_str("\\a"),
            '\u{08}' => quoted.push_str("\\b"),
            '\u{0C}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{0B}' => quoted.push_str("\\v"),
            ' '..='~' => quoted.push(c),
            c if is_graphic(c) => quoted.push(c),
            // Writing into a string cannot fail.
            c if c < '\u{80}' => _ = write!(quoted, "\\x{:02x}", u32::from(c)),
            c if c <= '\u{FFFF}' => _ = write!(quoted, "\\u{:04x}", u32::from(c)),
            c => _ = write!(quoted, "\\U{:08x}", u32::from(c)),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character beyond ASCII prints as itself.
fn is_graphic(c: char) -> bool {
    // The debug form escapes what does not print, and combining marks, which Go prints.
    !c.is_ascii_control()
        && !c.is_whitespace()
        && (c.is_alphanumeric() || c.escape_debug().len() == 1 || is_combining(c))
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20F0}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}')
}
