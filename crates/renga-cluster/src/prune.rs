//! Finding what no manifest brings any more.
//!
//! tk's rules: objects with the environment's label whose UID is not that of a live object of the
//! manifests, and that somebody applied directly. Objects that another one owns are left alone,
//! which tk does not: their owner's controller would make them again. Deleting is `delete`'s
//! business.
//!
//! One list per kind, several at once, in pages, of metadata only. What cannot be listed is
//! reported, and so is an object of which it cannot be said whether the manifests bring it.

use std::collections::BTreeSet;

use renga_manifest::Manifest;
use renga_patch::LAST_APPLIED;
use serde_json::Value;

use crate::discovery::Resource;
use crate::error::{ClusterError, RequestError};
use crate::object::ObjectId;
use crate::objects::{Place, read, text};
use crate::report::{Orphan, OrphanOptions, OrphanReport, SkippedResource};
use crate::transport::{Call, Session};

/// How many objects a page has.
const PAGE: usize = 500;
const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// A managed field's manager by which an object was applied directly.
const MANAGERS: [&str; 3] = ["tanka", "kubectl-client-side-apply", "kustomize-controller"];

/// Where a candidate is: for comparison with manifests.
type Key = (String, String);

/// An object with the label.
struct Candidate {
    resource: Resource,
    metadata: Value,
}

impl Candidate {
    fn key(&self) -> Key {
        let text = |pointer| text(&self.metadata, pointer).to_owned();
        (text("/namespace"), text("/name"))
    }

    fn place(&self) -> Place {
        let (namespace, name) = self.key();
        Place { resource: self.resource.clone(), namespace, name }
    }

    fn uid(&self) -> &str {
        text(&self.metadata, "/uid")
    }

    /// Whether somebody applied it, rather than a controller made it.
    fn is_applied(&self) -> bool {
        let annotations = &self.metadata["annotations"];
        let fields = self.metadata["managedFields"].as_array().into_iter().flatten();
        annotations.get(LAST_APPLIED).is_some()
            || fields.map(|field| text(field, "/manager")).any(|name| MANAGERS.contains(&name))
    }

