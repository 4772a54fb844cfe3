//! Loose conversions to numbers, after `spf13/cast`: what cannot be converted is 0.
//!
//! Two versions of that library differ, and both are in use. In 1.7 a text with a fraction is no
//! whole number unless the fraction is all zeros, and defined types are no numbers; 1.10 cuts the
//! fraction off and looks at what the type is made of. `OLD` chooses 1.7.

use crate::object::Object;
use crate::text::number::{parse_float, parse_int};
use crate::value::Value;

/// To a 64-bit integer: floats truncate, strings may have a base prefix and a fraction.
pub(crate) fn to_int<const OLD: bool>(value: &Value) -> i64 {
    match value {
        Value::Int(_, number) => *number,
        Value::Uint(_, number) => number.cast_signed(),
        Value::Float(number) => truncate(*number),
        Value::Bool(truth) => i64::from(*truth),
        Value::Str(text) if OLD => parse_int(trim_zeros(text), 0).unwrap_or(0),
        Value::Str(text) => parse_int(&trim_decimal(text), 0).unwrap_or(0),
        Value::Object(object) => defined_number::<OLD>(&**object).unwrap_or(0),
        _ => 0,
    }
}

/// To a float.
#[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
pub(crate) fn to_float<const OLD: bool>(value: &Value) -> f64 {
    match value {
        Value::Int(_, number) => *number as f64,
        Value::Uint(_, number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Str(text) => parse_float(text).unwrap_or(0.0),
        Value::Object(object) => defined_number::<OLD>(&**object).unwrap_or(0) as f64,
        _ => 0.0,
    }
}

/// The number of a value of a defined integer type.
fn defined_number<const OLD: bool>(object: &dyn Object) -> Option<i64> {
    let known = [crate::time::object::MONTH, crate::time::object::WEEKDAY];
    object.number().filter(|_| !OLD || known.contains(&object.ty()))
}

/// Drops a point and the zeros after it, of which there must be one.
fn trim_zeros(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    match text[..text.len() - zeros].split_last() {
        Some((b'.', whole)) if zeros > 0 => whole,
        _ => text,
    }
}

/// Go's conversion on amd64: values out of range become the smallest integer.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncate(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// Drops the fraction of a plain decimal number.
fn trim_decimal(text: &[u8]) -> Vec<u8> {
    let Some(point) = text.iter().position(|&byte| byte == b'.') else { return text.to_vec() };
    let (whole, fraction) = (&text[..point], &text[point + 1..]);
    let digits = whole.strip_prefix(b"-").or(whole.strip_prefix(b"+")).unwrap_or(whole);
    let plain = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if !plain(digits) || !plain(fraction) {
        return text.to_vec();
    }
    if digits.is_empty() {
        let mut sign = whole.to_vec();
        sign.push(b'0');
        return sign;
    }
    whole.to_vec()
}

#[cfg(test)]
mod tests {
    use super::to_int;
    use crate::value::Value;

    #[test]
    fn the_versions_of_cast_differ_in_fractions() {
        for (text, old, new) in [
            ("1.5", 0, 1),
            ("1.0", 1, 1),
            ("1.00", 1, 1),
            ("1.", 0, 1),
            (".0", 0, 0),
            ("0x10", 16, 16),
            ("010", 8, 8),
            ("100", 100, 100),
            ("-7.9", 0, -7),
            ("1.0.0", 0, 0),
            ("", 0, 0),
        ] {
            assert_eq!(to_int::<true>(&Value::from(text)), old, "1.7 {text}");
            assert_eq!(to_int::<false>(&Value::from(text)), new, "1.10 {text}");
        }
    }
}
