//! Findings for people.

use std::fmt::Write as _;

use super::{Group, Report};
use crate::finding::{Finding, Place};

impl Report<'_> {
    /// The findings as text, those that say the same of several environments once.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for group in self.groups() {
            let Group { finding, environments } = group;
            let Finding { rule, severity, message, help, object, place, .. } = finding;
            _ = writeln!(out, "{severity}[{rule}]: {message}");
            _ = writeln!(out, "  in {}", finding.whereabouts());
            if let (Some(_), Some(Place { file, line })) = (object, place) {
                _ = match line {
                    Some(line) => writeln!(out, "  at {file}:{line}"),
                    None => writeln!(out, "  at {file}"),
                };
            }
            for environment in environments {
                _ = writeln!(out, "  of {environment}");
            }
            if let Some(help) = help {
                _ = writeln!(out, "  help: {help}");
            }
            out.push('\n');
        }
        out
    }
}
