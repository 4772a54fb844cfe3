//! Strings: trimming, cutting, padding, joining, quoting and changing case.

use super::{A, I, Returned, S, byte_range, fixed, strval, variadic, words, wrap};
use crate::LONGEST_TEXT as LONGEST;
use crate::error::FuncError;
use crate::format;
use crate::func::{Call, FuncMap};
use crate::text::{quote, rune};
use crate::types::Type;
use crate::value::{Map, Value};

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "hello", &[], S, |_, _| Ok(Value::from("Hello!")));
    fixed(f, "trim", &[S], S, |_, a| Ok(Value::from(trim_space(a.str(0)).to_vec())));
    for name in ["trimAll", "trimall"] {
        fixed(f, name, &[S, S], S, |_, a| Ok(Value::from(trim_set(a.str(1), a.str(0)).to_vec())));
    }
    fixed(f, "trimPrefix", &[S, S], S, |_, a| {
        let text = a.str(1);
        Ok(Value::from(text.strip_prefix(a.str(0)).unwrap_or(text).to_vec()))
    });
    fixed(f, "trimSuffix", &[S, S], S, |_, a| {
        let text = a.str(1);
        Ok(Value::from(text.strip_suffix(a.str(0)).unwrap_or(text).to_vec()))
    });
    fixed(f, "upper", &[S], S, |_, a| Ok(map_runes(a.str(0), rune::to_upper)));
    fixed(f, "lower", &[S], S, |_, a| Ok(map_runes(a.str(0), rune::to_lower)));
    fixed(f, "title", &[S], S, |_, a| Ok(title(a.str(0))));
    fixed(f, "untitle", &[S], S, |_, a| Ok(untitle(a.str(0))));
    fixed(f, "swapcase", &[S], S, |_, a| Ok(swap_case(a.str(0))));
    fixed(f, "repeat", &[I, S], S, |_, a| repeat(a.int(0), a.str(1)));
    fixed(f, "substr", &[I, I, S], S, |_, a| substr(a.int(0), a.int(1), a.str(2)));
    fixed(f, "trunc", &[I, S], S, |_, a| Ok(Value::from(trunc(a.int(0), a.str(1)).to_vec())));
    fixed(f, "abbrev", &[I, S], S, |_, a| {
        let (width, text) = (a.int(0), a.str(1));
        if width < 4 {
            return Ok(Value::from(text.to_vec()));
        }
        Ok(Value::from(abbreviate(text, 0, width)?))
    });
    fixed(f, "abbrevboth", &[I, I, S], S, |_, a| {
        let (left, right, text) = (a.int(0), a.int(1), a.str(2));
        if right < 4 || left > 0 && right < 7 {
            return Ok(Value::from(text.to_vec()));
        }
        Ok(Value::from(abbreviate(text, left, right)?))
    });
    fixed(f, "nospace", &[S], S, |_, a| Ok(Value::from(no_space(a.str(0)))));
    fixed(f, "initials", &[S], S, |_, a| Ok(Value::from(initials(a.str(0)))));
    fixed(f, "snakecase", &[S], S, |_, a| Ok(Value::from(words::lower(a.str(0), '_'))));
    fixed(f, "kebabcase", &[S], S, |_, a| Ok(Value::from(words::lower(a.str(0), '-'))));
    fixed(f, "camelcase", &[S], S, |_, a| Ok(Value::from(words::pascal(a.str(0)))));
    fixed(f, "wrap", &[I, S], S, |_, a| Ok(wrap::wrap(a.str(1), a.int(0), b"", false)));
    fixed(f, "wrapWith", &[I, S, S], S, |_, a| Ok(wrap::wrap(a.str(2), a.int(0), a.str(1), true)));
    fixed(f, "contains", &[S, S], Type::Bool, |_, a| {
        Ok(Value::Bool(find(a.str(1), a.str(0)).is_some()))
    });
    fixed(f, "hasPrefix", &[S, S], Type::Bool, |_, a| {
        Ok(Value::Bool(a.str(1).starts_with(a.str(0))))
    });
    fixed(f, "hasSuffix", &[S, S], Type::Bool, |_, a| {
        Ok(Value::Bool(a.str(1).ends_with(a.str(0))))
    });
    variadic(f, "quote", &[A], S, |_, a| {
        let quoted = |value: &Value| quote::quoted(&strval(value)).into_bytes();
        Ok(join_present(a.rest(0), quoted))
    });
    variadic(f, "squote", &[A], S, |_, a| {
        let quoted = |value: &Value| {
            let mut out = b"'".to_vec();
            format::print_value(&mut out, value);
            out.push(b'\'');
            out
        };
        Ok(join_present(a.rest(0), quoted))
    });
    variadic(f, "cat", &[A], S, |_, a| {
        let shown = |value: &Value| {
            let mut out = Vec::new();
            format::print_value(&mut out, value);
            out
        };
        Ok(join_present(a.rest(0), shown))
    });
    fixed(f, "indent", &[I, S], S, |_, a| Ok(Value::from(indent(a.int(0), a.str(1))?)));
    fixed(f, "nindent", &[I, S], S, |_, a| {
        let mut out = b"\n".to_vec();
        out.extend_from_slice(&indent(a.int(0), a.str(1))?);
        Ok(Value::from(out))
    });
    fixed(f, "replace", &[S, S, S], S, |_, a| {
        Ok(Value::from(replace(a.str(2), a.str(0), a.str(1))))
    });
    fixed(f, "plural", &[S, S, I], S, |_, a| Ok(Value::Str(a.gostr(usize::from(a.int(2) != 1)))));
    fixed(f, "toString", &[A], S, |_, a| Ok(Value::from(strval(a.any(0)))));
    fixed(f, "splitList", &[S, S], Type::STRINGS, |_, a| {
        Ok(Value::strings(split(a.str(1), a.str(0), -1)))
    });
    fixed(f, "split", &[S, S], Type::Map(&Type::String), |_, a| {
        Ok(numbered(split(a.str(1), a.str(0), -1)))
    });
    fixed(f, "splitn", &[S, I, S], Type::Map(&Type::String), |_, a| {
        Ok(numbered(split(a.str(2), a.str(0), a.int(1))))
    });
    random(f);
}

