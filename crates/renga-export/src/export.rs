//! An export from the first check to the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_env::{Batch, Evaluator, Found, batches};
use renga_manifest::Targets;
use renga_project::SourceRecord;

use crate::error::{ExportError, Failure};
use crate::format::FileNames;
use crate::index::{INDEX_FILE, Index, IndexUse};
use crate::receipt::{Receipt, ReceiptStore};
use crate::render::{FileState, OutputFile, RenderError, Renderer};
use crate::stage::{Stage, is_empty};

/// What to do with an output directory that holds something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeStrategy {
    /// Refuse it.
    #[default]
    None,
    /// Add files, refuse to replace any.
    FailOnConflicts,
    /// Replace what was exported before for the same environments.
    ReplaceEnvs,
}

/// What to export, and how.
pub struct Export<'a> {
    /// The output directory, absolute.
    pub output: &'a Path,
    /// The output directory as the user wrote it.
    pub shown_output: &'a str,
    /// The environments, as a search found them.
    pub environments: &'a [Found],
    /// The template of file names.
    pub format: &'a str,
    /// The ending of file names, without the dot.
    pub extension: &'a str,
    /// What to do with an output directory that holds something.
    pub merge: MergeStrategy,
    /// `metadata.namespace`s of environments that are gone: their files are deleted.
    pub deleted_environments: &'a [String],
    /// Neither write nor update `manifest.json`.
    pub skip_index: bool,
    /// Which manifests are exported.
    pub targets: &'a Targets,
    /// How many environments may be evaluated at once.
    pub threads: usize,
    /// Asked before every environment; the export ends when it says so.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Is told what is done.
    pub progress: &'a dyn Progress,
    /// Where receipts are kept, if at all.
    pub receipts: Option<&'a ReceiptStore>,
}

/// Is told how far an export has come. Called from several threads.
pub trait Progress: Sync {
    /// An environment is done.
    fn environment_done(&self, name: &str);

    /// All files are staged and are now being put in place, which must not be interrupted.
    fn committing(&self) {}
}

/// What an export did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many environments were exported.
    pub environments: usize,
    /// How many of them did not have to be evaluated.
    pub reused: usize,
    /// How many manifests they have.
    pub manifests: usize,
    /// How many files were written.
    pub written: usize,
    /// How many files were there already with the same bytes.
    pub unchanged: usize,
    /// How many files were deleted.
    pub deleted: usize,
    /// Where an index was looked for in vain: files of earlier exports are not deleted.
    pub missing_index: Option<PathBuf>,
    /// Whether there was nothing in the output directory before.
    pub fresh: bool,
}

/// What became of one environment.
pub(crate) struct Outcome {
    pub(crate) files: Vec<OutputFile>,
    /// Whether a receipt made rendering it needless.
    reused: bool,
    /// What native functions read, for it or for others that were evaluated with it.
    pub(crate) reads: Arc<SourceRecord>,
}

/// Exports environments.
///
/// # Errors
///
/// [`ExportError`]; the output directory is as it was then.
pub fn export(evaluator: &Evaluator, export: &Export<'_>) -> Result<Report, ExportError> {
    let fresh = output_is_empty(export)?;
    if !fresh && export.merge == MergeStrategy::None {
        return Err(ExportError::NotEmpty { shown: export.shown_output.to_owned() });
    }
    let names = FileNames::new(export.format, export.extension)?;
    let replaced = replaced_environments(export);
    let index = if fresh { None } else { read_index(export)? };
    let old_files = files_of(index.as_ref(), &replaced);

    let write_error = |source| ExportError::Write { path: export.output.to_owned(), source };
    let stage = Stage::open(export.output).map_err(write_error)?;
    let replaceable = |name: &str| old_files.contains(name);
    let renderer = Renderer {
        names: &names,
        targets: export.targets,
        stage: &stage,
        output: export.output,
        shown_output: Path::new(export.shown_output),
        fresh,
        replaceable: &replaceable,
    };
    let outcomes = render_all(evaluator, export, &renderer)?;
    check_collisions(export, &outcomes)?;

    let mut report = Report { environments: export.environments.len(), fresh, ..Report::default() };
    let mut new_files: BTreeMap<&str, &str> = BTreeMap::new();
    let mut kept: BTreeSet<&Path> = BTreeSet::new();
    for (found, outcome) in export.environments.iter().zip(&outcomes) {
        report.reused += usize::from(outcome.reused);
        for file in &outcome.files {
            report.manifests += 1;
            report.written += usize::from(file.state == FileState::Staged);
            report.unchanged += usize::from(file.state == FileState::Unchanged);
            new_files.insert(&file.name, &found.environment.metadata.namespace);
            kept.insert(&file.path);
        }
    }
    let deleted: Vec<PathBuf> = old_files
        .iter()
        .filter_map(|name| inside(name))
        .filter(|path| {
            !kept.contains(path.as_path()) && export.output.join(path).symlink_metadata().is_ok()
        })
        .collect();
    report.deleted = deleted.len();
    if !replaced.is_empty() && index.is_none() {
        report.missing_index = Some(Path::new(export.shown_output).join(INDEX_FILE));
    }
    let index_changes = !new_files.is_empty() || !old_files.is_empty();
    if index_changes && !export.skip_index {
        stage_index(&stage, export, index, &old_files, &new_files).map_err(write_error)?;
    }
    if (export.stop)() {
        return Err(ExportError::Interrupted);
    }
    export.progress.committing();
    stage.commit(&deleted).map_err(write_error)?;
    if let Some(receipts) = export.receipts {
        store_receipts(receipts, evaluator, export, &outcomes);
    }
    Ok(report)
}

