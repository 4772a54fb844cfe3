//! `std.manifestYamlDoc` and `std.manifestYamlStream` as go-jsonnet has them.
//!
//! The evaluator writes every text of several lines as a block; go-jsonnet only those that end in a
//! line break, and quotes the others.

#![expect(clippy::needless_pass_by_value, reason = "builtin functions take their arguments so")]

use std::fmt::Write as _;

use jrsonnet_evaluator::error::Result;
use jrsonnet_evaluator::function::builtin;
use jrsonnet_evaluator::val::ArrValue;
use jrsonnet_evaluator::{ObjValueBuilder, Val};

use crate::big_stack;
use crate::jrsonnet::handle::FUNCTION;
use crate::jrsonnet::standard::{error, write_string};

/// Adds the functions to `std`.
pub(super) fn add(std: &mut ObjValueBuilder) {
    std.method("manifestYamlDoc", builtin_manifest_yaml_doc {});
    std.method("manifestYamlStream", builtin_manifest_yaml_stream {});
}

#[builtin]
fn builtin_manifest_yaml_doc(
    value: Val,
    #[default(false)] indent_array_in_object: bool,
    #[default(true)] quote_keys: bool,
) -> Result<String> {
    Writer::new(indent_array_in_object, quote_keys).document(&value)
}

#[builtin]
fn builtin_manifest_yaml_stream(
    value: ArrValue,
    #[default(false)] indent_array_in_object: bool,
    #[default(true)] c_document_end: bool,
    #[default(true)] quote_keys: bool,
) -> Result<String> {
    let mut documents = Vec::with_capacity(value.len() as usize);
    for document in value.iter() {
        documents.push(Writer::new(indent_array_in_object, quote_keys).document(&document?)?);
    }
    let end = if c_document_end { "\n...\n" } else { "\n" };
    Ok(format!("---\n{}{end}", documents.join("\n---\n")))
}

struct Writer {
    indent_array_in_object: bool,
    quote_keys: bool,
    /// What lines of the current container begin with.
    indent: String,
    out: String,
}

impl Writer {
    fn new(indent_array_in_object: bool, quote_keys: bool) -> Self {
        Self { indent_array_in_object, quote_keys, indent: String::new(), out: String::new() }
    }

    fn document(mut self, value: &Val) -> Result<String> {
        self.value(value)?;
        Ok(self.out)
    }

    fn value(&mut self, value: &Val) -> Result<()> {
        match value {
            Val::Null => self.out.push_str("null"),
            Val::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Val::Num(number) => {
                // Writing to a string cannot fail.
                let _ = write!(self.out, "{}", number.get());
            }
            Val::Str(text) => self.text(&text.clone().into_flat()),
            Val::Arr(array) => return self.array(array),
            Val::Obj(object) => {
                big_stack::probe();
                object.run_assertions()?;
                let mut first = true;
                for (name, field) in object.iter() {
                    if !first {
                        self.new_line();
                    }
                    first = false;
                    self.key(&name);
                    let field = field?;
                    let deeper = match &field {
                        Val::Arr(array) if !array.is_empty() => Some(self.indent_array_in_object),
                        Val::Obj(object) if !object.is_empty() => Some(true),
                        _ => None,
                    };
                    self.nested(&field, deeper.unwrap_or(false), deeper.is_some())?;
                }
                if first {
                    self.out.push_str("{}");
                }
            }
            Val::Func(_) => return Err(error(FUNCTION)),
        }
        Ok(())
    }

    fn array(&mut self, array: &ArrValue) -> Result<()> {
        big_stack::probe();
        if array.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        for (index, element) in array.iter().enumerate() {
            if index > 0 {
                self.new_line();
            }
            self.out.push('-');
            let element = element?;
            let is_array = matches!(&element, Val::Arr(array) if !array.is_empty());
            let is_object = matches!(&element, Val::Obj(object) if !object.is_empty());
            self.nested(&element, is_array || is_object, is_array)?;
        }
        Ok(())
    }

