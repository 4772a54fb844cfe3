//! Applying one object as `kubectl apply` does: a three-way merge of what was applied last, what is
//! wanted and what is live, with the annotation that remembers it.

use std::time::Duration;

use renga_manifest::Manifest;
use renga_patch::{LAST_APPLIED, last_applied, prune_nulls, three_way, with_last_applied};
use serde_json::Value;

use super::{TRIES, outcome};
use crate::diff::merge_error;
use crate::error::{ObjectError, RequestError};
use crate::objects::{CLIENT_MANAGER, Change, Place, create, patch, read};
use crate::observer::Event;
use crate::report::{ApplyOptions, DryRun, Outcome};
use crate::transport::Session;

pub(super) async fn apply(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    mut live: Option<Value>,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    let modified = with_last_applied(manifest.value());
    let change = Change {
        manager: CLIENT_MANAGER,
        dry_run: options.dry_run == DryRun::Server,
        force: false,
        validate: Some(options.validate),
    };
    let mut tries = 0;
    loop {
        let attempt = match &live {
            None => make(session, place, &modified, change, options).await,
            Some(live) => update(session, place, manifest, &modified, live, change, options).await,
        };
        let again = match &attempt {
            // Somebody else was faster: with the object, or with a change of it, or to delete it.
            Err(ObjectError::Request(
                RequestError::Stale { .. } | RequestError::AlreadyExists { .. },
            )) => true,
            Err(ObjectError::Request(error)) => live.is_some() && error.is_not_found(),
            _ => false,
        };
        if !again || tries >= TRIES {
            return attempt;
        }
        tries += 1;
        if tries > 1 {
            tokio::time::sleep(Duration::from_millis(100) * u32::try_from(tries).unwrap_or(1))
                .await;
        }
        live = read(session, place).await?;
    }
}

async fn make(
    session: &Session<'_>,
    place: &Place,
    modified: &Value,
    change: Change,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    if options.dry_run != DryRun::Client {
        let mut object = modified.clone();
        prune_nulls(&mut object);
        create(session, place, &object, change).await?;
    }
    Ok(Outcome::Created)
}

async fn update(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    modified: &Value,
    live: &Value,
    change: Change,
    options: &ApplyOptions,
) -> Result<Outcome, ObjectError> {
    let original = last_applied(live).map_err(|e| merge_error(&e))?;
    if original.is_none() {
        let text = format!(
            "{} has no annotation `{LAST_APPLIED}`: fields that left the manifest since it was \
             applied stay; the annotation is added now",
            place.id()
        );
        session.tell(&Event::Warning(&text));
    }
    let body = three_way(original.as_ref(), modified, live).map_err(|e| merge_error(&e))?;
    if body.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    if options.dry_run == DryRun::Client {
        return Ok(Outcome::Configured);
    }
    let answer = patch(session, place, body.kind.media_type(), body.to_json(), change).await?;
    if change.dry_run {
        // The version is that of the live object, whatever would change.
        let same = crate::diff::same(live, &answer);
        return Ok(if same { Outcome::Unchanged } else { Outcome::Configured });
    }
    Ok(outcome(manifest, live, &answer))
}