fn random(funcs: &mut FuncMap) {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const DIGITS: &[u8] = b"0123456789";
    const BOTH: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    fixed(funcs, "randAlphaNum", &[I], S, |call, a| draw(call, a.int(0), BOTH));
    fixed(funcs, "randAlpha", &[I], S, |call, a| draw(call, a.int(0), LETTERS));
    fixed(funcs, "randNumeric", &[I], S, |call, a| draw(call, a.int(0), DIGITS));
    fixed(funcs, "randAscii", &[I], S, |call, a| {
        let printable: Vec<u8> = (b' '..=b'~').collect();
        draw(call, a.int(0), &printable)
    });
    fixed(funcs, "shuffle", &[S], S, |call, a| {
        let mut runes: Vec<char> = rune::runes(a.str(0)).map(|(_, rune, _)| rune).collect();
        for index in (1..runes.len()).rev() {
            let other = below(call, index + 1)?;
            runes.swap(index, other);
        }
        Ok(Value::from(runes.into_iter().collect::<String>()))
    });
}

/// A random number below `limit`.
pub(super) fn below(call: &Call<'_, '_>, limit: usize) -> Result<usize, FuncError> {
    let mut bytes = [0; 8];
    call.world()?.fill_random(&mut bytes);
    let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
    Ok(usize::try_from(u64::from_le_bytes(bytes) % limit).unwrap_or(0))
}

fn draw(call: &Call<'_, '_>, count: i64, alphabet: &[u8]) -> Returned {
    let Ok(count) = usize::try_from(count) else { return Ok(Value::from("")) };
    if count > LONGEST {
        return Err(FuncError::new("the result would be too long"));
    }
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        out.push(alphabet[below(call, alphabet.len())?]);
    }
    Ok(Value::from(out))
}

