//! Dates, times and durations: RFC 3339 as the validator checks it, dates by Go's `time.Parse`.

use std::fmt::Write as _;

use renga_gotemplate::quoted_rune;

use super::{Check, atoi, fault};

/// `date`: a day that exists.
pub(super) fn date(text: &[u8]) -> Check {
    let cannot = |rest: &[u8], part: &str| {
        Err(format!(
            "parsing time {} as \"2006-01-02\": cannot parse {} as \"{part}\"",
            literal(text),
            literal(rest)
        ))
    };
    let beyond = |what: &str| Err(format!("parsing time {}: {what} out of range", literal(text)));
    if text.len() < 4 || !text[..4].iter().all(u8::is_ascii_digit) {
        return cannot(text, "2006");
    }
    let Some(year) = digits(&text[..4]) else { return cannot(text, "2006") };
    let rest = &text[4..];
    let Some(rest) = rest.strip_prefix(b"-") else { return cannot(rest, "-") };
    let Some(month) = rest.get(..2).and_then(digits) else { return cannot(rest, "01") };
    if !(1..=12).contains(&month) {
        return beyond("month");
    }
    let rest = &rest[2..];
    let Some(rest) = rest.strip_prefix(b"-") else { return cannot(rest, "-") };
    let Some(day) = rest.get(..2).and_then(digits) else { return cannot(rest, "02") };
    let rest = &rest[2..];
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", literal(text), literal(rest)));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { Ok(()) } else { beyond("day") }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// The string literal of Go's package `time`: whatever is not plain ASCII as `\x` escapes.
fn literal(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=0x7F => out.push(char::from(byte)),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// `time`: hours to seconds, an optional fraction, `Z` or an offset. A leap second only at 23:59 UTC.
pub(super) fn time(text: &[u8]) -> Check {
    if text.len() < 9 {
        return fault("less than 9 characters long");
    }
    if text[2] != b':' || text[5] != b':' {
        return fault("missing colon in correct place");
    }
    let mut clock = [0; 3];
    for (part, slot) in text[..8].splitn(3, |&byte| byte == b':').zip(&mut clock) {
        *slot = atoi(part).map_err(|_| "invalid hour/min/sec".to_owned())?;
        if *slot < 0 {
            return fault("non-positive hour/min/sec");
        }
    }
    let [mut hour, mut minute, second] = clock;
    if hour > 23 || minute > 59 || second > 60 {
        return fault("hour/min/sec out of range");
    }
    let mut rest = &text[8..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return fault("no digits in second fraction");
        }
        rest = &fraction[count..];
    }
    if rest != b"z" && rest != b"Z" {
        if rest.len() != 6 {
            return fault("offset must be 6 characters long");
        }
        let sign = match rest[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return fault("offset must begin with plus/minus"),
        };
        let rest = &rest[1..];
        if rest[2] != b':' {
            return fault("missing colon in offset in correct place");
        }
        let mut offset = [0; 2];
        for (part, slot) in rest.splitn(2, |&byte| byte == b':').zip(&mut offset) {
            *slot = atoi(part).map_err(|_| "invalid hour/min in offset".to_owned())?;
            if *slot < 0 {
                return fault("non-positive hour/min in offset");
            }
        }
        if offset[0] > 23 || offset[1] > 59 {
            return fault("hour/min in offset out of range");
        }
        let mut minutes = hour * 60 + minute + sign * (offset[0] * 60 + offset[1]);
        if minutes < 0 {
            minutes += 24 * 60;
        }
        (hour, minute) = (minutes / 60, minutes % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return fault("invalid leap second");
    }
    Ok(())
}

/// `date-time`.
pub(super) fn date_time(text: &[u8]) -> Check {
    if text.len() < 20 {
        return fault("less than 20 characters long");
    }
    if !matches!(text[10], b't' | b'T') {
        return fault("11th character must be t or T");
    }
    date(&text[..10]).map_err(|error| format!("invalid date element: {error}"))?;
    time(&text[11..]).map_err(|error| format!("invalid time element: {error}"))
}

/// `duration`, ISO 8601 as RFC 3339 has it.
pub(super) fn duration(text: &[u8]) -> Check {
    let Some(text) = text.strip_prefix(b"P") else { return fault("must start with P") };
    if text.is_empty() {
        return fault("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix(b"W") {
        if weeks.is_empty() {
            return fault("no number in week");
        }
        let valid = weeks.iter().all(u8::is_ascii_digit);
        return if valid { Ok(()) } else { fault("invalid week") };
    }
    for (index, mut part) in text.split(|&byte| byte == b'T').enumerate() {
        if index > 0 && part.is_empty() {
            return fault("no time elements");
        }
        let all: &[u8] = match index {
            0 => b"YMD",
            1 => b"HMS",
            _ => return fault("more than one T"),
        };
        let mut units = all;
        while !part.is_empty() {
            let count = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if count == 0 {
                return fault("missing number");
            }
            let Some((&unit, rest)) = part[count..].split_first() else {
                return fault("missing unit");
            };
            let Some(at) = units.iter().position(|&known| known == unit) else {
                let shown = quoted_rune(char::from(unit));
                return if all.contains(&unit) {
                    Err(format!("unit {shown} out of order"))
                } else {
                    Err(format!("invalid unit {shown}"))
                };
            };
            units = &units[at + 1..];
            part = rest;
        }
    }
    Ok(())
}

/// `period`: two of start, duration and end.
pub(super) fn period(text: &[u8]) -> Check {
    let Some(slash) = text.iter().position(|&byte| byte == b'/') else {
        return fault("missing slash");
    };
    let (start, end) = (&text[..slash], &text[slash + 1..]);
    let ends = || date_time(end).map_err(|error| format!("invalid end date-time: {error}"));
    if start.starts_with(b"P") {
        duration(start).map_err(|error| format!("invalid start duration: {error}"))?;
        return ends();
    }
    date_time(start).map_err(|error| format!("invalid start date-time: {error}"))?;
    if end.starts_with(b"P") {
        return duration(end).map_err(|error| format!("invalid end duration: {error}"));
    }
    ends()
}
