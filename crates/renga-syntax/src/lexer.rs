//! Tokens.
//!
//! The lexer works on demand: it holds no list of tokens and allocates only for messages.

use crate::error::SyntaxError;
use crate::strings::{self, StringKind};
use crate::tree::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TokenKind {
    BraceL,
    BraceR,
    BracketL,
    BracketR,
    Comma,
    Dollar,
    Dot,
    ParenL,
    ParenR,
    Semicolon,
    Identifier,
    Number,
    Operator(Operator),
    Str(StringKind),
    Assert,
    Else,
    Error,
    False,
    For,
    Function,
    If,
    Import,
    ImportStr,
    ImportBin,
    In,
    Local,
    Null,
    SelfKeyword,
    Super,
    TailStrict,
    Then,
    True,
    EndOfFile,
}

/// An operator. Any run of symbols is one, known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    Mul,
    Div,
    Mod,
    Plus,
    Minus,
    Shl,
    Shr,
    Gt,
    Ge,
    Lt,
    Le,
    EqEq,
    Ne,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
    Not,
    BitNot,
    Assign,
    Colon,
    Colons,
    Colonss,
    PlusColon,
    PlusColons,
    PlusColonss,
    Unknown,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// A comment and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// With its delimiters; without the line's end.
    pub span: Span,
    /// Whether it ends with its line.
    pub line: bool,
}