fn output_is_empty(export: &Export<'_>) -> Result<bool, ExportError> {
    is_empty(export.output).map_err(|cause| {
        let reading = cause.kind() == std::io::ErrorKind::NotADirectory;
        let operation = if reading { "readdirent" } else { "open" };
        ExportError::OutputUnreadable { operation, shown: export.shown_output.to_owned(), cause }
    })
}

/// The environments whose earlier files give way.
fn replaced_environments(export: &Export<'_>) -> BTreeSet<String> {
    let mut replaced: BTreeSet<String> = export.deleted_environments.iter().cloned().collect();
    if export.merge == MergeStrategy::ReplaceEnvs {
        replaced.extend(
            export.environments.iter().map(|found| found.environment.metadata.namespace.clone()),
        );
    }
    replaced
}

/// Reads the index, if it is going to be used.
fn read_index(export: &Export<'_>) -> Result<Option<Index>, ExportError> {
    let purpose = match export {
        Export { merge: MergeStrategy::ReplaceEnvs, environments: [_, ..], .. } => {
            IndexUse::Replace
        }
        Export { deleted_environments: [_, ..], .. } => IndexUse::Delete,
        Export { skip_index: false, .. } => IndexUse::Extend,
        _ => return Ok(None),
    };
    Ok(Index::read(export.output, Path::new(export.shown_output), purpose)?)
}

/// The files that an index gives to these environments.
fn files_of(index: Option<&Index>, environments: &BTreeSet<String>) -> BTreeSet<String> {
    let entries = index.into_iter().flat_map(|index| &index.0);
    entries
        .filter(|(_, environment)| environments.contains(*environment))
        .map(|(file, _)| file.clone())
        .collect()
}

/// The path of a file of the index, unless it leads out of the output directory.
fn inside(name: &str) -> Option<PathBuf> {
    let path = renga_project::clean(Path::new(name));
    let inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    inside.then_some(path)
}

fn stage_index(
    stage: &Stage,
    export: &Export<'_>,
    index: Option<Index>,
    old_files: &BTreeSet<String>,
    new_files: &BTreeMap<&str, &str>,
) -> std::io::Result<()> {
    let mut index = index.unwrap_or_default();
    index.0.retain(|file, _| !old_files.contains(file));
    index.0.extend(
        new_files.iter().map(|(file, environment)| ((*file).to_owned(), (*environment).to_owned())),
    );
    let bytes = index.to_bytes();
    if fs_err::read(export.output.join(INDEX_FILE)).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    stage.write(Path::new(INDEX_FILE), &bytes)
}

