//! Kubernetes' schemas, and what an object breaks of them.
//!
//! This crate owns the definitions of the built-in kinds of several Kubernetes releases
//! ([`Release`]), the structural schemas of `CustomResourceDefinition`s ([`CustomKinds`]) and the
//! comparison of an object with either ([`validate`]). Which objects are compared with which
//! release, and what a violation is worth, is for others; so are checks that a schema cannot say.
//!
//! Invariants: pure (no files, no clock, no network); any JSON is a legal input, for an object as
//! for a definition; no message shows the value of a string, because it may be a secret.

mod format;
mod kubernetes;
mod lifecycle;
mod names;
mod notation;
mod openapi;
mod path;
mod rules;
mod schema;
mod structural;
mod validate;

pub use kubernetes::{Definition, Release, UnknownRelease};
pub use lifecycle::Lifecycle;
pub use names::nearest;
pub use notation::{NotationError, read_type, write_type};
pub use openapi::{OpenApiError, short_name, type_of_definition};
pub use path::{Path, Step};
pub use rules::Rules;
pub use schema::{Field, Fields, List, Merge, Null, Schema, Shape, Text, Width};
pub use structural::{CustomKind, CustomKinds, DefinitionError};
pub use validate::{Problem, Types, Violation, validate};
