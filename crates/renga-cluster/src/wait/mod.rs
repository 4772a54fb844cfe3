//! Waiting for objects to be ready, by looking at them again and again.
//!
//! What ready means is [`readiness`]. Kinds for which there is nothing to wait are not looked at.

mod readiness;

use std::time::Instant;

use renga_manifest::Manifest;

use crate::error::{ClusterError, ObjectError, RequestError};
use crate::object::ObjectId;
use crate::objects::{Place, locate, read};
use crate::observer::Event;
use crate::report::{WaitOptions, WaitOutcome, WaitReport, Waited};
use crate::transport::Session;
pub(crate) use readiness::definition_reason;
use readiness::{Readiness, is_watched, readiness};

/// Waits for all manifests that have names.
pub(crate) async fn wait(
    session: &Session<'_>,
    manifests: &[Manifest],
    options: &WaitOptions,
) -> Result<WaitReport, ClusterError> {
    session.kinds.all(session).await?;
    let started = Instant::now();
    let named = manifests.iter().filter(|manifest| !manifest.name().is_empty());
    let objects: Vec<Waited> = futures_util::future::join_all(named.map(async |manifest| {
        let mut object = ObjectId::of(manifest);
        let outcome = one(session, manifest, &mut object, options, started).await;
        session.tell(&Event::Waited { object: &object, outcome: &outcome });
        Waited { object, outcome }
    }))
    .await;
    match session.transport.gone() {
        Some(error) => Err(error.into()),
        None => Ok(WaitReport { objects, interrupted: session.cancelled() }),
    }
}

async fn one(
    session: &Session<'_>,
    manifest: &Manifest,
    object: &mut ObjectId,
    options: &WaitOptions,
    started: Instant,
) -> WaitOutcome {
    if !is_watched(manifest) {
        return WaitOutcome::Ready;
    }
    let mut place: Option<Place> = None;
    let mut last = String::new();
    loop {
        let live = match &place {
            Some(place) => read(session, place).await.map_err(ObjectError::from),
            None => locate(session, manifest).await.map(|(found, live)| {
                object.namespace.clone_from(&found.namespace);
                place = Some(found);
                live
            }),
        };
        let reason = match live {
            Ok(Some(live)) => match readiness(&live) {
                Readiness::Ready => return WaitOutcome::Ready,
                Readiness::Stalled(reason) => return WaitOutcome::Stalled(reason),
                Readiness::Waiting(reason) => reason,
            },
            Ok(None) => "it is not there".to_owned(),
            Err(ObjectError::Request(RequestError::Interrupted)) => {
                return WaitOutcome::TimedOut("interrupted".into());
            }
            Err(error) => return WaitOutcome::Failed(error),
        };
        if reason != last {
            session.tell(&Event::Waiting { object, reason: &reason });
            last.clone_from(&reason);
        }
        if session.cancelled() {
            return WaitOutcome::TimedOut(reason);
        }
        let left = options.timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            return WaitOutcome::TimedOut(reason);
        }
        tokio::time::sleep(options.interval.min(left)).await;
    }
}
