//! `std.manifestYamlDoc`.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::{json, number};

/// How `std.manifestYamlDoc` lays out.
#[derive(Clone, Copy)]
pub(crate) struct YamlStyle {
    pub indent_arrays: bool,
    pub quote_keys: bool,
}

const RESERVED: [&str; 16] = [
    "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", "-.inf", "+.inf", ".inf", "null",
    "-", "---", "''",
];

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// Whether a key needs no quotes.
fn is_bare(key: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.');
    if key.is_empty() || !key.bytes().all(plain) {
        return false;
    }
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(key)) {
        return false;
    }
    let dashes = key.bytes().filter(|&byte| byte == b'-').count();
    if dashes == 2 && key.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return false;
    }
    let binary = without_sign(key).strip_prefix("0b");
    if binary.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| matches!(byte, b'0' | b'1' | b'_'))
    }) {
        return false;
    }
    let hex = |at: usize| {
        key.as_bytes().get(at + 2).is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'_')
    };
    if key.match_indices("0x").any(|(at, _)| hex(at)) {
        return false;
    }
    !is_go_number(key)
}

/// Whether Go's `Atoi` or `ParseFloat` takes the text.
fn is_go_number(text: &str) -> bool {
    let body = without_sign(text);
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        return lower != "nan" || body.len() == text.len();
    }
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => {
            (mantissa.to_owned(), Some(without_sign(exponent).to_owned()))
        }
        None => (lower, None),
    };
    // Underscores may stand between digits.
    let digits = |part: &str| {
        let bytes = part.as_bytes();
        let digit =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        bytes.iter().enumerate().all(|(at, byte)| {
            byte.is_ascii_digit()
                || *byte == b'_' && digit(at.checked_sub(1)) && digit(Some(at + 1))
        })
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(&exponent))
}

impl Vm<'_> {
    /// Appends a value; it is kept.
    pub(crate) fn write_yaml(
        &mut self,
        value: Value,
        style: YamlStyle,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Res<()> {
        if depth == 0 {
            return fail("max manifest depth exceeded, possible infinite recursion");
        }
        match value {
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Num(value) => number::write_shortest(value, out),
            Value::Str(string) => {
                let text = self.heap.text(string);
                if text.is_empty() {
                    out.push_str("\"\"");
                } else if let Some(lines) = text.strip_suffix('\n') {
                    out.push('|');
                    for line in lines.split('\n') {
                        out.push('\n');
                        out.push_str(indent);
                        out.push_str("  ");
                        out.push_str(line);
                    }
                } else {
                    json::quote(&text, out);
                }
            }
            Value::Arr(array) => self.write_yaml_array(array, style, indent, depth, out)?,
            Value::Obj(object) => self.write_yaml_object(object, style, indent, depth, out)?,
            // go-jsonnet writes nothing for functions.
            Value::Fun(_) => {}
            _ => out.push_str("null"),
        }
        Ok(())
    }

    fn write_yaml_array(
        &mut self,
        array: u32,
        style: YamlStyle,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Res<()> {
        let len = self.heap.array_len(array);
        if len == 0 {
            out.push_str("[]");
            return Ok(());
        }
        let deeper = format!("{indent}  ");
        for at in 0..len {
            if at > 0 {
                out.push('\n');
                out.push_str(indent);
            }
            let value = self.element(array, at)?;
            self.stack.push(value);
            out.push('-');
            match value {
                Value::Arr(inner) if self.heap.array_len(inner) > 0 => {
                    out.push('\n');
                    out.push_str(&deeper);
                }
                _ => out.push(' '),
            }
            let nested = matches!(value, Value::Arr(_) | Value::Obj(_));
            self.write_yaml(value, style, if nested { &deeper } else { indent }, depth - 1, out)?;
            self.stack.pop();
        }
        Ok(())
    }

    fn write_yaml_object(
        &mut self,
        object: u32,
        style: YamlStyle,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Res<()> {
        let names = self.field_names(object, false);
        if names.is_empty() {
            out.push_str("{}");
            return Ok(());
        }
        let deeper = format!("{indent}  ");
        for (at, name) in names.into_iter().enumerate() {
            let value = self.field_or_fail(object, name)?;
            self.stack.push(value);
            if at > 0 {
                out.push('\n');
                out.push_str(indent);
            }
            let key = self.symbols.name(name);
            if style.quote_keys || !is_bare(key) {
                json::quote(key, out);
            } else {
                out.push_str(key);
            }
            out.push(':');
            let mut inner = indent;
            match value {
                Value::Arr(array) if self.heap.array_len(array) > 0 => {
                    out.push('\n');
                    if style.indent_arrays {
                        inner = &deeper;
                    }
                    out.push_str(inner);
                }
                Value::Obj(object) if self.field_count(object) > 0 => {
                    inner = &deeper;
                    out.push('\n');
                    out.push_str(inner);
                }
                _ => out.push(' '),
            }
            self.write_yaml(value, style, inner, depth - 1, out)?;
            self.stack.pop();
        }
        Ok(())
    }
}