/// Renders every environment; fails with all that went wrong.
fn render_all(
    evaluator: &Evaluator,
    export: &Export<'_>,
    renderer: &Renderer<'_>,
) -> Result<Vec<Outcome>, ExportError> {
    let batches = batches(export.environments);
    let results = evaluator.for_each(&batches, export.threads, export.stop, |worker, batch| {
        let mut done: Vec<(usize, Result<Outcome, RenderError>)> = Vec::with_capacity(batch.len());
        let mut open: Batch<'_> = Vec::with_capacity(batch.len());
        for &(index, found) in batch {
            let receipt =
                export.receipts.and_then(|receipts| receipts.find(evaluator, export, found));
            match receipt {
                Some(receipt) => {
                    export.progress.environment_done(&found.environment.metadata.name);
                    let (files, reads) = (receipt.into_files(), Arc::default());
                    done.push((index, Ok(Outcome { files, reused: true, reads })));
                }
                None => open.push((index, found)),
            }
        }
        let mut buffer = Vec::new();
        let mut rendered = Vec::with_capacity(open.len());
        let mut indexes = open.iter().map(|(index, _)| *index);
        let founds: Vec<Found> = open.iter().map(|(_, found)| (*found).clone()).collect();
        worker.load_each(&founds, &mut |found, loaded| {
            let files = match loaded {
                Ok(loaded) => renderer.render(loaded, &mut buffer),
                Err(error) => Err(error.into()),
            };
            export.progress.environment_done(&found.environment.metadata.name);
            if let Some(index) = indexes.next() {
                rendered.push((index, files));
            }
        });
        // What was read for one of them may have been for the others, too.
        let reads = Arc::new(worker.take_reads());
        let outcome = |files| Outcome { files, reused: false, reads: Arc::clone(&reads) };
        done.extend(rendered.into_iter().map(|(index, files)| (index, files.map(outcome))));
        done
    });
    if (export.stop)() || results.iter().any(Option::is_none) {
        return Err(ExportError::Interrupted);
    }
    let mut outcomes: Vec<(usize, Result<Outcome, RenderError>)> =
        results.into_iter().flatten().flatten().collect();
    outcomes.sort_by_key(|(index, _)| *index);

    let mut failures = Vec::new();
    let mut rendered = Vec::with_capacity(outcomes.len());
    for ((_, outcome), found) in outcomes.into_iter().zip(export.environments) {
        match outcome {
            Ok(outcome) => rendered.push(outcome),
            Err(RenderError::Environment(source)) => failures.push(Failure::of(found, source)),
            Err(RenderError::Export(error)) => return Err(error),
        }
    }
    if failures.is_empty() { Ok(rendered) } else { Err(ExportError::Environments { failures }) }
}

/// Finds out what would go wrong with the environments of an export, without writing anything. What
/// only the output directory decides, such as files in the way, is not looked at.
///
/// # Errors
///
/// [`ExportError::Interrupted`].
pub fn check(evaluator: &Evaluator, export: &Export<'_>) -> Result<Vec<Failure>, ExportError> {
    let failures =
        evaluator.load_all(export.environments, export.threads, export.stop, &|found, loaded| {
            let failure = loaded.and_then(|loaded| loaded.into_manifests(export.targets)).err();
            export.progress.environment_done(&found.environment.metadata.name);
            failure.map(|source| Failure::of(found, source))
        });
    match failures {
        Some(failures) => Ok(failures.into_iter().flatten().collect()),
        None => Err(ExportError::Interrupted),
    }
}

/// Refuses files that are in the way, and files that two manifests want. Reports the first by the
/// order of the environments, whichever thread saw it first.
fn check_collisions(export: &Export<'_>, outcomes: &[Outcome]) -> Result<(), ExportError> {
    let mut owners: BTreeMap<&Path, (&Found, &OutputFile)> = BTreeMap::new();
    for (found, outcome) in export.environments.iter().zip(outcomes) {
        let name = || found.environment.metadata.name.clone();
        for file in &outcome.files {
            let path = Path::new(export.shown_output).join(&file.path);
            if file.state == FileState::InTheWay {
                let manifest = file.manifest.clone();
                return Err(ExportError::Exists { path, environment: name(), manifest });
            }
            if let Some((other, first)) = owners.insert(&file.path, (found, file)) {
                let first = (other.environment.metadata.name.clone(), first.manifest.clone());
                return Err(ExportError::Collision {
                    path,
                    first,
                    second: (name(), file.manifest.clone()),
                });
            }
        }
    }
    Ok(())
}

/// Keeps receipts of what was rendered. Failing to is no failure of the export.
fn store_receipts(
    receipts: &ReceiptStore,
    evaluator: &Evaluator,
    export: &Export<'_>,
    outcomes: &[Outcome],
) {
    let rendered = export.environments.iter().zip(outcomes).filter(|(_, outcome)| !outcome.reused);
    for (found, outcome) in rendered {
        if let Some(receipt) = Receipt::new(evaluator, export, found, outcome) {
            receipts.store(evaluator, export, found, &receipt);
        }
    }
}
