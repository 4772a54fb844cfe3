//! Finding every environment below some paths.

use std::fmt::Write as _;
use std::path::PathBuf;

use renga_project::{LayoutError, find_entrypoints};

use crate::error::LoadError;
use crate::evaluator::Evaluator;
use crate::load::{Found, Location, shown_below};
use crate::selector::Selector;

/// How to search.
pub struct Discovery<'a> {
    /// Only environments whose labels fulfil this.
    pub selector: &'a Selector,
    /// How many threads may evaluate.
    pub threads: usize,
    /// Asked before each entrypoint; the search ends early when it says so.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What a search found. A broken entrypoint does not hide the others.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The environments, in the order of the paths and of what the entrypoints yield.
    pub environments: Vec<Found>,
    /// The entrypoints that could not be evaluated, as shown, each with why.
    pub failures: Vec<(String, LoadError)>,
}

/// Paths below which there can be no environments.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot search for environments")]
#[diagnostic(
    code(env::search),
    help("give folders of the workspace, relative to the current directory")
)]
pub struct DiscoverError {
    /// The paths as shown, each with why.
    failures: Vec<(String, LayoutError)>,
    #[related]
    related: Vec<LayoutErrorAt>,
}

/// Why one of several paths cannot be searched.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{0}")]
struct LayoutErrorAt(String);

impl DiscoverError {
    fn new(failures: Vec<(String, LayoutError)>) -> Self {
        let related = failures.iter().map(|failure| LayoutErrorAt(told(failure))).collect();
        Self { failures, related }
    }
}

/// What is wrong, with the path as the user wrote it.
fn told((shown, error): &(String, LayoutError)) -> String {
    match error {
        LayoutError::Unreadable { operation, cause, .. } => {
            format!("{operation} {shown}: {}", renga_project::go_io_text(cause))
        }
        other => other.to_string(),
    }
}

impl renga_diag::Report for DiscoverError {
    fn tk_text(&self) -> String {
        let mut text =
            String::from("finding jsonnet files: Errors occurred during parallel processing:\n\n");
        for failure in &self.failures {
            // Writing to a string cannot fail.
            let _ = write!(text, "- {}\n\n", told(failure));
        }
        text
    }
}

impl Evaluator {
    /// Finds the environments below `locations`, without evaluating their data.
    ///
    /// # Errors
    ///
    /// [`DiscoverError`] for a location that cannot be read. What is wrong with single entrypoints
    /// is part of the answer.
    pub fn discover(
        &self,
        locations: &[Location],
        search: &Discovery<'_>,
    ) -> Result<Discovered, DiscoverError> {
        let source = self.sources.source();
        let mut entrypoints: Vec<Location> = Vec::new();
        let mut failures = Vec::new();
        for location in locations {
            match find_entrypoints(&**source, &location.path) {
                Ok(files) => entrypoints
                    .extend(files.into_iter().map(|path| entrypoint_location(location, path))),
                Err(error) => failures.push((location.shown.clone(), error)),
            }
        }
        if !failures.is_empty() {
            return Err(DiscoverError::new(failures));
        }
        let results =
            self.for_each(&entrypoints, search.threads, search.stop, |worker, location| {
                worker.list(location)
            });
        let mut discovered = Discovered::default();
        for (location, result) in entrypoints.iter().zip(results) {
            match result {
                Some(Ok(found)) => discovered.environments.extend(
                    found
                        .into_iter()
                        .filter(|f| search.selector.matches(&f.environment.metadata.labels)),
                ),
                // A `main.jsonnet` outside of any workspace is no environment.
                Some(Err(LoadError::Layout(LayoutError::NoBase { .. }))) | None => {}
                Some(Err(error)) => discovered.failures.push((location.shown.clone(), error)),
            }
        }
        Ok(discovered)
    }
}

fn entrypoint_location(below: &Location, path: PathBuf) -> Location {
    Location { shown: shown_below(&below.shown, &renga_project::clean(&below.path), &path), path }
}