/// The first position of `needle`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// `strings.TrimSpace`.
pub(super) fn trim_space(text: &[u8]) -> &[u8] {
    trim_where(text, rune::is_space)
}

fn trim_set<'t>(text: &'t [u8], set: &[u8]) -> &'t [u8] {
    let set: Vec<char> = rune::runes(set).map(|(_, rune, _)| rune).collect();
    trim_where(text, |rune| set.contains(&rune))
}

fn trim_where(mut text: &[u8], drop: impl Fn(char) -> bool) -> &[u8] {
    while let (rune, width @ 1..) = rune::decode(text) {
        if !drop(rune) {
            break;
        }
        text = &text[width..];
    }
    while let (rune, width @ 1..) = rune::decode_last(text) {
        if !drop(rune) {
            break;
        }
        text = &text[..text.len() - width];
    }
    text
}

fn map_runes(text: &[u8], change: impl Fn(char) -> char) -> Value {
    let mut out = Vec::with_capacity(text.len());
    for (_, rune, _) in rune::runes(text) {
        rune::push(&mut out, change(rune));
    }
    Value::from(out)
}

/// `strings.Title`: letters after anything that is no letter, digit or underscore.
fn title(text: &[u8]) -> Value {
    let mut previous = ' ';
    let mut out = Vec::with_capacity(text.len());
    for (_, rune, _) in rune::runes(text) {
        let changed = if separates(previous) { rune::to_title(rune) } else { rune };
        rune::push(&mut out, changed);
        previous = rune;
    }
    Value::from(out)
}

fn separates(rune: char) -> bool {
    if rune.is_ascii() {
        return !(rune.is_ascii_alphanumeric() || rune == '_');
    }
    !rune::is_letter(rune) && !rune::is_digit(rune) && rune::is_space(rune)
}

fn untitle(text: &[u8]) -> Value {
    let mut at_start = true;
    let mut out = Vec::with_capacity(text.len());
    for (_, rune, _) in rune::runes(text) {
        let changed = if rune::is_space(rune) {
            at_start = true;
            rune
        } else if std::mem::take(&mut at_start) {
            rune::to_lower(rune)
        } else {
            rune
        };
        rune::push(&mut out, changed);
    }
    Value::from(out)
}

fn swap_case(text: &[u8]) -> Value {
    let mut after_space = true;
    let mut out = Vec::with_capacity(text.len());
    for (_, rune, _) in rune::runes(text) {
        let changed = if rune::is_upper(rune) || rune::is_title(rune) {
            after_space = false;
            rune::to_lower(rune)
        } else if rune::is_lower(rune) {
            if std::mem::take(&mut after_space) {
                rune::to_title(rune)
            } else {
                rune::to_upper(rune)
            }
        } else {
            after_space = rune::is_space(rune);
            rune
        };
        rune::push(&mut out, changed);
    }
    Value::from(out)
}

fn repeat(count: i64, text: &[u8]) -> Returned {
    let Ok(count) = usize::try_from(count) else {
        return Err(FuncError::new("strings: negative Repeat count"));
    };
    match text.len().checked_mul(count) {
        Some(length) if length <= LONGEST => Ok(Value::from(text.repeat(count))),
        Some(_) => Err(FuncError::new("the result would be too long")),
        None => Err(FuncError::new("strings: Repeat output length overflow")),
    }
}

fn substr(start: i64, end: i64, text: &[u8]) -> Returned {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let cut = if start < 0 {
        byte_range(text, 0, end)?
    } else if end < 0 || end > length {
        if start > length {
            return Err(FuncError::new(format!(
                "runtime error: slice bounds out of range [{start}:{length}]"
            )));
        }
        byte_range(text, start, length)?
    } else {
        byte_range(text, start, end)?
    };
    Ok(Value::from(cut.to_vec()))
}

