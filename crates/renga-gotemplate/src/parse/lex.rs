//! The scanner: template text to items.
//!
//! Works on bytes and decodes runes where Go does, so that invalid UTF-8 passes through text
//! untouched. Error items carry Go's words.

use std::fmt::Write as _;

use crate::text::{quote, rune};

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    fn is_keyword(self) -> bool {
        matches!(
            self,
            Kind::Block
                | Kind::Break
                | Kind::Continue
                | Kind::Dot
                | Kind::Define
                | Kind::Else
                | Kind::End
                | Kind::If
                | Kind::Nil
                | Kind::Range
                | Kind::Template
                | Kind::With
        )
    }

    fn keyword(word: &[u8]) -> Option<Kind> {
        Some(match word {
            b"block" => Kind::Block,
            b"break" => Kind::Break,
            b"continue" => Kind::Continue,
            b"define" => Kind::Define,
            b"else" => Kind::Else,
            b"end" => Kind::End,
            b"if" => Kind::If,
            b"nil" => Kind::Nil,
            b"range" => Kind::Range,
            b"template" => Kind::Template,
            b"with" => Kind::With,
            _ => return None,
        })
    }
}

/// One item of the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) pos: usize,
    pub(crate) end: usize,
    pub(crate) line: u32,
    /// Which of the scanner's messages an error item has.
    message: u32,
}

impl Item {
    pub(crate) fn none() -> Item {
        Item { kind: Kind::Error, pos: 0, end: 0, line: 0, message: u32::MAX }
    }
}

/// What a scanning step asks for next.
enum Step {
    Emit(Item),
    Text,
    LeftDelim,
    Comment,
    RightDelim,
    Inside,
}

/// The state of the scanner.
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    input: &'t [u8],
    left: &'t [u8],
    right: &'t [u8],
    pos: usize,
    start: usize,
    at_eof: bool,
    paren_depth: usize,
    line: u32,
    start_line: u32,
    inside: bool,
    /// The messages of error items.
    messages: Vec<String>,
    pub(crate) break_ok: bool,
    pub(crate) continue_ok: bool,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_alphanumeric(unit: Option<char>) -> bool {
    unit.is_some_and(|rune| rune == '_' || rune::is_letter(rune) || rune::is_digit(rune))
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', next, ..] if is_space(*next))
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [first, b'-', ..] if is_space(*first))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let Some(&first) = needle.first() else { return Some(0) };
    memchr::memchr_iter(first, haystack).find(|&at| begins(&haystack[at..], needle))
}

/// Whether `text` begins with `start`; mostly the first byte tells.
fn begins(text: &[u8], start: &[u8]) -> bool {
    text.first() == start.first() && text.starts_with(start)
}

