//! The writer: one value as one YAML document, in the bytes of a named Go library.
//!
//! Owns the layout of block collections (indentation, compact nesting, simple and explicit keys)
//! and the choice of a scalar's style. How a scalar looks in its style is [`scalar`]'s business,
//! which styles it allows [`analysis`]'s, the order of keys [`keys`]'s.
//!
//! Invariants: the walk keeps its own stack, so any depth of nesting is written on any thread;
//! the order of entries in the input never shows; the only allocations are two stacks for the whole
//! document.

mod analysis;
mod events;
mod keys;
mod letters;
mod scalar;

use serde_json::Value;

use crate::number;
use crate::resolve::{Version, is_plain_string};
pub use events::DocumentWriter;
pub(crate) use keys::sort as sort_keys;
use scalar::Style;

/// What differs between the writers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) version: Version,
    /// Spaces per level.
    pub(crate) indent: usize,
    /// Column beyond which a space becomes a line break.
    pub(crate) width: usize,
    /// Whether the header of a literal block always ends its line.
    ///
    /// `gopkg.in/yaml.v3` 3.0.1 leaves that to the first line of text, and so loses a line feed
    /// that the text begins with; its continuation does not.
    pub(crate) break_after_header: bool,
    /// Whether whole floats are written as integers, which is what a pass through JSON does.
    pub(crate) whole_floats: bool,
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Root,
    Sequence,
    Mapping,
}

enum Frame<'v> {
    Sequence {
        items: std::slice::Iter<'v, Value>,
        outer: Indent,
    },
    /// `next` and `first` count entries of [`Open::entries`], where these are the last.
    Mapping {
        first: usize,
        next: usize,
        outer: Indent,
    },
}

/// The collections being written, from the outermost.
#[derive(Default)]
struct Open<'v> {
    frames: Vec<Frame<'v>>,
    /// The sorted entries of all open mappings.
    entries: Vec<(&'v str, &'v Value)>,
}

/// The column of a block's lines; `None` above the root.
type Indent = Option<usize>;

pub(crate) struct Emitter<'o> {
    out: &'o mut Vec<u8>,
    rules: Rules,
    indent: Indent,
    /// Characters on the current line.
    column: usize,
    /// Whether the last thing written was a space, a break, or the start of the output.
    whitespace: bool,
    /// Whether the line so far has only spaces, `-`, `?` and `:`.
    indention: bool,
}

/// Appends `value` as one document: no `---`, a newline at the end.
pub(crate) fn write_document(value: &Value, rules: Rules, out: &mut Vec<u8>) {
    let mut emitter = Emitter::new(out, rules);
    let mut open = Open::default();
    emitter.node(value, Parent::Root, &mut open);
    while let Some(frame) = open.frames.last_mut() {
        match frame {
            Frame::Sequence { items, outer } => {
                if let Some(item) = items.next() {
                    emitter.write_indent();
                    emitter.indicator(b'-', true);
                    emitter.node(item, Parent::Sequence, &mut open);
                } else {
                    emitter.indent = *outer;
                    open.frames.pop();
                }
            }
            Frame::Mapping { first, next, outer } => {
                if let Some(&(key, value)) = open.entries.get(*next) {
                    *next += 1;
                    emitter.write_indent();
                    emitter.key(key);
                    emitter.node(value, Parent::Mapping, &mut open);
                } else {
                    emitter.indent = *outer;
                    open.entries.truncate(*first);
                    open.frames.pop();
                }
            }
        }
    }
    emitter.write_indent();
}

impl<'o> Emitter<'o> {
    fn new(out: &'o mut Vec<u8>, rules: Rules) -> Self {
        Emitter { out, rules, indent: None, column: 0, whitespace: true, indention: true }
    }

