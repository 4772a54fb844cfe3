//! Takes lines out of the search that have no partner, or so many that they tell nothing.
//!
//! A line that the other text does not have is certainly changed. One that it has very often is taken
//! for changed, too, if it stands amid such lines: otherwise a closing brace would split a run of
//! new lines. The thresholds are those of GNU diff.

use super::Side;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    Discard,
    /// Discarded only in the middle of a run of lines that are.
    Maybe,
}

/// Marks lines as changed and lists those that are kept.
pub(super) fn discard(old: &mut Side, new: &mut Side) {
    let counts = [counts(old), counts(new)];
    let [old_counts, new_counts] = &counts;
    for (side, others) in [(old, new_counts), (new, old_counts)] {
        let mut fates = fates(side, others);
        settle(&mut fates);
        side.kept.clear();
        for (line, fate) in fates.into_iter().enumerate() {
            if fate == Fate::Keep {
                side.kept.push(line);
            } else {
                side.mark(line, true);
            }
        }
    }
}

fn counts(side: &Side) -> Vec<usize> {
    let mut counts = vec![0; side.classes];
    for line in &side.lines {
        counts[*line as usize] += 1;
    }
    counts
}

/// Five times about the square root of the number of lines by 64.
fn many(lines: usize) -> usize {
    let mut many = 5;
    let mut rest = (lines / 64) >> 2;
    while rest > 0 {
        many *= 2;
        rest >>= 2;
    }
    many
}

fn fates(side: &Side, others: &[usize]) -> Vec<Fate> {
    let many = many(side.lines.len());
    side.lines
        .iter()
        .map(|line| match others[*line as usize] {
            0 => Fate::Discard,
            count if count > many => Fate::Maybe,
            _ => Fate::Keep,
        })
        .collect()
}

/// Decides on the lines that may be discarded: all that stay [`Fate::Maybe`] go.
fn settle(fates: &mut [Fate]) {
    let mut at = 0;
    while at < fates.len() {
        match fates[at] {
            Fate::Keep => at += 1,
            Fate::Maybe => {
                fates[at] = Fate::Keep;
                at += 1;
            }
            Fate::Discard => {
                let mut length = fates[at..].iter().take_while(|fate| **fate != Fate::Keep).count();
                // The run ends with a line that is certain to go.
                while fates[at + length - 1] == Fate::Maybe {
                    length -= 1;
                    fates[at + length] = Fate::Keep;
                }
                let run = &mut fates[at..at + length];
                let unsure = run.iter().filter(|fate| **fate == Fate::Maybe).count();
                if unsure * 4 > length {
                    run.iter_mut().filter(|fate| **fate == Fate::Maybe).for_each(keep);
                } else {
                    keep_long_stretches(run);
                    keep_near_start(run.iter_mut());
                    keep_near_start(run.iter_mut().rev());
                }
                at += length;
            }
        }
    }
}

fn keep(fate: &mut Fate) {
    *fate = Fate::Keep;
}

/// Keeps stretches of unsure lines that are long for the length of their run.
fn keep_long_stretches(run: &mut [Fate]) {
    let mut minimum = 1;
    let mut rest = (run.len() >> 2) >> 2;
    while rest > 0 {
        minimum *= 2;
        rest >>= 2;
    }
    minimum += 1;
    let mut start = 0;
    while start < run.len() {
        let length = run[start..].iter().take_while(|fate| **fate == Fate::Maybe).count();
        if length >= minimum {
            run[start..start + length].iter_mut().for_each(keep);
        }
        start += length.max(1);
    }
}

/// Keeps unsure lines until three certain ones follow each other, or one comes after eight lines.
fn keep_near_start<'a>(run: impl Iterator<Item = &'a mut Fate>) {
    let mut certain = 0;
    for (index, fate) in run.enumerate() {
        match fate {
            Fate::Discard if index >= 8 => return,
            Fate::Discard => certain += 1,
            Fate::Maybe | Fate::Keep => {
                *fate = Fate::Keep;
                certain = 0;
            }
        }
        if certain == 3 {
            return;
        }
    }
}
