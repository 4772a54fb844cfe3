//! `env remove`: deletes an environment's folder, after asking.

use std::io;
use std::path::PathBuf;

use renga_diag::{ExitStatus, Report};
use renga_project::go_io_text;

use super::{Outcome, evaluation};
use crate::args::EnvRemoveArgs;
use crate::printer::{Printer, confirm};
use crate::settings::Settings;

/// Why an environment is still there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("removing '{}': {}", path.display(), go_io_text(source))]
#[diagnostic(code(renga::env_remove))]
struct RemoveError {
    path: PathBuf,
    source: io::Error,
}

impl Report for RemoveError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga env remove`.
pub(super) fn env_remove(
    args: &EnvRemoveArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    // An empty variable in a script must not mean the whole workspace.
    evaluation::refuse_empty(&args.path, "lstat ")?;
    let path = settings.absolute(&args.path);
    confirm(&format!("Permanently removing the environment located at '{}'.", path.display()))?;
    let removed = match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(&path),
        Ok(_) => std::fs::remove_file(&path),
        // tk, too, is content when there is nothing to remove.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(|source| RemoveError { path: path.clone(), source })?;
    printer.data(format_args!("Removed {}\n", path.display()))?;
    Ok(ExitStatus::Success)
}