fn newlines(text: &[u8]) -> u32 {
    /// Up to here looking at each byte is quicker than to begin to look at many.
    const SHORT: usize = 32;
    if text.len() <= SHORT {
        return text.iter().map(|&byte| u32::from(byte == b'\n')).sum();
    }
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t [u8], left: &'t [u8], right: &'t [u8]) -> Self {
        Lexer {
            text,
            input: text,
            left,
            right,
            pos: 0,
            start: 0,
            at_eof: false,
            paren_depth: 0,
            line: 1,
            start_line: 1,
            inside: false,
            messages: Vec::new(),
            break_ok: true,
            continue_ok: true,
        }
    }

    /// The text of an item that is no error.
    pub(crate) fn slice(&self, item: &Item) -> &'t [u8] {
        &self.text[item.pos..item.end]
    }

    /// The item as Go shows it in messages.
    pub(crate) fn show(&self, item: &Item) -> String {
        let value = self.slice(item);
        if item.kind == Kind::Eof {
            "EOF".to_owned()
        } else if item.kind == Kind::Error {
            self.messages.get(item.message as usize).cloned().unwrap_or_default()
        } else if item.kind.is_keyword() {
            format!("<{}>", String::from_utf8_lossy(value))
        } else if value.len() > 10 {
            let end = rune::runes(value).nth(10).map_or(value.len(), |(at, _, _)| at);
            format!("{}...", quote::quoted(&value[..end]))
        } else {
            quote::quoted(value)
        }
    }

    pub(crate) fn next_item(&mut self) -> Item {
        let mut step = if self.inside { Step::Inside } else { Step::Text };
        loop {
            step = match step {
                Step::Emit(item) => return item,
                Step::Text => self.lex_text(),
                Step::LeftDelim => self.lex_left_delim(),
                Step::Comment => self.lex_comment(),
                Step::RightDelim => self.lex_right_delim(),
                Step::Inside => self.lex_inside(),
            };
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let Some(&first) = self.input.get(self.pos) else {
            self.at_eof = true;
            return None;
        };
        if first.is_ascii() {
            self.pos += 1;
            self.line += u32::from(first == b'\n');
            return Some(char::from(first));
        }
        let (rune, width) = rune::decode(self.rest());
        self.pos += width;
        Some(rune)
    }

    fn backup(&mut self) {
        if !self.at_eof && self.pos > 0 {
            let (rune, width) = rune::decode_last(&self.input[..self.pos]);
            self.pos -= width;
            if rune == '\n' {
                self.line -= 1;
            }
        }
    }

    fn peek(&mut self) -> Option<char> {
        match self.rest() {
            [] => {
                self.at_eof = true;
                None
            }
            rest => Some(rune::decode(rest).0),
        }
    }

    /// Steps over the letters, digits and underscores that are next, as far as they are ASCII.
    fn skip_word(&mut self) {
        let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        self.pos += self.rest().iter().take_while(is_word).count();
    }

    /// Steps over letters, digits and underscores; returns what comes after them.
    fn scan_word(&mut self) -> Option<char> {
        self.skip_word();
        match self.rest().first() {
            // All ASCII letters and digits are behind.
            Some(&byte) if byte.is_ascii() => Some(char::from(byte)),
            _ => {
                let mut stopped = self.next();
                while is_alphanumeric(stopped) {
                    stopped = self.next();
                }
                self.backup();
                stopped
            }
        }
    }

    fn this_item(&mut self, kind: Kind) -> Item {
        let item =
            Item { kind, pos: self.start, end: self.pos, line: self.start_line, message: u32::MAX };
        self.start = self.pos;
        self.start_line = self.line;
        item
    }

    fn emit(&mut self, kind: Kind) -> Step {
        Step::Emit(self.this_item(kind))
    }

    fn ignore(&mut self) {
        self.line += newlines(&self.input[self.start..self.pos]);
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn accept(&mut self, valid: &str) -> bool {
        if self.next().is_some_and(|rune| valid.contains(rune)) {
            return true;
        }
        self.backup();
        false
    }

    fn accept_run(&mut self, valid: &str) {
        while self.next().is_some_and(|rune| valid.contains(rune)) {}
        self.backup();
    }

    fn error(&mut self, message: String) -> Step {
        let item = Item {
            kind: Kind::Error,
            pos: self.start,
            end: self.start,
            line: self.start_line,
            message: u32::try_from(self.messages.len()).unwrap_or(u32::MAX),
        };
        self.messages.push(message);
        self.start = 0;
        self.pos = 0;
        self.input = &[];
        Step::Emit(item)
    }

    fn lex_text(&mut self) -> Step {
        if let Some(offset) = find(self.rest(), self.left) {
            if offset > 0 {
                self.pos += offset;
                let after = &self.input[self.pos + self.left.len()..];
                let mut trim = 0;
                if has_left_trim_marker(after) {
                    let text = &self.input[self.start..self.pos];
                    trim = text.iter().rev().take_while(|&&byte| is_space(byte)).count();
                }
                self.pos -= trim;
                self.line += newlines(&self.input[self.start..self.pos]);
                let item = self.this_item(Kind::Text);
                self.pos += trim;
                self.ignore();
                if item.end > item.pos {
                    return Step::Emit(item);
                }
            }
            return Step::LeftDelim;
        }
        self.pos = self.input.len();
        if self.pos > self.start {
            self.line += newlines(&self.input[self.start..self.pos]);
            return self.emit(Kind::Text);
        }
        self.emit(Kind::Eof)
    }

    /// Whether a right delimiter is next, and whether a trim marker stands before it.
    fn at_right_delim(&self) -> (bool, bool) {
        let rest = self.rest();
        if has_right_trim_marker(rest) && begins(&rest[2..], self.right) {
            return (true, true);
        }
        (begins(rest, self.right), false)
    }

    fn skip_leading_space(&mut self) {
        self.pos += self.rest().iter().take_while(|&&byte| is_space(byte)).count();
    }

    fn lex_left_delim(&mut self) -> Step {
        self.pos += self.left.len();
        let marker = if has_left_trim_marker(self.rest()) { 2 } else { 0 };
        if self.rest()[marker..].starts_with(b"/*") {
            self.pos += marker;
            self.ignore();
            return Step::Comment;
        }
        let item = self.this_item(Kind::LeftDelim);
        self.inside = true;
        self.pos += marker;
        self.ignore();
        self.paren_depth = 0;
        Step::Emit(item)
    }

    fn lex_comment(&mut self) -> Step {
        self.pos += 2;
        let Some(end) = find(self.rest(), b"*/") else {
            return self.error("unclosed comment".to_owned());
        };
        self.pos += end + 2;
        let (delim, trim) = self.at_right_delim();
        if !delim {
            return self.error("comment ends before closing delimiter".to_owned());
        }
        self.line += newlines(&self.input[self.start..self.pos]);
        self.this_item(Kind::Text);
        if trim {
            self.pos += 2;
        }
        self.pos += self.right.len();
        if trim {
            self.skip_leading_space();
        }
        self.ignore();
        Step::Text
    }

    fn lex_right_delim(&mut self) -> Step {
        let (_, trim) = self.at_right_delim();
        if trim {
            self.pos += 2;
            self.ignore();
        }
        self.pos += self.right.len();
        let item = self.this_item(Kind::RightDelim);
        if trim {
            self.skip_leading_space();
            self.ignore();
        }
        self.inside = false;
        Step::Emit(item)
    }

    fn lex_inside(&mut self) -> Step {
        if self.at_right_delim().0 {
            if self.paren_depth == 0 {
                return Step::RightDelim;
            }
            return self.error("unclosed left paren".to_owned());
        }
        if self.rest().first().is_some_and(|&byte| is_space(byte)) {
            return self.lex_space();
        }
        let Some(rune) = self.next() else { return self.error("unclosed action".to_owned()) };
        match rune {
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.error("expected :=".to_owned());
                }
                self.emit(Kind::Declare)
            }
            '|' => self.emit(Kind::Pipe),
            '"' => self.lex_delimited(b'"', Kind::String, "unterminated quoted string"),
            '`' => match memchr::memchr(b'`', self.rest()) {
                None => self.error("unterminated raw quoted string".to_owned()),
                Some(at) => {
                    self.line += newlines(&self.rest()[..at]);
                    self.pos += at + 1;
                    self.emit(Kind::RawString)
                }
            },
            '$' => self.lex_field_or_variable(Kind::Variable),
            '\'' => {
                self.lex_delimited(b'\'', Kind::CharConstant, "unterminated character constant")
            }
            '.' => match self.rest().first() {
                Some(byte) if !byte.is_ascii_digit() => self.lex_field_or_variable(Kind::Field),
                _ => {
                    self.backup();
                    self.lex_number()
                }
            },
            '+' | '-' | '0'..='9' => {
                self.backup();
                self.lex_number()
            }
            _ if is_alphanumeric(Some(rune)) => {
                self.backup();
                self.lex_identifier()
            }
            '(' => {
                self.paren_depth += 1;
                self.emit(Kind::LeftParen)
            }
            ')' => {
                if self.paren_depth == 0 {
                    return self.error("unexpected right paren".to_owned());
                }
                self.paren_depth -= 1;
                self.emit(Kind::RightParen)
            }
            '!'..='~' => self.emit(Kind::Char),
            _ => self.error(format!("unrecognized character in action: {}", show_rune(Some(rune)))),
        }
    }

    fn lex_space(&mut self) -> Step {
        let count = self.rest().iter().take_while(|&&byte| is_space(byte)).count();
        self.line += newlines(&self.rest()[..count]);
        self.pos += count;
        let last = &self.input[self.pos - 1..];
        if has_right_trim_marker(last) && begins(&last[2..], self.right) {
            self.backup();
            if count == 1 {
                return Step::RightDelim;
            }
        }
        self.emit(Kind::Space)
    }

    fn lex_identifier(&mut self) -> Step {
        let stopped = self.scan_word();
        let word = &self.input[self.start..self.pos];
        if !self.at_terminator() {
            return self.error(format!("bad character {}", show_rune(stopped)));
        }
        match Kind::keyword(word) {
            Some(Kind::Break) if !self.break_ok => self.emit(Kind::Identifier),
            Some(Kind::Continue) if !self.continue_ok => self.emit(Kind::Identifier),
            Some(kind) => self.emit(kind),
            None if word == b"true" || word == b"false" => self.emit(Kind::Bool),
            None => self.emit(Kind::Identifier),
        }
    }

    fn lex_field_or_variable(&mut self, kind: Kind) -> Step {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Variable { kind } else { Kind::Dot });
        }
        let stopped = self.scan_word();
        if !self.at_terminator() {
            return self.error(format!("bad character {}", show_rune(stopped)));
        }
        self.emit(kind)
    }

    fn at_terminator(&mut self) -> bool {
        match self.rest().first() {
            None => {
                self.at_eof = true;
                true
            }
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            Some(_) => begins(self.rest(), self.right),
        }
    }

    fn lex_delimited(&mut self, close: u8, kind: Kind, message: &str) -> Step {
        loop {
            let Some(at) = memchr::memchr3(close, b'\\', b'\n', self.rest()) else {
                return self.error(message.to_owned());
            };
            self.pos += at + 1;
            match self.input[self.pos - 1] {
                b'\\' => {
                    if matches!(self.next(), None | Some('\n')) {
                        return self.error(message.to_owned());
                    }
                }
                b'\n' => return self.error(message.to_owned()),
                _ => return self.emit(kind),
            }
        }
    }

    fn lex_number(&mut self) -> Step {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || self.input.get(self.pos.wrapping_sub(1)) != Some(&b'i') {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Step {
        let shown = quote::quoted(&self.input[self.start..self.pos]);
        self.error(format!("bad number syntax: {shown}"))
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if digits.len() == 11 && self.accept("eE") || digits.len() == 23 && self.accept("pP") {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if is_alphanumeric(self.peek()) {
            self.next();
            return false;
        }
        true
    }
}

/// A rune as the verb `%#U` writes it; the end of input is Go's rune -1.
fn show_rune(rune: Option<char>) -> String {
    let Some(rune) = rune else { return "U+FFFFFFFFFFFFFFFF".to_owned() };
    let mut shown = format!("U+{:04X}", rune as u32);
    if rune::is_print(rune) {
        let _ = write!(shown, " '{rune}'");
    }
    shown
}
