//! Reading numbers as `strconv` does: signs, base prefixes, underscores and hexadecimal floats.

/// Why a number could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// Not a number at all.
    Syntax,
    /// A number too large for the type.
    Range,
}

/// Whether underscores stand only between digits or after a base prefix.
fn underscores_ok(text: &[u8]) -> bool {
    let mut text = text;
    if let [b'+' | b'-', rest @ ..] = text {
        text = rest;
    }
    let mut previous = b'^';
    let mut hex = false;
    if let [b'0', letter, rest @ ..] = text
        && matches!(letter.to_ascii_lowercase(), b'b' | b'o' | b'x')
    {
        hex = letter.eq_ignore_ascii_case(&b'x');
        previous = b'0';
        text = rest;
    }
    for &byte in text {
        if byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit() {
            previous = b'0';
        } else if byte == b'_' {
            if previous != b'0' {
                return false;
            }
            previous = b'_';
        } else {
            if previous == b'_' {
                return false;
            }
            previous = b'!';
        }
    }
    previous != b'_'
}

/// Reads an unsigned integer; base 0 takes the base from the prefix.
pub(crate) fn parse_uint(text: &[u8], base: u32) -> Result<u64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Syntax);
    }
    let prefixed = base == 0;
    let (base, digits) = match (base, text) {
        (0, [b'0', letter, rest @ ..]) if !rest.is_empty() => match letter.to_ascii_lowercase() {
            b'b' => (2, rest),
            b'o' => (8, rest),
            b'x' => (16, rest),
            _ => (8, &text[1..]),
        },
        (0, [b'0', rest @ ..]) if !rest.is_empty() => (8, rest),
        (0, _) => (10, text),
        (base, _) => (base, text),
    };
    let mut value = 0_u64;
    let mut overflow = false;
    let mut underscores = false;
    for &byte in digits {
        if byte == b'_' && prefixed {
            underscores = true;
            continue;
        }
        let digit = char::from(byte).to_digit(base).ok_or(NumberError::Syntax)?;
        match value.checked_mul(u64::from(base)).and_then(|v| v.checked_add(u64::from(digit))) {
            Some(next) => value = next,
            None => overflow = true,
        }
        if overflow {
            return Err(NumberError::Range);
        }
    }
    if underscores && !underscores_ok(text) {
        return Err(NumberError::Syntax);
    }
    Ok(value)
}

/// Reads a signed 64-bit integer; base 0 takes the base from the prefix.
pub(crate) fn parse_int(text: &[u8], base: u32) -> Result<i64, NumberError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits, base)?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude).ok_or(NumberError::Range)
    } else {
        i64::try_from(magnitude).map_err(|_| NumberError::Range)
    }
}

/// Reads a 64-bit float: decimal or hexadecimal, `inf`, `infinity` or `nan`.
pub(crate) fn parse_float(text: &[u8]) -> Result<f64, NumberError> {
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let signed = |value: f64| if negative { -value } else { value };
    let lower = body.to_ascii_lowercase();
    match lower.as_slice() {
        b"inf" | b"infinity" => return Ok(signed(f64::INFINITY)),
        b"nan" if body.len() == text.len() => return Ok(f64::NAN),
        _ => {}
    }
    if lower.contains(&b'_') && !underscores_ok(&lower) {
        return Err(NumberError::Syntax);
    }
    let value = if let Some(hex) = lower.strip_prefix(b"0x") {
        parse_hex_float(hex)?
    } else {
        let digits: Vec<u8> = lower.iter().copied().filter(|&byte| byte != b'_').collect();
        parse_decimal_float(&digits)?
    };
    if value.is_infinite() {
        return Err(NumberError::Range);
    }
    Ok(signed(value))
}

fn parse_decimal_float(text: &[u8]) -> Result<f64, NumberError> {
    let shaped =
        text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    let starts = matches!(text.first(), Some(b'0'..=b'9' | b'.'));
    if !shaped || !starts {
        return Err(NumberError::Syntax);
    }
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(NumberError::Syntax)
}

