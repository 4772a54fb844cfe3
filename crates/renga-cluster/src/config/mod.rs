//! Kubeconfig files: which there are, how several become one, which entry an environment means.
//!
//! Reads files, never the network. What the credentials in them come to is `login`'s business.

mod choose;
mod entries;
mod files;
mod proxy;
mod server_url;

pub use choose::{Choice, ChooseError, Target};
pub(crate) use entries::{ClusterEntry, ExecEntry, Interactive, UserEntry};
pub use files::{Kubeconfig, KubeconfigError, KubeconfigPaths};
pub use proxy::Proxies;
