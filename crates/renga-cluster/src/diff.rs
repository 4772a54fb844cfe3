//! What an apply would change, object by object.
//!
//! The server computes the outcome: a dry-run of the very request that an apply would send. Nothing
//! is sent where the three-way merge finds nothing to do. How differences are shown is
//! `renga-diff`'s business.

use std::cell::Cell;
use std::collections::BTreeMap;

use renga_manifest::Manifest;
use renga_patch::{last_applied, three_way, without_last_applied};
use serde_json::{Map, Value};

use crate::discovery::{Soon, is_namespace};
use crate::error::{ClusterError, ObjectError, RequestError};
use crate::object::ObjectId;
use crate::objects::{
    CLIENT_MANAGER, Change, MANAGER, Place, apply_patch, classified, create, locate, patch, read,
    text,
};
use crate::observer::Event;
use crate::report::{DiffOptions, DiffReport, DiffStatus, DiffStrategy, ObjectDiff};
use crate::transport::Session;

/// How often a dry-run is tried anew with the object as it is by then.
const TRIES: usize = 5;

/// What there is of the namespaces that the manifests bring.
pub(crate) type Namespaces = BTreeMap<String, Option<Value>>;

/// Compares all manifests.
pub(crate) async fn diff(
    session: &Session<'_>,
    manifests: &[Manifest],
    options: &DiffOptions,
) -> Result<DiffReport, ClusterError> {
    session.kinds.all(session).await?;
    let soon = Soon::of(manifests);
    if soon.has_kinds() {
        // Which of the kinds are there already must not come from an old answer.
        session.kinds.fresh(session).await?;
    }
    let namespaces = namespaces(session, manifests).await?;
    let done = Cell::new(0);
    let objects = session
        .each(manifests, async |manifest| {
            let object = one(session, manifest, options, &soon, &namespaces).await;
            done.set(done.get() + 1);
            session.tell(&Event::Compared { done: done.get(), total: manifests.len() });
            object
        })
        .await;
    if let Some(error) = session.transport.gone() {
        return Err(error.into());
    }
    Ok(DiffReport { objects, interrupted: session.cancelled() })
}

/// The live namespaces of those that the manifests bring.
pub(crate) async fn namespaces(
    session: &Session<'_>,
    manifests: &[Manifest],
) -> Result<Namespaces, RequestError> {
    let brought: Vec<&Manifest> = manifests.iter().filter(|m| is_namespace(m)).collect();
    let found = session
        .each(brought, async |manifest| (manifest.name(), locate(session, manifest).await))
        .await;
    let mut namespaces = Namespaces::new();
    for (name, result) in found {
        match result {
            Ok((_, live)) => {
                namespaces.insert(name.to_owned(), live);
            }
            Err(ObjectError::Request(error)) if error.is_fatal() => return Err(error),
            // Who may not see a namespace may still work in it.
            Err(_) => {}
        }
    }
    Ok(namespaces)
}

/// Why an object cannot be shown to the server yet: what it needs comes with the same manifests.
pub(crate) async fn prerequisite(
    session: &Session<'_>,
    manifest: &Manifest,
    soon: &Soon,
    namespaces: &Namespaces,
) -> Result<Option<String>, ObjectError> {
    if let Some(definition) = soon.definition_of(manifest) {
        let catalogue = session.kinds.all(session).await?;
        if catalogue.find(manifest.api_version(), manifest.kind()).is_none() {
            return Ok(Some(format!("CustomResourceDefinition/{definition}")));
        }
    }
    let place = Place::find(session, manifest).await?;
    if namespaces.get(&place.namespace).is_some_and(Option::is_none) {
        return Ok(Some(format!("Namespace/{}", place.namespace)));
    }
    Ok(None)
}

