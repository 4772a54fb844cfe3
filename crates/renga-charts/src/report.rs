//! What happens while charts are vendored, as events.
//!
//! Owns the words of the log lines that Tanka prints for `tool charts`, and of those that renga
//! adds. Who prints them, and how, is the binary's business.

use std::fmt;

use crate::requirement::Requirement;

/// Hears what happens. Called from the thread of the command, except for [`Event::Progress`].
pub trait Reporter: Sync {
    /// Takes note of `event`.
    fn event(&self, event: &Event<'_>);
}

/// Hears nothing.
impl Reporter for () {
    fn event(&self, _: &Event<'_>) {}
}

/// Something that happened. `Display` is the log line; that of [`Event::Progress`] is for people
/// alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// `add` begins.
    Adding {
        /// How many charts were named.
        count: usize,
    },
    /// A repository or requirement entered the chartfile.
    Accepted {
        /// As the user named it.
        name: &'a str,
    },
    /// A repository or requirement did not enter the chartfile.
    Skipped {
        /// As the user named it.
        name: &'a str,
        /// Why.
        reason: SkipReason,
    },
    /// The chartfile has the new requirements.
    Added {
        /// How many there are.
        count: usize,
    },
    /// `vendor` begins.
    Vendoring,
    /// The required version is there already.
    Exists(&'a Requirement),
    /// Another version, or something else, is there and is going to be replaced.
    Removing(&'a Requirement),
    /// The indexes of the repositories are about to be asked.
    Syncing,
    /// A chart is about to be downloaded.
    Pulling,
    /// A chart was downloaded.
    Downloaded(&'a Requirement),
    /// `--prune` removes something from the folder of charts.
    Pruning {
        /// Whether it is a directory.
        directory: bool,
        /// Its path below that folder.
        path: &'a str,
    },
    /// `--prune` leaves something that is not of renga's making.
    Keeping {
        /// Whether it is a directory.
        directory: bool,
        /// Its path below the folder of charts.
        path: &'a str,
    },
    /// A chart that was there before there was a lock is not what was published.
    Altered(&'a Requirement),
    /// A dependency that was missing in a chart was fetched.
    Dependency {
        /// The directory of the chart.
        directory: &'a str,
        /// The name of the dependency.
        name: &'a str,
        /// Its version.
        version: &'a str,
    },
    /// The lock pins another version than before.
    Moved {
        /// The chart, as the chartfile names it.
        chart: &'a str,
        /// The version before; none for a new chart.
        from: Option<&'a str>,
        /// The version now.
        to: &'a str,
    },
    /// Something was removed from the chartfile, the lock and the folder of charts.
    Removed {
        /// The chart.
        chart: &'a str,
        /// Its directory.
        directory: &'a str,
    },
    /// The signature of a chart is good.
    Verified {
        /// The chart, as the chartfile names it.
        chart: &'a str,
        /// Who signed it.
        signer: &'a str,
    },
    /// Another process works on the same folder; this one waits.
    Waiting,
    /// One of several downloads is done. Comes from any thread.
    Progress {
        /// How many are done.
        done: usize,
        /// How many there are.
        total: usize,
        /// The chart that is done.
        chart: &'a str,
    },
}

/// Why a repository or a requirement was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It is there already, with the same values.
    Exists,
    /// The name of a repository with characters other than letters, digits, `_` and `-`.
    RepositoryName,
    /// A requirement that is not `repo/chart@version(:path)`.
    Form,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exists => "already exists",
            Self::RepositoryName => "invalid name. cannot contain any special characters",
            Self::Form => {
                "not of form 'repo/chart@version(:path)' where repo contains no special characters"
            }
        })
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |directory: &bool| if *directory { "directory" } else { "file" };
        match self {
            Self::Adding { count } => write!(f, "Adding {count} Charts ..."),
            Self::Accepted { name } => write!(f, "OK: {name}"),
            Self::Skipped { name, reason } => write!(f, "Skipping {name}: {reason}."),
            // Tanka's words: it means the chartfile.
            Self::Added { count } => {
                write!(f, "Added {count} Charts to helmfile.yaml. Vendoring ...")
            }
            Self::Vendoring => f.write_str("Vendoring..."),
            Self::Exists(requirement) => write!(f, "{requirement} exists"),
            Self::Removing(requirement) => write!(f, "Removing {requirement}"),
            Self::Syncing => f.write_str("Syncing Repositories ..."),
            Self::Pulling => f.write_str("Pulling Charts ..."),
            Self::Downloaded(requirement) => {
                write!(f, "{}@{} downloaded", requirement.chart, requirement.version)
            }
            Self::Pruning { directory, path } => write!(f, "Pruning {}: {path}", kind(directory)),
            Self::Keeping { directory, path } => {
                write!(f, "Keeping {}: {path}: not vendored by renga", kind(directory))
            }
            Self::Altered(requirement) => write!(
                f,
                "{requirement} is not what was published; `charts verify` names the files"
            ),
            Self::Dependency { directory, name, version } => {
                write!(f, "{name}@{version} downloaded as a dependency of {directory}")
            }
            Self::Moved { chart, from: Some(from), to } => write!(f, "{chart}: {from} -> {to}"),
            Self::Moved { chart, from: None, to } => write!(f, "{chart}: locked at {to}"),
            Self::Removed { chart, directory } => write!(f, "Removed {chart} (dir: {directory})"),
            Self::Verified { chart, signer } => write!(f, "{chart}: signed by {signer}"),
            Self::Waiting => f.write_str("Waiting for another process to finish vendoring ..."),
            Self::Progress { done, total, chart } => write!(f, "{done}/{total} {chart}"),
        }
    }
}
