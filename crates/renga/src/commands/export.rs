//! `export`: the manifests of environments as a tree of files.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use renga_diag::{ExitStatus, Report};
use renga_env::{Discovered, Discovery, Evaluator, LoadError};
use renga_export::{Export, ExportError, Failure, MergeStrategy, ReceiptStore};
use renga_jsonnet::with_big_stack;
use renga_manifest::Targets;
use renga_project::ExportSettings;
use renga_regexp::{Regexp, RegexpError};
use serde_json::Value;

use super::env_list::{self, BrokenEnvironments};
use super::world::Randomness;
use super::{CommandError, Outcome, evaluation};
use crate::args::{ArgumentFault, CsvList, ExportArgs, LogLevel, MergeChoice};
use crate::dialect::Dialect;
use crate::interrupt::{self, Commit};
use crate::printer::{Field, Printer, Progress};
use crate::settings::Settings;

/// Why the flags do not make an export.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum FlagError {
    #[error("cannot use --merge and --merge-strategy at the same time")]
    #[diagnostic(code(renga::export), help("`--merge` means `--merge-strategy fail-on-conflicts`"))]
    TwoStrategies,
    #[error("{fault}")]
    #[diagnostic(
        code(renga::export),
        help("`merge-strategy` in `renga.toml` is `fail-on-conflicts` or `replace-envs`")
    )]
    Strategy { fault: ArgumentFault },
    #[error("recursive flag is required when exporting multiple environments")]
    #[diagnostic(code(renga::export), help("pass `--recursive`"))]
    NotRecursive,
    #[error("{0}")]
    #[diagnostic(code(renga::export), help("`--cache-envs` takes a regular expression"))]
    CacheEnvs(RegexpError),
}