async fn one(
    session: &Session<'_>,
    manifest: &Manifest,
    options: &DiffOptions,
    soon: &Soon,
    namespaces: &Namespaces,
) -> ObjectDiff {
    let object = ObjectId::of(manifest);
    let status = |status, live, merged| ObjectDiff { object: object.clone(), status, live, merged };
    if session.cancelled() || session.transport.gone().is_some() {
        return status(DiffStatus::NotAttempted, None, None);
    }
    match prerequisite(session, manifest, soon, namespaces).await {
        Err(error) => return status(failed(error, manifest), None, None),
        Ok(Some(with)) => {
            return status(DiffStatus::CreatedWith(with), None, Some(manifest.value().clone()));
        }
        Ok(None) => {}
    }
    let known = if is_namespace(manifest) { namespaces.get(manifest.name()) } else { None };
    let located = match known {
        Some(live) => Place::find(session, manifest).await.map(|place| (place, live.clone())),
        None => locate(session, manifest).await,
    };
    let (place, live) = match located {
        Ok(located) => located,
        Err(error) => return status(failed(error, manifest), None, None),
    };
    match compare(session, &place, manifest, live.as_ref(), options.strategy).await {
        Ok(Compared { live: at_last, merged }) => {
            let live = at_last.or(live);
            match live {
                None => status(DiffStatus::Created, None, Some(merged)),
                Some(live) => {
                    if same(&live, &merged) {
                        // Most objects of most runs: they are not kept.
                        return status(DiffStatus::Unchanged, None, None);
                    }
                    status(DiffStatus::Changed, Some(live), Some(merged))
                }
            }
        }
        Err(error) => status(failed(error, manifest), live, None),
    }
}

fn failed(error: ObjectError, manifest: &Manifest) -> DiffStatus {
    match error {
        ObjectError::Request(RequestError::Interrupted) => DiffStatus::NotAttempted,
        error => DiffStatus::Failed(classified(error, manifest)),
    }
}

/// Both sides of a comparison.
struct Compared {
    /// The live object, where it is another than the one that was given.
    live: Option<Value>,
    merged: Value,
}

async fn compare(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<&Value>,
    strategy: DiffStrategy,
) -> Result<Compared, ObjectError> {
    match strategy {
        DiffStrategy::Subset => {
            let live = live.map(|live| renga_diff::subset(manifest.value(), live));
            Ok(Compared { live, merged: manifest.value().clone() })
        }
        DiffStrategy::Native => native(session, place, manifest, live).await,
        DiffStrategy::Server => server(session, place, manifest, live, None).await,
        DiffStrategy::Validate => {
            server(session, place, manifest, live, None).await?;
            native(session, place, manifest, live).await
        }
    }
}

async fn native(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<&Value>,
) -> Result<Compared, ObjectError> {
    let change = Change { manager: CLIENT_MANAGER, dry_run: true, ..Change::default() };
    let Some(live) = live else {
        let created = create(session, place, manifest.value(), change).await;
        if matches!(created, Err(RequestError::AlreadyExists { .. }))
            && let Some(now) = read(session, place).await?
        {
            // Somebody created it between the two requests.
            let compared = Box::pin(native(session, place, manifest, Some(&now))).await?;
            let live = Some(compared.live.unwrap_or(now));
            return Ok(Compared { live, merged: compared.merged });
        }
        return Ok(Compared { live: None, merged: created? });
    };
    let modified = without_last_applied(manifest.value());
    retrying(session, place, live, async |live| {
        let original = last_applied(live).map_err(|e| merge_error(&e))?;
        let mut patch_body =
            three_way(original.as_ref(), &modified, live).map_err(|e| merge_error(&e))?;
        if patch_body.is_empty() {
            return Ok(live.clone());
        }
        patch_body.require_resource_version(text(live, "/metadata/resourceVersion"));
        let media_type = patch_body.kind.media_type();
        Ok(patch(session, place, media_type, patch_body.to_json(), change).await?)
    })
    .await
}