    fn node<'v>(&mut self, value: &'v Value, parent: Parent, open: &mut Open<'v>) {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let outer = self.begin_sequence(parent);
                open.frames.push(Frame::Sequence { items: items.iter(), outer });
            }
            Value::Object(map) if !map.is_empty() => {
                let outer = self.begin_mapping(parent);
                let first = open.entries.len();
                open.entries.extend(map.iter().map(|(key, value)| (key.as_str(), value)));
                keys::sort(&mut open.entries[first..], self.rules.version);
                open.frames.push(Frame::Mapping { first, next: first, outer });
            }
            Value::Array(_) => self.word(b"[]"),
            Value::Object(_) => self.word(b"{}"),
            Value::Null => self.word(b"null"),
            Value::Bool(value) => self.bool(*value),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.string(text, parent),
        }
    }

    /// Goes into a sequence with items; returns the indentation to come back to.
    fn begin_sequence(&mut self, parent: Parent) -> Indent {
        let outer = self.indent;
        let compact =
            self.rules.version == Version::V2 && parent == Parent::Mapping && !self.indention;
        if !compact || outer.is_none() {
            self.indent = Some(self.deeper(parent).unwrap_or(0));
        }
        outer
    }

    /// Goes into a mapping with entries; returns the indentation to come back to.
    fn begin_mapping(&mut self, parent: Parent) -> Indent {
        let outer = self.indent;
        self.indent = Some(self.deeper(parent).unwrap_or(0));
        outer
    }

    /// The indentation one level below the current one; `None` at the root.
    fn deeper(&self, parent: Parent) -> Indent {
        let step = self.rules.indent;
        self.indent.map(|indent| match self.rules.version {
            Version::V2 => indent + step,
            Version::V3 if parent == Parent::Sequence => indent + 2,
            Version::V3 => step * ((indent + step) / step),
        })
    }

    fn key(&mut self, key: &str) {
        let analysis = analysis::analyze(key, self.rules.version);
        if !analysis.multiline && key.len() <= 128 {
            let style = if !is_plain_string(key, self.rules.version) {
                Style::DoubleQuoted
            } else if analysis.plain {
                Style::Plain
            } else if analysis.single_quoted {
                Style::SingleQuoted
            } else {
                Style::DoubleQuoted
            };
            self.scalar(key, style, false);
            self.out.push(b':');
            self.column += 1;
            self.indention = false;
        } else {
            self.indicator(b'?', true);
            self.string(key, Parent::Mapping);
            self.write_indent();
            self.indicator(b':', true);
        }
    }

    fn string(&mut self, text: &str, parent: Parent) {
        let analysis = analysis::analyze(text, self.rules.version);
        let style = if analysis.multiline && text.contains('\n') {
            if analysis.literal { Style::Literal } else { Style::DoubleQuoted }
        } else if !is_plain_string(text, self.rules.version) {
            Style::DoubleQuoted
        } else if analysis.plain {
            Style::Plain
        } else if analysis.single_quoted {
            Style::SingleQuoted
        } else {
            Style::DoubleQuoted
        };
        let outer = self.indent;
        self.indent = Some(self.deeper(parent).unwrap_or(self.rules.indent));
        self.scalar(text, style, true);
        self.indent = outer;
    }

    fn number(&mut self, number: &serde_json::Number) {
        if let Some(value) = number.as_i64() {
            self.int(value);
        } else if let Some(value) = number.as_u64() {
            self.uint(value);
        } else if let Some(value) = number.as_f64() {
            self.float(value);
        }
    }

    fn bool(&mut self, value: bool) {
        self.word(if value { b"true" } else { b"false" });
    }

    fn int(&mut self, value: i64) {
        let start = self.begin_word();
        number::write_i64(value, self.out);
        self.column += self.out.len() - start;
    }

    fn uint(&mut self, value: u64) {
        let start = self.begin_word();
        number::write_u64(value, self.out);
        self.column += self.out.len() - start;
    }

    fn float(&mut self, value: f64) {
        let start = self.begin_word();
        if self.rules.whole_floats {
            write_whole_float(value, self.out);
        } else {
            number::write_float(value, self.out);
        }
        self.column += self.out.len() - start;
    }

    /// A scalar or empty collection that never needs quotes or folding.
    fn word(&mut self, word: &[u8]) {
        self.begin_word();
        self.out.extend_from_slice(word);
        self.column += word.len();
    }

    fn begin_word(&mut self) -> usize {
        if !self.whitespace {
            self.put(b' ');
        }
        self.whitespace = false;
        self.indention = false;
        self.out.len()
    }

    fn put(&mut self, byte: u8) {
        self.out.push(byte);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        if self.rules.version == Version::V3 {
            self.indention = true;
        }
    }

    /// Goes to the start of an item: a new line unless this one has only indentation so far.
    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        if self.column < indent {
            self.out.resize(self.out.len() + (indent - self.column), b' ');
            self.column = indent;
        }
        self.whitespace = true;
        if self.rules.version == Version::V2 {
            self.indention = true;
        }
    }

    /// One of `-`, `?`, `:` before an item, which may share its line with what follows.
    fn indicator(&mut self, indicator: u8, keeps_indention: bool) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.put(indicator);
        self.whitespace = false;
        self.indention &= keeps_indention;
    }
}

/// A float after a pass through JSON text and the version 2 reader.
fn write_whole_float(value: f64, out: &mut Vec<u8>) {
    if value.fract() == 0.0 && value.abs() < 1e20 {
        // JSON text fills up the shortest digits with zeros, which may lead out of range.
        let start = out.len();
        number::write_json_float(value, out);
        match std::str::from_utf8(&out[start..]) {
            Ok("-0") => {
                out.truncate(start);
                out.push(b'0');
                return;
            }
            Ok(text) if number::parse_integer(text).is_some() => return,
            _ => out.truncate(start),
        }
    }
    number::write_float(value, out);
}
