//! The charts that a chart needs and that its archive does not have.
//!
//! Owns which ones are missing (as Helm decides it: by name), and how they are had: as `helm
//! dependency build` does from `Chart.lock`, or by the ranges in `Chart.yaml` where there is none.
//! Conditions and tags are the renderer's: what may be switched on must be there.
//!
//! Invariant: a chart from elsewhere cannot make renga read folders outside of the folder of charts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use renga_semver::{Constraint, Version};
use renga_yaml::Flavour;

use crate::archive::{ArchiveError, Entry, Limits, read_archive};
use crate::digest::Sha256;
use crate::lock::LockedDependency;
use crate::metadata::{ChartMetadata, Dependency, MetadataError};
use crate::package::{PackageError, package_dir};
use crate::source::{Archive, LockedArchive, SourceError, Wanted};
use crate::staging::PathError;
use crate::vendor::ChartSource;
use crate::workspace::{Origin, Repositories};

/// Why a dependency of a chart cannot be had.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DependencyError {
    /// `Chart.lock` was not made from the dependencies in `Chart.yaml`.
    #[error(
        "chart `{chart}`: the lock file ({lock}) is out of sync with the dependencies file ({file})"
    )]
    #[diagnostic(
        code(charts::dependency_lock),
        help(
            "dependencies of the chart are missing in its archive, and its lock does not say which ones it needs: tell its owner, who can run `helm dependency update`"
        )
    )]
    OutOfSync {
        /// The chart.
        chart: String,
        /// `Chart.lock` or `requirements.lock`.
        lock: &'static str,
        /// `Chart.yaml` or `requirements.yaml`.
        file: &'static str,
    },
    /// No repository is given, so it should be in the archive.
    #[error("chart `{chart}` needs `{dependency}`, which is not in its archive")]
    #[diagnostic(
        code(charts::dependency_missing),
        help("the chart names no repository for it: tell its owner")
    )]
    NotInArchive {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
    },
    /// `@name` or `alias:name` of a repository that is not configured.
    #[error(
        "chart `{chart}` needs `{dependency}` from `{repository}`, which is no repository of the chartfile"
    )]
    #[diagnostic(
        code(charts::dependency_repository),
        help("add it with `renga charts add-repo NAME URL`")
    )]
    UnknownRepository {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// As the chart names it.
        repository: String,
    },
    /// A folder that a downloaded chart must not read.
    #[error(
        "chart `{chart}` needs `{dependency}` from the folder `{folder}`, outside of the folder of charts"
    )]
    #[diagnostic(
        code(charts::dependency_folder),
        help("a chart that was downloaded may only refer to charts beside it")
    )]
    Outside {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// As the chart names it.
        folder: String,
    },
    /// A folder without a chart, or one that cannot be packed.
    #[error("chart `{chart}` needs `{dependency}` from {}: {cause}", folder.display())]
    #[diagnostic(code(charts::dependency_package))]
    Package {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        cause: PackageError,
    },
    /// It cannot be downloaded.
    #[error("chart `{chart}` needs `{dependency}`")]
    #[diagnostic(code(charts::dependency_source))]
    Source {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: SourceError,
    },
    /// It is no readable archive.
    #[error("chart `{chart}` needs `{dependency}`, whose archive ({url}) cannot be used")]
    #[diagnostic(code(charts::dependency_archive))]
    Archive {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// The archive's address.
        url: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: ArchiveError,
    },
    /// Its metadata cannot be read.
    #[error("chart `{chart}` needs `{dependency}` ({url})")]
    #[diagnostic(code(charts::dependency_metadata))]
    Metadata {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// Its address.
        url: String,
        /// Why.
        #[source]
        #[diagnostic_source]
        cause: MetadataError,
    },
    /// It is another chart, or a version that does not fit.
    #[error("chart `{chart}` needs `{dependency}` {requested}, but {url} is `{name}` {version}")]
    #[diagnostic(code(charts::dependency_mismatch))]
    Mismatch {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// The version or range that is needed.
        requested: String,
        /// Its address.
        url: String,
        /// The name it has.
        name: String,
        /// The version it has.
        version: String,
    },
    /// A folder whose contents are not those that were locked.
    #[error(
        "chart `{chart}` needs `{dependency}`, whose folder `{folder}` changed since it was locked"
    )]
    #[diagnostic(
        code(charts::dependency_changed),
        help("run `renga charts update {chart}` to accept the change")
    )]
    Changed {
        /// The chart.
        chart: String,
        /// The dependency.
        dependency: String,
        /// As the chart names it.
        folder: String,
    },
    /// A path that cannot be read.
    #[error(transparent)]
    #[diagnostic(code(charts::path))]
    Path(#[from] PathError),
}

