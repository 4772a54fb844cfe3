//! Moves runs of changed lines to where GNU diff shows them.
//!
//! A run can move down while the line after it equals its first one, and up while the line before it
//! equals its last one. Runs that meet become one; then a run goes as far down as it can, but back to
//! the last place where the other text has changes, too.

use super::Side;

/// Moves the runs of both texts.
pub(super) fn shift(old: &mut Side, new: &mut Side) {
    shift_one(old, new);
    shift_one(new, old);
}

fn shift_one(side: &mut Side, other: &Side) {
    let end = side.lines.len();
    // `j` is the place in the other text that corresponds to `i`.
    let (mut i, mut j) = (0, 0);
    loop {
        while i < end && !side.is_changed(i) {
            while other.is_changed(j) {
                j += 1;
            }
            j += 1;
            i += 1;
        }
        if i == end {
            return;
        }
        let mut start = i;
        i += 1;
        while side.is_changed(i) {
            i += 1;
        }
        while other.is_changed(j) {
            j += 1;
        }
        let mut corresponding;
        loop {
            let length = i - start;
            while start > 0 && side.lines[start - 1] == side.lines[i - 1] {
                start -= 1;
                i -= 1;
                side.mark(start, true);
                side.mark(i, false);
                while start > 0 && side.is_changed(start - 1) {
                    start -= 1;
                }
                j = previous_unchanged(other, j);
            }
            corresponding = if j > 0 && other.is_changed(j - 1) { i } else { end };
            while i < end && side.lines[start] == side.lines[i] {
                side.mark(start, false);
                side.mark(i, true);
                start += 1;
                i += 1;
                while side.is_changed(i) {
                    i += 1;
                }
                j += 1;
                while other.is_changed(j) {
                    corresponding = i;
                    j += 1;
                }
            }
            if length == i - start {
                break;
            }
        }
        while corresponding < i {
            start -= 1;
            i -= 1;
            side.mark(start, true);
            side.mark(i, false);
            j = previous_unchanged(other, j);
        }
    }
}

/// The last unchanged line before `j`.
fn previous_unchanged(other: &Side, mut j: usize) -> usize {
    loop {
        // There is one for every unchanged line of the side at work.
        j = j.saturating_sub(1);
        if j == 0 || !other.is_changed(j) {
            return j;
        }
    }
}
