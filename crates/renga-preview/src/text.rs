//! The report for a terminal.

use std::fmt::Write as _;

use crate::body::{
    Mark, body, counted, enumerate, footer, headline, place, rows, subject, totals, verb,
};
use crate::report::{Of, Report, Status};

/// Lines of one change; more are counted.
const MOST_LINES: usize = 400;

/// How the text looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions {
    /// Whether it has colours.
    pub color: bool,
    /// Whether it says of every environment why it was rendered, or was not.
    pub explain: bool,
}

impl Report {
    /// The report as text.
    pub fn to_text(&self, options: TextOptions) -> String {
        let paint = |code: &str, text: &str| {
            if options.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
        };
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}\n{}", paint("1", &headline(self)), totals(self));
        if options.explain {
            out.push('\n');
            for environment in &self.environments {
                let what = if environment.rendered { "rendered" } else { "skipped" };
                let _ = writeln!(out, "{}: {what}: {}", environment.name, environment.reason);
            }
        }
        for row in rows(self) {
            let first = row.first();
            let names: Vec<&str> =
                row.environments.iter().map(|found| found.name.as_str()).collect();
            let counts = first.objects;
            let _ = write!(
                out,
                "\n{}: {}",
                paint("1", &enumerate(&names, 5)),
                row.status().replace("**", "")
            );
            if first.status != Status::Failed {
                let _ = write!(
                    out,
                    ", +{} ~{} -{}",
                    counts.added,
                    counts.changed + counts.renamed,
                    counts.removed
                );
            }
            for image in row.images() {
                let _ = write!(out, "\n  {image}");
            }
            for failure in &first.failures {
                let side = match failure.side {
                    Of::Base => "base",
                    Of::Head => "head",
                };
                let message = failure.message.replace('\n', "\n    ");
                let _ = write!(out, "\n  {}", paint("31", &format!("{side}: {message}")));
            }
        }
        if self.environments.iter().any(|found| found.status != Status::Unchanged) {
            out.push('\n');
        }
        for group in &self.groups {
            let title = format!("{} {} {}", subject(group), verb(&group.change), place(group));
            let _ = writeln!(out, "\n{}", paint("1", &title));
            let environments = group.environments();
            if environments.len() > 1 {
                let _ = writeln!(out, "  of {}", enumerate(&environments, 20));
            }
            let (lines, more) = body(&group.change, MOST_LINES);
            for line in lines {
                let text = format!("{}{}", line.mark.sign(), line.text);
                let text = match line.mark {
                    Mark::Path => paint("36", &line.text),
                    Mark::Removed => paint("31", &text),
                    Mark::Added => paint("32", &text),
                    Mark::Context => text,
                };
                let _ = writeln!(out, "  {text}");
            }
            if more > 0 {
                let _ = writeln!(out, "  … {}", counted(more, "more line"));
            }
        }
        let footer = footer(self);
        if !footer.is_empty() {
            out.push('\n');
        }
        for line in footer {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}
