//! Vendoring of Helm charts.
//!
//! Owns `chartfile.yaml`, `chartfile.lock` and the folder of vendored charts; reads chart
//! repositories (HTTP, OCI, files) and chart archives. One of the few crates that open a socket.

mod credentials;
mod repository;
mod source;

pub use credentials::CredentialError;
pub use repository::Repository;
pub use source::{
    Archive, ChartVersion, DigestOrigin, LockedArchive, Names, ProxySettings, SourceError,
    SourceOptions, Sources, Subject, Trouble, Versions, Wanted, pick,
};
