//! The compact notation of types in which the definitions of the built-in kinds are kept.
//!
//! ```text
//! type   := shape merge?
//! shape  := "s" string | "t" time | "y" bytes | "f(NAME)" string of a format
//!         | "i" int32 | "l" int64 | "n" number | "b" boolean | "x" integer or string | "q" quantity
//!         | "*" anything | "@NAME;" another definition
//!         | "[" type "]" list | "[" type "](a,b)" list told apart by fields | "[" type "]!" set
//!         | "<" type ">" map | "{" field,… "}" object | "{" field,… "}+" object with other fields too
//! field  := NAME "!"? ":" type        with "!" where it is required
//! merge  := "^" "m"? "r"? ("=" KEY ";")?       merge item by item, retain keys, merge key
//! ```
//!
//! Names never hold the characters that end them here. Rules of custom resources have no notation.

use std::fmt::Write as _;

use thiserror::Error;

use crate::schema::{Field, Fields, List, Merge, Schema, Shape, Text, Width};

/// A text that is no type.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no type at byte {at}: expected {expected}")]
pub struct NotationError {
    /// Where, in bytes from the start.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// Types nest this deep at most.
const DEEPEST: usize = 100;

/// Reads a type.
///
/// # Errors
/// When `text` is not one type and nothing else.
pub fn read_type(text: &str) -> Result<Schema, NotationError> {
    let mut reader = Reader { text, at: 0 };
    let schema = reader.schema(0)?;
    if reader.at < text.len() {
        return Err(reader.expected("the end"));
    }
    Ok(schema)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn expected(&self, expected: &'static str) -> NotationError {
        NotationError { at: self.at, expected }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, byte: u8, expected: &'static str) -> Result<(), NotationError> {
        if self.eat(byte) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// What stands before the next of `ends`, which stays.
    fn word(&mut self, ends: &[u8]) -> Result<&'t str, NotationError> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|byte| ends.contains(byte))
            .filter(|length| *length > 0)
            .ok_or_else(|| self.expected("a name"))?;
        let word =
            self.text.get(self.at..self.at + length).ok_or_else(|| self.expected("a name"))?;
        self.at += length;
        Ok(word)
    }

    fn schema(&mut self, depth: usize) -> Result<Schema, NotationError> {
        if depth > DEEPEST {
            return Err(self.expected("fewer levels"));
        }
        let mut schema = Schema::from(self.shape(depth)?);
        if self.eat(b'^') {
            let mut merge = Merge { items: self.eat(b'm'), retain_keys: self.eat(b'r'), key: None };
            if self.eat(b'=') {
                merge.key = Some(self.word(b";")?.into());
                self.need(b';', "`;` after a merge key")?;
            }
            schema.merge = Some(merge);
        }
        Ok(schema)
    }

    fn shape(&mut self, depth: usize) -> Result<Shape, NotationError> {
        let byte = self.peek().ok_or_else(|| self.expected("a type"))?;
        self.at += 1;
        Ok(match byte {
            b's' => Shape::String(Text::Plain),
            b't' => Shape::String(Text::DateTime),
            b'y' => Shape::String(Text::Bytes),
            b'f' => {
                self.need(b'(', "`(` before a format")?;
                let format = self.word(b")")?;
                self.need(b')', "`)` after a format")?;
                Shape::String(Text::Format(format.into()))
            }
            b'i' => Shape::Integer(Width::Int32),
            b'l' => Shape::Integer(Width::Int64),
            b'n' => Shape::Number,
            b'b' => Shape::Boolean,
            b'x' => Shape::IntOrString,
            b'q' => Shape::Quantity,
            b'*' => Shape::Any,
            b'@' => {
                let name = self.word(b";")?;
                self.need(b';', "`;` after the name of a definition")?;
                Shape::Reference(name.into())
            }
            b'[' => {
                let items = self.schema(depth + 1)?;
                self.need(b']', "`]` after the type of the items")?;
                let mut keys = Vec::new();
                if self.eat(b'(') {
                    loop {
                        keys.push(self.word(b",)")?.into());
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    self.need(b')', "`)` after the keys of a list")?;
                }
                let set = self.eat(b'!');
                Shape::List(Box::new(List { items, keys, set }))
            }
            b'<' => {
                let values = self.schema(depth + 1)?;
                self.need(b'>', "`>` after the type of a map's values")?;
                Shape::Map(Box::new(values))
            }
            b'{' => self.object(depth)?,
            _ => {
                self.at -= 1;
                return Err(self.expected("a type"));
            }
        })
    }

    fn object(&mut self, depth: usize) -> Result<Shape, NotationError> {
        let mut fields = Vec::new();
        while self.peek() != Some(b'}') {
            let name = self.word(b"!:")?;
            let required = self.eat(b'!');
            self.need(b':', "`:` after the name of a field")?;
            fields.push(Field { name: name.into(), required, schema: self.schema(depth + 1)? });
            if !self.eat(b',') {
                break;
            }
        }
        self.need(b'}', "`}` after the fields")?;
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Shape::Object(Box::new(Fields { fields, open: self.eat(b'+') })))
    }
}

/// Writes a type, so that [`read_type`] gives it back. Rules and the meaning of
/// `null` are not written: every type that is read takes it for a field that is not set.
pub fn write_type(schema: &Schema) -> String {
    let mut out = String::new();
    write_schema(schema, &mut out);
    out
}

fn write_schema(schema: &Schema, out: &mut String) {
    match &schema.shape {
        Shape::Any => out.push('*'),
        Shape::String(Text::Plain) => out.push('s'),
        Shape::String(Text::DateTime) => out.push('t'),
        Shape::String(Text::Bytes) => out.push('y'),
        Shape::String(Text::Format(format)) => _ = write!(out, "f({format})"),
        Shape::Integer(Width::Int32) => out.push('i'),
        Shape::Integer(Width::Int64) => out.push('l'),
        Shape::Number => out.push('n'),
        Shape::Boolean => out.push('b'),
        Shape::IntOrString => out.push('x'),
        Shape::Quantity => out.push('q'),
        Shape::Reference(name) => _ = write!(out, "@{name};"),
        Shape::List(list) => {
            out.push('[');
            write_schema(&list.items, out);
            out.push(']');
            if !list.keys.is_empty() {
                _ = write!(out, "({})", list.keys.join(","));
            }
            if list.set {
                out.push('!');
            }
        }
        Shape::Map(values) => {
            out.push('<');
            write_schema(values, out);
            out.push('>');
        }
        Shape::Object(object) => {
            out.push('{');
            for (place, field) in object.fields.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                _ = write!(out, "{}{}:", field.name, if field.required { "!" } else { "" });
                write_schema(&field.schema, out);
            }
            out.push('}');
            if object.open {
                out.push('+');
            }
        }
    }
    if let Some(merge) = &schema.merge {
        out.push('^');
        if merge.items {
            out.push('m');
        }
        if merge.retain_keys {
            out.push('r');
        }
        if let Some(key) = &merge.key {
            _ = write!(out, "={key};");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotationError, read_type, write_type};
    use crate::schema::{Shape, Text, Width};

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "s",
            "*",
            "f(ipv4)",
            "{}",
            "{}+",
            "{a!:s,b:[i]!,c:<q>}",
            "[@core.v1.Container;](name)^m=name;",
            "{strategy:@apps.v1.DeploymentStrategy;^r,volumes:[@core.v1.Volume;](name)^mr=name;}",
            "{l:l,n:n,b:b,x:x,t:t,y:y}",
        ] {
            let mut sorted = read_type(text).expect(text);
            assert_eq!(read_type(&write_type(&sorted)).expect(text), sorted);
            if let Shape::Object(fields) = &mut sorted.shape {
                assert!(fields.fields.is_sorted_by(|a, b| a.name < b.name));
            }
        }
        assert_eq!(read_type("i").expect("a type").shape, Shape::Integer(Width::Int32));
        assert_eq!(read_type("y").expect("a type").shape, Shape::String(Text::Bytes));
    }

    #[test]
    fn other_texts_are_errors() {
        for text in ["", "z", "[s", "<s", "{a", "{a:s", "@x", "f()", "s s", "[s](", "{é:s"] {
            assert!(read_type(text).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(read_type(&deep), Err(NotationError { at: 101, expected: "fewer levels" }));
    }
}
