//! Charts from directories, archives and memory.
//!
//! Owns which files a chart has and what each of them is: ignore rules, links, size limits, the
//! split into templates, files and subcharts, and the checks of `Chart.yaml`. Everything is read
//! through a [`Source`], so that whoever records sees what a chart was made of. Unpacking is
//! [`renga_charts::read_archive`]'s.

mod archive;
mod assemble;
mod directory;
mod sniff;
mod validate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_charts::{ArchiveError, IgnoreError};
use renga_gotemplate::quoted;
use renga_project::{FileKind, Source, go_io_text};

use crate::chart::{Chart, File};
use crate::compat::Compat;
use crate::metadata::{self, MetadataError};
use crate::values::ReadError;
use crate::warning::Warning;

pub use validate::ValidationError;

/// How many bytes a chart may have, and each archive in it.
const MAX_CHART: u64 = 100 * 1024 * 1024;

/// How many bytes a file may have for Helm 3.
const MAX_FILE_V3: usize = 5 * 1024 * 1024;

/// How many bytes a chart and all archives in it may have together. Helm has no such limit.
const MAX_ALL: u64 = 512 * 1024 * 1024;

/// How deep charts may be in charts. Helm has no such limit.
const MAX_NESTING: usize = 64;

/// A chart, and what Helm says while it loads it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The chart.
    pub chart: Arc<Chart>,
    /// What Helm says.
    pub warnings: Vec<Warning>,
}

/// Why a chart does not load. `Display` has Helm's words where Helm refuses, too.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum LoadError {
    /// A path cannot be read.
    #[error("{operation} {}: {}", path.display(), go_io_text(cause))]
    #[diagnostic(code(helm::unreadable))]
    Unreadable {
        /// The system call, as Go names it.
        operation: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The directory has no `Chart.yaml`.
    #[error("unable to detect chart at {}: open {}: {}", path.display(), path.display(), go_io_text(cause))]
    #[diagnostic(code(helm::no_chart), help("give the folder that has the `Chart.yaml`"))]
    Undetected {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// There is no `Chart.yaml` among the files.
    #[error("Chart.yaml file is missing")]
    #[diagnostic(
        code(helm::no_chart),
        help(
            "every folder below `charts/` has to be a chart; move other files elsewhere, or name them in `.helmignore`"
        )
    )]
    MissingChartYaml,
    /// There is no `Chart.yaml` in an archive.
    #[error("unable to detect chart version, no Chart.yaml found")]
    #[diagnostic(code(helm::no_chart))]
    MissingInArchive,
    /// The `apiVersion` is none that there is.
    #[error("unsupported chart version")]
    #[diagnostic(code(helm::api_version), help("`apiVersion` is `v1` or `v2`, not `{found}`"))]
    UnsupportedVersion {
        /// The `apiVersion`.
        found: String,
    },
    /// The `apiVersion` is one that Helm 4 knows and does not install.
    #[error("invalid chart apiVersion")]
    #[diagnostic(code(helm::api_version), help("`apiVersion` is `v1` or `v2`"))]
    InvalidVersion,
    /// The `.helmignore` has a rule that does not work.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Ignore(#[from] IgnoreError),
    /// A link leads nowhere.
    #[error("error evaluating symlink {}: lstat {}: {}", path.display(), target.display(), go_io_text(cause))]
    #[diagnostic(code(helm::symlink))]
    Link {
        /// The link.
        path: PathBuf,
        /// What is not there.
        target: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Links lead to each other.
    #[error("error evaluating symlink {}: EvalSymlinks: too many links", path.display())]
    #[diagnostic(code(helm::symlink))]
    LinkLoop {
        /// The first of them.
        path: PathBuf,
    },
    /// A device, socket or pipe.
    #[error("cannot load irregular file {} as it has file mode type bits set", path.display())]
    #[diagnostic(code(helm::irregular_file))]
    Irregular {
        /// Where it is.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("error reading {name}: open {}: {}", path.display(), go_io_text(cause))]
    #[diagnostic(code(helm::unreadable))]
    File {
        /// The path within the chart.
        name: String,
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A directory has more than it may.
    #[error("error reading {name}: chart exceeds maximum decompressed size of {limit} bytes")]
    #[diagnostic(
        code(helm::too_large),
        help("name files that are not the chart's in `.helmignore`")
    )]
    TooLarge {
        /// The file that was too much.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A file has more than it may for Helm 3.
    #[error("{what} file {} is larger than the maximum file size {limit}", quoted(name.as_bytes()))]
    #[diagnostic(
        code(helm::too_large),
        help("name files that are not the chart's in `.helmignore`")
    )]
    FileTooLarge {
        /// `chart`, or `decompressed chart`.
        what: &'static str,
        /// The file.
        name: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A YAML file of the chart is not what it should be.
    #[error("cannot load {file}: {cause}")]
    #[diagnostic(code(helm::chart_yaml))]
    Metadata {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        #[diagnostic_source]
        cause: MetadataError,
    },
    /// The default values are not what they should be.
    #[error("cannot load values.yaml: {0}")]
    #[diagnostic(transparent)]
    Values(ReadError),
    /// `Chart.yaml` says something that does not work.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Validation(#[from] ValidationError),
    /// A subchart does not load.
    #[error("error unpacking subchart {folder} in {chart}: {cause}")]
    #[diagnostic(code(helm::subchart))]
    Subchart {
        /// The folder or archive below `charts/`.
        folder: String,
        /// The chart it is in.
        chart: String,
        /// What is wrong with it.
        cause: Box<LoadError>,
    },
    /// A directory is called as archives are.
    #[error("error unpacking subchart tar in {chart}: expected {folder}, got {found}")]
    #[diagnostic(code(helm::subchart), help("rename the folder: `.tgz` is for archives"))]
    ArchiveFolder {
        /// The chart it is in.
        chart: String,
        /// The folder.
        folder: String,
        /// The first file in it.
        found: String,
    },
    /// The file is YAML.
    #[error("file '{}' seems to be a YAML file, but expected a gzipped archive", path.display())]
    #[diagnostic(
        code(helm::not_an_archive),
        help("give the chart first; values files go with `-f`")
    )]
    YamlFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is not an archive.
    #[error("file '{}' does not appear to be a gzipped archive; got '{found}'", path.display())]
    #[diagnostic(code(helm::not_an_archive), help("give a chart's folder, or a `.tgz`"))]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
    },
    /// The archive cannot be read (Helm 4 says no more).
    #[error("unable to load chart archive")]
    #[diagnostic(code(helm::archive), help("{cause}"))]
    ArchiveUnusable {
        /// What is wrong with it.
        cause: ArchiveError,
    },
    /// An archive cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Archive(#[from] ArchiveError),
    /// An archive has nothing in it.
    #[error("EOF")]
    #[diagnostic(code(helm::archive), help("the archive is empty: fetch it again"))]
    EmptyArchive,
    /// Charts are in charts without end.
    #[error("charts nest deeper than {limit}")]
    #[diagnostic(code(helm::too_deep), help("a chart seems to contain itself"))]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