/// The outcome of a server-side apply that takes over every field.
///
/// Where the object was applied from the client's side before, an apply first moves those fields to
/// its own manager, so that fields which left the manifest go. A dry-run cannot do both; there, the
/// three-way merge tells the same.
pub(crate) async fn server_outcome(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<&Value>,
    validate: Option<bool>,
) -> Result<Value, ObjectError> {
    server(session, place, manifest, live, validate).await.map(|compared| compared.merged)
}

async fn server(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<&Value>,
    validate: Option<bool>,
) -> Result<Compared, ObjectError> {
    let change = Change { manager: MANAGER, dry_run: true, force: true, validate };
    match live {
        _ if place.name.is_empty() => {
            let change = Change { force: false, ..change };
            let merged = create(session, place, manifest.value(), change).await?;
            Ok(Compared { live: None, merged })
        }
        Some(live) if !renga_patch::client_side_managers(live).is_empty() => {
            native(session, place, manifest, Some(live)).await
        }
        None => {
            let merged = apply_patch(session, place, manifest, change).await?;
            Ok(Compared { live: None, merged })
        }
        Some(live) => {
            retrying(session, place, live, async |live| {
                let merged = apply_patch(session, place, manifest, change).await?;
                let version = |object| text(object, "/metadata/resourceVersion").to_owned();
                if version(live) == version(&merged) {
                    return Ok(merged);
                }
                // Somebody changed it between the two requests: that is no difference to show.
                Err(RequestError::Stale { message: "it keeps changing".into() }.into())
            })
            .await
        }
    }
}

/// Tries again with the object as it is by then, where somebody changed it meanwhile.
async fn retrying(
    session: &Session<'_>,
    place: &Place,
    live: &Value,
    attempt: impl AsyncFn(&Value) -> Result<Value, ObjectError>,
) -> Result<Compared, ObjectError> {
    let mut newer: Option<Value> = None;
    for _ in 1..TRIES {
        match attempt(newer.as_ref().unwrap_or(live)).await {
            Ok(merged) => return Ok(Compared { live: newer, merged }),
            Err(ObjectError::Request(RequestError::Stale { message })) => {
                match read(session, place).await? {
                    Some(now) => newer = Some(now),
                    None => return Err(RequestError::Stale { message }.into()),
                }
            }
            Err(error) => return Err(error),
        }
    }
    let merged = attempt(newer.as_ref().unwrap_or(live)).await?;
    Ok(Compared { live: newer, merged })
}

pub(crate) fn merge_error(error: &dyn std::error::Error) -> ObjectError {
    ObjectError::Merge { message: renga_diag::chain(error) }
}

/// Whether two versions of an object differ in nothing but who set what, and which version it is.
pub(crate) fn same(live: &Value, merged: &Value) -> bool {
    let (Some(live), Some(merged)) = (live.as_object(), merged.as_object()) else {
        return live == merged;
    };
    let metadata = |object: &Map<String, Value>| -> Option<Map<String, Value>> {
        let mut metadata = object.get("metadata")?.as_object()?.clone();
        metadata.retain(|key, _| key != "managedFields" && key != "resourceVersion");
        Some(metadata)
    };
    let rest = |object: &Map<String, Value>, other: &Map<String, Value>| {
        object.iter().all(|(key, value)| key == "metadata" || other.get(key) == Some(value))
    };
    live.len() == merged.len() && rest(live, merged) && metadata(live) == metadata(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn noise_is_no_difference() {
        let live = json!({"metadata": {"name": "a", "resourceVersion": "1", "managedFields": [1]}, "a": 1});
        let merged = json!({"a": 1, "metadata": {"managedFields": [2], "name": "a"}});
        assert!(same(&live, &merged));
        assert!(!same(&live, &json!({"metadata": {"name": "a"}, "a": 2})));
        assert!(!same(&live, &json!({"metadata": {"name": "a"}})));
        assert!(!same(&live, &json!({"metadata": {"name": "b"}, "a": 1})));
    }
}
