//! Number literals: a text under every type of Go that can hold its value.

use std::sync::Arc;

use crate::parse::ast::Number;
use crate::parse::lex::Kind;
use crate::text::number::{parse_float, parse_int, parse_uint};
use crate::text::quote;

/// Reads a number literal under every type that can hold it.
pub(super) fn number(text: &[u8], kind: Kind) -> Result<Number, String> {
    let shown: Arc<str> = Arc::from(&*String::from_utf8_lossy(text));
    let mut number = Number { int: None, uint: None, float: None, complex: None, text: shown };
    match kind {
        Kind::CharConstant => {
            let Some((unit, used)) = quote::unquote_unit(&text[1..], b'\'') else {
                return Err("invalid syntax".to_owned());
            };
            if &text[1 + used..] != b"'" {
                return Err(format!("malformed character constant: {}", number.text));
            }
            let code = match unit {
                quote::Unit::Rune(rune) => u32::from(rune),
                quote::Unit::Byte(byte) => u32::from(byte),
                quote::Unit::Raw(_) => u32::from(crate::text::rune::RUNE_ERROR),
            };
            number.int = Some(i64::from(code));
            number.uint = Some(u64::from(code));
            number.float = Some(f64::from(code));
            return Ok(number);
        }
        Kind::Complex => {
            let split = text[1..]
                .iter()
                .enumerate()
                .rposition(|(at, byte)| {
                    matches!(byte, b'+' | b'-') && !matches!(text[at], b'e' | b'E' | b'p' | b'P')
                })
                .map_or(0, |at| at + 1);
            let real = parse_float(&text[..split]);
            let imaginary = parse_float(&text[split..text.len() - 1]);
            let (Ok(real), Ok(imaginary)) = (real, imaginary) else {
                return Err("syntax error scanning complex number".to_owned());
            };
            number.complex = Some((real, imaginary));
            simplify(&mut number);
            return Ok(number);
        }
        _ => {}
    }
    if let [head @ .., b'i'] = text
        && let Ok(imaginary) = parse_float(head)
    {
        number.complex = Some((0.0, imaginary));
        simplify(&mut number);
        return Ok(number);
    }
    number.uint = parse_uint(text, 0).ok();
    number.int = parse_int(text, 0).ok();
    if number.int == Some(0) {
        number.uint = Some(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "Go promotes integers the same way")]
    match (number.int, number.uint) {
        (Some(int), _) => number.float = Some(int as f64),
        (None, Some(uint)) => number.float = Some(uint as f64),
        (None, None) => {
            if let Ok(float) = parse_float(text) {
                if !text.iter().any(|byte| b".eEpP".contains(byte)) {
                    return Err(format!("integer overflow: {}", quote::quoted(text)));
                }
                number.float = Some(float);
                number.int = exact_int(float);
                number.uint = exact_uint(float);
            }
        }
    }
    if number.int.is_none() && number.uint.is_none() && number.float.is_none() {
        return Err(format!("illegal number syntax: {}", quote::quoted(text)));
    }
    Ok(number)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "checked by value"
)]
#[expect(clippy::float_cmp, reason = "the comparison asks whether the value is whole")]
fn exact_int(float: f64) -> Option<i64> {
    let in_range = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    (in_range && (float as i64) as f64 == float).then_some(float as i64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "checked by value"
)]
fn exact_uint(float: f64) -> Option<u64> {
    let in_range = (0.0..18_446_744_073_709_551_616.0).contains(&float);
    (in_range && (float as u64) as f64 == float).then_some(float as u64)
}

fn simplify(number: &mut Number) {
    if let Some((real, 0.0)) = number.complex {
        number.float = Some(real);
        number.int = exact_int(real);
        number.uint = exact_uint(real);
    }
}
