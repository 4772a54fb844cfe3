//! Applying one object from the server's side, as `kubectl apply --server-side
//! --field-manager=tanka` does.
//!
//! An object that was applied from the client's side before has its fields moved to this manager
//! first: else those that left the manifest would stay for ever.

use renga_manifest::Manifest;
use renga_patch::migration_patch;
use serde_json::Value;

use super::{TRIES, outcome};
use crate::diff::{merge_error, same, server_outcome};
use crate::error::{ObjectError, RequestError};
use crate::objects::{Change, MANAGER, Place, apply_patch, json_patch, read};
use crate::report::{ApplyOptions, DryRun, Outcome};
use crate::transport::Session;

pub(super) async fn apply(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<Value>,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    if options.dry_run != DryRun::None {
        return dry_run(session, place, manifest, live, options).await;
    }
    let change = Change {
        manager: MANAGER,
        dry_run: false,
        force: options.force,
        validate: Some(options.validate),
    };
    if let Some(live) = &live {
        migrate(session, place, live).await?;
    }
    let mut tries = 0;
    let answer = loop {
        match apply_patch(session, place, manifest, change).await {
            // Two that create at once; there is no version in the patch that could be old.
            Err(RequestError::Stale { .. } | RequestError::AlreadyExists { .. })
                if tries < TRIES =>
            {
                tries += 1;
            }
            result => break result?,
        }
    };
    Ok(match live {
        None => Outcome::Created,
        Some(live) => outcome(manifest, &live, &answer),
    })
}

async fn dry_run(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    live: Option<Value>,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    let Some(live) = live else {
        if options.dry_run == DryRun::Server {
            server_outcome(session, place, manifest, None, Some(options.validate)).await?;
        }
        return Ok(Outcome::Created);
    };
    // Only the server can say what an apply changes; it stores nothing here either way.
    if !options.force && renga_patch::client_side_managers(&live).is_empty() {
        let change = Change {
            manager: MANAGER,
            dry_run: true,
            force: false,
            validate: Some(options.validate),
        };
        let answer = apply_patch(session, place, manifest, change).await?;
        return Ok(said(&live, &answer));
    }
    let answer =
        server_outcome(session, place, manifest, Some(&live), Some(options.validate)).await?;
    Ok(said(&live, &answer))
}

fn said(live: &Value, answer: &Value) -> Outcome {
    if same(live, answer) { Outcome::Unchanged } else { Outcome::Configured }
}

/// Moves the fields of client-side applies to this manager.
///
/// kubectl does so after its apply, which is why there a value that a client-side apply set is a
/// conflict, and an item of a list that got another key is there twice.
async fn migrate(session: &Session<'_>, place: &Place, live: &Value) -> Result<(), ObjectError> {
    let mut newer: Option<Value> = None;
    for _ in 0..=TRIES {
        let current = newer.as_ref().unwrap_or(live);
        let Some(body) = migration_patch(current, MANAGER).map_err(|e| merge_error(&e))? else {
            return Ok(());
        };
        let change = Change { manager: MANAGER, ..Change::default() };
        match json_patch(session, place, &body, change).await {
            Ok(_) => return Ok(()),
            Err(RequestError::Stale { message }) => match read(session, place).await? {
                Some(now) => newer = Some(now),
                None => return Err(RequestError::Stale { message }.into()),
            },
            Err(error) => return Err(error.into()),
        }
    }
    Err(RequestError::Stale { message: "it keeps changing".into() }.into())
}