    fn is_owned(&self) -> bool {
        self.metadata["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty())
    }
}

/// Finds the orphans.
pub(crate) async fn orphans(
    session: &Session<'_>,
    manifests: &[Manifest],
    options: &OrphanOptions<'_>,
) -> Result<OrphanReport, ClusterError> {
    let catalogue = session.kinds.fresh(session).await?;
    let mut report = OrphanReport::default();
    for group_version in &catalogue.incomplete {
        report.skipped.push(SkippedResource { resource: group_version.clone(), error: None });
    }
    let wanted = |resource: &&Resource| {
        resource.preferred
            && resource.can("list")
            && (options.namespace.is_none() || resource.namespaced)
            && (options.kinds.is_empty()
                || options.kinds.iter().any(|kind| kind.eq_ignore_ascii_case(&resource.kind)))
    };
    let resources: Vec<&Resource> = catalogue.resources.iter().filter(wanted).collect();
    let lists = session
        .each(resources, async |resource| (resource, list(session, resource, options).await))
        .await;
    let mut candidates = Vec::new();
    for (resource, found) in lists {
        match found {
            Ok(found) => candidates.extend(found),
            Err(error) if error.is_fatal() || matches!(error, RequestError::Interrupted) => {
                return Err(error.into());
            }
            Err(error) => {
                report
                    .skipped
                    .push(SkippedResource { resource: resource.name(), error: Some(error) });
            }
        }
    }
    let uids = known(session, manifests, &candidates, &mut report).await?;
    let mut seen = BTreeSet::new();
    candidates.retain(|candidate| {
        !uids.contains(candidate.uid()) && seen.insert(candidate.uid().to_owned())
    });
    let (owned, free): (Vec<_>, Vec<_>) =
        candidates.into_iter().filter(Candidate::is_applied).partition(Candidate::is_owned);
    report.owned = owned.iter().map(|candidate| candidate.place().id()).collect();
    report.owned.sort();
    let full = session
        .each(&free, async |candidate| {
            let place = candidate.place();
            (candidate, read(session, &place).await)
        })
        .await;
    let mut orphans = Vec::new();
    for (candidate, live) in full {
        match live {
            Ok(Some(live)) if text(&live, "/metadata/uid") == candidate.uid() => {
                orphans.extend(Manifest::new(live, "."));
            }
            // It went by itself.
            Ok(_) => {}
            Err(error) if error.is_fatal() || matches!(error, RequestError::Interrupted) => {
                return Err(error.into());
            }
            Err(error) => report.skipped.push(SkippedResource {
                resource: format!("{} ({})", candidate.resource.name(), candidate.place().id()),
                error: Some(error),
            }),
        }
    }
    orphans.retain(|manifest| options.targets.selects(manifest));
    report.orphans = renga_manifest::sort(orphans)
        .into_iter()
        .map(|manifest| Orphan { object: ObjectId::of(&manifest), manifest })
        .collect();
    Ok(report)
}

/// All objects of a kind with the label.
async fn list(
    session: &Session<'_>,
    resource: &Resource,
    options: &OrphanOptions<'_>,
) -> Result<Vec<Candidate>, RequestError> {
    let (key, value) = options.label;
    let selector = format!("{key}={value}");
    let selector =
        percent_encoding::utf8_percent_encode(&selector, percent_encoding::NON_ALPHANUMERIC);
    let collection = resource.collection(options.namespace.unwrap_or_default());
    let mut found = Vec::new();
    let mut next = String::new();
    let mut restarted = false;
    loop {
        let mut path = format!("{collection}?labelSelector={selector}&limit={PAGE}");
        if !next.is_empty() {
            let token =
                percent_encoding::utf8_percent_encode(&next, percent_encoding::NON_ALPHANUMERIC);
            path = format!("{path}&continue={token}");
        }
        let page = match session.json(&Call::get(path).accept(METADATA_LIST)).await {
            // The list got too old between two pages: once more from the start.
            Err(RequestError::Status { code: 410, .. }) if !restarted => {
                restarted = true;
                found.clear();
                next.clear();
                continue;
            }
            page => page?,
        };
        for item in page["items"].as_array().into_iter().flatten() {
            let metadata = item["metadata"].clone();
            found.push(Candidate { resource: resource.clone(), metadata });
        }
        text(&page, "/metadata/continue").clone_into(&mut next);
        if next.is_empty() {
            return Ok(found);
        }
    }
}

/// The UIDs of candidates that the manifests bring.
///
/// Most are known by kind, namespace and name. One that has only name and namespace in common with
/// a manifest may be the same object in another group of the API: then its UID decides.
async fn known(
    session: &Session<'_>,
    manifests: &[Manifest],
    candidates: &[Candidate],
    report: &mut OrphanReport,
) -> Result<BTreeSet<String>, ClusterError> {
    let mut uids = BTreeSet::new();
    let places = session
        .each(manifests, async |manifest| (manifest, Place::find(session, manifest).await))
        .await;
    let mut by_name: BTreeSet<Key> = BTreeSet::new();
    let mut exact: BTreeSet<(String, String, Key)> = BTreeSet::new();
    for (manifest, place) in &places {
        match place {
            Ok(place) => {
                let key = (place.namespace.clone(), place.name.clone());
                exact.insert((
                    place.resource.group.clone(),
                    place.resource.plural.clone(),
                    key.clone(),
                ));
                by_name.insert(key);
            }
            // Its kind is not there, so that nothing of it is.
            Err(crate::error::ObjectError::UnknownKind { .. }) => {}
            Err(crate::error::ObjectError::Request(error)) => return Err(error.clone().into()),
            Err(_) => {
                by_name.insert((manifest.namespace().to_owned(), manifest.name().to_owned()));
            }
        }
    }
    let mut doubtful: BTreeSet<Key> = BTreeSet::new();
    for candidate in candidates {
        let key = candidate.key();
        let resource = &candidate.resource;
        let full = (resource.group.clone(), resource.plural.clone(), key.clone());
        if exact.contains(&full) {
            uids.insert(candidate.uid().to_owned());
        } else if by_name.contains(&key) {
            doubtful.insert(key);
        }
    }
    let to_ask = places.iter().filter_map(|(_, place)| {
        let place = place.as_ref().ok()?;
        doubtful.contains(&(place.namespace.clone(), place.name.clone())).then_some(place)
    });
    let answers = session.each(to_ask, async |place| (place, read(session, place).await)).await;
    for (place, answer) in answers {
        match answer {
            Ok(Some(live)) => {
                uids.insert(text(&live, "/metadata/uid").to_owned());
            }
            Ok(None) => {}
            Err(error) if error.is_fatal() || matches!(error, RequestError::Interrupted) => {
                return Err(error.into());
            }
            Err(error) => {
                // Whatever has its name may be it.
                let key = (place.namespace.clone(), place.name.clone());
                let same_name = candidates.iter().filter(|candidate| candidate.key() == key);
                uids.extend(same_name.map(|candidate| candidate.uid().to_owned()));
                report.skipped.push(SkippedResource {
                    resource: format!("{} ({})", place.resource.name(), place.id()),
                    error: Some(error),
                });
            }
        }
    }
    Ok(uids)
}
