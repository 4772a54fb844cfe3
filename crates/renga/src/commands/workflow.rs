//! From the words of the command line to the manifests of one environment, for all commands that
//! work on those.

use std::io;
use std::path::Path;

use renga_env::{Found, Location};
use renga_jsonnet::with_big_stack;
use renga_manifest::{Manifest, Targets};

use super::world::Randomness;
use super::{CommandError, evaluation};
use crate::args::{CsvList, LogLevel, VariableArgs, WorkflowArgs};
use crate::dialect::quote;
use crate::printer::Printer;
use crate::settings::Settings;

/// An environment and what it has for a cluster.
pub(super) struct Workload {
    /// The environment.
    pub(super) found: Found,
    /// Its manifests, as far as they are targets, in the order in which they are applied.
    pub(super) manifests: Vec<Manifest>,
    /// Which manifests are meant.
    pub(super) targets: Targets,
    /// The targets as they were typed.
    pub(super) target_words: Vec<String>,
    /// All manifests, where only some are targets.
    others: Option<Vec<Manifest>>,
}

impl Workload {
    /// All manifests of the environment, whatever the targets.
    pub(super) fn everything(&self) -> &[Manifest] {
        self.others.as_ref().unwrap_or(&self.manifests)
    }
}

/// Evaluates the environment that `path` or, where nothing is there, its name means.
pub(super) fn load(
    path: &Path,
    workflow: &WorkflowArgs,
    variables: &VariableArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Workload, CommandError> {
    let target_words = CsvList::flatten(&workflow.targets);
    let targets = Targets::new(&target_words)?;
    let evaluator = evaluation::evaluator(
        Some(variables),
        &workflow.engine.jsonnet_implementation,
        Randomness::of(settings),
        settings,
        printer,
    )?;
    let (location, name) = environment(path, &workflow.name, settings, printer);
    let (found, manifests) = with_big_stack(|| {
        let loaded = evaluator.worker().load(&location, &name)?;
        loaded.into_cluster_manifests(&Targets::default())
    })?;
    evaluation::warn_deprecated(&found, printer);
    if targets.is_empty() {
        return Ok(Workload { found, manifests, targets, target_words, others: None });
    }
    let selected = manifests.iter().filter(|manifest| targets.selects(manifest)).cloned();
    let selected = selected.collect();
    let others = Some(manifests);
    Ok(Workload { found, manifests: selected, targets, target_words, others })
}

/// The environment that a path means: one in this place or, where nothing is, the one that has the
/// path for its name.
fn environment(
    path: &Path,
    name: &str,
    settings: &Settings,
    printer: &mut Printer,
) -> (Location, String) {
    let location = evaluation::location(path, settings);
    let missing = path.as_os_str().is_empty()
        || fs_err::metadata(&location.path)
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if !missing {
        return (location, name.to_owned());
    }
    let quoted = quote::string(&location.shown);
    printer.log(
        LogLevel::INFO,
        &format!("Path {quoted} does not exist, trying to use it as an environment name"),
        &[],
    );
    (evaluation::location(Path::new("."), settings), location.shown)
}
