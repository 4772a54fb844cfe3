//! `apply`: a cluster gets what an environment says.

use renga_cluster::{
    ApplyOptions, ApplyStrategy, DiffOptions, WaitOptions, WaitOutcome, WaitReport,
};
use renga_diag::{ExitStatus, Report};
use renga_env::Spec;
use renga_manifest::Manifest;

use super::confirm::{self, Consent};
use super::differences::Differences;
use super::live::{self, Connection, NoAnswer, ObjectFailure, Talk};
use super::workflow::Workload;
use super::{CommandError, Outcome, apply_report, definitions, diff, workflow};
use crate::args::{ApplyArgs, LogLevel, OutputFormat};
use crate::dialect::Dialect;
use crate::printer::{Field, Printer};
use crate::settings::Settings;

/// Why an apply does not begin, or does not end well.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum ApplyError {
    #[error("apply strategy `{strategy}` does not exist. Pick one of: [server, client].")]
    #[diagnostic(code(renga::apply_strategy))]
    UnknownStrategy { strategy: String },
    #[error("nothing was applied: the differences are not known, and nobody was asked")]
    #[diagnostic(
        code(renga::blind_apply),
        help("see to what is wrong above, or pass `--diff-strategy none` to apply without a diff")
    )]
    Blind,
    #[error("no objects passed to apply")]
    #[diagnostic(
        code(renga::nothing_to_apply),
        help("the environment renders to nothing, or the targets select nothing")
    )]
    Nothing,
    #[error("not everything is ready")]
    #[diagnostic(code(renga::not_ready))]
    NotReady,
}

impl Report for ApplyError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// What the diff before an apply says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// There are differences.
    Changes,
    /// There are none.
    NoChanges,
    /// Not all of them are known.
    Failed,
    /// Nobody asked.
    Skipped,
}

/// Runs `renga apply`.
pub(super) fn apply(args: &ApplyArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let consent = Consent::of(&args.change, settings)?;
    let workload = workflow::load(&args.path, &args.workflow, &args.variables, settings, printer)?;
    let mut spec = workload.found.environment.spec.clone();
    let strategy = strategy(args.apply_strategy.as_deref(), &spec)?;
    if strategy == ApplyStrategy::Server && spec.diff_strategy.is_empty() {
        "server".clone_into(&mut spec.diff_strategy);
    }
    let connection = live::connect(&spec, Some(&args.connection), settings)?;
    let shown = if args.diff_strategy.as_deref() == Some("none") {
        Shown::Skipped
    } else {
        show_differences(args, &workload, &spec, &connection, settings, printer)?
    };
    if shown == Shown::Failed && !consent.pretends() {
        if consent.is_unconditional() {
            return Err(ApplyError::Blind.into());
        }
        printer.data(format_args!("The differences above are not all there are.\n"))?;
    }
    if consent.asks(shown == Shown::NoChanges) {
        confirm::ask(&connection, "Applying to", &spec.namespace, printer)?;
    }
    if workload.manifests.is_empty() {
        return Err(ApplyError::Nothing.into());
    }
    let options = ApplyOptions {
        strategy,
        dry_run: consent.dry_run(),
        force: args.force,
        replace: args.replace,
        validate: args.validate,
        ..ApplyOptions::default()
    };
    connection.end_on_ctrl_c();
    let talk = Talk::new(settings, printer).expect(workload.manifests.len());
    let applied = connection.cluster.apply(&workload.manifests, &options, &talk);
    drop(talk);
    let report = applied.map_err(NoAnswer::from)?;
    let (succeeded, interrupted) = (report.succeeded(), report.interrupted);
    let waited = match args.wait {
        Some(timeout) if succeeded && !consent.pretends() => {
            Some(wait(&connection, &workload.manifests, timeout.0, settings, printer)?)
        }
        _ => None,
    };
    match (args.output, settings.dialect) {
        (OutputFormat::Json, _) => {
            let text = format!("{:#}\n", apply_report::as_json(&report, waited.as_ref()));
            printer.data_bytes(text.as_bytes())?;
        }
        (OutputFormat::Text, Dialect::Tk) => {
            printer.data_bytes(apply_report::kubectl_lines(&report, &options).as_bytes())?;
        }
        (OutputFormat::Text, Dialect::Renga) => {
            printer.data_bytes(apply_report::table(&report, &options).as_bytes())?;
        }
    }
    let failures = apply_report::failures(report);
    definitions::tell(failures, &workload.found, &args.variables, settings, printer);
    if interrupted {
        return Ok(ExitStatus::Interrupted);
    }
    if !succeeded {
        return Err(CommandError::Reported);
    }
    match waited {
        Some(waited) if !waited.ready() => {
            let interrupted = waited.interrupted;
            tell_not_ready(waited, printer);
            if interrupted { Ok(ExitStatus::Interrupted) } else { Err(ApplyError::NotReady.into()) }
        }
        _ => Ok(ExitStatus::Success),
    }
}

