//! Tanka environments: what they are, where they are, and how their manifests come about.
//!
//! Owns the `Environment` object and its `spec.json`, static and inline environments, discovery,
//! selection by name and label, who imports a file, and the native functions `environments` and
//! `helmTemplate`. Evaluation is `renga-jsonnet`'s, rendering charts `renga-helm`'s, what becomes of the data `renga-manifest`'s.
//!
//! Invariants: listing environments does not evaluate their data; a broken environment does not
//! hide the others; the result does not depend on the number of threads.

mod batch;
mod catalogue;
mod decode;
mod discover;
mod error;
mod evaluator;
mod helm_template;
mod importers;
mod inputs;
mod label;
mod load;
mod scan;
mod selector;
mod spec;
mod template_type;
mod version;

pub use batch::{Batch, batches};
pub use decode::{DeprecatedField, SpecError};
pub use discover::{DiscoverError, Discovered, Discovery};
pub use error::LoadError;
pub use evaluator::{EvaluationOptions, Evaluator, ImplementationError, Worker};
pub use helm_template::HelmTemplate;
pub use importers::{Imported, Importers, ImportersError};
pub use label::LabelError;
pub use load::{Found, Loaded, Location, search_path};
pub use selector::{Selector, SelectorError};
pub use spec::{
    API_GROUP, Environment, ExpectVersions, Metadata, ResourceDefaults, SPEC_FILE, Spec,
};
pub use template_type::{MANIFEST_TYPE, manifest_value, name_functions};
pub use version::{TANKA_VERSION, VersionError, check_version};
