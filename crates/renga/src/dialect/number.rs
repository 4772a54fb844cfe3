//! Numbers and truth values as Go's `strconv` reads them, with its words for what it cannot read.

use super::quote;

/// Reads an integer of 64 bits in base 10, or with a prefix in base 2, 8 or 16; underscores may
/// separate digits.
///
/// # Errors
///
/// The text of Go's error.
pub(super) fn int(text: &str) -> Result<i64, String> {
    let fault = |why: &str| format!("strconv.ParseInt: parsing {}: {why}", quote::string(text));
    let syntax = || fault("invalid syntax");
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &unsigned[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &unsigned[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !underscores_fit(unsigned) {
        return Err(syntax());
    }
    let mut value: u128 = 0;
    let mut any = false;
    for c in digits.chars() {
        if c == '_' {
            continue;
        }
        let digit = c.to_digit(base).ok_or_else(syntax)?;
        any = true;
        value = value.saturating_mul(u128::from(base)).saturating_add(u128::from(digit));
    }
    if !any {
        return Err(syntax());
    }
    let limit = if negative { 1 << 63 } else { (1 << 63) - 1 };
    if value > limit {
        return Err(fault("value out of range"));
    }
    let value = i128::try_from(value).unwrap_or(i128::MAX);
    i64::try_from(if negative { -value } else { value }).map_err(|_| fault("value out of range"))
}

/// Whether every underscore stands between two digits, or between a base prefix and a digit.
fn underscores_fit(unsigned: &str) -> bool {
    let bytes = unsigned.as_bytes();
    let prefixed = bytes.len() > 1 && bytes[0] == b'0' && bytes[1].is_ascii_alphabetic();
    let mut after_digit = prefixed;
    for &byte in &bytes[if prefixed { 2 } else { 0 }..] {
        if byte == b'_' && !after_digit {
            return false;
        }
        after_digit = byte != b'_';
    }
    after_digit
}

/// Reads a truth value.
///
/// # Errors
///
/// The text of Go's error.
pub(super) fn bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", quote::string(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_prefixes_and_limits() {
        for (text, value) in [
            ("0", 0),
            ("-5", -5),
            ("+7", 7),
            ("0x1F", 31),
            ("0b101", 5),
            ("0o17", 15),
            ("017", 15),
            ("0_7", 7),
            ("1_000", 1000),
            ("0x_f", 15),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(int(text), Ok(value), "{text}");
        }
        for text in ["", "-", "foo", "1__0", "_1", "08", "0x", "0x__f", "1.5", " 1"] {
            assert_eq!(
                int(text),
                Err(format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"))
            );
        }
        assert_eq!(
            int("9223372036854775808"),
            Err("strconv.ParseInt: parsing \"9223372036854775808\": value out of range".into())
        );
    }
}
