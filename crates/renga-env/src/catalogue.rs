//! The native function `environments`: what other environments there are in the workspace.
//!
//! `std.native('environments')()` gives an array sorted by name of
//! `{ name, namespace, labels, path }` for every environment whose entrypoint is another than that
//! of the caller: `namespace` is `spec.namespace`, `path` the entrypoint relative to the root.
//! Their data is not evaluated. Environments are looked for below `environments/` of the root, or
//! below the root where there is no such folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use renga_jsonnet::{CallContext, Log, Native, NativeError, Natives, Reach, Sources};
use renga_project::{FileKind, find_root};
use serde_json::{Value, json};

use crate::discover::Discovery;
use crate::evaluator::{EvaluationOptions, Evaluator};
use crate::load::{Found, Location};
use crate::selector::Selector;

/// The name of the function.
const NAME: &str = "environments";

/// The folder that holds the environments of a workspace, by convention.
const FOLDER: &str = "environments";

pub(crate) struct EnvironmentsNative {
    /// `None` while the environments themselves are being looked for.
    discovery: Option<Box<CatalogueSource>>,
}

struct CatalogueSource {
    sources: Sources,
    natives: Natives,
    options: EvaluationOptions,
    log: Arc<dyn Log>,
    /// The environments of each root, found once.
    known: Mutex<BTreeMap<PathBuf, Catalogue>>,
}

/// The environments of a workspace, or why they cannot be told.
type Catalogue = Result<Arc<[Found]>, NativeError>;

impl EnvironmentsNative {
    pub(crate) fn new(
        sources: Sources,
        natives: Natives,
        options: EvaluationOptions,
        log: Arc<dyn Log>,
    ) -> Self {
        let known = Mutex::default();
        Self {
            discovery: Some(Box::new(CatalogueSource { sources, natives, options, log, known })),
        }
    }

    pub(crate) fn refusing() -> Self {
        Self { discovery: None }
    }
}

impl Native for EnvironmentsNative {
    fn name(&self) -> &str {
        NAME
    }

    fn params(&self) -> &[&str] {
        &[]
    }

    fn call(&self, _arguments: &[Value], context: &CallContext<'_>) -> Result<Value, NativeError> {
        let Some(discovery) = &self.discovery else {
            return Err(NativeError::new(
                "environments: cannot be used to decide which environments there are; use it in their data only",
            ));
        };
        let found = discovery.catalogue(context.entrypoint)?;
        let mut others: Vec<&Found> =
            found.iter().filter(|found| found.entrypoint.file != context.entrypoint).collect();
        others.sort_by(|a, b| {
            let key = |f: &&Found| {
                (f.environment.metadata.name.clone(), f.environment.metadata.namespace.clone())
            };
            key(a).cmp(&key(b))
        });
        Ok(others.into_iter().map(entry).collect())
    }

    /// It depends on who asks, and on all that the others' lists of environments depend on.
    fn reach(&self) -> Reach {
        Reach::World
    }
}

fn entry(found: &Found) -> Value {
    let metadata = &found.environment.metadata;
    json!({
        "name": metadata.name,
        "namespace": found.environment.spec.namespace,
        "labels": metadata.labels,
        "path": metadata.namespace,
    })
}

impl CatalogueSource {
    fn catalogue(&self, entrypoint: &Path) -> Catalogue {
        let source = self.sources.source();
        let (root, _) = find_root(&**source, entrypoint)
            .map_err(|error| NativeError::new(error.to_string()))?;
        // Held while searching, so that other threads wait instead of searching too.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalogue) = known.get(&root) {
            return catalogue.clone();
        }
        // The caller is in the midst of an evaluation, so another thread does it.
        let catalogue = thread::scope(|scope| scope.spawn(|| self.search(&root)).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        known.insert(root, catalogue.clone());
        catalogue
    }

    fn search(&self, root: &Path) -> Catalogue {
        let (sources, log) = (self.sources.clone(), Arc::clone(&self.log));
        let evaluator = Evaluator::for_discovery(sources, &self.natives, self.options.clone(), log);
        let location = catalogue_location(&self.sources, root);
        let search = Discovery { selector: &Selector::default(), threads: 1, stop: &|| false };
        let discovered = evaluator
            .discover(&[location], &search)
            .map_err(|error| NativeError::new(format!("environments: {error}")))?;
        match discovered.failures.first() {
            None => Ok(discovered.environments.into()),
            Some((path, error)) => {
                let error = renga_diag::chain(error);
                Err(NativeError::new(format!("environments: `{path}` cannot be listed: {error}")))
            }
        }
    }
}

/// Where the environments of a workspace are.
pub(crate) fn catalogue_location(sources: &Sources, root: &Path) -> Location {
    let folder = root.join(FOLDER);
    match sources.source().probe(&folder) {
        Some(FileKind::Directory) => Location { shown: FOLDER.to_owned(), path: folder },
        _ => Location { shown: ".".to_owned(), path: root.to_owned() },
    }
}