    /// A value after its key or dash: deeper or not, on a line of its own or not.
    fn nested(&mut self, value: &Val, deeper: bool, own_line: bool) -> Result<()> {
        let depth = self.indent.len();
        if deeper {
            self.indent.push_str("  ");
        }
        if own_line {
            self.new_line();
        } else {
            self.out.push(' ');
        }
        self.value(value)?;
        self.indent.truncate(depth);
        Ok(())
    }

    /// A block where the text ends in a line break, else a quoted string.
    fn text(&mut self, text: &str) {
        let Some(lines) = text.strip_suffix('\n') else { return write_string(text, &mut self.out) };
        self.out.push('|');
        for line in lines.split('\n') {
            self.new_line();
            self.out.push_str("  ");
            self.out.push_str(line);
        }
    }

    fn key(&mut self, name: &str) {
        if self.quote_keys || !is_safe(name) {
            write_string(name, &mut self.out);
        } else {
            self.out.push_str(name);
        }
        self.out.push(':');
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&self.indent);
    }
}

/// Words that YAML 1.1 takes for something else than a string, whatever their letter case.
const RESERVED: [&str; 15] = [
    "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", "-.inf", "+.inf", ".inf", "null",
    "-", "---",
];

/// Whether a key needs no quotes, by go-jsonnet's rules.
fn is_safe(key: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.');
    !key.is_empty()
        && key.bytes().all(plain)
        && !RESERVED.iter().any(|word| key.eq_ignore_ascii_case(word))
        && !is_date(key)
        && !is_based(key)
        && !is_float(key)
}

/// Three runs of digits with dashes between them; runs may be empty.
fn is_date(key: &str) -> bool {
    key.split('-').count() == 3 && key.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// Binary as a whole, or hexadecimal anywhere.
fn is_based(key: &str) -> bool {
    let binary = key.strip_prefix('-').unwrap_or(key).strip_prefix("0b");
    let is_binary = binary.is_some_and(|bits| {
        !bits.is_empty() && bits.bytes().all(|byte| matches!(byte, b'0' | b'1' | b'_'))
    });
    let hexadecimal = |(at, _): (usize, &str)| {
        key.as_bytes().get(at + 2).is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'_')
    };
    is_binary || key.match_indices("0x").any(hexadecimal)
}

/// What Go's `strconv.ParseFloat` reads: decimal, with underscores between digits, not too big.
fn is_float(key: &str) -> bool {
    let number = key.strip_prefix('-').unwrap_or(key);
    if ["inf", "infinity", "nan"].iter().any(|word| number.eq_ignore_ascii_case(word)) {
        // A sign makes no number of `nan`.
        return number.len() == key.len() || !number.eq_ignore_ascii_case("nan");
    }
    let bytes = number.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let separates = |at: usize| digit(at.checked_sub(1)) && digit(Some(at + 1));
    if !(0..bytes.len()).all(|at| bytes[at] != b'_' || separates(at)) {
        return false;
    }
    let decimal = number.replace('_', "");
    decimal.bytes().any(|byte| byte.is_ascii_digit())
        && decimal
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-'))
        && !decimal.starts_with('-')
        && decimal.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn keys_are_quoted_as_in_go_jsonnet() {
        // Recorded from go-jsonnet 0.22.
        let quoted = "nan NaN .nan 1-2-3 12-12-12 -0 inf .Inf -.inf 1. .1 1_000 -1 +1 a+b y YES On True Null \
                      a:b # 0. -0x1 -1e5 1E5 1e-5 ÿ 1970-1-1 0b1_0 -0b1 0x_1 .5 5.5e5 -5.5e-5";
        let bare = "e E __ _ -_ e-e .e e.e -e e_ _e 1e e1 1-2 0_ 0x 0xg 0b 0b2 0o7 x-1 1.2.3 t / // . .. -. \
                    a/ 0- _1 1_ e5 5e";
        for key in quoted.split_whitespace() {
            assert!(!is_safe(key), "{key}");
        }
        for key in bare.split_whitespace() {
            assert!(is_safe(key), "{key}");
        }
    }
}
