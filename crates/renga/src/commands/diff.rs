//! `diff`: how a cluster differs from an environment.

use renga_cluster::{DiffOptions, DiffReport, DiffStrategy};
use renga_diag::{ExitStatus, Report};
use renga_env::{Discovered, Discovery, Found, Spec};
use renga_jsonnet::with_big_stack;
use renga_manifest::{Manifest, Targets};
use serde_json::Value;

use super::differences::Differences;
use super::live::{self, Connection, NoAnswer, Talk};
use super::prune::{self, Search};
use super::world::Randomness;
use super::{CommandError, Outcome, definitions, env_list, evaluation, workflow};
use crate::args::{CsvList, DiffArgs, LogLevel, OutputFormat};
use crate::dialect::Dialect;
use crate::printer::{Field, Printer};
use crate::settings::Settings;

/// There is no such way to find differences.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("diff strategy `{strategy}` does not exist. Pick one of: [native server subset validate]")]
#[diagnostic(code(renga::diff_strategy))]
pub(super) struct UnknownStrategy {
    strategy: String,
}

impl Report for UnknownStrategy {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Not everything could be compared.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{} cannot be compared with the cluster", counted(*objects))]
#[diagnostic(code(renga::diff_failed))]
pub(super) struct NotCompared {
    objects: usize,
}

impl NotCompared {
    /// For this many objects.
    pub(super) fn of(objects: usize) -> Self {
        Self { objects }
    }
}

impl Report for NotCompared {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

fn counted(objects: usize) -> String {
    if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") }
}

/// The strategy that a flag or the environment asks for.
pub(super) fn strategy(flag: Option<&str>, spec: &Spec) -> Result<DiffStrategy, UnknownStrategy> {
    let name = flag.filter(|flag| !flag.is_empty()).unwrap_or(&spec.diff_strategy);
    match name {
        "" if spec.apply_strategy == "server" => Ok(DiffStrategy::Server),
        "" | "native" => Ok(DiffStrategy::Native),
        "server" => Ok(DiffStrategy::Server),
        "validate" => Ok(DiffStrategy::Validate),
        "subset" => Ok(DiffStrategy::Subset),
        other => Err(UnknownStrategy { strategy: other.to_owned() }),
    }
}

/// Runs `renga diff`.
pub(super) fn diff(args: &DiffArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    if args.list_modified_envs {
        return list_modified(args, settings, printer);
    }
    let workload = workflow::load(&args.path, &args.workflow, &args.variables, settings, printer)?;
    let spec = &workload.found.environment.spec;
    let connection = live::connect(spec, Some(&args.connection), settings)?;
    let options = DiffOptions { strategy: strategy(args.diff_strategy.as_deref(), spec)? };
    let report = compare(&connection, &workload.manifests, &options, settings, printer)?;
    let orphans = if args.with_prune {
        let search = Search { namespace: None, allow_empty: args.allow_empty };
        let report = prune::orphans(&workload, &search, &connection, settings, printer)?;
        prune::tell_left_alone(&report, printer);
        report.orphans.into_iter().map(|orphan| orphan.manifest).collect()
    } else {
        Vec::new()
    };
    let (differences, failures) =
        Differences::of(report, options.strategy, orphans, settings.dialect);
    let failed = failures.len();
    show(&differences, failed, args, settings, printer)?;
    if failed > 0 {
        definitions::tell(failures, &workload.found, &args.variables, settings, printer);
        return Err(NotCompared { objects: failed }.into());
    }
    if differences.is_empty() || args.exit_zero {
        return Ok(ExitStatus::Success);
    }
    Ok(ExitStatus::Differences)
}

fn show(
    differences: &Differences,
    failed: usize,
    args: &DiffArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    if args.output == OutputFormat::Json {
        let text = format!("{:#}\n", differences.as_json());
        return Ok(printer.data_bytes(text.as_bytes())?);
    }
    if differences.is_empty() {
        if failed == 0 {
            printer.note(format_args!("No differences."));
        }
        return Ok(());
    }
    // kubectl, and so tk, shows nothing at all where anything failed.
    if failed > 0 && settings.dialect == Dialect::Tk {
        return Ok(());
    }
    let color = printer.stdout_color();
    let text = if args.summarize {
        // tk hands the summary to the painter of differences, too.
        renga_diff::paint(&differences.summary(color), color)
    } else {
        differences.render(args.diff_format, color)
    };
    Ok(printer.page(text.as_bytes())?)
}

/// Compares manifests with the cluster, with progress.
pub(super) fn compare(
    connection: &Connection,
    manifests: &[Manifest],
    options: &DiffOptions,
    settings: &Settings,
    printer: &Printer,
) -> Result<DiffReport, CommandError> {
    let talk = Talk::new(settings, printer);
    Ok(connection.cluster.diff(manifests, options, &talk).map_err(NoAnswer::from)?)
}

/// Lists the environments below a path that differ from their clusters. As in tk the list is no
/// failure, whatever is in it.
fn list_modified(args: &DiffArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    env_list::check_folder(&args.path, settings)?;
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.workflow.engine.jsonnet_implementation,
        Randomness::of(settings),
        settings,
        printer,
    )?;
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let selector = evaluation::selector("")?;
    let search = Discovery { selector: &selector, threads: env_list::threads(), stop: &|| false };
    let location = evaluation::location(&args.path, settings);
    let Discovered { environments, failures } =
        evaluation::discover(&evaluator, &[location], &search, printer)?;
    if !failures.is_empty() {
        return Err(env_list::BrokenEnvironments { failures }.into());
    }
    let mut modified = Vec::new();
    for found in &environments {
        let name = name_of(found);
        let location = renga_env::Location {
            shown: found.environment.metadata.namespace.clone(),
            path: found.entrypoint.file.clone(),
        };
        let loaded = with_big_stack(|| {
            let mut worker = evaluator.worker();
            worker
                .load(&location, &found.environment.metadata.name)?
                .into_cluster_manifests(&targets)
        });
        let manifests = match loaded {
            Ok((_, manifests)) => manifests,
            Err(error) => {
                let message = "Failed to load environment, assuming no changes";
                warn(message, &name, &error, printer);
                continue;
            }
        };
        match differs(found, &manifests, args, settings, printer) {
            Ok(false) => {}
            Ok(true) => modified.push(name),
            Err(Trouble::Connecting(error)) => {
                warn("Failed to connect, assuming no changes", &name, &*error, printer);
            }
            Err(Trouble::Comparing(error)) => {
                warn("Failed to check changes, assuming changes exist", &name, &*error, printer);
                modified.push(name);
            }
        }
    }
    modified.sort();
    if args.output == OutputFormat::Json {
        printer.data(format_args!("{}\n", Value::from(modified)))?;
        return Ok(ExitStatus::Success);
    }
    if modified.is_empty() {
        printer.note(format_args!("No environments with changes."));
        return Ok(ExitStatus::Success);
    }
    let end = match settings.dialect {
        Dialect::Tk => "",
        Dialect::Renga => "\n",
    };
    printer.data(format_args!("{}{end}", modified.join("\n")))?;
    Ok(ExitStatus::Success)
}

enum Trouble {
    Connecting(Box<dyn Report>),
    Comparing(Box<dyn Report>),
}

fn differs(
    found: &Found,
    manifests: &[Manifest],
    args: &DiffArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<bool, Trouble> {
    let spec = &found.environment.spec;
    let connection = live::connect(spec, Some(&args.connection), settings)
        .map_err(|error| Trouble::Connecting(boxed(error)))?;
    let talk = Talk::new(settings, printer);
    connection
        .cluster
        .version(&talk)
        .map_err(|error| Trouble::Connecting(Box::new(NoAnswer::from(error))))?;
    let strategy = strategy(args.diff_strategy.as_deref(), spec)
        .map_err(|error| Trouble::Comparing(Box::new(error)))?;
    let report = compare(&connection, manifests, &DiffOptions { strategy }, settings, printer)
        .map_err(|error| Trouble::Comparing(boxed(error)))?;
    let (differences, failures) = Differences::of(report, strategy, Vec::new(), settings.dialect);
    match failures.into_iter().next() {
        Some(failure) => Err(Trouble::Comparing(Box::new(failure))),
        None => Ok(!differences.is_empty()),
    }
}

fn boxed(error: CommandError) -> Box<dyn Report> {
    match error {
        CommandError::Failed(error) | CommandError::Fatal(error) => error,
        CommandError::Reported => Box::new(NotCompared { objects: 0 }),
    }
}

fn warn(message: &str, environment: &str, error: &dyn Report, printer: &mut Printer) {
    let (error, environment) = (Value::from(error.tk_text()), Value::from(environment));
    let fields =
        [Field { name: "error", value: &error }, Field { name: "env", value: &environment }];
    printer.log(LogLevel::WARN, message, &fields);
}

/// What tk calls an environment in such a list.
fn name_of(found: &Found) -> String {
    let environment = &found.environment;
    if environment.metadata.name.is_empty() {
        environment.spec.namespace.clone()
    } else {
        environment.metadata.name.clone()
    }
}
