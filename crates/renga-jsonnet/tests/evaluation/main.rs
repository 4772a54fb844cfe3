//! Evaluation as callers see it: recorded outcomes, sharing between environments, guards, errors,
//! variables, external engines and threads.

#![allow(missing_docs, clippy::missing_errors_doc, clippy::unwrap_used, reason = "tests")]

mod errors;
mod external;
mod golden;
mod guards;
mod requests;
mod sharing;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use renga_jsonnet::{
    Engine, EvalError, JrsonnetEngine, Limits, Log, Request, SearchPath, Session, SilentLog,
    Sources, standard,
};
use renga_project::MemorySource;
use serde_json::Value;

/// A workspace in memory with one engine on it.
pub struct Workspace {
    pub engine: JrsonnetEngine,
}

impl Workspace {
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::with_log(files, Arc::new(SilentLog))
    }

    pub fn with_log(files: &[(&str, &str)], log: Arc<dyn Log>) -> Self {
        let source: MemorySource = files.iter().copied().collect();
        let sources = Sources::new(Arc::new(source));
        Self { engine: JrsonnetEngine::new(sources, standard(), Limits::default(), log) }
    }

    /// The request for an environment of this workspace.
    pub fn request(environment: &str) -> Request {
        let base = PathBuf::from(format!("/w/environments/{environment}"));
        let path = [base.clone(), "/w/lib".into(), base.join("vendor"), "/w/vendor".into()];
        Request::new(base.join("main.jsonnet"), SearchPath::new(path))
    }

    pub fn session(&self) -> Box<dyn Session> {
        self.engine.session()
    }
}

/// The value of a request.
pub fn manifest(session: &mut dyn Session, request: &Request) -> Result<Value, EvalError> {
    session.evaluate(request)?.manifest()
}

/// The value of a program on its own.
pub fn program(text: &str) -> Result<Value, EvalError> {
    let workspace = Workspace::new(&[("/w/main.jsonnet", text)]);
    let request = Request::new(Path::new("/w/main.jsonnet"), SearchPath::default());
    manifest(&mut *workspace.session(), &request)
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Memory(pub Mutex<Vec<String>>);

impl Log for Memory {
    fn trace(&self, file: &str, line: u32, message: &str) {
        self.0.lock().unwrap().push(format!("{file}:{line} {message}"));
    }

    fn message(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}
