//! Charts on this machine: `file://` addresses of archives, charts, and folders of either.
//!
//! Owns finding them; packing a folder is [`crate::package`]'s part. Nothing of this is cached.
//!
//! An address may be a packed chart, the folder of a chart, a folder with an `index.yaml`, or a
//! folder with packed charts and folders of charts.

use std::io;
use std::path::{Path, PathBuf};

use url::Url;

use super::index::{Body, Index, malformed, nearest, table_of};
use super::{ChartVersion, SourceError, Subject};
use crate::archive::{Limits, read_archive};
use crate::metadata::ChartMetadata;
use crate::package::package_dir;
use crate::repository::Repository;

const CHART_FILE: &str = "Chart.yaml";

fn path_of(url: &str, subject: &Subject) -> Result<PathBuf, SourceError> {
    Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(|| {
        SourceError::BadUrl {
            subject: subject.clone(),
            url: url.to_owned(),
            problem: "a path must be absolute, as in `file:///srv/charts`".to_owned(),
        }
    })
}

fn subject_of(chart: &str) -> Subject {
    Subject::Tags { chart: chart.to_owned() }
}

fn failed(path: &Path, source: io::Error) -> SourceError {
    SourceError::File { path: path.to_owned(), source: source.into() }
}

/// The index of a folder that has one.
pub(super) fn index(repository: &Repository, chart: &str) -> Result<Option<Index>, SourceError> {
    let path = path_of(&repository.url, &subject_of(chart))?.join("index.yaml");
    match std::fs::read(&path) {
        Ok(text) => {
            let (table, text) = table_of(text).map_err(|problem| malformed(problem, repository))?;
            Ok(Some(Index::new(table, Body::Text(text))))
        }
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed(&path, error)),
    }
}

/// The versions of `chart` at an address without an index, newest first.
pub(super) fn versions(
    repository: &Repository,
    chart: &str,
) -> Result<Vec<ChartVersion>, SourceError> {
    let root = path_of(&repository.url, &subject_of(chart))?;
    let mut names = Vec::new();
    let mut found = Vec::new();
    for path in candidates(&root, chart)? {
        match describe(&path) {
            Ok(metadata) if metadata.name == chart => {
                let Ok(version) = renga_semver::Version::parse(&metadata.version) else { continue };
                let Ok(url) = Url::from_file_path(&path) else { continue };
                found.push((version, version_of(metadata, url.to_string())));
            }
            Ok(metadata) => names.push(metadata.name),
            // Others' charts may be broken; the one asked for may not.
            Err(problem) if path == root || is_named(&path, chart) => {
                return Err(SourceError::LocalChart { chart: chart.to_owned(), path, problem });
            }
            Err(_) => {}
        }
    }
    if found.is_empty() {
        return Err(SourceError::NoChart {
            chart: chart.to_owned(),
            repository: repository.name.clone(),
            url: repository.shown_url(),
            nearest: nearest(chart, names.iter().map(String::as_str)),
        });
    }
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(found.into_iter().map(|(_, version)| version).collect())
}

/// Everything at `root` that may be a chart, sorted: itself, or what is in it.
fn candidates(root: &Path, chart: &str) -> Result<Vec<PathBuf>, SourceError> {
    let metadata = std::fs::metadata(root).map_err(|error| failed(root, error))?;
    if metadata.is_file() || root.join(CHART_FILE).is_file() {
        return Ok(vec![root.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root).map_err(|error| failed(root, error))? {
        let path = entry.map_err(|error| failed(root, error))?.path();
        let archive = path.extension().is_some_and(|extension| extension == "tgz");
        if archive || is_named(&path, chart) || path.join(CHART_FILE).is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_named(path: &Path, chart: &str) -> bool {
    path.file_name().is_some_and(|name| name == chart)
}

fn describe(path: &Path) -> Result<ChartMetadata, String> {
    let metadata = if path.is_dir() {
        ChartMetadata::of_dir(path)
    } else {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let entries =
            read_archive(&bytes, &Limits::default()).map_err(|error| renga_diag::chain(&error))?;
        ChartMetadata::of_entries(&entries)
    };
    metadata.map_err(|error| renga_diag::chain(&error))
}

fn version_of(metadata: ChartMetadata, url: String) -> ChartVersion {
    let set = |text: String| Some(text).filter(|text| !text.is_empty());
    ChartVersion {
        name: metadata.name,
        version: metadata.version,
        app_version: set(metadata.app_version),
        description: set(metadata.description),
        digest: None,
        urls: vec![url],
        deprecated: metadata.deprecated,
        created: None,
        kube_version: set(metadata.kube_version),
    }
}

/// The bytes of the archive at `url`; a folder is packed.
pub(super) fn archive(url: &Url, chart: &str, subject: &Subject) -> Result<Vec<u8>, SourceError> {
    let path = path_of(url.as_str(), subject)?;
    if path.is_dir() {
        return package_dir(&path).map_err(|error| SourceError::LocalChart {
            chart: chart.to_owned(),
            path,
            problem: renga_diag::chain(&error),
        });
    }
    std::fs::read(&path).map_err(|error| failed(&path, error))
}

/// The provenance file beside the archive at `url`.
pub(super) fn provenance(url: &Url) -> Result<Option<Vec<u8>>, SourceError> {
    let Ok(path) = url.to_file_path() else { return Ok(None) };
    let mut name = path.into_os_string();
    name.push(".prov");
    let path = PathBuf::from(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path, error)),
    }
}
