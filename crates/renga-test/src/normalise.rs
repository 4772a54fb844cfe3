//! Replaces what differs between two runs of the same command: folders, times, durations.

use std::{fmt::Write as _, path::PathBuf};

use regex::Regex;

/// The replacements of one run, applied in order.
#[derive(Debug, Clone)]
pub(crate) struct Normaliser {
    paths: Vec<(String, &'static str)>,
    patterns: Vec<(Regex, String)>,
}

impl Normaliser {
    /// Builds the replacements for the given folders; longer paths come first, so that a folder
    /// inside another keeps its own name.
    pub(crate) fn new(mut folders: Vec<(PathBuf, &'static str)>) -> Self {
        folders.sort_by_key(|(path, _)| std::cmp::Reverse(path.as_os_str().len()));
        let paths =
            folders.into_iter().map(|(path, name)| (path.display().to_string(), name)).collect();
        let mut this = Self { paths, patterns: Vec::new() };
        // JSON log lines, Go's standard logger, and the durations some log lines carry.
        this.add(r#""time":"\d{4}-\d\d-\d\dT[^"]*""#, r#""time":"<TIME>""#);
        this.add(r"(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "<DATE> ");
        this.add(r#""(duration_ms|ms_to_[a-z_]+)":[0-9.e+-]+"#, r#""$1":<MS>"#);
        // Which version it is says nothing about compatibility.
        this.add(r"(?m)^(<DATE> tk version) \S+$", "$1 <VERSION>");
        // Discovery uses as many workers as the machine has processors.
        this.add(r#""parallelism":\d+,"paths""#, r#""parallelism":<N>,"paths""#);
        this
    }

    /// Adds a replacement; `$1` in it names a group.
    ///
    /// # Panics
    ///
    /// When the pattern is not a regular expression: it is part of a test.
    pub(crate) fn add(&mut self, pattern: &str, replacement: &str) {
        let pattern = match Regex::new(pattern) {
            Ok(pattern) => pattern,
            Err(error) => panic!("filter `{pattern}`: {error}"),
        };
        self.patterns.push((pattern, replacement.to_owned()));
    }

    /// Makes the bytes of an output readable and independent of the run.
    ///
    /// Control characters other than newline and tab are written as `\xNN`.
    pub(crate) fn apply(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (path, name) in &self.paths {
            text = text.replace(path, name);
        }
        for (pattern, replacement) in &self.patterns {
            text = pattern.replace_all(&text, replacement).into_owned();
        }
        let mut visible = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' | '\t' => visible.push(c),
                c if c.is_control() => {
                    let _ = write!(visible, "\\x{:02x}", u32::from(c));
                }
                c => visible.push(c),
            }
        }
        visible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_folders_times_and_controls() {
        let normaliser = Normaliser::new(vec![("/t".into(), "<TMP>"), ("/t/ws".into(), "<ROOT>")]);
        let log = b"2026/01/02 15:04:05 a\n{\"time\":\"2026-11-21T14:49:12Z\",\"m\":\"/t/ws/x\"}\x1b[0m /t/y";
        assert_eq!(
            normaliser.apply(log),
            "<DATE> a\n{\"time\":\"<TIME>\",\"m\":\"<ROOT>/x\"}\\x1b[0m <TMP>/y"
        );
    }
}