/// Loads the chart at an absolute path: a directory, or an archive.
///
/// # Errors
///
/// [`LoadError`] with Helm's words.
pub fn load(source: &dyn Source, path: &Path, compat: Compat) -> Result<Loaded, LoadError> {
    match source.probe(path) {
        Some(FileKind::Directory) => directory::load(source, path, compat),
        Some(_) => archive::load(source, path, compat),
        None => {
            let cause = source.read(path).err();
            Err(LoadError::Unreadable {
                operation: "stat",
                path: path.to_owned(),
                cause: cause.unwrap_or_else(|| std::io::ErrorKind::NotFound.into()),
            })
        }
    }
}

/// Loads the chart in an archive that is in memory already.
///
/// # Errors
///
/// [`LoadError`] with Helm's words.
pub fn load_archive(bytes: &[u8], compat: Compat) -> Result<Loaded, LoadError> {
    archive::load_bytes(bytes, compat)
}

/// Makes a chart of files that are in memory already. The order of files is the chart's.
///
/// # Errors
///
/// [`LoadError`] with Helm's words.
pub fn load_files(files: Vec<File>, compat: Compat) -> Result<Loaded, LoadError> {
    assemble::assemble(files, compat)
}

/// Finds out from `Chart.yaml` whether and how Helm 4 loads a chart.
fn check_api_version(chart_yaml: &[u8], compat: Compat) -> Result<(), LoadError> {
    let version = metadata::read_api_version(chart_yaml, compat)
        .map_err(|cause| LoadError::Metadata { file: "Chart.yaml", cause })?;
    match version.as_str() {
        "" | "v1" | "v2" => Ok(()),
        "v3" => Err(LoadError::InvalidVersion),
        _ => Err(LoadError::UnsupportedVersion { found: version }),
    }
}

/// The bytes of a file without byte order mark.
fn without_mark(data: Arc<[u8]>) -> Arc<[u8]> {
    match data.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => Arc::from(rest),
        None => data,
    }
}
