//! Finding concatenations of strings with what may be a number.
//!
//! The evaluator writes a fraction that is added to a string in the fewest digits, go-jsonnet with
//! seventeen: alert rules that say `'> ' + threshold` differ. So operands beside a string literal are
//! wrapped in a function that writes numbers as go-jsonnet does and leaves everything else alone, and
//! a literal with `%` behind it becomes a call of a function that formats so.
//!
//! Works on tokens, and only where these leave no doubt: the operands of one chain of `+`, of which
//! one is a string literal. Right of the literal each operand is wrapped; left of it all of them
//! together, since they are added first. Operands that call functions of the user are left alone:
//! the wrapping would count as a stack frame in recursions.

use crate::lexer::{Token, TokenKind};

/// The function that operands are wrapped in.
pub(crate) const TEXT: &str = "__renga_text";

/// The function that a format becomes a call of.
pub(crate) const FORMAT: &str = "__renga_format";

/// What to change, in bytes of the text.
#[derive(Debug, Default)]
pub(crate) struct Concatenations {
    /// The bounds of operands to wrap.
    pub(crate) wraps: Vec<(usize, usize)>,
    /// Where formats begin, where their `%` is, and where their values end.
    pub(crate) formats: Vec<(usize, usize, usize)>,
}

/// Finds concatenations token by token.
pub(crate) struct Finder<'a> {
    text: &'a str,
    levels: Vec<Level>,
    found: Concatenations,
}

/// What is between two brackets.
#[derive(Default)]
struct Level {
    chain: Option<Chain>,
    /// The brackets hold the parameters of a function literal, whose body follows.
    parameters: bool,
    /// A user's function is called in here.
    calls: bool,
}

/// Operands with `+` and `-` between them.
struct Chain {
    start: usize,
    /// The end of the operands before the current one.
    left: Option<usize>,
    /// A string literal was among them, so that they are a string by now.
    is_text: bool,
    operand: Option<Operand>,
}

