//! INI files, Python and XML.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::{json, number};

impl Vm<'_> {
    /// `std.manifestPython`; the value is kept.
    pub(crate) fn write_python(&mut self, value: Value, out: &mut String) -> Res<()> {
        match value {
            Value::Bool(value) => out.push_str(if value { "True" } else { "False" }),
            Value::Num(value) => number::write(value, out),
            Value::Str(string) => json::quote(&self.heap.text(string), out),
            Value::Fun(_) => return fail("cannot manifest function"),
            Value::Arr(array) => {
                self.enter()?;
                out.push('[');
                for at in 0..self.heap.array_len(array) {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    let value = self.element(array, at)?;
                    self.stack.push(value);
                    self.write_python(value, out)?;
                    self.stack.pop();
                }
                out.push(']');
                self.leave();
            }
            Value::Obj(object) => {
                self.enter()?;
                out.push('{');
                for (at, name) in self.field_names(object, false).into_iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    json::quote(self.symbols.name(name), out);
                    out.push_str(": ");
                    let value = self.field_or_fail(object, name)?;
                    self.stack.push(value);
                    self.write_python(value, out)?;
                    self.stack.pop();
                }
                out.push('}');
                self.leave();
            }
            _ => out.push_str("None"),
        }
        Ok(())
    }

    fn ini_body(&mut self, body: Value, out: &mut String) -> Res<()> {
        let Value::Obj(object) = body else { return Err(self.expected(body, "object")) };
        for name in self.field_names(object, false) {
            let value = self.field_or_fail(object, name)?;
            self.stack.push(value);
            let key = self.symbols.name(name).clone();
            let values = match value {
                Value::Arr(array) => self.heap.array_len(array),
                _ => 1,
            };
            for at in 0..values {
                let line = match value {
                    Value::Arr(array) => self.element(array, at)?,
                    value => value,
                };
                self.stack.push(line);
                let text = self.to_text(line)?;
                self.stack.pop();
                out.push_str(&key);
                out.push_str(" = ");
                out.push_str(&text);
                out.push('\n');
            }
            self.stack.pop();
        }
        Ok(())
    }

    /// `std.manifestIni`; the object is kept.
    pub(crate) fn write_ini(&mut self, object: u32, out: &mut String) -> Res<()> {
        let main = self.symbols.number("main");
        if self.has_field(object, "main", false) {
            let body = self.field_or_fail(object, main)?;
            self.stack.push(body);
            self.ini_body(body, out)?;
            self.stack.pop();
        }
        let sections = self.symbols.number("sections");
        let sections = self.field_or_fail(object, sections)?;
        let Value::Obj(all) = sections else { return Err(self.expected(sections, "object")) };
        self.stack.push(sections);
        for name in self.field_names(all, false) {
            let body = self.field_or_fail(all, name)?;
            self.stack.push(body);
            out.push('[');
            out.push_str(self.symbols.name(name));
            out.push_str("]\n");
            self.ini_body(body, out)?;
            self.stack.pop();
        }
        self.stack.pop();
        Ok(())
    }

    /// `std.manifestXmlJsonml`; the value is kept.
    pub(crate) fn write_xml(&mut self, value: Value, out: &mut String) -> Res<()> {
        if let Value::Str(string) = value {
            escape_xml(&self.heap.text(string), out);
            return Ok(());
        }
        let Value::Arr(array) = value else {
            return fail(format!("Expected a JSONML value (an array), got {}", value.type_name()));
        };
        self.enter()?;
        let len = self.heap.array_len(array);
        if len == 0 {
            return fail("Index 0 out of bounds, not within [0, 0)");
        }
        let tag = self.element(array, 0)?;
        self.stack.push(tag);
        let tag = self.to_text(tag)?;
        out.push('<');
        out.push_str(&tag);
        let mut children = 1;
        if len > 1
            && let attributes @ Value::Obj(object) = self.element(array, 1)?
        {
            children = 2;
            self.stack.push(attributes);
            for name in self.field_names(object, false) {
                let value = self.field_or_fail(object, name)?;
                self.stack.push(value);
                let text = self.to_text(value)?;
                self.stack.pop();
                out.push(' ');
                out.push_str(self.symbols.name(name));
                out.push_str("=\"");
                escape_xml(&text, out);
                out.push('"');
            }
            self.stack.pop();
        }
        out.push('>');
        for at in children..len {
            let child = self.element(array, at)?;
            self.stack.push(child);
            self.write_xml(child, out)?;
            self.stack.pop();
        }
        out.push_str("</");
        out.push_str(&tag);
        out.push('>');
        self.stack.pop();
        self.leave();
        Ok(())
    }
}

/// Appends text with XML's special characters escaped.
pub(crate) fn escape_xml(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
}
