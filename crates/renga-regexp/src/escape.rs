//! What a backslash and a bracket begin: escaped characters, classes by name, and `[…]`.
//!
//! The functions take the pattern from where the construct begins and return what follows it, so
//! that an error can quote exactly what Go quotes.

use crate::class::Class;
use crate::error::{ErrorCode, RegexpError};
use crate::unicode;

const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const PERL_SPACE: &[(u32, u32)] = &[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];

/// Splits off the part of `whole` before `rest`, which must be one of its ends.
pub(crate) fn before<'p>(whole: &'p str, rest: &str) -> &'p str {
    &whole[..whole.len() - rest.len()]
}

/// Splits off the first character.
fn next(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    characters.next().map(|first| (first, characters.as_str()))
}

/// Reads an escaped character: `text` begins with the backslash.
///
/// # Errors
///
/// When nothing follows the backslash, or nothing that Go knows.
pub(crate) fn escaped_rune(text: &str) -> Result<(u32, &str), RegexpError> {
    let Some((first, rest)) = next(&text[1..]) else {
        return Err(RegexpError::new(ErrorCode::TrailingBackslash, ""));
    };
    let control = |rune: u32| Ok((rune, rest));
    let invalid = |rest: &str| Err(RegexpError::new(ErrorCode::InvalidEscape, before(text, rest)));
    match first {
        '0' => Ok(octal(&text[1..])),
        // A single digit would be a back reference, which does not exist.
        '1'..='7' if rest.starts_with(|digit| matches!(digit, '0'..='7')) => Ok(octal(&text[1..])),
        'x' => hexadecimal(rest).or_else(invalid),
        'a' => control(0x07),
        'f' => control(0x0C),
        'n' => control(0x0A),
        'r' => control(0x0D),
        't' => control(0x09),
        'v' => control(0x0B),
        _ if first.is_ascii() && !first.is_ascii_alphanumeric() => Ok((u32::from(first), rest)),
        _ => invalid(rest),
    }
}

/// Reads one to three octal digits.
fn octal(text: &str) -> (u32, &str) {
    let count = text.bytes().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
    let value = text[..count].bytes().fold(0, |value, digit| value * 8 + u32::from(digit - b'0'));
    (value, &text[count..])
}

/// Reads what follows `\x`: two digits, or any number of them in braces.
///
/// The error is what follows the character that does not belong.
fn hexadecimal(text: &str) -> Result<(u32, &str), &str> {
    let (first, mut rest) = next(text).ok_or(text)?;
    if first != '{' {
        let (second, rest) = next(rest).ok_or(rest)?;
        let value = first.to_digit(16).zip(second.to_digit(16)).ok_or(rest)?;
        return Ok((value.0 * 16 + value.1, rest));
    }
    let mut value = None;
    loop {
        let (character, after) = next(rest).ok_or(rest)?;
        rest = after;
        if character == '}' {
            return value.map(|value| (value, rest)).ok_or(rest);
        }
        let digit = character.to_digit(16).ok_or(rest)?;
        let sum = value.unwrap_or(0) * 16 + digit;
        if sum > u32::from(char::MAX) {
            return Err(rest);
        }
        value = Some(sum);
    }
}

/// Reads a class written with a backslash (`\d`, `\pL`, `\P{^Greek}`), if there is one.
///
/// # Errors
///
/// When the class of `\p` is unknown or has no closing brace.
pub(crate) fn escaped_class(text: &str, fold: bool) -> Result<Option<(Class, &str)>, RegexpError> {
    let mut characters = text.chars();
    if characters.next() != Some('\\') {
        return Ok(None);
    }
    let (ranges, negative) = match characters.next() {
        Some('p') => return unicode_class(text, fold, false).map(Some),
        Some('P') => return unicode_class(text, fold, true).map(Some),
        Some('d') => (DIGIT, false),
        Some('D') => (DIGIT, true),
        Some('s') => (PERL_SPACE, false),
        Some('S') => (PERL_SPACE, true),
        Some('w') => (WORD, false),
        Some('W') => (WORD, true),
        _ => return Ok(None),
    };
    Ok(Some((group(ranges, negative, fold), &text[2..])))
}

