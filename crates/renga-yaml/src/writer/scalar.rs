//! How a scalar looks in each style: plain, quoted, literal; where it folds and what it escapes.

use super::Emitter;
use super::analysis::{is_break, is_printable};

/// The presentation of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

impl Emitter<'_> {
    /// Writes a scalar; `breaks` allows folding (simple keys stay on one line).
    pub(crate) fn scalar(&mut self, text: &str, style: Style, breaks: bool) {
        match style {
            Style::Plain => self.plain(text, breaks),
            Style::SingleQuoted => self.single_quoted(text, breaks),
            Style::DoubleQuoted => self.double_quoted(text, breaks),
            Style::Literal => self.literal(text),
        }
    }

    /// Whether text of this many bytes could cross the width.
    fn may_fold(&self, text: &str, breaks: bool) -> bool {
        breaks && self.column + text.len() > self.rules.width
    }

    fn put_str(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    fn put_char(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.column += 1;
    }

    fn plain(&mut self, text: &str, breaks: bool) {
        if !self.whitespace {
            self.put(b' ');
        }
        if self.may_fold(text, breaks) {
            // A plain scalar begins and ends with something else than a space.
            self.folding(text, |_| true);
        } else {
            self.put_str(text);
        }
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes text without line breaks, word by word; a single space beyond the width becomes a
    /// line break where `may_break` allows it at that offset.
    fn folding(&mut self, text: &str, may_break: impl Fn(usize) -> bool) {
        let bytes = text.as_bytes();
        let mut after_space = false;
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b' ' {
                if !after_space
                    && self.column > self.rules.width
                    && may_break(at)
                    && bytes.get(at + 1) != Some(&b' ')
                {
                    self.write_indent();
                } else {
                    self.put(b' ');
                }
                after_space = true;
                at += 1;
            } else {
                let end =
                    bytes[at..].iter().position(|&b| b == b' ').map_or(bytes.len(), |n| at + n);
                self.put_str(&text[at..end]);
                self.indention = false;
                after_space = false;
                at = end;
            }
        }
    }

    fn single_quoted(&mut self, text: &str, breaks: bool) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.put(b'\'');
        self.whitespace = false;
        self.indention = false;
        let last = text.len().saturating_sub(1);
        let mut after_space = false;
        let mut after_break = false;
        for (at, c) in text.char_indices() {
            if c == ' ' {
                if breaks
                    && !after_space
                    && self.column > self.rules.width
                    && at > 0
                    && at < last
                    && text.as_bytes()[at + 1] != b' '
                {
                    self.write_indent();
                } else {
                    self.put(b' ');
                }
                after_space = true;
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put(b'\'');
                }
                self.put_char(c);
                self.indention = false;
                after_space = false;
                after_break = false;
            }
        }
        self.put(b'\'');
        self.whitespace = false;
        self.indention = false;
    }

    fn double_quoted(&mut self, text: &str, breaks: bool) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.put(b'"');
        self.whitespace = false;
        self.indention = false;
        let last = text.len().saturating_sub(1);
        // The libraries look for the mark at the start of the whole text, whichever character
        // they are at, so all of a text that begins with one is escaped.
        let escape_all = text.starts_with('\u{FEFF}');
        let mut after_space = false;
        for (at, c) in text.char_indices() {
            if escape_all || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                if breaks && !after_space && self.column > self.rules.width && at > 0 && at < last {
                    self.write_indent();
                    if text.as_bytes()[at + 1] == b' ' {
                        self.put(b'\\');
                    }
                } else {
                    self.put(b' ');
                }
                after_space = true;
            } else {
                self.put_char(c);
                after_space = false;
            }
        }
        self.put(b'"');
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, c: char) {
        self.put(b'\\');
        let short = match c {
            '\0' => b'0',
            '\u{07}' => b'a',
            '\u{08}' => b'b',
            '\t' => b't',
            '\n' => b'n',
            '\u{0B}' => b'v',
            '\u{0C}' => b'f',
            '\r' => b'r',
            '\u{1B}' => b'e',
            '"' => b'"',
            '\\' => b'\\',
            '\u{85}' => b'N',
            '\u{A0}' => b'_',
            '\u{2028}' => b'L',
            '\u{2029}' => b'P',
            _ => {
                let point = u32::from(c);
                let (letter, digits) = match point {
                    0..=0xFF => (b'x', 2),
                    0x100..=0xFFFF => (b'u', 4),
                    _ => (b'U', 8),
                };
                self.put(letter);
                for place in (0..digits).rev() {
                    let digit = (point >> (place * 4)) & 0xF;
                    self.put(b"0123456789ABCDEF"[digit as usize]);
                }
                return;
            }
        };
        self.put(short);
    }

    /// Copies a line break of the text.
    fn write_break(&mut self, c: char) {
        if c == '\n' {
            self.put_break();
        } else {
            self.put_char(c);
            self.column = 0;
        }
        self.indention = true;
    }

    fn literal(&mut self, text: &str) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.put(b'|');
        self.indention = false;
        let first = text.chars().next().unwrap_or_default();
        if first == ' ' || is_break(first) {
            self.put(b"0123456789"[self.rules.indent.min(9)]);
        }
        let mut ends = text.chars().rev();
        match (ends.next().is_some_and(is_break), ends.next()) {
            (false, _) => self.put(b'-'),
            (true, None) => self.put(b'+'),
            (true, Some(before)) if is_break(before) => self.put(b'+'),
            (true, Some(_)) => {}
        }
        if self.rules.break_after_header {
            self.put_break();
        }
        if self.rules.version == crate::resolve::Version::V2 {
            self.indention = true;
        }
        self.whitespace = true;
        let mut at_line_start = true;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if is_break(c) {
                self.write_break(c);
                at_line_start = true;
                rest = &rest[c.len_utf8()..];
                continue;
            }
            if at_line_start {
                self.write_indent();
            }
            let end = rest.find(is_break).unwrap_or(rest.len());
            self.put_str(&rest[..end]);
            self.indention = false;
            at_line_start = false;
            rest = &rest[end..];
        }
    }
}
