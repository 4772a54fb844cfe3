//! The tree of a pattern, and the three numbers by which Go limits it.

use crate::class::Class;

/// A part of a pattern.
///
/// Trees are at most [`MAX_HEIGHT`] high, because the parser refuses what is higher when it is built;
/// this is what makes recursion over a tree safe.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// How many instructions Go's compiler would need.
    pub(crate) size: u64,
    /// How many nodes lie on the longest way down.
    pub(crate) height: usize,
    /// How often the most repeated part below is copied by counted repetitions.
    pub(crate) copies: u64,
}

/// The highest tree that Go accepts.
pub(crate) const MAX_HEIGHT: usize = 1000;

#[derive(Debug)]
pub(crate) enum Kind {
    Empty,
    /// Characters in a row; with `fold`, whatever their case.
    Literal {
        runes: Vec<u32>,
        fold: bool,
    },
    Class(Class),
    AnyButNewline,
    Any,
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NoWordBoundary,
    Capture(Box<Node>),
    Repeat {
        sub: Box<Node>,
        repetition: Repetition,
        greedy: bool,
    },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repetition {
    Star,
    Plus,
    Question,
    /// `{min}`, `{min,max}` or, without a maximum, `{min,}`.
    Counted(u16, Option<u16>),
}

impl Node {
    pub(crate) fn new(kind: Kind) -> Self {
        let (size, height, copies) = match &kind {
            Kind::Literal { runes, .. } => (runes.len() as u64, 1, 1),
            Kind::Capture(sub) => (2 + sub.size, sub.height + 1, sub.copies),
            Kind::Repeat { sub, repetition, .. } => {
                let (size, factor) = repetition.weigh(sub.size);
                let copies = if factor == 0 { 1 } else { factor.saturating_mul(sub.copies) };
                (size, sub.height + 1, copies)
            }
            Kind::Concat(subs) => (total_size(subs), greatest_height(subs), most_copies(subs)),
            Kind::Alternate(subs) => {
                let branches = (subs.len() as u64).saturating_sub(1);
                (
                    total_size(subs).saturating_add(branches),
                    greatest_height(subs),
                    most_copies(subs),
                )
            }
            _ => (1, 1, 1),
        };
        Self { kind, size: size.max(1), height, copies }
    }

    /// The set of characters this is, if it always matches exactly one character.
    pub(crate) fn as_class(&self) -> Option<Class> {
        match &self.kind {
            Kind::Literal { runes, fold } if runes.len() == 1 => {
                let mut class = Class::default();
                if *fold {
                    class.push_folded(runes[0], runes[0]);
                    class.clean();
                } else {
                    class.push(runes[0], runes[0]);
                }
                Some(class)
            }
            Kind::Class(class) => Some(class.clone()),
            Kind::AnyButNewline => Some(Class::from_ranges(&[(0x0A, 0x0A)]).negated()),
            Kind::Any => Some(Class::everything()),
            _ => None,
        }
    }
}

impl Repetition {
    /// The size of the repetition of something, and how many copies it makes of it.
    fn weigh(self, sub: u64) -> (u64, u64) {
        match self {
            // Go needs one more for a star of something that can be empty, and assumes it always.
            Self::Star | Self::Counted(0, None) => (sub.saturating_add(2), 1),
            Self::Plus | Self::Question => (sub.saturating_add(1), 1),
            Self::Counted(min, None) => {
                (sub.saturating_mul(min.into()).saturating_add(1), min.into())
            }
            Self::Counted(min, Some(max)) => {
                let optional = u64::from(max.saturating_sub(min));
                (sub.saturating_mul(max.into()).saturating_add(optional), max.into())
            }
        }
    }
}

fn total_size(subs: &[Node]) -> u64 {
    subs.iter().fold(0, |total, sub| total.saturating_add(sub.size))
}

fn greatest_height(subs: &[Node]) -> usize {
    1 + subs.iter().map(|sub| sub.height).max().unwrap_or(0)
}

fn most_copies(subs: &[Node]) -> u64 {
    subs.iter().map(|sub| sub.copies).max().unwrap_or(1)
}
