//! Numbers as Go's `strconv` writes and reads them.
//!
//! Owns the `'g'` format with the fewest digits (what both YAML writers print), the float format
//! of `encoding/json`, and the integer and float syntaxes that the resolver accepts. Which plain
//! scalars count as numbers is [`crate::resolve`]'s business.

/// Shortest decimal digits of a finite, non-zero float, and the position of its decimal point.
struct Digits {
    buffer: [u8; 20],
    len: usize,
    /// Power of ten of the first digit.
    exponent: i32,
}

impl Digits {
    /// Takes apart `123.45`, `0.00123` or `1.23e-45`.
    fn of_text(text: &str) -> Self {
        let mut result = Self { buffer: [0; 20], len: 0, exponent: 0 };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut in_fraction = false;
        for byte in mantissa.bytes() {
            match byte {
                b'.' => in_fraction = true,
                b'0' if result.len == 0 => result.exponent -= i32::from(in_fraction),
                b'0'..=b'9' => {
                    // The exponent counts the whole digits until it is set right below.
                    result.exponent += i32::from(!in_fraction);
                    if let Some(slot) = result.buffer.get_mut(result.len) {
                        *slot = byte;
                        result.len += 1;
                    }
                }
                _ => {}
            }
        }
        while result.len > 1 && result.buffer[result.len - 1] == b'0' {
            result.len -= 1;
        }
        result.exponent += exponent.parse::<i32>().unwrap_or(0) - 1;
        result
    }

    fn new(value: f64) -> Self {
        Self::of_text(zmij::Buffer::new().format_finite(value.abs()))
    }

    fn new_f32(value: f32) -> Self {
        Self::of_text(zmij::Buffer::new().format_finite(value.abs()))
    }

    fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// `d.ddde+xx`, with at least `exponent_digits` digits of exponent.
    fn write_scientific(&self, exponent_digits: usize, out: &mut Vec<u8>) {
        let digits = self.as_slice();
        out.push(digits[0]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.push(b'e');
        out.push(if self.exponent < 0 { b'-' } else { b'+' });
        let magnitude = self.exponent.unsigned_abs();
        if exponent_digits > 1 && magnitude < 10 {
            out.push(b'0');
        }
        write_u64(u64::from(magnitude), out);
    }

    /// `ddd.ddd` without an exponent.
    fn write_positional(&self, out: &mut Vec<u8>) {
        let digits = self.as_slice();
        if self.exponent < 0 {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + (-self.exponent - 1).unsigned_abs() as usize, b'0');
            out.extend_from_slice(digits);
            return;
        }
        let whole = self.exponent.unsigned_abs() as usize + 1;
        if digits.len() <= whole {
            out.extend_from_slice(digits);
            out.resize(out.len() + whole - digits.len(), b'0');
        } else {
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        }
    }
}

/// Writes an unsigned integer in decimal.
pub(crate) fn write_u64(mut value: u64, out: &mut Vec<u8>) {
    let mut buffer = [0_u8; 20];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b"0123456789"[(value % 10) as usize];
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&buffer[at..]);
}

/// Writes a signed integer in decimal.
pub(crate) fn write_i64(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    write_u64(value.unsigned_abs(), out);
}

/// Writes a float as `strconv.FormatFloat(value, 'g', -1, 64)` does, with YAML's spelling of the
/// values that are not finite.
///
/// The exponent form starts at a million and below a ten-thousandth: `1e+06`, `999999`, `1e-05`.
pub(crate) fn write_float(value: f64, out: &mut Vec<u8>) {
    if value.fract() == 0.0 && value.abs() < 1e6 {
        if value.is_sign_negative() {
            out.push(b'-');
        }
        // A whole number below a million fits.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and small"
        )]
        write_u64(value.abs() as u64, out);
        return;
    }
    if !write_special(value, out) {
        write_general(&Digits::new(value), value.is_sign_negative(), out);
    }
}

/// As [`write_float`], from the shortest digits of the nearest 32-bit float.
pub(crate) fn write_float32(value: f64, out: &mut Vec<u8>) {
    #[expect(clippy::cast_possible_truncation, reason = "the narrowing is the point")]
    let narrow = value as f32;
    if narrow == 0.0 {
        out.extend_from_slice(if narrow.is_sign_negative() { b"-0" } else { b"0" });
    } else if !write_special(f64::from(narrow), out) {
        write_general(&Digits::new_f32(narrow), narrow.is_sign_negative(), out);
    }
}

