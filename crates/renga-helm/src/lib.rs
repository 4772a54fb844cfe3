//! Helm charts: as data, and rendered as `helm template` renders them.
//!
//! Opens no socket and runs no program.

mod capabilities;
mod chart;
mod compat;
mod metadata;
mod release;
mod values;
mod warning;

pub use capabilities::{
    Capabilities, HelmVersion, IncompatibleKubeVersion, KubeVersion, KubeVersionError,
    check_kube_version,
};
pub use chart::{Chart, File};
pub use compat::Compat;
pub use metadata::{Dependency, Maintainer, Metadata, MetadataError};
pub use release::{NameError, Release, check_name};
pub use values::{Coalesced, SharedId, Table, Value};
pub use warning::{Level, Warning};
