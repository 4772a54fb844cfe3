//! The patterns of `.Files.Glob`: gobwas/glob with `/` as separator.
//!
//! `*` and `?` stay inside a path segment, `**` crosses segments, `[ab]`, `[a-z]` and `[!…]` are
//! one character of any kind, `{a,b}` are alternatives that nest. Matching keeps the set of
//! positions a pattern can have reached, so no pattern takes more than linear time per piece.

/// The deepest nesting of alternatives.
const MAX_DEPTH: usize = 100;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `*`
    Any,
    /// `**`
    Super,
    /// `?`
    Single,
    List {
        not: bool,
        chars: String,
    },
    Range {
        not: bool,
        low: char,
        high: char,
    },
    AnyOf(Vec<Vec<Piece>>),
}

impl Glob {
    /// Compiles a pattern; `None` when it is malformed.
    pub(crate) fn compile(pattern: &str) -> Option<Self> {
        let mut parser = Parser { rest: pattern, depth: 0 };
        // A branch that is not closed ends with the pattern.
        parser.pattern().map(Self)
    }

    /// Whether the whole path matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut start = vec![false; path.len() + 1];
        start[0] = true;
        advance(&self.0, path, start).last().copied().unwrap_or(false)
    }
}

/// The positions reachable after the pieces, from the positions reachable before them.
fn advance(pieces: &[Piece], path: &str, mut at: Vec<bool>) -> Vec<bool> {
    for piece in pieces {
        let mut next = vec![false; path.len() + 1];
        match piece {
            Piece::Text(text) => {
                for (index, _) in at.iter().enumerate().filter(|(_, reached)| **reached) {
                    if path[index..].starts_with(text.as_str()) {
                        next[index + text.len()] = true;
                    }
                }
            }
            Piece::Any | Piece::Super => {
                let mut open = false;
                for index in 0..=path.len() {
                    open |= at[index];
                    if open && path.is_char_boundary(index) {
                        next[index] = true;
                    }
                    if *piece == Piece::Any && path.as_bytes().get(index) == Some(&b'/') {
                        open = false;
                    }
                }
            }
            Piece::Single | Piece::List { .. } | Piece::Range { .. } => {
                for (index, _) in at.iter().enumerate().filter(|(_, reached)| **reached) {
                    if let Some(c) = path[index..].chars().next().filter(|&c| takes(piece, c)) {
                        next[index + c.len_utf8()] = true;
                    }
                }
            }
            Piece::AnyOf(branches) => {
                for branch in branches {
                    let reached = advance(branch, path, at.clone());
                    next.iter_mut().zip(reached).for_each(|(all, one)| *all |= one);
                }
            }
        }
        at = next;
    }
    at
}

fn takes(piece: &Piece, c: char) -> bool {
    match piece {
        Piece::List { not, chars } => chars.contains(c) != *not,
        Piece::Range { not, low, high } => (*low..=*high).contains(&c) != *not,
        _ => c != '/',
    }
}

struct Parser<'p> {
    rest: &'p str,
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Pieces up to the end of the pattern or of the branch.
    fn pattern(&mut self) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        while let Some(c) = self.rest.chars().next() {
            if self.depth > 0 && matches!(c, ',' | '}') {
                break;
            }
            match c {
                '{' => {
                    self.next();
                    pieces.push(self.branches()?);
                }
                '[' => {
                    self.next();
                    pieces.push(self.class()?);
                }
                '?' => {
                    self.next();
                    pieces.push(Piece::Single);
                }
                '*' => {
                    self.next();
                    if self.rest.starts_with('*') {
                        self.next();
                        pieces.push(Piece::Super);
                    } else {
                        pieces.push(Piece::Any);
                    }
                }
                _ => pieces.push(Piece::Text(self.text(if self.depth > 0 {
                    &['?', '*', '[', '{', '}', ',']
                } else {
                    &['?', '*', '[', '{']
                }))),
            }
        }
        Some(pieces)
    }

    fn branches(&mut self) -> Option<Piece> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut branches = vec![self.pattern()?];
        while self.next() == Some(',') {
            branches.push(self.pattern()?);
        }
        self.depth -= 1;
        Some(Piece::AnyOf(branches))
    }

    fn text(&mut self, breakers: &[char]) -> String {
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            if breakers.contains(&c) {
                break;
            }
            self.next();
            // A backslash at the very end is dropped.
            match c {
                '\\' => text.extend(self.next()),
                c => text.push(c),
            }
        }
        text
    }

    fn class(&mut self) -> Option<Piece> {
        let not = self.rest.starts_with('!');
        if not {
            self.next();
        }
        let mut ahead = self.rest.chars();
        let (first, second) = (ahead.next()?, ahead.next());
        if second == Some('-') {
            self.next();
            self.next();
            let high = self.next()?;
            return (self.next()? == ']' && first <= high).then_some(Piece::Range {
                not,
                low: first,
                high,
            });
        }
        let chars = self.text(&[']']);
        (self.next()? == ']' && !chars.is_empty()).then_some(Piece::List { not, chars })
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::compile(pattern).unwrap().matches(path)
    }

    #[test]
    fn stars_know_segments() {
        assert!(matches("*.yaml", "a.yaml"));
        assert!(!matches("*.yaml", "d/a.yaml"));
        assert!(matches("**.yaml", "d/a.yaml"));
        assert!(matches("files/*", "files/a"));
        assert!(!matches("files/*", "files/a/b"));
        assert!(matches("files/**", "files/a/b"));
        assert!(!matches("**/a", "a"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "a/c"));
    }

    #[test]
    fn classes_and_branches() {
        assert!(matches("{a,b}/*.{yml,yaml}", "b/x.yaml"));
        assert!(!matches("{a,b}/*.{yml,yaml}", "c/x.yaml"));
        assert!(matches("{a{b,c},d}", "ac"));
        assert!(matches("[!a-c]x", "dx"));
        assert!(!matches("[!a-c]x", "bx"));
        assert!(matches("[xyz]", "y"));
        assert!(matches(r"\*", "*"));
        assert!(matches("a}b", "a}b"));
        assert!(matches("{a", "a"));
        assert!(matches("é?", "éü"));
    }

    #[test]
    fn malformed_classes_are_refused() {
        for pattern in ["[", "[]", "[a", "[c-a]", "[a-cx]", "[!"] {
            assert_eq!(Glob::compile(pattern), None, "{pattern}");
        }
    }
}
