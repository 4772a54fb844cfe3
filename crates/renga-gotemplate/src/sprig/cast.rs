//! Loose conversions to numbers, after `spf13/cast`: what cannot be converted is 0.

use crate::text::number::{parse_float, parse_int};
use crate::value::Value;

/// To a 64-bit integer: floats truncate, strings may have a base prefix and a fraction.
pub(crate) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(_, number) => *number,
        Value::Uint(_, number) => number.cast_signed(),
        Value::Float(number) => truncate(*number),
        Value::Bool(truth) => i64::from(*truth),
        Value::Str(text) => parse_int(&trim_decimal(text), 0).unwrap_or(0),
        _ => 0,
    }
}

/// To a float.
#[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
pub(crate) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(_, number) => *number as f64,
        Value::Uint(_, number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Str(text) => parse_float(text).unwrap_or(0.0),
        _ => 0.0,
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
