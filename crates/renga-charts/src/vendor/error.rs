//! Why charts could not be vendored.

use std::fmt;
use std::path::{Path, PathBuf};

use super::UnknownName;
use crate::archive::ArchiveError;
use crate::chartfile::ChartfileError;
use crate::dependencies::DependencyError;
use crate::digest::Sha256;
use crate::lock::LockError;
use crate::metadata::MetadataError;
use crate::provenance::ProvenanceError;
use crate::requirement::{Requirement, RequirementsError};
use crate::source::SourceError;
use crate::staging::PathError;

/// Why charts could not be vendored. What was vendored before is still there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum VendorError {
    /// The chartfile, or the file of repositories.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Chartfile(#[from] ChartfileError),
    /// The requirements contradict each other.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Requirements(#[from] RequirementsError),
    /// The lock.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lock(#[from] LockError),
    /// A name on the command line.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownName(UnknownName),
    /// A path that cannot be read or written.
    #[error(transparent)]
    #[diagnostic(code(charts::path))]
    Path(#[from] PathError),
    /// The folder of charts cannot be written.
    #[error("folder of charts `{}` cannot be written{}: {cause}", charts.display(), For(wanted.as_ref()))]
    #[diagnostic(
        code(charts::read_only),
        help(
            "vendoring needs the right to write there; check its owner and mode, or whether the disk is mounted read-only"
        )
    )]
    ReadOnly {
        /// The folder of charts.
        charts: PathBuf,
        /// The chart that was to go there and its repository's address, where that is known.
        wanted: Option<(String, String)>,
        /// What failed.
        cause: PathError,
    },
    /// A `Chart.yaml` in the folder of charts that cannot be read. Tanka's words.
    #[error("unmarshalling chart manifest: {cause}")]
    #[diagnostic(
        code(charts::vendored_manifest),
        help("`{}` was changed by hand; delete its folder to vendor the chart anew", path.display())
    )]
    VendoredManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: ChartfileError,
    },
    /// Pruning would remove the workspace.
    #[error("folder of charts `{}` holds the workspace: pruning would remove everything in it", charts.display())]
    #[diagnostic(
        code(charts::prune_workspace),
        help("give the chartfile a `directory` of its own, such as `charts`")
    )]
    PruneWorkspace {
        /// The folder of charts.
        charts: PathBuf,
    },
    /// `--locked` or `--frozen` without a lock.
    #[error("there is no `{}`", path.display())]
    #[diagnostic(
        code(charts::no_lock),
        help("run `renga charts vendor` to make one, and commit it")
    )]
    NoLock {
        /// Where it should be.
        path: PathBuf,
    },
    /// The lock is not that of the chartfile.
    #[error("the lock is not up to date:\n - {}", problems.join("\n - "))]
    #[diagnostic(
        code(charts::lock_out_of_date),
        help("run `renga charts vendor` without `--locked` and `--frozen`, and commit the lock")
    )]
    OutOfDate {
        /// What is wrong, one line each.
        problems: Vec<String>,
    },
    /// A requirement from a repository that is not there. Tanka's words.
    #[error("repository {} not found for chart {}", quoted(repository), quoted(chart))]
    #[diagnostic(code(charts::no_repository))]
    NoRepository {
        /// The name of the repository.
        repository: String,
        /// The chart.
        chart: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// The chart cannot be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Source(#[from] SourceError),
    /// Its repository cannot be asked.
    #[error("chart `{chart}` cannot be looked up")]
    #[diagnostic(code(charts::lookup))]
    Lookup {
        /// The chart and its version or range.
        chart: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: SourceError,
    },
    /// It is no readable archive.
    #[error("chart `{chart}` from {url} cannot be used")]
    #[diagnostic(code(charts::archive), help("nothing of it was written"))]
    Archive {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: ArchiveError,
    },
    /// Its `Chart.yaml` cannot be read.
    #[error("chart `{chart}` from {url} cannot be used")]
    #[diagnostic(code(charts::metadata))]
    Metadata {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: MetadataError,
    },
    /// The archive has another chart.
    #[error("chart `{chart}` from {url} says that its name is `{found}`")]
    #[diagnostic(
        code(charts::other_name),
        help(
            "the repository lists the archive under a wrong name: require it by the right one, or tell the owner"
        )
    )]
    Name {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
        /// The name in its `Chart.yaml`.
        found: String,
    },
    /// The chart lies in a folder of another name. (Helm gives the folder the name of the chart.)
    #[error("chart `{chart}` from {url} lies in a folder called `{folder}`")]
    #[diagnostic(
        code(charts::other_folder),
        help(
            "the folder in an archive has the name of the chart: package it again with `helm package`, or tell the owner"
        )
    )]
    Folder {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
        /// The folder in the archive.
        folder: String,
    },
    /// The archive has another version.
    #[error("chart `{chart}` from {url} says that its version is `{found}`")]
    #[diagnostic(
        code(charts::other_version),
        help("the repository lists the archive under a wrong version: tell its owner")
    )]
    Version {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
        /// The version in its `Chart.yaml`.
        found: String,
    },
    /// A dependency of the chart.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Dependency(#[from] DependencyError),
    /// A keyring is given, and the chart has no signature.
    #[error("chart `{chart}` from {url} has no provenance file")]
    #[diagnostic(
        code(charts::unsigned),
        help("vendor without `--verify`, or ask its owner to sign it")
    )]
    Unsigned {
        /// The chart and its version.
        chart: String,
        /// The archive's address.
        url: String,
    },
    /// The signature is not good.
    #[error("chart `{chart}` is not what was signed")]
    #[diagnostic(code(charts::provenance))]
    Provenance {
        /// The chart and its version.
        chart: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: ProvenanceError,
    },
    /// The archive unpacks to something other than what was locked.
    #[error("chart `{chart}` unpacks to a tree with digest {found}, but the lock says {expected}")]
    #[diagnostic(
        code(charts::tree_mismatch),
        help("run `renga charts update` for it if the change is wanted")
    )]
    Tree {
        /// The chart and its version.
        chart: String,
        /// The digest in the lock.
        expected: Sha256,
        /// The digest that it has.
        found: Sha256,
    },
    /// It cannot be unpacked.
    #[error("chart `{chart}` cannot be unpacked: {cause}")]
    #[diagnostic(code(charts::unpack))]
    Unpack {
        /// The chart and its version.
        chart: String,
        /// Why.
        cause: std::io::Error,
    },
}

