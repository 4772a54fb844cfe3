//! Playing cases that need a live cluster.
//!
//! In such a case `<KUBECONFIG>`, `<SERVER>` and `<KUBECTL>` stand for what [`LiveCluster`] says, and
//! `<NS>` for a name of the run's own, so that runs on one cluster do not see each other. What
//! differs from run to run in an answer (times, ids, versions of objects, folders, digests of names)
//! is replaced, so that a recording holds for every server.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;

use crate::case::{Case, CaseError};
use crate::play::{Block, PlayError, play};
use crate::sandbox::Program;

/// A cluster for cases.
#[derive(Debug, Clone)]
pub struct LiveCluster {
    /// Its kubeconfig.
    pub kubeconfig: PathBuf,
    /// The URL of its API server, as the kubeconfig has it.
    pub server: String,
    /// The `kubectl` that a reference program runs; renga runs none.
    pub kubectl: Option<PathBuf>,
}

/// Why a case cannot be played on a cluster.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The case cannot be read.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// A command of it cannot be run.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// The kubeconfig names no server.
    #[error("`{}` names no server for its current context", .0.display())]
    NoServer(PathBuf),
}

/// How many names were given out in this process.
static RUNS: AtomicUsize = AtomicUsize::new(0);

impl LiveCluster {
    /// The cluster of a kubeconfig whose first server that is not the port 1 counts.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or names no server.
    pub fn of_kubeconfig(kubeconfig: &Path, kubectl: Option<PathBuf>) -> Result<Self, LiveError> {
        let text = fs_err::read_to_string(kubeconfig).map_err(CaseError::from)?;
        let servers = text.lines().filter_map(|line| line.trim().strip_prefix("server: "));
        let server = servers.map(str::trim).find(|server| !server.ends_with(":1"));
        let server = server.ok_or_else(|| LiveError::NoServer(kubeconfig.to_owned()))?.to_owned();
        Ok(Self { kubeconfig: kubeconfig.to_owned(), server, kubectl })
    }

    /// A name that no other run has: 12 characters, always.
    pub fn fresh_name() -> String {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        format!("c{:06}x{:04}", std::process::id() % 1_000_000, run % 10_000)
    }

    /// Reads a case and plays it with `program`; the blocks have the names of the case's text.
    ///
    /// # Errors
    ///
    /// [`LiveError`] when the case cannot be read or played.
    pub fn play(&self, path: &Path, program: &Program) -> Result<(Case, Vec<Block>), LiveError> {
        let text = fs_err::read_to_string(path).map_err(CaseError::from)?;
        let case = Case::parse(path, &text)?;
        let name = Self::fresh_name();
        let kubectl = self.kubectl.as_ref().map_or_else(
            || "<ROOT>/no/kubectl".to_owned(),
            |kubectl| kubectl.display().to_string(),
        );
        let filled = text
            .replace("<NS>", &name)
            .replace("<SERVER>", &self.server)
            .replace("<KUBECONFIG>", &self.kubeconfig.display().to_string())
            .replace("<KUBECTL>", &kubectl);
        let mut blocks = play(&Case::parse(path, &filled)?, program)?;
        let normaliser = Normaliser::new(&name, self);
        for (block, step) in blocks.iter_mut().zip(case.steps()) {
            block.command.clone_from(&step.text);
            block.text = normaliser.apply(&block.text);
        }
        Ok((case, blocks))
    }
}

struct Normaliser {
    words: Vec<(String, &'static str)>,
    patterns: Vec<(Regex, &'static str)>,
}

impl Normaliser {
    fn new(name: &str, cluster: &LiveCluster) -> Self {
        let host = cluster.server.trim_start_matches("https://");
        let words = vec![
            (name.to_owned(), "<NS>"),
            (cluster.server.clone(), "<SERVER>"),
            (host.to_owned(), "<HOST>"),
            (cluster.kubeconfig.display().to_string(), "<KUBECONFIG>"),
        ];
        let patterns = [
            (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}", "<TIME>"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<TIME>"),
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<UID>"),
            (r#"resourceVersion: "\d+""#, r#"resourceVersion: "<VERSION>""#),
            // Where and under which number files are compared is chance; renga compares none.
            (r"(?:<TMP>|/tmp)/(LIVE|MERGED|diff)-?\d{3,}", "<TMP>/$1-<N>"),
            (r"\b[0-9a-f]{48}\b", "<DIGEST>"),
        ];
        let patterns = patterns
            .into_iter()
            .filter_map(|(pattern, with)| Some((Regex::new(pattern).ok()?, with)))
            .collect();
        Self { words, patterns }
    }

    fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, name) in &self.words {
            text = text.replace(word, name);
        }
        for (pattern, with) in &self.patterns {
            text = pattern.replace_all(&text, *with).into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_decides_is_replaced() {
        let cluster = LiveCluster {
            kubeconfig: "/k/config".into(),
            server: "https://127.0.0.1:4242".into(),
            kubectl: None,
        };
        let normaliser = Normaliser::new("c000001x0000", &cluster);
        let text = "--- <TMP>/LIVE-315236778/v1.Namespace..c000001x0000\t2026-11-21 23:34:15.602848050 +0000\n\
                    uid: 8a766ec2-d66e-4456-b3d9-2adfb1c2e65e at https://127.0.0.1:4242";
        assert_eq!(
            normaliser.apply(text),
            "--- <TMP>/LIVE-<N>/v1.Namespace..<NS>\t<TIME>\nuid: <UID> at <SERVER>"
        );
        assert_eq!(LiveCluster::fresh_name().len(), 12);
    }
}
