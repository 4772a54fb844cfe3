//! Characters to tokens.
//!
//! The structure is libyaml's as both Go ports keep it: a queue of tokens that waits while a
//! token at its head may turn out to be a mapping key, one candidate key per flow level, a stack
//! of indentation columns. Which malformed texts pass, which line an error names and which error
//! comes first all follow from that structure, peculiarities included, so it is kept.
//! The shapes of scalars are read in [`super::scalars`], tags, anchors and directives in
//! [`super::properties`]; version 3 also keeps comments, in [`super::comments`], which moves some
//! tokens.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::comments::Comments;
use super::failure::{Failure, Layer, Mark};
use super::input::Input;
use crate::resolve::Version;

/// How many flow collections, and how many indented blocks, may be open at once.
const MAX_OPEN: usize = 10_000;

/// How far, in characters, the `:` of a simple key may be from its start.
const MAX_SIMPLE_KEY: isize = 1024;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    Plain,
    Quoted,
    Block,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamStart,
    StreamEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective { handle: Vec<u8>, prefix: Vec<u8> },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(Vec<u8>),
    Anchor(Vec<u8>),
    Tag { handle: Vec<u8>, suffix: Vec<u8> },
    Scalar { value: Vec<u8>, style: ScalarStyle },
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

/// The state of the scan.
pub(super) struct Scanner {
    pub(super) version: Version,
    input: Input,
    pos: usize,
    pub(super) mark: Mark,
    /// Line breaks since the last character that was neither blank nor a break.
    pub(super) newlines: usize,
    pub(super) tokens: VecDeque<Token>,
    tokens_parsed: usize,
    token_available: bool,
    stream_started: bool,
    pub(super) flow_level: usize,
    /// The column of the innermost block; -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
    /// Which candidate key belongs to which token. Entries may be stale, as in the libraries.
    simple_keys_by_token: FxHashMap<usize, usize>,
    pub(super) comments: Comments,
}

