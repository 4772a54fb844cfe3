//! `env add`: a new environment.

use renga_diag::ExitStatus;
use renga_env::Environment;

use super::{Outcome, env_files};
use crate::args::{CsvList, EnvAddArgs};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga env add`.
pub(super) fn env_add(args: &EnvAddArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let flags = &args.settings;
    let mut environment = Environment::default();
    let spec = &mut environment.spec;
    spec.api_server = env_files::server(flags, settings)?.unwrap_or_default();
    spec.context_names = CsvList::flatten(&flags.context_names);
    spec.diff_strategy = flags.diff_strategy.clone().unwrap_or_default();
    spec.inject_labels = flags.inject_labels.unwrap_or(false);
    spec.namespace.clone_from(&args.namespace);
    env_files::check(&environment, flags, settings, printer)?;
    env_files::create(&settings.absolute(&args.path), environment, args.inline)?;
    Ok(ExitStatus::Success)
}
