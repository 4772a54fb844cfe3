//! `tool importers` and `tool importers-count`: the environments that use files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use renga_diag::{ExitStatus, Report};
use renga_project::go_io_text;
use renga_regexp::{Regexp, RegexpError};

use super::Outcome;
use crate::args::{ImportersArgs, ImportersCountArgs};
use crate::dialect::quote;
use crate::importers::Importers;
use crate::printer::Printer;
use crate::settings::Settings;

/// What a file that no longer exists is marked with.
const DELETED: &str = "deleted:";

/// The files that are counted unless told otherwise.
const JSONNET_FILES: &str = "^.*\\.(jsonnet|libsonnet)$";

/// Why the importers are not known.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum ImportersError {
    #[error("file {} does not exist", quote::string(.0))]
    #[diagnostic(
        code(renga::importers),
        help("write `deleted:{0}` for a file that existed before")
    )]
    Missing(String),
    #[error("resolving imports: {}", go_io_text(.0))]
    #[diagnostic(code(renga::importers))]
    Root(io::Error),
    #[error("resolving imports: walking directory: lstat {}: {}", dir.display(), go_io_text(source))]
    #[diagnostic(code(renga::importers))]
    Folder { dir: PathBuf, source: io::Error },
    #[error("resolving imports: compiling filename regex: {0}")]
    #[diagnostic(code(renga::importers))]
    Pattern(RegexpError),
}

impl Report for ImportersError {
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
    let missing = args.files.iter().find(|file| {
        !file.starts_with(DELETED)
            && fs_err::metadata(settings.absolute(Path::new(file)))
                .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    });
    if let Some(file) = missing {
        return Err(ImportersError::Missing(file.clone()).into());
    }
    let root = settings.absolute(&args.root);
    let importers = Importers::below(&root).map_err(ImportersError::Root)?;
    let mut found = BTreeSet::new();
    for file in &args.files {
        match file.strip_prefix(DELETED).map(Path::new) {
            // Seen from here, or from the root.
            Some(gone) => {
                let names = [settings.absolute(gone), renga_project::clean(&root.join(gone))];
                found.extend(importers.of_names(&BTreeSet::from(names)));
            }
            None => found.extend(importers.of_file(&settings.absolute(Path::new(file)))),
        }
    }
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
    let pattern = if args.filename_regex.is_empty() { JSONNET_FILES } else { &args.filename_regex };
    let pattern = Regexp::new(pattern).map_err(ImportersError::Pattern)?;
    let mut files = Vec::new();
    walk(&args.dir, settings, args.recursive, &mut files)
        .map_err(|source| ImportersError::Folder { dir: args.dir.clone(), source })?;
    files.retain(|file| {
        pattern.is_match(file.to_string_lossy().as_bytes())
            && file.file_name().is_none_or(|name| name != "main.jsonnet")
    });
    let importers =
        Importers::below(&settings.absolute(&args.root)).map_err(ImportersError::Root)?;
    let mut counts: Vec<(usize, PathBuf)> = files
        .into_iter()
        .map(|file| (importers.of_file(&settings.absolute(&file)).len(), file))
        .collect();
    counts.sort_by(|(a, file), (b, other)| b.cmp(a).then_with(|| file.cmp(other)));
    let mut text = String::new();
    for (count, file) in counts {
        let _ = writeln!(text, "{}: {count}", file.display());
    }
    text.push('\n');
    printer.data_bytes(text.as_bytes())?;
    Ok(ExitStatus::Success)
}

/// The regular files in a folder, as paths that begin as `dir` is written.
fn walk(
    dir: &Path,
    settings: &Settings,
    recursive: bool,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    if settings.absolute(dir).is_file() {
        files.push(dir.to_owned());
        return Ok(());
    }
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(settings.absolute(&dir))? {
            let entry = entry?;
            let path = renga_project::clean(&dir.join(entry.file_name()));
            let file_type = entry.file_type()?;
            if file_type.is_dir() && recursive {
                open.push(path);
            } else if file_type.is_file() {
                files.push(path);
            }
        }
    }
    Ok(())
}
