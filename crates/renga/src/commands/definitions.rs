//! Kinds that a cluster does not know, and which environment of the workspace brings them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use renga_cluster::ObjectError;
use renga_env::{Discovery, Found, Location, Selector};
use renga_manifest::{Manifest, Targets};

use super::live::ObjectFailure;
use super::world::Randomness;
use super::{env_list, evaluation};
use crate::args::VariableArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// API group and kind.
type Kind = (String, String);

/// Shows failures and, where the cluster does not know a kind, says which environment brings it.
pub(super) fn tell(
    failures: Vec<ObjectFailure>,
    found: &Found,
    variables: &VariableArgs,
    settings: &Settings,
    printer: &mut Printer,
) {
    let mut unknown = BTreeSet::new();
    for failure in failures {
        if let ObjectError::UnknownKind { kind, .. } = &failure.source {
            unknown.insert((failure.object.group().to_owned(), kind.clone()));
        }
        printer.error(&failure);
    }
    if unknown.is_empty() {
        return;
    }
    for ((group, kind), environment) in search(&unknown, found, variables, settings, printer) {
        printer.note(format_args!(
            "note: environment `{environment}` brings the definition of `{kind}` in `{group}`: \
             apply that one first"
        ));
    }
}

/// Looks for definitions in all environments of the workspace. Environments that do not evaluate
/// are passed over: they are not what this is about.
fn search(
    unknown: &BTreeSet<Kind>,
    found: &Found,
    variables: &VariableArgs,
    settings: &Settings,
    printer: &Printer,
) -> BTreeMap<Kind, String> {
    let nothing = BTreeMap::new;
    let Ok(evaluator) =
        evaluation::evaluator(Some(variables), "", Randomness::of(settings), settings, printer)
    else {
        return nothing();
    };
    let Ok(selector) = Selector::parse("") else { return nothing() };
    let threads = env_list::threads();
    let discovery = Discovery { selector: &selector, threads, stop: &|| false };
    let root = Location {
        shown: found.entrypoint.root.display().to_string(),
        path: found.entrypoint.root.clone(),
    };
    let Ok(discovered) = evaluator.discover(&[root], &discovery) else { return nothing() };
    let all_found = AtomicBool::new(false);
    let stop = || all_found.load(Ordering::Relaxed);
    let brought = evaluator.for_each(&discovered.environments, threads, &stop, |worker, other| {
        let file = &other.entrypoint.file;
        let location = Location { shown: file.display().to_string(), path: file.clone() };
        let name = &other.environment.metadata.name;
        let loaded = worker.load(&location, name);
        let Ok((_, manifests)) =
            loaded.and_then(|loaded| loaded.into_manifests(&Targets::default()))
        else {
            return Vec::new();
        };
        let kinds: Vec<Kind> = manifests.iter().filter_map(defined).collect();
        let brought: Vec<(Kind, String)> = kinds
            .into_iter()
            .filter(|kind| unknown.contains(kind))
            .map(|kind| (kind, name.clone()))
            .collect();
        if brought.len() == unknown.len() {
            all_found.store(true, Ordering::Relaxed);
        }
        brought
    });
    let mut environments = BTreeMap::new();
    for (kind, name) in brought.into_iter().flatten().flatten() {
        environments.entry(kind).or_insert(name);
    }
    environments
}

/// The kind that a manifest defines, if it is a definition.
fn defined(manifest: &Manifest) -> Option<Kind> {
    if manifest.kind() != "CustomResourceDefinition" {
        return None;
    }
    let text = |pointer| manifest.value().pointer(pointer)?.as_str().map(str::to_owned);
    Some((text("/spec/group")?, text("/spec/names/kind")?))
}
