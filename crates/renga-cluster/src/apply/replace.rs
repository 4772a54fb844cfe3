//! Deleting an object to create it again, where it cannot be changed.
//!
//! Before anything is deleted, the server is asked whether it would take the new object; if it does
//! not take it afterwards all the same, the old one is put back.

use std::time::Duration;

use renga_manifest::Manifest;
use renga_patch::{prune_nulls, with_last_applied};
use serde_json::Value;

use crate::error::{ObjectError, RequestError};
use crate::objects::{
    CLIENT_MANAGER, Change, MANAGER, Place, Removal, apply_patch, classified, create, gone, remove,
    text,
};
use crate::report::{ApplyOptions, ApplyStrategy, DryRun, Outcome, Propagation};
use crate::transport::Session;

/// Whether an error goes away when the object is deleted and created, and the caller wants that.
pub(super) fn helps(error: &ObjectError, manifest: &Manifest, options: &ApplyOptions) -> bool {
    let immutable = matches!(classified(error.clone(), manifest), ObjectError::Immutable { .. });
    if immutable && options.replace {
        return true;
    }
    // kubectl's `--force`: whatever the server finds invalid or in conflict.
    options.force
        && options.strategy == ApplyStrategy::Client
        && matches!(
            error,
            ObjectError::Request(RequestError::Invalid { .. } | RequestError::Stale { .. })
        )
}

pub(super) async fn replace(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: &Value,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    let change = Change {
        manager: if options.strategy == ApplyStrategy::Client { CLIENT_MANAGER } else { MANAGER },
        dry_run: false,
        force: false,
        validate: Some(options.validate),
    };
    let object = match options.strategy {
        ApplyStrategy::Client => {
            let mut object = with_last_applied(manifest.value());
            prune_nulls(&mut object);
            object
        }
        ApplyStrategy::Server => manifest.value().clone(),
    };
    if options.dry_run == DryRun::Client {
        return Ok(Outcome::Replaced);
    }
    // Validation and admission come before the server sees that the name is taken.
    match create(session, place, &object, Change { dry_run: true, ..change }).await {
        Ok(_) | Err(RequestError::AlreadyExists { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    if options.dry_run == DryRun::Server {
        return Ok(Outcome::Replaced);
    }
    let removal = Removal {
        propagation: Propagation::Foreground,
        without_grace: options.force,
        dry_run: false,
        uid: text(live, "/metadata/uid").to_owned(),
    };
    remove(session, place, &removal).await?;
    wait_gone(session, place, live, options.timeout).await?;
    let made = match options.strategy {
        ApplyStrategy::Client => create(session, place, &object, change).await,
        ApplyStrategy::Server => apply_patch(session, place, manifest, change).await,
    };
    match made {
        Ok(_) => Ok(Outcome::Replaced),
        Err(error) => {
            // The old object is better than none; the error to tell is the first one.
            let _ = create(session, place, &bare(live), Change { validate: None, ..change }).await;
            Err(error.into())
        }
    }
}

/// Waits for an object that is being deleted.
pub(super) async fn wait_gone(
    session: &Session<'_>,
    place: &Place,
    live: &Value,
    limit: Duration,
) -> Result<(), ObjectError> {
    match gone(session, place, text(live, "/metadata/uid"), limit).await? {
        Ok(()) => Ok(()),
        Err(finalizers) => Err(ObjectError::NotGone { after: limit, finalizers }),
    }
}

/// A live object as it could be created anew.
fn bare(live: &Value) -> Value {
    let mut object = live.clone();
    if let Some(map) = object.as_object_mut() {
        map.shift_remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in [
            "resourceVersion",
            "uid",
            "creationTimestamp",
            "generation",
            "managedFields",
            "selfLink",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            metadata.shift_remove(key);
        }
    }
    object
}
