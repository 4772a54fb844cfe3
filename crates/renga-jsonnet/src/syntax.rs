//! The structure of a file's expressions, with places as go-jsonnet gives them.
//!
//! The evaluator's own tree has no places for most of its nodes, so that what fails at run time
//! cannot be pointed at. This parser is for code that the evaluator has accepted already: it
//! knows the grammar, builds a tree of what can fail, and gives up (`None`) on anything it does
//! not expect. What the tree is used for is [`crate::jrsonnet`]'s part.
//!
//! Invariant: it recurses as deep as the code nests; the caller bounds that.

use crate::lexer::{Lexer, Token, TokenKind};

/// An expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) start: usize,
    /// Behind the last byte of the text.
    pub(crate) end: usize,
    /// Where go-jsonnet says that the expression ends.
    pub(crate) shown_end: usize,
    pub(crate) kind: Kind,
}

/// What an expression is, as far as it matters for failing.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Cannot fail.
    Literal,
    Var,
    Array(Vec<Expr>),
    ArrayComp(Box<Expr>, Vec<Spec>),
    /// Members, and what makes it a comprehension.
    Object(Vec<Member>, Option<Vec<Spec>>),
    Unary(Box<Expr>),
    /// The flag: go-jsonnet replaces the operator with a call of its library.
    Binary(Box<Expr>, Box<Expr>, bool),
    InSuper(Box<Expr>),
    /// `a { … }`
    Brace(Box<Expr>, Box<Expr>),
    Assert(Box<Assert>, Box<Expr>),
    Local(Vec<Bind>, Box<Expr>),
    /// Whether it is text or bytes that are imported, and where the path's quote stands.
    Import(bool, usize),
    Error(Box<Expr>),
    Apply(Box<Expr>, Vec<Expr>),
    Dot(Box<Expr>),
    Index(Box<Expr>, Box<Expr>),
    Super(Option<Box<Expr>>),
    Slice(Box<Expr>, Vec<Expr>),
    Function(Function),
    If(Vec<Expr>),
    Parens(Box<Expr>),
}

/// A `for` or an `if` of a comprehension.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Whether it is a `for`.
    pub(crate) over: bool,
    pub(crate) expr: Expr,
}

#[derive(Debug)]
pub(crate) struct Function {
    /// Default values.
    pub(crate) defaults: Vec<Expr>,
    pub(crate) body: Box<Expr>,
}

#[derive(Debug)]
pub(crate) struct Bind {
    /// The name, `start..end`.
    pub(crate) name: (usize, usize),
    pub(crate) value: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Value(Expr),
    Function(Function),
}

#[derive(Debug)]
pub(crate) struct Assert {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) condition: Expr,
    pub(crate) message: Option<Expr>,
}

#[derive(Debug)]
pub(crate) enum Member {
    Field {
        /// A name that is computed.
        name: Option<Expr>,
        /// `name` as it stands, `start..end`.
        literal: (usize, usize),
        plus: bool,
        value: Body,
    },
    Local(Bind),
    Assert(Assert),
}

/// The tree of `text`.
pub(crate) fn parse(text: &str) -> Option<Expr> {
    let mut lexer = Lexer::new(text);
    let tokens: Vec<Token> =
        (&mut lexer).filter(|token| token.kind != TokenKind::BlockComment).collect();
    if lexer.failed() {
        return None;
    }
    let mut parser = Parser { text, tokens, at: 0 };
    let expr = parser.expr()?;
    (parser.at == parser.tokens.len()).then_some(expr)
}

/// Binds loosest.
const LOOSEST: u8 = 14;