fn trunc(count: i64, text: &[u8]) -> &[u8] {
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if size >= text.len() {
        text
    } else if count < 0 {
        &text[text.len() - size..]
    } else {
        &text[..size]
    }
}

fn abbreviate(text: &[u8], offset: i64, width: i64) -> Result<Vec<u8>, FuncError> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if width < 4 {
        return Ok(Vec::new());
    }
    if length <= width {
        return Ok(text.to_vec());
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    let mut out = Vec::new();
    if offset <= 4 {
        out.extend_from_slice(byte_range(text, 0, width - 3)?);
        out.extend_from_slice(b"...");
        return Ok(out);
    }
    if width < 7 {
        return Ok(Vec::new());
    }
    out.extend_from_slice(b"...");
    if offset + width - 3 < length {
        out.extend_from_slice(&abbreviate(byte_range(text, offset, length)?, 0, width - 3)?);
    } else {
        out.extend_from_slice(byte_range(text, length - (width - 3), length)?);
    }
    Ok(out)
}

/// Byte by byte, as Sprig does: text beyond ASCII is read as Latin-1 once a space is dropped.
fn no_space(text: &[u8]) -> Vec<u8> {
    let space = |byte: u8| rune::is_space(char::from(byte));
    if !text.iter().any(|&byte| space(byte)) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for &byte in text.iter().filter(|&&byte| !space(byte)) {
        rune::push(&mut out, char::from(byte));
    }
    out
}

fn initials(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut gap = true;
    for &byte in text {
        let rune = char::from(byte);
        if rune::is_space(rune) {
            gap = true;
        } else if std::mem::take(&mut gap) {
            rune::push(&mut out, rune);
        }
    }
    out
}

/// Joins with spaces what is not nil.
fn join_present(values: &[Value], shown: impl Fn(&Value) -> Vec<u8>) -> Value {
    let parts: Vec<Vec<u8>> =
        values.iter().filter(|value| !matches!(value, Value::Nil)).map(shown).collect();
    Value::from(parts.join(&b' '))
}

fn indent(spaces: i64, text: &[u8]) -> Result<Vec<u8>, FuncError> {
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(FuncError::new("strings: negative Repeat count"));
    };
    if spaces > LONGEST {
        return Err(FuncError::new("the result would be too long"));
    }
    let mut pad = b"\n".to_vec();
    pad.extend(std::iter::repeat_n(b' ', spaces));
    let mut out = pad[1..].to_vec();
    out.extend_from_slice(&replace(text, b"\n", &pad));
    Ok(out)
}

/// `strings.ReplaceAll`; an empty pattern matches between all runes.
fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    if old == new {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    if old.is_empty() {
        out.extend_from_slice(new);
        for (at, _, width) in rune::runes(text) {
            out.extend_from_slice(&text[at..at + width]);
            out.extend_from_slice(new);
        }
        return out;
    }
    let mut rest = text;
    while let Some(at) = find(rest, old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// `strings.SplitN`: negative for all parts, none for zero.
fn split<'t>(text: &'t [u8], separator: &[u8], count: i64) -> Vec<&'t [u8]> {
    let limit = match usize::try_from(count) {
        Ok(0) => return Vec::new(),
        Ok(limit) => limit,
        Err(_) => usize::MAX,
    };
    let mut parts = Vec::new();
    let mut rest = text;
    if separator.is_empty() {
        while !rest.is_empty() {
            if parts.len() + 1 == limit {
                parts.push(rest);
                break;
            }
            let (_, width) = rune::decode(rest);
            parts.push(&rest[..width]);
            rest = &rest[width..];
        }
        return parts;
    }
    while parts.len() + 1 < limit {
        let Some(at) = find(rest, separator) else { break };
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}

fn numbered(parts: Vec<&[u8]>) -> Value {
    let entries = parts.into_iter().enumerate().map(|(index, part)| {
        (crate::text::GoStr::from(format!("_{index}")), Value::from(part.to_vec()))
    });
    Value::Map(Map::new(Type::Map(&Type::String), entries))
}
