//! `std.format` with fractions as go-jsonnet writes them.
//!
//! The evaluator does the formatting; before it does, values that a `%s` is going to write are
//! turned into go-jsonnet's text where the evaluator has its own.

#![expect(clippy::needless_pass_by_value, reason = "builtin functions take their arguments so")]

use std::collections::BTreeMap;

use jrsonnet_evaluator::error::Result;
use jrsonnet_evaluator::function::{FuncVal, builtin};
use jrsonnet_evaluator::stdlib::std_format;
use jrsonnet_evaluator::{IStr, ObjValueBuilder, Val};

use crate::jrsonnet::standard::text;

/// Adds the function to `std`.
pub(super) fn add(std: &mut ObjValueBuilder) {
    std.method("format", builtin_format {});
}

/// The function that formats become calls of ([`crate::concat`]).
pub(super) fn function() -> FuncVal {
    FuncVal::builtin(builtin_format {})
}

#[builtin]
fn builtin_format(str: IStr, vals: Val) -> Result<String> {
    let vals = written(&str, vals)?;
    std_format(&str, vals)
}

/// The values with the text of those that only `%s` writes. Most formats have none to change.
fn written(format: &str, vals: Val) -> Result<Val> {
    match &vals {
        Val::Arr(array) => {
            let mut changes = false;
            for value in array.iter() {
                changes |= needs_writing(&value?);
            }
            if !changes {
                return Ok(vals);
            }
            let uses = uses(format);
            let mut values = Vec::with_capacity(array.len() as usize);
            for (index, value) in array.iter().enumerate() {
                let value = value?;
                let as_text = uses.positions.get(index).copied().unwrap_or(false);
                values.push(if as_text { as_written(value)? } else { value });
            }
            Ok(Val::Arr(values.into()))
        }
        Val::Obj(object) => {
            let mut layer = ObjValueBuilder::new();
            let mut changed = false;
            for (key, _) in uses(format).keys.iter().filter(|(_, as_text)| **as_text) {
                let Some(value) = object.get(IStr::from(*key))? else { continue };
                if needs_writing(&value) {
                    layer.field(*key).hide().value(as_written(value)?);
                    changed = true;
                }
            }
            if !changed {
                return Ok(vals);
            }
            layer.with_super(object.clone());
            Ok(Val::Obj(layer.build()))
        }
        value if needs_writing(value) && uses(format).positions.first() == Some(&true) => {
            as_written(vals)
        }
        _ => Ok(vals),
    }
}

fn needs_writing(value: &Val) -> bool {
    match value {
        Val::Num(number) => number.get().fract() != 0.0,
        Val::Arr(_) | Val::Obj(_) => true,
        _ => false,
    }
}

fn as_written(value: Val) -> Result<Val> {
    if needs_writing(&value) { text(&value).map(Val::string) } else { Ok(value) }
}

/// Which values a format writes with `%s` only.
#[derive(Default)]
struct Uses<'a> {
    positions: Vec<bool>,
    keys: BTreeMap<&'a str, bool>,
}

/// Reads the codes of a format. What is malformed is the evaluator's to refuse.
fn uses(format: &str) -> Uses<'_> {
    let mut uses = Uses::default();
    let mut rest = format;
    while let Some(percent) = rest.find('%') {
        rest = &rest[percent + 1..];
        let mut key = None;
        if let Some(inner) = rest.strip_prefix('(') {
            let Some(end) = inner.find(')') else { break };
            key = Some(&inner[..end]);
            rest = &inner[end + 1..];
        }
        let code = rest.find(|c: char| {
            !matches!(c, '#' | '0'..='9' | '-' | ' ' | '+' | '*' | '.' | 'h' | 'l' | 'L')
        });
        let Some(code) = code else { break };
        let stars = rest[..code].bytes().filter(|&byte| byte == b'*').count();
        uses.positions.extend(std::iter::repeat_n(false, stars));
        let conversion = rest[code..].chars().next();
        rest = &rest[code + conversion.map_or(0, char::len_utf8)..];
        match key {
            _ if conversion == Some('%') => {}
            Some(key) => *uses.keys.entry(key).or_insert(true) &= conversion == Some('s'),
            None => uses.positions.push(conversion == Some('s')),
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::uses;

    #[test]
    fn only_values_that_nothing_but_s_writes_count() {
        let uses = uses("%s %% %5.1f %-*s %(a)s %(b)s %(b)d %(c.d)s");
        assert_eq!(uses.positions, [true, false, false, true]);
        let keys: Vec<_> = uses.keys.into_iter().collect();
        assert_eq!(keys, [("a", true), ("b", false), ("c.d", true)]);
    }
}
