//! Test support for the whole workspace; no product code depends on it.
//!
//! Two ways to test the binary from the outside:
//! - [`TestContext`]: a temporary workspace, filled by the test, whose runs come back as text for
//!   a snapshot.
//! - [`Case`]: a text file that holds a workspace and commands, played by [`play`] and compared by
//!   [`compare`] with the outputs that were recorded from a reference program (`tests/tk`).
//!   `cargo xtask goldens` records them with the same parser and player.
//!
//! Cases that need a cluster are played by [`LiveCluster`].
//!
//! For vendoring, with the feature `charts`: [`ChartServer`] is a chart repository and
//! [`OciRegistry`] a registry, both real servers on the loopback interface.
//!
//! With the feature `cluster`: [`TestCluster`] is a real API server, found or started; a variable may name it.
//!
//! Invariant: nothing here looks at the network beyond the loopback interface, the clock or the caller's variables; a run sees
//! an environment of its own ([`Sandbox`]).

mod case;
#[cfg(feature = "charts")]
mod chart_server;
#[cfg(feature = "cluster")]
mod cluster;
mod compare;
mod context;
mod golden;
#[cfg(feature = "charts")]
mod http_server;
mod live;
mod normalise;
#[cfg(feature = "charts")]
mod oci_registry;
mod play;
mod sandbox;
#[cfg(feature = "charts")]
mod tarball;
#[cfg(feature = "charts")]
mod tls;

pub use case::{Case, CaseError, Entry, EntryKind, Expectation, Item, Step};
#[cfg(feature = "charts")]
pub use chart_server::{ChartServer, chart_sources, pack_chart};
#[cfg(feature = "cluster")]
pub use cluster::{NoCluster, TestCluster};
pub use compare::{Failure, compare, find_cases, known_gaps};
pub use context::TestContext;
pub use golden::{Golden, Source};
#[cfg(feature = "charts")]
pub use http_server::{LoggedRequest, Rule};
pub use live::{LiveCluster, LiveError};
#[cfg(feature = "charts")]
pub use oci_registry::{OciRegistry, RegistryOptions, Skipped};
pub use play::{Block, PlayError, play};
pub use sandbox::{Program, Run, Sandbox, SandboxError};
#[cfg(feature = "charts")]
pub use tarball::Tarball;
#[cfg(feature = "charts")]
pub use tls::Certificates;
