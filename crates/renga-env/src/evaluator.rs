//! What all environments of a run share: sources, engines, variables; and the workers that use them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use renga_jsonnet::{
    Engine, ExternalEngine, JrsonnetEngine, Limits, Log, Native, Natives, Reach, Session, Sources,
    Variables, with_big_stack,
};
use renga_project::{Digest, SourceRecord};

use crate::catalogue::EnvironmentsNative;

/// What the user gives to every evaluation.
#[derive(Clone, Debug, Default)]
pub struct EvaluationOptions {
    /// `--ext-str` and its kin.
    pub ext_vars: Variables,
    /// `--tla-str` and its kin.
    pub tlas: Variables,
    /// `--max-stack`; 0 for the default.
    pub max_stack: u32,
    /// Where relative paths of variables start.
    pub working_dir: PathBuf,
}

/// Evaluates environments. Shared by all threads; each of them uses a [`Worker`].
pub struct Evaluator {
    pub(crate) sources: Sources,
    pub(crate) options: EvaluationOptions,
    /// Native functions of which it is known what they depend on.
    pub(crate) traceable_natives: Vec<String>,
    /// Whether a program evaluates.
    pub(crate) external: bool,
    /// Of which files it is known whether they depend on their imports alone, by content.
    pub(crate) reproducible: Mutex<HashMap<Digest, bool>>,
    engine: Arc<dyn Engine>,
    log: Arc<dyn Log>,
}

/// A Jsonnet implementation that cannot be used. The messages are tk's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ImplementationError {
    /// Neither built in nor a program.
    #[error("unknown jsonnet implementation: {0}")]
    #[diagnostic(
        code(env::implementation),
        help("use `go` for the one that is built in, or `binary:PATH` for a program")
    )]
    Unknown(String),
    /// The program is not there.
    #[error("binary \"{0}\" does not exist")]
    #[diagnostic(
        code(env::implementation),
        help("give the path of a program that takes the flags of `jsonnet`")
    )]
    Missing(String),
    /// The file is no program.
    #[error("binary \"{0}\" is not executable")]
    #[diagnostic(code(env::implementation), help("make it executable: `chmod +x {0}`"))]
    NotExecutable(String),
}

impl renga_diag::Report for ImplementationError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

impl Evaluator {
    /// An evaluator that reads through `sources`, knows `natives` and reports to `log`.
    ///
    /// It adds the native function `environments` to them.
    pub fn new(
        sources: Sources,
        natives: &Natives,
        options: EvaluationOptions,
        log: Arc<dyn Log>,
    ) -> Self {
        let native = EnvironmentsNative::new(
            sources.clone(),
            natives.clone(),
            options.clone(),
            Arc::clone(&log),
        );
        Self::with_native(native, sources, natives, options, log)
    }

    /// An evaluator for finding out which environments there are: `environments` cannot be used.
    pub(crate) fn for_discovery(
        sources: Sources,
        natives: &Natives,
        options: EvaluationOptions,
        log: Arc<dyn Log>,
    ) -> Self {
        Self::with_native(EnvironmentsNative::refusing(), sources, natives, options, log)
    }

    fn with_native(
        native: EnvironmentsNative,
        sources: Sources,
        natives: &Natives,
        options: EvaluationOptions,
        log: Arc<dyn Log>,
    ) -> Self {
        let native: Arc<dyn Native> = Arc::new(native);
        let traceable_natives = natives
            .iter()
            .filter(|native| native.reach() != Reach::World)
            .map(|native| native.name().to_owned())
            .collect();
        let engine = JrsonnetEngine::new(
            sources.clone(),
            natives.with([native]),
            Limits::default(),
            Arc::clone(&log),
        );
        let engine = Arc::new(engine);
        Self {
            sources,
            options,
            traceable_natives,
            external: false,
            reproducible: Mutex::default(),
            engine,
            log,
        }
    }

    /// The files that are read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What every evaluation is given.
    pub fn options(&self) -> &EvaluationOptions {
        &self.options
    }

    /// Uses another Jsonnet implementation: `go` (or nothing) for the one that is built in,
    /// `binary:PATH` for a program.
    ///
    /// # Errors
    ///
    /// [`ImplementationError`] for a name that is none, or a program that cannot be run.
    pub fn use_implementation(&mut self, name: &str) -> Result<(), ImplementationError> {
        if let Some(engine) = self.implementation(name)? {
            self.engine = engine;
            self.external = true;
        }
        Ok(())
    }

    /// The engine of another implementation; `None` for the one that is in use.
    pub(crate) fn implementation(
        &self,
        name: &str,
    ) -> Result<Option<Arc<dyn Engine>>, ImplementationError> {
        if let Some(path) = name.strip_prefix("binary:") {
            let file = self.options.working_dir.join(path);
            let metadata = fs_err::metadata(&file)
                .ok()
                .filter(|_| !path.is_empty())
                .ok_or_else(|| ImplementationError::Missing(path.to_owned()))?;
            if !is_executable(&metadata) {
                return Err(ImplementationError::NotExecutable(path.to_owned()));
            }
            return Ok(Some(Arc::new(ExternalEngine::new(file, Arc::clone(&self.log)))));
        }
        match name {
            "" | "go" => Ok(None),
            _ => Err(ImplementationError::Unknown(name.to_owned())),
        }
    }

    /// A worker for the calling thread.
    pub fn worker(&self) -> Worker<'_> {
        Worker { evaluator: self, session: self.engine.session() }
    }

    /// Applies `work` to every item on up to `threads` threads, each with a worker of its own.
    /// Results come in the order of the items, whatever the number of threads; `None` for items
    /// that were not begun when `stop` said so.
    pub fn for_each<T: Sync, R: Send>(
        &self,
        items: &[T],
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
        work: impl Fn(&mut Worker<'_>, &T) -> R + Sync,
    ) -> Vec<Option<R>> {
        let next = AtomicUsize::new(0);
        let run = || {
            with_big_stack(|| {
                let mut worker = self.worker();
                let mut done = Vec::new();
                while !stop() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    done.push((index, work(&mut worker, item)));
                }
                done
            })
        };
        let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
        let threads = threads.clamp(1, items.len().max(1));
        let done = if threads == 1 {
            run()
        } else {
            thread::scope(|scope| {
                let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
                handles
                    .into_iter()
                    .flat_map(|handle| {
                        handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                    })
                    .collect()
            })
        };
        for (index, result) in done {
            results[index] = Some(result);
        }
        results
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}

/// Evaluates one environment after the other on one thread; what they import is evaluated once.
pub struct Worker<'a> {
    pub(crate) evaluator: &'a Evaluator,
    pub(crate) session: Box<dyn Session>,
}

impl Worker<'_> {
    /// What native functions have read since this was last asked.
    pub fn take_reads(&mut self) -> SourceRecord {
        self.session.take_reads()
    }
}
