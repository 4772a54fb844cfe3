//! Objects and object comprehensions.

use rustc_hash::FxHashSet;

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::lexer::{Operator, Token, TokenKind};
use crate::tree::{FieldName, List, Member, Node, NodeId, Span, StrId, Visibility};

/// Objects with fewer fields are searched, not hashed.
const FEW: usize = 12;

/// The names of an object as they are written.
#[derive(Default)]
struct Names<'t> {
    few: Vec<&'t str>,
    many: FxHashSet<&'t str>,
}

impl<'t> Names<'t> {
    /// Whether `name` is new.
    fn add(&mut self, name: &'t str) -> bool {
        if self.few.len() < FEW {
            let new = !self.few.contains(&name);
            self.few.push(name);
            return new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().copied());
        }
        self.many.insert(name)
    }
}

impl<'t> Parser<'t> {
    /// An object; its opening brace is taken.
    pub(super) fn object(&mut self, open: Token) -> Parsed<(NodeId, Span)> {
        let base = self.pending_members.len();
        let mut names = Names::default();
        let mut locals: Vec<StrId> = Vec::new();
        let mut comma = true;
        loop {
            let first = self.pop()?;
            match first.kind {
                TokenKind::BraceR => {
                    let members = self.close_members(base);
                    let span = open.span.to(first.span);
                    return Ok((self.push(Node::Object { members }, span), first.span));
                }
                TokenKind::For => return self.object_comprehension(open, first, base),
                _ => {}
            }
            if !comma {
                return Err(SyntaxError::new("Expected a comma before next field", first.span));
            }
            let member = match first.kind {
                TokenKind::BracketL | TokenKind::Identifier | TokenKind::Str(_) => {
                    self.field(first, &mut names)?
                }
                TokenKind::Local => {
                    let (bind, span) = self.bind(|parser, name| {
                        locals.iter().any(|&known| parser.tree.str(known) == name)
                    })?;
                    locals.push(bind.name);
                    Member::Local { bind, span }
                }
                TokenKind::Assert => {
                    let cond = self.expression()?;
                    let mut end = cond;
                    let mut message = None;
                    if self.at_operator(Operator::Colon) {
                        self.pop()?;
                        end = self.expression()?;
                        message = Some(end);
                    }
                    Member::Assert { cond, message, span: first.span.to(self.span_of(end)) }
                }
                _ => return self.unexpected(first, "parsing field definition"),
            };
            self.pending_members.push(member);
            comma = self.token.kind == TokenKind::Comma;
            if comma {
                self.pop()?;
            }
        }
    }

    fn close_members(&mut self, base: usize) -> List {
        let list = List {
            start: u32::try_from(self.tree.members.len()).unwrap_or(u32::MAX),
            len: u32::try_from(self.pending_members.len() - base).unwrap_or(u32::MAX),
        };
        self.tree.members.extend(self.pending_members.drain(base..));
        list
    }

    fn object_comprehension(
        &mut self,
        open: Token,
        first_for: Token,
        base: usize,
    ) -> Parsed<(NodeId, Span)> {
        let members = &self.pending_members[base..];
        let fail = |message: &str| Err(SyntaxError::new(message, first_for.span));
        if members.iter().any(|member| matches!(member, Member::Assert { .. })) {
            return fail("Object comprehension cannot have asserts");
        }
        let mut fields = members.iter().filter(|member| matches!(member, Member::Field { .. }));
        let (Some(Member::Field { name, visibility, .. }), None) = (fields.next(), fields.next())
        else {
            return fail("Object comprehension can only have one field");
        };
        if *visibility != Visibility::Inherit {
            return fail("Object comprehensions cannot have hidden fields");
        }
        if !matches!(name, FieldName::Computed(_)) {
            return fail("Object comprehensions can only have [e] fields");
        }
        let (specs, end) = self.specs(TokenKind::BraceR)?;
        let members = self.close_members(base);
        Ok((self.push(Node::ObjectComp { members, specs }, open.span.to(end)), end))
    }

    fn field(&mut self, first: Token, names: &mut Names<'t>) -> Parsed<Member> {
        let name = match first.kind {
            TokenKind::Identifier => {
                let text = self.text_of(first);
                FieldName::Identifier(self.intern(text))
            }
            TokenKind::Str(kind) => {
                let text = self.string(kind, first)?;
                FieldName::Str(self.push(Node::Str(text), first.span))
            }
            _ => {
                let name = self.expression()?;
                self.expect(TokenKind::BracketR)?;
                FieldName::Computed(name)
            }
        };
        let params = if self.token.kind == TokenKind::ParenL {
            self.pop()?;
            Some(self.parameters("method parameter")?)
        } else {
            None
        };
        let operator = self.token;
        let TokenKind::Operator(kind) = operator.kind else {
            self.expect(TokenKind::Operator(Operator::Colon))?;
            return self.unexpected(operator, "parsing field definition");
        };
        self.pop()?;
        let (plus, visibility) = match kind {
            Operator::Colon => (false, Visibility::Inherit),
            Operator::Colons => (false, Visibility::Hidden),
            Operator::Colonss => (false, Visibility::Visible),
            Operator::PlusColon => (true, Visibility::Inherit),
            Operator::PlusColons => (true, Visibility::Hidden),
            Operator::PlusColonss => (true, Visibility::Visible),
            _ => {
                let got = self.text_of(operator);
                let message = format!("Expected one of :, ::, :::, +:, +::, +:::, got: {got}");
                return Err(SyntaxError::new(message, operator.span));
            }
        };
        if plus && params.is_some() {
            let message = format!("Cannot use +: syntax sugar in a method: {}", self.data(first));
            return Err(SyntaxError::new(message, first.span));
        }
        if !matches!(name, FieldName::Computed(_)) {
            // Names are compared as they are written: escapes may still hide equal ones, which
            // are found when the object is built.
            let text = self.text_of(first);
            let written = match first.kind {
                TokenKind::Str(crate::StringKind::Double | crate::StringKind::Single) => {
                    &text[1..text.len() - 1]
                }
                _ => text,
            };
            if !names.add(written) {
                return Err(SyntaxError::new(
                    format!("Duplicate field: {}", self.data(first)),
                    first.span,
                ));
            }
        }
        let body = self.expression()?;
        let span = first.span.to(self.span_of(body));
        let method = params.is_some();
        let value = match params {
            Some(params) => self.push(Node::Function { params, body }, span),
            None => body,
        };
        Ok(Member::Field { name, plus, visibility, value, method, span })
    }
}
