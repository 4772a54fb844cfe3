//! `tool jpath`: the import search path, for other tools.

use std::fmt::Write as _;

use renga_diag::{ExitStatus, Report};
use renga_project::{DiskSource, Entrypoint, LayoutError};

use super::{Outcome, evaluation};
use crate::args::JpathArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why there is no search path.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("resolving JPATH: {0}")]
#[diagnostic(transparent)]
struct JpathError(LayoutError);

impl Report for JpathError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga tool jpath`.
pub(super) fn tool_jpath(args: &JpathArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    evaluation::refuse_empty(&args.path, "resolving JPATH: stat ")?;
    let path = settings.absolute(&args.path);
    let entrypoint = Entrypoint::resolve(&DiskSource, &path).map_err(JpathError)?;
    let jpath = entrypoint.jpath().map(|dir| dir.to_string_lossy().into_owned());
    if args.debug {
        let mut text = String::new();
        let _ = writeln!(text, "main: {}", entrypoint.file.display());
        let _ = writeln!(text, "rootDir: {}", entrypoint.root.display());
        let _ = writeln!(text, "baseDir: {}", entrypoint.base.display());
        let _ = write!(text, "jpath: [{}]", jpath.join(" "));
        printer.note(format_args!("{text}"));
    }
    printer.data(format_args!("{}", jpath.join(":")))?;
    Ok(ExitStatus::Success)
}