/// Reads the tokens of a text.
pub struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Up to where there are only signs, which are operators of their own.
    signs: usize,
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_symbol(byte: u8) -> bool {
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

/// A character as Go quotes it.
fn quoted(character: Option<char>) -> String {
    match character {
        None => "'\\ufffd'".to_owned(),
        Some('\'') => "'\\''".to_owned(),
        Some('\\') => "'\\\\'".to_owned(),
        Some('\n') => "'\\n'".to_owned(),
        Some('\r') => "'\\r'".to_owned(),
        Some('\t') => "'\\t'".to_owned(),
        Some('\u{7}') => "'\\a'".to_owned(),
        Some('\u{8}') => "'\\b'".to_owned(),
        Some('\u{b}') => "'\\v'".to_owned(),
        Some('\u{c}') => "'\\f'".to_owned(),
        Some(plain @ ' '..='~') => format!("'{plain}'"),
        Some(other) if (other as u32) < 0x80 => format!("'\\x{:02x}'", other as u32),
        Some(other) if (other as u32) < 0x1_0000 => format!("'\\u{:04x}'", other as u32),
        Some(other) => format!("'\\U{:08x}'", other as u32),
    }
}

impl<'t> Lexer<'t> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, signs: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_char(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    /// The comments of a piece of text between two tokens.
    pub fn comments(text: &str, between: Span) -> Vec<Comment> {
        let mut comments = Vec::new();
        let bytes = text.as_bytes();
        let (mut at, end) = (between.start as usize, between.end as usize);
        while at < end {
            let start = at;
            if bytes[at] == b'#' || bytes[at..end].starts_with(b"//") {
                at = memchr::memchr(b'\n', &bytes[at..end]).map_or(end, |newline| at + newline);
                comments.push(Comment { span: Span::new(start, at), line: true });
            } else if bytes[at..end].starts_with(b"/*") {
                let close = memchr::memmem::find(&bytes[at + 2..end], b"*/");
                at = close.map_or(end, |close| at + close + 4);
                comments.push(Comment { span: Span::new(start, at), line: false });
            } else {
                at += 1;
            }
        }
        comments
    }

    /// Skips spaces and comments.
    fn skip(&mut self) -> Result<(), SyntaxError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') => match self.bytes.get(self.at + 1) {
                    Some(b'/') => self.skip_line(),
                    Some(b'*') => {
                        let Some(close) = memchr::memmem::find(&self.bytes[self.at + 2..], b"*/")
                        else {
                            return Err(SyntaxError::at(
                                "Multi-line comment has no terminating */",
                                self.at,
                            ));
                        };
                        self.at += close + 4;
                    }
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// The next token.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] for what is no token.
    pub fn next_token(&mut self) -> Result<Token, SyntaxError> {
        self.skip()?;
        let start = self.at;
        let Some(first) = self.peek() else {
            return Ok(Token { kind: TokenKind::EndOfFile, span: Span::new(start, start) });
        };
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let rest = &self.bytes[start..];
                let len = rest.iter().position(|&byte| !is_identifier(byte)).unwrap_or(rest.len());
                self.at += len;
                keyword(&rest[..len])
            }
            b'0'..=b'9' => self.number()?,
            b'"' | b'\'' => self.string(first)?,
            b'@' => self.verbatim()?,
            b'{' => self.single(TokenKind::BraceL),
            b'}' => self.single(TokenKind::BraceR),
            b'[' => self.single(TokenKind::BracketL),
            b']' => self.single(TokenKind::BracketR),
            b',' => self.single(TokenKind::Comma),
            b'.' => self.single(TokenKind::Dot),
            b'(' => self.single(TokenKind::ParenL),
            b')' => self.single(TokenKind::ParenR),
            b';' => self.single(TokenKind::Semicolon),
            b'|' if self.bytes[start..].starts_with(b"|||") => {
                self.at = text_block(self.text, start, None)?;
                TokenKind::Str(StringKind::Block)
            }
            symbol if is_symbol(symbol) => self.operator(),
            _ => {
                let shown = quoted(self.peek_char());
                return Err(SyntaxError::at(format!("Could not lex the character {shown}"), start));
            }
        };
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn junk<T>(&self, after: &str) -> Result<T, SyntaxError> {
        let shown = quoted(self.peek_char());
        Err(SyntaxError::at(format!("Couldn't lex number, junk after {after}: {shown}"), self.at))
    }

    /// Digits in groups: `1_000`. At least one digit stands here.
    fn groups(&mut self) -> Result<(), SyntaxError> {
        self.digits();
        while self.peek() == Some(b'_') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return self.junk("'_'");
            }
            self.digits();
        }
        Ok(())
    }

    fn number(&mut self) -> Result<TokenKind, SyntaxError> {
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek() == Some(b'_') {
                return Err(SyntaxError::at(
                    "Couldn't lex number, _ not allowed after leading 0",
                    self.at,
                ));
            }
        } else {
            self.groups()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return self.junk("decimal point");
            }
            self.groups()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
                if !matches!(self.peek(), Some(b'0'..=b'9')) {
                    return self.junk("exponent sign");
                }
            } else if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return self.junk("'E'");
            }
            self.groups()?;
        }
        Ok(TokenKind::Number)
    }

    fn string(&mut self, quote: u8) -> Result<TokenKind, SyntaxError> {
        let start = self.at;
        self.at += 1;
        loop {
            let Some(found) = memchr::memchr2(quote, b'\\', &self.bytes[self.at..]) else {
                self.at = self.bytes.len();
                return Err(SyntaxError::at("Unterminated String", start));
            };
            self.at += found + 1;
            if self.bytes[self.at - 1] == quote {
                break;
            }
            // A byte of a longer character is neither a quote nor a backslash.
            self.at = (self.at + 1).min(self.bytes.len());
        }
        Ok(TokenKind::Str(if quote == b'"' { StringKind::Double } else { StringKind::Single }))
    }

    fn verbatim(&mut self) -> Result<TokenKind, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let Some(quote @ (b'"' | b'\'')) = self.peek() else {
            let code = self.peek_char().map_or(-1, |character| i64::from(character as u32));
            let message = format!("Couldn't lex verbatim string, junk after '@': {code}");
            return Err(SyntaxError::at(message, start));
        };
        self.at += 1;
        loop {
            let Some(found) = memchr::memchr(quote, &self.bytes[self.at..]) else {
                return Err(SyntaxError::at("Unterminated String", start));
            };
            self.at += found + 1;
            if self.peek() != Some(quote) {
                break;
            }
            self.at += 1;
        }
        let kind =
            if quote == b'"' { StringKind::VerbatimDouble } else { StringKind::VerbatimSingle };
        Ok(TokenKind::Str(kind))
    }

    fn operator(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        while start >= self.signs && self.peek().is_some_and(is_symbol) {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"//") || rest.starts_with(b"/*") || rest.starts_with(b"|||") {
                break;
            }
            self.at += 1;
        }
        let run = self.at;
        // Only operators of one character end in a sign, so that `a==-1` is what it looks like.
        while self.at > start + 1
            && matches!(self.bytes[self.at - 1], b'+' | b'-' | b'~' | b'!' | b'$')
        {
            self.at -= 1;
        }
        if self.at < run {
            self.signs = run;
        }
        match &self.bytes[start..self.at] {
            b"$" => TokenKind::Dollar,
            text => TokenKind::Operator(operator(text)),
        }
    }
}