fn write_special(value: f64, out: &mut Vec<u8>) -> bool {
    if value.is_nan() {
        out.extend_from_slice(b".nan");
    } else if value.is_infinite() {
        out.extend_from_slice(if value < 0.0 { b"-.inf" } else { b".inf" });
    } else {
        return false;
    }
    true
}

fn write_general(digits: &Digits, negative: bool, out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    if digits.exponent < -4 || digits.exponent >= 6 {
        digits.write_scientific(2, out);
    } else {
        digits.write_positional(out);
    }
}

/// Writes a finite float as `encoding/json` does: positional between `1e-6` and `1e21`.
pub(crate) fn write_json_float(value: f64, out: &mut Vec<u8>) {
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if value == 0.0 {
        out.push(b'0');
        return;
    }
    let digits = Digits::new(value);
    let magnitude = value.abs();
    if (1e-6..1e21).contains(&magnitude) {
        digits.write_positional(out);
    } else {
        digits.write_scientific(1, out);
    }
}

/// An integer or the lack of one, as `strconv.ParseInt` and `ParseUint` with base 0 tell them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Integer {
    /// Fits 64 bits with a sign.
    Signed(i64),
    /// Only fits 64 bits without a sign.
    Unsigned(u64),
}

/// Parses an integer whose prefix names its base: `0x`, `0o`, `0b`, a leading `0` for octal.
///
/// `text` has no underscores left. Values that fit neither 64-bit type are no integers.
pub(crate) fn parse_integer(text: &str) -> Option<Integer> {
    let (negative, unsigned, signed) = split_sign(text);
    let lower = |at: usize| unsigned.as_bytes().get(at).map(u8::to_ascii_lowercase);
    let (radix, digits) = match (lower(0)?, lower(1)) {
        (b'0', Some(b'b')) if unsigned.len() >= 3 => (2, &unsigned[2..]),
        (b'0', Some(b'o')) if unsigned.len() >= 3 => (8, &unsigned[2..]),
        (b'0', Some(b'x')) if unsigned.len() >= 3 => (16, &unsigned[2..]),
        (b'0', None) => return Some(Integer::Signed(0)),
        (b'0', Some(_)) => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    finish_integer(digits, radix, negative, signed)
}

/// Parses an integer of a known base with an optional sign.
pub(crate) fn parse_integer_radix(text: &str, radix: u32) -> Option<Integer> {
    let (negative, digits, signed) = split_sign(text);
    finish_integer(digits, radix, negative, signed)
}

fn split_sign(text: &str) -> (bool, &str, bool) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..], true),
        Some(b'+') => (false, &text[1..], true),
        _ => (false, text, false),
    }
}

fn finish_integer(digits: &str, radix: u32, negative: bool, signed: bool) -> Option<Integer> {
    // The standard parser accepts a sign of its own.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Integer::Signed);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Integer::Signed(value)),
        // Go parses what is beyond the signed range without allowing a sign.
        Err(_) if !signed => Some(Integer::Unsigned(magnitude)),
        Err(_) => None,
    }
}

/// Parses a float of YAML's syntax: sign, digits, point, digits, exponent.
///
/// Values beyond the range of a float are no floats.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |n| from + n)
    };
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut at = digits(start);
    let whole = at - start;
    if bytes.get(at) == Some(&b'.') {
        let fraction = at + 1;
        at = digits(fraction);
        if whole == 0 && at == fraction {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let mut exponent = at + 1;
        exponent += usize::from(matches!(bytes.get(exponent), Some(b'+' | b'-')));
        at = digits(exponent);
        if at == exponent {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Parses a scalar that starts with a point the way `strconv.ParseFloat` does, which allows
/// underscores between digits.
pub(crate) fn parse_point_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return parse_float(text);
    }
    let bytes = text.as_bytes();
    let digit_at =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    for (at, _) in text.match_indices('_') {
        if !digit_at(at.checked_sub(1)) || !digit_at(Some(at + 1)) {
            return None;
        }
    }
    parse_float(&text.replace('_', ""))
}
