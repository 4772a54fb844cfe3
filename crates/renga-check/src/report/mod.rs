//! The forms of a report.
//!
//! Each form is a function from the same values to a text: [`Report::text`] for people,
//! [`Report::json`] for programs (its shape is `docs/check.schema.json`), [`Report::junit`],
//! [`Report::sarif`] and [`Report::github`] for CI. Where a reader has limits, the gravest findings
//! come first and what is left out is counted.

mod github;
mod json;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::finding::{Finding, Place};
use crate::judge::Verdict;
use crate::object::ObjectName;
use crate::rule::{RuleId, Severity};

/// What a check came to.
#[derive(Debug)]
pub struct Report<'r> {
    /// What was found.
    pub verdict: &'r Verdict,
    /// The environments that were looked at, in order.
    pub environments: &'r [Checked],
    /// The environments that could not be looked at.
    pub broken: &'r [Broken],
    /// The version of the program.
    pub version: &'r str,
    /// From which severity on findings are a failure; `None` for never.
    pub fails: Option<Severity>,
}

/// An environment that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// The file that is evaluated for it, relative to where the command runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How many manifests it has.
    pub manifests: usize,
}

/// An environment that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its name, or its file where that is all there is.
    pub environment: String,
    /// Why, in one line.
    pub message: String,
}

/// The same finding in several environments.
struct Group<'r> {
    finding: &'r Finding,
    environments: Vec<&'r str>,
}

impl Report<'_> {
    fn is_failure(&self, finding: &Finding) -> bool {
        self.fails.is_some_and(|least| finding.severity >= least)
    }

    /// Findings that say the same of several environments, in the order of the first of each.
    fn groups(&self) -> Vec<Group<'_>> {
        type Key<'r> =
            (&'r RuleId, Option<&'r ObjectName>, &'r str, &'r str, Option<&'r Place>, Severity);
        let mut places: FxHashMap<Key<'_>, usize> = FxHashMap::default();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for finding in &self.verdict.findings {
            let Finding { rule, object, path, message, place, severity, environment, .. } = finding;
            let key: Key<'_> = (rule, object.as_ref(), path, message, place.as_ref(), *severity);
            let place = *places.entry(key).or_insert_with(|| {
                groups.push(Group { finding, environments: Vec::new() });
                groups.len() - 1
            });
            if !environment.is_empty() {
                groups[place].environments.push(environment);
            }
        }
        groups
    }

    /// The groups with the gravest first.
    fn gravest_first(&self) -> Vec<Group<'_>> {
        let mut groups = self.groups();
        groups.sort_by_key(|group| std::cmp::Reverse(group.finding.severity));
        groups
    }

    /// The files of environments.
    fn files(&self) -> FxHashMap<&str, &str> {
        let environments = self.environments.iter();
        environments
            .filter_map(|checked| Some((checked.name.as_str(), checked.file.as_deref()?)))
            .collect()
    }
}

impl Group<'_> {
    /// The file to point at: the finding's own, or the one of the first environment.
    fn place(&self, files: &FxHashMap<&str, &str>) -> Option<Place> {
        self.finding.place.clone().or_else(|| {
            let file = files.get(self.environments.first()?)?;
            Some(Place::file(*file))
        })
    }

    /// Which environments, in a few words: `dev`, or `dev and 3 more environments`.
    fn environments(&self) -> Option<String> {
        match self.environments.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            [one, other] => Some(format!("{one} and {other}")),
            [one, rest @ ..] => Some(format!("{one} and {} more environments", rest.len())),
        }
    }
}
