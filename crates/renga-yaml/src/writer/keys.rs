//! The order of mapping keys: go-yaml's "natural" order.
//!
//! Both versions compare numbers inside keys by value (`a2` before `a10`) and put letters after
//! other characters; version 3 turns the latter around after a digit. Without that rule the
//! relation of version 2 runs in circles (`v10`, `v1beta1`, `v2`, `v10`), and what Go prints then
//! depends on its random map order. Here such keys are put in the order of version 3 first, so
//! that equal mappings always print alike; the result is one that Go may print.

use std::cmp::Ordering;

use crate::resolve::Version;
use crate::writer::letters::{is_digit, is_letter};

/// Compares two different keys.
fn compare(a: &str, b: &str, version: Version) -> Ordering {
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
pub(crate) fn sort<T: Copy>(entries: &mut [(&str, T)], version: Version) {
    if entries.len() < 2 {
        return;
    }
    entries.sort_unstable_by_key(|entry| entry.0);
    // Most mappings are in order by their bytes, for both versions.
    if entries.windows(2).all(|pair| are_in_order(pair[0].0, pair[1].0)) {
        return;
    }
    merge_sort(entries, Version::V3);
    if version == Version::V2 {
        merge_sort(entries, Version::V2);
    }
}

/// Whether both versions keep two keys as their bytes are.
fn are_in_order(a: &str, b: &str) -> bool {
    match a.bytes().zip(b.bytes()).find(|(x, y)| x != y) {
        None => true,
        Some((x, y)) if x.is_ascii_alphabetic() && y.is_ascii_alphabetic() => true,
        Some(_) => compare(a, b, Version::V3).is_lt() && compare(a, b, Version::V2).is_lt(),
    }
}

/// A stable bottom-up merge sort: the standard sorts may panic on a relation that is not a total
/// order.
fn merge_sort<T: Copy>(entries: &mut [(&str, T)], version: Version) {
    /// Up to this many entries Go too inserts one by one.
    const RUN: usize = 12;
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
    let mut merged = Vec::new();
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
        entries.copy_from_slice(&merged);
        width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'k>(keys: &[&'k str], version: Version) -> Vec<&'k str> {
        let mut entries: Vec<_> = keys.iter().map(|&key| (key, ())).collect();
        sort(&mut entries, version);
        entries.into_iter().map(|(key, ())| key).collect()
    }

    #[test]
    fn keys_in_a_circle_have_one_order() {
        let expected = ["v1", "v1-x", "v1.1", "v1alpha1", "v1beta1", "v2", "v10"];
        let mut keys = expected;
        for _ in 0..keys.len() {
            keys.rotate_left(1);
            assert_eq!(sorted(&keys, Version::V2), expected);
        }
        keys.reverse();
        assert_eq!(sorted(&keys, Version::V2), expected);
    }

    #[test]
    fn the_versions_differ_after_digits() {
        assert_eq!(sorted(&["x1y", "x1_"], Version::V2), ["x1_", "x1y"]);
        assert_eq!(sorted(&["x1y", "x1_"], Version::V3), ["x1y", "x1_"]);
        assert_eq!(sorted(&["xy", "x_"], Version::V3), ["x_", "xy"]);
    }

    #[test]
    fn many_keys_are_merged() {
        let keys: Vec<String> = (0..500).map(|n| format!("k{}", n * 7919 % 500)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let expected: Vec<String> = (0..500).map(|n| format!("k{n}")).collect();
        assert_eq!(sorted(&keys, Version::V2), expected);
    }
}
