//! Go quoting: `strconv.Quote` and its inverse.

use crate::text::rune;

const LOWER_HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends the Go string literal of `text` in `quote` marks.
///
/// Printable runes stay, unless `ascii` asks for escapes beyond ASCII.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &[u8], quote: u8, ascii: bool) {
    out.push(quote);
    for (at, rune, width) in rune::runes(text) {
        if width == 1 && rune == rune::RUNE_ERROR {
            out.extend_from_slice(b"\\x");
            out.push(LOWER_HEX[usize::from(text[at] >> 4)]);
            out.push(LOWER_HEX[usize::from(text[at] & 15)]);
        } else {
            push_escaped(out, rune, quote, ascii);
        }
    }
    out.push(quote);
}

/// Appends the Go rune literal of `rune`.
pub(crate) fn push_quoted_rune(out: &mut Vec<u8>, rune: char, ascii: bool) {
    out.push(b'\'');
    push_escaped(out, rune, b'\'', ascii);
    out.push(b'\'');
}

/// Returns the Go string literal of `text`.
pub fn quoted(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_quoted(&mut out, text, b'"', false);
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns the Go rune literal of `rune`, as `%q` writes it.
pub fn quoted_rune(rune: char) -> String {
    let mut out = Vec::new();
    push_quoted_rune(&mut out, rune, false);
    String::from_utf8_lossy(&out).into_owned()
}

fn push_escaped(out: &mut Vec<u8>, rune: char, quote: u8, ascii: bool) {
    if rune == char::from(quote) || rune == '\\' {
        out.push(b'\\');
        rune::push(out, rune);
        return;
    }
    let stays = if ascii { rune.is_ascii() && rune::is_print(rune) } else { rune::is_print(rune) };
    if stays {
        rune::push(out, rune);
        return;
    }
    let short = match rune {
        '\u{7}' => Some(b'a'),
        '\u{8}' => Some(b'b'),
        '\u{C}' => Some(b'f'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\u{B}' => Some(b'v'),
        _ => None,
    };
    if let Some(letter) = short {
        out.extend_from_slice(&[b'\\', letter]);
    } else if rune < ' ' || rune == '\u{7F}' {
        out.extend_from_slice(format!("\\x{:02x}", rune as u32).as_bytes());
    } else if (rune as u32) < 0x10000 {
        out.extend_from_slice(format!("\\u{:04x}", rune as u32).as_bytes());
    } else {
        out.extend_from_slice(format!("\\U{:08x}", rune as u32).as_bytes());
    }
}

/// Whether the text can stand between back quotes unchanged.
pub(crate) fn can_backquote(text: &[u8]) -> bool {
    rune::runes(text).all(|(_, rune, width)| {
        if width > 1 {
            return rune != '\u{FEFF}';
        }
        rune != rune::RUNE_ERROR && (rune >= ' ' || rune == '\t') && rune != '`' && rune != '\u{7F}'
    })
}

/// Reads a Go string literal in double or back quotes; `None` is Go's "invalid syntax".
pub(crate) fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&quote, rest) = literal.split_first()?;
    let (&last, body) = rest.split_last()?;
    if quote != last {
        return None;
    }
    match quote {
        b'`' => {
            if body.contains(&b'`') {
                return None;
            }
            Some(body.iter().copied().filter(|&byte| byte != b'\r').collect())
        }
        b'"' => {
            let mut out = Vec::with_capacity(body.len());
            let mut rest = body;
            while !rest.is_empty() {
                if rest[0] == b'\n' || rest[0] == b'"' {
                    return None;
                }
                let (unit, used) = unquote_unit(rest, b'"')?;
                match unit {
                    Unit::Rune(rune) => rune::push(&mut out, rune),
                    Unit::Byte(byte) => out.push(byte),
                    Unit::Raw(bytes) => out.extend_from_slice(bytes),
                }
                rest = &rest[used..];
            }
            Some(out)
        }
        _ => None,
    }
}

/// What one step of unquoting yields.
pub(crate) enum Unit<'a> {
    /// A rune, written or escaped.
    Rune(char),
    /// A byte from `\x` or an octal escape.
    Byte(u8),
    /// Bytes that are no UTF-8, kept as they are.
    Raw(&'a [u8]),
}

/// Reads one rune or escape of a literal in `quote` marks, with the number of bytes used.
pub(crate) fn unquote_unit(text: &[u8], quote: u8) -> Option<(Unit<'_>, usize)> {
    let &first = text.first()?;
    if first == quote && (quote == b'\'' || quote == b'"') {
        return None;
    }
    if first != b'\\' {
        let (rune, width) = rune::decode(text);
        if rune == rune::RUNE_ERROR && width == 1 {
            return Some((Unit::Raw(&text[..1]), 1));
        }
        return Some((Unit::Rune(rune), width));
    }
    let &letter = text.get(1)?;
    let simple = |rune| Some((Unit::Rune(rune), 2));
    match letter {
        b'a' => simple('\u{7}'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{C}'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'v' => simple('\u{B}'),
        b'\\' => simple('\\'),
        b'\'' | b'"' if letter == quote => simple(char::from(letter)),
        b'x' | b'u' | b'U' => {
            let digits = match letter {
                b'x' => 2,
                b'u' => 4,
                _ => 8,
            };
            let mut code = 0_u32;
            for &digit in text.get(2..2 + digits)? {
                code = code.checked_mul(16)? + char::from(digit).to_digit(16)?;
            }
            let unit = if letter == b'x' {
                Unit::Byte(u8::try_from(code).ok()?)
            } else {
                Unit::Rune(char::from_u32(code)?)
            };
            Some((unit, 2 + digits))
        }
        b'0'..=b'7' => {
            let mut code = 0_u32;
            for &digit in text.get(1..4)? {
                code = code * 8 + char::from(digit).to_digit(8)?;
            }
            Some((Unit::Byte(u8::try_from(code).ok()?), 4))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{quoted, unquote};

    #[test]
    fn unquote_inverts_quote() {
        for text in [&b"plain"[..], b"a\"b\\\n\t\x07", "é€😀\u{200B}".as_bytes(), b"\xff\xfe"]
        {
            assert_eq!(unquote(quoted(text).as_bytes()).as_deref(), Some(text));
        }
    }

    #[test]
    fn unquote_refuses_what_go_refuses() {
        for literal in [r#""\z""#, r#""\'""#, r#""\400""#, r#""\ud800""#, "\"a", "`a`b`"] {
            assert_eq!(unquote(literal.as_bytes()), None, "{literal}");
        }
    }
}
