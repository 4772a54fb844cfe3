//! The one door to all kinds of sources.
//!
//! Owns the choice between them, the order of cache, download and checks, and what is shared by all
//! requests: indexes that were looked up, tokens, the transport. How each kind speaks is left to
//! [`super::http`], [`super::oci`] and [`super::file`].

use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::index::{self, Index, pick};
use super::oci::{Manifest, Reference, Registries, Registry};
use super::transport::{Access, Transport};
use super::{
    Archive, ChartVersion, DigestOrigin, LockedArchive, Names, SourceError, SourceOptions, Subject,
    Wanted, file, http,
};
use crate::cache::Cache;
use crate::digest::Sha256;
use crate::repository::{Repository, shown_url};

/// An index that is looked up by whoever comes first, or why it cannot be had.
type Slot = Arc<Mutex<Option<Result<Arc<Index>, SourceError>>>>;

/// The sources of charts, and the cache in front of them.
///
/// Cheap to make: threads, sockets and the cache are touched with the first request. May be used
/// from several threads; an index is looked up once, however many ask for it.
#[derive(Debug)]
pub struct Sources {
    options: SourceOptions,
    transport: Transport,
    cache: Option<Cache>,
    /// The indexes that were looked up, by their repository with all that it takes to be let in.
    indexes: Mutex<Vec<(Repository, Slot)>>,
    registries: Registries,
}

impl Sources {
    /// Sources that follow `options`.
    pub fn new(options: SourceOptions) -> Self {
        Self {
            transport: Transport::new(&options),
            cache: options.cache_dir.clone().map(Cache::new),
            indexes: Mutex::default(),
            registries: Registries::default(),
            options,
        }
    }

    /// The options they follow.
    pub fn options(&self) -> &SourceOptions {
        &self.options
    }

