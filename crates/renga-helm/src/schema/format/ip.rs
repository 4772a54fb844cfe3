//! IP addresses as Go's `net/netip` reads them, with its error texts.

use renga_gotemplate::quoted;

/// What an address turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::schema) enum Address {
    V4,
    V6 { zone: bool },
}

/// Reads an IPv4 or IPv6 address.
///
/// # Errors
///
/// Go's text.
pub(in crate::schema) fn parse(text: &[u8]) -> Result<Address, String> {
    match text.iter().find(|byte| b".:%".contains(byte)) {
        Some(b'.') => fields(text, text).map(|()| Address::V4),
        Some(b':') => v6(text),
        Some(_) => Err(error(text, "missing IPv6 address", b"")),
        None => Err(error(text, "unable to parse IP", b"")),
    }
}

fn error(whole: &[u8], message: &str, at: &[u8]) -> String {
    let rest = if at.is_empty() { String::new() } else { format!(" (at {})", quoted(at)) };
    format!("ParseAddr({}): {message}{rest}", quoted(whole))
}

/// Reads four decimals; `whole` is the text the error names.
fn fields(whole: &[u8], text: &[u8]) -> Result<(), String> {
    let mut value = 0_u32;
    let mut digits = 0;
    let mut dots = 0;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(error(whole, "IPv4 field has octet with leading zero", b""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(error(whole, "IPv4 field has value >255", b""));
                }
            }
            b'.' => {
                if at == 0 || at + 1 == text.len() || text[at - 1] == b'.' {
                    let message = "IPv4 field must have at least one digit";
                    return Err(error(whole, message, &text[at..]));
                }
                if dots == 3 {
                    return Err(error(whole, "IPv4 address too long", b""));
                }
                dots += 1;
                (value, digits) = (0, 0);
            }
            _ => return Err(error(whole, "unexpected character", &text[at..])),
        }
    }
    if dots < 3 {
        return Err(error(whole, "IPv4 address too short", b""));
    }
    Ok(())
}

fn v6(whole: &[u8]) -> Result<Address, String> {
    let fail = |message: &str, at: &[u8]| Err(error(whole, message, at));
    let zone = whole.iter().position(|&byte| byte == b'%');
    if zone.is_some_and(|at| at + 1 == whole.len()) {
        return fail("zone must be a non-empty string", b"");
    }
    let found = Address::V6 { zone: zone.is_some() };
    let mut rest = &whole[..zone.unwrap_or(whole.len())];
    let mut ellipsis = rest.starts_with(b"::");
    if ellipsis {
        rest = &rest[2..];
        if rest.is_empty() {
            return Ok(found);
        }
    }
    // Bytes of the address read so far.
    let mut filled = 0;
    while filled < 16 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        // Go notices the fifth digit as it comes, before it notices that there is none.
        if digits > 4 {
            return fail("each group must have 4 or less digits", rest);
        }
        if digits == 0 {
            return fail("each colon-separated field must have at least one digit", rest);
        }
        if rest.get(digits) == Some(&b'.') {
            if !ellipsis && filled != 12 {
                let message =
                    "embedded IPv4 address must replace the final 2 fields of the address";
                return fail(message, rest);
            }
            if filled + 4 > 16 {
                let message =
                    "too many hex fields to fit an embedded IPv4 at the end of the address";
                return fail(message, rest);
            }
            fields(whole, rest)?;
            rest = b"";
            filled += 4;
            break;
        }
        filled += 2;
        rest = &rest[digits..];
        if rest.is_empty() {
            break;
        }
        if rest[0] != b':' {
            return fail("unexpected character, want colon", rest);
        }
        if rest.len() == 1 {
            return fail("colon must be followed by more characters", rest);
        }
        rest = &rest[1..];
        if rest[0] == b':' {
            if ellipsis {
                return fail("multiple :: in address", rest);
            }
            ellipsis = true;
            rest = &rest[1..];
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return fail("trailing garbage after address", rest);
    }
    if filled < 16 && !ellipsis {
        return fail("address string too short", b"");
    }
    if filled == 16 && ellipsis {
        return fail("the :: must expand to at least one field of zeros", b"");
    }
    Ok(found)
}
