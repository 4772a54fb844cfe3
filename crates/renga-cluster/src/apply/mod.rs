//! Making the cluster have what the manifests say.
//!
//! Objects go in waves ([`waves`]); within a wave several are under way at once, begun in order. One
//! that fails stops only what cannot be without it: the objects of its namespace, or of the kind it
//! defines. How one object is applied is `client` and `server`.
//!
//! Invariant: every manifest is in the report, whatever happens.

mod client;
mod replace;
mod server;
mod waves;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use renga_manifest::Manifest;
use serde_json::Value;

use crate::diff::{Namespaces, namespaces, prerequisite};
use crate::discovery::{Soon, is_definition, is_namespace};
use crate::error::{ClusterError, ObjectError, RequestError};
use crate::object::ObjectId;
use crate::objects::{
    CLIENT_MANAGER, Change, MANAGER, Place, classified, create, finalizers, locate, read, text,
};
use crate::observer::Event;
use crate::report::{
    Applied, ApplyOptions, ApplyReport, ApplyStrategy, DryRun, NotAttempted, Outcome,
};
use crate::transport::Session;
use crate::wait::definition_reason;
pub(crate) use waves::waves;

/// Kubernetes' limit for all annotations of an object.
const ANNOTATION_LIMIT: usize = 256 * 1024;
/// How often a change is tried anew with the object as it is by then, as kubectl does.
pub(super) const TRIES: usize = 5;

/// How often and how long the accounts of a new namespace are waited for.
const ACCOUNT_TRIES: u32 = 50;
const ACCOUNT_PAUSE: Duration = Duration::from_millis(100);

/// One apply.
struct Run<'a> {
    session: Session<'a>,
    options: &'a ApplyOptions,
    soon: Soon,
    /// The namespaces that the manifests bring, as they were before.
    namespaces: Namespaces,
    /// Names of namespaces and definitions that could not be made.
    failed_namespaces: RefCell<BTreeSet<String>>,
    failed_definitions: RefCell<BTreeSet<String>>,
}

/// Applies all manifests.
pub(crate) async fn apply(
    session: &Session<'_>,
    manifests: &[Manifest],
    options: &ApplyOptions,
) -> Result<ApplyReport, ClusterError> {
    session.kinds.all(session).await?;
    let soon = Soon::of(manifests);
    if soon.has_kinds() {
        session.kinds.fresh(session).await?;
    }
    let run = Run {
        session: *session,
        options,
        namespaces: namespaces(session, manifests).await?,
        soon,
        failed_namespaces: RefCell::default(),
        failed_definitions: RefCell::default(),
    };
    let waves = waves(manifests);
    let mut applied: BTreeMap<usize, Applied> = BTreeMap::new();
    for (index, wave) in waves.iter().enumerate() {
        session.tell(&Event::Wave { number: index + 1, of: waves.len(), objects: wave.len() });
        let outcomes = session
            .each(wave.iter().copied(), async |at: usize| (at, run.one(&manifests[at]).await))
            .await;
        applied.extend(outcomes);
        if wave.iter().any(|at| is_definition(&manifests[*at])) {
            run.establish(manifests, wave, &mut applied).await;
        }
    }
    let objects: Vec<Applied> = applied.into_values().collect();
    let changed = objects
        .iter()
        .any(|o| matches!(o.outcome, Outcome::Created | Outcome::Configured | Outcome::Replaced));
    match session.transport.gone() {
        // Nothing was done: the error alone is the report.
        Some(error) if !changed => Err(error.into()),
        _ => Ok(ApplyReport { objects, interrupted: session.cancelled() }),
    }
}

