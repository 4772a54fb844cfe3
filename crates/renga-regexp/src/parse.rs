//! The reader of patterns: accepts what Go accepts, and fails where Go fails, in Go's words.
//!
//! A pattern is read from left to right onto a stack of parts, open groups and bars. The parts are
//! put together as Go does it (characters in a row become one literal, a sequence in a sequence
//! becomes one sequence, single characters beside a bar become a class), because Go's limits count
//! the result. Two things Go does are left out: factoring out what branches have in common, which
//! changes no match, and beginning to count the size only when it may matter.

use crate::error::{ErrorCode, RegexpError};
use crate::escape::{before, bracket_class, escaped_class, escaped_rune};
use crate::node::{Kind, MAX_HEIGHT, Node, Repetition};
use crate::unicode::simple_fold;

/// How many instructions a compiled pattern may have: 128 MiB of 40 bytes each.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// How many numbers all classes and literals may have: 128 MiB of 4 bytes each.
const MAX_RUNES: usize = (128 << 20) / 4;
/// The highest repeat count, alone or multiplied with those around it.
const MAX_REPEAT: u64 = 1000;

/// A pattern that has been read.
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// The names of the groups; the first entry stands for the whole match.
    pub(crate) group_names: Vec<Option<String>>,
}

/// Reads a pattern.
///
/// # Errors
///
/// [`RegexpError`] when Go refuses the pattern.
pub(crate) fn parse(pattern: &str) -> Result<Parsed, RegexpError> {
    let mut parser = Parser {
        pattern,
        flags: Flags::default(),
        stack: Vec::new(),
        group_names: vec![None],
        runes: 0,
    };
    parser.read()?;
    Ok(Parsed { root: parser.finish()?, group_names: parser.group_names })
}

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `i`: case makes no difference.
    fold: bool,
    /// `m`: `^` and `$` are about lines.
    multi_line: bool,
    /// `s`: `.` matches a line feed.
    dot_newline: bool,
    /// `U`: repetitions prefer fewer, and `?` behind them turns that around.
    non_greedy: bool,
}

/// How a group begins.
#[derive(Clone, Copy)]
enum Group<'n> {
    Plain,
    Capture,
    Named(&'n str),
}

/// What lies on the stack.
enum Item {
    Node(Node),
    /// An open group, with the flags to return to, and whether it captures.
    Group {
        flags: Flags,
        captures: bool,
    },
    /// Everything below it, down to the open group, is a branch.
    Bar,
}

/// The state between two characters of a pattern.
struct Parser<'p> {
    pattern: &'p str,
    flags: Flags,
    stack: Vec<Item>,
    group_names: Vec<Option<String>>,
    runes: usize,
}

