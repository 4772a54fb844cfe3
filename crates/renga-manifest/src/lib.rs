//! Kubernetes manifests: what an evaluated environment yields and what happens to it before it is
//! shown, exported or applied.
//!
//! Owns a manifest's identity, finding manifests in nested data, defaults (namespace, labels,
//! annotations), the order and the target filters. Pure: values in, values out. It knows nothing of
//! environments, files or clusters.
//!
//! Invariant: every [`Manifest`] has a string `apiVersion` and `kind`, and an object `metadata`.

mod extract;
mod filter;
mod manifest;
mod order;
mod process;
mod schema;

pub use extract::{ExtractError, extract, unwrap_lists};
pub use filter::{TargetError, Targets};
pub use manifest::{Located, Manifest, is_cluster_wide};
pub use order::sort;
pub use process::{ENVIRONMENT_LABEL, NAMESPACED_ANNOTATION, ProcessError, Processing, process};
pub use schema::SchemaError;
