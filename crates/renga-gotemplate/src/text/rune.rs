//! Runes: decoding, and the Unicode classes Go's standard library asks for.
//!
//! Go knows Unicode 15.0. Classes come from the tables of the `regex` crate and mappings from the
//! standard library, which know later versions; what is younger than 15.0 is left out of both.

use std::sync::LazyLock;

use regex::Regex;

/// The rune Go substitutes for an invalid byte.
pub(crate) const RUNE_ERROR: char = '\u{FFFD}';

/// Decodes the first rune; an invalid byte is `RUNE_ERROR` of width 1, no bytes are width 0.
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else { return (RUNE_ERROR, 0) };
    if first < 0x80 {
        return (char::from(first), 1);
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (RUNE_ERROR, 1),
    };
    bytes
        .get(..width)
        .and_then(|head| std::str::from_utf8(head).ok())
        .and_then(|head| head.chars().next())
        .map_or((RUNE_ERROR, 1), |rune| (rune, width))
}

/// Decodes the last rune; an invalid byte is `RUNE_ERROR` of width 1, no bytes are width 0.
pub(crate) fn decode_last(bytes: &[u8]) -> (char, usize) {
    if bytes.is_empty() {
        return (RUNE_ERROR, 0);
    }
    for width in 1..=bytes.len().min(4) {
        let (rune, found) = decode(&bytes[bytes.len() - width..]);
        if found == width && !(rune == RUNE_ERROR && width == 1 && bytes[bytes.len() - 1] >= 0x80) {
            return (rune, width);
        }
    }
    (RUNE_ERROR, 1)
}

/// Iterates over the runes with their byte offsets and widths.
pub(crate) fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (rune, width) = decode(&bytes[at..]);
        if width == 0 {
            return None;
        }
        let start = at;
        at += width;
        Some((start, rune, width))
    })
}

/// Counts the runes.
pub(crate) fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() { bytes.len() } else { runes(bytes).count() }
}

/// Appends the UTF-8 encoding of a rune.
pub(crate) fn push(out: &mut Vec<u8>, rune: char) {
    let mut buffer = [0; 4];
    out.extend_from_slice(rune.encode_utf8(&mut buffer).as_bytes());
}

/// Appends the UTF-8 encoding of a code point, `RUNE_ERROR` when it is none.
pub(crate) fn push_code(out: &mut Vec<u8>, code: u64) {
    let rune = u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(RUNE_ERROR);
    push(out, rune);
}

fn class(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("constant pattern: {error}"))
}

fn in_class(regex: &LazyLock<Regex>, rune: char) -> bool {
    let mut buffer = [0; 4];
    regex.is_match(rune.encode_utf8(&mut buffer))
}

/// Whether Go's `unicode.IsLetter` holds.
pub(crate) fn is_letter(rune: char) -> bool {
    static LETTER: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{L}&&\p{Age:15.0}]"));
    if rune.is_ascii() { rune.is_ascii_alphabetic() } else { in_class(&LETTER, rune) }
}

/// Whether Go's `unicode.IsDigit` (decimal digits) holds.
pub(crate) fn is_digit(rune: char) -> bool {
    static DIGIT: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{Nd}&&\p{Age:15.0}]"));
    if rune.is_ascii() { rune.is_ascii_digit() } else { in_class(&DIGIT, rune) }
}

/// Whether Go's `unicode.IsNumber` holds.
pub(crate) fn is_number(rune: char) -> bool {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{N}&&\p{Age:15.0}]"));
    if rune.is_ascii() { rune.is_ascii_digit() } else { in_class(&NUMBER, rune) }
}

/// Whether Go's `unicode.IsPunct` holds.
pub(crate) fn is_punct(rune: char) -> bool {
    static PUNCT: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{P}&&\p{Age:15.0}]"));
    in_class(&PUNCT, rune)
}

/// Whether Go's `unicode.IsUpper` holds.
pub(crate) fn is_upper(rune: char) -> bool {
    static UPPER: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{Lu}&&\p{Age:15.0}]"));
    if rune.is_ascii() { rune.is_ascii_uppercase() } else { in_class(&UPPER, rune) }
}

/// Whether Go's `unicode.IsLower` holds.
pub(crate) fn is_lower(rune: char) -> bool {
    static LOWER: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{Ll}&&\p{Age:15.0}]"));
    if rune.is_ascii() { rune.is_ascii_lowercase() } else { in_class(&LOWER, rune) }
}

/// Whether Go's `unicode.IsTitle` holds.
pub(crate) fn is_title(rune: char) -> bool {
    static TITLE: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{Lt}&&\p{Age:15.0}]"));
    !rune.is_ascii() && in_class(&TITLE, rune)
}

/// Whether Go's `unicode.IsSpace` holds.
pub fn is_space(rune: char) -> bool {
    matches!(rune, '\t'..='\r' | ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}')
        || matches!(rune, '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Whether `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols, ASCII space.
pub fn is_print(rune: char) -> bool {
    static PRINT: LazyLock<Regex> =
        LazyLock::new(|| class(r"[[\p{L}\p{M}\p{N}\p{P}\p{S}]&&\p{Age:15.0}]"));
    if rune.is_ascii() { matches!(rune, ' '..='~') } else { in_class(&PRINT, rune) }
}

/// Whether the rune is assigned in the version of Unicode that Go knows.
fn is_known(rune: char) -> bool {
    static KNOWN: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Age:15.0}"));
    rune.is_ascii() || in_class(&KNOWN, rune)
}

/// Go's `unicode.ToUpper`: the simple, one-to-one mapping.
pub(crate) fn to_upper(rune: char) -> char {
    match rune {
        'a'..='z' => return rune.to_ascii_uppercase(),
        _ if rune.is_ascii() => return rune,
        // Greek letters with iota subscript, whose full mapping is two letters.
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => {
            return char::from_u32(u32::from(rune) + 8).unwrap_or(rune);
        }
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => {
            return char::from_u32(u32::from(rune) + 9).unwrap_or(rune);
        }
        _ => {}
    }
    let mut mapped = rune.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) if is_known(upper) => upper,
        _ => rune,
    }
}

/// Go's `unicode.ToLower`: the simple, one-to-one mapping.
pub(crate) fn to_lower(rune: char) -> char {
    if rune.is_ascii() {
        return rune.to_ascii_lowercase();
    }
    let mut mapped = rune.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) if is_known(rune) && is_known(lower) => lower,
        (Some(lower), Some(_)) if rune == '\u{130}' => lower,
        _ => rune,
    }
}

/// Go's `unicode.ToTitle`: upper case, except for the digraphs that have their own title case and
/// the Georgian letters that have none.
pub(crate) fn to_title(rune: char) -> char {
    match rune {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => rune,
        _ => to_upper(rune),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_last};

    #[test]
    fn decoding_from_both_ends_agrees_on_widths() {
        let text = "aé€😀".as_bytes();
        assert_eq!(decode(&text[1..]), ('é', 2));
        assert_eq!(decode_last(text), ('😀', 4));
        assert_eq!(decode_last(&text[..text.len() - 4]), ('€', 3));
        assert_eq!(decode_last(b"a\xff"), ('\u{FFFD}', 1));
        assert_eq!(decode_last("x\u{FFFD}".as_bytes()), ('\u{FFFD}', 3));
        assert_eq!(decode(b"\xe2\x82"), ('\u{FFFD}', 1));
    }
}
