//! Strings: flat, or pieces that were joined and not looked at yet.

use std::rc::Rc;

use super::Heap;
use super::value::Value;

/// The length in characters is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// Shorter strings are joined at once.
const SHORT: usize = 32;

#[derive(Clone, Debug, Default)]
enum Shape {
    #[default]
    Free,
    Flat(Rc<str>),
    /// Two strings, one after the other, and their length in bytes.
    Joined(u32, u32, u32),
}

/// A string.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    shape: Shape,
    chars: u32,
}

impl Default for Text {
    fn default() -> Self {
        Self { shape: Shape::Free, chars: UNKNOWN }
    }
}

impl Text {
    pub(super) fn parts(&self) -> Option<(u32, u32)> {
        match self.shape {
            Shape::Joined(left, right, _) => Some((left, right)),
            Shape::Flat(_) | Shape::Free => None,
        }
    }

    pub(super) fn weight(&self) -> usize {
        match &self.shape {
            Shape::Flat(text) => text.len() + 16,
            Shape::Joined(..) | Shape::Free => 0,
        }
    }

    fn len(&self) -> usize {
        match &self.shape {
            Shape::Flat(text) => text.len(),
            Shape::Joined(_, _, len) => *len as usize,
            Shape::Free => 0,
        }
    }
}

impl Heap {
    pub(crate) fn string(&mut self, text: impl Into<Rc<str>>) -> Value {
        let text = text.into();
        self.fresh += size_of::<Text>() + text.len() + 16;
        Value::Str(self.strings.add(Text { shape: Shape::Flat(text), chars: UNKNOWN }))
    }

    /// The text of a string.
    pub(crate) fn text(&mut self, string: u32) -> Rc<str> {
        if let Shape::Flat(text) = &self.strings.get(string).shape {
            return text.clone();
        }
        self.flatten(string)
    }

    /// The text of a string that is known to be flat or free; otherwise `None`.
    pub(crate) fn flat(&self, string: u32) -> Option<&str> {
        match &self.strings.get(string).shape {
            Shape::Flat(text) => Some(text),
            Shape::Joined(..) | Shape::Free => None,
        }
    }

    pub(crate) fn byte_len(&self, string: u32) -> usize {
        self.strings.get(string).len()
    }

    #[cold]
    fn flatten(&mut self, string: u32) -> Rc<str> {
        let mut out = String::with_capacity(self.strings.get(string).len());
        let mut pending = vec![string];
        while let Some(next) = pending.pop() {
            match &self.strings.get(next).shape {
                Shape::Flat(text) => out.push_str(text),
                Shape::Joined(left, right, _) => pending.extend([*right, *left]),
                Shape::Free => {}
            }
        }
        let text: Rc<str> = out.into();
        self.fresh += text.len() + 16;
        self.strings.get_mut(string).shape = Shape::Flat(text.clone());
        text
    }

    pub(crate) fn join(&mut self, left: u32, right: u32) -> Value {
        let (left_len, right_len) = (self.byte_len(left), self.byte_len(right));
        if left_len == 0 {
            return Value::Str(right);
        }
        if right_len == 0 {
            return Value::Str(left);
        }
        if left_len + right_len < SHORT {
            let mut joined = String::with_capacity(left_len + right_len);
            joined.push_str(&self.text(left));
            joined.push_str(&self.text(right));
            return self.string(joined);
        }
        self.fresh += size_of::<Text>();
        let len = u32::try_from(left_len + right_len).unwrap_or(u32::MAX);
        let shape = Shape::Joined(left, right, len);
        Value::Str(self.strings.add(Text { shape, chars: UNKNOWN }))
    }

    /// The number of characters.
    pub(crate) fn char_len(&mut self, string: u32) -> usize {
        let known = self.strings.get(string).chars;
        if known != UNKNOWN {
            return known as usize;
        }
        let text = self.text(string);
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        self.strings.get_mut(string).chars = u32::try_from(chars).unwrap_or(UNKNOWN - 1);
        chars
    }

    /// Whether bytes are characters.
    pub(crate) fn is_ascii(&mut self, string: u32) -> bool {
        self.char_len(string) == self.byte_len(string)
    }

    /// The characters `from..to`; both within the string.
    pub(crate) fn substring(&mut self, string: u32, from: usize, to: usize) -> Value {
        if from == 0 && to == self.char_len(string) {
            return Value::Str(string);
        }
        let text = self.text(string);
        if self.is_ascii(string) {
            return self.string(&text[from..to]);
        }
        let mut indices = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let start = indices.nth(from).unwrap_or(text.len());
        let end = if to > from { indices.nth(to - from - 1).unwrap_or(text.len()) } else { start };
        self.string(&text[start..end])
    }
}
