//! Functions of `std` that the evaluator has otherwise than go-jsonnet, done again.
//!
//! Only what can be replaced from outside: the text of fractions in `x + y` without a string literal
//! and in `'%s' % 0.1` is made within the evaluator and stays as it is there (`0.1` for
//! `0.10000000000000001`).

#![expect(clippy::needless_pass_by_value, reason = "builtin functions take their arguments so")]

use std::fmt::Write as _;

use jrsonnet_evaluator::error::{ErrorKind as Cause, Result};
use jrsonnet_evaluator::function::{FuncVal, builtin};
use jrsonnet_evaluator::val::{ArrValue, IndexableVal};
use jrsonnet_evaluator::{IStr, ObjValueBuilder, Val};

use crate::big_stack;
use crate::jrsonnet::handle::FUNCTION;
use crate::jrsonnet::library::to_val;
use crate::jrsonnet::{format, yaml_doc};

/// Adds the functions to `std`.
pub(super) fn add(std: &mut ObjValueBuilder) {
    std.method("toString", builtin_to_string {});
    std.method("parseJson", builtin_parse_json {});
    std.method("escapeStringJson", builtin_escape_string_json {});
    std.method("prune", builtin_prune {});
    std.method("flattenDeepArray", builtin_flatten_deep_array {});
    std.method("deepJoin", builtin_deep_join {});
    yaml_doc::add(std);
    format::add(std);
}

pub(super) fn error(message: impl AsRef<str>) -> jrsonnet_evaluator::Error {
    Cause::RuntimeError(message.as_ref().into()).into()
}

/// The function that operands of concatenations are wrapped in ([`crate::concat`]).
pub(super) fn concatenated() -> FuncVal {
    FuncVal::builtin(builtin_concatenated {})
}

/// What a concatenation adds, in go-jsonnet's writing where the evaluator has its own.
#[builtin]
fn builtin_concatenated(a: Val) -> Result<Val> {
    match &a {
        Val::Num(number) if number.get().fract() != 0.0 => text(&a).map(Val::string),
        Val::Arr(_) | Val::Obj(_) => text(&a).map(Val::string),
        _ => Ok(a),
    }
}

#[builtin]
fn builtin_to_string(a: Val) -> Result<IStr> {
    text(&a)
}

#[builtin]
fn builtin_escape_string_json(str_: Val) -> Result<String> {
    let mut out = String::new();
    write_string(&text(&str_)?, &mut out);
    Ok(out)
}

#[builtin]
fn builtin_parse_json(str: IStr) -> Result<Val> {
    let value = renga_gojson::parse(str.as_bytes())
        .map_err(|cause| error(format!("failed to parse JSON: {cause}")))?;
    Ok(to_val(&value))
}

#[builtin]
fn builtin_prune(a: Val) -> Result<Val> {
    walk(&a)?;
    jrsonnet_stdlib::builtin_prune(a)
}

#[builtin]
fn builtin_flatten_deep_array(value: Val) -> Result<Vec<Val>> {
    walk(&value)?;
    jrsonnet_stdlib::builtin_flatten_deep_array(value)
}

#[builtin]
fn builtin_deep_join(arr: Val) -> Result<String> {
    walk(&arr)?;
    let joined = match arr {
        Val::Str(text) => IndexableVal::Str(text.into_flat()),
        Val::Arr(array) => IndexableVal::Arr(array),
        other => {
            let found = other.value_type();
            return Err(error(format!("Unexpected type {found}, expected string or array")));
        }
    };
    jrsonnet_stdlib::builtin_deep_join(joined)
}

/// Goes through the whole of a value, for functions that would follow one that contains itself
/// until the stack is used up.
fn walk(value: &Val) -> Result<()> {
    match value {
        Val::Arr(array) => {
            big_stack::probe();
            array.iter().try_for_each(|element| walk(&element?))
        }
        Val::Obj(object) => {
            big_stack::probe();
            object.iter().try_for_each(|(_, field)| walk(&field?))
        }
        _ => Ok(()),
    }
}

/// A value as `std.toString` writes it.
pub(super) fn text(value: &Val) -> Result<IStr> {
    match value {
        Val::Str(text) => Ok(text.clone().into_flat()),
        other => {
            let mut out = String::new();
            write(other, &mut out)?;
            Ok(out.into())
        }
    }
}

fn write(value: &Val, out: &mut String) -> Result<()> {
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Val::Num(number) => write_number(number.get(), out),
        Val::Str(text) => write_string(&text.clone().into_flat(), out),
        Val::Arr(array) => return write_array(array, out),
        Val::Obj(object) => {
            big_stack::probe();
            object.run_assertions()?;
            let mut separator = "{";
            for (name, field) in object.iter() {
                out.push_str(separator);
                write_string(&name, out);
                out.push_str(": ");
                write(&field?, out)?;
                separator = ", ";
            }
            out.push_str(if separator == "{" { "{ }" } else { "}" });
        }
        Val::Func(_) => return Err(error(FUNCTION)),
    }
    Ok(())
}

fn write_array(array: &ArrValue, out: &mut String) -> Result<()> {
    big_stack::probe();
    let mut separator = "[";
    for element in array.iter() {
        out.push_str(separator);
        write(&element?, out)?;
        separator = ", ";
    }
    out.push_str(if separator == "[" { "[ ]" } else { "]" });
    Ok(())
}

/// A string as go-jsonnet escapes it.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// Whole numbers in full, others as C's `%.17g`.
pub(super) fn write_number(number: f64, out: &mut String) {
    if number.fract() == 0.0 {
        let _ = write!(out, "{number:.0}");
        return;
    }
    let scientific = format!("{number:.16e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 {
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        let _ = write!(out, "{digits}e-{:02}", -exponent);
        return;
    }
    let decimals = usize::try_from(16 - exponent).unwrap_or(0);
    let fixed = format!("{number:.decimals$}");
    out.push_str(fixed.trim_end_matches('0').trim_end_matches('.'));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_17_digits() {
        for (number, expected) in [
            (0.1, "0.10000000000000001"),
            (1.5, "1.5"),
            (-0.0, "-0"),
            (1e21, "1000000000000000000000"),
            (1.42, "1.4199999999999999"),
            (1e-7, "9.9999999999999995e-08"),
            (0.0001, "0.0001"),
            (0.00001, "1.0000000000000001e-05"),
            (123_456.789, "123456.789"),
            (-2.5e-300, "-2.5e-300"),
        ] {
            let mut out = String::new();
            write_number(number, &mut out);
            assert_eq!(out, expected);
        }
    }
}
