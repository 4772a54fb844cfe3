//! The order of mapping keys: go-yaml's "natural" order.
//!
//! Both versions compare numbers inside keys by value (`a2` before `a10`) and put letters after
//! other characters; they differ in one tie rule. The relation is not transitive for every set of
//! keys, where Go's output depends on its random map order; here such keys are ordered by bytes
//! first, so that equal mappings always print alike, and the sort tolerates any comparison.

use std::cmp::Ordering;

use crate::resolve::Version;
use crate::writer::letters::{is_digit, is_letter};

/// Compares two different keys.
pub(crate) fn compare(a: &str, b: &str, version: Version) -> Ordering {
    let (left, right) = (a.as_bytes(), b.as_bytes());
    let common = left.iter().zip(right).take_while(|(x, y)| x == y).count();
    // Back to the start of the character that differs.
    let mut at = common;
    while !a.is_char_boundary(at) || !b.is_char_boundary(at) {
        at -= 1;
    }
    let (Some(x), Some(y)) = (a[at..].chars().next(), b[at..].chars().next()) else {
        return left.len().cmp(&right.len());
    };
    match (is_letter(x), is_letter(y)) {
        (true, true) => return x.cmp(&y),
        (false, false) => {}
        (x_letter, _) => {
            let after_digit =
                version == Version::V3 && a[..at].chars().next_back().is_some_and(is_digit);
            let x_first = if after_digit { x_letter } else { !x_letter };
            return if x_first { Ordering::Less } else { Ordering::Greater };
        }
    }
    let mut start = 0;
    if x == '0' || y == '0' {
        let digits = a[..at].chars().rev().take_while(|&c| is_digit(c));
        start = i64::from(digits.into_iter().any(|c| c != '0'));
    }
    let (x_value, x_length) = digit_run(&a[at..], start);
    let (y_value, y_length) = digit_run(&b[at..], start);
    x_value.cmp(&y_value).then(x_length.cmp(&y_length)).then(x.cmp(&y))
}

fn digit_run(text: &str, start: i64) -> (i64, usize) {
    let mut value = start;
    let mut length = 0;
    for c in text.chars().take_while(|&c| is_digit(c)) {
        // Go lets the number overflow and takes digits of other scripts by their code points.
        value = value.wrapping_mul(10).wrapping_add(i64::from(u32::from(c)) - i64::from(b'0'));
        length += 1;
    }
    (value, length)
}

/// Sorts entries by key.
pub(crate) fn sort<T: Copy>(entries: &mut Vec<(&str, T)>, version: Version) {
    let ordered = |entries: &[(&str, T)]| {
        entries.windows(2).all(|pair| compare(pair[0].0, pair[1].0, version).is_lt())
    };
    if entries.len() <= 2 {
        if !ordered(entries) {
            entries.reverse();
        }
        return;
    }
    entries.sort_unstable_by_key(|entry| entry.0);
    if ordered(entries) {
        return;
    }
    merge_sort(entries, version);
}

/// A stable bottom-up merge sort: the standard sorts may panic on a relation that is not a total
/// order.
fn merge_sort<T: Copy>(entries: &mut Vec<(&str, T)>, version: Version) {
    const RUN: usize = 8;
    for run in entries.chunks_mut(RUN) {
        for i in 1..run.len() {
            let mut j = i;
            while j > 0 && compare(run[j].0, run[j - 1].0, version).is_lt() {
                run.swap(j, j - 1);
                j -= 1;
            }
        }
    }
    let mut width = RUN;
    let mut merged = Vec::with_capacity(entries.len());
    while width < entries.len() {
        merged.clear();
        for pair in entries.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([l, left_rest @ ..], [r, right_rest @ ..]) = (left, right) {
                if compare(r.0, l.0, version).is_lt() {
                    merged.push(*r);
                    right = right_rest;
                } else {
                    merged.push(*l);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(entries, &mut merged);
        width *= 2;
    }
}