impl Report for FlagError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga export`.
pub(super) fn export(args: &ExportArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let started = Instant::now();
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let selector = evaluation::selector(&args.selector)?;
    let first = args.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let file = evaluation::file_settings(first, settings)?.export;
    let plan = Plan::resolve(args, &file, settings)?;
    let receipts = receipts(args, settings)?;
    if args.mem_ballast_size_bytes != 0 {
        let level = match settings.dialect {
            Dialect::Renga => LogLevel::INFO,
            Dialect::Tk => LogLevel::DEBUG,
        };
        printer.log(level, "--mem-ballast-size-bytes has no effect: there is no heap to trim", &[]);
    }
    evaluation::refuse_empty(&args.output_dir, "checking target dir: mkdir ")?;
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.workflow.engine.jsonnet_implementation,
        if args.no_deterministic { Randomness::Real } else { Randomness::of(settings) },
        settings,
        printer,
    )?;
    let interrupted = interrupt::flag();
    let stop = || interrupted.load(Ordering::SeqCst);

    let search = Discovery { selector: &selector, threads: plan.threads, stop: &stop };
    let found = match find(args, &evaluator, &search, settings, printer) {
        Err(_) if stop() => return Ok(interrupted_status(printer)),
        found => found?,
    };
    let Discovered { environments, failures: broken } = found;
    for found in &environments {
        evaluation::warn_deprecated(found, printer);
    }

    let watch = Watch::new(printer.progress(environments.len()));
    let shown_output = args.output_dir.to_string_lossy();
    let export = Export {
        output: &settings.absolute(&args.output_dir),
        shown_output: &shown_output,
        environments: &environments,
        format: &plan.format,
        extension: &plan.extension,
        merge: plan.merge,
        deleted_environments: &args.merge_deleted_envs,
        skip_index: args.skip_manifest,
        targets: &targets,
        threads: plan.threads,
        stop: &stop,
        progress: &watch,
        receipts: receipts.as_ref(),
    };
    let exported = if broken.is_empty() {
        renga_export::export(&evaluator, &export)
    } else {
        Err(all_failures(broken, &evaluator, &export, settings))
    };
    drop(watch);
    let report = match exported {
        Ok(report) => report,
        Err(ExportError::Interrupted) => return Ok(interrupted_status(printer)),
        Err(error) => return Err(error.into()),
    };
    // In a new directory there is nothing to delete, but tk says so all the same.
    let expects_index = !report.fresh || settings.dialect == Dialect::Tk;
    if let Some(index) = report.missing_index.as_ref().filter(|_| expects_index) {
        let message = format!(
            "No manifest file found at {}, skipping deletion of previously exported manifests\n",
            index.display()
        );
        let message = match settings.dialect {
            Dialect::Tk => message.as_str(),
            Dialect::Renga => message.trim_end(),
        };
        printer.log(LogLevel::WARN, message, &[]);
    }
    if environments.is_empty() && settings.dialect == Dialect::Tk {
        note_nothing(printer);
    }
    if settings.dialect == Dialect::Renga {
        let renga_export::Report {
            environments,
            reused,
            manifests,
            written,
            unchanged,
            deleted,
            ..
        } = report;
        let seconds = started.elapsed().as_secs_f64();
        let reused = if reused == 0 { String::new() } else { format!(" ({reused} as before)") };
        printer.log(
            LogLevel::INFO,
            &format!(
                "exported {} of {}{reused} in {seconds:.2} s: {written} written, {unchanged} \
                 unchanged, {deleted} deleted",
                counted(manifests, "manifest"),
                counted(environments, "environment"),
            ),
            &[],
        );
    }
    Ok(ExitStatus::Success)
}

/// Why nothing is exported where a search found broken environments: these, and those that turn out
/// to be broken when they are evaluated.
fn all_failures(
    broken: Vec<(String, LoadError)>,
    evaluator: &Evaluator,
    export: &Export<'_>,
    settings: &Settings,
) -> ExportError {
    let failure = |(file, source): (String, LoadError)| {
        let entrypoint = settings.absolute(Path::new(&file));
        Failure { name: file, entrypoint, source }
    };
    match renga_export::check(evaluator, export) {
        Ok(evaluated) => ExportError::Environments {
            failures: broken.into_iter().map(failure).chain(evaluated).collect(),
        },
        Err(error) => error,
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn interrupted_status(printer: &mut Printer) -> ExitStatus {
    printer.error(&ExportError::Interrupted);
    ExitStatus::Interrupted
}

/// What flags, `renga.toml` and defaults say together.
struct Plan {
    format: String,
    extension: String,
    merge: MergeStrategy,
    threads: usize,
}

impl Plan {
    fn resolve(
        args: &ExportArgs,
        file: &ExportSettings,
        settings: &Settings,
    ) -> Result<Self, FlagError> {
        let or_file = |id: &str, flag: &String, file: &Option<String>| match file {
            Some(value) if !settings.is_given(id) => value.clone(),
            _ => flag.clone(),
        };
        let strategy_given = args.merge_strategy != MergeChoice::Refuse;
        let merge = match (args.merge, strategy_given, &file.merge_strategy) {
            (true, true, _) => return Err(FlagError::TwoStrategies),
            (true, false, _) => MergeChoice::FailOnConflicts,
            (false, false, Some(text)) if !settings.is_given("merge_strategy") => {
                MergeChoice::from_str(text).map_err(|fault| FlagError::Strategy { fault })?
            }
            (false, _, _) => args.merge_strategy,
        };
        Ok(Self {
            format: or_file("format", &args.format, &file.format),
            extension: or_file("extension", &args.extension, &file.extension),
            merge: match merge {
                MergeChoice::Refuse => MergeStrategy::None,
                MergeChoice::FailOnConflicts => MergeStrategy::FailOnConflicts,
                MergeChoice::ReplaceEnvs => MergeStrategy::ReplaceEnvs,
            },
            threads: threads(args, settings),
        })
    }
}

/// As many as asked for; by default no more than there are cores, since evaluation waits for nothing.
fn threads(args: &ExportArgs, settings: &Settings) -> usize {
    let asked = usize::try_from(args.parallel.max(1)).unwrap_or(1);
    if settings.is_given("parallel") { asked } else { asked.min(env_list::threads()) }
}

/// Where results of earlier exports are kept, if the user wants that: always under renga's own name,
/// on demand as `tk`.
fn receipts(args: &ExportArgs, settings: &Settings) -> Result<Option<ReceiptStore>, FlagError> {
    let patterns: Vec<Regexp> = args
        .cache_envs
        .iter()
        .map(|pattern| Regexp::new(pattern).map_err(FlagError::CacheEnvs))
        .collect::<Result<_, _>>()?;
    let default = settings.cache_dir.clone().filter(|_| settings.dialect == Dialect::Renga);
    let cache = match args.cache_path.as_str() {
        _ if args.no_cache => None,
        "" => default,
        path => Some(settings.absolute(Path::new(path))),
    };
    // What is random cannot be as before.
    let Some(cache) = cache.filter(|_| !args.no_deterministic) else { return Ok(None) };
    let selects = move |path: &str| {
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(path.as_bytes()))
    };
    Ok(Some(ReceiptStore::new(&cache, &build_id(), Box::new(selects))))
}

/// What tells this build of the program from others: results are not shared between builds.
fn build_id() -> String {
    let program = std::env::current_exe().and_then(std::fs::metadata);
    let stamp = program.map(|metadata| {
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        format!("{} {:?}", metadata.len(), since)
    });
    format!("{} {}", env!("CARGO_PKG_VERSION"), stamp.unwrap_or_default())
}

/// Finds what is to be exported. Only under renga's own name broken environments do not end the search.
fn find(
    args: &ExportArgs,
    evaluator: &Evaluator,
    search: &Discovery<'_>,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Discovered, CommandError> {
    let name = &args.workflow.name;
    let locations: Vec<_> =
        args.paths.iter().map(|path| evaluation::location(path, settings)).collect();
    if args.recursive {
        for path in &args.paths {
            env_list::check_folder(path, settings)?;
        }
        let mut discovered = evaluator.discover(&locations, search)?;
        if !discovered.failures.is_empty() && settings.dialect == Dialect::Tk {
            return Err(BrokenEnvironments { failures: discovered.failures }.into());
        }
        discovered
            .environments
            .retain(|found| name.is_empty() || found.environment.metadata.name == *name);
        return Ok(discovered);
    }
    for path in &args.paths {
        evaluation::refuse_empty(path, "stat ")?;
    }
    let [location] = locations.as_slice() else { return Err(FlagError::NotRecursive.into()) };
    match with_big_stack(|| evaluator.worker().peek(location, name)) {
        Ok(found) => Ok(Discovered { environments: vec![found], failures: Vec::new() }),
        Err(error @ LoadError::Multiple { .. }) => {
            printer.data(format_args!(
                "Please use --name to export a single environment or --recursive to export \
                 multiple environments.\n"
            ))?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// tk's words on a search that found nothing.
fn note_nothing(printer: &mut Printer) {
    let (parallelism, environments) = (Value::from(8), Value::from(0));
    printer.log(
        LogLevel::INFO,
        "Reducing parallelism to match number of environments",
        &[
            Field { name: "parallelism", value: &parallelism },
            Field { name: "envs", value: &environments },
        ],
    );
}

/// Shows progress, and keeps Ctrl-C from ending the program while files are put in place.
struct Watch {
    progress: Progress,
    commit: Mutex<Option<Commit>>,
}

impl Watch {
    fn new(progress: Progress) -> Self {
        Self { progress, commit: Mutex::new(None) }
    }
}

impl renga_export::Progress for Watch {
    fn environment_done(&self, name: &str) {
        self.progress.step(name);
    }

    fn committing(&self) {
        let mut commit = self.commit.lock().unwrap_or_else(PoisonError::into_inner);
        commit.get_or_insert_with(Commit::begin);
    }
}
