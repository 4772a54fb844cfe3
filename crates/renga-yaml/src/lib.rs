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
mod number;
mod resolve;
mod time;
mod writer;

use serde_json::Value;

pub use error::{LineProblem, YamlError};
use resolve::Version;
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
pub fn write(value: &Value, flavour: Flavour, out: &mut Vec<u8>) {
    writer::write_document(value, flavour.rules(), out);
}

/// As [`write()`], into a new string.
pub fn to_string(value: &Value, flavour: Flavour) -> String {
    let mut out = Vec::new();
    write(value, flavour, &mut out);
    // The writer copies or escapes whole characters.
    String::from_utf8(out).unwrap_or_default()
}
