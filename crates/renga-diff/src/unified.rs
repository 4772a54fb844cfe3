//! Unified differences, byte for byte as `diff -u` of GNU diffutils 3.8 writes them.

use std::fmt::Write as _;

use crate::lines::{Change, changes, lines};

/// Lines around changes.
const CONTEXT: usize = 3;

/// One side of a difference.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What stands after `---` or `+++`: a file's name.
    pub name: &'a str,
    /// What stands after the name and a tab: a file's time, as in
    /// `2026-11-21 14:49:12.000000000 +0000`. Without one the tab is left out, too.
    pub time: Option<&'a str>,
    /// The text.
    pub text: &'a str,
}

/// Where a file does not exist, `diff -N` takes it for an empty one of this time.
pub const ABSENT_TIME: &str = "1970-01-01 00:00:00.000000000 +0000";

/// The difference, with both names above it; nothing if the texts are equal.
///
/// Texts are compared as texts even where they have zero bytes.
pub fn unified(old: &Side<'_>, new: &Side<'_>) -> Option<String> {
    let (old_lines, new_lines) = (lines(old.text), lines(new.text));
    let changes = changes(&old_lines, &new_lines);
    if changes.is_empty() {
        return None;
    }
    let mut out = String::new();
    for (sign, side) in [("---", old), ("+++", new)] {
        // Writing to a string cannot fail.
        let _ = match side.time {
            Some(time) => writeln!(out, "{sign} {}\t{time}", side.name),
            None => writeln!(out, "{sign} {}", side.name),
        };
    }
    hunks(&old_lines, &new_lines, &changes, &mut out);
    Some(out)
}

/// The hunks alone, without names above them.
pub(crate) fn hunks(old: &[&str], new: &[&str], changes: &[Change], out: &mut String) {
    let mut first = 0;
    while first < changes.len() {
        let mut last = first;
        while last + 1 < changes.len()
            && changes[last + 1].old.start - changes[last].old.end <= 2 * CONTEXT
        {
            last += 1;
        }
        hunk(old, new, &changes[first..=last], out);
        first = last + 1;
    }
}

fn hunk(old: &[&str], new: &[&str], changes: &[Change], out: &mut String) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return;
    };
    let before = CONTEXT.min(first.old.start);
    let after = CONTEXT.min(old.len() - last.old.end);
    let (old_start, old_end) = (first.old.start - before, last.old.end + after);
    let (new_start, new_end) = (first.new.start - before, last.new.end + after);
    let _ = writeln!(out, "@@ -{} +{} @@", range(old_start, old_end), range(new_start, new_end));
    let mut at = old_start;
    for change in changes {
        push(out, ' ', &old[at..change.old.start]);
        push(out, '-', &old[change.old.clone()]);
        push(out, '+', &new[change.new.clone()]);
        at = change.old.end;
    }
    push(out, ' ', &old[at..old_end]);
}

/// A range of lines as hunks name it, counted from one.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    }
}

fn push(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}
