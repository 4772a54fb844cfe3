//! Go's `%q`: double-quoted strings and single-quoted runes.

use std::fmt::Write as _;

/// Quotes `text` as Go's `strconv.Quote` does.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        push(&mut out, c, '"');
    }
    out.push('"');
    out
}

/// Quotes `c` as Go's `strconv.QuoteRune` does.
pub(crate) fn rune(c: char) -> String {
    let mut out = String::from('\'');
    push(&mut out, c, '\'');
    out.push('\'');
    out
}

fn push(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        '\0'..='\x1f' | '\x7f' => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        '"' | '\'' => out.push(c),
        _ if is_printable(c) => out.push(c),
        _ if u32::from(c) <= 0xffff => {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        _ => {
            let _ = write!(out, "\\U{:08x}", u32::from(c));
        }
    }
}

/// Whether Go prints `c` as it is. `char::escape_debug` knows the same categories, except that it
/// also escapes quotes (handled before) and grapheme extenders, which Go prints.
fn is_printable(c: char) -> bool {
    let escaped = c.escape_debug();
    if escaped.len() == 1 {
        return c != '\u{a0}';
    }
    // A grapheme extender is printed as it is inside a longer string only.
    format!("a{c}").escape_debug().nth(1) == Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_runes_are_quoted_as_in_go() {
        assert_eq!(string("a\"b'\\\n\u{1}é\u{200b}😀"), "\"a\\\"b'\\\\\\n\\x01é\\u200b😀\"");
        assert_eq!(rune('\''), "'\\''");
        assert_eq!(rune('q'), "'q'");
        assert_eq!(rune('"'), "'\"'");
    }
}
