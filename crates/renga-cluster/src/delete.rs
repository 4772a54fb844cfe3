//! Deleting the live objects of manifests, in the reverse of the order in which they are applied.
//!
//! What is not there is fine. A manifest that has a UID (one that was read from the cluster) means
//! that very object: another one of its name is left alone.

use std::collections::BTreeMap;

use renga_manifest::Manifest;

use crate::apply::waves;
use crate::error::{ClusterError, ObjectError, RequestError};
use crate::object::ObjectId;
use crate::objects::{Place, Removal, gone, read, remove, text};
use crate::observer::Event;
use crate::report::{DeleteOptions, DeleteOutcome, DeleteReport, Deleted, DryRun};
use crate::transport::Session;

/// Deletes the objects of all manifests.
pub(crate) async fn delete(
    session: &Session<'_>,
    manifests: &[Manifest],
    options: &DeleteOptions,
) -> Result<DeleteReport, ClusterError> {
    session.kinds.all(session).await?;
    let mut done: BTreeMap<usize, Deleted> = BTreeMap::new();
    for wave in waves(manifests).into_iter().rev() {
        let outcomes = session
            .each(wave.into_iter().rev(), async |at: usize| {
                (at, one(session, &manifests[at], options).await)
            })
            .await;
        done.extend(outcomes);
    }
    let objects: Vec<Deleted> = done.into_values().collect();
    let deleted = objects.iter().any(|o| matches!(o.outcome, DeleteOutcome::Deleted));
    match session.transport.gone() {
        Some(error) if !deleted => Err(error.into()),
        _ => Ok(DeleteReport { objects, interrupted: session.cancelled() }),
    }
}

async fn one(session: &Session<'_>, manifest: &Manifest, options: &DeleteOptions) -> Deleted {
    let mut object = ObjectId::of(manifest);
    let outcome = match try_one(session, manifest, options, &mut object).await {
        Ok(outcome) => outcome,
        Err(ObjectError::Request(RequestError::Interrupted)) => DeleteOutcome::NotAttempted,
        // What has no kind has no objects.
        Err(ObjectError::UnknownKind { .. }) => DeleteOutcome::NotFound,
        Err(error) => DeleteOutcome::Failed(error),
    };
    if matches!(outcome, DeleteOutcome::Deleted) {
        session.tell(&Event::Deleted { object: &object });
    }
    Deleted { object, outcome }
}

async fn try_one(
    session: &Session<'_>,
    manifest: &Manifest,
    options: &DeleteOptions,
    object: &mut ObjectId,
) -> Result<DeleteOutcome, ObjectError> {
    if session.cancelled() || session.transport.gone().is_some() {
        return Ok(DeleteOutcome::NotAttempted);
    }
    let place = Place::find(session, manifest).await?;
    object.namespace.clone_from(&place.namespace);
    if place.name.is_empty() {
        return Ok(DeleteOutcome::Nameless);
    }
    let uid = text(manifest.value(), "/metadata/uid").to_owned();
    if options.dry_run == DryRun::Client {
        let live = read(session, &place).await?;
        return Ok(if live.is_some() { DeleteOutcome::Deleted } else { DeleteOutcome::NotFound });
    }
    let removal = Removal {
        propagation: options.propagation,
        without_grace: options.force,
        dry_run: options.dry_run == DryRun::Server,
        uid: uid.clone(),
    };
    // Another object that has got the name meanwhile has to be told from this one.
    let watched = match (&options.wait, options.dry_run) {
        (Some(limit), DryRun::None) if uid.is_empty() => match read(session, &place).await? {
            None => return Ok(DeleteOutcome::NotFound),
            Some(live) => Some((*limit, text(&live, "/metadata/uid").to_owned())),
        },
        (Some(limit), DryRun::None) => Some((*limit, uid)),
        _ => None,
    };
    if !remove(session, &place, &removal).await? {
        return Ok(DeleteOutcome::NotFound);
    }
    if let Some((limit, uid)) = watched {
        return Ok(match gone(session, &place, &uid, limit).await? {
            Ok(()) => DeleteOutcome::Deleted,
            Err(finalizers) => DeleteOutcome::Remains(finalizers),
        });
    }
    Ok(DeleteOutcome::Deleted)
}