impl Run<'_> {
    async fn one(&self, manifest: &Manifest) -> Applied {
        let mut object = ObjectId::of(manifest);
        let outcome = match self.try_one(manifest, &mut object).await {
            Ok(outcome) => outcome,
            Err(ObjectError::Request(RequestError::Interrupted)) => {
                Outcome::NotAttempted(NotAttempted::Interrupted)
            }
            Err(error) => Outcome::Failed(classified(error, manifest)),
        };
        if matches!(outcome, Outcome::Failed(_) | Outcome::NotAttempted(_)) {
            let failed = if is_namespace(manifest) {
                Some(&self.failed_namespaces)
            } else if is_definition(manifest) {
                Some(&self.failed_definitions)
            } else {
                None
            };
            if let Some(failed) = failed {
                failed.borrow_mut().insert(manifest.name().to_owned());
            }
        }
        self.session.tell(&Event::Applied { object: &object, outcome: &outcome });
        Applied { object, outcome }
    }

    /// Why an object is not even tried.
    async fn obstacle(&self, manifest: &Manifest) -> Option<NotAttempted> {
        if self.session.cancelled() {
            return Some(NotAttempted::Interrupted);
        }
        if self.session.transport.gone().is_some() {
            return Some(NotAttempted::Unreachable);
        }
        let namespace = manifest.namespace();
        if self.failed_namespaces.borrow().contains(namespace)
            && self.namespaces.get(namespace).is_some_and(Option::is_none)
        {
            return Some(NotAttempted::Namespace(namespace.to_owned()));
        }
        let definition = self.soon.definition_of(manifest)?;
        if !self.failed_definitions.borrow().contains(definition) {
            return None;
        }
        // An older version of the definition may serve the kind all the same.
        let catalogue = self.session.kinds.all(&self.session).await.ok()?;
        let known = catalogue.find(manifest.api_version(), manifest.kind()).is_some();
        (!known).then(|| NotAttempted::Definition(definition.to_owned()))
    }

    async fn try_one(
        &self,
        manifest: &Manifest,
        object: &mut ObjectId,
    ) -> Result<Outcome, ObjectError> {
        if let Some(reason) = self.obstacle(manifest).await {
            return Ok(Outcome::NotAttempted(reason));
        }
        let session = &self.session;
        let options = self.options;
        if options.dry_run != DryRun::None
            && prerequisite(session, manifest, &self.soon, &self.namespaces).await?.is_some()
        {
            return Ok(Outcome::Created);
        }
        if options.strategy == ApplyStrategy::Client {
            let bytes = renga_patch::last_applied_value(manifest.value()).len();
            if bytes > ANNOTATION_LIMIT && !manifest.name().is_empty() {
                return Err(ObjectError::AnnotationTooLarge { bytes });
            }
        }
        let (place, live) = locate(session, manifest).await?;
        object.namespace.clone_from(&place.namespace);
        if place.name.is_empty() {
            return self.generate(&place, manifest, object).await;
        }
        let live = self.not_going(&place, live).await?;
        let mut tries = 0;
        let result = loop {
            let result = match options.strategy {
                ApplyStrategy::Client => {
                    client::apply(session, &place, manifest, live.clone(), options).await
                }
                ApplyStrategy::Server => {
                    server::apply(session, &place, manifest, live.clone(), options).await
                }
            };
            match result {
                // A new namespace gets its accounts in a moment.
                Err(ObjectError::Request(RequestError::Rejected { message }))
                    if message.contains("error looking up service account")
                        && self.namespaces.get(&place.namespace).is_some_and(Option::is_none)
                        && tries < ACCOUNT_TRIES =>
                {
                    tries += 1;
                    tokio::time::sleep(ACCOUNT_PAUSE).await;
                }
                result => break result,
            }
        };
        match result {
            Err(error) => match live {
                Some(live) if replace::helps(&error, manifest, options) => {
                    replace::replace(session, &place, manifest, &live, options).await
                }
                _ => Err(error),
            },
            outcome => outcome,
        }
    }

    /// An object that is being deleted is no object to change: with `--replace` its end is waited
    /// for.
    async fn not_going(
        &self,
        place: &Place,
        live: Option<Value>,
    ) -> Result<Option<Value>, ObjectError> {
        let Some(live) = live else { return Ok(None) };
        if text(&live, "/metadata/deletionTimestamp").is_empty() {
            return Ok(Some(live));
        }
        let replaces = self.options.replace || self.options.force;
        if !replaces || self.options.dry_run != DryRun::None {
            return Err(ObjectError::BeingDeleted { finalizers: finalizers(&live) });
        }
        replace::wait_gone(&self.session, place, &live, self.options.timeout).await?;
        Ok(read(&self.session, place).await?)
    }

    /// Creates an object whose name the server makes.
    async fn generate(
        &self,
        place: &Place,
        manifest: &Manifest,
        object: &mut ObjectId,
    ) -> Result<Outcome, ObjectError> {
        if self.options.dry_run == DryRun::Client {
            return Ok(Outcome::Created);
        }
        let manager = match self.options.strategy {
            ApplyStrategy::Client => CLIENT_MANAGER,
            ApplyStrategy::Server => MANAGER,
        };
        let change = Change {
            manager,
            dry_run: self.options.dry_run == DryRun::Server,
            force: false,
            validate: Some(self.options.validate),
        };
        let created = create(&self.session, place, manifest.value(), change).await?;
        text(&created, "/metadata/name").clone_into(&mut object.name);
        Ok(Outcome::Created)
    }

    /// Waits until the definitions of a wave are established, and learns their kinds.
    async fn establish(
        &self,
        manifests: &[Manifest],
        wave: &[usize],
        applied: &mut BTreeMap<usize, Applied>,
    ) {
        if self.options.dry_run != DryRun::None {
            return;
        }
        let made: Vec<usize> = wave
            .iter()
            .copied()
            .filter(|at| {
                applied.get(at).is_some_and(|done| {
                    !matches!(done.outcome, Outcome::Failed(_) | Outcome::NotAttempted(_))
                })
            })
            .collect();
        let results = self
            .session
            .each(made, async |at: usize| (at, self.established(&manifests[at]).await))
            .await;
        for (at, result) in results {
            let Err(error) = result else { continue };
            self.failed_definitions.borrow_mut().insert(manifests[at].name().to_owned());
            if let Some(done) = applied.get_mut(&at) {
                done.outcome = match error {
                    ObjectError::Request(RequestError::Interrupted) => continue,
                    error => Outcome::Failed(error),
                };
                self.session.tell(&Event::Applied { object: &done.object, outcome: &done.outcome });
            }
        }
        // What fails here fails for the objects of those kinds, with its reason.
        self.session.kinds.age().await;
        let started = Instant::now();
        while started.elapsed() < self.options.timeout && !self.session.cancelled() {
            match self.session.kinds.fresh(&self.session).await {
                Ok(catalogue) => {
                    let missing = manifests.iter().any(|manifest| {
                        self.soon.definition_of(manifest).is_some_and(|definition| {
                            !self.failed_definitions.borrow().contains(definition)
                        }) && catalogue.find(manifest.api_version(), manifest.kind()).is_none()
                    });
                    if !missing {
                        return;
                    }
                }
                Err(_) => return,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.session.kinds.age().await;
        }
    }

    async fn established(&self, manifest: &Manifest) -> Result<(), ObjectError> {
        let place = Place::find(&self.session, manifest).await?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(25);
        loop {
            let reason = match read(&self.session, &place).await? {
                None => "it is gone".to_owned(),
                Some(live) => match definition_reason(&live) {
                    None => return Ok(()),
                    Some(reason) => reason,
                },
            };
            if started.elapsed() >= self.options.timeout {
                return Err(ObjectError::NotEstablished { after: self.options.timeout, reason });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }
}

/// Whether an answer is the object that was there before, as far as the manifest and what was applied
/// before have a say in it: a controller may have changed it in between.
pub(super) fn outcome(manifest: &Manifest, before: &Value, after: &Value) -> Outcome {
    let version = |object| text(object, "/metadata/resourceVersion");
    let same = version(before) == version(after) && !version(after).is_empty()
        || same_content(manifest, before, after);
    if same { Outcome::Unchanged } else { Outcome::Configured }
}

fn same_content(manifest: &Manifest, before: &Value, after: &Value) -> bool {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else { return false };
    let own = |key: &str| key != "metadata" && key != "status";
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).filter(|key| own(key)).collect();
    if keys.iter().any(|key| old.get(*key) != new.get(*key)) {
        return false;
    }
    for part in ["/metadata/labels", "/metadata/finalizers", "/metadata/ownerReferences"] {
        if before.pointer(part) != after.pointer(part) {
            return false;
        }
    }
    // Who has managed it changes with a move from the client's side.
    if renga_patch::client_side_managers(before) != renga_patch::client_side_managers(after) {
        return false;
    }
    let annotations = |object: &Value| object.pointer("/metadata/annotations").cloned();
    let (old, new) = (annotations(before), annotations(after));
    let applied = renga_patch::last_applied(before).ok().flatten();
    let concerned = [Some(manifest.value()), applied.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|object| object.pointer("/metadata/annotations").and_then(Value::as_object))
        .flat_map(serde_json::Map::keys)
        .map(String::as_str)
        .chain([renga_patch::LAST_APPLIED]);
    let value = |annotations: &Option<Value>, key: &str| {
        annotations.as_ref().and_then(|map| map.get(key)).cloned()
    };
    concerned.into_iter().all(|key| value(&old, key) == value(&new, key))
}
