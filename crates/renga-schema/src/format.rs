//! Texts of a certain form: times, bytes, addresses, amounts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;

/// Whether `text` is of the format of that name. Formats that the server does not look into, and
/// those it does not know, hold anything.
pub(crate) fn holds(format: &str, text: &str) -> bool {
    match format {
        "byte" => is_base64(text),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" | "datetime" => is_time(text),
        "duration" => is_duration(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "uuid" | "uuid3" | "uuid4" | "uuid5" => is_uuid(text),
        "mac" => is_mac(text),
        _ => true,
    }
}

/// Base64 as Go's standard decoder takes it: line breaks are passed over.
pub(crate) fn is_base64(text: &str) -> bool {
    let plain = base64::engine::general_purpose::STANDARD;
    if text.contains(['\n', '\r']) {
        return plain.decode(text.replace(['\n', '\r'], "")).is_ok();
    }
    plain.decode(text).is_ok()
}

/// A time of RFC 3339.
pub(crate) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && matches!(bytes[10], b'T' | b't')
        && !text.contains('[')
        && text.parse::<jiff::Timestamp>().is_ok()
}

/// A duration of Go, `1h30m` or `1.5s`; or a whole number of a longer unit, as the server takes it.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 16] = [
        "ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w", "day", "days", "week", "weeks",
        "hours", "minutes",
    ];
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let number =
            rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let after = rest[number..].trim_start_matches(' ');
        let unit = after.len() - after.trim_start_matches(|c: char| c.is_alphabetic()).len();
        if number == 0 || rest[..number].parse::<f64>().is_err() || !UNITS.contains(&&after[..unit])
        {
            return false;
        }
        rest = &after[unit..];
    }
    !text.is_empty()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let longest = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && length.parse::<u32>().is_ok_and(|length| length <= longest)
}

/// 32 hexadecimal digits, with or without the dashes.
fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-').count();
    digits == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    matches!(parts.len(), 6 | 8 | 20)
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// An amount as Kubernetes writes it: a decimal number with a binary or decimal unit or an exponent.
pub(crate) fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = &after[fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    match rest {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti"
        | "Pi" | "Ei" => true,
        _ => rest.strip_prefix(['e', 'E']).is_some_and(|exponent| {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{holds, is_quantity};

    #[test]
    fn formats_hold_what_the_server_takes() {
        for (format, text, expected) in [
            ("byte", "aGVsbG8=", true),
            ("byte", "aGVs\nbG8=", true),
            ("byte", "not base64", false),
            ("date-time", "2026-11-21T10:00:00Z", true),
            ("date-time", "2026-11-21T10:00:00.5+02:00", true),
            ("date-time", "2026-11-21", false),
            ("date-time", "yesterday", false),
            ("date", "2026-11-21", true),
            ("date", "21.11.2026", false),
            ("duration", "1h30m", true),
            ("duration", "-1.5s", true),
            ("duration", "soon", false),
            ("duration", "", false),
            ("ipv4", "10.0.0.1", true),
            ("ipv4", "10.0.0.256", false),
            ("ipv6", "::1", true),
            ("cidr", "10.0.0.0/8", true),
            ("cidr", "10.0.0.0/33", false),
            ("uuid", "01234567-89ab-cdef-0123-456789abcdef", true),
            ("uuid", "x", false),
            ("mac", "01:23:45:67:89:ab", true),
            ("mac", "01:23", false),
            ("password", "anything", true),
        ] {
            assert_eq!(holds(format, text), expected, "{format} {text}");
        }
    }

    #[test]
    fn quantities_are_told_from_other_texts() {
        for text in ["1", "100m", "2Gi", "1.5", ".5", "1.", "-1", "+3k", "1e3", "1E-3", "5E"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "Gi", "1GB", "1 Gi", "1e", "0x10", "1m5", ".", "1gi"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
