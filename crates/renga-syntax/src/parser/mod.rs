//! The parser: recursive descent, precedence climbing for operators.
//!
//! It takes tokens from the lexer as it goes, looking at most two ahead. go-jsonnet reads all
//! tokens before it parses; therefore an error of the lexer anywhere behind an error of the
//! parser is the one that is reported.

mod comprehension;
mod expression;
mod object;
mod parameters;

use rustc_hash::FxHashMap;

use crate::error::SyntaxError;
use crate::lexer::{self, Lexer, Operator, Token, TokenKind};
use crate::strings::StringKind;
use crate::tree::{List, Node, NodeId, Span, StrId, Tree};

/// Strings up to this length are stored once. Longer ones are rarely equal.
const SHARED_TEXT: usize = 64;

/// How deep expressions may nest.
const MAX_DEPTH: u32 = 50_000;

pub(super) type Parsed<T> = Result<T, SyntaxError>;

pub(super) struct Parser<'t> {
    source: &'t str,
    lexer: Lexer<'t>,
    /// The token the parser looks at.
    token: Token,
    /// The one behind it, if it was looked at.
    next: Option<Token>,
    tree: Tree,
    shared: FxHashMap<&'t str, StrId>,
    /// Lists being collected; the innermost at the end.
    pending_nodes: Vec<NodeId>,
    pending_members: Vec<crate::tree::Member>,
    depth: u32,
    scratch: String,
}

/// Parses a file.
///
/// # Errors
///
/// [`SyntaxError`] with go-jsonnet's words and place.
pub fn parse(text: &str) -> Result<Tree, SyntaxError> {
    if text.len() >= u32::MAX as usize / 2 {
        return Err(SyntaxError::at("file too large", 0));
    }
    let mut lexer = Lexer::new(text);
    let token = lexer.next_token()?;
    let guess = text.len() / 12;
    let tree = Tree {
        nodes: Vec::with_capacity(guess),
        spans: Vec::with_capacity(guess),
        text: String::new(),
        texts: Vec::new(),
        items: Vec::new(),
        specs: Vec::new(),
        members: Vec::new(),
        arguments: Vec::new(),
        parameters: Vec::new(),
        binds: Vec::new(),
        slice_parts: Vec::new(),
        root: NodeId(0),
    };
    let mut parser = Parser {
        source: text,
        lexer,
        token,
        next: None,
        tree,
        shared: FxHashMap::default(),
        pending_nodes: Vec::new(),
        pending_members: Vec::new(),
        depth: 0,
        scratch: String::new(),
    };
    match parser.file() {
        Ok(()) => Ok(parser.tree),
        Err(error) => Err(parser.rest_of_tokens().err().unwrap_or(error)),
    }
}

impl<'t> Parser<'t> {
    fn file(&mut self) -> Parsed<()> {
        self.tree.root = self.expression()?;
        if self.token.kind == TokenKind::EndOfFile {
            Ok(())
        } else {
            let shown = self.shown(self.token);
            Err(SyntaxError::new(format!("Did not expect: {shown}"), self.token.span))
        }
    }

    fn rest_of_tokens(&mut self) -> Parsed<()> {
        while self.lexer.next_token()?.kind != TokenKind::EndOfFile {}
        Ok(())
    }

    /// Takes the token the parser looks at.
    fn pop(&mut self) -> Parsed<Token> {
        let token = self.token;
        self.token = match self.next.take() {
            Some(next) => next,
            None => self.lexer.next_token()?,
        };
        Ok(token)
    }

    fn second(&mut self) -> Parsed<Token> {
        if let Some(next) = self.next {
            return Ok(next);
        }
        let next = self.lexer.next_token()?;
        self.next = Some(next);
        Ok(next)
    }

    fn at_operator(&self, operator: Operator) -> bool {
        self.token.kind == TokenKind::Operator(operator)
    }

    fn expect(&mut self, kind: TokenKind) -> Parsed<Token> {
        if self.token.kind == kind {
            return self.pop();
        }
        let message =
            format!("Expected token {} but got {}", kind_name(kind), self.shown(self.token));
        Err(SyntaxError::new(message, self.token.span))
    }

    fn expect_assign(&mut self) -> Parsed<Token> {
        if self.at_operator(Operator::Assign) {
            return self.pop();
        }
        let message = format!("Expected operator = but got {}", self.shown(self.token));
        Err(SyntaxError::new(message, self.token.span))
    }

