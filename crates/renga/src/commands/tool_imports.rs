//! `tool imports`: the files an environment is made of, and whether a commit changed one.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use renga_diag::{ExitStatus, Report};
use renga_env::search_path;
use renga_jsonnet::{Sources, TK_LIBRARY, import_graph};
use renga_project::{DiskSource, Entrypoint, LayoutError, go_io_text};
use serde_json::Value;

use super::Outcome;
use crate::args::ImportsArgs;
use crate::external::go_status;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why the imports are not known.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum ImportsError {
    #[error("resolving imports: {0}")]
    #[diagnostic(transparent)]
    Layout(LayoutError),
    #[error("resolving imports: lstat {}: {}", path.display(), go_io_text(source))]
    #[diagnostic(code(renga::imports))]
    Path { path: PathBuf, source: io::Error },
    #[error(
        "resolving imports: importing '{import}' from '{}': couldn't open import \"{import}\": no \
         match locally or in the Jsonnet library paths", file.display()
    )]
    #[diagnostic(code(renga::imports), help("tried {}", list(tried)))]
    Missing { file: PathBuf, import: String, tried: Vec<PathBuf> },
    #[error("resolving imports: {0}")]
    #[diagnostic(code(renga::imports))]
    Unreadable(String),
    #[error("invoking git: {0}")]
    #[diagnostic(code(renga::git), help("the commit has to be one of this repository"))]
    Git(String),
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}

impl Report for ImportsError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga tool imports`.
pub(super) fn tool_imports(
    args: &ImportsArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let changed = match args.check.as_str() {
        "" => None,
        commit => Some(changed_files(commit, settings)?),
    };
    let path = settings.absolute(&args.path);
    let real = std::fs::canonicalize(&path)
        .map_err(|source| ImportsError::Path { path: path.clone(), source })?;
    let entrypoint = Entrypoint::resolve(&DiskSource, &real).map_err(ImportsError::Layout)?;
    let files = imports(&entrypoint)?;

    let Some(changed) = changed else {
        let relative: Vec<Value> =
            relative_names(&files, &entrypoint.root).into_iter().map(Value::String).collect();
        let line = renga_gojson::to_string(&Value::Array(relative));
        printer.data(format_args!("{line}\n"))?;
        return Ok(ExitStatus::Success);
    };
    let commit = &args.check;
    if let Some(file) = changed.iter().find(|file| files.contains(file)) {
        printer.data(format_args!(
            "Rebuild required. File `{}` imports `{}`, which has been changed in `{commit}`.\n",
            args.path.display(),
            relative(&entrypoint.root, file)
        ))?;
        return Ok(ExitStatus::Differences);
    }
    printer.data(format_args!(
        "Rebuild not required, because no imported files have been changed in `{commit}`.\n"
    ))?;
    Ok(ExitStatus::Success)
}

/// All files of an environment, links resolved, the entrypoint included.
fn imports(entrypoint: &Entrypoint) -> Result<Vec<PathBuf>, ImportsError> {
    let sources = Sources::new(Arc::new(DiskSource));
    let graph = import_graph(&sources, &entrypoint.file, &search_path(entrypoint));
    if let Some(error) = graph.unreadable.first() {
        return Err(ImportsError::Unreadable(error.to_string()));
    }
    if let Some(missing) = graph.unresolved.into_iter().next() {
        let file = if missing.file == entrypoint.file {
            missing.file.file_name().map(PathBuf::from).unwrap_or_default()
        } else {
            missing.file
        };
        return Err(ImportsError::Missing { file, import: missing.import, tried: missing.tried });
    }
    let real = |path: PathBuf| std::fs::canonicalize(&path).unwrap_or(path);
    let files = graph.files.into_keys().filter(|path| path != Path::new(TK_LIBRARY)).map(real);
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files.dedup();
    Ok(files)
}

fn relative_names(files: &[PathBuf], root: &Path) -> Vec<String> {
    let mut names: Vec<String> = files.iter().map(|file| relative(root, file)).collect();
    names.sort();
    names
}

/// `path` as seen from `root`, both absolute.
fn relative(root: &Path, path: &Path) -> String {
    let common = root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().skip(common).map(|_| Component::ParentDir);
    let relative: PathBuf = up.chain(path.components().skip(common)).collect();
    relative.to_string_lossy().into_owned()
}

/// The files that a commit changed, absolute and with links resolved.
fn changed_files(commit: &str, settings: &Settings) -> Result<Vec<PathBuf>, ImportsError> {
    let root = git(&["rev-parse", "--show-toplevel"], settings)?;
    let root = PathBuf::from(root.trim_end_matches('\n'));
    let names = git(&["diff-tree", "--no-commit-id", "--name-only", "-z", "-r", commit], settings)?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    let real = |name| {
        let path = root.join(name);
        std::fs::canonicalize(&path).unwrap_or(path)
    };
    Ok(names.map(real).collect())
}

fn git(args: &[&str], settings: &Settings) -> Result<String, ImportsError> {
    let output = Command::new("git")
        .args(args)
        .current_dir(&settings.cwd)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                ImportsError::Git("exec: \"git\": executable file not found in $PATH".to_owned())
            }
            _ => ImportsError::Git(go_io_text(&error)),
        })?;
    if !output.status.success() {
        return Err(ImportsError::Git(go_status(output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_even_outside_the_root() {
        assert_eq!(relative(Path::new("/w/r"), Path::new("/w/r/a/b")), "a/b");
        assert_eq!(relative(Path::new("/w/r"), Path::new("/w/x/b")), "../x/b");
    }
}
