//! Kubeconfig files: which there are, how several become one, which entry an environment means.
//!
//! Reads files, never the network. What the credentials in them come to is `login`'s business.

mod choose;
mod entries;
mod files;
mod proxy;
mod server_url;

pub use choose::{Choice, ChooseError, Target};
#[cfg(test)]
pub(crate) use entries::{ClusterEntry, UserEntry};
pub(crate) use entries::{ExecEntry, Interactive};
pub use files::{Kubeconfig, KubeconfigError, KubeconfigPaths};
pub use proxy::Proxies;
pub(crate) use proxy::shown;
pub(crate) use server_url::normalise;