    /// Brings the indexes of all `repositories` up to date, side by side; in their order, what came
    /// of it. OCI registries and single folders have no index.
    pub fn sync(&self, repositories: &[Repository]) -> Vec<Result<(), SourceError>> {
        let sync = |repository: &Repository| match scheme(repository) {
            "http" | "https" => self.index(repository).map(drop),
            _ => Ok(()),
        };
        if let [repository] = repositories {
            return vec![sync(repository)];
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                repositories.iter().map(|repository| scope.spawn(|| sync(repository))).collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        })
    }

    /// All versions of `chart`, newest first as Helm sorts them.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoChart`], with names that look alike, where the repository does not have the
    /// chart; otherwise why the repository cannot be asked.
    pub fn versions(
        &self,
        repository: &Repository,
        chart: &str,
    ) -> Result<Vec<ChartVersion>, SourceError> {
        self.listed(repository, chart).map(Arc::unwrap_or_clone)
    }

    fn listed(
        &self,
        repository: &Repository,
        chart: &str,
    ) -> Result<Arc<Vec<ChartVersion>>, SourceError> {
        match scheme(repository) {
            "oci" => {
                let registry = self.registry(repository, Reference::of_chart(repository, chart)?);
                oci_versions(&registry, chart).map(Arc::new)
            }
            "file" => match file::index(repository, chart)? {
                Some(index) => index.chart(repository, chart),
                None => file::versions(repository, chart).map(Arc::new),
            },
            _ => self.index(repository)?.chart(repository, chart),
        }
    }

    /// The version of `chart` that Helm would take for `wanted`: an exact version, a range, or the
    /// newest stable one for an empty string. In registries also `sha256:…` or `1.2.3@sha256:…`.
    ///
    /// Asks a registry for its tags only for ranges, as Helm does; so whether an exact version is
    /// there shows when it is fetched.
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
        if scheme(repository) == "oci" {
            let reference = Reference::of_chart(repository, chart)?;
            let version = wanted.split_once('@').map_or(wanted, |(version, _)| version);
            if wanted.contains("sha256:") || renga_semver::Version::parse(version).is_ok() {
                let reference = reference.at(wanted).map_err(|problem| SourceError::BadRange {
                    chart: chart.to_owned(),
                    wanted: wanted.to_owned(),
                    problem,
                })?;
                if reference.is_digest_only() {
                    let registry = self.registry(repository, reference);
                    return registry.version(&registry.manifest(chart, wanted)?, chart);
                }
                return Ok(ChartVersion {
                    name: chart.to_owned(),
                    version: version.to_owned(),
                    urls: vec![reference.to_string()],
                    ..ChartVersion::default()
                });
            }
        }
        let versions = self.listed(repository, chart)?;
        pick(&versions, repository, chart, wanted).cloned()
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
        let ChartVersion { name, version: number, .. } = version;
        let subject = Subject::Chart { name: name.clone(), version: number.clone() };
        let reference = version.urls.first().ok_or_else(|| SourceError::NoUrl {
            chart: name.clone(),
            version: number.clone(),
            url: repository.shown_url(),
        })?;
        let place = place(repository, reference, &subject, |base| http::absolute(base, reference))?;
        self.get(
            repository,
            &Order {
                chart: name,
                version: number,
                subject,
                place,
                published: version.digest,
                locked: wanted.sha256,
                provenance: wanted.provenance,
            },
        )
    }

    /// What is at an address behind HTTP, such as a file of values. `repository` says who asks.
    ///
    /// # Errors
    ///
    /// Why it cannot be had.
    pub fn file(&self, repository: &Repository, url: &str) -> Result<Vec<u8>, SourceError> {
        http::file(&self.transport, repository, url)
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
        let subject =
            Subject::Chart { name: locked.chart.to_owned(), version: locked.version.to_owned() };
        let place =
            place(repository, locked.url, &subject, |base| http::from_lock(base, locked.url))?;
        self.get(
            repository,
            &Order {
                chart: locked.chart,
                version: locked.version,
                subject,
                place,
                published: None,
                locked: Some(locked.sha256),
                provenance: locked.provenance,
            },
        )
    }

    /// The index of a repository; whoever asks while it is being looked up waits for it, and hears
    /// the same: a dead repository is not asked again for each of its charts.
    fn index(&self, repository: &Repository) -> Result<Arc<Index>, SourceError> {
        let slot = {
            let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
            let known = indexes.iter().find(|(known, _)| known == repository);
            if let Some(slot) = known.map(|(_, slot)| Arc::clone(slot)) {
                slot
            } else {
                let slot = Slot::default();
                indexes.push((repository.clone(), Arc::clone(&slot)));
                slot
            }
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let look_up =
            || http::index(&self.transport, self.cache.as_ref(), self.options.refresh, repository);
        slot.get_or_insert_with(|| look_up().map(Arc::new)).clone()
    }

    fn registry<'a>(&'a self, repository: &'a Repository, reference: Reference) -> Registry<'a> {
        Registry {
            transport: &self.transport,
            options: &self.options,
            registries: &self.registries,
            repository,
            reference,
        }
    }

    /// Carries out an order: cache, download, checks.
    fn get(&self, repository: &Repository, order: &Order<'_>) -> Result<Archive, SourceError> {
        let cached = |digest: Option<Sha256>| {
            let cache =
                self.cache.as_ref().filter(|_| !self.options.refresh || self.options.offline)?;
            Some((digest?, cache.archive(&digest?)?))
        };
        let is_oci = matches!(order.place, Place::Oci(_));
        let mut archive = Archive {
            bytes: Arc::default(),
            sha256: Sha256::of(b""),
            published: order.published,
            manifest: None,
            provenance: None,
            url: order.place.for_lock(),
            cached: false,
        };
        let found = cached(order.locked.or(order.published));
        let mut manifest = None;
        // The lock of a chart needs no manifest, unless something beyond the archive is asked for.
        if let Place::Oci(reference) = &order.place
            && (found.is_none()
                || order.provenance
                    && found
                        .as_ref()
                        .is_none_or(|(digest, _)| self.cached_provenance(digest).is_none()))
        {
            let registry = self.registry(repository, reference.clone());
            let read = manifest_of(&registry, order)?;
            archive.manifest = Some(read.digest);
            archive.published = Some(read.chart);
            manifest = Some((registry, read));
        }
        let found = found.or_else(|| cached(archive.published).filter(|_| is_oci));
        archive.cached = found.is_some();
        (archive.sha256, archive.bytes) = if let Some((sha256, bytes)) = found {
            (sha256, bytes.into())
        } else {
            let bytes = self.download(repository, order, manifest.as_ref())?;
            (Sha256::of(&bytes), bytes.into())
        };
        let origin = if is_oci { DigestOrigin::Manifest } else { DigestOrigin::Index };
        for (expected, origin) in [(archive.published, origin), (order.locked, DigestOrigin::Lock)]
        {
            if let Some(expected) = expected
                && expected != archive.sha256
            {
                return Err(SourceError::Digest {
                    chart: order.chart.to_owned(),
                    version: order.version.to_owned(),
                    url: shown_url(&archive.url),
                    expected,
                    found: archive.sha256,
                    origin,
                });
            }
        }
        if !archive.cached
            && !matches!(order.place, Place::File(_))
            && let Some(cache) = &self.cache
        {
            // A cache that cannot be written costs a download next time, and nothing else.
            let _ = cache.keep_archive(&archive.bytes);
        }
        if order.provenance {
            archive.provenance = self.provenance(repository, order, &archive, manifest.as_ref())?;
        }
        Ok(archive)
    }

    /// The provenance file in the cache. It has not been verified, and may have been replaced where
    /// it came from; so it only counts where nobody can be asked.
    fn cached_provenance(&self, archive: &Sha256) -> Option<Vec<u8>> {
        self.cache.as_ref().filter(|_| self.options.offline)?.provenance(archive)
    }

    fn download(
        &self,
        repository: &Repository,
        order: &Order<'_>,
        manifest: Option<&(Registry<'_>, Manifest)>,
    ) -> Result<Vec<u8>, SourceError> {
        match (&order.place, manifest) {
            (Place::Http { base, url }, _) => {
                let access = Access::new(repository, base);
                http::archive(&self.transport, &access, &order.subject, url)
            }
            (Place::Oci(_), Some((registry, manifest))) => {
                registry.archive(manifest, &order.subject)
            }
            (Place::Oci(reference), None) => {
                let registry = self.registry(repository, reference.clone());
                registry.archive(&manifest_of(&registry, order)?, &order.subject)
            }
            (Place::File(url), _) => file::archive(url, order.chart, &order.subject),
        }
    }

    fn provenance(
        &self,
        repository: &Repository,
        order: &Order<'_>,
        archive: &Archive,
        manifest: Option<&(Registry<'_>, Manifest)>,
    ) -> Result<Option<Arc<[u8]>>, SourceError> {
        if let Some(bytes) = self.cached_provenance(&archive.sha256) {
            return Ok(Some(bytes.into()));
        }
        let bytes = match (&order.place, manifest) {
            (Place::Http { base, url }, _) => {
                let subject = Subject::Provenance {
                    name: order.chart.to_owned(),
                    version: order.version.to_owned(),
                };
                http::provenance(&self.transport, &Access::new(repository, base), subject, url)?
            }
            (Place::Oci(_), Some((registry, manifest))) => {
                registry.provenance(manifest, order.chart, order.version)?
            }
            (Place::Oci(_), None) => None,
            (Place::File(url), _) => file::provenance(url)?,
        };
        if let (Some(cache), Some(bytes)) = (&self.cache, &bytes)
            && !matches!(order.place, Place::File(_))
        {
            let _ = cache.keep_provenance(&archive.sha256, bytes);
        }
        Ok(bytes.map(Arc::from))
    }
}

/// The scheme of a repository's address, in lower case as it must be written.
fn scheme(repository: &Repository) -> &str {
    repository.url.split_once("://").map_or("", |(scheme, _)| scheme)
}

/// The manifest of a chart. One that is not there is explained with the versions that are.
fn manifest_of(registry: &Registry<'_>, order: &Order<'_>) -> Result<Manifest, SourceError> {
    let error = match registry.manifest(order.chart, order.version) {
        Err(error @ SourceError::NotFound { .. }) => error,
        other => return other,
    };
    let repository = registry.repository;
    match oci_versions(registry, order.chart) {
        Ok(versions) => Err(SourceError::NoVersion {
            chart: order.chart.to_owned(),
            wanted: order.version.to_owned(),
            repository: repository.name.clone(),
            url: repository.shown_url(),
            newest: index::newest(&versions),
        }),
        Err(no_chart @ SourceError::NoChart { .. }) => Err(no_chart),
        // Registries need not list tags.
        Err(_) => Err(error),
    }
}

/// The tags of a chart that are versions, newest first.
fn oci_versions(registry: &Registry<'_>, chart: &str) -> Result<Vec<ChartVersion>, SourceError> {
    let tags = registry.tags(chart).map_err(|error| match error {
        SourceError::NotFound { .. } => SourceError::NoChart {
            chart: chart.to_owned(),
            repository: registry.repository.name.clone(),
            url: registry.repository.shown_url(),
            nearest: Names::default(),
        },
        error => error,
    })?;
    let mut versions: Vec<_> = tags
        .iter()
        .filter_map(|tag| {
            // A `+` is no character of tags.
            let version = tag.replace('_', "+");
            let parsed = renga_semver::Version::parse_strict(&version).ok()?;
            let url = registry.reference.at(&version).ok()?.to_string();
            Some((
                parsed,
                ChartVersion {
                    name: chart.to_owned(),
                    version,
                    urls: vec![url],
                    ..ChartVersion::default()
                },
            ))
        })
        .collect();
    versions.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(versions.into_iter().map(|(_, version)| version).collect())
}

/// Where an address leads that an index or a lock gives.
fn place(
    repository: &Repository,
    reference: &str,
    subject: &Subject,
    absolute: impl FnOnce(&Url) -> Result<Url, String>,
) -> Result<Place, SourceError> {
    let bad = |problem: String| SourceError::BadUrl {
        subject: subject.clone(),
        url: shown_url(reference),
        problem,
    };
    if reference.starts_with("oci://") {
        return Reference::parse(reference).map(Place::Oci).map_err(bad);
    }
    // A repository in a registry has archives nowhere else.
    let base = http::base_of(repository)?;
    let url = absolute(&base).map_err(bad)?;
    match url.scheme() {
        "http" | "https" => Ok(Place::Http { base, url }),
        // What comes over the network does not choose files of this machine.
        "file" if base.scheme() == "file" => Ok(Place::File(url)),
        scheme => Err(bad(format!("the scheme `{scheme}` is unknown or not allowed here"))),
    }
}

/// Where an archive is.
enum Place {
    /// Behind HTTP; `base` is the repository's address.
    Http { base: Url, url: Url },
    /// In a registry.
    Oci(Reference),
    /// On this machine: an archive or a folder.
    File(Url),
}

impl Place {
    fn for_lock(&self) -> String {
        match self {
            Self::Http { base, url } => http::for_lock(base, url),
            Self::Oci(reference) => reference.to_string(),
            Self::File(url) => url.to_string(),
        }
    }
}

/// An archive to get, and what is known of it.
struct Order<'a> {
    chart: &'a str,
    version: &'a str,
    subject: Subject,
    place: Place,
    published: Option<Sha256>,
    locked: Option<Sha256>,
    provenance: bool,
}
