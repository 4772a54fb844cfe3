//! A workspace whose environment goes to a namespace of a real API server.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use renga_test::TestCluster;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A workspace for one test.
pub(crate) struct Live {
    pub(crate) cluster: &'static TestCluster,
    /// The namespace of the test, which nothing else uses.
    pub(crate) namespace: String,
    folder: TempDir,
    kubeconfig: PathBuf,
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The run, if it ended with `exit`.
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The run, if standard error has all of `parts`.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

impl Live {
    /// A workspace with an empty environment `environments/main`, if there is a server.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        let cluster = match TestCluster::shared() {
            Ok(cluster) => cluster,
            Err(none) => {
                eprintln!("{none}");
                return None;
            }
        };
        let folder = TempDir::with_prefix("renga-live-").unwrap();
        fs_err::write(folder.path().join("jsonnetfile.json"), "{}").unwrap();
        fs_err::create_dir(folder.path().join("home")).unwrap();
        let kubeconfig = cluster.kubeconfig.clone();
        let namespace = TestCluster::fresh_name(prefix);
        Some(Self { cluster, namespace, folder, kubeconfig })
    }

    /// As [`Live::new`], if the server is the one with contexts for every kind of failure.
    pub(crate) fn with_contexts(prefix: &str) -> Option<Self> {
        let live = Self::new(prefix)?;
        if !live.cluster.is_own {
            eprintln!("skipped: the given cluster may have other contexts");
            return None;
        }
        Some(live)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The context that is used unless a test says otherwise.
    pub(crate) fn context(&self) -> String {
        let text = fs_err::read_to_string(&self.cluster.kubeconfig).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("current-context: "));
        line.unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Uses another kubeconfig from here on: this text.
    pub(crate) fn set_kubeconfig(&mut self, text: &str) {
        self.kubeconfig = self.root().join("kubeconfig");
        fs_err::write(&self.kubeconfig, text).unwrap();
    }

    /// Writes an environment for the test's namespace; `spec` has fields beside that.
    pub(crate) fn environment(&self, path: &str, spec: &Value, main: &str) {
        let dir = self.root().join(path);
        fs_err::create_dir_all(&dir).unwrap();
        let mut fields = json!({ "namespace": self.namespace, "contextNames": [self.context()] });
        for (key, value) in spec.as_object().into_iter().flatten() {
            fields[key.as_str()] = value.clone();
        }
        fs_err::write(dir.join("spec.json"), json!({ "spec": fields }).to_string()).unwrap();
        fs_err::write(dir.join("main.jsonnet"), main).unwrap();
    }

    /// Writes the environment `environments/main`: the namespace and what `objects` has.
    pub(crate) fn main(&self, objects: &str) {
        let main = self.with_namespace(objects);
        self.environment("environments/main", &Self::labels(), &main);
    }

    /// What an environment needs to be pruned. The label is the test's own, as all tests name their
    /// environments alike.
    pub(crate) fn labels() -> Value {
        json!({ "injectLabels": true, "tankaEnvLabelFromFields": [".spec.namespace"] })
    }

    /// An object of Jsonnet with the namespace and `objects`.
    pub(crate) fn with_namespace(&self, objects: &str) -> String {
        format!(
            "local config(name, data) = {{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: \
             name }}, data: data }};\n\
             {{ namespace: {{ apiVersion: 'v1', kind: 'Namespace', metadata: {{ name: '{}' }} }},\n\
             {objects}\n}}\n",
            self.namespace
        )
    }

    /// A command of the binary under test, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_renga"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.root().join("home"))
            .env("KUBECONFIG", &self.kubeconfig)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the binary under test to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    /// Runs `COMMAND environments/main` with more flags.
    pub(crate) fn on_main(&self, command: &str, flags: &[&str]) -> Ran {
        self.run(&[&[command, "environments/main"], flags].concat())
    }

    /// Applies `environments/main` without a question.
    #[track_caller]
    pub(crate) fn apply(&self) -> Ran {
        self.on_main("apply", &["--auto-approve", "always"])
    }

    /// Runs with something typed.
    pub(crate) fn type_in(&self, arguments: &[&str], typed: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        Ran::of(&child.wait_with_output().unwrap())
    }

    /// Starts the binary under test.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }
}

/// The end of a run that was started.
pub(crate) fn finish(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().unwrap())
}

/// Held by tests that keep the server busy, or that are short of time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Live {
    fn drop(&mut self) {
        // A server of our own goes with everything in it.
        if !self.cluster.is_own && self.root().join("environments/main").exists() {
            self.on_main("delete", &["--auto-approve", "always"]);
        }
    }
}
