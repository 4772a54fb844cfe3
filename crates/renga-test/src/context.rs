//! A workspace for tests of the binary, and transcripts of runs for snapshots.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::{
    case::{Entry, EntryKind},
    normalise::Normaliser,
    play::section,
    sandbox::Sandbox,
};

/// A temporary workspace in which the binary is run.
///
/// Every method panics when the machine does not do what it is asked: a test has nothing better
/// to do.
#[derive(Debug)]
pub struct TestContext {
    sandbox: Sandbox,
    binary: PathBuf,
    normaliser: Normaliser,
    variables: Vec<(String, String)>,
    cwd: PathBuf,
}

impl TestContext {
    /// Creates an empty workspace (an empty `jsonnetfile.json` marks its root) for the binary,
    /// usually `env!("CARGO_BIN_EXE_renga")`.
    ///
    /// # Panics
    ///
    /// When the temporary folder cannot be written.
    pub fn new(binary: impl AsRef<Path>) -> Self {
        let sandbox = Sandbox::new().unwrap_or_else(|error| panic!("temporary workspace: {error}"));
        let normaliser = sandbox.normaliser(None);
        let binary = binary.as_ref().to_owned();
        let context =
            Self { sandbox, binary, normaliser, variables: Vec::new(), cwd: PathBuf::new() };
        context.write("jsonnetfile.json", "{}\n");
        context
    }

    /// The workspace folder.
    pub fn root(&self) -> &Path {
        self.sandbox.root()
    }

    /// Writes a file of the workspace and the folders above it.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let kind = EntryKind::File { content: text.as_bytes().to_vec(), executable: false };
        let entry = Entry { path: path.to_owned(), kind };
        if let Err(error) = self.sandbox.create(&entry, None) {
            panic!("writing {path}: {error}");
        }
    }

    /// Reads a file of the workspace.
    ///
    /// # Panics
    ///
    /// When it cannot be read as text.
    pub fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.root().join(path)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Writes a static environment: `environments/NAME/{main.jsonnet,spec.json}`.
    pub fn environment(&self, name: &str, jsonnet: &str) {
        self.write(&format!("environments/{name}/main.jsonnet"), jsonnet);
        let spec = concat!(
            "{\n  \"apiVersion\": \"tanka.dev/v1alpha1\",\n  \"kind\": \"Environment\",\n",
            "  \"metadata\": {},\n  \"spec\": { \"namespace\": \"default\" }\n}\n"
        );
        self.write(&format!("environments/{name}/spec.json"), spec);
    }

    /// Sets a variable for the runs that follow.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the folder of the runs that follow, relative to the workspace.
    #[must_use]
    pub fn with_cwd(mut self, cwd: &str) -> Self {
        self.cwd = PathBuf::from(cwd);
        self
    }

    /// Replaces what matches `pattern` in transcripts, for hashes and times of the product's own.
    #[must_use]
    pub fn with_filter(mut self, pattern: &str, replacement: &str) -> Self {
        self.normaliser.add(pattern, replacement);
        self
    }

    /// Runs the binary and returns the transcript: exit code, then each output that is not empty.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        self.run_with_stdin(arguments, "")
    }

    /// As [`Self::run`], with something to read.
    ///
    /// # Panics
    ///
    /// When the binary cannot be started or does not end.
    pub fn run_with_stdin<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        stdin: &str,
    ) -> String {
        let arguments: Vec<_> =
            arguments.into_iter().map(|a| a.as_ref().to_string_lossy().into_owned()).collect();
        let run = self
            .sandbox
            .run(&self.binary, &arguments, &self.variables, &self.cwd, stdin)
            .unwrap_or_else(|error| panic!("running {}: {error}", self.binary.display()));
        let mut text = format!("exit: {}\n", run.exit);
        for (heading, bytes) in [("stdout", run.stdout), ("stderr", run.stderr)] {
            let content = self.normaliser.apply(&bytes);
            if !content.is_empty() {
                let _ = write!(text, "----- {heading} -----\n{content}");
            }
        }
        text
    }

    /// The files below a path of the workspace with their contents, for snapshots of outputs.
    ///
    /// # Panics
    ///
    /// When they cannot be read.
    pub fn tree(&self, path: &str) -> String {
        let mut text = String::new();
        for entry in walkdir::WalkDir::new(self.root().join(path)).sort_by_file_name() {
            let entry = entry.unwrap_or_else(|error| panic!("{error}"));
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(self.root()).unwrap_or(entry.path());
                let bytes = fs_err::read(entry.path()).unwrap_or_else(|error| panic!("{error}"));
                section(&mut text, &name.display().to_string(), &self.normaliser.apply(&bytes));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_sees_only_the_sandbox_and_its_transcript_names_no_folder() {
        let context = TestContext::new("/bin/sh").with_variable("WHO", "me");
        let script = "pwd; echo $WHO >&2; printf %s \"$(cat)\"; exit 3";
        assert_eq!(
            context.run_with_stdin(["-c", script], "in"),
            "exit: 3\n----- stdout -----\n<ROOT>\nin----- stderr -----\nme\n"
        );
        assert_eq!(context.run(["-c", "echo $CARGO"]), "exit: 0\n----- stdout -----\n\n");
    }

    #[test]
    fn writes_a_static_environment() {
        let context = TestContext::new("/bin/sh");
        context.environment("dev", "{}");
        assert_eq!(context.read("environments/dev/main.jsonnet"), "{}");
        assert!(context.tree("environments").contains("environments/dev/spec.json\n|{"));
    }
}
