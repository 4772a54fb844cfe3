//! Parameters, arguments and the variables of a `local`.

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::lexer::{Operator, TokenKind};
use crate::tree::{Argument, Bind, List, Node, Parameter};

impl Parser<'_> {
    /// Parameters up to and with the closing parenthesis; the opening one is taken.
    pub(super) fn parameters(&mut self, what: &str) -> Parsed<List> {
        let mut found: Vec<Parameter> = Vec::new();
        let mut comma = true;
        while self.token.kind != TokenKind::ParenR {
            if !comma {
                let shown = self.shown(self.token);
                let message = format!("Expected a comma before next {what}, got {shown}");
                return Err(SyntaxError::new(message, self.token.span));
            }
            let name = self
                .expect(TokenKind::Identifier)
                .map_err(|error| error.during("parsing parameter"))?;
            let default = if self.at_operator(Operator::Assign) {
                self.pop()?;
                Some(self.expression()?)
            } else {
                None
            };
            let text = self.text_of(name);
            found.push(Parameter { name: self.intern(text), span: name.span, default });
            comma = self.token.kind == TokenKind::Comma;
            if comma {
                self.pop()?;
            }
        }
        self.pop()?;
        let start = u32::try_from(self.tree.parameters.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(found.len()).unwrap_or(u32::MAX);
        self.tree.parameters.extend(found);
        Ok(List { start, len })
    }

    /// Arguments up to and with the closing parenthesis; the opening one is taken. Also gives
    /// where the call ends.
    pub(super) fn arguments(&mut self) -> Parsed<(List, crate::tree::Span)> {
        let mut found: Vec<Argument> = Vec::new();
        let mut comma = true;
        while self.token.kind != TokenKind::ParenR {
            let first = self.token;
            if !comma {
                let shown = self.shown(first);
                let message =
                    format!("Expected a comma before next function argument, got {shown}");
                return Err(SyntaxError::new(message, first.span));
            }
            let mut name = None;
            if first.kind == TokenKind::Identifier
                && self.second()?.kind == TokenKind::Operator(Operator::Assign)
            {
                self.pop()?;
                self.pop()?;
                let text = self.text_of(first);
                name = Some(self.intern(text));
            }
            let value = self.expression()?;
            comma = self.token.kind == TokenKind::Comma;
            if comma {
                self.pop()?;
            }
            if name.is_none() && found.last().is_some_and(|last| last.name.is_some()) {
                let message = "Positional argument after a named argument is not allowed";
                return Err(SyntaxError::new(message, first.span));
            }
            found.push(Argument { name, value });
        }
        let end = self.pop()?.span;
        let start = u32::try_from(self.tree.arguments.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(found.len()).unwrap_or(u32::MAX);
        self.tree.arguments.extend(found);
        Ok((List { start, len }, end))
    }

    /// The variables of a `local` up to and with the semicolon.
    pub(super) fn binds(&mut self) -> Parsed<List> {
        let mut found: Vec<Bind> = Vec::new();
        loop {
            let (bind, _) = self
                .bind(|parser, name| found.iter().any(|bind| parser.tree.str(bind.name) == name))?;
            found.push(bind);
            let end = self.pop()?;
            match end.kind {
                TokenKind::Semicolon => break,
                TokenKind::Comma => {}
                _ => {
                    let message = format!("Expected , or ; but got {}", self.shown(end));
                    return Err(SyntaxError::new(message, end.span));
                }
            }
        }
        let start = u32::try_from(self.tree.binds.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(found.len()).unwrap_or(u32::MAX);
        self.tree.binds.extend(found);
        Ok(List { start, len })
    }

    /// `name = value` or `name(parameters) = value`, and where it stands.
    pub(super) fn bind(
        &mut self,
        known: impl FnOnce(&Self, &str) -> bool,
    ) -> Parsed<(Bind, crate::tree::Span)> {
        let token = self.expect(TokenKind::Identifier)?;
        let text = self.text_of(token);
        if known(self, text) {
            return Err(SyntaxError::new(format!("Duplicate local var: {text}"), token.span));
        }
        let name = self.intern(text);
        let params = if self.token.kind == TokenKind::ParenL {
            self.pop()?;
            Some(self.parameters("function parameter")?)
        } else {
            None
        };
        self.expect_assign()?;
        let body = self.expression()?;
        let span = token.span.to(self.span_of(body));
        let sugared = params.is_some();
        let value = match params {
            Some(params) => self.push(Node::Function { params, body }, span),
            None => body,
        };
        Ok((Bind { name, name_span: token.span, value, sugared }, span))
    }
}