/// The chart whose dependencies are wanted.
pub(crate) struct Dependent<'a> {
    /// The name that messages use.
    pub(crate) chart: &'a str,
    /// What it says about itself.
    pub(crate) metadata: &'a ChartMetadata,
    /// What its archive has.
    pub(crate) entries: &'a [Entry],
    /// Where it comes from.
    pub(crate) origin: &'a Origin,
    /// The folder that `file://` is relative to.
    pub(crate) base: PathBuf,
    /// The folder of charts.
    pub(crate) charts: &'a Path,
}

/// A dependency that was fetched, ready to be put into the chart.
pub(crate) struct Fetched {
    /// Its archive, as a file of the chart.
    pub(crate) entry: Entry,
    /// What the lock says about it.
    pub(crate) locked: LockedDependency,
}

/// Fetches what is missing in a chart; `locked` is what the lock says about that.
pub(crate) fn fetch_missing(
    of: &Dependent<'_>,
    locked: &[LockedDependency],
    repositories: &Repositories,
    source: &dyn ChartSource,
    lookups: bool,
) -> Result<Vec<Fetched>, DependencyError> {
    let missing = missing(of)?;
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let pins = pins(of, repositories)?;
    let mut fetched: Vec<Fetched> = Vec::new();
    for dependency in missing {
        let pin = pins.as_ref().and_then(|pins| {
            pins.iter()
                .flatten()
                .find(|pin| pin.name == dependency.name && fits(&dependency.version, &pin.version))
        });
        let wanted = pin.map_or(dependency.version.as_str(), |pin| pin.version.as_str());
        let one = fetch(of, dependency, wanted, locked, repositories, source, lookups)?;
        // The same chart under two aliases is one file.
        if fetched.iter().all(|other| other.entry.path != one.entry.path) {
            fetched.push(one);
        }
    }
    Ok(fetched)
}

/// The dependencies without a chart of their name in `charts/`.
fn missing<'a>(of: &Dependent<'a>) -> Result<Vec<&'a Dependency>, DependencyError> {
    let needed: Vec<&Dependency> = of.metadata.dependencies.iter().flatten().collect();
    if needed.is_empty() {
        return Ok(needed);
    }
    let mut present = BTreeSet::new();
    for entry in of.entries {
        let Some(path) = entry.path.strip_prefix("charts/") else { continue };
        // Helm passes over what begins like this.
        if path.starts_with(['_', '.']) {
            continue;
        }
        let metadata = match path.split_once('/') {
            Some((_, "Chart.yaml")) => ChartMetadata::read(&entry.data),
            None if is_archive(path) => {
                let bad = |cause| DependencyError::Archive {
                    chart: of.chart.to_owned(),
                    dependency: path.to_owned(),
                    url: entry.path.clone(),
                    cause,
                };
                let entries = read_archive(&entry.data, &Limits::default()).map_err(bad)?;
                ChartMetadata::of_entries(&entries)
            }
            _ => continue,
        };
        let metadata = metadata.map_err(|cause| DependencyError::Metadata {
            chart: of.chart.to_owned(),
            dependency: path.to_owned(),
            url: entry.path.clone(),
            cause,
        })?;
        present.insert(metadata.name);
    }
    Ok(needed.into_iter().filter(|dependency| !present.contains(&dependency.name)).collect())
}

fn is_archive(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tgz")
}

/// Whether `version` is what `range` asks for; anything is, where either cannot be read.
fn fits(range: &str, version: &str) -> bool {
    match (Constraint::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => true,
    }
}

