//! The tokens of Jsonnet.
//!
//! Enough of a lexer to see what a file imports, how deep it nests and where expressions begin.
//! It accepts more than Jsonnet does: telling what is wrong with a file is the evaluator's part,
//! so an unterminated string or an unknown character simply ends the tokens.
//!
//! Invariant: tokens are in order, do not overlap, and have their bounds on character boundaries.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A string of any form.
    String,
    /// An operator, `$` included; `:` and its relatives too.
    Operator,
    /// One of `{ [ (`.
    Open,
    /// One of `} ] )`.
    Close,
    /// A comma.
    Comma,
    /// A semicolon.
    Semicolon,
    /// A dot.
    Dot,
    /// A comment from `/*` to `*/`.
    BlockComment,
}

/// A token: `start..end` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Iterates over the tokens of a text. Comments to the end of the line are dropped.
pub(crate) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    failed: bool,
    /// Where the operator characters around the last operator end, and where the prefix operators
    /// among them begin.
    run_end: usize,
    run_tail: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, failed: false, run_end: 0, run_tail: 0 }
    }

    /// Whether the tokens ended before the text did.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    fn number(&mut self) {
        let digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
        self.skip_while(digit);
        if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
            self.skip_while(digit);
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self.peek(1 + sign).is_some_and(|next| next.is_ascii_digit()) {
                self.at += 1 + sign;
                self.skip_while(digit);
            }
        }
    }

    /// Skips to behind the closing quote. False when there is none.
    fn quoted(&mut self, quote: u8) -> bool {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == quote {
                return true;
            }
            if byte == b'\\' {
                self.at += 1;
            }
        }
        self.at = self.text.len();
        false
    }

    fn verbatim(&mut self, quote: u8) -> bool {
        self.at += 2;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == quote {
                if self.peek(0) != Some(quote) {
                    return true;
                }
                self.at += 1;
            }
        }
        false
    }

    /// A text block: behind the newline after `|||`, the indentation of the first line that is not
    /// empty belongs to none of the lines; the first line that does not have it ends the block.
    fn text_block(&mut self) -> bool {
        self.at += 3;
        if self.peek(0) == Some(b'-') {
            self.at += 1;
        }
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        if self.peek(0) != Some(b'\n') {
            return false;
        }
        self.at += 1;
        while self.peek(0) == Some(b'\n') || self.rest().starts_with(b"\r\n") {
            self.at += 1;
        }
        let start = self.at;
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        let indent = &self.text[start..self.at];
        if indent.is_empty() {
            return false;
        }
        loop {
            match self.rest().iter().position(|&byte| byte == b'\n') {
                Some(newline) => self.at += newline + 1,
                None => return false,
            }
            while self.peek(0) == Some(b'\n') || self.rest().starts_with(b"\r\n") {
                self.at += 1;
            }
            if !self.rest().starts_with(indent) {
                break;
            }
        }
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        if !self.rest().starts_with(b"|||") {
            return false;
        }
        self.at += 3;
        true
    }

    fn operator(&mut self) {
        let start = self.at;
        if start >= self.run_end {
            self.operator_run();
        }
        self.at = self.run_tail.max(start + 1);
    }

    /// Finds the end of a run of operator characters, and the prefix operators at its end, each of
    /// which belongs to what follows: `a == -1`, `a:: $.b`.
    fn operator_run(&mut self) {
        let start = self.at;
        let mut end = start;
        while self.text.get(end).is_some_and(|&byte| is_operator(byte)) {
            let rest = &self.text[end..];
            let other =
                rest.starts_with(b"//") || rest.starts_with(b"/*") || rest.starts_with(b"|||");
            if end > start && other {
                break;
            }
            end += 1;
        }
        self.run_end = end;
        let prefix = |byte: &&u8| matches!(byte, b'+' | b'-' | b'~' | b'!' | b'$');
        let tail = self.text[start..end].iter().rev().take_while(prefix).count();
        self.run_tail = end - tail;
    }
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'$'
            | b':'
            | b'~'
            | b'+'
            | b'-'
            | b'&'
            | b'|'
            | b'^'
            | b'='
            | b'<'
            | b'>'
            | b'*'
            | b'/'
            | b'%'
    )
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            let first = self.peek(0)?;
            let start = self.at;
            let comment = first == b'#' || self.rest().starts_with(b"//");
            if comment {
                self.skip_while(|byte| byte != b'\n');
                continue;
            }
            let mut whole = true;
            let kind = match first {
                b'/' if self.peek(1) == Some(b'*') => {
                    let end = self.rest()[2..].windows(2).position(|pair| pair == b"*/");
                    self.at = end.map_or(self.text.len(), |end| start + 2 + end + 2);
                    whole = end.is_some();
                    TokenKind::BlockComment
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    TokenKind::Word
                }
                b'0'..=b'9' => {
                    self.number();
                    TokenKind::Number
                }
                b'"' | b'\'' => {
                    whole = self.quoted(first);
                    TokenKind::String
                }
                b'@' if matches!(self.peek(1), Some(b'"' | b'\'')) => {
                    let quote = self.text[self.at + 1];
                    whole = self.verbatim(quote);
                    TokenKind::String
                }
                b'|' if self.rest().starts_with(b"|||") => {
                    whole = self.text_block();
                    TokenKind::String
                }
                b'{' | b'[' | b'(' => {
                    self.at += 1;
                    TokenKind::Open
                }
                b'}' | b']' | b')' => {
                    self.at += 1;
                    TokenKind::Close
                }
                b',' => {
                    self.at += 1;
                    TokenKind::Comma
                }
                b';' => {
                    self.at += 1;
                    TokenKind::Semicolon
                }
                b'.' => {
                    self.at += 1;
                    TokenKind::Dot
                }
                b'$' => {
                    self.at += 1;
                    TokenKind::Operator
                }
                byte if is_operator(byte) => {
                    self.operator();
                    TokenKind::Operator
                }
                _ => {
                    whole = false;
                    TokenKind::Operator
                }
            };
            if !whole {
                self.failed = true;
                self.at = self.text.len();
                return None;
            }
            return Some(Token { kind, start, end: self.at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        Lexer::new(text).map(|token| &text[token.start..token.end]).collect()
    }

    #[test]
    fn splits_what_jsonnet_splits() {
        for (text, expected) in [
            ("a.b", vec!["a", ".", "b"]),
            ("x == -1", vec!["x", "==", "-", "1"]),
            ("x ==-1", vec!["x", "==", "-", "1"]),
            ("{a+:: $.b}", vec!["{", "a", "+::", "$", ".", "b", "}"]),
            ("{a::$.b}", vec!["{", "a", "::", "$", ".", "b", "}"]),
            ("1.5e-3+2_000", vec!["1.5e-3", "+", "2_000"]),
            ("a // b\n# c\n/* d */ e", vec!["a", "/* d */", "e"]),
            ("'it\\'s' \"a\\\\\"", vec!["'it\\'s'", "\"a\\\\\""]),
            ("@'a''b\\' @\"c\"", vec!["@'a''b\\'", "@\"c\""]),
            ("a*/**/b", vec!["a", "*", "/**/", "b"]),
            ("a!=b", vec!["a", "!=", "b"]),
            ("!!a", vec!["!", "!", "a"]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn text_blocks_end_at_their_indentation() {
        let text = "|||\n  a ||| b\n\n    c\n  |||\n d\n|||";
        let mut lexer = Lexer::new(text);
        assert!(lexer.next().is_none());
        assert!(lexer.failed());
        let text = "local x = |||\n  a ||| b\n\n    c\n ||| ; x";
        assert_eq!(tokens(text).last(), Some(&"x"));
        assert_eq!(tokens("|||-\n\n\ta\n|||").len(), 1);
    }

    #[test]
    fn what_is_cut_off_fails() {
        for text in ["'a", "@\"a", "|||\n a\n", "/* a", "a ? b", "|||x", "'a\\"] {
            let mut lexer = Lexer::new(text);
            while lexer.next().is_some() {}
            assert!(lexer.failed(), "{text}");
        }
    }
}
