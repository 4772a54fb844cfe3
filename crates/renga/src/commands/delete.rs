//! `delete`: the objects of an environment go.

use std::fmt::Write as _;

use renga_cluster::{DeleteOptions, DeleteOutcome, DeleteReport, Propagation};
use renga_diag::ExitStatus;
use renga_manifest::Manifest;
use serde_json::{Value, json};

use super::confirm::{self, Consent};
use super::live::{self, Connection, NoAnswer, ObjectFailure, Talk};
use super::{CommandError, Outcome, differences, workflow};
use crate::args::{Cascade, DeleteArgs, DryRun, OutputFormat};
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga delete`.
pub(super) fn delete(args: &DeleteArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let consent = Consent::of(&args.change, settings)?;
    let workload = workflow::load(&args.path, &args.workflow, &args.variables, settings, printer)?;
    let spec = &workload.found.environment.spec;
    let connection = live::connect(spec, Some(&args.connection), settings)?;
    if consent.dry_run == DryRun::Unset && args.output == OutputFormat::Text {
        let text = differences::all_deleted(&workload.manifests, settings.dialect);
        // tk shows nothing for nothing.
        if !text.is_empty() {
            differences::print(&text, printer)?;
        }
    }
    if consent.asks(false) {
        confirm::ask(&connection, "Deleting from", &spec.namespace, printer)?;
    }
    let options = DeleteOptions {
        dry_run: consent.dry_run(),
        force: args.force,
        propagation: propagation(args.cascade),
        wait: Some(DELETE_WAIT),
    };
    run(&connection, &workload.manifests, &options, args.output, settings, printer)
}

/// How long to wait for an object to be gone; what is still there then is reported.
pub(super) const DELETE_WAIT: std::time::Duration = std::time::Duration::from_mins(5);

/// What becomes of what the deleted objects own.
pub(super) fn propagation(cascade: Cascade) -> Propagation {
    match cascade {
        Cascade::Background => Propagation::Background,
        Cascade::Foreground => Propagation::Foreground,
        Cascade::Orphan => Propagation::Orphan,
    }
}

/// Deletes `manifests` and tells what became of them; shared with `prune`.
pub(super) fn run(
    connection: &Connection,
    manifests: &[Manifest],
    options: &DeleteOptions,
    output: OutputFormat,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    connection.end_on_ctrl_c();
    let talk = Talk::new(settings, printer).expect(manifests.len());
    let report = connection.cluster.delete(manifests, options, &talk).map_err(NoAnswer::from)?;
    drop(talk);
    let (succeeded, interrupted) = (report.succeeded(), report.interrupted);
    match (output, settings.dialect) {
        (OutputFormat::Json, _) => {
            let text = format!("{:#}\n", as_json(&report));
            printer.data_bytes(text.as_bytes())?;
            tell_failures(report, printer);
        }
        (OutputFormat::Text, Dialect::Tk) => tell_as_tk(report, options, printer),
        (OutputFormat::Text, Dialect::Renga) => {
            printer.data_bytes(lines(&report, options).as_bytes())?;
            tell_failures(report, printer);
        }
    }
    match (succeeded, interrupted) {
        (_, true) => Ok(ExitStatus::Interrupted),
        (true, false) => Ok(ExitStatus::Success),
        (false, false) => Err(CommandError::Reported),
    }
}

/// The suffix of what is only tried, as kubectl has it.
pub(super) fn dry_run_suffix(dry_run: renga_cluster::DryRun) -> &'static str {
    match dry_run {
        renga_cluster::DryRun::None => "",
        renga_cluster::DryRun::Client => " (dry run)",
        renga_cluster::DryRun::Server => " (server dry run)",
    }
}

/// What tk lets through of kubectl's words.
fn tell_as_tk(report: DeleteReport, options: &DeleteOptions, printer: &mut Printer) {
    let suffix = dry_run_suffix(options.dry_run);
    // In the order in which they were deleted.
    for deleted in report.objects.into_iter().rev() {
        let object = deleted.object;
        let kind = match object.group() {
            "" => object.kind.to_lowercase(),
            group => format!("{}.{group}", object.kind.to_lowercase()),
        };
        match deleted.outcome {
            DeleteOutcome::Deleted if !suffix.is_empty() => {
                let place = match object.namespace.as_str() {
                    "" => String::new(),
                    namespace => format!(" from {namespace} namespace"),
                };
                printer.note(format_args!("{kind} \"{}\" deleted{place}{suffix}", object.name));
            }
            DeleteOutcome::Deleted => {}
            DeleteOutcome::NotFound => {
                printer.note(format_args!("Delete failed: {kind} \"{}\" not found", object.name));
            }
            outcome => {
                if let Some(failure) = failure(object, outcome) {
                    printer.error(&failure);
                }
            }
        }
    }
}

fn lines(report: &DeleteReport, options: &DeleteOptions) -> String {
    let suffix = dry_run_suffix(options.dry_run);
    let mut text = String::new();
    for deleted in report.objects.iter().rev() {
        let word = match &deleted.outcome {
            DeleteOutcome::Deleted => "deleted",
            DeleteOutcome::NotFound => "not found",
            DeleteOutcome::Nameless => "has no name: what was made from it is not known",
            DeleteOutcome::NotAttempted => "not attempted",
            DeleteOutcome::Failed(_) | DeleteOutcome::Remains(_) => "failed",
        };
        let _ = writeln!(text, "{} {word}{suffix}", deleted.object);
    }
    text
}

fn tell_failures(report: DeleteReport, printer: &mut Printer) {
    for deleted in report.objects.into_iter().rev() {
        if let Some(failure) = failure(deleted.object, deleted.outcome) {
            printer.error(&failure);
        }
    }
}

fn failure(object: renga_cluster::ObjectId, outcome: DeleteOutcome) -> Option<ObjectFailure> {
    let source = match outcome {
        DeleteOutcome::Failed(source) => source,
        DeleteOutcome::Remains(finalizers) => {
            renga_cluster::ObjectError::BeingDeleted { finalizers }
        }
        DeleteOutcome::Nameless => renga_cluster::ObjectError::Nameless,
        DeleteOutcome::Deleted | DeleteOutcome::NotFound | DeleteOutcome::NotAttempted => {
            return None;
        }
    };
    Some(ObjectFailure { object, action: "deleted", source })
}

fn as_json(report: &DeleteReport) -> Value {
    let objects: Vec<Value> = report
        .objects
        .iter()
        .map(|deleted| {
            let (result, error) = match &deleted.outcome {
                DeleteOutcome::Deleted => ("deleted", None),
                DeleteOutcome::NotFound => ("not found", None),
                DeleteOutcome::Nameless => ("nameless", None),
                DeleteOutcome::NotAttempted => ("not attempted", None),
                DeleteOutcome::Remains(_) => ("remains", None),
                DeleteOutcome::Failed(error) => ("failed", Some(renga_diag::chain(error))),
            };
            differences::with_object(&deleted.object, json!({ "result": result, "error": error }))
        })
        .collect();
    json!({ "objects": objects, "interrupted": report.interrupted })
}
