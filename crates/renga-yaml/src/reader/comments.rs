//! What version 3 of the library does with comments while scanning.
//!
//! Their text is of no interest here, but where they stand is: the library eats blanks and
//! comments together (so some tabs pass that version 2 refuses), and it moves the end of a block
//! to the comments at the block's indentation, which decides the line in some errors.

use super::failure::Mark;
use super::scanner::{Scan, Scanner, Token, TokenKind, is_blank};

/// How many bytes the library looks ahead for a comment.
const LOOKAHEAD: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Head,
    Line,
    Foot,
    /// Attached to a token; all its marks are zero.
    Spent,
}

#[derive(Clone, Copy, Debug)]
struct Comment {
    kind: Kind,
    scan_mark: Mark,
    token_mark: Mark,
    start_mark: Mark,
    end_mark: Mark,
}

impl Comment {
    fn spent() -> Self {
        let zero = Mark::default();
        Self {
            kind: Kind::Spent,
            scan_mark: zero,
            token_mark: zero,
            start_mark: zero,
            end_mark: zero,
        }
    }
}

/// The comments seen so far.
#[derive(Debug, Default)]
pub(super) struct Comments {
    list: Vec<Comment>,
    /// How many at the front are attached to tokens.
    head: usize,
}

impl Comments {
    /// Attaches the comments before a token to it.
    pub(super) fn unfold(&mut self, token: &Token) {
        while let Some(comment) = self.list.get_mut(self.head) {
            if token.start.index < comment.token_mark.index
                || comment.kind == Kind::Head && token.kind == TokenKind::BlockEnd
            {
                break;
            }
            *comment = Comment::spent();
            self.head += 1;
        }
    }

    /// Moves the end of a block of this indentation to the first of its trailing comments.
    pub(super) fn place_block_end(&self, indent: isize, block_mark: &mut Mark) {
        let mut stop = block_mark.index;
        for comment in self.list.iter().rev() {
            if comment.end_mark.index < stop {
                break;
            }
            if comment.start_mark.column.cast_signed() == indent + 1 {
                *block_mark = comment.start_mark;
            }
            stop = comment.scan_mark.index;
        }
    }
}

impl Scanner {
    /// Turns a comment right after `-` into one about the content below it.
    pub(super) fn move_line_comment(&mut self) {
        let count = self.tokens.len();
        if count < 2
            || self.tokens[count - 1].kind != TokenKind::BlockEntry
            || self.tokens[count - 2].kind != TokenKind::BlockSequenceStart
            || self.is_break(0)
        {
            return;
        }
        let mark = self.mark;
        if let Some(comment) = self.comments.list.last_mut()
            && comment.kind == Kind::Line
        {
            comment.kind = Kind::Head;
            if comment.start_mark.line + 1 == mark.line {
                comment.token_mark = mark;
            }
        }
    }

    /// Eats the comment that follows a token on its line.
    pub(super) fn scan_line_comment(&mut self, token_mark: Mark) -> Scan {
        if self.newlines > 0 {
            return Ok(());
        }
        let Some(peek) = (0..LOOKAHEAD).find(|&peek| !is_blank(self.byte(peek))) else {
            return self.ensure(LOOKAHEAD);
        };
        self.ensure(peek + 1)?;
        if self.byte(peek) != b'#' {
            return Ok(());
        }
        let start_mark = self.eat_comment(peek)?;
        self.comments.list.push(Comment {
            kind: Kind::Line,
            token_mark,
            start_mark,
            ..Comment::spent()
        });
        Ok(())
    }

    /// Eats the blanks before a comment that many characters ahead, and the comment. Returns
    /// where it began.
    fn eat_comment(&mut self, ahead: usize) -> Scan<Mark> {
        let seen = self.mark.index + ahead.cast_signed();
        let mut start = None;
        loop {
            self.ensure(1)?;
            if self.is_breakz(0) {
                if self.mark.index >= seen || self.at_end() {
                    return Ok(start.unwrap_or(self.mark));
                }
                self.ensure(2)?;
                self.skip_line();
            } else {
                if self.mark.index >= seen {
                    start.get_or_insert(self.mark);
                }
                self.skip();
            }
        }
    }

    /// Notes a comment that belongs to what is above it.
    fn foot(&mut self, scan_mark: Mark, token_mark: Mark, start_mark: Mark, end_mark: Mark) {
        let kind = Kind::Foot;
        self.comments.list.push(Comment { kind, scan_mark, token_mark, start_mark, end_mark });
    }

    /// Eats comments between tokens, together with the blank lines among them.
    pub(super) fn scan_comments(&mut self, mut scan_mark: Mark) -> Scan {
        let count = self.tokens.len();
        let token = match self.tokens.back() {
            Some(Token { kind: TokenKind::FlowEntry, .. }) if count > 1 => &self.tokens[count - 2],
            Some(token) => token,
            None => return self.skip_to_line_end(),
        };
        let after_value = token.kind == TokenKind::Value;
        let mut token_mark = token.start;
        let mut start_mark = Mark::default();
        let next_indent = self.indent.max(0);
        let mut recent_empty = false;
        let mut first_empty = self.newlines <= 1;
        let mut line = self.mark.line;
        let mut column = self.mark.column.cast_signed();
        let mut has_text = false;
        // The line where a comment still belongs to the content before it.
        let foot_line = (scan_mark.line > 0).then(|| {
            let extra = usize::from(self.newlines == 0 && self.mark.column > 1);
            (self.mark.line + 1 + extra).saturating_sub(self.newlines)
        });

        let mut peek = 0;
        while peek < LOOKAHEAD {
            self.ensure(peek + 1)?;
            column += 1;
            let byte = self.byte(peek);
            if is_blank(byte) {
                peek += 1;
                continue;
            }
            let here = |mark: Mark| Mark {
                index: mark.index + peek.cast_signed(),
                line,
                column: column.unsigned_abs(),
            };
            let dedented = start_mark.column.cast_signed() - 1 < next_indent;
            let close_flow = self.flow_level > 0 && matches!(byte, b']' | b'}');
            if close_flow || self.is_breakz(peek) {
                let is_foot = close_flow
                    || !recent_empty
                        && first_empty
                        && (Some(start_mark.line) == foot_line && !after_value || dedented);
                if is_foot && has_text {
                    if dedented {
                        token_mark = start_mark;
                    }
                    let end_mark = here(self.mark);
                    self.foot(scan_mark, token_mark, start_mark, end_mark);
                    (scan_mark, token_mark, has_text) = (end_mark, end_mark, false);
                }
                if !self.is_break(peek) {
                    break;
                }
                first_empty = false;
                recent_empty = true;
                column = 0;
                line += 1;
                peek += 1;
                continue;
            }
            if has_text && column - 1 < next_indent && column != start_mark.column.cast_signed() {
                let end_mark = here(self.mark);
                self.foot(scan_mark, token_mark, start_mark, end_mark);
                (scan_mark, token_mark, has_text) = (end_mark, end_mark, false);
            }
            if byte != b'#' {
                break;
            }
            if !has_text {
                start_mark = here(self.mark);
            }
            recent_empty = false;
            self.eat_comment(peek)?;
            has_text = true;
            column = 0;
            line = self.mark.line;
            // The break at the end of the comment is behind us.
            peek = 1;
        }
        if has_text {
            self.comments.list.push(Comment {
                kind: Kind::Head,
                scan_mark,
                token_mark: start_mark,
                start_mark,
                end_mark: Mark {
                    index: self.mark.index + peek.cast_signed() - 1,
                    line,
                    column: column.unsigned_abs(),
                },
            });
        }
        Ok(())
    }
}
