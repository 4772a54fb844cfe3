//! `env set`: changes the settings of a static environment.

use std::path::PathBuf;

use renga_diag::{ExitStatus, Report};

use super::world::Randomness;
use super::{Outcome, env_files, evaluation};
use crate::args::{CsvList, EnvSetArgs};
use crate::printer::Printer;
use crate::settings::Settings;

/// Why the settings stay as they are.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum SetError {
    #[error(
        "it looks like you attempted to rename the environment using `--name`. However, this is \
         not possible with Tanka, because the environments name is inferred from the directories \
         name. To rename the environment, rename its directory instead"
    )]
    #[diagnostic(code(renga::env_set))]
    Rename,
    #[error("`{}` is an inline environment: it has no spec.json to change", path.display())]
    #[diagnostic(
        code(renga::env_set),
        help("change the fields of the Environment object in this file")
    )]
    Inline { path: PathBuf },
}

impl Report for SetError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga env set`.
pub(super) fn env_set(args: &EnvSetArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    if args.name.as_ref().is_some_and(|name| !name.is_empty()) {
        return Err(SetError::Rename.into());
    }
    let flags = &args.settings;
    let server = env_files::server(flags, settings)?;
    let evaluator = evaluation::evaluator(None, "", Randomness::of(settings), settings, printer)?;
    let mut location = evaluation::location(&args.path, settings);
    // tk works on the absolute path from here on, and shows it.
    location.shown = location.path.display().to_string();
    let found = evaluator.worker().peek(&location, "")?;
    evaluation::warn_deprecated(&found, printer);
    if found.inline {
        return Err(SetError::Inline { path: found.entrypoint.file }.into());
    }

    let mut environment = found.environment;
    let mut changes = Vec::new();
    let spec = &mut environment.spec;
    change("apiServer", &mut spec.api_server, server.as_ref(), &mut changes);
    let contexts = CsvList::flatten(&flags.context_names);
    if !flags.context_names.is_empty() && contexts != spec.context_names {
        changes.push(format!(
            "updated spec.contextNames (`[{}]` -> `[{}]`)\n",
            spec.context_names.join(" "),
            contexts.join(" ")
        ));
        spec.context_names = contexts;
    }
    change("namespace", &mut spec.namespace, args.namespace.as_ref(), &mut changes);
    change("diffStrategy", &mut spec.diff_strategy, flags.diff_strategy.as_ref(), &mut changes);
    if let Some(inject) = flags.inject_labels.filter(|inject| *inject != spec.inject_labels) {
        changes
            .push(format!("updated spec.injectLabels (`{}` -> `{inject}`)\n", spec.inject_labels));
        spec.inject_labels = inject;
    }
    if !environment.spec.api_server.is_empty() && !environment.spec.context_names.is_empty() {
        env_files::check(&environment, flags, settings, printer)?;
    }
    printer.data_bytes(changes.concat().as_bytes())?;
    // What changes is told first, as in tk, even where the cluster then does not answer.
    env_files::check(&environment, flags, settings, printer)?;
    env_files::replace_spec(&found.entrypoint.base, &environment)?;
    Ok(ExitStatus::Success)
}

/// Sets a field if a flag gives it another value than it has.
fn change(field: &str, value: &mut String, new: Option<&String>, changes: &mut Vec<String>) {
    if let Some(new) = new.filter(|new| !new.is_empty() && *new != value) {
        changes.push(format!("updated spec.{field} (`{value}` -> `{new}`)\n"));
        value.clone_from(new);
    }
}
