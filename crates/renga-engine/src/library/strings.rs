//! Strings.

use std::rc::Rc;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::{json, languages, number};

fn text(vm: &mut Vm<'_>, base: usize, at: usize) -> Res<Rc<str>> {
    vm.string_arg(vm.arg(base, at))
}

fn shown_text(vm: &mut Vm<'_>, base: usize) -> Res<Rc<str>> {
    let value = vm.arg(base, 0);
    vm.to_text(value)
}

pub(crate) fn ascii_lower(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    has_length(vm.arg(base, 0))?;
    let text = text(vm, base, 0)?;
    Ok(vm.heap.string(text.to_ascii_lowercase()))
}

pub(crate) fn ascii_upper(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    has_length(vm.arg(base, 0))?;
    let text = text(vm, base, 0)?;
    Ok(vm.heap.string(text.to_ascii_uppercase()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be in range"
)]
pub(crate) fn char(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let code = vm.number(vm.arg(base, 0))?;
    if code > 1_114_111.0 {
        return fail(format!("Invalid unicode codepoint, got {}", number::go_v(code)));
    }
    if code < 0.0 {
        return fail(format!("Codepoints must be >= 0, got {}", number::go_v(code)));
    }
    let character = char::from_u32(code as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
    Ok(vm.char_string(character))
}

pub(crate) fn codepoint(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = text(vm, base, 0)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => Ok(Value::Num(f64::from(only as u32))),
        _ => fail(format!(
            "codepoint takes a string of length 1, got length {}",
            text.chars().count()
        )),
    }
}

/// What is refused first where the length of something is taken.
fn has_length(value: Value) -> Res<()> {
    match value {
        Value::Null | Value::Bool(_) | Value::Num(_) => {
            fail(format!("Unexpected type {}", value.type_name()))
        }
        _ => Ok(()),
    }
}

pub(crate) fn chars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    has_length(vm.arg(base, 0))?;
    if matches!(vm.arg(base, 0), Value::Arr(_)) {
        return Ok(vm.arg(base, 0));
    }
    let text = text(vm, base, 0)?;
    let out: Vec<Value> = text.chars().map(|character| vm.char_string(character)).collect();
    Ok(vm.heap.array(out))
}

pub(crate) fn is_empty(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(Value::Bool(text(vm, base, 0)?.is_empty()))
}

pub(crate) fn equals_ignore_case(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (text(vm, base, 0)?, text(vm, base, 1)?);
    let equal = left.eq_ignore_ascii_case(&right)
        || (!(left.is_ascii() && right.is_ascii())
            && left
                .chars()
                .flat_map(char::to_lowercase)
                .eq(right.chars().flat_map(char::to_lowercase)));
    Ok(Value::Bool(equal))
}

/// Strings and arrays have a length, and parts that compare.
fn affix(vm: &mut Vm<'_>, base: usize, start: bool) -> Res<Value> {
    let (whole, part) = (vm.arg(base, 0), vm.arg(base, 1));
    if let (Value::Str(whole), Value::Str(part)) = (whole, part) {
        let (whole, part) = (vm.heap.text(whole), vm.heap.text(part));
        let has = if start { whole.starts_with(&*part) } else { whole.ends_with(&*part) };
        return Ok(Value::Bool(has));
    }
    let mut lens = [0; 2];
    for (len, value) in lens.iter_mut().zip([whole, part]) {
        *len = match value {
            Value::Str(string) => vm.heap.char_len(string),
            Value::Arr(array) => vm.heap.array_len(array),
            Value::Obj(object) => vm.field_count(object),
            other => return fail(format!("Unexpected type {}", other.type_name())),
        };
    }
    if lens[0] < lens[1] {
        return Ok(Value::Bool(false));
    }
    if matches!(whole, Value::Str(_)) {
        return Ok(Value::Bool(false));
    }
    fail(format!("substr first parameter should be a string, got {}", whole.type_name()))
}

pub(crate) fn starts_with(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    affix(vm, base, true)
}

pub(crate) fn ends_with(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    affix(vm, base, false)
}

