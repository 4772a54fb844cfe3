//! The text to search, as Go sees it: a sequence of runes.
//!
//! Go reads a byte that is not part of valid UTF-8 as one U+FFFD. Such a text is therefore searched
//! in a copy that spells U+FFFD out, and the positions found are translated back. Valid text, the
//! usual case, is searched in place.

use std::borrow::Cow;
use std::ops::Range;

/// A text ready for searching.
pub(crate) struct Haystack<'t> {
    original: &'t [u8],
    text: Cow<'t, str>,
    /// For each replaced byte its position in `text` and in the original, ascending.
    replaced: Vec<(usize, usize)>,
}

impl<'t> Haystack<'t> {
    pub(crate) fn new(original: &'t [u8]) -> Self {
        match std::str::from_utf8(original) {
            Ok(text) => Self { original, text: Cow::Borrowed(text), replaced: Vec::new() },
            Err(_) => Self::repaired(original),
        }
    }

    fn repaired(original: &'t [u8]) -> Self {
        let mut text = String::with_capacity(original.len() + 16);
        let mut replaced = Vec::new();
        let mut position = 0;
        for chunk in original.utf8_chunks() {
            text.push_str(chunk.valid());
            position += chunk.valid().len();
            for _ in chunk.invalid() {
                replaced.push((text.len(), position));
                text.push(char::REPLACEMENT_CHARACTER);
                position += 1;
            }
        }
        Self { original, text: Cow::Owned(text), replaced }
    }

    /// The text to give to the matcher; its positions are "search positions".
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The length of the rune at a search position, 0 at the end.
    pub(crate) fn width_at(&self, position: usize) -> usize {
        self.text()[position..].chars().next().map_or(0, char::len_utf8)
    }

    /// Translates a range of search positions into one of the original bytes.
    pub(crate) fn original_range(&self, range: Range<usize>) -> Range<usize> {
        self.original_position(range.start)..self.original_position(range.end)
    }

    /// The original bytes between two search positions.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &'t [u8] {
        &self.original[self.original_range(range)]
    }

    fn original_position(&self, position: usize) -> usize {
        let before = self.replaced.partition_point(|&(in_text, _)| in_text < position);
        match before.checked_sub(1).map(|last| self.replaced[last]) {
            Some((in_text, in_original)) => {
                position - (in_text + char::REPLACEMENT_CHARACTER.len_utf8()) + in_original + 1
            }
            None => position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_repaired_text_point_into_the_original() {
        let haystack = Haystack::new(b"a\xff\xe2\x82b\xffc");
        assert_eq!(haystack.text(), "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}c");
        assert_eq!(haystack.bytes(0..1), b"a");
        assert_eq!(haystack.bytes(1..4), b"\xff");
        assert_eq!(haystack.bytes(4..11), b"\xe2\x82b");
        assert_eq!(haystack.bytes(11..15), b"\xffc");
        assert_eq!(haystack.bytes(15..15), b"");
    }
}
