//! Revisions of a workspace, read from git's objects.
//!
//! Owns the repository a folder is in, what a revision means, the point at which two lines of history
//! parted, a [`Source`](renga_project::Source) that shows a workspace as it was in a commit, and the
//! paths in which the working tree differs from one. It is the only crate that names `gix`.
//!
//! Invariants: nothing is written (no working tree, no index, no lock files), no socket is opened and
//! no program is started by this crate's own doing; history that is not there is an error, never an
//! empty answer.

mod error;
mod repository;
mod tree;

pub use error::GitError;
pub use repository::{Base, Repository, WorkingTree};
pub use tree::RevisionSource;
