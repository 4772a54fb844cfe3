//! What is asked of a cluster and what it answers: options and reports, as data.
//!
//! The order of every report is that of the objects that were given, whatever the order in which
//! they were done.

use std::collections::BTreeMap;
use std::time::Duration;

use renga_manifest::{Manifest, Targets};
use serde_json::Value;

use crate::error::{ObjectError, RequestError};
use crate::object::ObjectId;

/// How differences are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiffStrategy {
    /// What `kubectl apply` would do: a three-way merge with the annotation of the last apply.
    #[default]
    Native,
    /// What `kubectl apply --server-side --force-conflicts --field-manager=tanka` would do.
    Server,
    /// Asks for [`Self::Server`]'s errors, and shows what [`Self::Native`] finds.
    Validate,
    /// Compares only the fields that the manifest has, without a dry-run.
    Subset,
}

/// What to compare.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// How.
    pub strategy: DiffStrategy,
}

/// What a diff found, in the order of the manifests.
#[derive(Debug, Default)]
pub struct DiffReport {
    /// One for each manifest.
    pub objects: Vec<ObjectDiff>,
    /// Whether the caller's flag ended it early; the rest is [`DiffStatus::NotAttempted`].
    pub interrupted: bool,
}

/// One object, as it is and as it would be.
///
/// Both are as the server gives them: `managedFields`, Secret data and the like are still there;
/// `renga-diff` takes them out.
#[derive(Debug)]
pub struct ObjectDiff {
    /// Which one.
    pub object: ObjectId,
    /// What it comes to.
    pub status: DiffStatus,
    /// As it is; none where there is nothing, for [`DiffStatus::Unchanged`], and for
    /// [`DiffStatus::Failed`] where it is not known.
    pub live: Option<Value>,
    /// As it would be after an apply; none where that is not known, and for
    /// [`DiffStatus::Unchanged`]. For the strategy
    /// [`DiffStrategy::Subset`], and for [`DiffStatus::CreatedWith`], the manifest itself.
    pub merged: Option<Value>,
}

/// What a comparison comes to.
#[derive(Debug)]
pub enum DiffStatus {
    /// It would be created.
    Created,
    /// It would be created, as far as one can say: the named namespace or definition
    /// (`Namespace/a`, `CustomResourceDefinition/b`), which the same manifests bring, is not there
    /// yet, so the server was not asked.
    CreatedWith(String),
    /// It would change.
    Changed,
    /// It would stay as it is.
    Unchanged,
    /// It cannot be said.
    Failed(ObjectError),
    /// The caller's flag ended the diff before.
    NotAttempted,
}

/// How objects are applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApplyStrategy {
    /// As `kubectl apply`.
    #[default]
    Client,
    /// As `kubectl apply --server-side --field-manager=tanka`.
    Server,
}

/// What is only tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing: the cluster is changed.
    #[default]
    None,
    /// Nothing is written; what would be is found out by reading alone.
    Client,
    /// The server does all but store it.
    Server,
}

/// How to apply.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// How changes are sent.
    pub strategy: ApplyStrategy,
    /// What is only tried.
    pub dry_run: DryRun,
    /// `--force`: with [`ApplyStrategy::Server`] takes over fields that others own, with
    /// [`ApplyStrategy::Client`] deletes and creates what cannot be changed, without grace.
    pub force: bool,
    /// Deletes and creates objects with fields that cannot be changed.
    pub replace: bool,
    /// Whether the server refuses fields that it does not know.
    pub validate: bool,
    /// How long to wait for a definition to be established, and for an object to be gone that is
    /// replaced.
    pub timeout: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            strategy: ApplyStrategy::Client,
            dry_run: DryRun::None,
            force: false,
            replace: false,
            validate: true,
            timeout: Duration::from_mins(1),
        }
    }
}

/// What an apply did, in the order of the manifests.
#[derive(Debug, Default)]
pub struct ApplyReport {
    /// One for each manifest.
    pub objects: Vec<Applied>,
    /// Whether the caller's flag ended it early.
    pub interrupted: bool,
}

impl ApplyReport {
    /// Whether every object is as its manifest says.
    pub fn succeeded(&self) -> bool {
        !self
            .objects
            .iter()
            .any(|o| matches!(o.outcome, Outcome::Failed(_) | Outcome::NotAttempted(_)))
    }
}

/// What became of one object.
#[derive(Debug)]
pub struct Applied {
    /// Which one; for `generateName` with the name that the server gave.
    pub object: ObjectId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an object that was applied.
#[derive(Debug)]
pub enum Outcome {
    /// It was not there.
    Created,
    /// It was changed.
    Configured,
    /// It was as it should be; nothing was sent.
    Unchanged,
    /// It was deleted and created.
    Replaced,
    /// It could not be applied.
    Failed(ObjectError),
    /// It was not tried.
    NotAttempted(NotAttempted),
}

/// Why an object was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAttempted {
    /// The caller's flag ended the run before.
    Interrupted,
    /// The namespace, which the same manifests bring, could not be made.
    Namespace(String),
    /// The definition of its kind, which the same manifests bring, could not be made.
    Definition(String),
    /// The server did not answer any more; the error stands at the object before.
    Unreachable,
}

