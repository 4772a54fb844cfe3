//! Which matches follow one another in a text: Go's two rules, one for finding and one for replacing.
//!
//! Both never report two matches that overlap, and both step over a whole rune after an empty match.
//! They differ in which empty matches next to another match they keep.

use crate::haystack::Haystack;
use crate::regexp::{Span, Submatches};

/// A match that knows its whole extent in search positions.
pub(crate) trait Whole {
    fn whole(&self) -> Span;
}

impl Whole for Span {
    fn whole(&self) -> Span {
        self.clone()
    }
}

impl Whole for Submatches {
    fn whole(&self) -> Span {
        self.first().cloned().flatten().unwrap_or(0..0)
    }
}

/// Walks over successive matches as Go's `FindAll` functions do: after an empty match the search goes
/// on one rune later, and an empty match where the last one ended is passed over.
pub(crate) fn each_match<M: Whole>(
    haystack: &Haystack<'_>,
    limit: Option<usize>,
    find: impl Fn(usize) -> Option<M>,
    mut deliver: impl FnMut(&M),
) {
    let end = haystack.text().len();
    let (mut position, mut count, mut previous_end) = (0, 0, None);
    while position <= end && limit.is_none_or(|limit| count < limit) {
        let Some(found) = find(position) else { return };
        let whole = found.whole();
        let mut accept = true;
        if whole.end == position {
            accept = Some(whole.start) != previous_end;
            position += haystack.width_at(position).max(1);
        } else {
            position = whole.end;
        }
        previous_end = Some(whole.end);
        if accept {
            deliver(&found);
            count += 1;
        }
    }
}

/// Walks over successive matches as Go's `ReplaceAll` functions do.
///
/// This differs from [`each_match`]: the search goes on at the end of the match, or one rune after
/// where the last search began if that is later, and an empty match is replaced unless it stands at
/// the end of the match before it.
pub(crate) fn replace<M: Whole>(
    haystack: &Haystack<'_>,
    find: impl Fn(usize) -> Option<M>,
    mut write: impl FnMut(&mut Vec<u8>, &M),
) -> Vec<u8> {
    let end = haystack.text().len();
    let mut output = Vec::with_capacity(end);
    let (mut last_end, mut position) = (0, 0);
    while position <= end {
        let Some(found) = find(position) else { break };
        let whole = found.whole();
        output.extend_from_slice(haystack.bytes(last_end..whole.start));
        if whole.end > last_end || whole.start == 0 {
            write(&mut output, &found);
        }
        last_end = whole.end;
        position = (position + haystack.width_at(position).max(1)).max(whole.end);
    }
    output.extend_from_slice(haystack.bytes(last_end..end));
    output
}
