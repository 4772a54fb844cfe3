//! What `kubectl apply` computes before it sends anything.
//!
//! Owns the patches: the three-way merge of what was applied last, what is wanted and what is live,
//! as a strategic merge patch for the kinds that Kubernetes brings along and as a JSON merge patch
//! for all others; the application of both to an object; the annotation that remembers what was
//! applied; and the sets of fields that managers own, with their move from client-side to
//! server-side apply. Also what a list's items are known by, for whoever compares objects.
//! Pure: it knows of no cluster and no files. Requests are `renga-cluster`'s, how a difference is
//! shown `renga-diff`'s.
//!
//! The reference is kubectl 0.36.3 with the `OpenAPI` documents of Kubernetes 1.36.3.
//!
//! Invariants: the same inputs give the same patch, whatever the order of keys in them; no input
//! overflows the stack ([`MAX_DEPTH`]); an object is never changed by reference, results are new.

mod error;
mod fields;
mod gosort;
mod gotext;
mod key;
mod last_applied;
mod merge;
mod migrate;
mod number;
mod patch;
mod schema;
mod strategic;
mod table;

pub use error::PatchError;
pub use fields::{FieldSet, FieldsError, Owner, PathElement, owners, parse_path};
pub use last_applied::{
    LAST_APPLIED, LastAppliedError, last_applied, last_applied_value, prune_nulls,
    with_last_applied, without_last_applied,
};
pub use merge::apply_merge_patch;
pub use migrate::{client_side_managers, migration_patch};
pub use patch::{Patch, PatchKind, three_way, three_way_with};
pub use schema::{Field, ListKind, Schema};
pub use strategic::apply_strategic_patch;

/// How deep objects and patches may nest; deeper ones are refused.
pub const MAX_DEPTH: usize = 256;
