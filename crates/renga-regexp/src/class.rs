//! Sets of characters, as sorted ranges of code points.
//!
//! Code points are plain numbers, because a pattern may name surrogates (`\x{D800}`), which no text
//! contains.

use crate::unicode;

const MAX_RUNE: u32 = 0x0010_FFFF;

/// A set of characters.
///
/// After [`Class::clean`] the ranges ascend and neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Class {
    ranges: Vec<(u32, u32)>,
}

impl Class {
    /// The set of all characters.
    pub(crate) fn everything() -> Self {
        Self { ranges: vec![(0, MAX_RUNE)] }
    }

    /// A set from ranges that are clean already.
    pub(crate) fn from_ranges(ranges: &[(u32, u32)]) -> Self {
        Self { ranges: ranges.to_vec() }
    }

    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(crate) fn push(&mut self, low: u32, high: u32) {
        self.ranges.push((low, high));
    }

    /// Adds a range and everything that equals a member of it but for case.
    pub(crate) fn push_folded(&mut self, low: u32, high: u32) {
        self.push(low, high);
        for &(rune, successor) in unicode::folding_in(low, high) {
            let mut other = successor;
            while other != rune {
                self.push(other, other);
                other = unicode::simple_fold(other);
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.ranges.extend_from_slice(&other.ranges);
    }

    /// Sorts the ranges and joins those that touch.
    pub(crate) fn clean(&mut self) {
        self.ranges.sort_unstable();
        let mut kept = 0;
        for index in 0..self.ranges.len() {
            let (low, high) = self.ranges[index];
            if kept > 0 && low <= self.ranges[kept - 1].1.saturating_add(1) {
                self.ranges[kept - 1].1 = self.ranges[kept - 1].1.max(high);
            } else {
                self.ranges[kept] = (low, high);
                kept += 1;
            }
        }
        self.ranges.truncate(kept);
    }

    /// The complement of a clean set.
    pub(crate) fn negated(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(low, high) in &self.ranges {
            if next < low {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= MAX_RUNE {
            ranges.push((next, MAX_RUNE));
        }
        Self { ranges }
    }

    /// The set with everything that equals a member but for case.
    pub(crate) fn folded(&self) -> Self {
        let mut folded = Self::default();
        for &(low, high) in &self.ranges {
            folded.push_folded(low, high);
        }
        folded.clean();
        folded
    }

    /// The only member of a clean set, and `false`; or one of the only two, which differ in case and
    /// which no third character is like, and `true`.
    pub(crate) fn as_rune(&self) -> Option<(u32, bool)> {
        let is_pair = |first, second| {
            unicode::simple_fold(first) == second && unicode::simple_fold(second) == first
        };
        match *self.ranges.as_slice() {
            [(low, high)] if low == high => Some((low, false)),
            [(low, high)] if low + 1 == high && is_pair(low, high) => Some((low, true)),
            [(first, end), (second, last)] if first == end && second == last => {
                is_pair(first, second).then_some((first, true))
            }
            _ => None,
        }
    }

    /// Says whether a clean set has a member.
    pub(crate) fn contains(&self, rune: u32) -> bool {
        let index = self.ranges.partition_point(|&(_, high)| high < rune);
        self.ranges.get(index).is_some_and(|&(low, _)| low <= rune)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_joins_what_touches() {
        let mut class = Class::from_ranges(&[(5, 9), (1, 2), (3, 4), (20, 30), (22, 23)]);
        class.clean();
        assert_eq!(class.ranges(), [(1, 9), (20, 30)]);
        assert_eq!(class.negated().ranges(), [(0, 0), (10, 19), (31, MAX_RUNE)]);
        assert_eq!(class.negated().negated(), class);
        assert!(class.contains(9) && !class.contains(10) && class.contains(20));
    }

    #[test]
    fn nothing_and_everything_are_complements() {
        assert_eq!(Class::default().negated(), Class::everything());
        assert_eq!(Class::everything().negated(), Class::default());
    }

    #[test]
    fn folding_follows_whole_orbits() {
        let class = Class::from_ranges(&[(0x6B, 0x6B)]).folded();
        assert_eq!(class.ranges(), [(0x4B, 0x4B), (0x6B, 0x6B), (0x212A, 0x212A)]);
    }
}
