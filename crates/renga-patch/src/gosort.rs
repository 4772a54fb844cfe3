//! Go's `sort.Sort` and `sort.SliceStable`, step by step.
//!
//! Kubernetes sorts with comparisons that are no strict order (equal items count as smaller in both
//! directions), so that the outcome depends on which comparisons the algorithm makes. Items with the
//! same merge key, such as a TCP and a UDP port of one number, get the order that kubectl gives them
//! only if the steps are the same: the pattern-defeating quicksort and the symmetric merge of Go 1.26.

/// How often `sort.Sort` puts up with a bad pivot: the bits of the length.
fn limit(length: usize) -> u32 {
    usize::BITS - length.leading_zeros()
}

/// Sorts as `sort.Sort`.
pub(crate) fn sort<T>(data: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let length = data.len();
    if length > 1 {
        Sorter { data, less }.quick(0, length, limit(length));
    }
}

/// Sorts as `sort.SliceStable`.
pub(crate) fn sort_stable<T>(data: &mut [T], less: impl Fn(&T, &T) -> bool) {
    Sorter { data, less }.stable();
}

/// What the choice of a pivot tells about the order of the items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Unknown,
    Increasing,
    Decreasing,
}

struct Sorter<'a, T, F> {
    data: &'a mut [T],
    less: F,
}

