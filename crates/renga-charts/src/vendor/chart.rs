//! One chart's way from its source to the staging folder.
//!
//! Owns the checks on the way: digests (by the source), signature, name and version of the chart,
//! its dependencies, the digest of the tree.

use std::path::{Path, PathBuf};

use renga_semver::Version;
use url::Url;

use super::{LockMode, Run, There, VendorError, Work};
use crate::archive::{Entry, Limits, base_folder, read_archive};
use crate::dependencies::{Dependent, Fetched, fetch_missing};
use crate::digest::{TreeDigest, tree_digest};
use crate::lock::{LockedChart, same_address};
use crate::metadata::ChartMetadata;
use crate::provenance::verify_provenance;
use crate::report::Event;
use crate::requirement::Requirement;
use crate::source::{Archive, LockedArchive, SourceError, Wanted};
use crate::staging::PathError;
use crate::unpack::unpack;
use crate::workspace::Origin;

/// A chart that was fetched and checked.
pub(super) struct Done {
    /// What the lock will say; none without a lock.
    pub(super) locked: Option<LockedChart>,
    /// Its version.
    pub(super) version: String,
    /// Whether it waits in the staging folder. Otherwise what is there stays.
    pub(super) staged: bool,
    outcome: Outcome,
    dependencies: Vec<(String, String)>,
    key: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Downloaded,
    /// What was there is what was published.
    Same,
    /// What was there is not what was published, and stays.
    Altered,
}

impl Done {
    /// What there is to say about it, in order.
    pub(super) fn events<'a>(&'a self, requirement: &'a Requirement) -> Vec<Event<'a>> {
        let mut events = Vec::new();
        if let Some(signer) = self.locked.as_ref().and_then(|locked| locked.signed_by.as_deref()) {
            events.push(Event::Verified { chart: &requirement.chart, signer });
        }
        for (name, version) in &self.dependencies {
            events.push(Event::Dependency { directory: &self.key, name, version });
        }
        events.push(match self.outcome {
            Outcome::Downloaded => Event::Downloaded(requirement),
            Outcome::Same => Event::Exists(requirement),
            Outcome::Altered => Event::Altered(requirement),
        });
        events
    }
}

/// Fetches and checks the chart of a requirement, and unpacks it into slot `index` of the stage.
pub(super) fn obtain(
    run: &Run<'_>,
    requirement: &Requirement,
    work: &Work,
    index: usize,
) -> Result<Done, VendorError> {
    let origin = run.repositories.find(requirement)?;
    let lookups = run.options.lock != LockMode::Frozen;
    let failed = |cause| VendorError::of_source(cause, requirement);
    let (archive, version) = if let Some(entry) = &work.follow {
        let archive = follow(run, requirement, origin, entry, lookups).map_err(failed)?;
        (archive, entry.version.clone())
    } else {
        let found = run
            .source
            .resolve(&origin.repository, requirement.name(), &requirement.version)
            .map_err(failed)?;
        if !run.locking && work.there == There::Chart(found.version.clone()) {
            return Ok(kept(requirement, found.version));
        }
        // The same version of the same chart is the same archive, whatever the range says now.
        let pinned = work.before.as_ref().filter(|before| {
            !work.updating
                && before.chart == requirement.chart
                && before.version == found.version
                && same_address(&before.repository, &origin.address)
        });
        let wanted = Wanted {
            sha256: pinned.map(|before| before.archive),
            provenance: run.options.keyring.is_some(),
        };
        (run.source.fetch(&origin.repository, &found, &wanted).map_err(failed)?, found.version)
    };
    let shown = format!("{}@{version}", requirement.chart);
    let (mut entries, metadata) = open(requirement, &version, &archive)?;
    let signed_by = match &run.options.keyring {
        Some(keyring) => Some(check_signature(&shown, &metadata, &archive, keyring)?),
        None => work.follow.as_ref().and_then(|entry| entry.signed_by.clone()),
    };

    let dependent = Dependent {
        chart: &shown,
        metadata: &metadata,
        entries: &entries,
        origin,
        base: folder_of(origin, &archive, &work.target),
        charts: &run.charts,
    };
    let known = work.follow.as_ref().map(|entry| entry.dependencies.as_slice()).unwrap_or_default();
    let fetched = fetch_missing(&dependent, known, run.repositories, run.source, lookups)?;
    let dependencies =
        fetched.iter().map(|f| (f.locked.name.clone(), f.locked.version.clone())).collect();
    let (added, locked_dependencies): (Vec<_>, Vec<_>) =
        fetched.into_iter().map(|Fetched { entry, locked }| (entry, locked)).unzip();
    let added_paths: Vec<String> = added.iter().map(|entry| entry.path.clone()).collect();
    entries.extend(added);
    let tree = TreeDigest::of_entries(&entries);
    if let Some(entry) = work.follow.as_ref().filter(|entry| entry.tree != tree.digest) {
        return Err(VendorError::Tree { chart: shown, expected: entry.tree, found: tree.digest });
    }

    let outcome = compare(work, &metadata.version, &tree, &added_paths)?;
    if outcome == Outcome::Downloaded
        && let Some(stage) = run.stage
    {
        let slot = stage.slot(index);
        unpack(&entries, &slot).map_err(|cause| VendorError::Unpack { chart: shown, cause })?;
    }
    let key = requirement.directory_key();
    let locked = run.locking.then(|| LockedChart {
        directory: key.clone(),
        chart: requirement.chart.clone(),
        requested: requirement.version.clone(),
        version: metadata.version.clone(),
        app_version: Some(metadata.app_version).filter(|version| !version.is_empty()),
        repository: origin.address.clone(),
        url: match &work.follow {
            Some(entry) => entry.url.clone(),
            None => origin.portable(&archive.url),
        },
        archive: archive.sha256,
        published: match &work.follow {
            Some(entry) => entry.published,
            None => archive.published,
        },
        manifest: match &work.follow {
            Some(entry) => entry.manifest,
            None => archive.manifest,
        },
        provenance_verified: signed_by.is_some(),
        signed_by,
        tree: tree.digest,
        dependencies: locked_dependencies,
        files: tree.files,
    });
    Ok(Done {
        locked,
        version: metadata.version,
        staged: outcome == Outcome::Downloaded,
        outcome,
        dependencies,
        key,
    })
}

