//! Where charts come from: HTTP repositories, OCI registries, folders and archives, git.
//!
//! Owns the one door to them, [`Sources`]: which versions there are, and the bytes of one of them,
//! checked against every digest that is known before they are handed out. What a chartfile asks
//! for and where archives are unpacked is left to the callers; what archives contain to
//! [`crate::archive`].
//!
//! Invariants: nothing here opens a socket with [`SourceOptions::offline`]; credentials go to the
//! scheme, host and port that they are for and nowhere else, unless
//! [`crate::Repository::pass_credentials_all`] says so; no message and no `Debug` output has a secret in
//! it; an archive whose digest is not the promised one leaves this module only as an error.

mod error;
mod file;
mod http;
pub(crate) mod index;
mod oci;
mod proxy;
mod retry;
mod sources;
pub(crate) mod transport;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use error::{DigestOrigin, Names, SourceError, Subject, Trouble, Versions};
pub use index::pick;
pub use proxy::ProxySettings;
pub use sources::Sources;

use crate::digest::Sha256;

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

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            cache_dir: None,
            offline: false,
            refresh: false,
            proxies: ProxySettings::default(),
            registry_configs: Vec::new(),
            search_path: Vec::new(),
            timeout: Duration::from_mins(2),
            retries: 3,
            backoff: Duration::from_millis(250),
            user_agent: concat!("renga/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
