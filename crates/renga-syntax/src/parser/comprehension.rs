//! The `for` and `if` parts of comprehensions.

use super::{Parsed, Parser, kind_name};
use crate::error::SyntaxError;
use crate::lexer::TokenKind;
use crate::tree::{List, Span, Spec};

impl Parser<'_> {
    /// Everything behind the first `for`, which is taken, up to and with `end`. Also gives where
    /// that is.
    pub(super) fn specs(&mut self, end: TokenKind) -> Parsed<(List, Span)> {
        let mut found: Vec<Spec> = Vec::new();
        loop {
            let name = self.expect(TokenKind::Identifier)?;
            let text = self.text_of(name);
            let var = self.intern(text);
            self.expect(TokenKind::In)?;
            let list = self.expression()?;
            found.push(Spec::For { var, var_span: name.span, list });
            let mut next = self.pop()?;
            while next.kind == TokenKind::If {
                let cond = self.expression()?;
                found.push(Spec::If { cond });
                next = self.pop()?;
            }
            if next.kind == end {
                let start = u32::try_from(self.tree.specs.len()).unwrap_or(u32::MAX);
                let len = u32::try_from(found.len()).unwrap_or(u32::MAX);
                self.tree.specs.extend(found);
                return Ok((List { start, len }, next.span));
            }
            if next.kind != TokenKind::For {
                let shown = self.shown(next);
                let message = format!(
                    "Expected for, if or {} after for clause, got: {shown}",
                    kind_name(end)
                );
                return Err(SyntaxError::new(message, next.span));
            }
        }
    }
}
