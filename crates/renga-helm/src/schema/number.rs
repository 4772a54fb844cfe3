//! Numbers as exact decimals, and as English text.
//!
//! A schema is compared with values as rational numbers, never as floats: `0.3` is a multiple of
//! `0.1`. Messages show them as `golang.org/x/text` does for English: grouped, and with a power of
//! ten where the number is large or small.

use std::cmp::Ordering;

use num_bigint::BigUint;

/// The largest power of ten a number may name; one beyond it is no number for the validator.
const LARGEST_EXPONENT: i64 = 1_000_000;

/// A number and how it was written.
#[derive(Clone, Debug)]
pub(super) struct Number {
    /// The literal, which messages quote.
    pub(super) text: Box<str>,
    /// The value; `None` where the exponent is beyond reason.
    pub(super) value: Option<Decimal>,
}

impl Number {
    /// Takes a JSON number, or a float or integer as Rust writes it.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), value: Decimal::parse(text) }
    }

    pub(super) fn is_integer(&self) -> bool {
        self.value.as_ref().is_some_and(Decimal::is_integer)
    }

    /// Whether both are numbers, and equal.
    pub(super) fn equals(&self, other: &Number) -> bool {
        matches!((&self.value, &other.value), (Some(a), Some(b)) if a == b)
    }
}

/// The number `0.digits × 10^exponent`. Digits have no zeros at either end; zero has none at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal {
    negative: bool,
    exponent: i64,
    digits: Box<[u8]>,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, written) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if all.is_empty() || !all.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let leading = all.iter().take_while(|&&digit| digit == b'0').count();
        if leading == all.len() {
            return Some(Self { negative: false, exponent: 0, digits: Box::default() });
        }
        let scale = written.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if !(-LARGEST_EXPONENT..=LARGEST_EXPONENT).contains(&scale) {
            return None;
        }
        let end = all.iter().rposition(|&digit| digit != b'0')? + 1;
        let exponent = scale + i64::try_from(all.len() - leading).ok()?;
        Some(Self { negative, exponent, digits: all[leading..end].into() })
    }

    /// The power of ten of the last digit.
    fn scale(&self) -> i64 {
        self.exponent - i64::try_from(self.digits.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn is_integer(&self) -> bool {
        self.digits.is_empty() || self.scale() >= 0
    }

    /// The lowest 64 bits of an integer, as Go narrows one.
    pub(super) fn low_bits(&self) -> i64 {
        let mut bits = self.digits.iter().fold(0_u64, |bits, &digit| {
            bits.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
        });
        // After 64 factors of ten, no bit is left.
        for _ in 0..self.scale().clamp(0, 64) {
            bits = bits.wrapping_mul(10);
        }
        if self.negative { bits.wrapping_neg().cast_signed() } else { bits.cast_signed() }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        match (sign(self), sign(other)) {
            (1, 1) => self.magnitude(other),
            (-1, -1) => other.magnitude(self),
            (a, b) => a.cmp(&b),
        }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits))
    }

    /// Whether the number is a whole multiple of `unit`. Nothing is a multiple of zero.
    pub(super) fn is_multiple_of(&self, unit: &Self) -> bool {
        let (Some(number), Some(step)) = (self.whole_digits(), unit.whole_digits()) else {
            return self.digits.is_empty() && !unit.digits.is_empty();
        };
        let shift = self.scale() - unit.scale();
        let Ok(distance) = u32::try_from(shift.unsigned_abs()) else { return false };
        if shift >= 0 {
            let power = BigUint::from(10_u8).modpow(&BigUint::from(distance), &step);
            (number * power) % step == BigUint::ZERO
        } else if distance as usize > self.digits.len() {
            // More factors of ten than the number has digits.
            false
        } else {
            number % (step * BigUint::from(10_u8).pow(distance)) == BigUint::ZERO
        }
    }

    fn whole_digits(&self) -> Option<BigUint> {
        if self.digits.is_empty() { None } else { BigUint::parse_bytes(&self.digits, 10) }
    }

    /// The nearest float.
    pub(super) fn to_float(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let digits = String::from_utf8_lossy(&self.digits);
        format!("{sign}0.{digits}e{}", self.exponent).parse().unwrap_or(f64::NAN)
    }
}