pub(super) type Scan<T = ()> = Result<T, Failure>;

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_alpha(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn width(byte: u8) -> usize {
    match byte {
        0..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

impl Scanner {
    pub(super) fn new(text: &[u8], version: Version) -> Self {
        Self {
            version,
            input: Input::decode(text),
            pos: 0,
            mark: Mark::default(),
            newlines: 0,
            tokens: VecDeque::new(),
            tokens_parsed: 0,
            token_available: false,
            stream_started: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: false,
            simple_keys: Vec::new(),
            simple_keys_by_token: FxHashMap::default(),
            comments: Comments::default(),
        }
    }

    // Looking at and stepping over characters.

    /// The byte at an offset from the current position; zero at the end of the text.
    pub(super) fn byte(&self, offset: usize) -> u8 {
        self.input.bytes.get(self.pos + offset).copied().unwrap_or(0)
    }

    /// The text from the current position on.
    pub(super) fn rest(&self) -> &[u8] {
        self.input.bytes.get(self.pos..self.input.len()).unwrap_or_default()
    }

    /// Notices a forbidden byte within the next `characters`.
    pub(super) fn ensure(&self, characters: usize) -> Scan {
        match self.input.problem {
            Some(problem) if self.has_fewer_than(characters) => Err(Failure {
                layer: Layer::Reader,
                problem: problem.to_owned(),
                context: Mark::default(),
                at: Mark::default(),
            }),
            _ => Ok(()),
        }
    }

    fn has_fewer_than(&self, characters: usize) -> bool {
        let rest = self.rest();
        rest.len() < characters * 4
            && rest.iter().filter(|&&b| b & 0xC0 != 0x80).take(characters).count() < characters
    }

    pub(super) fn at_end(&self) -> bool {
        self.byte(0) == 0
    }

    /// The width of the line break at an offset; zero if there is none.
    pub(super) fn break_width(&self, offset: usize) -> usize {
        match self.byte(offset) {
            b'\r' if self.byte(offset + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xC2 if self.byte(offset + 1) == 0x85 => 2,
            0xE2 if self.byte(offset + 1) == 0x80
                && matches!(self.byte(offset + 2), 0xA8 | 0xA9) =>
            {
                3
            }
            _ => 0,
        }
    }

    pub(super) fn is_break(&self, offset: usize) -> bool {
        self.break_width(offset) != 0
    }

    /// A line break or the end of the text.
    pub(super) fn is_breakz(&self, offset: usize) -> bool {
        self.byte(offset) == 0 || self.is_break(offset)
    }

    /// A blank, a line break or the end of the text.
    pub(super) fn is_blankz(&self, offset: usize) -> bool {
        is_blank(self.byte(offset)) || self.is_breakz(offset)
    }

    fn is_byte_order_mark(&self) -> bool {
        // The libraries look at the start of their buffer rather than at the current position.
        self.pos == 0 && self.input.bytes.starts_with(&[0xEF, 0xBB, 0xBF])
    }

    /// Steps over a character.
    pub(super) fn skip(&mut self) {
        let byte = self.byte(0);
        if !is_blank(byte) {
            self.newlines = 0;
        }
        self.mark.index += 1;
        self.mark.column += 1;
        self.pos += width(byte);
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    /// Steps over a line break.
    pub(super) fn skip_line(&mut self) {
        let width = self.break_width(0);
        if width == 0 {
            return;
        }
        self.mark.index += if self.byte(0) == b'\r' && width == 2 { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
        self.newlines += 1;
        self.pos += width;
    }

    /// Copies a character.
    pub(super) fn read(&mut self, into: &mut Vec<u8>) {
        let start = self.pos;
        self.skip();
        into.extend_from_slice(self.input.bytes.get(start..self.pos).unwrap_or_default());
    }

    /// Copies `count` ASCII characters, none of them blank.
    pub(super) fn read_ascii(&mut self, count: usize, into: &mut Vec<u8>) {
        if count == 0 {
            return;
        }
        into.extend_from_slice(&self.rest()[..count]);
        self.newlines = 0;
        // Texts are far shorter than the largest signed number.
        self.mark.index += count.cast_signed();
        self.mark.column += count;
        self.pos += count;
    }

    /// Copies a line break, all kinds but the separators of Unicode as a line feed.
    pub(super) fn read_line(&mut self, into: &mut Vec<u8>) {
        let start = self.pos;
        self.skip_line();
        if self.pos - start == 3 {
            into.extend_from_slice(&self.input.bytes[start..self.pos]);
        } else if self.pos > start {
            into.push(b'\n');
        }
    }

    pub(super) fn fail<T>(&self, context: Mark, problem: impl Into<String>) -> Scan<T> {
        Err(Failure { layer: Layer::Scanner, problem: problem.into(), context, at: self.mark })
    }

    // The queue.

    /// The next token.
    pub(super) fn peek(&mut self) -> Scan<&Token> {
        if !self.token_available {
            self.fetch_more_tokens()?;
        }
        if self.version == Version::V3
            && let Some(token) = self.tokens.front()
        {
            self.comments.unfold(token);
        }
        let mark = self.mark;
        // Fetching leaves at least one token.
        self.tokens.front().ok_or_else(|| Failure {
            layer: Layer::Scanner,
            problem: "unknown problem parsing YAML content".to_owned(),
            context: mark,
            at: mark,
        })
    }

    /// Takes the token that [`Self::peek`] showed.
    pub(super) fn take(&mut self) -> Option<Token> {
        self.token_available = false;
        self.tokens_parsed += 1;
        self.tokens.pop_front()
    }

    fn fetch_more_tokens(&mut self) -> Scan {
        // Version 3 reads two tokens ahead to place comments.
        let ahead = match self.version {
            Version::V2 => 0,
            Version::V3 => 2,
        };
        loop {
            if self.tokens.len() > ahead {
                match self.simple_keys_by_token.get(&self.tokens_parsed).copied() {
                    None => break,
                    Some(key) if key >= self.simple_keys.len() => break,
                    Some(key) if !self.is_valid_key(key)? => break,
                    Some(_) => {}
                }
            }
            self.fetch_next_token()?;
        }
        self.token_available = true;
        Ok(())
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.mark });
    }

    /// Inserts a token before one that is still in the queue, or at the end if that one is gone.
    fn insert(&mut self, number: usize, token: Token) {
        match number.checked_sub(self.tokens_parsed) {
            Some(at) if at <= self.tokens.len() => self.tokens.insert(at, token),
            _ => self.tokens.push_back(token),
        }
    }

    fn fetch_next_token(&mut self) -> Scan {
        self.ensure(1)?;
        if !self.stream_started {
            self.stream_started = true;
            self.simple_keys.push(SimpleKey::default());
            self.simple_key_allowed = true;
            self.push(TokenKind::StreamStart, self.mark);
            return Ok(());
        }
        let scan_mark = self.mark;
        self.scan_to_next_token()?;
        self.unroll_indent(self.mark.column.cast_signed(), scan_mark);
        self.ensure(4)?;

        let comment_mark = match self.tokens.back() {
            Some(last)
                if self.flow_level == 0 && self.byte(0) == b':'
                    || self.flow_level > 0 && self.byte(0) == b',' =>
            {
                last.start
            }
            _ => self.mark,
        };
        if self.at_end() {
            return self.fetch_stream_end();
        }
        if self.mark.column == 0 && self.byte(0) == b'%' {
            // Version 3 attaches no comments to directives.
            return self.fetch_directive();
        }
        self.fetch_content()?;
        if self.version == Version::V3
            && !matches!(self.tokens.back(), Some(Token { kind: TokenKind::BlockEntry, .. }))
        {
            self.scan_line_comment(comment_mark)?;
        }
        Ok(())
    }

    fn fetch_content(&mut self) -> Scan {
        if self.is_document_indicator(b'-') {
            return self.fetch_document_indicator(TokenKind::DocumentStart);
        }
        if self.is_document_indicator(b'.') {
            return self.fetch_document_indicator(TokenKind::DocumentEnd);
        }
        let in_flow = self.flow_level > 0;
        let byte = self.byte(0);
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.is_blankz(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.is_blankz(1) => self.fetch_key(),
            b':' if in_flow || self.is_blankz(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_anchor()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'!' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_tag()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'|' | b'>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block_scalar(byte == b'|')?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_quoted_scalar(byte == b'\'')?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b' ' | b'\t' => {
                self.fail(self.mark, CANNOT_START)
            }
            _ => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_plain_scalar()?;
                self.tokens.push_back(token);
                Ok(())
            }
        }
    }

    /// Whether the line begins with three of these and a blank.
    pub(super) fn is_document_indicator(&self, byte: u8) -> bool {
        self.mark.column == 0
            && self.byte(0) == byte
            && self.byte(1) == byte
            && self.byte(2) == byte
            && self.is_blankz(3)
    }

    // Candidate keys.

    fn is_valid_key(&mut self, key: usize) -> Scan<bool> {
        let SimpleKey { possible, required, mark, .. } = self.simple_keys[key];
        if !possible {
            return Ok(false);
        }
        if mark.line < self.mark.line || mark.index + MAX_SIMPLE_KEY < self.mark.index {
            if required {
                return self.fail(mark, KEY_WITHOUT_VALUE);
            }
            self.simple_keys[key].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Scan {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_simple_key()?;
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == self.mark.column.cast_signed(),
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark,
        };
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        self.simple_keys_by_token.insert(key.token_number, self.simple_keys.len() - 1);
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scan {
        let Some(key) = self.simple_keys.last_mut() else { return Ok(()) };
        if key.possible {
            let SimpleKey { required, mark, token_number, .. } = *key;
            if required {
                return self.fail(mark, KEY_WITHOUT_VALUE);
            }
            key.possible = false;
            self.simple_keys_by_token.remove(&token_number);
        }
        Ok(())
    }

    // Indentation.

    fn roll_indent(&mut self, mark: Mark, number: Option<usize>, kind: TokenKind) -> Scan {
        let column = mark.column.cast_signed();
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_OPEN {
            let context = self.simple_keys.last().map_or(self.mark, |key| key.mark);
            return self.fail(context, format!("exceeded max depth of {MAX_OPEN}"));
        }
        let token = Token { kind, start: mark, end: mark };
        match number {
            Some(number) => self.insert(number, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize, scan_mark: Mark) {
        if self.flow_level > 0 {
            return;
        }
        let mut block_mark = scan_mark;
        block_mark.index -= 1;
        while self.indent > column {
            let mark = match self.version {
                Version::V2 => self.mark,
                Version::V3 => {
                    self.comments.place_block_end(self.indent, &mut block_mark);
                    block_mark
                }
            };
            self.tokens.push_back(Token { kind: TokenKind::BlockEnd, start: mark, end: mark });
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    // One function per kind of token.

    fn fetch_stream_end(&mut self) -> Scan {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1, self.mark);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scan {
        self.unroll_indent(-1, self.mark);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind) -> Scan {
        self.unroll_indent(-1, self.mark);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip_many(3);
        self.push(kind, start);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Scan {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey {
            possible: false,
            required: false,
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark,
        });
        self.flow_level += 1;
        if self.flow_level > MAX_OPEN {
            return self.fail(self.mark, format!("exceeded max depth of {MAX_OPEN}"));
        }
        self.simple_key_allowed = true;
        self.one_character(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Scan {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // This may drop the note about the collection itself as a key; so do the libraries.
            if let Some(key) = self.simple_keys.pop() {
                self.simple_keys_by_token.remove(&key.token_number);
            }
        }
        self.simple_key_allowed = false;
        self.one_character(kind);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scan {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.one_character(TokenKind::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                let problem = "block sequence entries are not allowed in this context";
                return self.fail(self.mark, problem);
            }
            self.roll_indent(self.mark, None, TokenKind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.one_character(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail(self.mark, "mapping keys are not allowed in this context");
            }
            self.roll_indent(self.mark, None, TokenKind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.one_character(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan {
        let last = self.simple_keys.len().saturating_sub(1);
        if self.is_valid_key(last)? {
            let SimpleKey { mark, token_number, .. } = self.simple_keys[last];
            self.insert(token_number, Token { kind: TokenKind::Key, start: mark, end: mark });
            self.roll_indent(mark, Some(token_number), TokenKind::BlockMappingStart)?;
            self.simple_keys[last].possible = false;
            self.simple_keys_by_token.remove(&token_number);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.fail(self.mark, "mapping values are not allowed in this context");
                }
                self.roll_indent(self.mark, None, TokenKind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.one_character(TokenKind::Value);
        Ok(())
    }

    fn one_character(&mut self, kind: TokenKind) {
        let start = self.mark;
        self.skip();
        self.push(kind, start);
    }

    fn scan_to_next_token(&mut self) -> Scan {
        let scan_mark = self.mark;
        loop {
            self.ensure(1)?;
            if self.mark.column == 0 && self.is_byte_order_mark() {
                self.skip();
            }
            self.ensure(1)?;
            while self.byte(0) == b' '
                || (self.flow_level > 0 || !self.simple_key_allowed) && self.byte(0) == b'\t'
            {
                self.skip();
                self.ensure(1)?;
            }
            if self.version == Version::V3 {
                self.move_line_comment();
            }
            if self.byte(0) == b'#' {
                match self.version {
                    Version::V2 => self.skip_to_line_end()?,
                    Version::V3 => self.scan_comments(scan_mark)?,
                }
            }
            if !self.is_break(0) {
                return Ok(());
            }
            self.ensure(2)?;
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Steps over the rest of the line.
    pub(super) fn skip_to_line_end(&mut self) -> Scan {
        while !self.is_breakz(0) {
            self.skip();
            self.ensure(1)?;
        }
        Ok(())
    }

    /// Steps over spaces and tabs.
    pub(super) fn skip_blanks(&mut self) -> Scan {
        self.ensure(1)?;
        while is_blank(self.byte(0)) {
            self.skip();
            self.ensure(1)?;
        }
        Ok(())
    }
}

const CANNOT_START: &str = "found character that cannot start any token";
const KEY_WITHOUT_VALUE: &str = "could not find expected ':'";
