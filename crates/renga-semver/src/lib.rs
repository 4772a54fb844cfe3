//! Semantic versions and constraints as Masterminds semver 3.5 reads, orders and matches them.
//!
//! [`Version`] is one version, read loosely (`v1.2` is 1.2.0) or strictly. [`Constraint`] is a
//! condition such as `>=1.2, <2 || ^3`. Pure; error texts are those of the Go library, because
//! Helm shows them. Texts are read as bytes: what comes from a template need not be UTF-8.

mod constraint;
mod scan;
mod version;

pub use constraint::{Constraint, ConstraintError, Mismatch};
pub use version::{Version, VersionError};