/// How tightly a binary operator binds: less is tighter.
fn precedence(operator: &str) -> Option<u8> {
    Some(match operator {
        "*" | "/" | "%" => 5,
        "+" | "-" => 6,
        "<<" | ">>" => 7,
        "<" | ">" | "<=" | ">=" | "in" => 8,
        "==" | "!=" => 9,
        "&" => 10,
        "^" => 11,
        "|" => 12,
        "&&" => 13,
        "||" => 14,
        _ => return None,
    })
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn word_at(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| &self.text[token.start..token.end])
    }

    fn peek(&self) -> &'a str {
        self.word_at(self.at)
    }

    fn kind(&self) -> Option<TokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    fn start(&self) -> Option<usize> {
        self.tokens.get(self.at).map(|token| token.start)
    }

    /// The end of the token before.
    fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |before| self.tokens[before].end)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek() == word && self.kind() != Some(TokenKind::String);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Option<()> {
        self.eat(word).then_some(())
    }

    fn name(&mut self) -> Option<(usize, usize)> {
        let token = *self.tokens.get(self.at)?;
        self.at += 1;
        (token.kind == TokenKind::Word).then_some((token.start, token.end))
    }

    fn finish(&self, start: usize, kind: Kind) -> Expr {
        Expr { start, end: self.end(), shown_end: self.end(), kind }
    }

    fn finish_with(&self, start: usize, shown_end: usize, kind: Kind) -> Expr {
        Expr { start, end: self.end(), shown_end, kind }
    }

    fn boxed(&mut self) -> Option<Box<Expr>> {
        self.expr().map(Box::new)
    }

    fn expr(&mut self) -> Option<Expr> {
        self.binary(LOOSEST)
    }

    fn binary(&mut self, loosest: u8) -> Option<Expr> {
        let start = self.start()?;
        let mut left = self.unary()?;
        loop {
            let operator = self.peek();
            if !matches!(self.kind(), Some(TokenKind::Operator | TokenKind::Word)) {
                return Some(left);
            }
            let Some(found) = precedence(operator).filter(|found| *found <= loosest) else {
                return Some(left);
            };
            self.at += 1;
            if operator == "in"
                && self.peek() == "super"
                && !matches!(self.word_at(self.at + 1), "." | "[")
            {
                self.at += 1;
                left = self.finish(start, Kind::InSuper(Box::new(left)));
                continue;
            }
            let right = self.binary(found - 1)?;
            let shown_end = right.shown_end;
            let library = matches!(operator, "%" | "in");
            let kind = Kind::Binary(Box::new(left), Box::new(right), library);
            left = self.finish_with(start, shown_end, kind);
        }
    }

    fn unary(&mut self) -> Option<Expr> {
        let start = self.start()?;
        match self.kind()? {
            TokenKind::Operator if matches!(self.peek(), "-" | "+" | "!" | "~") => {
                self.at += 1;
                let inner = self.unary()?;
                let shown_end = inner.shown_end;
                Some(self.finish_with(start, shown_end, Kind::Unary(Box::new(inner))))
            }
            TokenKind::Word => match self.peek() {
                "local" | "if" | "error" | "assert" | "function" | "import" | "importstr"
                | "importbin" => self.keyword(start),
                _ => self.suffixes(),
            },
            _ => self.suffixes(),
        }
    }

    fn keyword(&mut self, start: usize) -> Option<Expr> {
        let keyword = self.peek();
        if keyword == "assert" {
            let assert = self.assert()?;
            self.expect(";")?;
            let rest = self.boxed()?;
            let end = rest.shown_end;
            return Some(self.finish_with(start, end, Kind::Assert(Box::new(assert), rest)));
        }
        self.at += 1;
        let (shown_end, kind) = match keyword {
            "local" => {
                let mut binds = Vec::new();
                loop {
                    binds.push(self.bind()?);
                    if self.eat(";") {
                        break;
                    }
                    self.expect(",")?;
                }
                let body = self.boxed()?;
                (body.shown_end, Kind::Local(binds, body))
            }
            "if" => {
                let mut parts = vec![self.expr()?];
                self.expect("then")?;
                parts.push(self.expr()?);
                if self.eat("else") {
                    parts.push(self.expr()?);
                }
                (parts.last()?.shown_end, Kind::If(parts))
            }
            "error" => {
                let inner = self.boxed()?;
                (inner.shown_end, Kind::Error(inner))
            }
            "function" => {
                self.expect("(")?;
                let function = self.function(None)?;
                (function.body.shown_end, Kind::Function(function))
            }
            _ => {
                let quote = self.start()?;
                if self.kind()? != TokenKind::String {
                    return None;
                }
                self.at += 1;
                (self.end(), Kind::Import(keyword != "import", quote))
            }
        };
        Some(self.finish_with(start, shown_end, kind))
    }

    /// Parameters behind their opening bracket, and the body.
    fn function(&mut self, separator: Option<&str>) -> Option<Function> {
        let mut defaults = Vec::new();
        while !self.eat(")") {
            self.name()?;
            if self.eat("=") {
                defaults.push(self.expr()?);
            }
            if !self.eat(",") && self.peek() != ")" {
                return None;
            }
        }
        if let Some(separator) = separator {
            self.expect(separator)?;
        }
        Some(Function { defaults, body: self.boxed()? })
    }

    fn bind(&mut self) -> Option<Bind> {
        let name = self.name()?;
        let value = if self.eat("(") {
            Body::Function(self.function(Some("="))?)
        } else {
            self.expect("=")?;
            Body::Value(self.expr()?)
        };
        Some(Bind { name, value })
    }

    fn assert(&mut self) -> Option<Assert> {
        let start = self.start()?;
        self.expect("assert")?;
        let condition = self.expr()?;
        let message = if self.eat(":") { Some(self.expr()?) } else { None };
        let end = message.as_ref().unwrap_or(&condition).shown_end;
        Some(Assert { start, end, condition, message })
    }

    fn suffixes(&mut self) -> Option<Expr> {
        let start = self.start()?;
        let mut left = self.terminal()?;
        loop {
            if self.kind() == Some(TokenKind::String) {
                return Some(left);
            }
            let target = |left: Expr| Box::new(left);
            match self.peek() {
                "." => {
                    self.at += 1;
                    self.name()?;
                    left = self.finish(start, Kind::Dot(target(left)));
                }
                "[" => {
                    self.at += 1;
                    let (mut parts, mut slice) = (Vec::new(), false);
                    while !self.eat("]") {
                        if self.eat(":") || self.eat("::") {
                            slice = true;
                        } else {
                            parts.push(self.expr()?);
                        }
                    }
                    let kind = if slice {
                        Kind::Slice(target(left), parts)
                    } else {
                        Kind::Index(target(left), Box::new(parts.pop()?))
                    };
                    left = self.finish(start, kind);
                }
                "(" => {
                    self.at += 1;
                    let mut arguments = Vec::new();
                    while !self.eat(")") {
                        if self.kind() == Some(TokenKind::Word) && self.word_at(self.at + 1) == "="
                        {
                            self.at += 2;
                        }
                        arguments.push(self.expr()?);
                        if !self.eat(",") && self.peek() != ")" {
                            return None;
                        }
                    }
                    let shown_end = self.end();
                    self.eat("tailstrict");
                    left = self.finish_with(start, shown_end, Kind::Apply(target(left), arguments));
                }
                "{" => {
                    let right_start = self.start()?;
                    self.at += 1;
                    let right = Box::new(self.object(right_start)?);
                    left = self.finish(start, Kind::Brace(target(left), right));
                }
                _ => return Some(left),
            }
        }
    }

    fn terminal(&mut self) -> Option<Expr> {
        let start = self.start()?;
        let (kind, word) = (self.kind()?, self.peek());
        self.at += 1;
        let kind = match (kind, word) {
            (TokenKind::Number | TokenKind::String, _)
            | (TokenKind::Operator, "$")
            | (TokenKind::Word, "self" | "null" | "true" | "false") => Kind::Literal,
            (TokenKind::Open, "(") => {
                let inner = self.boxed()?;
                self.expect(")")?;
                Kind::Parens(inner)
            }
            (TokenKind::Open, "[") => return self.array(start),
            (TokenKind::Open, "{") => return self.object(start),
            (TokenKind::Word, "super") => {
                let shown_end = self.end();
                let index = if self.eat(".") {
                    self.name()?;
                    None
                } else {
                    self.expect("[")?;
                    let index = self.boxed()?;
                    self.expect("]")?;
                    Some(index)
                };
                return Some(self.finish_with(start, shown_end, Kind::Super(index)));
            }
            (TokenKind::Word, "then" | "else" | "for" | "in" | "tailstrict") => return None,
            (TokenKind::Word, _) => Kind::Var,
            _ => return None,
        };
        Some(self.finish(start, kind))
    }

    fn array(&mut self, start: usize) -> Option<Expr> {
        let mut elements = Vec::new();
        while !self.eat("]") {
            elements.push(self.expr()?);
            let comma = self.eat(",");
            if elements.len() == 1 && self.peek() == "for" {
                let specs = self.specs()?;
                self.expect("]")?;
                let body = Box::new(elements.pop()?);
                return Some(self.finish(start, Kind::ArrayComp(body, specs)));
            }
            if !comma && self.peek() != "]" {
                return None;
            }
        }
        Some(self.finish(start, Kind::Array(elements)))
    }

    fn specs(&mut self) -> Option<Vec<Spec>> {
        let mut specs = Vec::new();
        loop {
            let over = self.eat("for");
            if over {
                self.name()?;
                self.expect("in")?;
            } else if !self.eat("if") {
                return Some(specs);
            }
            specs.push(Spec { over, expr: self.expr()? });
        }
    }

    /// An object behind its opening bracket.
    fn object(&mut self, start: usize) -> Option<Expr> {
        let mut members = Vec::new();
        loop {
            if self.peek() == "for" && !members.is_empty() {
                let specs = self.specs()?;
                self.expect("}")?;
                return Some(self.finish(start, Kind::Object(members, Some(specs))));
            }
            if self.eat("}") {
                return Some(self.finish(start, Kind::Object(members, None)));
            }
            members.push(self.member()?);
            if !self.eat(",") && !matches!(self.peek(), "}" | "for") {
                return None;
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        match (self.kind()?, self.peek()) {
            (TokenKind::Word, "local") => {
                self.at += 1;
                return self.bind().map(Member::Local);
            }
            (TokenKind::Word, "assert") => return self.assert().map(Member::Assert),
            _ => {}
        }
        let start = self.start()?;
        let name = if self.eat("[") {
            let name = self.expr()?;
            self.expect("]")?;
            Some(name)
        } else if matches!(self.kind()?, TokenKind::Word | TokenKind::String) {
            self.at += 1;
            None
        } else {
            return None;
        };
        let literal = (start, self.end());
        if self.eat("(") {
            // The separator is one of `:`, `::`, `:::`.
            let mut colons = self.at;
            let mut depth = 1_usize;
            while depth > 0 {
                match self.word_at(colons) {
                    "" => return None,
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth -= 1,
                    _ => {}
                }
                colons += 1;
            }
            let separator = self.word_at(colons);
            if !matches!(separator, ":" | "::" | ":::") {
                return None;
            }
            let value = Body::Function(self.function(Some(separator))?);
            return Some(Member::Field { name, literal, plus: false, value });
        }
        // `+` before a space is a token of its own.
        let lone_plus = self.eat("+");
        let separator = self.peek();
        if !matches!(separator, ":" | "::" | ":::" | "+:" | "+::" | "+:::") {
            return None;
        }
        self.at += 1;
        let plus = lone_plus || separator.starts_with('+');
        Some(Member::Field { name, literal, plus, value: Body::Value(self.expr()?) })
    }
}
