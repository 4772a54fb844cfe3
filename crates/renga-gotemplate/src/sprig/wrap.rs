//! Word wrapping.

use super::strings::find;
use crate::value::Value;

/// Wraps at spaces so that lines have at most `width` bytes; with `long_words` words that do not
/// fit are cut.
pub(super) fn wrap(text: &[u8], width: i64, newline: &[u8], long_words: bool) -> Value {
    let newline: &[u8] = if newline.is_empty() { b"\n" } else { newline };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let line = &rest[..=width];
        let space = match line.iter().rposition(|&byte| byte == b' ') {
            Some(space) => space,
            None if long_words => {
                out.extend_from_slice(&rest[..width]);
                out.extend_from_slice(newline);
                rest = &rest[width..];
                continue;
            }
            None => match find(&rest[width..], b" ") {
                Some(after) => width + after,
                None => break,
            },
        };
        out.extend_from_slice(&rest[..space]);
        out.extend_from_slice(newline);
        rest = &rest[space + 1..];
    }
    out.extend_from_slice(rest);
    Value::from(out)
}
