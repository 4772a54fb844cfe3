//! Anchors, aliases, tags and directives as tokens.

use super::failure::Mark;
use super::scanner::{Scan, Scanner, Token, TokenKind, is_alpha, is_blank};
use crate::resolve::Version;

fn is_uri(byte: u8) -> bool {
    is_alpha(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

impl Scanner {
    pub(super) fn scan_anchor(&mut self) -> Scan<Token> {
        let start = self.mark;
        let is_alias = self.byte(0) == b'*';
        self.skip();
        self.ensure(1)?;
        let mut name = Vec::new();
        while is_alpha(self.byte(0)) {
            self.read(&mut name);
            self.ensure(1)?;
        }
        let end = self.mark;
        let ends = self.is_blankz(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            return self.fail(start, "did not find expected alphabetic or numeric character");
        }
        let kind = if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(Token { kind, start, end })
    }

    pub(super) fn scan_tag(&mut self) -> Scan<Token> {
        let start = self.mark;
        self.ensure(2)?;
        let mut handle = Vec::new();
        let mut suffix = Vec::new();
        if self.byte(1) == b'<' {
            self.skip_many(2);
            self.scan_tag_uri(b"", start, &mut suffix)?;
            if self.byte(0) != b'>' {
                return self.fail(start, "did not find the expected '>'");
            }
            self.skip();
        } else {
            handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with(b"!") {
                self.scan_tag_uri(b"", start, &mut suffix)?;
            } else {
                // No handle after all, but the beginning of a local tag.
                self.scan_tag_uri(&handle, start, &mut suffix)?;
                handle = b"!".to_vec();
                if suffix.is_empty() {
                    std::mem::swap(&mut handle, &mut suffix);
                }
            }
        }
        self.ensure(1)?;
        if !self.is_blankz(0) {
            return self.fail(start, "did not find expected whitespace or line break");
        }
        Ok(Token { kind: TokenKind::Tag { handle, suffix }, start, end: self.mark })
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Scan<Vec<u8>> {
        self.ensure(1)?;
        if self.byte(0) != b'!' {
            return self.fail(start, "did not find expected '!'");
        }
        let mut handle = Vec::new();
        self.read(&mut handle);
        self.ensure(1)?;
        while is_alpha(self.byte(0)) {
            self.read(&mut handle);
            self.ensure(1)?;
        }
        if self.byte(0) == b'!' {
            self.read(&mut handle);
        } else if directive && handle != b"!" {
            return self.fail(start, "did not find expected '!'");
        }
        Ok(handle)
    }

    fn scan_tag_uri(&mut self, head: &[u8], start: Mark, uri: &mut Vec<u8>) -> Scan {
        let mut found = !head.is_empty();
        uri.extend_from_slice(head.get(1..).unwrap_or_default());
        self.ensure(1)?;
        while is_uri(self.byte(0)) {
            if self.byte(0) == b'%' {
                self.scan_uri_escapes(start, uri)?;
            } else {
                self.read(uri);
            }
            self.ensure(1)?;
            found = true;
        }
        if found { Ok(()) } else { self.fail(start, "did not find expected tag URI") }
    }

    /// Decodes the escaped octets of one character.
    fn scan_uri_escapes(&mut self, start: Mark, uri: &mut Vec<u8>) -> Scan {
        let mut expected = 0;
        let mut first = true;
        while first || expected > 0 {
            self.ensure(3)?;
            let digit = |at| char::from(self.byte(at)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.byte(0), digit(1), digit(2)) else {
                return self.fail(start, "did not find URI escaped octet");
            };
            // Two hexadecimal digits make one octet.
            let octet = u8::try_from(high * 16 + low).unwrap_or_default();
            if first {
                expected = match octet {
                    0..=0x7F => 1,
                    0xC0..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    0xF0..=0xF7 => 4,
                    _ => return self.fail(start, "found an incorrect leading UTF-8 octet"),
                };
                first = false;
            } else if octet & 0xC0 != 0x80 {
                return self.fail(start, "found an incorrect trailing UTF-8 octet");
            }
            uri.push(octet);
            self.skip_many(3);
            expected -= 1;
        }
        Ok(())
    }

    pub(super) fn scan_directive(&mut self) -> Scan<Token> {
        let start = self.mark;
        self.skip();
        self.ensure(1)?;
        let mut name = Vec::new();
        while is_alpha(self.byte(0)) {
            self.read(&mut name);
            self.ensure(1)?;
        }
        if name.is_empty() {
            return self.fail(start, "could not find expected directive name");
        }
        if !self.is_blankz(0) {
            return self.fail(start, "found unexpected non-alphabetical character");
        }
        let kind = match name.as_slice() {
            b"YAML" => {
                self.skip_blanks()?;
                let major = self.scan_version_number(start)?;
                if self.byte(0) != b'.' {
                    return self.fail(start, "did not find expected digit or '.' character");
                }
                self.skip();
                let minor = self.scan_version_number(start)?;
                TokenKind::VersionDirective { major, minor }
            }
            b"TAG" => {
                self.skip_blanks()?;
                let handle = self.scan_tag_handle(true, start)?;
                self.ensure(1)?;
                if !is_blank(self.byte(0)) {
                    return self.fail(start, "did not find expected whitespace");
                }
                self.skip_blanks()?;
                let mut prefix = Vec::new();
                self.scan_tag_uri(b"", start, &mut prefix)?;
                self.ensure(1)?;
                if !self.is_blankz(0) {
                    return self.fail(start, "did not find expected whitespace or line break");
                }
                TokenKind::TagDirective { handle, prefix }
            }
            _ => return self.fail(start, "found unknown directive name"),
        };
        let end = self.mark;
        self.skip_blanks()?;
        if self.byte(0) == b'#' {
            self.skip_to_line_end()?;
        }
        self.expect_line_end(start)?;
        Ok(Token { kind, start, end })
    }

    fn scan_version_number(&mut self, start: Mark) -> Scan<u8> {
        self.ensure(1)?;
        let mut value = 0;
        let mut length = 0;
        while self.byte(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return self.fail(start, "found extremely long version number");
            }
            value = value * 10 + (self.byte(0) - b'0');
            self.skip();
            self.ensure(1)?;
        }
        if length == 0 {
            return self.fail(start, "did not find expected version number");
        }
        Ok(value)
    }

    /// The end of a directive or of the header of a block scalar.
    pub(super) fn expect_line_end(&mut self, start: Mark) -> Scan {
        if !self.is_breakz(0) {
            return self.fail(start, "did not find expected comment or line break");
        }
        if self.is_break(0) {
            self.ensure(2)?;
            self.skip_line();
        }
        Ok(())
    }

    /// Steps over a comment in the header of a block scalar.
    pub(super) fn skip_header_comment(&mut self, start: Mark) -> Scan {
        if self.byte(0) == b'#' {
            if self.version == Version::V3 {
                self.scan_line_comment(start)?;
            }
            self.skip_to_line_end()?;
        }
        Ok(())
    }
}
