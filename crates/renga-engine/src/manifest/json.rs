//! JSON as go-jsonnet prints it.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::error::{ErrorKind, Res, Step, failure};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::number;

/// Appends a string in quotes, escaped as go-jsonnet does.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x8 => "\\b",
            0xc => "\\f",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 | 0x7f => "",
            // U+0080 to U+009F.
            0xc2 if bytes.get(at + 1).is_some_and(|&next| next < 0xa0) => "",
            _ => continue,
        };
        out.push_str(&text[start..at]);
        start = at + 1;
        if !escape.is_empty() {
            out.push_str(escape);
        } else if byte == 0xc2 {
            let _ = write!(out, "\\u{:04x}", bytes[at + 1]);
            start = at + 2;
        } else {
            let _ = write!(out, "\\u{byte:04x}");
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

impl Vm<'_> {
    /// A value as `'' + value` sees it. The value is kept.
    pub(crate) fn to_text(&mut self, value: Value) -> Res<Rc<str>> {
        match value {
            Value::Str(string) => Ok(self.heap.text(string)),
            value => {
                let mut out = String::new();
                self.write_json(value, None, &mut out)?;
                Ok(out.into())
            }
        }
    }

    /// Appends a value as JSON. `indent` is that of the value, in characters; without it the value
    /// is on one line.
    pub(crate) fn write_json(
        &mut self,
        value: Value,
        indent: Option<usize>,
        out: &mut String,
    ) -> Res<()> {
        match value {
            Value::Null | Value::Thunk(_) | Value::Env(_) | Value::Unset | Value::TailCall => {
                out.push_str("null");
            }
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Num(value) => number::write(value, out),
            Value::Str(string) => match self.heap.flat(string) {
                Some(text) => quote(text, out),
                None => quote(&self.heap.text(string), out),
            },
            Value::Fun(_) => {
                return Err(failure(ErrorKind::Manifest, "couldn't manifest function as JSON"));
            }
            Value::Arr(array) => {
                self.stack.push(value);
                self.enter()?;
                stacker::maybe_grow(96 * 1024, 1 << 20, || self.write_array(array, indent, out))?;
                self.leave();
                self.stack.pop();
            }
            Value::Obj(object) => {
                self.stack.push(value);
                self.enter()?;
                stacker::maybe_grow(96 * 1024, 1 << 20, || self.write_object(object, indent, out))?;
                self.leave();
                self.stack.pop();
            }
        }
        Ok(())
    }

    fn write_array(&mut self, array: u32, indent: Option<usize>, out: &mut String) -> Res<()> {
        let len = self.heap.array_len(array);
        if len == 0 {
            out.push_str("[ ]");
            return Ok(());
        }
        for at in 0..len {
            separate('[', at == 0, indent, out);
            let value = self.element(array, at).map_err(|error| error.step(Step::Element(at)))?;
            self.stack.push(value);
            self.write_json(value, indent.map(|indent| indent + 3), out)
                .map_err(|error| error.step(Step::Element(at)))?;
            self.stack.pop();
        }
        end(indent, out);
        out.push(']');
        Ok(())
    }

    fn write_object(&mut self, object: u32, indent: Option<usize>, out: &mut String) -> Res<()> {
        let shape = self.shape_of(object);
        self.check_assertions(object, &shape)
            .map_err(|error| error.step(Step::Label("Checking object assertions")))?;
        let order = shape.sorted(&self.symbols, false);
        if order.is_empty() {
            out.push_str("{ }");
            return Ok(());
        }
        for (number, &at) in order.iter().enumerate() {
            let name = shape.entries[at as usize].name;
            separate('{', number == 0, indent, out);
            quote(self.symbols.name(name), out);
            out.push_str(": ");
            let result = self.field_or_fail(object, name);
            let value = match result {
                Ok(value) => value,
                Err(error) => return Err(error.step(Step::Field(self.symbols.name(name).clone()))),
            };
            self.stack.push(value);
            if let Err(error) = self.write_json(value, indent.map(|indent| indent + 3), out) {
                return Err(error.step(Step::Field(self.symbols.name(name).clone())));
            }
            self.stack.pop();
        }
        end(indent, out);
        out.push('}');
        Ok(())
    }

    /// A value as data. The value is kept.
    pub(crate) fn to_json(&mut self, value: Value) -> Res<serde_json::Value> {
        let mut text = String::new();
        self.write_json(value, None, &mut text)?;
        serde_json::from_str(&text).map_err(|error| failure(ErrorKind::Manifest, error.to_string()))
    }
}

const SPACES: &str = "                                                                ";

fn spaces(count: usize, out: &mut String) {
    let mut rest = count;
    while rest > 0 {
        let some = rest.min(SPACES.len());
        out.push_str(&SPACES[..some]);
        rest -= some;
    }
}

fn separate(open: char, first: bool, indent: Option<usize>, out: &mut String) {
    out.push(if first { open } else { ',' });
    match indent {
        Some(indent) => {
            out.push('\n');
            spaces(indent + 3, out);
        }
        None if !first => out.push(' '),
        None => {}
    }
}

fn end(indent: Option<usize>, out: &mut String) {
    if let Some(indent) = indent {
        out.push('\n');
        spaces(indent, out);
    }
}
