//! The one YAML reader and writer of renga.
//!
//! Owns YAML text in both directions, byte for byte as the Go libraries of the tools that renga
//! stands in for: each function takes a [`Flavour`] that names the library. What the values mean
//! is left to the callers; files are theirs too.
//!
//! Invariants: the order of entries in a mapping never shows in what is written (keys are sorted
//! as the library sorts them); bad input gives a [`YamlError`] with the library's words, never a
//! panic, and no input overflows the stack: the writer and the parser keep stacks of their own,
//! and values deeper than [`MAX_DEPTH`] are refused.

mod error;
mod json;
mod number;
mod reader;
mod resolve;
mod time;
mod writer;

use serde_json::Value;

pub use error::{LineProblem, YamlError};
pub use reader::MAX_DEPTH;
use resolve::Version;
pub use writer::DocumentWriter;
use writer::Rules;

/// The library whose bytes and rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// `gopkg.in/yaml.v2` 2.4.0: what Tanka shows and exports. Folds at column 80.
    GoYamlV2,
    /// `gopkg.in/yaml.v3` 3.0.1: Tanka's natives and Helm's input. Indents by four, never folds.
    GoYamlV3,
    /// `go.yaml.in/yaml/v3` 3.0.5 with an indent of two: Helm's `toYamlPretty`.
    GoYamlV3Indent2,
    /// `sigs.k8s.io/yaml` 1.6.0: JSON in between, then version 2. Helm's `toYaml` and values.
    SigsYaml,
}

impl Flavour {
    fn version(self) -> Version {
        match self {
            Self::GoYamlV2 | Self::SigsYaml => Version::V2,
            Self::GoYamlV3 | Self::GoYamlV3Indent2 => Version::V3,
        }
    }

    fn rules(self) -> Rules {
        let (indent, width) = match self {
            Self::GoYamlV2 | Self::SigsYaml => (2, 80),
            Self::GoYamlV3 => (4, usize::MAX),
            Self::GoYamlV3Indent2 => (2, usize::MAX),
        };
        Rules {
            version: self.version(),
            indent,
            width,
            break_after_header: self != Self::GoYamlV3,
            whole_floats: self == Self::SigsYaml,
        }
    }
}

/// Appends `value` to `out` as one document, with a newline at its end and no `---`.
///
/// What [`Flavour::SigsYaml`] refuses (see [`try_write`]) appends nothing, as in Helm's `toYaml`.
pub fn write(value: &Value, flavour: Flavour, out: &mut Vec<u8>) {
    // Only the reason is lost.
    let _ = try_write(value, flavour, out);
}

/// As [`write()`], into a new string.
pub fn to_string(value: &Value, flavour: Flavour) -> String {
    let mut out = Vec::new();
    write(value, flavour, &mut out);
    // The writer copies or escapes whole characters.
    String::from_utf8(out).unwrap_or_default()
}

/// As [`write()`], but says why a value cannot be written.
///
/// # Errors
///
/// [`YamlError`] for [`Flavour::SigsYaml`] alone, which passes values through JSON text and the
/// version 2 reader: that refuses strings with DEL or C1 control characters and keys of more than
/// about a thousand characters.
pub fn try_write(value: &Value, flavour: Flavour, out: &mut Vec<u8>) -> Result<(), YamlError> {
    if flavour == Flavour::SigsYaml && json::changes_in_yaml(value) {
        let reread = reader::read(&json::encode(value), Version::V2, false)?;
        writer::write_document(&reread, Flavour::GoYamlV2.rules(), out);
    } else {
        writer::write_document(value, flavour.rules(), out);
    }
    Ok(())
}

/// Whether passing through JSON text and a YAML reader may change a string or key, or refuse it.
///
/// What [`try_write`] does about it for [`Flavour::SigsYaml`], callers of [`DocumentWriter`] have
/// to care for themselves.
pub fn is_altered_by_json(text: &str, is_key: bool) -> bool {
    json::is_altered(text, is_key)
}

/// Sorts mapping entries in the order the flavour writes them.
pub fn sort_keys<T: Copy>(entries: &mut [(&str, T)], flavour: Flavour) {
    writer::sort_keys(entries, flavour.version());
}

/// Reads the first document of `text`, as the library's `Unmarshal` does; null if there is none.
///
/// Mappings become objects in the order of the text. [`Flavour::SigsYaml`] turns all numbers into
/// floats, because the library goes through JSON; the others keep integers of up to 64 bits.
/// In version 2 keys of other scalar types become strings the way `sigs.k8s.io/yaml` spells them
/// and the last of several equal keys wins; in version 3 either is an error. Timestamps are
/// strings.
///
/// # Errors
///
/// [`YamlError`] in the library's words.
pub fn read(text: &[u8], flavour: Flavour) -> Result<Value, YamlError> {
    read_first(text, flavour, false)
}

/// As [`read()`], but refuses equal keys in version 2 too, as `UnmarshalStrict` does.
///
/// # Errors
///
/// [`YamlError`] in the library's words.
pub fn read_strict(text: &[u8], flavour: Flavour) -> Result<Value, YamlError> {
    read_first(text, flavour, true)
}

/// As [`read()`], for callers that look at some fields only: where the document is a mapping, the
/// value may lack entries whose keys are none of the fields, compared without regard to case.
///
/// The whole document is checked all the same.
///
/// # Errors
///
/// Those of [`read()`].
pub fn read_fields(text: &[u8], flavour: Flavour, fields: &[&str]) -> Result<Value, YamlError> {
    if flavour == Flavour::GoYamlV2 {
        reader::read_fields(text, fields)
    } else {
        read(text, flavour)
    }
}

fn read_first(text: &[u8], flavour: Flavour, strict: bool) -> Result<Value, YamlError> {
    let read = reader::read(text, flavour.version(), strict);
    if flavour != Flavour::SigsYaml {
        return read;
    }
    let mut value = read.map_err(converting)?;
    floats_only(&mut value);
    Ok(value)
}

/// Reads every document of `text`, as a loop over the library's `Decoder` does.
///
/// An empty document is null; a text without any has no documents. Values are those of
/// [`read()`].
///
/// # Errors
///
/// [`YamlError`] in the library's words, for the first document that has one.
pub fn read_documents(text: &[u8], flavour: Flavour) -> Result<Vec<Value>, YamlError> {
    let read = reader::read_documents(text, flavour.version());
    if flavour != Flavour::SigsYaml {
        return read;
    }
    let mut values = read.map_err(converting)?;
    values.iter_mut().for_each(floats_only);
    Ok(values)
}

fn converting(cause: YamlError) -> YamlError {
    YamlError::Converting(Box::new(cause))
}

/// Numbers as Go's JSON decoder has them without types to decode into.
fn floats_only(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().and_then(serde_json::Number::from_f64) {
                *number = float;
            }
        }
        Value::Array(items) => {
            for item in items {
                floats_only(item);
            }
        }
        Value::Object(map) => {
            for item in map.values_mut() {
                floats_only(item);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
