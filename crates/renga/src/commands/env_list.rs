//! `env list`: the environments below a folder.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use renga_diag::{ExitStatus, Report};
use renga_env::{Discovered, Discovery, Environment, LoadError};
use renga_project::go_io_text;

use super::world::Randomness;
use super::{CommandError, Outcome, evaluation};
use crate::args::EnvListArgs;
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// Some entrypoints could not be evaluated.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{}", failure_text(failures))]
#[diagnostic(code(renga::broken_environments))]
pub(super) struct BrokenEnvironments {
    pub(super) failures: Vec<(String, LoadError)>,
}

fn failure_text(failures: &[(String, LoadError)]) -> String {
    let mut text =
        String::from("finding environments: Errors occurred during parallel processing:\n\n");
    for (file, error) in failures {
        let _ = write!(text, "- {file}:\n {}\n\n", error.tk_text());
    }
    text
}

impl Report for BrokenEnvironments {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// The folder to search is not there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot search `{}`: {}", path.display(), go_io_text(source))]
#[diagnostic(code(renga::env_list), help("give a folder with environments in it"))]
struct MissingFolder {
    path: PathBuf,
    source: io::Error,
}

impl Report for MissingFolder {
    fn tk_text(&self) -> String {
        format!(
            "finding jsonnet files: Errors occurred during parallel processing:\n\n- stat {}: {}\n\n",
            self.path.display(),
            go_io_text(&self.source)
        )
    }
}

/// A broken environment, by name, among others.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("environment `{file}` cannot be evaluated")]
#[diagnostic(code(renga::broken_environment))]
pub(super) struct BrokenEnvironment {
    pub(super) file: String,
    #[source]
    #[diagnostic_source]
    pub(super) source: LoadError,
}

impl Report for BrokenEnvironment {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Checks that there is something at a path that is to be searched.
pub(super) fn check_folder(path: &Path, settings: &Settings) -> Result<(), CommandError> {
    let found = match path.to_str() {
        // An empty path is none, rather than the working directory.
        Some("") => Err(io::ErrorKind::NotFound.into()),
        _ => std::fs::metadata(settings.absolute(path)),
    };
    match found {
        Ok(_) => Ok(()),
        Err(source) => Err(MissingFolder { path: path.to_owned(), source }.into()),
    }
}

/// Runs `renga env list`.
pub(super) fn env_list(args: &EnvListArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let selector = evaluation::selector(&args.selector)?;
    if let Some(path) = &args.path {
        check_folder(path, settings)?;
    }
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.engine.jsonnet_implementation,
        Randomness::of(settings),
        settings,
        printer,
    )?;
    // tk shows the paths of broken files as it was given them, or absolute.
    let path = args.path.as_deref().unwrap_or(&settings.cwd);
    let location = evaluation::location(path, settings);
    let search = Discovery { selector: &selector, threads: threads(), stop: &|| false };
    let Discovered { environments, failures } =
        evaluation::discover(&evaluator, &[location], &search, printer)?;
    for found in &environments {
        evaluation::warn_deprecated(found, printer);
    }
    let failed = !failures.is_empty();
    let mut environments: Vec<Environment> =
        environments.into_iter().map(|found| found.environment).collect();
    environments.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    let text = if args.json {
        json(&environments)
    } else if args.names {
        environments.iter().flat_map(|environment| [&environment.metadata.name, "\n"]).collect()
    } else {
        table(&environments)
    };
    // An empty table says nothing beside the errors.
    if !failed || !environments.is_empty() {
        printer.data_bytes(text.as_bytes())?;
    }
    if failed && settings.dialect == Dialect::Tk {
        return Err(BrokenEnvironments { failures }.into());
    }
    for (file, source) in failures {
        printer.error(&BrokenEnvironment { file, source });
    }
    if failed { Err(CommandError::Reported) } else { Ok(ExitStatus::Success) }
}

/// How many environments are looked at at a time.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// One line of JSON; `null` for no environment, as Go writes a list that was never made.
fn json(environments: &[Environment]) -> String {
    if environments.is_empty() {
        return "null\n".to_owned();
    }
    let objects: Vec<String> = environments.iter().map(Environment::to_json).collect();
    format!("[{}]\n", objects.join(","))
}

/// Columns as wide as their widest cell and four blanks, the last one included.
fn table(environments: &[Environment]) -> String {
    let head = ["NAME", "NAMESPACE", "SERVER"];
    let mut rows = vec![head];
    rows.extend(environments.iter().map(|environment| {
        let spec = &environment.spec;
        [environment.metadata.name.as_str(), &spec.namespace, &spec.api_server]
    }));
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        // A column without any text takes no room.
        if widest == 0 { 0 } else { widest + 4 }
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in rows {
        for (cell, width) in row.into_iter().zip(widths) {
            let _ = write!(text, "{cell:width$}");
        }
        text.push('\n');
    }
    text
}

/// The main files of all environments below the working directory, relative to it.
pub(super) fn main_files(
    settings: &Settings,
    printer: &Printer,
) -> Result<Vec<String>, CommandError> {
    let evaluator = evaluation::evaluator(None, "", Randomness::of(settings), settings, printer)?;
    let selector = evaluation::selector("")?;
    let location = evaluation::location(&settings.cwd, settings);
    let search = Discovery { selector: &selector, threads: threads(), stop: &|| false };
    let found = evaluator.discover(&[location], &search)?;
    let relative = |file: &Path| {
        let below = file.strip_prefix(&settings.cwd).unwrap_or(file);
        below.to_string_lossy().into_owned()
    };
    Ok(found.environments.iter().map(|found| relative(&found.entrypoint.file)).collect())
}