/// A chart that is there and is what its range stands for, without a lock to say so.
fn kept(requirement: &Requirement, version: String) -> Done {
    Done {
        locked: None,
        version,
        staged: false,
        outcome: Outcome::Same,
        dependencies: Vec::new(),
        key: requirement.directory_key(),
    }
}

/// Fetches what the lock names.
fn follow(
    run: &Run<'_>,
    requirement: &Requirement,
    origin: &Origin,
    entry: &LockedChart,
    lookups: bool,
) -> Result<Archive, SourceError> {
    let provenance = run.options.keyring.is_some();
    // Local addresses are relative in the lock, and looking them up costs nothing.
    if !origin.is_local() {
        let locked = LockedArchive {
            chart: requirement.name(),
            version: &entry.version,
            url: &entry.url,
            sha256: entry.archive,
            provenance,
        };
        match run.source.fetch_locked(&origin.repository, &locked) {
            // It may have moved; the digest says whether it is still the same.
            Err(SourceError::NotFound { .. }) if lookups => {}
            done => return done,
        }
    }
    let version = run.source.resolve(&origin.repository, requirement.name(), &entry.version)?;
    let wanted = Wanted { sha256: Some(entry.archive), provenance };
    run.source.fetch(&origin.repository, &version, &wanted)
}

/// Reads the archive, and checks that it is the chart that was asked for.
fn open(
    requirement: &Requirement,
    version: &str,
    archive: &Archive,
) -> Result<(Vec<Entry>, ChartMetadata), VendorError> {
    let chart = || format!("{}@{version}", requirement.chart);
    let entries = read_archive(&archive.bytes, &Limits::default()).map_err(|cause| {
        VendorError::Archive { chart: chart(), url: archive.url.clone(), cause }
    })?;
    let metadata = ChartMetadata::of_entries(&entries).map_err(|cause| VendorError::Metadata {
        chart: chart(),
        url: archive.url.clone(),
        cause,
    })?;
    if metadata.name != requirement.chart_name() {
        return Err(VendorError::Name {
            chart: chart(),
            url: archive.url.clone(),
            found: metadata.name,
        });
    }
    // What is made of a folder on this machine is called as the chart is.
    if let Some(folder) = base_folder(&archive.bytes).filter(|folder| *folder != metadata.name) {
        return Err(VendorError::Folder { chart: chart(), url: archive.url.clone(), folder });
    }
    let same = metadata.version == version
        || matches!(
            (Version::parse(&metadata.version), Version::parse(version)),
            (Ok(found), Ok(wanted)) if found == wanted
        );
    if same {
        Ok((entries, metadata))
    } else {
        Err(VendorError::Version {
            chart: chart(),
            url: archive.url.clone(),
            found: metadata.version,
        })
    }
}

/// Checks the signature; gives the key.
fn check_signature(
    chart: &str,
    metadata: &ChartMetadata,
    archive: &Archive,
    keyring: &[u8],
) -> Result<String, VendorError> {
    let Some(provenance) = &archive.provenance else {
        return Err(VendorError::Unsigned { chart: chart.to_owned(), url: archive.url.clone() });
    };
    let packed = archive.url.rsplit('/').next().unwrap_or_default();
    let is_archive = Path::new(packed).extension().is_some_and(|extension| extension == "tgz");
    let file = if is_archive {
        packed.to_owned()
    } else {
        format!("{}-{}.tgz", metadata.name, metadata.version)
    };
    let signer = verify_provenance(provenance, keyring, &file, &archive.sha256)
        .map_err(|cause| VendorError::Provenance { chart: chart.to_owned(), cause })?;
    Ok(signer.fingerprint)
}

/// The folder that `file://` in the dependencies of a chart is relative to.
fn folder_of(origin: &Origin, archive: &Archive, target: &Path) -> PathBuf {
    let path = Url::parse(&archive.url).ok().and_then(|url| url.to_file_path().ok());
    match path {
        Some(path) if origin.is_local() => {
            let packed = path.extension().is_some_and(|extension| extension == "tgz");
            if packed { path.parent().unwrap_or(&path).to_owned() } else { path }
        }
        _ => target.to_owned(),
    }
}

/// Says whether what is there can stay.
///
/// It does if it is the same tree. It also does, with a word about it, where nothing but the lock
/// is new: somebody changed a chart that had been vendored before there was a lock.
fn compare(
    work: &Work,
    version: &str,
    tree: &TreeDigest,
    added: &[String],
) -> Result<Outcome, VendorError> {
    if work.there != There::Chart(version.to_owned()) {
        return Ok(Outcome::Downloaded);
    }
    let there =
        tree_digest(&work.target).map_err(|cause| PathError::new("open", &work.target, cause))?;
    if there == *tree {
        return Ok(Outcome::Same);
    }
    let lacks_dependencies = added.iter().any(|path| !there.files.contains_key(path));
    if work.before.is_some() || work.updating || lacks_dependencies {
        return Ok(Outcome::Downloaded);
    }
    Ok(Outcome::Altered)
}
