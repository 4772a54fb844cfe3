//! Comparing what is in the folder of charts with what the lock says is there.
//!
//! Reads every file of every vendored chart; needs neither network nor cache.

use std::collections::BTreeMap;
use std::fmt;

use crate::chartfile::ChartfileError;
use crate::digest::{Sha256, tree_digest};
use crate::lock::{LockError, Lockfile};
use crate::parallel;
use crate::report::{Event, Reporter};
use crate::requirement::Requirement;
use crate::staging::{FolderLock, PathError};
use crate::workspace::Workspace;

/// What was compared and found equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many charts.
    pub charts: usize,
    /// How many files.
    pub files: usize,
}

/// A difference between the lock and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// A file has other contents.
    Changed {
        /// Its path, relative to the workspace.
        path: String,
    },
    /// A file that was not in the chart.
    Added {
        /// Its path, relative to the workspace.
        path: String,
    },
    /// A file of the chart is not there.
    Removed {
        /// Its path, relative to the workspace.
        path: String,
    },
    /// A whole chart is not there.
    Missing {
        /// The chart, as the chartfile names it.
        chart: String,
        /// Its path, relative to the workspace.
        path: String,
    },
    /// A chart is required and not locked as it is.
    NotLocked {
        /// The requirement.
        requirement: Requirement,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path } => write!(f, "{path}: changed"),
            Self::Added { path } => write!(f, "{path}: added"),
            Self::Removed { path } => write!(f, "{path}: removed"),
            Self::Missing { chart, path } => write!(f, "{path}: missing, should be {chart}"),
            Self::NotLocked { requirement } => write!(f, "{requirement}: not in the lock"),
        }
    }
}

/// Why the vendored charts are not known to be what was locked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VerifyError {
    /// The chartfile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Chartfile(#[from] ChartfileError),
    /// The lock.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lock(#[from] LockError),
    /// There is none.
    #[error("there is no `{}`", path.display())]
    #[diagnostic(
        code(charts::no_lock),
        help("run `renga charts vendor` to make one, and commit it")
    )]
    NoLock {
        /// Where it should be.
        path: std::path::PathBuf,
    },
    /// Something cannot be read.
    #[error(transparent)]
    #[diagnostic(code(charts::path))]
    Path(#[from] PathError),
    /// They are not.
    #[error("the vendored charts are not what was locked:{}", Lines(differences))]
    #[diagnostic(
        code(charts::altered),
        help(
            "to have the published charts again, delete their folders and run `renga charts vendor`; put changes of your own into values or Jsonnet"
        )
    )]
    Altered {
        /// Every difference, sorted by directory and path.
        differences: Vec<Difference>,
    },
}

impl renga_diag::Report for VerifyError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

struct Lines<'a>(&'a [Difference]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|difference| write!(f, "\n - {difference}"))
    }
}

/// Compares all vendored charts with the lock, file by file.
///
/// # Errors
///
/// [`VerifyError::Altered`] with every difference, [`VerifyError::NoLock`], or because something
/// cannot be read.
pub fn verify(workspace: &Workspace, reporter: &dyn Reporter) -> Result<Verified, VerifyError> {
    let chartfile = workspace.chartfile()?;
    let charts = workspace.charts_directory(&chartfile);
    let _guard = if charts.is_dir() {
        Some(FolderLock::take(&charts, || reporter.event(&Event::Waiting))?)
    } else {
        None
    };
    let Some(lock) = workspace.lockfile()? else {
        return Err(VerifyError::NoLock { path: workspace.lock_path() });
    };
    let entries: Vec<_> = lock.charts().collect();
    let compared = parallel::map(&entries, |entry| {
        let path = workspace.chart_path(&chartfile, &entry.directory);
        let shown = renga_project::relative_to_root(workspace.directory(), &path);
        if !path.is_dir() {
            return Ok(vec![Difference::Missing { chart: entry.chart.clone(), path: shown }]);
        }
        let found = tree_digest(&path).map_err(|cause| PathError::new("open", &path, cause))?;
        Ok(differences(&entry.files, &found.files, &shown))
    });
    let mut all = not_locked(chartfile.requirements(), &lock);
    for differences in compared {
        all.extend(differences.map_err(VerifyError::Path)?);
    }
    if all.is_empty() {
        let files = lock.charts().map(|entry| entry.files.len()).sum();
        Ok(Verified { charts: entries.len(), files })
    } else {
        Err(VerifyError::Altered { differences: all })
    }
}

fn not_locked(requirements: &[Requirement], lock: &Lockfile) -> Vec<Difference> {
    requirements
        .iter()
        .filter(|requirement| {
            !lock.get(&requirement.directory_key()).is_some_and(|e| e.answers(requirement, None))
        })
        .map(|requirement| Difference::NotLocked { requirement: requirement.clone() })
        .collect()
}

fn differences(
    locked: &BTreeMap<String, Sha256>,
    found: &BTreeMap<String, Sha256>,
    folder: &str,
) -> Vec<Difference> {
    let mut paths: Vec<&String> = locked.keys().chain(found.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let difference = |path: &String| {
        let shown = format!("{folder}/{path}");
        match (locked.get(path), found.get(path)) {
            (Some(a), Some(b)) if a == b => None,
            (Some(_), Some(_)) => Some(Difference::Changed { path: shown }),
            (Some(_), None) => Some(Difference::Removed { path: shown }),
            (None, _) => Some(Difference::Added { path: shown }),
        }
    };
    paths.into_iter().filter_map(difference).collect()
}
