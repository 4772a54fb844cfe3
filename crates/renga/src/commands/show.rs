//! `show`: the manifests of one environment as a stream of YAML documents.

use renga_diag::ExitStatus;
use renga_yaml::Flavour;

use super::{Outcome, workflow};
use crate::args::ShowArgs;
use crate::dialect::Dialect;
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
    let workload = workflow::load(&args.path, &args.workflow, &args.variables, settings, printer)?;
    let mut stream = Vec::new();
    for manifest in &workload.manifests {
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
