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

/// The lengths of both parts of a bar, the whole scaled so that `most` changes make the longest one.
fn bar(added: usize, removed: usize, most: usize) -> (usize, usize) {
    let changes = added + removed;
    if changes == 0 || most == 0 {
        return (0, 0);
    }
    let length = (changes * BAR).div_ceil(most);
    let plus = added.min(added * length / changes);
    (plus, removed.min(length - plus))
}