/// Writes a count with its thousands apart: `12,345`.
pub(super) fn grouped(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", group(&number.unsigned_abs().to_string()))
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a float for English readers: `1,234.5`, and `1.5×10⁰⁷` from a million on.
pub(super) fn localized(float: f64) -> String {
    if float.is_infinite() {
        return if float > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    if float == 0.0 {
        return "0".to_owned();
    }
    let sign = if float < 0.0 { "-" } else { "" };
    let scientific = format!("{:e}", float.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let plain = float.abs().to_string();
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let point = if fraction.is_empty() { "" } else { "." };
        return format!("{sign}{}{point}{fraction}", group(whole));
    }
    let below = if exponent < 0 { "-" } else { "" };
    let raised: String =
        format!("{below}{:02}", exponent.unsigned_abs()).chars().map(superscript).collect();
    format!("{sign}{mantissa}×10{raised}")
}

fn superscript(letter: char) -> char {
    match letter {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '-' => '⁻',
        digit => digit.to_digit(10).and_then(|d| char::from_u32(0x2070 + d)).unwrap_or(digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn floats_are_written_as_x_text_writes_them() {
        // Recorded from golang.org/x/text v0.43.0.
        for (float, text) in [
            (0.0, "0"),
            (-1.0, "-1"),
            (1000.0, "1,000"),
            (12345.678, "12,345.678"),
            (999_999.0, "999,999"),
            (123_456.5, "123,456.5"),
            (1e6, "1×10⁰⁶"),
            (1_234_567.5, "1.2345675×10⁰⁶"),
            (1e21, "1×10²¹"),
            (-1e22, "-1×10²²"),
            (0.0001, "0.0001"),
            (0.00001, "1×10⁻⁰⁵"),
            (1.2345e-7, "1.2345×10⁻⁰⁷"),
            (f64::MAX, "1.7976931348623157×10³⁰⁸"),
            (5e-324, "5×10⁻³²⁴"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(localized(float), text);
        }
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal("1.0"), decimal("1e0"));
        assert_eq!(decimal("0.00"), decimal("-0"));
        assert!(decimal("0.3").is_multiple_of(&decimal("0.1")));
        assert!(!decimal("0.35").is_multiple_of(&decimal("0.1")));
        assert!(!decimal("1e300").is_multiple_of(&decimal("3e-5")));
        assert!(decimal("9e300").is_multiple_of(&decimal("3e-5")));
        assert!(!decimal("7").is_multiple_of(&decimal("7e3")));
        assert!(decimal("0").is_multiple_of(&decimal("7")));
        assert!(!decimal("1").is_multiple_of(&decimal("0")));
        assert!(decimal("1e2").is_integer() && !decimal("1e-2").is_integer());
        assert_eq!(decimal("-12e1").low_bits(), -120);
        assert_eq!(decimal("1e70").low_bits(), 0);
        assert!(Decimal::parse("1e1000001").is_none());
        assert!(Decimal::parse("1e-99999999999999999999").is_none());
    }

    #[test]
    fn order_is_numeric() {
        let sorted = ["-1e3", "-20", "-2", "-0.5", "0", "1e-9", "0.5", "2", "15", "1.5e1000"];
        for pair in sorted.windows(2) {
            assert_eq!(decimal(pair[0]).compare(&decimal(pair[1])), Ordering::Less, "{pair:?}");
            assert_eq!(decimal(pair[1]).compare(&decimal(pair[0])), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(decimal("15").compare(&decimal("1.5e1")), Ordering::Equal);
    }
}