impl<'p> Parser<'p> {
    fn read(&mut self) -> Result<(), RegexpError> {
        let mut rest = self.pattern;
        // Where the repetition that was read just before begins.
        let mut last_repeat = None;
        while let Some(character) = rest.chars().next() {
            let here = rest;
            let mut repeat = None;
            rest = &rest[character.len_utf8()..];
            match character {
                '(' if rest.starts_with('?') => rest = self.read_group(here)?,
                '(' => self.open_group(Group::Capture)?,
                ')' => self.close_group()?,
                '|' => self.bar()?,
                '^' if self.flags.multi_line => self.push(Kind::BeginLine)?,
                '^' => self.push(Kind::BeginText)?,
                '$' if self.flags.multi_line => self.push(Kind::EndLine)?,
                '$' => self.push(Kind::EndText)?,
                '.' if self.flags.dot_newline => self.push(Kind::Any)?,
                '.' => self.push(Kind::AnyButNewline)?,
                '[' => {
                    let (class, after) = bracket_class(here, self.flags.fold)?;
                    self.push(Kind::Class(class))?;
                    rest = after;
                }
                '*' | '+' | '?' | '{' => match read_repetition(here) {
                    Some((repetition, after)) => {
                        let repetition = repetition.ok_or_else(|| {
                            RegexpError::new(ErrorCode::InvalidRepeatSize, before(here, after))
                        })?;
                        rest = self.repeat(repetition, here, after, last_repeat)?;
                        repeat = Some(here);
                    }
                    None => self.literal('{'.into())?,
                },
                '\\' => rest = self.read_escape(here)?,
                _ => self.literal(character.into())?,
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Node, RegexpError> {
        self.end_branches()?;
        match self.stack.pop() {
            Some(Item::Node(root)) if self.stack.is_empty() => Ok(root),
            _ => Err(RegexpError::new(ErrorCode::MissingParen, self.pattern)),
        }
    }

    /// Reads what a backslash begins.
    fn read_escape(&mut self, text: &'p str) -> Result<&'p str, RegexpError> {
        let kind = match text.as_bytes().get(1) {
            Some(b'A') => Kind::BeginText,
            Some(b'b') => Kind::WordBoundary,
            Some(b'B') => Kind::NoWordBoundary,
            Some(b'z') => Kind::EndText,
            Some(b'C') => return Err(RegexpError::new(ErrorCode::InvalidEscape, &text[..2])),
            Some(b'Q') => {
                let (quoted, rest) = text[2..].split_once("\\E").unwrap_or((&text[2..], ""));
                for character in quoted.chars() {
                    self.literal(character.into())?;
                }
                return Ok(rest);
            }
            _ => {
                if let Some((class, rest)) = escaped_class(text, self.flags.fold)? {
                    self.push(Kind::Class(class))?;
                    return Ok(rest);
                }
                let (rune, rest) = escaped_rune(text)?;
                self.literal(rune)?;
                return Ok(rest);
            }
        };
        self.push(kind)?;
        Ok(&text[2..])
    }

    /// Reads what `(?` begins: a named group, flags, or a group that does not capture.
    fn read_group(&mut self, text: &'p str) -> Result<&'p str, RegexpError> {
        if let Some(named) = text.strip_prefix("(?P<").or_else(|| text.strip_prefix("(?<"))
            && !(named.is_empty())
        {
            let invalid = |part| RegexpError::new(ErrorCode::InvalidNamedCapture, part);
            let (name, rest) = named.split_once('>').ok_or_else(|| invalid(text))?;
            let allowed = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
            if name.is_empty() || !name.bytes().all(allowed) {
                return Err(invalid(before(text, rest)));
            }
            self.open_group(Group::Named(name))?;
            return Ok(rest);
        }

        let mut flags = self.flags;
        let mut value = true;
        let mut complete = true;
        let mut characters = text[2..].chars();
        for character in characters.by_ref() {
            match character {
                'i' => flags.fold = value,
                'm' => flags.multi_line = value,
                's' => flags.dot_newline = value,
                'U' => flags.non_greedy = value,
                '-' if value => value = false,
                ':' | ')' if complete => {
                    if character == ':' {
                        self.open_group(Group::Plain)?;
                    }
                    self.flags = flags;
                    return Ok(characters.as_str());
                }
                _ => break,
            }
            // A minus must be followed by a flag.
            complete = character != '-';
        }
        Err(RegexpError::new(ErrorCode::InvalidPerlOp, before(text, characters.as_str())))
    }

    fn open_group(&mut self, group: Group<'_>) -> Result<(), RegexpError> {
        self.join_literals();
        self.check_runes()?;
        let captures = !matches!(group, Group::Plain);
        self.stack.push(Item::Group { flags: self.flags, captures });
        match group {
            Group::Plain => {}
            Group::Capture => self.group_names.push(None),
            Group::Named(name) => self.group_names.push(Some(name.to_owned())),
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), RegexpError> {
        self.end_branches()?;
        let (Some(Item::Node(inner)), Some(Item::Group { flags, captures })) =
            (self.stack.pop(), self.stack.pop())
        else {
            return Err(RegexpError::new(ErrorCode::UnexpectedParen, self.pattern));
        };
        self.flags = flags;
        if captures { self.push(Kind::Capture(Box::new(inner))) } else { self.push_node(inner) }
    }

    fn bar(&mut self) -> Result<(), RegexpError> {
        self.concat()?;
        if !self.sink_below_bar() {
            self.stack.push(Item::Bar);
        }
        Ok(())
    }

    /// Puts the branches since the last open group together.
    fn end_branches(&mut self) -> Result<(), RegexpError> {
        self.concat()?;
        if self.sink_below_bar() {
            self.stack.pop();
        }
        let mut branches = self.take_nodes();
        let whole = if branches.len() == 1 {
            branches.remove(0)
        } else {
            let flatten = |node| match node {
                Node { kind: Kind::Alternate(inner), .. } => inner,
                other => vec![other],
            };
            Node::new(Kind::Alternate(branches.into_iter().flat_map(flatten).collect()))
        };
        self.push_node(whole)
    }

    /// Puts the parts since the last bar or open group together.
    fn concat(&mut self) -> Result<(), RegexpError> {
        self.join_literals();
        let mut parts = self.take_nodes();
        match parts.len() {
            0 => self.push(Kind::Empty),
            1 => self.push_node(parts.remove(0)),
            _ => {
                let flatten = |node| match node {
                    Node { kind: Kind::Concat(inner), .. } => inner,
                    other => vec![other],
                };
                self.push(Kind::Concat(parts.into_iter().flat_map(flatten).collect()))
            }
        }
    }

    /// Takes the nodes on top of the stack, down to the last bar or open group.
    fn take_nodes(&mut self) -> Vec<Node> {
        let is_node = |item: &Item| matches!(item, Item::Node(_));
        let begin = self.stack.iter().rposition(|item| !is_node(item)).map_or(0, |last| last + 1);
        let nodes = self.stack.drain(begin..);
        nodes
            .filter_map(|item| if let Item::Node(node) = item { Some(node) } else { None })
            .collect()
    }

    /// If a bar lies right below the node on top, moves the node below the bar, so that all branches
    /// lie together; two branches of one character each become a class.
    fn sink_below_bar(&mut self) -> bool {
        let [below @ .., Item::Bar, Item::Node(top)] = self.stack.as_slice() else { return false };
        let merged = match below {
            [.., Item::Node(previous)] => merge_branches(previous, top),
            _ => None,
        };
        let last = self.stack.len() - 1;
        if let Some(class) = merged {
            self.stack.truncate(last);
            self.stack[last - 2] = Item::Node(class);
        } else {
            self.stack.swap(last - 1, last);
        }
        true
    }

    fn literal(&mut self, rune: u32) -> Result<(), RegexpError> {
        let fold = self.flags.fold;
        self.push(Kind::Literal {
            runes: vec![if fold { least_in_orbit(rune) } else { rune }],
            fold,
        })
    }

    fn push(&mut self, kind: Kind) -> Result<(), RegexpError> {
        self.push_node(Node::new(kind))
    }

    /// Puts a node on top of the stack; a class of one character, with or without case, as a literal.
    fn push_node(&mut self, mut node: Node) -> Result<(), RegexpError> {
        match &mut node.kind {
            Kind::Literal { runes, .. } => self.runes += runes.len(),
            Kind::Class(class) => {
                class.clean();
                self.runes += 2 * class.ranges().len();
                if let Some((rune, fold)) = class.as_rune() {
                    node.kind = Kind::Literal { runes: vec![rune], fold };
                }
            }
            _ => {}
        }
        self.join_literals();
        self.push_checked(node)
    }

    fn push_checked(&mut self, node: Node) -> Result<(), RegexpError> {
        self.check_runes()?;
        if node.size > MAX_SIZE {
            return Err(RegexpError::new(ErrorCode::Large, self.pattern));
        }
        if node.height > MAX_HEIGHT {
            return Err(RegexpError::new(ErrorCode::NestingDepth, self.pattern));
        }
        self.stack.push(Item::Node(node));
        Ok(())
    }

    fn check_runes(&self) -> Result<(), RegexpError> {
        if self.runes > MAX_RUNES {
            return Err(RegexpError::new(ErrorCode::Large, self.pattern));
        }
        Ok(())
    }

    /// Joins the two literals on top of the stack, if they follow the same rule about case.
    ///
    /// This happens only when something is put on top, because until then a repetition may follow,
    /// which is about the last character alone.
    fn join_literals(&mut self) {
        let [
            ..,
            Item::Node(Node { kind: Kind::Literal { runes, fold }, size, .. }),
            Item::Node(Node { kind: Kind::Literal { runes: last_runes, fold: last_fold }, .. }),
        ] = self.stack.as_mut_slice()
        else {
            return;
        };
        if fold == last_fold {
            runes.append(last_runes);
            *size = runes.len() as u64;
            self.stack.pop();
        }
    }

    /// Repeats the node on top of the stack.
    ///
    /// `here` begins with the repetition, `after` is what follows it, and `last_repeat` begins with
    /// the repetition just before it, if there is one.
    fn repeat(
        &mut self,
        repetition: Repetition,
        here: &str,
        mut after: &'p str,
        last_repeat: Option<&str>,
    ) -> Result<&'p str, RegexpError> {
        let mut greedy = !self.flags.non_greedy;
        if let Some(rest) = after.strip_prefix('?') {
            after = rest;
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(RegexpError::new(ErrorCode::InvalidRepeatOp, before(last, after)));
        }
        let operator = before(here, after);
        let Some(Item::Node(sub)) = self.stack.pop_if(|item| matches!(item, Item::Node(_))) else {
            return Err(RegexpError::new(ErrorCode::MissingRepeatArgument, operator));
        };
        let node = Node::new(Kind::Repeat { sub: Box::new(sub), repetition, greedy });
        let multiplies = match repetition {
            Repetition::Counted(min, max) => min >= 2 || max.is_some_and(|max| max >= 2),
            _ => false,
        };
        let copies = node.copies;
        self.push_checked(node)?;
        if multiplies && copies > MAX_REPEAT {
            return Err(RegexpError::new(ErrorCode::InvalidRepeatSize, operator));
        }
        Ok(after)
    }
}

/// Reads a repetition, and returns what follows it; `None` when a brace begins none.
///
/// The repetition is missing when its numbers are too big or run backwards.
fn read_repetition(text: &str) -> Option<(Option<Repetition>, &str)> {
    let rest = &text[1..];
    match text.as_bytes().first()? {
        b'*' => return Some((Some(Repetition::Star), rest)),
        b'+' => return Some((Some(Repetition::Plus), rest)),
        b'?' => return Some((Some(Repetition::Question), rest)),
        _ => {}
    }
    let (min, rest) = read_count(rest)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (max, rest) = read_count(rest)?;
            (Some(max), rest)
        }
    };
    let rest = rest.strip_prefix('}')?;
    let repetition = match (min, max) {
        (Some(min), None) => Some(Repetition::Counted(min, None)),
        (Some(min), Some(Some(max))) if min <= max => Some(Repetition::Counted(min, Some(max))),
        _ => None,
    };
    Some((repetition, rest))
}

/// Reads a count without leading zeros; the count is missing when it is too big.
fn read_count(text: &str) -> Option<(Option<u16>, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().ok().filter(|&count| u64::from(count) <= MAX_REPEAT), rest))
}

/// The class that two branches make, if both are single characters.
fn merge_branches(first: &Node, second: &Node) -> Option<Node> {
    if let (
        Kind::Literal { runes: first_runes, fold: first_fold },
        Kind::Literal { runes: second_runes, fold: second_fold },
    ) = (&first.kind, &second.kind)
        && (first_runes, first_fold) == (second_runes, second_fold)
        && first_runes.len() == 1
    {
        return Some(Node::new(Kind::Literal { runes: first_runes.clone(), fold: *first_fold }));
    }
    let mut class = first.as_class()?;
    class.add(&second.as_class()?);
    class.clean();
    Some(Node::new(Kind::Class(class)))
}

fn least_in_orbit(rune: u32) -> u32 {
    let mut least = rune;
    let mut other = simple_fold(rune);
    while other != rune {
        least = least.min(other);
        other = simple_fold(other);
    }
    least
}
