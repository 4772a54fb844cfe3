//! Scalars as tokens: plain, quoted and block, with folding and escapes.

use super::failure::Mark;
use super::scanner::{ScalarStyle, Scan, Scanner, Token, TokenKind, is_blank};

/// White space between two words, until it is known whether it is folded.
#[derive(Default)]
struct Gap {
    blanks: Vec<u8>,
    first_break: Vec<u8>,
    more_breaks: Vec<u8>,
    /// Whether the gap spans lines.
    broken: bool,
}

impl Gap {
    /// Appends the gap: blanks as they are, one line feed as a space, several less one.
    fn close(&mut self, into: &mut Vec<u8>) {
        if self.broken {
            if self.first_break.first() != Some(&b'\n') {
                into.extend_from_slice(&self.first_break);
                into.extend_from_slice(&self.more_breaks);
            } else if self.more_breaks.is_empty() {
                into.push(b' ');
            } else {
                into.extend_from_slice(&self.more_breaks);
            }
            self.first_break.clear();
            self.more_breaks.clear();
            self.broken = false;
        } else {
            into.extend_from_slice(&self.blanks);
            self.blanks.clear();
        }
    }
}

/// Bytes that can neither end a plain scalar nor begin something else.
fn is_plain_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-/.+=\\()$;".contains(&byte)
}

impl Scanner {
    /// Reads blanks and breaks up to the next text. A tab left of column `indent` is refused in
    /// lines after the first.
    fn read_gap(&mut self, gap: &mut Gap, start: Mark, indent: isize) -> Scan {
        loop {
            let byte = self.byte(0);
            if is_blank(byte) {
                if gap.broken && self.mark.column.cast_signed() < indent && byte == b'\t' {
                    return self.fail(start, "found a tab character that violates indentation");
                }
                if gap.broken {
                    self.skip();
                } else {
                    self.read(&mut gap.blanks);
                }
            } else if self.is_break(0) {
                self.read_gap_break(gap)?;
            } else {
                return Ok(());
            }
            self.ensure(1)?;
        }
    }

    fn read_gap_break(&mut self, gap: &mut Gap) -> Scan {
        self.ensure(2)?;
        if gap.broken {
            self.read_line(&mut gap.more_breaks);
        } else {
            gap.blanks.clear();
            self.read_line(&mut gap.first_break);
            gap.broken = true;
        }
        Ok(())
    }

    pub(super) fn scan_plain_scalar(&mut self) -> Scan<Token> {
        let start = self.mark;
        let mut end = self.mark;
        let indent = self.indent + 1;
        let mut value = Vec::new();
        let mut gap = Gap::default();
        loop {
            self.ensure(4)?;
            if self.is_document_indicator(b'-') || self.is_document_indicator(b'.') {
                break;
            }
            if self.byte(0) == b'#' {
                break;
            }
            while !self.is_blankz(0) {
                let byte = self.byte(0);
                if byte == b':' && self.is_blankz(1)
                    || self.flow_level > 0 && b",?[]{}".contains(&byte)
                {
                    break;
                }
                if gap.broken || !gap.blanks.is_empty() {
                    gap.close(&mut value);
                }
                self.read(&mut value);
                let run = self.rest().iter().take_while(|&&b| is_plain_run(b)).count();
                self.read_ascii(run, &mut value);
                end = self.mark;
                self.ensure(2)?;
            }
            if !is_blank(self.byte(0)) && !self.is_break(0) {
                break;
            }
            self.ensure(1)?;
            self.read_gap(&mut gap, start, indent)?;
            if self.flow_level == 0 && self.mark.column.cast_signed() < indent {
                break;
            }
        }
        if gap.broken {
            self.simple_key_allowed = true;
        }
        Ok(Token { kind: TokenKind::Scalar { value, style: ScalarStyle::Plain }, start, end })
    }

    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Scan<Token> {
        let start = self.mark;
        let quote = if single { b'\'' } else { b'"' };
        self.skip();
        let mut value = Vec::new();
        let mut gap = Gap::default();
        loop {
            self.ensure(4)?;
            if self.is_document_indicator(b'-') || self.is_document_indicator(b'.') {
                return self.fail(start, "found unexpected document indicator");
            }
            if self.at_end() {
                return self.fail(start, "found unexpected end of stream");
            }
            gap.broken = false;
            while !self.is_blankz(0) {
                let byte = self.byte(0);
                if single && byte == b'\'' && self.byte(1) == b'\'' {
                    value.push(b'\'');
                    self.skip_many(2);
                } else if byte == quote {
                    break;
                } else if !single && byte == b'\\' && self.is_break(1) {
                    self.ensure(3)?;
                    self.skip();
                    self.skip_line();
                    gap.broken = true;
                    break;
                } else if !single && byte == b'\\' {
                    self.scan_escape(start, &mut value)?;
                } else {
                    self.read(&mut value);
                    let plain = |b: u8| (b'!'..=b'~').contains(&b) && b != quote && b != b'\\';
                    let run = self.rest().iter().take_while(|&&b| plain(b)).count();
                    self.read_ascii(run, &mut value);
                }
                self.ensure(2)?;
            }
            self.ensure(1)?;
            if self.byte(0) == quote {
                break;
            }
            // Within quotes any indentation will do.
            self.read_gap(&mut gap, start, 0)?;
            if gap.broken && gap.first_break.is_empty() {
                // After an escaped line break nothing is folded.
                value.append(&mut gap.more_breaks);
            } else {
                gap.close(&mut value);
            }
        }
        self.skip();
        let end = self.mark;
        Ok(Token { kind: TokenKind::Scalar { value, style: ScalarStyle::Quoted }, start, end })
    }

