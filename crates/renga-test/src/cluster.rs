//! A real API server for tests, found or started.
//!
//! In this order: the kubeconfig that the variable `RENGA_TEST_KUBECONFIG` names; the server whose
//! sources are in the folder `shared/apiserver` beside the repository, built once per machine and
//! started once per test binary; none, with a reason. A started server is stopped when the test
//! binary ends, however it ends: a small process waits for that.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// An API server to test with.
pub struct TestCluster {
    /// Its kubeconfig.
    pub kubeconfig: PathBuf,
    /// Whether it is the one of `shared/apiserver`, with all of its contexts; else only the current
    /// context is known.
    pub is_own: bool,
    /// Holds the pipe whose end stops the server.
    _watch: Option<Child>,
    _folder: Option<TempDir>,
}

/// Why there is no server.
#[derive(Debug, Clone)]
pub struct NoCluster(String);

impl fmt::Display for NoCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "skipped: {}", self.0)
    }
}

static SHARED: OnceLock<Result<TestCluster, NoCluster>> = OnceLock::new();
static NAMES: AtomicUsize = AtomicUsize::new(0);

/// How long a server lives whose test binary was killed together with the process that waits for it.
const TTL: &str = "30m";

impl TestCluster {
    /// The server of this test binary, started by the first call.
    ///
    /// # Errors
    ///
    /// [`NoCluster`] where there is none; its text begins with `skipped: `.
    pub fn shared() -> Result<&'static Self, NoCluster> {
        SHARED.get_or_init(Self::find).as_ref().map_err(Clone::clone)
    }

    /// A namespace's name that no other test of this machine has.
    pub fn fresh_name(prefix: &str) -> String {
        let count = NAMES.fetch_add(1, Ordering::Relaxed);
        format!("{prefix}-{}-{count}", std::process::id())
    }

    #[expect(clippy::disallowed_methods, reason = "tests are told by a variable where to run")]
    fn find() -> Result<Self, NoCluster> {
        if let Some(path) = std::env::var_os("RENGA_TEST_KUBECONFIG").filter(|v| !v.is_empty()) {
            let kubeconfig = PathBuf::from(path);
            if !kubeconfig.is_file() {
                let path = kubeconfig.display();
                return Err(NoCluster(format!("RENGA_TEST_KUBECONFIG names no file ({path})")));
            }
            return Ok(Self { kubeconfig, is_own: false, _watch: None, _folder: None });
        }
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let scripts = repository.join("../shared/apiserver");
        let Ok(scripts) = scripts.canonicalize() else {
            return Err(NoCluster(
                "no API server: RENGA_TEST_KUBECONFIG is not set, and there is no folder \
                 shared/apiserver beside the repository"
                    .into(),
            ));
        };
        Self::start(&scripts)
    }

    /// Starts the server whose scripts are in a folder.
    ///
    /// # Errors
    ///
    /// [`NoCluster`] with the end of what the scripts said.
    pub fn start(scripts: &Path) -> Result<Self, NoCluster> {
        let folder = tempfile::tempdir().map_err(|error| NoCluster(error.to_string()))?;
        let kubeconfig = folder.path().join("kubeconfig");
        let started = Command::new(scripts.join("start"))
            .arg(&kubeconfig)
            .env("KTS_TTL", TTL)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| NoCluster(format!("the API server cannot be started: {error}")))?;
        if !started.status.success() {
            let said = String::from_utf8_lossy(&started.stderr);
            let end: Vec<_> = said.lines().rev().take(5).collect();
            let end: Vec<_> = end.into_iter().rev().collect();
            return Err(NoCluster(format!("the API server cannot be started: {}", end.join("; "))));
        }
        // Reads until the pipe's other end is closed, which the end of this process does.
        let watch = Command::new("sh")
            .arg("-c")
            .arg("cat >/dev/null; \"$0\" \"$1\"; rm -rf \"$(dirname \"$1\")\"")
            .arg(scripts.join("stop"))
            .arg(&kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| NoCluster(format!("the API server cannot be watched: {error}")))?;
        Ok(Self { kubeconfig, is_own: true, _watch: Some(watch), _folder: Some(folder) })
    }
}
