//! Vendoring of Helm charts.
//!
//! Owns `chartfile.yaml`, `chartfile.lock` and the folder of vendored charts; reads chart
//! repositories (HTTP, OCI, files) and chart archives. One of the few crates that open a socket.

mod archive;
mod cache;
mod chartfile;
mod credentials;
mod dependencies;
mod digest;
mod edit;
mod ignore;
mod lock;
mod metadata;
mod outdated;
mod package;
mod parallel;
mod provenance;
mod report;
mod repository;
mod requirement;
mod similar;
mod source;
mod staging;
mod tree;
mod unpack;
mod vendor;
mod verify;
mod version_check;
mod workspace;

pub use archive::{ArchiveError, Entry, Limits, read_archive};
pub use cache::Cache;
pub use chartfile::{CHARTFILE, Chartfile, ChartfileError, read_repository_config};
pub use credentials::CredentialError;
pub use dependencies::DependencyError;
pub use digest::{DigestError, Sha256, TreeDigest, tree_digest};
pub use edit::{EditError, add, add_repository, init, remove};
pub use ignore::{IGNORE_FILE, IgnoreError, IgnoreRules};
pub use lock::{LOCKFILE, LockError, LockedChart, LockedDependency, Lockfile};
pub use metadata::{
    CHART_FIELDS, ChartMetadata, Dependency, FieldError, Maintainer, MetadataError,
};
pub use outdated::{Standing, outdated};
pub use package::{PackageError, package_dir};
pub use provenance::{KeyProblem, ProvenanceError, Signer, verify_provenance};
pub use report::{Event, Reporter, SkipReason};
pub use repository::Repository;
pub use requirement::{Requirement, RequirementsError};
pub use source::{
    Archive, ChartVersion, DigestOrigin, LockedArchive, Names, ProxySettings, SourceError,
    SourceOptions, Sources, Subject, Trouble, Versions, Wanted, pick,
};
pub use staging::PathError;
pub use tree::{ChartNode, ChartTree, NodeState, Reason, TreeError, tree, why};
pub use unpack::unpack;
pub use vendor::{
    Action, ChartSource, LockMode, Prune, UnknownName, VendorError, VendorOptions, VendorReport,
    Vendored, update, vendor,
};
pub use verify::{Difference, Verified, VerifyError, verify};
pub use version_check::{VersionCheckError, version_check};
pub use workspace::Workspace;