impl std::fmt::Display for NotAttempted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted"),
            Self::Unreachable => f.write_str("the server does not answer any more"),
            Self::Namespace(name) => write!(f, "Namespace/{name} failed"),
            Self::Definition(name) => write!(f, "CustomResourceDefinition/{name} failed"),
        }
    }
}

/// How long to wait for objects to be ready.
#[derive(Clone, Debug)]
pub struct WaitOptions {
    /// For all of them together.
    pub timeout: Duration,
    /// How often an object is looked at.
    pub interval: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_mins(5), interval: Duration::from_secs(1) }
    }
}

/// What a wait led to, in the order of the manifests.
#[derive(Debug, Default)]
pub struct WaitReport {
    /// One for each manifest that has a name.
    pub objects: Vec<Waited>,
    /// Whether the caller's flag ended it early.
    pub interrupted: bool,
}

impl WaitReport {
    /// Whether all are ready.
    pub fn ready(&self) -> bool {
        self.objects.iter().all(|o| matches!(o.outcome, WaitOutcome::Ready))
    }
}

/// What the wait for one object led to.
#[derive(Debug)]
pub struct Waited {
    /// Which one.
    pub object: ObjectId,
    /// What it led to.
    pub outcome: WaitOutcome,
}

/// How an object stands at the end of a wait.
#[derive(Debug)]
pub enum WaitOutcome {
    /// It is ready, or of a kind for which there is nothing to wait.
    Ready,
    /// It was not ready in time; what was missing.
    TimedOut(String),
    /// It says of itself that it will not become ready; why.
    Stalled(String),
    /// It could not be looked at.
    Failed(ObjectError),
}

/// What to look for that no manifest brings any more.
#[derive(Debug)]
pub struct OrphanOptions<'a> {
    /// The label that all objects of the environment have: key and value.
    pub label: (&'a str, &'a str),
    /// Only there, and only kinds that live in namespaces.
    pub namespace: Option<&'a str>,
    /// Only these kinds (letter case ignored); empty for all.
    pub kinds: &'a [String],
    /// Only what these select.
    pub targets: &'a Targets,
}

/// What no manifest brings any more.
#[derive(Debug, Default)]
pub struct OrphanReport {
    /// Sorted by kind order, as objects are applied.
    pub orphans: Vec<Orphan>,
    /// Objects with the label that were left alone because another object owns them.
    pub owned: Vec<ObjectId>,
    /// Kinds that could not be listed.
    pub skipped: Vec<SkippedResource>,
}

/// An object that no manifest brings any more.
#[derive(Debug)]
pub struct Orphan {
    /// Which one.
    pub object: ObjectId,
    /// As it is.
    pub manifest: Manifest,
}

/// A kind that could not be listed.
#[derive(Debug)]
pub struct SkippedResource {
    /// Such as `deployments.apps`, or a whole `group/version` that does not answer.
    pub resource: String,
    /// Why; none where the server does not say.
    pub error: Option<RequestError>,
}

/// What happens to the objects that a deleted one owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// They go afterwards.
    #[default]
    Background,
    /// They go first.
    Foreground,
    /// They stay.
    Orphan,
}

/// How to delete.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// What is only tried.
    pub dry_run: DryRun,
    /// `--force`: without grace.
    pub force: bool,
    /// What happens to the objects that the deleted ones own.
    pub propagation: Propagation,
    /// How long to wait for each object to be gone; none to not wait at all.
    pub wait: Option<Duration>,
}

/// What a delete did, in the order of the manifests.
#[derive(Debug, Default)]
pub struct DeleteReport {
    /// One for each manifest.
    pub objects: Vec<Deleted>,
    /// Whether the caller's flag ended it early.
    pub interrupted: bool,
}

impl DeleteReport {
    /// Whether nothing failed and nothing was left out.
    pub fn succeeded(&self) -> bool {
        !self.objects.iter().any(|o| {
            matches!(
                o.outcome,
                DeleteOutcome::Failed(_) | DeleteOutcome::NotAttempted | DeleteOutcome::Remains(_)
            )
        })
    }
}

/// What became of one object.
#[derive(Debug)]
pub struct Deleted {
    /// Which one.
    pub object: ObjectId,
    /// What became of it.
    pub outcome: DeleteOutcome,
}

/// What became of an object that was to be deleted.
#[derive(Debug)]
pub enum DeleteOutcome {
    /// It is gone, or (without waiting) going.
    Deleted,
    /// It was not there.
    NotFound,
    /// It was still there at the end of the wait, with these finalizers.
    Remains(Vec<String>),
    /// It could not be deleted.
    Failed(ObjectError),
    /// It has no name, only `generateName`: which objects were made from it is not known.
    Nameless,
    /// The caller's flag ended the run before.
    NotAttempted,
}

/// How many there are of each outcome, by its name.
impl ApplyReport {
    /// Counts outcomes: `created`, `configured`, `unchanged`, `replaced`, `failed`,
    /// `not attempted`.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for object in &self.objects {
            *counts.entry(object.outcome.name()).or_default() += 1;
        }
        counts
    }
}

impl Outcome {
    /// In one or two words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
            Self::Replaced => "replaced",
            Self::Failed(_) => "failed",
            Self::NotAttempted(_) => "not attempted",
        }
    }
}
