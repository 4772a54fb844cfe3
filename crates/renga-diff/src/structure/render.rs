//! The structural difference as text, in the manner of dyff: paths, and below them what changed.

use std::fmt::Write as _;

use renga_yaml::Flavour;
use serde_json::Value;

use super::{Change, Comparison, Edit, Fate, ObjectDiff, Segment};

/// How a difference is written.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    /// With escape sequences for colours.
    pub colour: bool,
    /// How many lines of one value are shown; what is left out is counted.
    pub max_lines: usize,
    /// How many bytes of one line are shown.
    pub max_columns: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { colour: false, max_lines: 200, max_columns: 2000 }
    }
}

/// Writes the difference, with what was hidden and masked at its end; empty if there is neither.
pub fn render(comparison: &Comparison, options: RenderOptions) -> String {
    let mut out = Writer { out: String::new(), options };
    for (index, object) in comparison.objects.iter().enumerate() {
        if index > 0 {
            out.out.push('\n');
        }
        out.object(object);
    }
    let mut notes: Vec<String> = comparison
        .hidden
        .iter()
        .map(|(rule, count)| format!("hidden: {} ({rule})", counted(*count, "change")))
        .collect();
    if comparison.masked > 0 {
        notes.push(format!("masked: {}", counted(comparison.masked, "value")));
    }
    for (index, note) in notes.into_iter().enumerate() {
        if index == 0 && !out.out.is_empty() {
            out.out.push('\n');
        }
        out.line(Look::Note, 0, &note);
    }
    out.out
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[derive(Clone, Copy)]
enum Look {
    Object,
    Path,
    Added,
    Removed,
    Changed,
    Note,
    Plain,
}

struct Writer {
    out: String,
    options: RenderOptions,
}

impl Writer {
    fn line(&mut self, look: Look, indent: usize, text: &str) {
        let code = match look {
            _ if !self.options.colour => "",
            Look::Object => "1",
            Look::Path => "1;36",
            Look::Added => "32",
            Look::Removed => "31",
            Look::Changed => "33",
            Look::Note => "2",
            Look::Plain => "",
        };
        let shown = self.shortened(text);
        // Writing to a string cannot fail.
        let _ = if code.is_empty() {
            writeln!(self.out, "{:indent$}{shown}", "")
        } else {
            writeln!(self.out, "{:indent$}\u{1b}[{code}m{shown}\u{1b}[0m", "")
        };
    }

    fn shortened(&self, text: &str) -> String {
        let limit = self.options.max_columns;
        if text.len() <= limit {
            return text.to_owned();
        }
        let end = text.floor_char_boundary(limit);
        format!("{}… ({} more bytes)", &text[..end], text.len() - end)
    }

    fn block<'a>(
        &mut self,
        lines: impl Iterator<Item = (Look, &'a str)>,
        indent: usize,
        sign: &str,
    ) {
        let mut left = 0_usize;
        for (index, (look, line)) in lines.enumerate() {
            if index < self.options.max_lines {
                self.line(look, indent, &format!("{sign}{line}"));
            } else {
                left += 1;
            }
        }
        if left > 0 {
            self.line(Look::Note, indent, &format!("{sign}… {}", counted(left, "more line")));
        }
    }

    fn value(&mut self, look: Look, sign: &str, value: &Value, indent: usize) {
        let text = match value {
            Value::String(text) if !text.contains('\n') && !text.is_empty() => text.clone(),
            value => renga_yaml::to_string(value, Flavour::GoYamlV3Indent2),
        };
        self.block(text.lines().map(|line| (look, line)), indent, sign);
    }

    fn object(&mut self, object: &ObjectDiff) {
        let id = &object.id;
        match &object.fate {
            Fate::Added(value) => {
                self.line(Look::Object, 0, &format!("+ {id}"));
                self.value(Look::Added, "+ ", value, 2);
            }
            Fate::Removed(value) => {
                self.line(Look::Object, 0, &format!("- {id}"));
                self.value(Look::Removed, "- ", value, 2);
            }
            Fate::Changed => {
                self.line(Look::Object, 0, &format!("± {id}"));
                self.changes(&object.changes, 2);
            }
            Fate::Renamed(from) => {
                self.line(Look::Object, 0, &format!("± {id} (renamed from {from})"));
                self.changes(&object.changes, 2);
            }
        }
    }

    fn changes(&mut self, changes: &[Change], indent: usize) {
        for (index, change) in changes.iter().enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            self.change(change, indent);
        }
    }

    fn change(&mut self, change: &Change, indent: usize) {
        let path = change.path.to_string();
        let path = if path.is_empty() { "(the whole)".to_owned() } else { path };
        self.line(Look::Path, indent, &path);
        let indent = indent + 2;
        let entry = match change.path.0.last() {
            Some(Segment::Item { .. }) => "list entry",
            _ => "map entry",
        };
        match &change.edit {
            Edit::Added(value) => {
                self.line(Look::Added, indent, &format!("+ {entry} added"));
                self.value(Look::Added, "+ ", value, indent + 2);
            }
            Edit::Removed(value) => {
                self.line(Look::Removed, indent, &format!("- {entry} removed"));
                self.value(Look::Removed, "- ", value, indent + 2);
            }
            Edit::Changed { before, after } => {
                let what = if kind(before) == kind(after) {
                    "± value changed".to_owned()
                } else {
                    format!("± type changed from {} to {}", kind(before), kind(after))
                };
                self.line(Look::Changed, indent, &what);
                self.value(Look::Removed, "- ", before, indent + 2);
                self.value(Look::Added, "+ ", after, indent + 2);
            }
            Edit::Moved { to } => {
                let from = match change.path.0.last() {
                    Some(Segment::Item { index, .. }) => *index,
                    _ => 0,
                };
                let what = format!("⇆ moved from place {} to {}", from + 1, to + 1);
                self.line(Look::Changed, indent, &what);
            }
            Edit::Text { hunks, .. } => {
                self.line(Look::Changed, indent, "± text changed");
                let lines = hunks.lines().map(|line| match line.as_bytes().first() {
                    Some(b'+') => (Look::Added, line),
                    Some(b'-') => (Look::Removed, line),
                    Some(b'@') => (Look::Note, line),
                    _ => (Look::Plain, line),
                });
                self.block(lines, indent + 2, "");
            }
            Edit::Embedded { format, changes, .. } => {
                let what = format!("± embedded {} changed", format.name().to_uppercase());
                self.line(Look::Changed, indent, &what);
                self.changes(changes, indent + 2);
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}
