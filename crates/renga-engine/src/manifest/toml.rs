//! `std.manifestTomlEx`.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::{json, number};

fn key(text: &str, out: &mut String) {
    if text.is_empty() {
        out.push_str("''");
    } else if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        out.push_str(text);
    } else {
        json::quote(text, out);
    }
}

const TOO_DEEP: &str = "max manifest depth exceeded, possible infinite recursion";

impl Vm<'_> {
    fn is_toml_section(&mut self, value: Value) -> Res<bool> {
        match value {
            Value::Obj(_) => Ok(true),
            Value::Arr(array) => {
                let len = self.heap.array_len(array);
                for at in 0..len {
                    if !matches!(self.element(array, at)?, Value::Obj(_)) {
                        return Ok(false);
                    }
                }
                Ok(len > 0)
            }
            _ => Ok(false),
        }
    }

    /// A value behind `=`. It is kept.
    fn toml_value(
        &mut self,
        value: Value,
        indent: &str,
        path: &mut Vec<String>,
        inline: bool,
        depth: usize,
        out: &mut String,
    ) -> Res<()> {
        if depth == 0 {
            return fail(TOO_DEEP);
        }
        match value {
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Num(value) => number::write(value, out),
            Value::Str(string) => json::quote(&self.heap.text(string), out),
            Value::Fun(_) => {
                return fail(format!("Tried to manifest function at [{}]", path.join(" ")));
            }
            Value::Arr(array) => {
                let len = self.heap.array_len(array);
                if len == 0 {
                    out.push_str("[]");
                    return Ok(());
                }
                let (inner, separator) = if inline { ("", " ") } else { (indent, "\n") };
                out.push('[');
                out.push_str(separator);
                for at in 0..len {
                    let value = self.element(array, at)?;
                    if at > 0 {
                        out.push(',');
                        out.push_str(separator);
                    }
                    out.push_str(inner);
                    self.stack.push(value);
                    path.push(at.to_string());
                    self.toml_value(value, indent, path, true, depth - 1, out)?;
                    path.pop();
                    self.stack.pop();
                }
                out.push_str(separator);
                out.push(']');
            }
            Value::Obj(object) => {
                out.push_str("{ ");
                for (at, name) in self.field_names(object, false).into_iter().enumerate() {
                    let value = self.field_or_fail(object, name)?;
                    if at > 0 {
                        out.push_str(", ");
                    }
                    key(self.symbols.name(name), out);
                    out.push_str(" = ");
                    self.stack.push(value);
                    path.push(self.symbols.name(name).to_string());
                    self.toml_value(value, indent, path, true, depth - 1, out)?;
                    path.pop();
                    self.stack.pop();
                }
                out.push_str(" }");
            }
            _ => return fail(format!("Tried to manifest \"null\" at [{}]", path.join(" "))),
        }
        Ok(())
    }

    /// The fields of a table, then its sections. The table is kept.
    pub(crate) fn toml_table(
        &mut self,
        object: u32,
        indent: &str,
        path: &mut Vec<String>,
        places: &mut Vec<String>,
        current: &str,
        depth: usize,
    ) -> Res<String> {
        if depth == 0 {
            return fail(TOO_DEEP);
        }
        let mut fields: Vec<String> = Vec::new();
        let mut sections: Vec<String> = vec![String::new()];
        for name in self.field_names(object, false) {
            let value = self.field_or_fail(object, name)?;
            self.stack.push(value);
            let text = self.symbols.name(name).to_string();
            places.push(text.clone());
            if self.is_toml_section(value)? {
                path.push(text);
                sections.push(self.toml_section(
                    value,
                    indent,
                    path,
                    places,
                    current,
                    depth - 1,
                )?);
                path.pop();
            } else {
                let mut out = String::new();
                key(&text, &mut out);
                out.push_str(" = ");
                self.toml_value(value, indent, places, false, depth - 1, &mut out)?;
                fields.extend(out.split('\n').map(str::to_owned));
            }
            places.pop();
            self.stack.pop();
        }
        let mut out = String::new();
        if !fields.is_empty() {
            out.push_str(current);
        }
        out.push_str(&fields.join(&format!("\n{current}")));
        out.push_str(&sections.join("\n\n"));
        Ok(out)
    }

    fn toml_section(
        &mut self,
        value: Value,
        indent: &str,
        path: &mut Vec<String>,
        places: &mut Vec<String>,
        current: &str,
        depth: usize,
    ) -> Res<String> {
        if depth == 0 {
            return fail(TOO_DEEP);
        }
        let mut name = String::new();
        for (at, part) in path.iter().enumerate() {
            if at > 0 {
                name.push('.');
            }
            key(part, &mut name);
        }
        let deeper = format!("{current}{indent}");
        match value {
            Value::Obj(object) => {
                let mut out = format!("{current}[{name}]");
                if self.field_count(object) > 0 {
                    out.push('\n');
                }
                out.push_str(&self.toml_table(object, indent, path, places, &deeper, depth - 1)?);
                Ok(out)
            }
            Value::Arr(array) => {
                let mut sections = Vec::new();
                for at in 0..self.heap.array_len(array) {
                    let Value::Obj(object) = self.element(array, at)? else { continue };
                    let mut out = format!("{current}[[{name}]]");
                    if self.field_count(object) > 0 {
                        out.push('\n');
                    }
                    places.push(at.to_string());
                    self.stack.push(Value::Obj(object));
                    out.push_str(&self.toml_table(
                        object,
                        indent,
                        path,
                        places,
                        &deeper,
                        depth - 1,
                    )?);
                    self.stack.pop();
                    places.pop();
                    sections.push(out);
                }
                Ok(sections.join("\n\n"))
            }
            _ => Ok(String::new()),
        }
    }
}
