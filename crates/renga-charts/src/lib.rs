//! Vendoring of Helm charts.
//!
//! Owns `chartfile.yaml`, `chartfile.lock` and the folder of vendored charts; reads chart
//! repositories (HTTP, OCI, files) and chart archives. One of the few crates that open a socket.

mod archive;
mod credentials;
mod digest;
mod ignore;
mod metadata;
mod package;
mod repository;
mod source;
mod unpack;

pub use archive::{ArchiveError, Entry, Limits, read_archive};
pub use credentials::CredentialError;
pub use digest::{DigestError, Sha256, TreeDigest, tree_digest};
pub use ignore::{IGNORE_FILE, IgnoreError, IgnoreRules};
pub use metadata::{ChartMetadata, Dependency, FieldError, Maintainer, MetadataError};
pub use package::{PackageError, package_dir};
pub use repository::Repository;
pub use source::{
    Archive, ChartVersion, DigestOrigin, LockedArchive, Names, ProxySettings, SourceError,
    SourceOptions, Sources, Subject, Trouble, Versions, Wanted, pick,
};
pub use unpack::unpack;
