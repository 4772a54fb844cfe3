//! Which lines of two texts differ, in the words of GNU diff 3.8.
//!
//! Several sets of changes may turn one text into another with the same number of lines; scripts and
//! eyes are used to the set that `diff` chooses. So this goes its way: equal ends are set aside but
//! for the lines that context needs ([`HORIZON`]), lines without a partner are taken out first
//! (`discard`), the rest is searched with Myers' algorithm from both ends, in linear memory and with
//! diff's bound on the effort (`search`), and runs of changes are moved to where diff moves them
//! (`shift`).

mod discard;
mod search;
mod shift;

use std::{collections::HashMap, ops::Range};

/// Lines of equal ends that still take part: those that a difference shows as context.
const HORIZON: usize = 3;

/// A run of lines that were replaced by others; either may be empty, not both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The lines that are gone, counted from 0 in the old text.
    pub old: Range<usize>,
    /// The lines that came instead, counted from 0 in the new text.
    pub new: Range<usize>,
}

/// The lines of a text, each with its newline; the last one may lack it.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What `diff` finds to be changed between two texts, given by their [`lines`].
///
/// Takes memory for a few numbers per line. A line without a newline at its end is another one than
/// that with it.
pub fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let limit = old.len().min(new.len());
    let equal = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    if equal == limit && old.len() == new.len() {
        return Vec::new();
    }
    let prefix = equal.saturating_sub(HORIZON);
    let suffix = if ends_complete(old) == ends_complete(new) {
        let (old, new) = (&old[prefix..], &new[prefix..]);
        let equal = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        equal.saturating_sub(HORIZON)
    } else {
        0
    };
    let [mut old_side, mut new_side] =
        interned([&old[prefix..old.len() - suffix], &new[prefix..new.len() - suffix]]);
    discard::discard(&mut old_side, &mut new_side);
    search::search(&mut old_side, &mut new_side);
    shift::shift(&mut old_side, &mut new_side);
    runs(&old_side, &new_side, prefix)
}

fn ends_complete(lines: &[&str]) -> bool {
    lines.last().is_none_or(|line| line.ends_with('\n'))
}

/// One text at work.
struct Side {
    /// A number per line; equal lines of both texts have equal numbers.
    lines: Vec<u32>,
    /// Whether each line is changed, with an unchanged one before and after: line `i` is at `i + 1`.
    changed: Vec<bool>,
    /// The lines that take part in the search.
    kept: Vec<usize>,
    /// How many different lines both texts have.
    classes: usize,
}

impl Side {
    fn is_changed(&self, line: usize) -> bool {
        self.changed[line + 1]
    }

    fn mark(&mut self, line: usize, changed: bool) {
        self.changed[line + 1] = changed;
    }
}

fn interned(texts: [&[&str]; 2]) -> [Side; 2] {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut sides = texts.map(|text| {
        let lines: Vec<u32> = text
            .iter()
            .map(|line| {
                // Texts have less than 2^32 lines: their bytes would not fit into memory twice.
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(line).or_insert(next)
            })
            .collect();
        let changed = vec![false; lines.len() + 2];
        Side { lines, changed, kept: Vec::new(), classes: 0 }
    });
    for side in &mut sides {
        side.classes = numbers.len();
    }
    sides
}

fn runs(old: &Side, new: &Side, offset: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.lines.len() || j < new.lines.len() {
        let (first_old, first_new) = (i, j);
        while i < old.lines.len() && old.is_changed(i) {
            i += 1;
        }
        while j < new.lines.len() && new.is_changed(j) {
            j += 1;
        }
        if i > first_old || j > first_new {
            changes.push(Change {
                old: first_old + offset..i + offset,
                new: first_new + offset..j + offset,
            });
        } else {
            // Both are unchanged, and so partners.
            i += 1;
            j += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn patched(old: &[&str], new: &[&str], changes: &[Change]) -> String {
        let mut out = String::new();
        let mut at = 0;
        for change in changes {
            out.extend(old[at..change.old.start].iter().copied());
            out.extend(new[change.new.clone()].iter().copied());
            at = change.old.end;
        }
        out.extend(old[at..].iter().copied());
        out
    }

    proptest! {
        #[test]
        fn changes_lead_from_one_text_to_the_other(
            old in "([abc]\n){0,40}[abc]?", new in "([abc]\n){0,40}[abc]?",
        ) {
            let (old_lines, new_lines) = (lines(&old), lines(&new));
            let found = changes(&old_lines, &new_lines);
            prop_assert_eq!(found.is_empty(), old == new);
            prop_assert_eq!(patched(&old_lines, &new_lines, &found), new);
        }
    }

    #[test]
    fn many_equal_lines_among_many_changes_end() {
        let text = |number: fn(u64) -> u64| -> String {
            (0..16_000).flat_map(|i| [number(i).to_string(), "\n".to_owned()]).collect()
        };
        let (old, new) = (text(|i| i % 7), text(|i| i * i % 11));
        let (old, new) = (lines(&old), lines(&new));
        let found = changes(&old, &new);
        assert_eq!(patched(&old, &new, &found), new.concat());
    }
}