/// Whether a character is among those to be stripped.
fn is_among(vm: &mut Vm<'_>, chars: Value, character: char) -> Res<bool> {
    match chars {
        Value::Str(string) => Ok(vm.heap.text(string).contains(character)),
        Value::Arr(array) => {
            let one = vm.char_string(character);
            for at in 0..vm.heap.array_len(array) {
                let element = vm.element(array, at)?;
                vm.stack.push(element);
                let equal = vm.equal(element, one)?;
                vm.stack.pop();
                if equal {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => fail("std.member first argument must be an array or a string"),
    }
}

fn strip(vm: &mut Vm<'_>, base: usize, left: bool, right: bool) -> Res<Value> {
    let text = text(vm, base, 0)?;
    let chars = vm.arg(base, 1);
    let mut rest = &*text;
    while left && let Some(first) = rest.chars().next() {
        if !is_among(vm, chars, first)? {
            break;
        }
        rest = &rest[first.len_utf8()..];
    }
    while right && let Some(last) = rest.chars().next_back() {
        if !is_among(vm, chars, last)? {
            break;
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    Ok(if rest.len() == text.len() { vm.arg(base, 0) } else { vm.heap.string(rest) })
}

pub(crate) fn lstrip_chars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    strip(vm, base, true, false)
}

pub(crate) fn rstrip_chars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    strip(vm, base, false, true)
}

pub(crate) fn strip_chars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    strip(vm, base, true, true)
}

pub(crate) fn trim(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = text(vm, base, 0)?;
    Ok(vm.heap.string(text.trim()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be in range"
)]
pub(crate) fn substr(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let [string, from, len] = [0, 1, 2].map(|at| vm.arg(base, at));
    let Value::Str(string) = string else {
        return fail(format!(
            "substr first parameter should be a string, got {}",
            string.type_name()
        ));
    };
    let Value::Num(from) = from else {
        return fail(format!(
            "substr second parameter should be a number, got {}",
            from.type_name()
        ));
    };
    if from.fract() != 0.0 {
        return fail(format!("substr second parameter should be an integer, got {from:.6}"));
    }
    if from < 0.0 {
        return fail(format!("substr second parameter should be greater than zero, got {from:.6}"));
    }
    let Value::Num(wanted) = len else {
        return fail(format!("substr third parameter should be a number, got {}", len.type_name()));
    };
    let Ok(wanted) = vm.int_arg(len).map_err(|_| wanted) else {
        return fail(format!("substr third parameter should be an integer, got {wanted:.6}"));
    };
    let Ok(wanted) = usize::try_from(wanted) else {
        return fail(format!("substr third parameter should be greater than zero, got {wanted}"));
    };
    let total = vm.heap.char_len(string);
    let from = from as usize;
    if from > total {
        return Ok(vm.heap.string(""));
    }
    let end = from.saturating_add(wanted).min(total);
    Ok(vm.heap.substring(string, from, end))
}

fn pieces(vm: &mut Vm<'_>, pieces: Vec<&str>) -> Value {
    let out = pieces.into_iter().map(|piece| vm.heap.string(piece)).collect();
    vm.heap.array(out)
}

pub(crate) fn split(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (string, separator) = (vm.arg(base, 0), vm.arg(base, 1));
    let Value::Str(string) = string else {
        return fail(format!(
            "std.split first parameter must be a String, got {}",
            string.type_name()
        ));
    };
    let Value::Str(separator) = separator else {
        return fail(format!(
            "std.split second parameter must be a String, got {}",
            separator.type_name()
        ));
    };
    let (string, separator) = (vm.heap.text(string), vm.heap.text(separator));
    if separator.is_empty() {
        return fail("std.split second parameter must have length 1 or greater, got 0");
    }
    Ok(pieces(vm, string.split(&*separator).collect()))
}

/// The operands of a limited split; `None` is no limit.
fn limited(vm: &mut Vm<'_>, base: usize, name: &str) -> Res<(Rc<str>, Rc<str>, Option<usize>)> {
    let (string, separator) = (text(vm, base, 0)?, text(vm, base, 1)?);
    let limit = vm.int_arg(vm.arg(base, 2))?;
    if limit < -1 {
        return fail(format!(
            "std.{name} third parameter should be -1 or non-negative, got {limit}"
        ));
    }
    if separator.is_empty() {
        return fail(format!("std.{name} second parameter should have length 1 or greater, got 0"));
    }
    Ok((string, separator, usize::try_from(limit).ok()))
}

pub(crate) fn split_limit(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (string, separator, limit) = limited(vm, base, "splitLimit")?;
    Ok(match limit {
        None => pieces(vm, string.split(&*separator).collect()),
        Some(limit) => pieces(vm, string.splitn(limit + 1, &*separator).collect()),
    })
}

pub(crate) fn split_limit_r(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (string, separator, limit) = limited(vm, base, "splitLimitR")?;
    let count = string.matches(&*separator).count();
    let count = limit.map_or(count, |limit| count.min(limit));
    let mut rest = &*string;
    let mut out = Vec::new();
    for _ in 0..count {
        let Some(at) = rest.rfind(&*separator) else { break };
        out.push(&rest[at + separator.len()..]);
        rest = &rest[..at];
    }
    out.push(rest);
    out.reverse();
    Ok(pieces(vm, out))
}

pub(crate) fn replace(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (string, from, to) = (text(vm, base, 0)?, text(vm, base, 1)?, text(vm, base, 2)?);
    if from.is_empty() {
        return fail("'from' string must not be zero length.");
    }
    Ok(vm.heap.string(string.replace(&*from, &to)))
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn find_substr(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (pattern, string) = (vm.arg(base, 0), vm.arg(base, 1));
    let Value::Str(pattern) = pattern else {
        return fail(format!(
            "findSubstr first parameter should be a string, got {}",
            pattern.type_name()
        ));
    };
    let Value::Str(string) = string else {
        return fail(format!(
            "findSubstr second parameter should be a string, got {}",
            string.type_name()
        ));
    };
    let (pattern, string) = (vm.heap.text(pattern), vm.heap.text(string));
    let mut out = Vec::new();
    if !pattern.is_empty() {
        for (at, (offset, _)) in string.char_indices().enumerate() {
            if string[offset..].starts_with(&*pattern) {
                out.push(Value::Num(at as f64));
            }
        }
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn escape_json(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = shown_text(vm, base)?;
    let mut out = String::with_capacity(text.len() + 2);
    json::quote(&text, &mut out);
    Ok(vm.heap.string(out))
}

pub(crate) fn escape_bash(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = shown_text(vm, base)?;
    Ok(vm.heap.string(format!("'{}'", text.replace('\'', "'\"'\"'"))))
}

pub(crate) fn escape_dollars(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = shown_text(vm, base)?;
    Ok(vm.heap.string(text.replace('$', "$$")))
}

pub(crate) fn escape_xml(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = shown_text(vm, base)?;
    let mut out = String::with_capacity(text.len());
    languages::escape_xml(&text, &mut out);
    Ok(vm.heap.string(out))
}

pub(crate) fn parse_int(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = text(vm, base, 0)?;
    #[expect(clippy::cast_precision_loss, reason = "go-jsonnet rounds as well")]
    match text.parse::<i64>() {
        Ok(value) => Ok(Value::Num(value as f64)),
        Err(_) => fail(format!("{text} is not a base 10 integer")),
    }
}

fn natural(vm: &mut Vm<'_>, base: usize, radix: u32, empty: &str) -> Res<Value> {
    let value = vm.arg(base, 0);
    let Value::Str(string) = value else {
        return fail(format!("Expected string, got {}", value.type_name()));
    };
    let text = vm.heap.text(string);
    if text.is_empty() {
        return fail(empty);
    }
    let mut sum = 0.0;
    for character in text.chars() {
        let code = f64::from(character as u32);
        let digit = if code >= 97.0 {
            code - 97.0 + 10.0
        } else if code >= 65.0 {
            code - 65.0 + 10.0
        } else {
            code - 48.0
        };
        if digit < 0.0 || digit >= f64::from(radix) {
            return fail(format!("{text} is not a base {radix} integer"));
        }
        sum = f64::from(radix) * sum + digit;
    }
    crate::eval::operators::checked(sum)
}

pub(crate) fn parse_octal(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    natural(vm, base, 8, "Not an octal number: \"\"")
}

pub(crate) fn parse_hex(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    natural(vm, base, 16, "Not hexadecimal: \"\"")
}

pub(crate) fn lines(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let empty = vm.heap.string("");
    let last = vm.heap.array(vec![empty]);
    vm.stack.push(last);
    let argument = vm.arg(base, 0);
    let all = vm.add(argument, last)?;
    vm.stack.push(all);
    let array = vm.array_arg(all)?;
    let mut out = String::new();
    for at in 0..vm.heap.array_len(array) - 1 {
        match vm.element(array, at)? {
            Value::Null => {}
            Value::Str(string) => {
                out.push_str(&vm.heap.text(string));
                out.push('\n');
            }
            other => return Err(vm.expected(other, "string")),
        }
    }
    Ok(vm.heap.string(out))
}

pub(crate) fn deep_join(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let mut out = String::new();
    vm.join_deeply(vm.arg(base, 0), &mut out)?;
    Ok(vm.heap.string(out))
}

impl Vm<'_> {
    fn join_deeply(&mut self, value: Value, out: &mut String) -> Res<()> {
        match value {
            Value::Str(string) => out.push_str(&self.heap.text(string)),
            Value::Arr(array) => {
                self.enter()?;
                for at in 0..self.heap.array_len(array) {
                    let element = self.element(array, at)?;
                    self.join_deeply(element, out)?;
                }
                self.leave();
            }
            other => return fail(format!("Expected string or array, got {}", other.type_name())),
        }
        Ok(())
    }
}

pub(crate) fn resolve_path(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let path = match vm.arg(base, 0) {
        Value::Str(string) => vm.heap.text(string),
        other => {
            return fail(format!(
                "std.split first parameter must be a String, got {}",
                other.type_name()
            ));
        }
    };
    let relative = text(vm, base, 1)?;
    let directory = path.rfind('/').map_or("", |at| &path[..=at]);
    Ok(vm.heap.string(format!("{directory}{relative}")))
}

pub(crate) fn format(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let values = vm.arg(base, 1);
    match vm.arg(base, 0) {
        Value::Str(template) => vm.format(template, values),
        Value::Arr(array) => {
            let len = vm.heap.array_len(array);
            fail(format!("Too many values to format: {len}, expected 0"))
        }
        other => fail(format!("Unexpected type {}", other.type_name())),
    }
}