fn parse_hex_float(text: &[u8]) -> Result<f64, NumberError> {
    let at = text.iter().position(|&byte| byte == b'p').ok_or(NumberError::Syntax)?;
    let exponent = &text[at + 1..];
    let exponent_digits = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+"));
    if !exponent_digits.unwrap_or(exponent).first().is_some_and(u8::is_ascii_digit) {
        return Err(NumberError::Syntax);
    }
    let without: Vec<u8> = exponent.iter().copied().filter(|&byte| byte != b'_').collect();
    let mut exponent = match parse_int(&without, 10) {
        Ok(value) => value.clamp(-1_000_000, 1_000_000),
        Err(NumberError::Range) => 1_000_000 * if without[0] == b'-' { -1 } else { 1 },
        Err(error) => return Err(error),
    };
    let mut mantissa = 0_u64;
    let mut sticky = false;
    let mut seen = false;
    let mut point = false;
    for &byte in &text[..at] {
        match byte {
            b'_' => {}
            b'.' if !point => point = true,
            _ => {
                let digit = char::from(byte).to_digit(16).ok_or(NumberError::Syntax)?;
                seen = true;
                if mantissa >> 59 == 0 {
                    mantissa = mantissa << 4 | u64::from(digit);
                    exponent -= if point { 4 } else { 0 };
                } else {
                    sticky |= digit != 0;
                    exponent += if point { 0 } else { 4 };
                }
            }
        }
    }
    if !seen {
        return Err(NumberError::Syntax);
    }
    Ok(scale_binary(mantissa, sticky, exponent))
}

/// Rounds `mantissa × 2^exponent` to the nearest float, ties to even.
fn scale_binary(mantissa: u64, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let shift = i64::from(mantissa.leading_zeros());
    let (mantissa, exponent) = (mantissa << shift, exponent - shift);
    // The value is 1.xxx × 2^top.
    let top = exponent + 63;
    if top > 1023 {
        return f64::INFINITY;
    }
    let kept = if top >= -1022 { 53 } else { 53 - (-1022 - top) };
    if kept < 0 {
        return 0.0;
    }
    let dropped = u32::try_from(64 - kept).unwrap_or(64);
    let (mut head, rest) = if dropped >= 64 {
        (0, mantissa)
    } else {
        (mantissa >> dropped, mantissa << (64 - dropped))
    };
    let half = 1_u64 << 63;
    if rest > half || rest == half && (sticky || head & 1 == 1) {
        head += 1;
    }
    let bits = if top >= -1022 {
        let biased = u64::try_from(top + 1023).unwrap_or(0);
        ((biased - 1) << 52) + head
    } else {
        head
    };
    f64::from_bits(bits)
}

#[cfg(test)]
mod tests {
    use super::{NumberError, parse_float, parse_int, parse_uint};

    #[test]
    fn integers_follow_the_prefix() {
        assert_eq!(parse_int(b"0x10", 0), Ok(16));
        assert_eq!(parse_int(b"-010", 0), Ok(-8));
        assert_eq!(parse_int(b"0b1_0", 0), Ok(2));
        assert_eq!(parse_int(b"08", 0), Err(NumberError::Syntax));
        assert_eq!(parse_int(b"1__0", 0), Err(NumberError::Syntax));
        assert_eq!(parse_int(b"9223372036854775808", 10), Err(NumberError::Range));
        assert_eq!(parse_int(b"-9223372036854775808", 10), Ok(i64::MIN));
        assert_eq!(parse_uint(b"", 0), Err(NumberError::Syntax));
    }

    #[test]
    fn hexadecimal_floats_round_to_nearest_even() {
        assert_eq!(parse_float(b"0x1p-2"), Ok(0.25));
        assert_eq!(parse_float(b"0x1.fffffffffffff8p0"), Ok(2.0));
        assert_eq!(parse_float(b"-0x1p-1074"), Ok(-f64::from_bits(1)));
        assert_eq!(parse_float(b"0x1p-1075"), Ok(0.0));
        assert_eq!(parse_float(b"1e400"), Err(NumberError::Range));
        assert_eq!(parse_float(b"0x1"), Err(NumberError::Syntax));
    }
}