struct For<'a>(Option<&'a (String, String)>);

impl fmt::Display for For<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((chart, url)) => write!(f, " for chart `{chart}` from {url}"),
            None => Ok(()),
        }
    }
}

fn quoted(text: &str) -> String {
    crate::requirement::go_quoted(text)
}

impl VendorError {
    /// Why the chart of `requirement` cannot be had; names the chart in any case.
    pub(crate) fn of_source(cause: SourceError, requirement: &Requirement) -> Self {
        if cause.names_chart() {
            return Self::Source(cause);
        }
        let Requirement { chart, version, .. } = requirement;
        let at = if version.is_empty() { "" } else { "@" };
        Self::Lookup { chart: format!("{chart}{at}{version}"), cause }
    }

    /// A path error on the way into the folder of charts.
    pub(crate) fn of_folder(cause: PathError, charts: &Path) -> Self {
        match cause.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { charts: charts.to_owned(), wanted: None, cause }
            }
            _ => Self::Path(cause),
        }
    }

    /// Says for which chart the folder was needed.
    pub(crate) fn wanting(mut self, requirement: &Requirement, url: &str) -> Self {
        if let Self::ReadOnly { wanted, .. } = &mut self {
            let Requirement { chart, version, .. } = requirement;
            *wanted = Some((format!("{chart}@{version}"), url.to_owned()));
        }
        self
    }

    /// An error on the way to the right to change the folder of charts.
    pub(crate) fn of_opening(error: ChartfileError) -> Self {
        match error {
            ChartfileError::Path(cause) if cause.operation() == "mkdir" => {
                let charts = cause.path().to_owned();
                Self::of_folder(cause, &charts)
            }
            error => Self::Chartfile(error),
        }
    }
}

impl renga_diag::Report for VendorError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}