impl<T, F: Fn(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&self, i: usize, j: usize) -> bool {
        (self.less)(&self.data[i], &self.data[j])
    }

    fn insertion(&mut self, from: usize, to: usize) {
        for i in from + 1..to {
            let mut j = i;
            while j > from && self.less(j, j - 1) {
                self.data.swap(j, j - 1);
                j -= 1;
            }
        }
    }

    fn sift_down(&mut self, low: usize, high: usize, first: usize) {
        let mut root = low;
        loop {
            let mut child = 2 * root + 1;
            if child >= high {
                return;
            }
            if child + 1 < high && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.data.swap(first + root, first + child);
            root = child;
        }
    }

    fn heap(&mut self, from: usize, to: usize) {
        let length = to - from;
        for i in (0..=(length - 1) / 2).rev() {
            self.sift_down(i, length, from);
        }
        for i in (0..length).rev() {
            self.data.swap(from, from + i);
            self.sift_down(0, i, from);
        }
    }

    fn quick(&mut self, mut from: usize, mut to: usize, mut limit: u32) {
        const INSERTION: usize = 12;
        let (mut balanced, mut partitioned) = (true, true);
        loop {
            let length = to - from;
            if length <= INSERTION {
                self.insertion(from, to);
                return;
            }
            if limit == 0 {
                self.heap(from, to);
                return;
            }
            if !balanced {
                self.break_patterns(from, to);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(from, to);
            if hint == Hint::Decreasing {
                self.data[from..to].reverse();
                pivot = (to - 1) - (pivot - from);
                hint = Hint::Increasing;
            }
            if balanced
                && partitioned
                && hint == Hint::Increasing
                && self.partial_insertion(from, to)
            {
                return;
            }
            if from > 0 && !self.less(from - 1, pivot) {
                from = self.partition_equal(from, to, pivot);
                continue;
            }
            let (middle, was_partitioned) = self.partition(from, to, pivot);
            partitioned = was_partitioned;
            let (left, right) = (middle - from, to - middle);
            let threshold = length / 8;
            if left < right {
                balanced = left >= threshold;
                self.quick(from, middle, limit);
                from = middle + 1;
            } else {
                balanced = right >= threshold;
                self.quick(middle + 1, to, limit);
                to = middle;
            }
        }
    }

    fn partition(&mut self, from: usize, to: usize, pivot: usize) -> (usize, bool) {
        self.data.swap(from, pivot);
        let (mut i, mut j) = (from + 1, to - 1);
        let mut first = true;
        loop {
            while i <= j && self.less(i, from) {
                i += 1;
            }
            while i <= j && !self.less(j, from) {
                j -= 1;
            }
            if i > j {
                break;
            }
            self.data.swap(i, j);
            i += 1;
            j -= 1;
            first = false;
        }
        self.data.swap(j, from);
        (j, first)
    }

    fn partition_equal(&mut self, from: usize, to: usize, pivot: usize) -> usize {
        self.data.swap(from, pivot);
        let (mut i, mut j) = (from + 1, to - 1);
        loop {
            while i <= j && !self.less(from, i) {
                i += 1;
            }
            while i <= j && self.less(from, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.data.swap(i, j);
            i += 1;
            j -= 1;
        }
    }

    fn partial_insertion(&mut self, from: usize, to: usize) -> bool {
        const STEPS: usize = 5;
        const SHORT: usize = 50;
        let mut i = from + 1;
        for _ in 0..STEPS {
            while i < to && !self.less(i, i - 1) {
                i += 1;
            }
            if i == to {
                return true;
            }
            if to - from < SHORT {
                return false;
            }
            self.data.swap(i, i - 1);
            if i - from >= 2 {
                let mut j = i - 1;
                while j >= 1 && self.less(j, j - 1) {
                    self.data.swap(j, j - 1);
                    j -= 1;
                }
            }
            if to - i >= 2 {
                let mut j = i + 1;
                while j < to && self.less(j, j - 1) {
                    self.data.swap(j, j - 1);
                    j += 1;
                }
            }
        }
        false
    }

    fn break_patterns(&mut self, from: usize, to: usize) {
        let length = to - from;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        // The smallest power of two that is greater, not equal: as Go's shift by the bits has it.
        let mask = (1_u64 << limit(length)) - 1;
        let middle = from + (length / 4) * 2;
        for index in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let other = usize::try_from(random & mask).unwrap_or_default();
            let other = if other >= length { other - length } else { other };
            self.data.swap(index, from + other);
        }
    }

    fn choose_pivot(&self, from: usize, to: usize) -> (usize, Hint) {
        const NINTHER: usize = 50;
        const ALL_SWAPPED: usize = 12;
        let length = to - from;
        let mut swaps = 0;
        let (mut i, mut j, mut k) =
            (from + length / 4, from + length / 4 * 2, from + length / 4 * 3);
        if length >= 8 {
            if length >= NINTHER {
                i = self.median(i - 1, i, i + 1, &mut swaps);
                j = self.median(j - 1, j, j + 1, &mut swaps);
                k = self.median(k - 1, k, k + 1, &mut swaps);
            }
            j = self.median(i, j, k, &mut swaps);
        }
        let hint = match swaps {
            0 => Hint::Increasing,
            ALL_SWAPPED => Hint::Decreasing,
            _ => Hint::Unknown,
        };
        (j, hint)
    }

    fn median(&self, a: usize, b: usize, c: usize, swaps: &mut usize) -> usize {
        let (a, b) = self.ordered(a, b, swaps);
        let (b, _) = self.ordered(b, c, swaps);
        self.ordered(a, b, swaps).1
    }

    fn ordered(&self, a: usize, b: usize, swaps: &mut usize) -> (usize, usize) {
        if self.less(b, a) {
            *swaps += 1;
            (b, a)
        } else {
            (a, b)
        }
    }

    fn stable(&mut self) {
        let length = self.data.len();
        let mut block = 20;
        let mut from = 0;
        while from + block <= length {
            self.insertion(from, from + block);
            from += block;
        }
        self.insertion(from, length);
        while block < length {
            let mut from = 0;
            while from + 2 * block <= length {
                self.merge(from, from + block, from + 2 * block);
                from += 2 * block;
            }
            if from + block < length {
                self.merge(from, from + block, length);
            }
            block *= 2;
        }
    }

    /// Merges two sorted neighbours in place.
    fn merge(&mut self, from: usize, middle: usize, to: usize) {
        if middle - from == 1 {
            let (mut i, mut j) = (middle, to);
            while i < j {
                let half = usize::midpoint(i, j);
                if self.less(half, from) {
                    i = half + 1;
                } else {
                    j = half;
                }
            }
            self.data[from..i].rotate_left(1);
            return;
        }
        if to - middle == 1 {
            let (mut i, mut j) = (from, middle);
            while i < j {
                let half = usize::midpoint(i, j);
                if self.less(middle, half) {
                    j = half;
                } else {
                    i = half + 1;
                }
            }
            self.data[i..=middle].rotate_right(1);
            return;
        }
        let half = usize::midpoint(from, to);
        let sum = half + middle;
        let (mut start, mut end) = if middle > half { (sum - to, half) } else { (from, middle) };
        let last = sum - 1;
        while start < end {
            let c = usize::midpoint(start, end);
            if self.less(last - c, c) {
                end = c;
            } else {
                start = c + 1;
            }
        }
        let end = sum - start;
        if start < middle && middle < end {
            self.data[start..end].rotate_left(middle - start);
        }
        if from < start && start < half {
            self.merge(from, start, half);
        }
        if half < end && end < to {
            self.merge(half, end, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strict_orders_sort(mut items in proptest::collection::vec(0_u16..200, 0..400)) {
            let mut expected = items.clone();
            expected.sort_unstable();
            let mut stable = items.clone();
            sort(&mut items, |a, b| a < b);
            sort_stable(&mut stable, |a, b| a < b);
            prop_assert_eq!(&items, &expected);
            prop_assert_eq!(&stable, &expected);
        }

        #[test]
        fn comparisons_that_are_no_order_end(mut items in proptest::collection::vec(0_u8..5, 0..400)) {
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items, |a, b| a <= b);
            sort_stable(&mut items, |_, _| true);
            items.sort_unstable();
            prop_assert_eq!(items, expected);
        }
    }
}