    fn text_of(&self, token: Token) -> &'t str {
        &self.source[token.span.start as usize..token.span.end as usize]
    }

    /// What a token holds, as go-jsonnet keeps it: strings without quotes, escapes as written.
    fn data(&self, token: Token) -> String {
        let text = self.text_of(token);
        match token.kind {
            TokenKind::Str(StringKind::Double | StringKind::Single) => {
                text[1..text.len() - 1].to_owned()
            }
            TokenKind::Str(kind) => {
                let mut data = String::new();
                match lexer::string_value(self.source, kind, token.span, &mut data) {
                    Ok(()) => data,
                    Err(_) => text.to_owned(),
                }
            }
            TokenKind::Number => text.replace('_', ""),
            _ => text.to_owned(),
        }
    }

    /// A token as go-jsonnet's messages show it.
    fn shown(&self, token: Token) -> String {
        let data = self.data(token);
        if data.is_empty() {
            return kind_name(token.kind).to_owned();
        }
        match token.kind {
            TokenKind::Identifier
            | TokenKind::Number
            | TokenKind::Operator(_)
            | TokenKind::Str(_) => {
                format!("({}, \"{data}\")", kind_name(token.kind))
            }
            _ => format!("\"{data}\""),
        }
    }

    fn unexpected<T>(&self, token: Token, during: &str) -> Parsed<T> {
        let message = format!("Unexpected: {}", self.shown(token));
        Err(SyntaxError::new(message, token.span).during(during))
    }

    fn push(&mut self, node: Node, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        self.tree.nodes.push(node);
        self.tree.spans.push(span);
        id
    }

    fn span_of(&self, id: NodeId) -> Span {
        self.tree.span(id)
    }

    /// The number of a piece of the source.
    fn intern(&mut self, text: &'t str) -> StrId {
        if let Some(&id) = self.shared.get(text) {
            return id;
        }
        let id = self.store(text);
        self.shared.insert(text, id);
        id
    }

    fn store(&mut self, text: &str) -> StrId {
        let id = StrId(u32::try_from(self.tree.texts.len()).unwrap_or(u32::MAX));
        let span = Span::new(self.tree.text.len(), self.tree.text.len() + text.len());
        self.tree.text.push_str(text);
        self.tree.texts.push((span.start, span.end));
        id
    }

    /// The meaning of a string token.
    fn string(&mut self, kind: StringKind, token: Token) -> Parsed<StrId> {
        let text = self.text_of(token);
        if matches!(kind, StringKind::Double | StringKind::Single) {
            let inner = &text[1..text.len() - 1];
            if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
                let short = inner.len() <= SHARED_TEXT;
                return Ok(if short { self.intern(inner) } else { self.store(inner) });
            }
        }
        let mut value = std::mem::take(&mut self.scratch);
        value.clear();
        let result = lexer::string_value(self.source, kind, token.span, &mut value);
        let id = self.store(&value);
        self.scratch = value;
        result.map(|()| id).map_err(|error| SyntaxError { place_twice: true, ..error })
    }

    fn close_nodes(&mut self, base: usize) -> List {
        let list = List {
            start: u32::try_from(self.tree.items.len()).unwrap_or(u32::MAX),
            len: u32::try_from(self.pending_nodes.len() - base).unwrap_or(u32::MAX),
        };
        self.tree.items.extend(self.pending_nodes.drain(base..));
        list
    }

    fn parts(&mut self, parts: &[Option<NodeId>]) -> u32 {
        let start = u32::try_from(self.tree.slice_parts.len()).unwrap_or(u32::MAX);
        self.tree.slice_parts.extend_from_slice(parts);
        start
    }
}

/// A kind of token as go-jsonnet names it.
fn kind_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::BraceL => "\"{\"",
        TokenKind::BraceR => "\"}\"",
        TokenKind::BracketL => "\"[\"",
        TokenKind::BracketR => "\"]\"",
        TokenKind::Comma => "\",\"",
        TokenKind::Dollar => "\"$\"",
        TokenKind::Dot => "\".\"",
        TokenKind::ParenL => "\"(\"",
        TokenKind::ParenR => "\")\"",
        TokenKind::Semicolon => "\";\"",
        TokenKind::Identifier => "IDENTIFIER",
        TokenKind::Number => "NUMBER",
        TokenKind::Operator(_) => "OPERATOR",
        TokenKind::Str(StringKind::Block) => "STRING_BLOCK",
        TokenKind::Str(StringKind::Double) => "STRING_DOUBLE",
        TokenKind::Str(StringKind::Single) => "STRING_SINGLE",
        TokenKind::Str(StringKind::VerbatimDouble) => "VERBATIM_STRING_DOUBLE",
        TokenKind::Str(StringKind::VerbatimSingle) => "VERBATIM_STRING_SINGLE",
        TokenKind::Assert => "assert",
        TokenKind::Else => "else",
        TokenKind::Error => "error",
        TokenKind::False => "false",
        TokenKind::For => "for",
        TokenKind::Function => "function",
        TokenKind::If => "if",
        TokenKind::Import => "import",
        TokenKind::ImportStr => "importstr",
        TokenKind::ImportBin => "importbin",
        TokenKind::In => "in",
        TokenKind::Local => "local",
        TokenKind::Null => "null",
        TokenKind::SelfKeyword => "self",
        TokenKind::Super => "super",
        TokenKind::TailStrict => "tailstrict",
        TokenKind::Then => "then",
        TokenKind::True => "true",
        TokenKind::EndOfFile => "end of file",
    }
}