fn operator(text: &[u8]) -> Operator {
    match text {
        b"*" => Operator::Mul,
        b"/" => Operator::Div,
        b"%" => Operator::Mod,
        b"+" => Operator::Plus,
        b"-" => Operator::Minus,
        b"<<" => Operator::Shl,
        b">>" => Operator::Shr,
        b">" => Operator::Gt,
        b">=" => Operator::Ge,
        b"<" => Operator::Lt,
        b"<=" => Operator::Le,
        b"==" => Operator::EqEq,
        b"!=" => Operator::Ne,
        b"&" => Operator::BitAnd,
        b"^" => Operator::BitXor,
        b"|" => Operator::BitOr,
        b"&&" => Operator::And,
        b"||" => Operator::Or,
        b"!" => Operator::Not,
        b"~" => Operator::BitNot,
        b"=" => Operator::Assign,
        b":" => Operator::Colon,
        b"::" => Operator::Colons,
        b":::" => Operator::Colonss,
        b"+:" => Operator::PlusColon,
        b"+::" => Operator::PlusColons,
        b"+:::" => Operator::PlusColonss,
        _ => Operator::Unknown,
    }
}

fn keyword(text: &[u8]) -> TokenKind {
    match text {
        b"assert" => TokenKind::Assert,
        b"else" => TokenKind::Else,
        b"error" => TokenKind::Error,
        b"false" => TokenKind::False,
        b"for" => TokenKind::For,
        b"function" => TokenKind::Function,
        b"if" => TokenKind::If,
        b"import" => TokenKind::Import,
        b"importstr" => TokenKind::ImportStr,
        b"importbin" => TokenKind::ImportBin,
        b"in" => TokenKind::In,
        b"local" => TokenKind::Local,
        b"null" => TokenKind::Null,
        b"self" => TokenKind::SelfKeyword,
        b"super" => TokenKind::Super,
        b"tailstrict" => TokenKind::TailStrict,
        b"then" => TokenKind::Then,
        b"true" => TokenKind::True,
        _ => TokenKind::Identifier,
    }
}

/// How many bytes of blanks `line` shares with the indentation `indent` begins with; 0 where it
/// does not have all of it.
fn shared_indent(indent: &[u8], line: &[u8]) -> usize {
    for (at, &byte) in indent.iter().enumerate() {
        if byte != b' ' && byte != b'\t' {
            return at;
        }
        if line.get(at) != Some(&byte) {
            return 0;
        }
    }
    indent.len()
}

/// Reads the text block that begins at `start` and returns where it ends. Its meaning is appended
/// to `out`.
pub(crate) fn text_block(
    text: &str,
    start: usize,
    mut out: Option<&mut String>,
) -> Result<usize, SyntaxError> {
    let bytes = text.as_bytes();
    let fail = |message: &str| Err(SyntaxError::at(message, start));
    let mut put = |piece: &str| {
        if let Some(out) = out.as_deref_mut() {
            out.push_str(piece);
        }
    };
    let mut at = start + 3;
    let chomp = bytes.get(at) == Some(&b'-');
    at += usize::from(chomp);
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    if bytes.get(at) != Some(&b'\n') {
        return fail("Text block requires new line after |||.");
    }
    at += 1;
    while bytes.get(at) == Some(&b'\n') {
        put("\n");
        at += 1;
    }
    let indent_len = shared_indent(&bytes[at..], &bytes[at..]);
    let indent = &bytes[at..at + indent_len];
    if indent.is_empty() {
        return fail("Text block's first line must start with whitespace");
    }
    loop {
        at += indent.len();
        let Some(newline) = memchr::memchr(b'\n', &bytes[at.min(bytes.len())..]) else {
            return fail("Unexpected EOF");
        };
        let mut end = at + newline + 1;
        while bytes.get(end) == Some(&b'\n') {
            end += 1;
        }
        let rest = &bytes[end..];
        let last = shared_indent(indent, rest) == 0;
        // The last newline of the block goes where `|||-` asks for it.
        put(text.get(at..end - usize::from(last && chomp)).unwrap_or_default());
        at = end;
        if last {
            while matches!(bytes.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
            if !bytes[at..].starts_with(b"|||") {
                return fail("Text block not terminated with |||");
            }
            return Ok(at + 3);
        }
    }
}

/// Appends the meaning of a string token.
pub(crate) fn string_value(
    text: &str,
    kind: StringKind,
    span: Span,
    out: &mut String,
) -> Result<(), SyntaxError> {
    let (start, end) = (span.start as usize, span.end as usize);
    match kind {
        StringKind::Double | StringKind::Single => {
            strings::unescape(&text[start + 1..end - 1], span, out)?;
        }
        StringKind::VerbatimDouble => {
            strings::unquote_verbatim(&text[start + 2..end - 1], '"', out);
        }
        StringKind::VerbatimSingle => {
            strings::unquote_verbatim(&text[start + 2..end - 1], '\'', out);
        }
        StringKind::Block => {
            text_block(text, start, Some(out))?;
        }
    }
    Ok(())
}
