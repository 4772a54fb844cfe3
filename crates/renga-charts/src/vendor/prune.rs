//! `--prune`: removing from the folder of charts what is not required.
//!
//! Invariant: neither a required chart nor a folder around one is ever removed, and nothing outside
//! of the folder of charts is.

use std::collections::BTreeSet;
use std::path::Path;

use super::Prune;
use crate::lock::Lockfile;
use crate::report::{Event, Reporter};
use crate::requirement::Requirement;
use crate::staging::{self, PathError, is_stage};

/// Removes what `mode` says; gives the paths, relative to `charts`.
pub(super) fn prune(
    charts: &Path,
    requirements: &[Requirement],
    before: &Lockfile,
    mode: Prune,
    reporter: &dyn Reporter,
) -> Result<Vec<String>, PathError> {
    if mode == Prune::No {
        return Ok(Vec::new());
    }
    let expected: BTreeSet<String> = requirements.iter().map(Requirement::directory_key).collect();
    let own: BTreeSet<&str> = before.charts().map(|chart| chart.directory.as_str()).collect();
    let mut pruner = Pruner { charts, expected, own, mode, reporter, pruned: Vec::new() };
    pruner.visit("")?;
    Ok(pruner.pruned)
}

struct Pruner<'a> {
    charts: &'a Path,
    expected: BTreeSet<String>,
    own: BTreeSet<&'a str>,
    mode: Prune,
    reporter: &'a dyn Reporter,
    pruned: Vec<String>,
}

impl Pruner<'_> {
    /// Looks at what is in the folder `prefix`, in the order of names.
    fn visit(&mut self, prefix: &str) -> Result<(), PathError> {
        let folder = self.charts.join(prefix);
        let failed = |cause| PathError::new("open", &folder, cause);
        let mut found = std::fs::read_dir(&folder)
            .map_err(failed)?
            .map(|entry| entry.and_then(|e| Ok((e.file_name(), e.file_type()?.is_dir()))))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        found.sort();
        for (name, directory) in found {
            let name = name.to_string_lossy();
            let path =
                if prefix.is_empty() { name.into_owned() } else { format!("{prefix}/{name}") };
            if self.expected.contains(&path) || (prefix.is_empty() && is_stage(&path)) {
                continue;
            }
            let below = format!("{path}/");
            let holds = |key: &str| key.starts_with(&below);
            if directory
                && (self.expected.iter().any(|key| holds(key))
                    || (self.mode == Prune::Vendored && self.own.iter().any(|key| holds(key))))
            {
                self.visit(&path)?;
                continue;
            }
            if self.mode == Prune::Vendored && !self.own.contains(path.as_str()) {
                self.reporter.event(&Event::Keeping { directory, path: &path });
                continue;
            }
            self.reporter.event(&Event::Pruning { directory, path: &path });
            staging::remove(&self.charts.join(&path))?;
            self.pruned.push(path);
        }
        Ok(())
    }
}
