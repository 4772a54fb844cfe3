//! One cluster: a blocking facade over a runtime of its own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use renga_manifest::Manifest;
use serde_json::Value;

use crate::config::{Proxies, Target};
use crate::error::{ClusterError, ObjectError};
use crate::observer::Observer;
use crate::report::{
    ApplyOptions, ApplyReport, DeleteOptions, DeleteReport, DiffOptions, DiffReport, OrphanOptions,
    OrphanReport, WaitOptions, WaitReport,
};

/// How to speak to a cluster. The binary fills it from flags and its environment.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Proxies for clusters whose kubeconfig entry names none.
    pub proxies: Proxies,
    /// Where discovery is kept between runs; none to keep nothing.
    pub cache: Option<PathBuf>,
    /// How long a kept discovery is good for.
    pub cache_ttl: Duration,
    /// The variables that login programs see, all of them.
    pub variables: Vec<(OsString, OsString)>,
    /// The directory that login programs run in.
    pub directory: PathBuf,
    /// How many requests may be under way at once.
    pub concurrency: usize,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How often a request is sent again that was not answered, or not in earnest.
    pub retries: u32,
    /// `User-Agent` of all requests.
    pub user_agent: String,
    /// Set by the caller, on Ctrl-C, to end a run between two requests.
    pub cancel: Arc<AtomicBool>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            proxies: Proxies::default(),
            cache: None,
            cache_ttl: Duration::from_mins(10),
            variables: Vec::new(),
            directory: PathBuf::new(),
            concurrency: 16,
            timeouts: Timeouts::default(),
            retries: 5,
            user_agent: concat!("renga/", env!("CARGO_PKG_VERSION")).to_owned(),
            cancel: Arc::default(),
        }
    }
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection, with its handshake.
    pub connect: Duration,
    /// For one request, from its first byte to the last of its answer.
    pub request: Duration,
    /// For a login program.
    pub login: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_mins(1),
            login: Duration::from_mins(1),
        }
    }
}

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// Such as `v1.36.3`.
    pub git_version: String,
    /// Such as `1`.
    pub major: String,
    /// Such as `36`; some providers append a `+`.
    pub minor: String,
    /// Such as `linux/amd64`.
    pub platform: String,
}

/// A cluster. Nothing is sent before the first question.
pub struct Cluster {
    target: Target,
    options: ClusterOptions,
}

impl Cluster {
    /// The cluster of a context.
    pub fn new(target: Target, options: ClusterOptions) -> Self {
        Self { target, options }
    }

    /// The context it is reached by.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Asks the server for its version: the cheapest way to see whether it answers.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it does not.
    pub fn version(&self, observer: &dyn Observer) -> Result<ServerVersion, ClusterError> {
        let _ = (observer, &self.options);
        unimplemented!()
    }

    /// The live objects of `manifests`, in their order; none where there is nothing.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all.
    pub fn live(
        &self,
        manifests: &[Manifest],
        observer: &dyn Observer,
    ) -> Result<Vec<Result<Option<Value>, ObjectError>>, ClusterError> {
        let _ = (observer, manifests);
        unimplemented!()
    }

    /// Compares `manifests` with what is there.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all; what fails for one object is in
    /// the report.
    pub fn diff(
        &self,
        manifests: &[Manifest],
        options: &DiffOptions,
        observer: &dyn Observer,
    ) -> Result<DiffReport, ClusterError> {
        let _ = (observer, manifests, options);
        unimplemented!()
    }

    /// Makes the cluster have what `manifests` say, in waves: namespaces; definitions of kinds
    /// (until they are established); everything else in the order of kinds; webhooks and API
    /// services.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all; what fails for one object is in
    /// the report.
    pub fn apply(
        &self,
        manifests: &[Manifest],
        options: &ApplyOptions,
        observer: &dyn Observer,
    ) -> Result<ApplyReport, ClusterError> {
        let _ = (observer, manifests, options);
        unimplemented!()
    }

    /// Waits until the live objects of `manifests` are ready.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all; what fails for one object is in
    /// the report.
    pub fn wait(
        &self,
        manifests: &[Manifest],
        options: &WaitOptions,
        observer: &dyn Observer,
    ) -> Result<WaitReport, ClusterError> {
        let _ = (observer, manifests, options);
        unimplemented!()
    }

    /// Finds the objects with the environment's label that no manifest brings any more.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked, and where it cannot be said which live
    /// objects the manifests bring: then nothing may be pruned.
    pub fn orphans(
        &self,
        manifests: &[Manifest],
        options: &OrphanOptions<'_>,
        observer: &dyn Observer,
    ) -> Result<OrphanReport, ClusterError> {
        let _ = (observer, manifests, options);
        unimplemented!()
    }

    /// Deletes the live objects of `manifests`, the last one first.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all; what fails for one object is in
    /// the report.
    pub fn delete(
        &self,
        manifests: &[Manifest],
        options: &DeleteOptions,
        observer: &dyn Observer,
    ) -> Result<DeleteReport, ClusterError> {
        let _ = (observer, manifests, options);
        unimplemented!()
    }
}
