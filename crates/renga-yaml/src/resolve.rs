//! What a scalar means: the tag and value that go-yaml gives to plain text.
//!
//! Both library versions share the integer, float, null and timestamp rules. Version 2 adds the
//! YAML 1.1 booleans (`yes`, `on`, `y` …), version 3 the octal spelling of YAML 1.2. The writer
//! asks the same question to learn whether a string needs quotes.

use crate::number::{Integer, parse_float, parse_integer, parse_integer_radix, parse_point_float};
use crate::time::Timestamp;

/// The library version whose table applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `gopkg.in/yaml.v2` and its continuation `go.yaml.in/yaml/v2`.
    V2,
    /// `gopkg.in/yaml.v3` and its continuation `go.yaml.in/yaml/v3`.
    V3,
}

/// The meaning of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Timestamp(Timestamp),
    /// Text that stands for itself.
    Str,
}

impl Resolved {
    /// The short tag, as error messages print it.
    pub(crate) fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp(_) => "!!timestamp",
            Self::Str => "!!str",
        }
    }
}

impl From<Integer> for Resolved {
    fn from(integer: Integer) -> Self {
        match integer {
            Integer::Signed(value) => Self::Int(value),
            Integer::Unsigned(value) => Self::Uint(value),
        }
    }
}

/// Resolves untagged plain text; `timestamps` is off when an explicit tag other than
/// `!!timestamp` asks for something else.
pub(crate) fn resolve(text: &str, version: Version, timestamps: bool) -> Resolved {
    let Some(&first) = text.as_bytes().first() else {
        return Resolved::Null;
    };
    match first {
        b'~' if text.len() == 1 => Resolved::Null,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => {
            resolve_word(text, version)
        }
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
            _ => parse_point_float(text).map_or(Resolved::Str, Resolved::Float),
        },
        b'+' | b'-' | b'0'..=b'9' => resolve_number(text, version, timestamps),
        _ => Resolved::Str,
    }
}

fn resolve_word(text: &str, version: Version) -> Resolved {
    match text {
        "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        _ if version == Version::V2 => old_bool(text).map_or(Resolved::Str, Resolved::Bool),
        _ => Resolved::Str,
    }
}

/// The booleans that only YAML 1.1 knows.
pub(crate) fn old_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn resolve_number(text: &str, version: Version, timestamps: bool) -> Resolved {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if timestamps && let Some(time) = Timestamp::parse(text) {
        return Resolved::Timestamp(time);
    }
    let stripped;
    let plain = if text.contains('_') {
        stripped = text.replace('_', "");
        stripped.as_str()
    } else {
        text
    };
    if let Some(integer) = parse_integer(plain) {
        return integer.into();
    }
    if let Some(value) = parse_float(plain) {
        return Resolved::Float(value);
    }
    let radixes: &[(&str, &str, u32)] = match version {
        Version::V2 => &[("0b", "-0b", 2)],
        Version::V3 => &[("0b", "-0b", 2), ("0o", "-0o", 8)],
    };
    for &(prefix, negative, radix) in radixes {
        if let Some(digits) = plain.strip_prefix(prefix) {
            // A sign after the prefix gets here: Go parses the rest as a number of its own.
            if let Some(integer) = parse_integer_radix(digits, radix) {
                return integer.into();
            }
        } else if let Some(digits) = plain.strip_prefix(negative)
            && digits.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Some(Integer::Signed(value)) = parse_integer_radix(&format!("-{digits}"), radix)
        {
            return Resolved::Int(value);
        }
    }
    Resolved::Str
}

/// Reports whether text is a number in base 60, which YAML 1.1 reads as such.
///
/// The Go libraries do not, but quote it for others: `12:30:45`, `-1:00.5`.
pub(crate) fn is_base60(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.contains(&b':') {
        return false;
    }
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
        return false;
    }
    while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
        at += 1;
    }
    let mut groups = 0;
    while bytes.get(at) == Some(&b':') {
        let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        match (digits, bytes.get(at + 1)) {
            (1, _) | (2, Some(b'0'..=b'5')) => at += 1 + digits,
            _ => return false,
        }
        groups += 1;
    }
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            at += 1;
        }
    }
    groups > 0 && at == bytes.len()
}

/// Reports whether a plain scalar of this text reads back as the same string everywhere.
pub(crate) fn is_plain_string(text: &str, version: Version) -> bool {
    match text.as_bytes().first() {
        None => false,
        Some(b'+' | b'-' | b'0'..=b'9') => {
            resolve_number(text, version, true) == Resolved::Str && !is_base60(text)
        }
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            // The longest word of the tables is `false`.
            text.len() > 5
                || (resolve_word(text, version) == Resolved::Str && old_bool(text).is_none())
        }
        Some(b'~' | b'.') => resolve(text, version, true) == Resolved::Str,
        Some(_) => true,
    }
}
