//! Changes as lines: what the outputs for people have in common.

use renga_diff::{Edit, Fate, ObjectDiff, Segment, StructuralChange};
use renga_yaml::Flavour;
use serde_json::Value;

use crate::report::{EnvironmentReport, Group, Report, Status};

/// Longer lines are cut: nobody reads on, and comments have limits.
const LONGEST_LINE: usize = 400;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The path of a field.
    Path,
    Removed,
    Added,
    Context,
}

impl Mark {
    /// What stands before the line in a difference.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Path => "@@ ",
            Self::Removed => "- ",
            Self::Added => "+ ",
            Self::Context => "  ",
        }
    }
}

/// A line of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// Collects lines up to a number, and counts those beyond.
struct Lines {
    shown: Vec<Line>,
    most: usize,
    more: usize,
}

impl Lines {
    fn push(&mut self, mark: Mark, text: &str) {
        if self.shown.len() >= self.most {
            self.more += 1;
            return;
        }
        let text = match text.char_indices().nth(LONGEST_LINE) {
            Some((end, _)) => {
                format!("{}… ({} more bytes)", &text[..end], text.len() - end)
            }
            None => text.to_owned(),
        };
        // Control characters would reach the terminal.
        let text = text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c });
        self.shown.push(Line { mark, text: text.collect() });
    }

    fn value(&mut self, mark: Mark, value: &Value) {
        match value {
            Value::String(text) if text.contains('\n') => {
                text.lines().for_each(|line| self.push(mark, line));
            }
            Value::String(text) => self.push(mark, text),
            Value::Object(map) if !map.is_empty() => self.yaml(mark, value),
            Value::Array(items) if !items.is_empty() => self.yaml(mark, value),
            scalar => self.yaml(mark, scalar),
        }
    }

    fn yaml(&mut self, mark: Mark, value: &Value) {
        let text = renga_yaml::to_string(value, Flavour::SigsYaml);
        text.lines().for_each(|line| self.push(mark, line));
    }

    fn changes(&mut self, within: &str, changes: &[StructuralChange]) {
        for change in changes {
            let path = change.path.to_string();
            let path = match (within.is_empty(), path.starts_with('[')) {
                (true, _) => path,
                (false, true) => format!("{within}{path}"),
                (false, false) => format!("{within}.{path}"),
            };
            self.change(&path, change);
        }
    }

    fn change(&mut self, path: &str, change: &StructuralChange) {
        if let Edit::Embedded { format, changes, .. } = &change.edit {
            return self.changes(&format!("{path} ({})", format.name()), changes);
        }
        self.push(Mark::Path, path);
        match &change.edit {
            Edit::Added(value) => self.value(Mark::Added, value),
            Edit::Removed(value) => self.value(Mark::Removed, value),
            // `1` and `"1"` look alike otherwise.
            Edit::Changed { before, after } if before.is_string() != after.is_string() => {
                for (mark, value) in [(Mark::Removed, before), (Mark::Added, after)] {
                    match value {
                        Value::String(text) => self.push(mark, &format!("{text:?}")),
                        value => self.value(mark, value),
                    }
                }
            }
            Edit::Changed { before, after } => {
                self.value(Mark::Removed, before);
                self.value(Mark::Added, after);
            }
            Edit::Moved { to } => {
                let from = match change.path.0.last() {
                    Some(Segment::Item { index, .. }) => *index,
                    _ => 0,
                };
                let text = format!("moved from place {} to {}", from + 1, to + 1);
                self.push(Mark::Context, &text);
            }
            Edit::Text { hunks, .. } => {
                for line in hunks.lines() {
                    let (mark, text) = match line.as_bytes().first() {
                        Some(b'+') => (Mark::Added, &line[1..]),
                        Some(b'-') => (Mark::Removed, &line[1..]),
                        Some(b' ') => (Mark::Context, &line[1..]),
                        _ => (Mark::Context, line),
                    };
                    self.push(mark, text);
                }
            }
            Edit::Embedded { .. } => {}
        }
    }
}

/// The lines of a change, at most `most`, and how many there are beyond.
pub(crate) fn body(change: &ObjectDiff, most: usize) -> (Vec<Line>, usize) {
    let mut lines = Lines { shown: Vec::new(), most, more: 0 };
    match &change.fate {
        Fate::Added(body) => lines.yaml(Mark::Added, body),
        Fate::Removed(body) => lines.yaml(Mark::Removed, body),
        Fate::Changed | Fate::Renamed(_) => lines.changes("", &change.changes),
    }
    (lines.shown, lines.more)
}

