//! What commands that evaluate share: the evaluator with its variables, where an environment is,
//! and what is said about deprecated fields.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use renga_diag::Report;
use renga_env::{
    DiscoverError, Discovered, Discovery, EvaluationOptions, Evaluator, Found, HelmTemplate,
    Location, Selector,
};
use renga_jsonnet::{Native, Sources, Variable, Variables, standard};
use renga_project::{DiskSource, Settings as FileSettings, Source, find_root};
use serde_json::Value;

use super::world::Randomness;
use super::{CommandError, world};
use crate::args::{LogLevel, VariableArgs, VariableBinding, VariableKind};
use crate::printer::{Field, Printer};
use crate::settings::Settings;

/// The evaluator for these variables and this implementation.
pub(super) fn evaluator(
    variables: Option<&VariableArgs>,
    implementation: &str,
    randomness: Randomness,
    settings: &Settings,
    printer: &Printer,
) -> Result<Evaluator, CommandError> {
    let source = Arc::new(DiskSource);
    evaluator_over(source, variables, implementation, randomness, settings, printer)
}

/// The evaluator of files that `source` shows.
pub(super) fn evaluator_over(
    source: Arc<dyn Source>,
    variables: Option<&VariableArgs>,
    implementation: &str,
    randomness: Randomness,
    settings: &Settings,
    printer: &Printer,
) -> Result<Evaluator, CommandError> {
    let options = EvaluationOptions {
        ext_vars: variables.map(|args| bind(args.external())).unwrap_or_default(),
        tlas: variables.map(|args| bind(args.top_level())).unwrap_or_default(),
        max_stack: variables.map_or(0, VariableArgs::stack_limit),
        working_dir: settings.cwd.clone(),
    };
    let log = Arc::new(printer.logger());
    let helm_template = HelmTemplate::new(
        Arc::clone(&source),
        settings.cwd.clone(),
        world::world(randomness)?,
        log.clone(),
    );
    let natives = standard().with([Arc::new(helm_template) as Arc<dyn Native>]);
    let sources = Sources::new(source);
    let mut evaluator = Evaluator::new(sources, &natives, options, log);
    evaluator.use_implementation(implementation)?;
    Ok(evaluator)
}

fn bind<'a>(bindings: impl Iterator<Item = &'a VariableBinding>) -> Variables {
    bindings
        .map(|VariableBinding { key, value, kind }| {
            let variable = match kind {
                VariableKind::String => Variable::String(value.clone()),
                VariableKind::Code => Variable::Code(value.clone()),
                VariableKind::StringFile => Variable::StringFile(value.into()),
                VariableKind::CodeFile => Variable::CodeFile(value.into()),
            };
            (key.clone(), variable)
        })
        .collect()
}

/// An empty path, which is none. The words are those of tk's system call.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{0}: no such file or directory")]
#[diagnostic(
    code(renga::empty_path),
    help(
        "the path is empty; write `.` for the current folder, and check the variables of your script"
    )
)]
struct EmptyPath(&'static str);

impl Report for EmptyPath {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Refuses an empty path. `what` is what tk says it is doing.
pub(super) fn refuse_empty(path: &Path, what: &'static str) -> Result<(), CommandError> {
    if path.as_os_str().is_empty() { Err(EmptyPath(what).into()) } else { Ok(()) }
}

/// The place a path of the command line means.
pub(super) fn location(path: &Path, settings: &Settings) -> Location {
    Location { shown: path.to_string_lossy().into_owned(), path: settings.absolute(path) }
}

/// Reads a label selector.
pub(super) fn selector(text: &str) -> Result<Selector, CommandError> {
    Selector::parse(text).map_err(|error| CommandError::Fatal(Box::new(error)))
}

/// Warns of deprecated fields in an environment's settings.
pub(super) fn warn_deprecated(found: &Found, printer: &mut Printer) {
    if found.deprecated.is_empty() {
        return;
    }
    let mut lines = String::new();
    for field in &found.deprecated {
        let _ = writeln!(lines, "{field}");
    }
    let value = Value::String(lines);
    printer.log(
        LogLevel::WARN,
        "encountered deprecated fields in spec.json",
        &[Field { name: "error", value: &value }],
    );
}

/// What the `renga.toml` of the workspace of `path` says; nothing where there is no workspace.
pub(super) fn file_settings(
    path: &Path,
    settings: &Settings,
) -> Result<FileSettings, CommandError> {
    match find_root(&DiskSource, &settings.absolute(path)) {
        Ok((root, _)) => Ok(FileSettings::load(&DiskSource, &root)?),
        // The command itself says what is wrong with the path.
        Err(error) => {
            debug_assert!(!error.tk_text().is_empty());
            Ok(FileSettings::default())
        }
    }
}

/// Finds environments, and tells of it in the log as tk does.
///
/// # Errors
///
/// [`DiscoverError`] for a location that cannot be read.
pub(super) fn discover(
    evaluator: &Evaluator,
    locations: &[Location],
    search: &Discovery<'_>,
    printer: &mut Printer,
) -> Result<Discovered, DiscoverError> {
    let started = Instant::now();
    let count = |number: usize| Value::from(number);
    let (threads, paths) = (count(search.threads), count(locations.len()));
    printer.log(
        LogLevel::DEBUG,
        "Finding Tanka environments",
        &[Field { name: "parallelism", value: &threads }, Field { name: "paths", value: &paths }],
    );
    let discovered = evaluator.discover(locations, search)?;
    // Files are found and evaluated in one go: there is one time for both.
    let found = count(discovered.environments.len());
    let elapsed = Value::from(started.elapsed().as_secs_f64() * 1000.0);
    printer.log(
        LogLevel::DEBUG,
        "Found Tanka environments",
        &[
            Field { name: "environments", value: &found },
            Field { name: "ms_to_find_jsonnet_files", value: &Value::from(0) },
            Field { name: "ms_to_find_environments", value: &elapsed },
        ],
    );
    Ok(discovered)
}
