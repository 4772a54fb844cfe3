//! Hosts, mail addresses and URLs.

use renga_gotemplate::quoted_rune;

use super::{Check, atoi, fault, ip};
use crate::schema::{
    number,
    url::{self, Url},
};

/// `ipv4`: four decimals without leading zeros.
pub(super) fn ipv4(text: &[u8]) -> Check {
    let groups: Vec<&[u8]> = text.split(|&byte| byte == b'.').collect();
    if groups.len() != 4 {
        return fault("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group[0] == b'0' {
            return fault("leading zeros");
        }
        if !(0..=255).contains(&atoi(group)?) {
            return fault("decimal must be between 0 and 255");
        }
    }
    Ok(())
}

/// `ipv6`, without a zone.
pub(super) fn ipv6(text: &[u8]) -> Check {
    if !text.contains(&b':') {
        return fault("missing colon");
    }
    match ip::parse(text)? {
        ip::Address::V6 { zone: true } => fault("zone id is not a part of ipv6 address"),
        _ => Ok(()),
    }
}

/// `hostname`: labels of letters, digits and hyphens, and one dot more at the end.
pub(super) fn hostname(text: &str) -> Check {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return fault("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fault("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return fault("label starts with hyphen");
        }
        if label.ends_with('-') {
            return fault("label ends with hyphen");
        }
        if let Some(bad) = label.chars().find(|&c| !c.is_ascii_alphanumeric() && c != '-') {
            return Err(format!("invalid character {}", quoted_rune(bad)));
        }
    }
    Ok(())
}

/// `email`.
pub(super) fn email(text: &str) -> Check {
    if text.len() > 254 {
        // The library counts so, and says otherwise.
        return fault("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return fault("missing @") };
    if local.len() > 64 {
        return fault("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') && local.ends_with('"') {
        if local[1..local.len() - 1].contains(['\\', '"']) {
            return fault("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return fault("starts with dot");
        }
        if local.ends_with('.') {
            return fault("ends with dot");
        }
        if local.contains("..") {
            return fault("consecutive dots");
        }
        let valid = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
        if let Some(bad) = local.chars().find(|&c| !valid(c)) {
            return Err(format!("invalid character {}", quoted_rune(bad)));
        }
    }
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => {
                ipv6(address.as_bytes()).map_err(|error| format!("invalid ipv6 address: {error}"))
            }
            None => {
                ipv4(address.as_bytes()).map_err(|error| format!("invalid ipv4 address: {error}"))
            }
        };
    }
    hostname(domain).map_err(|error| format!("invalid domain: {error}"))
}

fn parsed(text: &str) -> Result<Url, String> {
    let url = Url::parse_whole(text)?;
    let name = url.host_name();
    if name.contains(&b':') {
        if !url.host().contains(&b'[') || !url.host().contains(&b']') {
            return Err("ipv6 address not enclosed in brackets".to_owned());
        }
        ipv6(name).map_err(|error| format!("invalid ipv6 address: {error}"))?;
    }
    Ok(url)
}

/// `uri` and `iri`.
pub(super) fn uri(text: &str) -> Check {
    if parsed(text)?.is_absolute() { Ok(()) } else { fault("relative url") }
}

/// `uri-reference` and `iri-reference`.
pub(super) fn reference(text: &str) -> Check {
    if text.contains('\\') {
        return fault("contains \\");
    }
    parsed(text).map(drop)
}

/// `uri-template`: braces in the path come in pairs.
pub(super) fn template(text: &str) -> Check {
    let url = parsed(text)?;
    for segment in url.raw_path().split('/') {
        let segment = url::decode_fragment(segment)
            .map_err(|error| format!("percent decode failed: {error}"))?;
        let mut open = false;
        for brace in segment.chars().filter(|c| matches!(c, '{' | '}')) {
            if (brace == '{') == open {
                return fault("nested curly braces");
            }
            open = !open;
        }
        if open {
            return fault("no matching closing brace");
        }
    }
    Ok(())
}

/// `uuid`.
pub(super) fn uuid(text: &str) -> Check {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != LENGTHS.len() {
        return fault("must have 5 elements");
    }
    for (index, (group, length)) in groups.iter().zip(LENGTHS).enumerate() {
        if group.len() != length {
            let element = number::grouped(i64::try_from(index).unwrap_or(0) + 1);
            return Err(format!("element {element} must be {length} characters long"));
        }
        if let Some(bad) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("non-hex character {}", quoted_rune(bad)));
        }
    }
    Ok(())
}
