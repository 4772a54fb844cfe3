//! Numbers and strings as Go writes them.

use std::fmt::Write as _;

/// Appends a number as go-jsonnet writes results: whole numbers in full, others as `%.17g`.
pub(crate) fn write(value: f64, out: &mut String) {
    if value == value.floor() {
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        if value.abs() < 9e15 && !(value == 0.0 && value.is_sign_negative()) {
            write_int(value as i64, out);
        } else {
            let _ = write!(out, "{value:.0}");
        }
        return;
    }
    let text = format!("{value:.16e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(|&digit| digit != '.').collect();
    let digits = digits.trim_end_matches('0');
    out.push_str(sign);
    decimal(digits, exponent, !(-4..17).contains(&exponent), out);
}

fn write_int(value: i64, out: &mut String) {
    let mut buffer = [0_u8; 20];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default());
}

/// Digits `d.ddd` times ten to the exponent, with or without `e`.
fn decimal(digits: &str, exponent: i32, scientific: bool, out: &mut String) {
    if scientific {
        out.push_str(&digits[..1]);
        if digits.len() > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
    } else if exponent < 0 {
        out.push_str("0.");
        for _ in 1..-exponent {
            out.push('0');
        }
        out.push_str(digits);
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0) + 1;
        if digits.len() <= whole {
            out.push_str(digits);
            for _ in digits.len()..whole {
                out.push('0');
            }
        } else {
            out.push_str(&digits[..whole]);
            out.push('.');
            out.push_str(&digits[whole..]);
        }
    }
}

/// A number as Go's `%v`: as short as possible, with an exponent where Go has one.
pub(crate) fn go_v(value: f64) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(|&digit| digit != '.').collect();
    let mut out = sign.to_owned();
    decimal(&digits, exponent, !(-4..6).contains(&exponent), &mut out);
    out
}

/// Appends a number as short as possible and without exponent.
pub(crate) fn write_shortest(value: f64, out: &mut String) {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    if value == value.floor() && value.abs() < 9e15 && !(value == 0.0 && value.is_sign_negative()) {
        write_int(value as i64, out);
    } else {
        let _ = write!(out, "{value}");
    }
}

/// A string as Go's `%#v` and `%q` quote it.
pub(crate) fn go_quote(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            control if (control as u32) < 0x20 || control as u32 == 0x7f => {
                let _ = write!(out, "\\x{:02x}", control as u32);
            }
            control if (0x80..0xa0).contains(&(control as u32)) => {
                let _ = write!(out, "\\u{:04x}", control as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
