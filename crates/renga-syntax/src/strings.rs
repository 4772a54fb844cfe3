//! What string literals mean.

use crate::error::SyntaxError;
use crate::tree::Span;

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringKind {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `@"…"`
    VerbatimDouble,
    /// `@'…'`
    VerbatimSingle,
    /// `|||`
    Block,
}

/// Appends the meaning of `text`, the part of a string between its quotes.
pub(crate) fn unescape(text: &str, span: Span, out: &mut String) -> Result<(), SyntaxError> {
    let fail = |message: String| Err(SyntaxError::new(message, span));
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else {
            return fail("Truncated escape sequence in string literal.".to_owned());
        };
        rest = &rest[escape.len_utf8()..];
        match escape {
            '"' | '\'' | '\\' | '/' => out.push(escape),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                // go-jsonnet names the start of the whole string, not of the escape.
                let shown =
                    || String::from_utf8_lossy(&text.as_bytes()[..text.len().min(4)]).into_owned();
                if rest.len() < 4 {
                    return fail("Truncated unicode escape sequence in string literal.".to_owned());
                }
                let Some(first) = hex(rest) else {
                    return fail(format!("Unicode escape sequence was malformed: {}", shown()));
                };
                rest = &rest[4..];
                if !(0xd800..0xe000).contains(&first) {
                    out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
                    continue;
                }
                if rest.len() < 6 {
                    return fail(
                        "Truncated unicode surrogate pair escape sequence in string literal."
                            .to_owned(),
                    );
                }
                if !rest.starts_with("\\u") {
                    return fail("Unicode surrogate pair escape sequence missing low surrogate in string literal.".to_owned());
                }
                let Some(second) = hex(&rest[2..]) else {
                    return fail(format!(
                        "Unicode low surrogate escape sequence was malformed: {}",
                        shown()
                    ));
                };
                rest = &rest[6..];
                let pair = first < 0xdc00 && (0xdc00..0xe000).contains(&second);
                let code = if pair {
                    0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    0xfffd
                };
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => return fail(format!("Unknown escape sequence in string literal: \\{other}")),
        }
    }
    out.push_str(rest);
    Ok(())
}

fn hex(text: &str) -> Option<u32> {
    let digits = text.as_bytes().get(..4)?;
    digits.iter().try_fold(0, |code, &digit| Some(code * 16 + char::from(digit).to_digit(16)?))
}

/// Appends the meaning of a verbatim string: doubled quotes are single ones.
pub(crate) fn unquote_verbatim(text: &str, quote: char, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(quote) {
        out.push_str(&rest[..=at]);
        rest = &rest[(at + 2).min(rest.len())..];
    }
    out.push_str(rest);
}