/// The versions in the chart's own lock, which must belong to its dependencies.
fn pins(
    of: &Dependent<'_>,
    repositories: &Repositories,
) -> Result<Option<Vec<Option<Dependency>>>, DependencyError> {
    let file = |name: &str| of.entries.iter().rev().find(|entry| entry.path == name);
    let Some(lock) = file("Chart.lock").or_else(|| file("requirements.lock")) else {
        return Ok(None);
    };
    let v1 = of.metadata.api_version == "v1";
    let out_of_sync = || DependencyError::OutOfSync {
        chart: of.chart.to_owned(),
        lock: if v1 { "requirements.lock" } else { "Chart.lock" },
        file: if v1 { "requirements.yaml" } else { "Chart.yaml" },
    };
    // A lock has its list under the same key as a `Chart.yaml`.
    let pins = ChartMetadata::read(&lock.data).map_err(|_| out_of_sync())?.dependencies;
    let value = renga_yaml::read(&lock.data, Flavour::SigsYaml).map_err(|_| out_of_sync())?;
    let digest = value.get("digest").and_then(|digest| digest.as_str()).unwrap_or_default();

    let mut needed = of.metadata.dependencies.clone();
    let legacy = format!("{{\"dependencies\":{}}}", go_json(&needed));
    for dependency in needed.iter_mut().flatten() {
        if let Some(origin) =
            alias(&dependency.repository).and_then(|name| repositories.named(name))
        {
            dependency.repository.clone_from(&origin.repository.url);
        }
    }
    let current = format!("[{},{}]", go_json(&needed), go_json(&pins));
    let is = |text: &str| Sha256::of(text.as_bytes()).to_string() == digest;
    if is(&current) || (v1 && is(&legacy)) { Ok(Some(pins)) } else { Err(out_of_sync()) }
}

/// The name in `@name` and `alias:name`.
fn alias(repository: &str) -> Option<&str> {
    repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"))
}

/// Dependencies as Go's encoder writes them, in the order of its struct: what locks are a digest of.
fn go_json(dependencies: &[Option<Dependency>]) -> String {
    if dependencies.is_empty() {
        return "null".to_owned();
    }
    let objects: Vec<String> = dependencies
        .iter()
        .map(|dependency| {
            let Some(dependency) = dependency else { return "null".to_owned() };
            let mut fields = Vec::new();
            let mut text = |name: &str, value: &str, always: bool| {
                if always || !value.is_empty() {
                    let mut field = format!("\"{name}\":");
                    renga_gojson::write_string(value, &mut field);
                    fields.push(field);
                }
            };
            text("name", &dependency.name, true);
            text("version", &dependency.version, false);
            text("repository", &dependency.repository, true);
            text("condition", &dependency.condition, false);
            if !dependency.tags.is_empty() {
                let tags = serde_json::Value::from(dependency.tags.clone());
                fields.push(format!("\"tags\":{}", renga_gojson::to_string(&tags)));
            }
            if dependency.enabled {
                fields.push("\"enabled\":true".to_owned());
            }
            if !dependency.import_values.is_empty() {
                let values = serde_json::Value::from(dependency.import_values.clone());
                fields.push(format!("\"import-values\":{}", renga_gojson::to_string(&values)));
            }
            if !dependency.alias.is_empty() {
                let mut field = "\"alias\":".to_owned();
                renga_gojson::write_string(&dependency.alias, &mut field);
                fields.push(field);
            }
            format!("{{{}}}", fields.join(","))
        })
        .collect();
    format!("[{}]", objects.join(","))
}

fn fetch(
    of: &Dependent<'_>,
    dependency: &Dependency,
    wanted: &str,
    locked: &[LockedDependency],
    repositories: &Repositories,
    source: &dyn ChartSource,
    lookups: bool,
) -> Result<Fetched, DependencyError> {
    let (chart, name) = (of.chart.to_owned(), dependency.name.clone());
    let repository = dependency.repository.as_str();
    if repository.is_empty() {
        return Err(DependencyError::NotInArchive { chart, dependency: name });
    }
    if repository.starts_with("file://") {
        return from_folder(of, dependency, locked);
    }
    let unknown = || DependencyError::UnknownRepository {
        chart: chart.clone(),
        dependency: name.clone(),
        repository: repository.to_owned(),
    };
    let origin = match alias(repository) {
        Some(alias) => repositories.named(alias).cloned().ok_or_else(unknown)?,
        None if repository.contains("://") => repositories.at(repository),
        None => return Err(unknown()),
    };
    let pinned = locked.iter().find(|entry| {
        entry.name == dependency.name
            && entry.requested == dependency.version
            && entry.repository == origin.address
    });
    let failed =
        |cause| DependencyError::Source { chart: chart.clone(), dependency: name.clone(), cause };
    let archive =
        obtain(&origin, &dependency.name, wanted, pinned, source, lookups).map_err(failed)?;
    finish(of, dependency, archive.bytes.to_vec(), &archive, &origin)
}