    fn scan_escape(&mut self, start: Mark, value: &mut Vec<u8>) -> Scan {
        let mut digits = 0;
        match self.byte(1) {
            b'0' => value.push(0),
            b'a' => value.push(0x07),
            b'b' => value.push(0x08),
            b't' | b'\t' => value.push(b'\t'),
            b'n' => value.push(b'\n'),
            b'v' => value.push(0x0B),
            b'f' => value.push(0x0C),
            b'r' => value.push(b'\r'),
            b'e' => value.push(0x1B),
            literal @ (b' ' | b'"' | b'\'' | b'\\') => value.push(literal),
            b'N' => value.extend_from_slice("\u{85}".as_bytes()),
            b'_' => value.extend_from_slice("\u{A0}".as_bytes()),
            b'L' => value.extend_from_slice("\u{2028}".as_bytes()),
            b'P' => value.extend_from_slice("\u{2029}".as_bytes()),
            b'x' => digits = 2,
            b'u' => digits = 4,
            b'U' => digits = 8,
            _ => return self.fail(start, "found unknown escape character"),
        }
        self.skip_many(2);
        if digits > 0 {
            self.ensure(digits)?;
            let mut point = 0_u32;
            for at in 0..digits {
                let Some(digit) = char::from(self.byte(at)).to_digit(16) else {
                    return self.fail(start, "did not find expected hexdecimal number");
                };
                point = (point << 4) | digit;
            }
            let Some(c) = char::from_u32(point) else {
                return self.fail(start, "found invalid Unicode character escape code");
            };
            value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            self.skip_many(digits);
        }
        Ok(())
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Scan<Token> {
        let start = self.mark;
        self.skip();
        self.ensure(1)?;
        let mut chomping = None;
        let mut increment = 0;
        if matches!(self.byte(0), b'+' | b'-') {
            chomping = Some(self.byte(0));
            self.skip();
            self.ensure(1)?;
            increment = self.scan_indent_indicator(start)?;
        } else if self.byte(0).is_ascii_digit() {
            increment = self.scan_indent_indicator(start)?;
            self.ensure(1)?;
            if matches!(self.byte(0), b'+' | b'-') {
                chomping = Some(self.byte(0));
                self.skip();
            }
        }
        self.skip_blanks()?;
        self.skip_header_comment(start)?;
        self.expect_line_end(start)?;

        let mut end = self.mark;
        let mut indent = 0;
        if increment > 0 {
            indent = self.indent.max(0).unsigned_abs() + increment;
        }
        let mut value = Vec::new();
        let mut line_break = Vec::new();
        let mut empty_lines = Vec::new();
        self.scan_block_breaks(&mut indent, &mut empty_lines, start, &mut end)?;
        self.ensure(1)?;
        let mut previous_blank = false;
        while self.mark.column == indent && !self.at_end() {
            let blank = is_blank(self.byte(0));
            if !literal && !previous_blank && !blank && line_break.first() == Some(&b'\n') {
                if empty_lines.is_empty() {
                    value.push(b' ');
                }
                line_break.clear();
            } else {
                value.append(&mut line_break);
            }
            value.append(&mut empty_lines);
            previous_blank = blank;
            while !self.is_breakz(0) {
                self.read(&mut value);
                // Only the count of newlines tells blanks from other characters, and a line that
                // has one of those has reset it.
                let run = self.rest().iter().take_while(|b| (b'!'..=b'~').contains(b)).count();
                self.read_ascii(run, &mut value);
                self.ensure(1)?;
            }
            self.ensure(2)?;
            self.read_line(&mut line_break);
            self.scan_block_breaks(&mut indent, &mut empty_lines, start, &mut end)?;
        }
        if chomping != Some(b'-') {
            value.append(&mut line_break);
        }
        if chomping == Some(b'+') {
            value.append(&mut empty_lines);
        }
        Ok(Token { kind: TokenKind::Scalar { value, style: ScalarStyle::Block }, start, end })
    }

    fn scan_indent_indicator(&mut self, start: Mark) -> Scan<usize> {
        match self.byte(0) {
            b'0' => self.fail(start, "found an indentation indicator equal to 0"),
            digit @ b'1'..=b'9' => {
                self.skip();
                Ok(usize::from(digit - b'0'))
            }
            _ => Ok(0),
        }
    }

    /// Eats indentation and empty lines; finds the indentation if it is zero yet.
    fn scan_block_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut Vec<u8>,
        start: Mark,
        end: &mut Mark,
    ) -> Scan {
        *end = self.mark;
        let mut deepest = 0;
        loop {
            self.ensure(1)?;
            while (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b' ' {
                self.skip();
                self.ensure(1)?;
            }
            deepest = deepest.max(self.mark.column);
            if (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return self.fail(start, problem);
            }
            if !self.is_break(0) {
                break;
            }
            self.ensure(2)?;
            self.read_line(breaks);
            *end = self.mark;
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent + 1).max(1).unsigned_abs());
        }
        Ok(())
    }
}