/// What became of the objects of a group: `changed`.
pub(crate) fn verb(change: &ObjectDiff) -> &'static str {
    match &change.fate {
        Fate::Added(_) => "added",
        Fate::Removed(_) => "removed",
        Fate::Changed => "changed",
        Fate::Renamed(_) => "renamed",
    }
}

/// The objects of a group: `Deployment web`, `Deployment api, web and 3 more`.
pub(crate) fn subject(group: &Group) -> String {
    let names = group.names();
    format!("{} {}", group.change.id.kind, enumerate(&names, 3))
}

/// Where the objects of a group are: `in 143 environments`.
pub(crate) fn place(group: &Group) -> String {
    let environments = group.environments();
    match environments.as_slice() {
        [only] => format!("in {only}"),
        several => format!("in {} environments", several.len()),
    }
}

/// Names one after the other, all beyond `most` as a number.
pub(crate) fn enumerate(names: &[&str], most: usize) -> String {
    if names.len() <= most + 1 {
        return names.join(", ");
    }
    format!("{} and {} more", names[..most].join(", "), names.len() - most)
}

/// `1 environment`, `2 environments`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What the report is about: both sides in one line.
pub(crate) fn headline(report: &Report) -> String {
    let side = |side: &crate::report::Side| {
        let commit = side.commit.as_ref().map(|commit| format!(" ({})", short(commit)));
        let uncommitted = match side.uncommitted {
            0 => String::new(),
            files => format!(", with {} not committed", counted(files, "file")),
        };
        format!("{}{}{uncommitted}", side.name, commit.unwrap_or_default())
    };
    format!("{} against {}", side(&report.head), side(&report.base))
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// How many environments became what, in one line.
pub(crate) fn totals(report: &Report) -> String {
    let mut parts = Vec::new();
    for (status, word) in [
        (Status::Failed, "failed"),
        (Status::Changed, "changed"),
        (Status::Added, "added"),
        (Status::Removed, "removed"),
        (Status::Unchanged, "unchanged"),
    ] {
        let count = report.count(status);
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    let skipped = report.environments.iter().filter(|found| !found.rendered).count();
    let skipped = match skipped {
        0 => String::new(),
        count => format!("; {count} did not have to be rendered"),
    };
    let all = counted(report.environments.len(), "environment");
    if parts.is_empty() {
        return all;
    }
    format!("{all}: {}{skipped}", parts.join(", "))
}

/// What was left out, one sentence per rule.
pub(crate) fn footer(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .noise
        .iter()
        .map(|(rule, count)| {
            format!("{} passed over by the rule {rule}", counted(*count, "change"))
        })
        .collect();
    if report.masked > 0 {
        lines.push(format!("{} masked", counted(report.masked, "value")));
    }
    lines.extend(report.notes.iter().cloned());
    lines
}

/// Environments that changed in the same way share a row of the table.
pub(crate) struct Row<'a> {
    pub(crate) environments: Vec<&'a EnvironmentReport>,
}

impl Row<'_> {
    /// The first of the environments.
    pub(crate) fn first(&self) -> &EnvironmentReport {
        self.environments[0]
    }

    /// What became of them.
    pub(crate) fn status(&self) -> String {
        let first = self.first();
        let status = match first.status {
            Status::Failed => "**failed**",
            Status::Added => "added",
            Status::Removed => "removed",
            Status::Changed => "changed",
            Status::Unchanged => "unchanged",
        };
        match &first.renamed_from {
            Some(old) => format!("{status}, was {old}"),
            None => status.to_owned(),
        }
    }

    /// Their images.
    pub(crate) fn images(&self) -> Vec<String> {
        let told = |image: &crate::report::ImageChange| format!("{} → {}", image.from, image.to);
        self.first().images.iter().map(told).collect()
    }
}

/// The rows of the summary: all environments with a change; failures first.
pub(crate) fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let alike = |a: &EnvironmentReport, b: &EnvironmentReport| {
        a.status == b.status
            && a.renamed_from == b.renamed_from
            && a.failures == b.failures
            && a.images == b.images
            && crate::report::Counts { unchanged: 0, ..a.objects }
                == crate::report::Counts { unchanged: 0, ..b.objects }
    };
    let shown = |found: &&EnvironmentReport| {
        found.status != Status::Unchanged || found.renamed_from.is_some()
    };
    let shown: Vec<&EnvironmentReport> = report.environments.iter().filter(shown).collect();
    let shared = shown.len() > 12;
    for environment in shown {
        match rows.iter_mut().find(|row| shared && alike(row.first(), environment)) {
            Some(row) => row.environments.push(environment),
            None => rows.push(Row { environments: vec![environment] }),
        }
    }
    rows.sort_by_key(|row| row.first().status != Status::Failed);
    rows
}
