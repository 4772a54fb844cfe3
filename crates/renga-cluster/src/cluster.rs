//! One cluster: a blocking facade over a runtime of its own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use renga_manifest::Manifest;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::config::{Proxies, Target};
use crate::discovery::Kinds;
use crate::error::{ClusterError, ObjectError, RequestError};
use crate::objects::locate;
use crate::observer::Observer;
use crate::report::{
    ApplyOptions, ApplyReport, DeleteOptions, DeleteReport, DiffOptions, DiffReport, OrphanOptions,
    OrphanReport, WaitOptions, WaitReport,
};
use crate::transport::{Call, Session, Transport};
use crate::{apply, delete, diff, prune, wait};

/// Threads for connections: encryption is most of what they do.
const THREADS: usize = 2;

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

/// A cluster. Nothing is sent, and no login program is run, before the first question.
pub struct Cluster {
    target: Target,
    options: ClusterOptions,
    running: Mutex<Option<Arc<Running>>>,
}

/// What the first question starts.
struct Running {
    // Fields are dropped in this order: connections end before their threads.
    transport: Transport,
    kinds: Kinds,
    runtime: Runtime,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("context", &self.target.context).finish_non_exhaustive()
    }
}

impl Cluster {
    /// The cluster of a context.
    pub fn new(target: Target, options: ClusterOptions) -> Self {
        Self { target, options, running: Mutex::default() }
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
        self.ask(observer, async |session| {
            let version = session.json(&Call::get("/version")).await?;
            let text = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
            if text("gitVersion").is_empty() {
                return Err(RequestError::Answer {
                    server: self.target.server.clone(),
                    problem: "it tells no version".into(),
                }
                .into());
            }
            Ok(ServerVersion {
                git_version: text("gitVersion"),
                major: text("major"),
                minor: text("minor"),
                platform: text("platform"),
            })
        })
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
        self.ask(observer, async |session| {
            session.kinds.all(session).await?;
            let objects = session
                .each(manifests, async |manifest| {
                    locate(session, manifest).await.map(|(_, live)| live)
                })
                .await;
            match session.transport.gone() {
                Some(error) => Err(error.into()),
                None => Ok(objects),
            }
        })
    }

    /// Compares `manifests` with what is there.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all, or stops to answer; what fails for
    /// one object is in the report.
    pub fn diff(
        &self,
        manifests: &[Manifest],
        options: &DiffOptions,
        observer: &dyn Observer,
    ) -> Result<DiffReport, ClusterError> {
        self.ask(observer, async |session| diff::diff(session, manifests, options).await)
    }

    /// Makes the cluster have what `manifests` say, in waves: namespaces; definitions of kinds
    /// (until they are established); what others need; bindings, claims and services; everything
    /// else; webhooks and API services.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all and nothing was changed; what fails
    /// for one object is in the report.
    pub fn apply(
        &self,
        manifests: &[Manifest],
        options: &ApplyOptions,
        observer: &dyn Observer,
    ) -> Result<ApplyReport, ClusterError> {
        self.ask(observer, async |session| apply::apply(session, manifests, options).await)
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
        self.ask(observer, async |session| wait::wait(session, manifests, options).await)
    }

    /// Finds the objects with the environment's label that no manifest brings any more.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked, or the caller's flag ended it: half an
    /// answer is none.
    pub fn orphans(
        &self,
        manifests: &[Manifest],
        options: &OrphanOptions<'_>,
        observer: &dyn Observer,
    ) -> Result<OrphanReport, ClusterError> {
        self.ask(observer, async |session| prune::orphans(session, manifests, options).await)
    }

    /// Deletes the live objects of `manifests`, in the reverse of the order they are applied in.
    ///
    /// A manifest with a UID, as [`Cluster::orphans`] gives them, means that very object.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where the server cannot be asked at all and nothing was deleted; what fails
    /// for one object is in the report.
    pub fn delete(
        &self,
        manifests: &[Manifest],
        options: &DeleteOptions,
        observer: &dyn Observer,
    ) -> Result<DeleteReport, ClusterError> {
        self.ask(observer, async |session| delete::delete(session, manifests, options).await)
    }

    /// Runs a question on the caller's thread; connections have threads of their own.
    fn ask<T>(
        &self,
        observer: &dyn Observer,
        question: impl AsyncFnOnce(&Session<'_>) -> Result<T, ClusterError>,
    ) -> Result<T, ClusterError> {
        let running = self.running()?;
        running.runtime.block_on(async {
            running.transport.forgive();
            running.kinds.age().await;
            let session = Session::new(&running.transport, &running.kinds, observer);
            question(&session).await
        })
    }

    fn running(&self) -> Result<Arc<Running>, ClusterError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running {
            return Ok(running.clone());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("cluster")
            .enable_io()
            .enable_time()
            .build()
            .map_err(ClusterError::Runtime)?;
        let transport = {
            let _inside = runtime.enter();
            Transport::new(&self.target, &self.options)?
        };
        let new = Arc::new(Running { transport, kinds: Kinds::default(), runtime });
        *running = Some(new.clone());
        Ok(new)
    }
}
