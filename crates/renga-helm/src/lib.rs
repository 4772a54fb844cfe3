//! Helm charts: as data, and rendered as `helm template` renders them.
//!
//! Opens no socket and runs no program.

mod capabilities;
mod chart;
mod compat;
mod dependencies;
mod engine;
mod lint;
mod load;
mod memo;
mod metadata;
mod output;
mod parallel;
mod release;
mod render;
mod schema;
mod tree;
mod values;
mod warning;

pub use capabilities::{
    Capabilities, HelmVersion, IncompatibleKubeVersion, KubeVersion, KubeVersionError,
    check_kube_version,
};
pub use chart::{Chart, File};
pub use compat::Compat;
pub use dependencies::{DependencyError, Processed, check_renderable, process};
pub use engine::{FindHost, FindLocalZone, FindZone, Frame, TemplateError, World};
pub use lint::{Finding, LintError, LintOptions, Severity, lint};
pub use load::{LoadError, Loaded, ValidationError, load, load_archive, load_files};
pub use metadata::{Dependency, Maintainer, Metadata, MetadataError};
pub use output::{
    Crd, DocumentError, Hook, HookEvent, Manifest, OutputFile, PrintError, PrintOptions,
};
pub use release::{NameError, Release, check_name};
pub use render::{Place, RenderError, RenderOptions, Rendered, Renderer};
pub use schema::{NoFiles, SchemaErrors, SchemaFault, SchemaFiles, SourceFiles, validate_values};
pub use tree::Instance;
pub use values::{
    CoalesceError, Coalesced, ReadError, ReadFile, Setting, SharedId, Table, Value, ValuesError,
    user_values,
};
pub use warning::{Level, Warning};
