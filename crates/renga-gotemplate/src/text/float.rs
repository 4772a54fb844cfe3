//! Writing floats as `strconv.FormatFloat` does.

use std::fmt::Write as _;

/// Formats a float with one of Go's format letters (`e E f g G b x X`).
///
/// Without a precision the shortest digits that read back as the same value are used.
pub(crate) fn format(value: f64, letter: u8, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let value = value.abs();
    let body = match letter {
        b'b' => binary(value),
        b'x' => hexadecimal(value, precision),
        b'X' => hexadecimal(value, precision).to_ascii_uppercase(),
        b'f' => match precision {
            Some(precision) => format!("{value:.precision$}"),
            None => plain(&shortest(value)),
        },
        b'e' => exponential(&digits(value, precision.map(|p| p + 1)), precision),
        b'E' => exponential(&digits(value, precision.map(|p| p + 1)), precision).to_uppercase(),
        b'G' => general(value, precision).to_uppercase(),
        _ => general(value, precision),
    };
    format!("{sign}{body}")
}

/// Decimal digits without leading or trailing zeros (but at least one), and the decimal exponent
/// of the first digit.
struct Digits {
    digits: String,
    exponent: i32,
}

fn split(text: &str) -> Digits {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    Digits {
        digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
        exponent: exponent.parse().unwrap_or(0),
    }
}

fn shortest(value: f64) -> Digits {
    split(&format!("{value:e}"))
}

fn digits(value: f64, count: Option<usize>) -> Digits {
    match count {
        Some(count) => {
            let precision = count.saturating_sub(1);
            split(&format!("{value:.precision$e}"))
        }
        None => shortest(value),
    }
}

fn plain(digits: &Digits) -> String {
    let mut out = String::new();
    if digits.exponent < 0 {
        let zeros = usize::try_from(-digits.exponent - 1).unwrap_or(0);
        let trimmed = digits.digits.trim_end_matches('0');
        if trimmed.is_empty() {
            return "0".to_owned();
        }
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(trimmed);
        return out;
    }
    let whole = usize::try_from(digits.exponent).unwrap_or(0) + 1;
    if digits.digits.len() <= whole {
        out.push_str(&digits.digits);
        out.extend(std::iter::repeat_n('0', whole - digits.digits.len()));
    } else {
        out.push_str(&digits.digits[..whole]);
        let fraction = digits.digits[whole..].trim_end_matches('0');
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
    }
    out
}

fn exponential(digits: &Digits, precision: Option<usize>) -> String {
    let mut out = String::new();
    out.push_str(&digits.digits[..1]);
    let rest = &digits.digits[1..];
    let rest = if precision.is_none() { rest.trim_end_matches('0') } else { rest };
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    let sign = if digits.exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", digits.exponent.abs());
    out
}

fn general(value: f64, precision: Option<usize>) -> String {
    let significant = precision.map(|precision| precision.max(1));
    let mut found = digits(value, significant);
    let kept = found.digits.trim_end_matches('0').len();
    found.digits.truncate(kept.max(1));
    let count = if kept == 0 { 0 } else { found.digits.len() };
    let limit = match significant {
        // The shortest form decides as if six digits had been asked for.
        None => 6,
        Some(significant) => {
            let all = clamp(count);
            // A number whose digits all stand before the point keeps them.
            if significant > count && all > found.exponent { all } else { clamp(significant) }
        }
    };
    if found.exponent < -4 || found.exponent >= limit {
        exponential(&found, None)
    } else {
        plain(&found)
    }
}

fn clamp(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// The mantissa and the power of two it is multiplied by, as integers.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let biased = i32::try_from(bits >> 52 & 0x7FF).unwrap_or(0);
    if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) }
}

fn binary(value: f64) -> String {
    let (mantissa, exponent) = parts(value);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(value);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() - 11;
        mantissa <<= shift;
        exponent += 52 - i32::try_from(shift).unwrap_or(0);
    }
    // One hexadecimal digit before the point and thirteen after it.
    if let Some(precision) = precision.filter(|&precision| precision < 13) {
        let drop = 4 * u32::try_from(13 - precision).unwrap_or(0);
        let rest = mantissa & ((1 << drop) - 1);
        let half = 1_u64 << (drop - 1);
        mantissa >>= drop;
        if rest > half || rest == half && mantissa & 1 == 1 {
            mantissa += 1;
        }
        mantissa <<= drop;
        if mantissa >> 53 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let fraction = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) if precision <= 13 => fraction[..precision].to_owned(),
        Some(precision) => format!("{fraction:0<precision$}"),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> 52, exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn general_format_switches_at_a_million() {
        assert_eq!(format(999_999.0, b'g', None), "999999");
        assert_eq!(format(1_000_000.0, b'g', None), "1e+06");
        assert_eq!(format(0.0001, b'g', None), "0.0001");
        assert_eq!(format(0.00001, b'g', None), "1e-05");
        assert_eq!(format(100_000.0, b'g', Some(3)), "1e+05");
        assert_eq!(format(-0.0, b'g', None), "-0");
    }

    #[test]
    fn other_letters() {
        assert_eq!(format(1.0, b'b', None), "4503599627370496p-52");
        assert_eq!(format(1.5, b'x', None), "0x1.8p+00");
        assert_eq!(format(1.5, b'x', Some(0)), "0x1p+01");
        assert_eq!(format(2.5, b'f', Some(0)), "2");
        assert_eq!(format(123_456.0, b'e', Some(2)), "1.23e+05");
        assert_eq!(format(1e21, b'f', None), "1000000000000000000000");
    }
}
