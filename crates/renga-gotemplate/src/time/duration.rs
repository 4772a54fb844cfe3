//! `time.Duration`: reading, writing and rounding nanoseconds.

use super::quoted;

pub(crate) const SECOND: i64 = 1_000_000_000;

/// `Duration.String`: `1h2m3.5s`, `1.5ms`, `0s`.
pub fn show(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let fraction = |value: u64, unit: u64, digits: usize| {
        let (whole, rest) = (value / unit, value % unit);
        if rest == 0 {
            return whole.to_string();
        }
        let rest = format!("{rest:0digits$}");
        format!("{whole}.{}", rest.trim_end_matches('0'))
    };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(size, 1_000, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(size, 1_000_000, 6)),
        _ => {
            let minutes = size / 60_000_000_000;
            let seconds = fraction(size % 60_000_000_000, 1_000_000_000, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// Reads leading digits; `None` when they are too many.
pub(super) fn leading_int(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut value = 0_u64;
    for &byte in &text[..digits] {
        if value > (1 << 63) / 10 {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
        if value > 1 << 63 {
            return None;
        }
    }
    Some((value, &text[digits..]))
}

/// Reads the digits after a point: their value and its scale.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut value, mut scale) = (0_u64, 1.0);
    for &byte in &text[..digits] {
        if value > ((1 << 63) - 1) / 10 {
            break;
        }
        let next = value * 10 + u64::from(byte - b'0');
        if next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value, scale, &text[digits..])
}

fn unit_of(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        b"us" | b"\xC2\xB5s" | b"\xCE\xBCs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// `time.ParseDuration`.
///
/// # Errors
///
/// Go's text.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Go converts the same way; the values are positive"
)]
pub fn parse(text: &[u8]) -> Result<i64, String> {
    const LIMIT: u64 = 1 << 63;
    let invalid = || format!("time: invalid duration {}", quoted(text));
    let (negative, mut rest) = match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (*sign == b'-', rest),
        _ => (false, text),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        if !(rest[0] == b'.' || rest[0].is_ascii_digit()) {
            return Err(invalid());
        }
        let (mut value, after) = leading_int(rest).ok_or_else(invalid)?;
        let mut some_digits = after.len() != rest.len();
        rest = after;
        let (mut fraction, mut scale) = (0, 1.0);
        if let [b'.', after @ ..] = rest {
            (fraction, scale, rest) = leading_fraction(after);
            some_digits |= after.len() != rest.len();
        }
        if !some_digits {
            return Err(invalid());
        }
        let length = rest.iter().take_while(|byte| **byte != b'.' && !byte.is_ascii_digit());
        let (name, after) = rest.split_at(length.count());
        rest = after;
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {}", quoted(text)));
        }
        let Some(unit) = unit_of(name) else {
            let (unit, text) = (quoted(name), quoted(text));
            return Err(format!("time: unknown unit {unit} in duration {text}"));
        };
        if value > LIMIT / unit {
            return Err(invalid());
        }
        value *= unit;
        if fraction > 0 {
            value += (fraction as f64 * (unit as f64 / scale)) as u64;
        }
        total = total.checked_add(value).filter(|total| *total <= LIMIT).ok_or_else(invalid)?;
    }
    if negative {
        return Ok(0_i64.wrapping_sub_unsigned(total));
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// `Duration.Truncate`.
pub fn truncate(nanoseconds: i64, multiple: i64) -> i64 {
    if multiple <= 0 { nanoseconds } else { nanoseconds - nanoseconds % multiple }
}

/// `Duration.Round`: to the nearest multiple, halves away from zero.
pub fn round(nanoseconds: i64, multiple: i64) -> i64 {
    if multiple <= 0 {
        return nanoseconds;
    }
    let rest = nanoseconds % multiple;
    let (value, multiple, rest) = (i128::from(nanoseconds), i128::from(multiple), i128::from(rest));
    let rounded = match (rest.abs() * 2 < multiple, value < 0) {
        (true, _) => value - rest,
        (false, true) => value - rest - multiple,
        (false, false) => value - rest + multiple,
    };
    let saturated = if rounded < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(rounded).unwrap_or(saturated)
}

#[cfg(test)]
mod tests {
    use super::{parse, round, show};

    #[test]
    fn durations_are_written_with_the_largest_fitting_unit() {
        for (nanoseconds, shown) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (-2_000_000, "-2ms"),
            (61_500_000_000, "1m1.5s"),
            (3_600_000_000_000, "1h0m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(show(nanoseconds), shown);
            assert_eq!(parse(shown.as_bytes()), Ok(nanoseconds), "{shown}");
        }
    }

    #[test]
    fn rounding_takes_halves_away_from_zero() {
        assert_eq!(round(15, 10), 20);
        assert_eq!(round(-15, 10), -20);
        assert_eq!(round(14, 10), 10);
        assert_eq!(round(i64::MAX, 10), i64::MAX);
    }
}