/// Reads `\pN`, `\p{Name}` or `\p{^Name}`.
fn unicode_class(text: &str, fold: bool, mut negative: bool) -> Result<(Class, &str), RegexpError> {
    let invalid = |part: &str| RegexpError::new(ErrorCode::InvalidCharRange, part);
    let (whole, name, rest) = if text[2..].starts_with('{') {
        let end = text.find('}').ok_or_else(|| invalid(text))?;
        (&text[..=end], &text[3..end], &text[end + 1..])
    } else {
        let rest = next(&text[2..]).map_or("", |(_, rest)| rest);
        let whole = before(text, rest);
        (whole, &whole[2..], rest)
    };
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negative = !negative;
            name
        }
        None => name,
    };
    let class = unicode::named_class(name, fold).ok_or_else(|| invalid(whole))?;
    Ok((if negative { class.negated() } else { class }, rest))
}

/// A class of ASCII characters, with case folded before it is negated.
fn group(ranges: &[(u32, u32)], negative: bool, fold: bool) -> Class {
    let class = Class::from_ranges(ranges);
    let class = if fold { class.folded() } else { class };
    if negative { class.negated() } else { class }
}

/// Reads `[:name:]` or `[:^name:]`, if there is one.
fn posix_class(text: &str, fold: bool) -> Result<Option<(Class, &str)>, RegexpError> {
    let Some(inner) = text.strip_prefix("[:") else { return Ok(None) };
    let Some(end) = inner.find(":]") else { return Ok(None) };
    let (name, rest) = (&inner[..end], &inner[end + 2..]);
    let (name, negative) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let ranges: &[(u32, u32)] = match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        "ascii" => &[(0x00, 0x7F)],
        "blank" => &[(0x09, 0x09), (0x20, 0x20)],
        "cntrl" => &[(0x00, 0x1F), (0x7F, 0x7F)],
        "digit" => DIGIT,
        "graph" => &[(0x21, 0x7E)],
        "lower" => &[(0x61, 0x7A)],
        "print" => &[(0x20, 0x7E)],
        "punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space" => &[(0x09, 0x0D), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5A)],
        "word" => WORD,
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return Err(RegexpError::new(ErrorCode::InvalidCharRange, before(text, rest))),
    };
    Ok(Some((group(ranges, negative, fold), rest)))
}

/// Reads `[…]`: `text` begins with the bracket.
///
/// # Errors
///
/// When the class has no end, a range runs backwards, or something in it is unknown.
pub(crate) fn bracket_class(text: &str, fold: bool) -> Result<(Class, &str), RegexpError> {
    let (mut rest, negative) = match text[1..].strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (&text[1..], false),
    };
    let mut class = Class::default();
    let mut first = true;
    // A bracket that comes first is a character.
    while first || !rest.starts_with(']') {
        first = false;
        let named = match posix_class(rest, fold)? {
            None => escaped_class(rest, fold)?,
            found => found,
        };
        if let Some((named, after)) = named {
            class.add(&named);
            rest = after;
            continue;
        }

        let range = rest;
        let (low, after) = class_rune(rest, text)?;
        rest = after;
        let mut high = low;
        // In `[a-]` the hyphen is a character.
        if let Some(after) =
            rest.strip_prefix('-').filter(|after| !after.is_empty() && !after.starts_with(']'))
        {
            (high, rest) = class_rune(after, text)?;
            if high < low {
                return Err(RegexpError::new(ErrorCode::InvalidCharRange, before(range, rest)));
            }
        }
        if fold {
            class.push_folded(low, high);
        } else {
            class.push(low, high);
        }
    }
    class.clean();
    Ok((if negative { class.negated() } else { class }, &rest[1..]))
}

/// Reads one character of a class; `class` is the pattern from the class on, for the error.
fn class_rune<'p>(text: &'p str, class: &str) -> Result<(u32, &'p str), RegexpError> {
    match next(text) {
        None => Err(RegexpError::new(ErrorCode::MissingBracket, class)),
        Some(('\\', _)) => escaped_rune(text),
        Some((character, rest)) => Ok((u32::from(character), rest)),
    }
}
