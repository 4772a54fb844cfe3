//! The live cluster: choosing it, and diff, apply, wait, prune and delete through its API.
//!
//! The only crate that speaks to a Kubernetes API server. [`Kubeconfig`] says which clusters there
//! are, [`Cluster`] is one of them: a blocking facade over a runtime of its own, which starts with
//! the first request. Three-way merges are `renga-patch`'s business, texts of differences
//! `renga-diff`'s.
//!
//! Invariants: nothing here prints, prompts or reads variables of the process; what happens is told
//! to an [`Observer`]. No credential and no data of a Secret is in an error. One object that fails
//! does not stop the others. No type of the HTTP or Kubernetes libraries is public.

mod apply;
mod cluster;
mod config;
mod delete;
mod diff;
mod discovery;
mod error;
mod login;
mod object;
mod objects;
mod observer;
mod prune;
mod report;
mod transport;
mod wait;

pub use cluster::{Cluster, ClusterOptions, ServerVersion, Timeouts};
pub use config::{
    Choice, ChooseError, Kubeconfig, KubeconfigError, KubeconfigPaths, Proxies, Target,
};
pub use error::{
    ClusterError, FieldConflict, FieldProblem, LoginError, ObjectError, RequestError, TlsProblem,
};
pub use object::ObjectId;
pub use observer::{Event, Observer};
pub use report::{
    Applied, ApplyOptions, ApplyReport, ApplyStrategy, DeleteOptions, DeleteOutcome, DeleteReport,
    Deleted, DiffOptions, DiffReport, DiffStatus, DiffStrategy, DryRun, NotAttempted, ObjectDiff,
    Orphan, OrphanOptions, OrphanReport, Outcome, Propagation, SkippedResource, WaitOptions,
    WaitOutcome, WaitReport, Waited,
};
