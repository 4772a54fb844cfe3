//! Findings as workflow commands of GitHub, which become annotations of the files of a commit.
//!
//! A step may have ten annotations of each kind; what is beyond them is counted in a notice. See
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>.

use std::fmt::Write as _;

use super::Report;
use crate::rule::Severity;

/// How many annotations of a kind a step may have.
const LIMIT: usize = 10;

impl Report<'_> {
    /// The findings as workflow commands, one to a line.
    pub fn github(&self) -> String {
        let mut out = String::new();
        let files = self.files();
        let (mut errors, mut warnings, mut left) = (0, 0, 0);
        for broken in self.broken {
            errors += 1;
            if errors > LIMIT {
                left += 1;
                continue;
            }
            let title = property(&format!("{} cannot be rendered", broken.environment));
            _ = writeln!(out, "::error title={title}::{}", data(&broken.message));
        }
        for group in self.gravest_first() {
            let finding = group.finding;
            let (word, count) = match finding.severity {
                Severity::Error => ("error", &mut errors),
                Severity::Warning => ("warning", &mut warnings),
            };
            *count += 1;
            if *count > LIMIT {
                left += 1;
                continue;
            }
            let mut properties = Vec::new();
            if let Some(place) = group.place(&files) {
                properties.push(format!("file={}", property(&place.file)));
                if let Some(line) = place.line {
                    properties.push(format!("line={line}"));
                }
            }
            properties.push(format!("title={}", property(finding.rule.as_str())));
            let mut message = format!("{}\nin {}", finding.message, finding.whereabouts());
            if let Some(environments) = group.environments() {
                _ = write!(message, "\nof {environments}");
            }
            if let Some(help) = &finding.help {
                _ = write!(message, "\nhelp: {help}");
            }
            _ = writeln!(out, "::{word} {}::{}", properties.join(","), data(&message));
        }
        if left > 0 {
            let what = if left == 1 { "finding is" } else { "findings are" };
            _ = writeln!(
                out,
                "::notice title=renga check::{left} more {what} not shown here: a step has ten annotations of a kind"
            );
        }
        out
    }
}

/// A message, in which no line ends.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which also ends at a comma or colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
