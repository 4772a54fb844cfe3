//! `show`: the manifests of one environment as a stream of YAML documents.

use std::io;
use std::path::Path;

use renga_diag::ExitStatus;
use renga_env::Location;
use renga_jsonnet::with_big_stack;
use renga_manifest::Targets;
use renga_yaml::Flavour;

use super::world::Randomness;
use super::{Outcome, evaluation};
use crate::args::{CsvList, LogLevel, ShowArgs};
use crate::dialect::{Dialect, quote};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga show`.
pub(super) fn show(args: &ShowArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    if settings.dialect == Dialect::Tk
        && !settings.stdout_is_terminal
        && !args.dangerous_allow_redirect
        && !settings.allow_redirect
    {
        printer.note(format_args!("{REFUSAL}"));
        return Ok(ExitStatus::Success);
    }
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.workflow.engine.jsonnet_implementation,
        Randomness::of(settings),
        settings,
        printer,
    )?;
    let (location, name) = environment(&args.path, &args.workflow.name, settings, printer);
    let (found, manifests) = with_big_stack(|| {
        evaluator.worker().load(&location, &name)?.into_cluster_manifests(&targets)
    })?;
    evaluation::warn_deprecated(&found, printer);
    let mut stream = Vec::new();
    for manifest in &manifests {
        if !stream.is_empty() {
            stream.extend_from_slice(b"---\n");
        }
        renga_yaml::write(manifest.value(), Flavour::GoYamlV2, &mut stream);
    }
    printer.page(&stream)?;
    Ok(ExitStatus::Success)
}

/// What tk says instead of writing manifests into a file or pipe, which it takes for an attempt to
/// apply them by other means. Scripts may look for the first line.
const REFUSAL: &str = "Redirection of the output of tk show is discouraged and disabled by default.
If you want to export .yaml files for use with other tools, try 'tk export'.
Otherwise run:
  tk show --dangerous-allow-redirect \nor set the environment variable \n  TANKA_DANGEROUS_ALLOW_REDIRECT=true \nto bypass this check.";

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
