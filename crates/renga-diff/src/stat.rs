//! The summary of a difference: how many lines changed in which file, as Tanka's `--summarize`.
//!
//! Unlike Tanka it counts every changed line, also those of top-level keys (Tanka asks for a space
//! after the sign), and not the lines that name the files.

use std::fmt::Write as _;

/// The width of the longest bar.
const BAR: usize = 40;

/// What changed in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// What the names of both sides have in common at their end.
    pub name: String,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

/// What changed in all files, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// The files.
    pub files: Vec<FileStat>,
}

/// Counts the lines of a difference made of `diff -u -N LIVE MERGED` blocks.
pub fn stat(difference: &str) -> Stat {
    let mut files: Vec<FileStat> = Vec::new();
    // How many lines of the hunk are still to come, of either side: only they are content.
    let (mut old, mut new) = (0_usize, 0_usize);
    for line in difference.split('\n') {
        if old == 0 && new == 0 {
            if line.starts_with("diff ") {
                let mut words = line.rsplit(' ');
                let (to, from) =
                    (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                files.push(FileStat { name: common_end(from, to), added: 0, removed: 0 });
            } else if let Some(sizes) = hunk_sizes(line) {
                (old, new) = sizes;
            }
            continue;
        }
        let Some(file) = files.last_mut() else {
            (old, new) = (0, 0);
            continue;
        };
        match line.as_bytes().first() {
            Some(b'+') => {
                file.added += 1;
                new = new.saturating_sub(1);
            }
            Some(b'-') => {
                file.removed += 1;
                old = old.saturating_sub(1);
            }
            // `\ No newline at end of file`
            Some(b'\\') => {}
            _ => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Stat { files }
}

/// The numbers of lines in `@@ -1,3 +1,4 @@`.
fn hunk_sizes(line: &str) -> Option<(usize, usize)> {
    let mut words = line.strip_prefix("@@ -")?.split(' ');
    let size = |range: &str| match range.split_once(',') {
        Some((_, size)) => size.parse().ok(),
        None => Some(1),
    };
    let old = size(words.next()?)?;
    let new = size(words.next()?.strip_prefix('+')?)?;
    Some((old, new))
}

/// What two names have in common at their end, without the separators it may begin with.
fn common_end(a: &str, b: &str) -> String {
    let common = a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    let start = (a.len() - common..=a.len()).find(|at| a.is_char_boundary(*at));
    a[start.unwrap_or(a.len())..].trim_start_matches(['/', '-']).to_owned()
}

impl Stat {
    /// Lines added in all files.
    pub fn added(&self) -> usize {
        self.files.iter().map(|file| file.added).sum()
    }

    /// Lines removed in all files.
    pub fn removed(&self) -> usize {
        self.files.iter().map(|file| file.removed).sum()
    }

    /// The summary as Tanka writes it, without a newline at its end.
    pub fn render(&self, colour: bool) -> String {
        let width = self.files.iter().map(|file| file.name.len()).max().unwrap_or_default();
        let most =
            self.files.iter().map(|file| file.added + file.removed).max().unwrap_or_default();
        let mut out = String::new();
        for file in &self.files {
            let (plus, minus) = bar(file.added, file.removed, most);
            // Writing to a string cannot fail.
            let _ = write!(out, "{:width$} | {:4} ", file.name, file.added + file.removed);
            push_bar(&mut out, '+', plus, colour.then_some("\u{1b}[32m"));
            push_bar(&mut out, '-', minus, colour.then_some("\u{1b}[31m"));
            out.push('\n');
        }
        let _ = write!(
            out,
            "{} files changed, {} insertions(+), {} deletions(-)",
            self.files.len(),
            self.added(),
            self.removed()
        );
        out
    }
}

fn push_bar(out: &mut String, sign: char, length: usize, colour: Option<&str>) {
    out.push_str(colour.unwrap_or_default());
    out.extend(std::iter::repeat_n(sign, length));
    if colour.is_some() {
        out.push_str("\u{1b}[0m");
    }
}

/// The lengths of both parts of a bar, the whole scaled so that `most` changes make the longest one;
/// but never longer than there are lines. Rounded as Tanka rounds.
fn bar(added: usize, removed: usize, most: usize) -> (usize, usize) {
    let changes = added + removed;
    if changes == 0 || most == 0 {
        return (0, 0);
    }
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let length = (float(changes) / float(most) * float(BAR)).ceil();
    let plus = added.min(whole(float(added) / float(changes) * length));
    (plus, removed.min(whole(length).saturating_sub(plus)))
}

/// The float without its fraction, at most the width of a bar.
fn whole(float: f64) -> usize {
    (1..=BAR).zip(1_u32..).take_while(|(_, n)| f64::from(*n) <= float).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint;

    const DIFFERENCE: &str = "\
diff -u -N /tmp/LIVE-1/apps.v1.Deployment.default.web /tmp/MERGED-2/apps.v1.Deployment.default.web
--- /tmp/LIVE-1/apps.v1.Deployment.default.web\t2026-11-21 14:49:12.000000000 +0000
+++ /tmp/MERGED-2/apps.v1.Deployment.default.web\t2026-11-21 14:49:12.000000000 +0000
@@ -1,6 +1,7 @@
 a: 1
-replicas: 1
--- x: 2
-  y: 3
+replicas: 2
++++ x: 3
+  y: 4
+  z: 5
 b: 2
 c: 3
diff -u -N /tmp/LIVE-1/v1.ConfigMap.default.c /tmp/MERGED-2/v1.ConfigMap.default.c
--- /tmp/LIVE-1/v1.ConfigMap.default.c\t2026-11-21 14:49:12.000000000 +0000
+++ /tmp/MERGED-2/v1.ConfigMap.default.c\t2026-11-21 14:49:12.000000000 +0000
@@ -0,0 +1 @@
+  b: 1
\\ No newline at end of file
";

    #[test]
    fn every_changed_line_counts_and_no_other() {
        assert_eq!(
            stat(DIFFERENCE).render(false),
            "apps.v1.Deployment.default.web |    7 ++++---\n\
             v1.ConfigMap.default.c         |    1 +\n\
             2 files changed, 5 insertions(+), 3 deletions(-)"
        );
        assert_eq!(stat("").render(true), "0 files changed, 0 insertions(+), 0 deletions(-)");
    }

    #[test]
    fn colours_are_tankas() {
        // Recorded from Tanka 0.38.
        assert_eq!(
            stat(DIFFERENCE).render(true).lines().nth(1),
            Some("v1.ConfigMap.default.c         |    1 \u{1b}[32m+\u{1b}[0m\u{1b}[31m\u{1b}[0m")
        );
        assert_eq!(
            paint("diff -u -N a b\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n", true),
            "\u{1b}[34;1mdiff -u -N a b\u{1b}[0;22m\n\u{1b}[31m--- a\u{1b}[0m\n\u{1b}[32m+++ b\u{1b}[0m\n\
             \u{1b}[35;1m@@ -1 +1 @@\u{1b}[0;22m\n\u{1b}[31m-x\u{1b}[0m\n\u{1b}[32m+y\u{1b}[0m\n z\n\n"
        );
        assert_eq!(paint("a\n", false), "a\n\n");
    }

    #[test]
    fn bars_are_as_long_as_tankas() {
        // Added, removed, most changes of any file; length of both parts. Recorded from Tanka 0.38.
        const BARS: [(usize, usize, usize, usize, usize); 35] = [
            (1, 0, 1, 1, 0),
            (0, 1, 1, 0, 1),
            (3, 4, 7, 3, 4),
            (10, 30, 40, 10, 30),
            (41, 0, 41, 40, 0),
            (33, 67, 100, 13, 27),
            (3, 4, 100, 1, 2),
            (1, 1, 1000, 0, 1),
            (500, 499, 1000, 20, 20),
            (7, 35, 90, 3, 16),
            (21, 14, 35, 21, 14),
            (13, 29, 77, 6, 16),
            (60, 120, 333, 7, 15),
            (1, 99, 100, 0, 40),
            (99, 1, 100, 39, 1),
            (121, 278, 400, 12, 28),
            (189, 242, 431, 17, 23),
            (6, 240, 296, 0, 34),
            (282, 119, 402, 28, 12),
            (240, 276, 916, 10, 13),
            (203, 77, 281, 29, 11),
            (77, 267, 744, 4, 15),
            (7, 32, 40, 7, 32),
            (21, 154, 175, 4, 36),
            (137, 242, 779, 7, 13),
            (218, 202, 820, 10, 11),
            (68, 187, 255, 10, 30),
            (18, 69, 487, 1, 7),
            (111, 132, 643, 7, 9),
            (154, 215, 769, 8, 12),
            (293, 179, 872, 13, 9),
            (158, 3, 161, 39, 1),
            (22, 23, 445, 2, 3),
            (31, 8, 40, 30, 8),
            (124, 32, 163, 30, 9),
        ];
        for (added, removed, most, plus, minus) in BARS {
            assert_eq!(bar(added, removed, most), (plus, minus), "{added} {removed} {most}");
        }
    }
}
