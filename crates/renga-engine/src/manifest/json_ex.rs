//! `std.manifestJsonEx`.

use std::fmt::Write as _;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::number;

/// How `std.manifestJsonEx` lays out.
pub(crate) struct Layout<'l> {
    pub indent: &'l str,
    pub newline: &'l str,
    pub colon: &'l str,
}

/// Appends a string in quotes, escaped as Go's JSON encoder does without HTML.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", character as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

impl Vm<'_> {
    /// Appends a value; it is kept.
    pub(crate) fn write_json_ex(
        &mut self,
        value: Value,
        layout: &Layout<'_>,
        indent: &str,
        depth: usize,
        path: &mut Vec<String>,
        out: &mut String,
    ) -> Res<()> {
        if depth == 0 {
            return fail("max manifest depth exceeded, possible infinite recursion");
        }
        match value {
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Num(value) => number::write_shortest(value, out),
            Value::Str(string) => quote(&self.heap.text(string), out),
            Value::Fun(_) => {
                return fail(format!("tried to manifest function at [{}]", path.join(" ")));
            }
            Value::Arr(array) => {
                let inner = format!("{indent}{}", layout.indent);
                out.push('[');
                out.push_str(layout.newline);
                for at in 0..self.heap.array_len(array) {
                    let value = self.element(array, at)?;
                    if at > 0 {
                        out.push(',');
                        out.push_str(layout.newline);
                    }
                    out.push_str(&inner);
                    self.stack.push(value);
                    path.push(at.to_string());
                    self.write_json_ex(value, layout, &inner, depth - 1, path, out)?;
                    path.pop();
                    self.stack.pop();
                }
                let _ = write!(out, "{}{indent}]", layout.newline);
            }
            Value::Obj(object) => {
                let inner = format!("{indent}{}", layout.indent);
                out.push('{');
                out.push_str(layout.newline);
                for (at, name) in self.field_names(object, false).into_iter().enumerate() {
                    let value = self.field_or_fail(object, name)?;
                    if at > 0 {
                        out.push(',');
                        out.push_str(layout.newline);
                    }
                    out.push_str(&inner);
                    quote(self.symbols.name(name), out);
                    out.push_str(layout.colon);
                    self.stack.push(value);
                    path.push(self.symbols.name(name).to_string());
                    self.write_json_ex(value, layout, &inner, depth - 1, path, out)?;
                    path.pop();
                    self.stack.pop();
                }
                let _ = write!(out, "{}{indent}}}", layout.newline);
            }
            _ => out.push_str("null"),
        }
        Ok(())
    }
}
