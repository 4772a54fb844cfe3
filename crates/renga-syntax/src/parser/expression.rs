//! Expressions.

use super::{MAX_DEPTH, Parsed, Parser};
use crate::error::SyntaxError;
use crate::lexer::{Operator, Token, TokenKind};
use crate::strings::StringKind;
use crate::tree::{BinaryOp, ImportKind, Node, NodeId, UnaryOp};

/// Free native stack below which it grows, and by how much.
const RED_ZONE: usize = 96 * 1024;
const GROWTH: usize = 1024 * 1024;

/// The precedence of the loosest operator.
const LOOSEST: u8 = 14;

/// What a token is between two operands, and how tightly it binds: less is tighter.
fn binary(kind: TokenKind) -> Option<(BinaryOp, u8)> {
    let TokenKind::Operator(operator) = kind else {
        return (kind == TokenKind::In).then_some((BinaryOp::In, 8));
    };
    Some(match operator {
        Operator::Mul => (BinaryOp::Mul, 5),
        Operator::Div => (BinaryOp::Div, 5),
        Operator::Mod => (BinaryOp::Mod, 5),
        Operator::Plus => (BinaryOp::Add, 6),
        Operator::Minus => (BinaryOp::Sub, 6),
        Operator::Shl => (BinaryOp::Shl, 7),
        Operator::Shr => (BinaryOp::Shr, 7),
        Operator::Gt => (BinaryOp::Gt, 8),
        Operator::Ge => (BinaryOp::Ge, 8),
        Operator::Lt => (BinaryOp::Lt, 8),
        Operator::Le => (BinaryOp::Le, 8),
        Operator::EqEq => (BinaryOp::Eq, 9),
        Operator::Ne => (BinaryOp::Ne, 9),
        Operator::BitAnd => (BinaryOp::BitAnd, 10),
        Operator::BitXor => (BinaryOp::BitXor, 11),
        Operator::BitOr => (BinaryOp::BitOr, 12),
        Operator::And => (BinaryOp::And, 13),
        Operator::Or => (BinaryOp::Or, 14),
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression of any precedence.
    pub(super) fn expression(&mut self) -> Parsed<NodeId> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::new("expression nested too deeply", self.token.span));
        }
        let result = stacker::maybe_grow(RED_ZONE, GROWTH, || self.operators(LOOSEST));
        self.depth -= 1;
        result
    }

    /// Operands joined by operators that bind at least as tightly as `loosest`.
    fn operators(&mut self, loosest: u8) -> Parsed<NodeId> {
        let begin = self.token;
        let mut left = self.operand()?;
        loop {
            let token = self.token;
            let Some((op, precedence)) = binary(token.kind) else {
                return match token.kind {
                    TokenKind::Operator(Operator::Colon | Operator::Colons) => Ok(left),
                    TokenKind::Operator(_) => {
                        let message = format!("Not a binary operator: {}", self.text_of(token));
                        Err(SyntaxError::new(message, token.span))
                    }
                    _ => Ok(left),
                };
            };
            if precedence > loosest {
                return Ok(left);
            }
            self.pop()?;
            if op == BinaryOp::In && self.token.kind == TokenKind::Super {
                let end = self.pop()?;
                left = self.push(Node::InSuper { name: left }, begin.span.to(end.span));
                continue;
            }
            let right = if matches!(self.token.kind, TokenKind::Operator(_)) {
                // A sign: go on below, with the depth counted.
                self.nested(precedence - 1)?
            } else {
                self.operators(precedence - 1)?
            };
            let span = begin.span.to(self.span_of(right));
            left = self.push(Node::Binary { op, left, right }, span);
        }
    }

    fn nested(&mut self, loosest: u8) -> Parsed<NodeId> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.operators(loosest))
    }

    /// What stands between operators.
    fn operand(&mut self) -> Parsed<NodeId> {
        let begin = self.token;
        match begin.kind {
            TokenKind::Assert => self.assertion(begin),
            TokenKind::Error => {
                self.pop()?;
                let message = self.expression()?;
                Ok(self.push(Node::Error(message), begin.span.to(self.span_of(message))))
            }
            TokenKind::If => self.conditional(begin),
            TokenKind::Function => {
                self.pop()?;
                if self.token.kind != TokenKind::ParenL {
                    let message = format!("Expected ( but got {}", self.shown(self.token));
                    return Err(SyntaxError::new(message, self.token.span));
                }
                self.pop()?;
                let params = self.parameters("function parameter")?;
                let body = self.expression()?;
                let span = begin.span.to(self.span_of(body));
                Ok(self.push(Node::Function { params, body }, span))
            }
            TokenKind::Import => self.import(begin, ImportKind::Code),
            TokenKind::ImportStr => self.import(begin, ImportKind::Str),
            TokenKind::ImportBin => self.import(begin, ImportKind::Bin),
            TokenKind::Local => {
                self.pop()?;
                let binds = self.binds()?;
                let body = self.expression()?;
                let span = begin.span.to(self.span_of(body));
                Ok(self.push(Node::Local { binds, body }, span))
            }
            TokenKind::Operator(operator) => {
                let op = match operator {
                    Operator::Not => UnaryOp::Not,
                    Operator::BitNot => UnaryOp::BitNot,
                    Operator::Plus => UnaryOp::Plus,
                    Operator::Minus => UnaryOp::Minus,
                    _ => {
                        let message = format!("Not a unary operator: {}", self.text_of(begin));
                        return Err(SyntaxError::new(message, begin.span));
                    }
                };
                self.pop()?;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(SyntaxError::new("expression nested too deeply", begin.span));
                }
                let operand = stacker::maybe_grow(RED_ZONE, GROWTH, || self.operand());
                self.depth -= 1;
                let operand = operand?;
                let span = begin.span.to(self.span_of(operand));
                Ok(self.push(Node::Unary { op, operand }, span))
            }
            _ => self.applied(),
        }
    }

    fn assertion(&mut self, begin: Token) -> Parsed<NodeId> {
        self.pop()?;
        let cond = self.expression()?;
        let message = if self.at_operator(Operator::Colon) {
            self.pop()?;
            Some(self.expression()?)
        } else {
            None
        };
        self.expect(TokenKind::Semicolon)?;
        let rest = self.expression()?;
        let span = begin.span.to(self.span_of(rest));
        let rest = self.parts(&[message, Some(rest)]);
        Ok(self.push(Node::Assert { cond, rest }, span))
    }

    fn conditional(&mut self, begin: Token) -> Parsed<NodeId> {
        self.pop()?;
        let cond = self.expression()?;
        self.expect(TokenKind::Then)?;
        let then = self.expression()?;
        let mut span = begin.span.to(self.span_of(then));
        let mut otherwise = None;
        if self.token.kind == TokenKind::Else {
            self.pop()?;
            let branch = self.expression()?;
            span = begin.span.to(self.span_of(branch));
            otherwise = Some(branch);
        }
        let branches = self.parts(&[Some(then), otherwise]);
        Ok(self.push(Node::If { cond, branches }, span))
    }

    fn import(&mut self, begin: Token, kind: ImportKind) -> Parsed<NodeId> {
        self.pop()?;
        let literal = self.token;
        let body = self.expression()?;
        let span = self.span_of(body);
        let Node::Str(path) = self.tree.node(body) else {
            return Err(SyntaxError::new("Computed imports are not allowed", span));
        };
        if literal.kind == TokenKind::Str(StringKind::Block) {
            return Err(SyntaxError::new("Block string literals not allowed in imports", span));
        }
        Ok(self.push(Node::Import { kind, path }, begin.span.to(span)))
    }

    /// A terminal with calls, indices, fields and objects behind it.
    fn applied(&mut self) -> Parsed<NodeId> {
        let begin = self.token;
        let mut left = self.terminal()?;
        loop {
            match self.token.kind {
                TokenKind::Dot => {
                    self.pop()?;
                    let name = self.expect(TokenKind::Identifier)?;
                    let text = self.text_of(name);
                    let field = self.intern(text);
                    let span = begin.span.to(name.span);
                    left = self.push(Node::Field { target: left, name: field }, span);
                }
                TokenKind::BracketL => left = self.index(begin, left)?,
                TokenKind::ParenL => {
                    self.pop()?;
                    let (args, end) = self.arguments()?;
                    let tailstrict = self.token.kind == TokenKind::TailStrict;
                    if tailstrict {
                        self.pop()?;
                    }
                    let span = begin.span.to(end);
                    left = self.push(Node::Apply { target: left, args, tailstrict }, span);
                }
                TokenKind::BraceL => {
                    let open = self.pop()?;
                    let (right, end) = self.object(open)?;
                    let span = begin.span.to(end);
                    left = self.push(Node::ApplyBrace { left, right }, span);
                }
                _ => return Ok(left),
            }
        }
    }

    /// `[index]` or `[from:to:step]`.
    fn index(&mut self, begin: Token, target: NodeId) -> Parsed<NodeId> {
        self.pop()?;
        let mut parts = [None; 3];
        let mut colons = 0;
        let mut ready = true;
        let mut end = self.token;
        while colons < 3 {
            if self.token.kind == TokenKind::BracketR {
                end = self.pop()?;
                break;
            } else if self.at_operator(Operator::Colon) {
                end = self.pop()?;
                colons += 1;
                ready = true;
            } else if self.at_operator(Operator::Colons) {
                end = self.pop()?;
                colons += 2;
                ready = true;
            } else if ready {
                parts[colons] = Some(self.expression()?);
                ready = false;
            } else {
                self.expect(TokenKind::BracketR)?;
            }
        }
        if colons > 2 {
            return Err(SyntaxError::new("Invalid slice: too many colons", end.span));
        }
        let span = begin.span.to(end.span);
        if colons > 0 {
            let parts = self.parts(&parts);
            return Ok(self.push(Node::Slice { target, parts }, span));
        }
        let Some(index) = parts[0] else {
            return Err(SyntaxError::new("ast.Index requires an expression", end.span));
        };
        Ok(self.push(Node::Index { target, index }, span))
    }

    fn terminal(&mut self) -> Parsed<NodeId> {
        let token = self.pop()?;
        let node = match token.kind {
            TokenKind::EndOfFile => {
                return Err(SyntaxError::new("Unexpected end of file", token.span));
            }
            TokenKind::BraceL => return self.object(token).map(|(object, _)| object),
            TokenKind::BracketL => return self.array(token),
            TokenKind::ParenL => {
                let inner = self.expression()?;
                let end = self.expect(TokenKind::ParenR)?;
                return Ok(self.push(Node::Parens(inner), token.span.to(end.span)));
            }
            TokenKind::Number => number(self.text_of(token)),
            TokenKind::Str(kind) => Node::Str(self.string(kind, token)?),
            TokenKind::False => Node::False,
            TokenKind::True => Node::True,
            TokenKind::Null => Node::Null,
            TokenKind::Dollar => Node::Dollar,
            TokenKind::SelfKeyword => Node::SelfRef,
            TokenKind::Identifier => {
                let text = self.text_of(token);
                Node::Var(self.intern(text))
            }
            TokenKind::Super => {
                let next = self.pop()?;
                match next.kind {
                    TokenKind::Dot => {
                        let name = self.expect(TokenKind::Identifier)?;
                        let text = self.text_of(name);
                        Node::SuperField { name: self.intern(text) }
                    }
                    TokenKind::BracketL => {
                        let index = self.expression()?;
                        self.expect(TokenKind::BracketR)?;
                        Node::SuperIndex { index }
                    }
                    _ => return Err(SyntaxError::new("Expected . or [ after super", token.span)),
                }
            }
            _ => return self.unexpected(token, "parsing terminal"),
        };
        Ok(self.push(node, token.span))
    }

    /// An array; its opening bracket is taken.
    fn array(&mut self, open: Token) -> Parsed<NodeId> {
        let base = self.pending_nodes.len();
        let mut comma = true;
        loop {
            if self.token.kind == TokenKind::BracketR {
                let end = self.pop()?;
                let items = self.close_nodes(base);
                return Ok(self.push(Node::Array { items }, open.span.to(end.span)));
            }
            if self.pending_nodes.len() == base + 1 && self.token.kind == TokenKind::For {
                self.pop()?;
                let (specs, end) = self.specs(TokenKind::BracketR)?;
                let Some(body) = self.pending_nodes.pop() else {
                    return Err(SyntaxError::new("Unexpected end of file", end));
                };
                return Ok(self.push(Node::ArrayComp { body, specs }, open.span.to(end)));
            }
            if !comma {
                return Err(SyntaxError::new(
                    "Expected a comma before next array element",
                    self.token.span,
                ));
            }
            let item = self.expression()?;
            self.pending_nodes.push(item);
            comma = self.token.kind == TokenKind::Comma;
            if comma {
                self.pop()?;
            }
        }
    }
}

fn number(text: &str) -> Node {
    let bytes = text.as_bytes();
    if bytes.len() <= 9 && bytes.iter().all(u8::is_ascii_digit) {
        let value = bytes.iter().fold(0_u32, |value, &digit| value * 10 + u32::from(digit - b'0'));
        return Node::Number(f64::from(value));
    }
    let parsed = if text.contains('_') { text.replace('_', "").parse() } else { text.parse() };
    match parsed {
        Ok(value) if f64::is_finite(value) => Node::Number(value),
        _ => Node::HugeNumber,
    }
}