struct Operand {
    start: usize,
    end: usize,
    /// Exactly one string literal.
    is_literal: bool,
    /// A literal with `%` behind it.
    is_format: bool,
    /// Begins with a string literal, a format most likely, or is `super`.
    is_exempt: bool,
    /// Begins with `std`.
    is_std: bool,
    calls: bool,
    /// An operator of higher precedence awaits its right side.
    is_open: bool,
    /// The `%` behind the literal it begins with.
    percent: Option<usize>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, levels: vec![Level::default()], found: Concatenations::default() }
    }

    /// What was found. Only to be used of a text whose brackets match.
    pub(crate) fn finish(mut self) -> Concatenations {
        self.end_chain();
        self.found
    }

    /// Takes the next token; comments are none.
    pub(crate) fn token(&mut self, token: Token) {
        match token.kind {
            TokenKind::Open => self.open(token),
            TokenKind::Close => self.close(token),
            TokenKind::Comma | TokenKind::Semicolon => self.end_chain(),
            TokenKind::Operator => self.operator(token),
            TokenKind::Word => self.word(token),
            TokenKind::String => self.extend(token, true),
            TokenKind::Number | TokenKind::Dot => self.extend(token, false),
            TokenKind::BlockComment => {}
        }
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn operand(&mut self) -> Option<&mut Operand> {
        self.level().chain.as_mut().and_then(|chain| chain.operand.as_mut())
    }

    fn open(&mut self, token: Token) {
        let is_call = self.text.as_bytes()[token.start] == b'('
            && self.operand().is_some_and(|operand| !operand.is_open && !operand.is_std);
        let parameters = std::mem::take(&mut self.level().parameters);
        self.extend(token, false);
        if is_call && let Some(operand) = self.operand() {
            operand.calls = true;
        }
        self.levels.push(Level { parameters, ..Level::default() });
    }

    fn close(&mut self, token: Token) {
        self.end_chain();
        let Some(inner) = self.levels.pop() else { return };
        self.extend(token, false);
        let level = self.level();
        level.calls |= inner.calls;
        if inner.parameters {
            // The body of the function is an expression of its own.
            level.chain = None;
        } else if let Some(operand) = self.operand() {
            operand.calls |= inner.calls;
        }
    }

    fn word(&mut self, token: Token) {
        match &self.text[token.start..token.end] {
            "then" | "else" | "for" | "in" | "if" | "local" | "error" | "assert" => {
                self.end_chain();
            }
            "function" => {
                self.end_chain();
                self.level().parameters = true;
            }
            word => {
                let first = self.operand().is_none();
                self.extend(token, false);
                if first && let Some(operand) = self.operand() {
                    operand.is_std = word == "std";
                    operand.is_exempt = word == "super" || word.starts_with("import");
                }
            }
        }
    }

    fn operator(&mut self, token: Token) {
        let awaited = self.operand().is_none_or(|operand| operand.is_open);
        match &self.text[token.start..token.end] {
            "$" => self.extend(token, false),
            "+" | "-" | "!" | "~" if awaited => self.begin_operand(token),
            "+" if self.text[token.end..].starts_with(':') => self.end_chain(),
            "+" | "-" => self.end_operand(),
            operator @ ("*" | "/" | "%") => {
                self.end_format();
                let is_format =
                    operator == "%" && self.operand().is_some_and(|operand| operand.is_literal);
                self.extend(token, false);
                if is_format && let Some(operand) = self.operand() {
                    operand.percent = Some(token.start);
                    operand.is_format = true;
                }
                if let Some(operand) = self.operand() {
                    operand.is_open = true;
                }
            }
            _ => self.end_chain(),
        }
    }

    /// A prefix operator: the operand goes on behind it.
    fn begin_operand(&mut self, token: Token) {
        self.extend(token, false);
        if let Some(operand) = self.operand() {
            operand.is_open = true;
        }
    }

    fn extend(&mut self, token: Token, is_string: bool) {
        let chain = self.level().chain.get_or_insert(Chain {
            start: token.start,
            left: None,
            is_text: false,
            operand: None,
        });
        match &mut chain.operand {
            Some(operand) => {
                operand.end = token.end;
                operand.is_literal = false;
                operand.is_open = false;
            }
            None => {
                chain.operand = Some(Operand {
                    start: token.start,
                    end: token.end,
                    is_literal: is_string,
                    is_format: false,
                    is_exempt: is_string,
                    is_std: false,
                    calls: false,
                    is_open: false,
                    percent: None,
                });
            }
        }
    }

    /// The values of a format end before the next operator of the same precedence.
    fn end_format(&mut self) {
        let Some(operand) = self.operand() else { return };
        let (start, end, calls) = (operand.start, operand.end, operand.calls);
        if let Some(percent) = operand.percent.take()
            && !calls
        {
            self.found.formats.push((start, percent, end));
        }
    }

    fn end_operand(&mut self) {
        self.end_format();
        let Some(mut chain) = self.level().chain.take() else { return };
        if let Some(operand) = chain.operand.take() {
            self.level().calls |= operand.calls;
            let calls = self.level().calls;
            if (operand.is_literal || operand.is_format) && !chain.is_text {
                chain.is_text = true;
                if let Some(left) = chain.left
                    && !calls
                {
                    self.found.wraps.push((chain.start, left));
                }
            } else if chain.is_text && !operand.is_exempt && !operand.calls {
                self.found.wraps.push((operand.start, operand.end));
            }
            chain.left = Some(operand.end);
        }
        self.level().chain = Some(chain);
    }

    fn end_chain(&mut self) {
        self.end_operand();
        self.level().chain = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::Lexer;

    fn wrapped(text: &str) -> String {
        let mut finder = Finder::new(text);
        Lexer::new(text).for_each(|token| finder.token(token));
        let found = finder.finish();
        let mut edits: Vec<(usize, char)> = Vec::new();
        for (start, end) in found.wraps {
            edits.extend([(start, '‹'), (end, '›')]);
        }
        for (start, percent, end) in found.formats {
            edits.extend([(start, '«'), (percent, '¦'), (end, '»')]);
        }
        edits.sort_by_key(|edit| edit.0);
        let mut out = String::new();
        let mut done = 0;
        for (at, mark) in edits {
            out.push_str(&text[done..at]);
            out.push(mark);
            done = at;
        }
        out + &text[done..]
    }

    #[test]
    fn operands_beside_a_string_literal_are_wrapped() {
        for (text, expected) in [
            ("'a' + b", "'a' + ‹b›"),
            ("a + 'b'", "‹a› + 'b'"),
            ("a + b + 'c' + d", "‹a + b› + 'c' + ‹d›"),
            ("'a' + -b * c + (d / e)", "'a' + ‹-b * c› + ‹(d / e)›"),
            ("$.a.b[0] + '%'", "‹$.a.b[0]› + '%'"),
            ("{ a: 'x' + self.b, c+: d + 'e' }", "{ a: 'x' + ‹self.b›, c+: ‹d› + 'e' }"),
            ("{ 'k': v, ['a' + b]: c }", "{ 'k': v, ['a' + ‹b›]: c }"),
            ("if a == 'b' + c then d + 'e' else f", "if a == 'b' + ‹c› then ‹d› + 'e' else f"),
            ("function(x) x + 'a'", "function(x) ‹x› + 'a'"),
            ("local f(x, y=z + 'q') = 'a' + y; f", "local f(x, y=‹z› + 'q') = 'a' + ‹y›; f"),
            ("[a + 'b' for a in c if d + 'e' == f]", "[‹a› + 'b' for a in c if ‹d› + 'e' == f]"),
            ("'a' + std.max(b, c)", "'a' + ‹std.max(b, c)›"),
            ("|||\n  a\n||| + b", "|||\n  a\n||| + ‹b›"),
        ] {
            assert_eq!(wrapped(text), expected);
        }
    }

    #[test]
    fn formats_reach_to_the_next_operator() {
        for (text, expected) in [
            ("'%s' % a", "«'%s' ¦% a»"),
            ("'%s' % a.b + 'c'", "«'%s' ¦% a.b» + 'c'"),
            ("'a' + '%s' % [b, c] + d", "'a' + «'%s' ¦% [b, c]» + ‹d›"),
            ("'%s' % a % b", "«'%s' ¦% a» % b"),
            ("'%s' % -a == b", "«'%s' ¦% -a» == b"),
            ("{ a: '%(b)s' % { b: '%d' % 1 } }", "{ a: «'%(b)s' ¦% { b: «'%d' ¦% 1» }» }"),
            ("a % 'b'", "a % 'b'"),
            ("'%s' % f(a)", "'%s' % f(a)"),
        ] {
            assert_eq!(wrapped(text), expected);
        }
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in [
            "a + b",
            "'a' + 'b'",
            "'a' + f(b)",
            "'a' + (if b then f(c) else d)",
            "f(a) + 'b'",
            "'a' + if b then c else d",
            "import 'a' + b",
            "(import 'a') + b",
            "{ a+: { b: 'c' } }",
            "'a' in super + b",
            "a { b: 'c' }",
            "'a' == b + c",
        ] {
            assert_eq!(wrapped(text), text);
        }
    }
}
