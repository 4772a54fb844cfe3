//! `tool importers` and `tool importers-count`: the environments that use files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use renga_diag::{ExitStatus, Report};
use renga_env::{Imported, Importers};
use renga_jsonnet::Sources;
use renga_project::DiskSource;
use renga_regexp::{Regexp, RegexpError};

use super::{Outcome, evaluation};
use crate::args::{ImportersArgs, ImportersCountArgs};
use crate::printer::Printer;
use crate::settings::Settings;

/// The files that are counted unless told otherwise.
const JSONNET_FILES: &str = "^.*\\.(jsonnet|libsonnet)$";

/// A regular expression that is none.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("resolving imports: compiling filename regex: {0}")]
#[diagnostic(code(renga::importers), help("`--filename-regex` takes a regular expression"))]
struct PatternError(RegexpError);

impl Report for PatternError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga tool importers`.
pub(super) fn tool_importers(
    args: &ImportersArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let root = settings.absolute(&args.root);
    let parse = |file: &String| Imported::parse(&DiskSource, file, &settings.cwd, &root);
    let files = args.files.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let importers = Importers::below(Sources::new(Arc::new(DiskSource)), &root)?;
    let found: BTreeSet<_> = files.iter().flat_map(|file| importers.of(file)).collect();
    let lines: Vec<String> = found.iter().map(|path| path.display().to_string()).collect();
    printer.data(format_args!("{}\n", lines.join("\n")))?;
    Ok(ExitStatus::Success)
}

/// Runs `renga tool importers-count`.
pub(super) fn tool_importers_count(
    args: &ImportersCountArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    evaluation::refuse_empty(&args.dir, "resolving imports: walking directory: lstat ")?;
    let pattern = if args.filename_regex.is_empty() { JSONNET_FILES } else { &args.filename_regex };
    let pattern = Regexp::new(pattern).map_err(PatternError)?;
    let selects = |file: &Path| pattern.is_match(file.to_string_lossy().as_bytes());
    let sources = Sources::new(Arc::new(DiskSource));
    let importers = Importers::below(sources, &settings.absolute(&args.root))?;
    let mut text = String::new();
    for (file, count) in importers.count(&args.dir, &settings.cwd, args.recursive, &selects)? {
        let _ = writeln!(text, "{}: {count}", file.display());
    }
    text.push('\n');
    printer.data_bytes(text.as_bytes())?;
    Ok(ExitStatus::Success)
}
