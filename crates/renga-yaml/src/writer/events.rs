//! Writing a document piece by piece, for callers whose values are not `serde_json`'s.
//!
//! The same bytes as [`write()`](crate::write()) for the same values; only the order of keys is
//! left to the caller, who asks [`sort_keys`](crate::sort_keys) for it.

use super::{Emitter, Indent, Parent, Rules};

/// Writes one document from the events of a walk.
///
/// Every value follows a [`key`](Self::key) inside a mapping. Collections without content are
/// [`empty_sequence`](Self::empty_sequence) and [`empty_mapping`](Self::empty_mapping); the others
/// begin and [`end`](Self::end).
pub struct DocumentWriter<'o> {
    emitter: Emitter<'o>,
    open: Vec<(Parent, Indent)>,
}

impl std::fmt::Debug for DocumentWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentWriter").field("depth", &self.open.len()).finish_non_exhaustive()
    }
}

impl<'o> DocumentWriter<'o> {
    /// A writer that appends to `out`.
    pub fn new(flavour: crate::Flavour, out: &'o mut Vec<u8>) -> Self {
        let rules: Rules = flavour.rules();
        DocumentWriter { emitter: Emitter::new(out, rules), open: Vec::new() }
    }

    fn parent(&mut self) -> Parent {
        let parent = self.open.last().map_or(Parent::Root, |(parent, _)| *parent);
        if parent == Parent::Sequence {
            self.emitter.write_indent();
            self.emitter.indicator(b'-', true);
        }
        parent
    }

    /// Writes a null.
    pub fn null(&mut self) {
        self.parent();
        self.emitter.word(b"null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.parent();
        self.emitter.bool(value);
    }

    /// Writes an integer.
    pub fn int(&mut self, value: i64) {
        self.parent();
        self.emitter.int(value);
    }

    /// Writes an unsigned integer.
    pub fn uint(&mut self, value: u64) {
        self.parent();
        self.emitter.uint(value);
    }

    /// Writes a finite float.
    pub fn float(&mut self, value: f64) {
        self.parent();
        self.emitter.float(value);
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        let parent = self.parent();
        self.emitter.string(text, parent);
    }

    /// Writes a sequence without items.
    pub fn empty_sequence(&mut self) {
        self.parent();
        self.emitter.word(b"[]");
    }

    /// Writes a mapping without entries.
    pub fn empty_mapping(&mut self) {
        self.parent();
        self.emitter.word(b"{}");
    }

    /// Begins a sequence that has items.
    pub fn begin_sequence(&mut self) {
        let parent = self.parent();
        let outer = self.emitter.begin_sequence(parent);
        self.open.push((Parent::Sequence, outer));
    }

    /// Begins a mapping that has entries.
    pub fn begin_mapping(&mut self) {
        let parent = self.parent();
        let outer = self.emitter.begin_mapping(parent);
        self.open.push((Parent::Mapping, outer));
    }

    /// Writes the key of the value that follows.
    pub fn key(&mut self, key: &str) {
        self.emitter.write_indent();
        self.emitter.key(key);
    }

    /// Ends the innermost collection.
    pub fn end(&mut self) {
        if let Some((_, outer)) = self.open.pop() {
            self.emitter.indent = outer;
        }
    }

    /// Ends the document.
    pub fn finish(mut self) {
        self.emitter.write_indent();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::DocumentWriter;
    use crate::Flavour;

    fn walk(writer: &mut DocumentWriter<'_>, value: &Value, flavour: Flavour) {
        match value {
            Value::Null => writer.null(),
            Value::Bool(value) => writer.bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(value), ..) => writer.int(value),
                (_, Some(value), _) => writer.uint(value),
                (.., value) => writer.float(value.unwrap_or_default()),
            },
            Value::String(text) => writer.string(text),
            Value::Array(items) if items.is_empty() => writer.empty_sequence(),
            Value::Object(map) if map.is_empty() => writer.empty_mapping(),
            Value::Array(items) => {
                writer.begin_sequence();
                for item in items {
                    walk(writer, item, flavour);
                }
                writer.end();
            }
            Value::Object(map) => {
                writer.begin_mapping();
                let mut entries: Vec<_> = map.iter().map(|(k, v)| (k.as_str(), v)).collect();
                crate::sort_keys(&mut entries, flavour);
                for (key, value) in entries {
                    writer.key(key);
                    walk(writer, value, flavour);
                }
                writer.end();
            }
        }
    }

    #[test]
    fn pieces_make_the_same_document() {
        let long = "word ".repeat(40);
        let value = json!({
            "b": [1, [2.5, [], {}], {"x": null, "y": [true]}, [[u64::MAX]]],
            "a10": {"text": "one\ntwo\n", "long": long, "quoted": "yes"},
            "a2": [{"deep": [{"er": {"still": "- no"}}]}],
            "x".repeat(140): [1],
        });
        for flavour in
            [Flavour::GoYamlV2, Flavour::GoYamlV3, Flavour::GoYamlV3Indent2, Flavour::SigsYaml]
        {
            for value in [&value, &json!([]), &json!("one"), &json!([[1], 2]), &json!(3)] {
                let mut out = Vec::new();
                let mut writer = DocumentWriter::new(flavour, &mut out);
                walk(&mut writer, value, flavour);
                writer.finish();
                let expected = crate::to_string(value, flavour);
                assert_eq!(String::from_utf8(out).unwrap(), expected);
            }
        }
    }
}