fn obtain(
    origin: &Origin,
    name: &str,
    wanted: &str,
    pinned: Option<&LockedDependency>,
    source: &dyn ChartSource,
    lookups: bool,
) -> Result<Archive, SourceError> {
    let mut wanted = wanted;
    let mut sha256 = None;
    if let Some(pinned) = pinned {
        let locked = LockedArchive {
            chart: name,
            version: &pinned.version,
            url: &pinned.url,
            sha256: pinned.archive,
            provenance: false,
        };
        match source.fetch_locked(&origin.repository, &locked) {
            Err(SourceError::NotFound { .. }) if lookups => {
                wanted = &pinned.version;
                sha256 = Some(pinned.archive);
            }
            done => return done,
        }
    }
    let version = source.resolve(&origin.repository, name, wanted)?;
    source.fetch(&origin.repository, &version, &Wanted { sha256, provenance: false })
}

/// Packs the folder that `file://` names.
fn from_folder(
    of: &Dependent<'_>,
    dependency: &Dependency,
    locked: &[LockedDependency],
) -> Result<Fetched, DependencyError> {
    let (chart, name) = (of.chart.to_owned(), dependency.name.clone());
    let written = dependency.repository.strip_prefix("file://").unwrap_or_default();
    let folder = renga_project::clean(&of.base.join(written));
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if !of.origin.is_local() && !real(&folder).starts_with(real(of.charts)) {
        let folder = dependency.repository.clone();
        return Err(DependencyError::Outside { chart, dependency: name, folder });
    }
    let bytes = package_dir(&folder).map_err(|cause| DependencyError::Package {
        chart: chart.clone(),
        dependency: name.clone(),
        folder: folder.clone(),
        cause,
    })?;
    let sha256 = Sha256::of(&bytes);
    let changed = locked.iter().any(|entry| {
        entry.name == name && entry.repository == dependency.repository && entry.archive != sha256
    });
    if changed {
        let folder = dependency.repository.clone();
        return Err(DependencyError::Changed { chart, dependency: name, folder });
    }
    let archive = Archive {
        bytes: bytes.clone().into(),
        sha256,
        published: None,
        manifest: None,
        provenance: None,
        url: dependency.repository.clone(),
        cached: true,
    };
    let repository = crate::repository::Repository::new("", &dependency.repository);
    let origin = Origin { address: dependency.repository.clone(), repository };
    finish(of, dependency, bytes, &archive, &origin)
}

/// Checks an archive against what the chart asks for.
fn finish(
    of: &Dependent<'_>,
    dependency: &Dependency,
    bytes: Vec<u8>,
    archive: &Archive,
    origin: &Origin,
) -> Result<Fetched, DependencyError> {
    let (chart, name) = (of.chart.to_owned(), dependency.name.clone());
    let entries = read_archive(&bytes, &Limits::default()).map_err(|cause| {
        let url = archive.url.clone();
        DependencyError::Archive { chart: chart.clone(), dependency: name.clone(), url, cause }
    })?;
    let metadata = ChartMetadata::of_entries(&entries).map_err(|cause| {
        let url = archive.url.clone();
        DependencyError::Metadata { chart: chart.clone(), dependency: name.clone(), url, cause }
    })?;
    if metadata.name != dependency.name
        || !fits(&dependency.version, &metadata.version)
        || metadata.version.contains(['/', '\\'])
    {
        return Err(DependencyError::Mismatch {
            chart,
            dependency: name,
            requested: dependency.version.clone(),
            url: archive.url.clone(),
            name: metadata.name,
            version: metadata.version,
        });
    }
    let path = format!("charts/{}-{}.tgz", metadata.name, metadata.version);
    Ok(Fetched {
        entry: Entry { path, data: bytes },
        locked: LockedDependency {
            name,
            requested: dependency.version.clone(),
            version: metadata.version,
            repository: origin.address.clone(),
            url: origin.portable(&archive.url),
            archive: archive.sha256,
            published: archive.published,
        },
    })
}