fn strategy(flag: Option<&str>, spec: &Spec) -> Result<ApplyStrategy, ApplyError> {
    match flag.filter(|flag| !flag.is_empty()).unwrap_or(&spec.apply_strategy) {
        "" | "client" => Ok(ApplyStrategy::Client),
        "server" => Ok(ApplyStrategy::Server),
        other => Err(ApplyError::UnknownStrategy { strategy: other.to_owned() }),
    }
}

/// Shows what is going to change. What goes wrong is shown as well, and is no end in itself.
fn show_differences(
    args: &ApplyArgs,
    workload: &Workload,
    spec: &Spec,
    connection: &Connection,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Shown, CommandError> {
    let compared = diff::strategy(args.diff_strategy.as_deref(), spec)
        .map_err(CommandError::from)
        .and_then(|strategy| {
            let options = DiffOptions { strategy };
            let manifests = &workload.manifests;
            let report = diff::compare(connection, manifests, &options, settings, printer)?;
            Ok((report, strategy))
        });
    let (report, strategy) = match compared {
        Ok(compared) => compared,
        Err(error) => {
            error_diffing(error, settings, printer);
            return Ok(Shown::Failed);
        }
    };
    let (found, failures) = Differences::of(report, strategy, Vec::new(), settings.dialect);
    let failed = failures.len();
    let color = printer.stdout_color();
    if args.output == OutputFormat::Text && !found.is_empty() {
        let partly = failed > 0 && settings.dialect == Dialect::Tk;
        if !partly {
            let text = found.render(args.diff_format, color);
            printer.data_bytes(text.as_bytes())?;
        }
    }
    if failed > 0 {
        definitions::tell(failures, &workload.found, &args.variables, settings, printer);
        error_diffing(diff::NotCompared::of(failed).into(), settings, printer);
        return Ok(Shown::Failed);
    }
    if !found.is_empty() {
        return Ok(Shown::Changes);
    }
    if args.output == OutputFormat::Text {
        let warning = "Warning: There are no differences. Your apply may not do anything at all.";
        match settings.dialect {
            Dialect::Tk => printer.data(format_args!("{warning}\n"))?,
            Dialect::Renga => printer.note(format_args!("No differences.")),
        }
    }
    Ok(Shown::NoChanges)
}

fn error_diffing(error: CommandError, settings: &Settings, printer: &mut Printer) {
    let (CommandError::Failed(error) | CommandError::Fatal(error)) = error else { return };
    match settings.dialect {
        Dialect::Tk => {
            let text = serde_json::Value::from(error.tk_text());
            let fields = [Field { name: "error", value: &text }];
            printer.log(LogLevel::ERROR, "error diffing", &fields);
        }
        Dialect::Renga => printer.error(&*error),
    }
}

fn wait(
    connection: &Connection,
    manifests: &[Manifest],
    timeout: std::time::Duration,
    settings: &Settings,
    printer: &Printer,
) -> Result<WaitReport, CommandError> {
    let talk = Talk::new(settings, printer).expect(manifests.len());
    let options = WaitOptions { timeout, ..WaitOptions::default() };
    Ok(connection.cluster.wait(manifests, &options, &talk).map_err(NoAnswer::from)?)
}

/// An object that did not become ready.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{object} is not ready: {reason}")]
#[diagnostic(code(renga::object_not_ready))]
struct NotReady {
    object: renga_cluster::ObjectId,
    reason: String,
}

impl Report for NotReady {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

fn tell_not_ready(report: WaitReport, printer: &mut Printer) {
    for waited in report.objects {
        let object = waited.object;
        match waited.outcome {
            WaitOutcome::Ready => {}
            WaitOutcome::TimedOut(reason) | WaitOutcome::Stalled(reason) => {
                printer.error(&NotReady { object, reason });
            }
            WaitOutcome::Failed(source) => {
                printer.error(&ObjectFailure { object, action: "looked at", source });
            }
        }
    }
}
