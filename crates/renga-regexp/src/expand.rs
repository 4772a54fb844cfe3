//! Replacement templates: `$1`, `${1}`, `$name`, `${name}` and `$$`.
//!
//! As in Go, an unbraced name is as long as possible (`$1x` is the group `1x`), a group that does
//! not exist or took no part in the match is empty, and a `$` that starts no name is itself.

use crate::unicode::is_letter_or_digit;

/// A template, cut into its parts once per replacement.
pub(crate) struct Template<'t> {
    parts: Vec<Part<'t>>,
}

pub(crate) enum Part<'t> {
    /// Bytes to copy.
    Text(&'t [u8]),
    /// The group with this number.
    Number(usize),
    /// The first group of this name that took part in the match.
    Name(&'t str),
}

impl<'t> Template<'t> {
    pub(crate) fn new(template: &'t [u8]) -> Self {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(dollar) = rest.iter().position(|&byte| byte == b'$') {
            let (text, after) = (&rest[..dollar], &rest[dollar + 1..]);
            parts.push(Part::Text(text));
            if after.first() == Some(&b'$') {
                parts.push(Part::Text(b"$"));
                rest = &after[1..];
            } else if let Some((part, after)) = reference(after) {
                parts.push(part);
                rest = after;
            } else {
                parts.push(Part::Text(b"$"));
                rest = after;
            }
        }
        parts.push(Part::Text(rest));
        Self { parts }
    }

    pub(crate) fn parts(&self) -> &[Part<'t>] {
        &self.parts
    }
}

/// Reads the `name` or `{name}` behind a `$`, and returns what follows it.
fn reference(text: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let (braced, text) = match text.strip_prefix(b"{") {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let (name, rest) = leading_name(text);
    if name.is_empty() {
        return None;
    }
    let rest = if braced { rest.strip_prefix(b"}")? } else { rest };
    Some((number(name).map_or(Part::Name(name), Part::Number), rest))
}

fn leading_name(text: &[u8]) -> (&str, &[u8]) {
    let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let end = valid
        .find(|character: char| !(character == '_' || is_letter_or_digit(character)))
        .unwrap_or(valid.len());
    (&valid[..end], &text[end..])
}

/// The group number a name spells; leading zeros and absurd sizes make it a name.
fn number(name: &str) -> Option<usize> {
    let leading_zero = name.len() > 1 && name.starts_with('0');
    if leading_zero || !name.bytes().all(|byte| byte.is_ascii_digit()) || name.len() > 9 {
        return None;
    }
    name.parse().ok()
}
