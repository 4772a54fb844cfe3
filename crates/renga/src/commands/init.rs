//! `init`: the directories and files of a new workspace.
//!
//! Works offline: the library for Kubernetes objects is named in `lib/k.libsonnet`, not fetched.

use std::io;
use std::path::Path;

use renga_diag::{ExitStatus, Report};
use renga_env::Environment;
use renga_project::go_io_text;

use super::{Outcome, env_files};
use crate::args::InitArgs;
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// The version of Kubernetes whose library is named unless told otherwise.
const DEFAULT_KUBERNETES: &str = "1.32";

/// Where the libraries are.
const LIBRARY: &str = "github.com/jsonnet-libs/k8s-libsonnet";

/// The commit that has the library of [`DEFAULT_KUBERNETES`]; the main branch drops old versions.
const LIBRARY_COMMIT: &str = "55380470fb7979e6ce0c4316cb9c27a266caf298";

/// Why there is no workspace.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum InitError {
    #[error("error listing files: {}", go_io_text(.0))]
    #[diagnostic(code(renga::init))]
    List(io::Error),
    #[error("error: directory not empty. Use `-f` to force")]
    #[diagnostic(code(renga::init), help("or start in a new directory"))]
    NotEmpty,
    #[error("error creating `{name}`: open {name}: {}", go_io_text(source))]
    #[diagnostic(code(renga::init))]
    File { name: &'static str, source: io::Error },
    #[error("error creating `{name}/` folder: mkdir {name}: {}", go_io_text(source))]
    #[diagnostic(code(renga::init))]
    Folder { name: &'static str, source: io::Error },
}

impl Report for InitError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga init`.
pub(super) fn init(args: &InitArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let root = settings.cwd.as_path();
    let mut entries = std::fs::read_dir(root).map_err(InitError::List)?;
    if entries.next().is_some() && !args.force {
        return Err(InitError::NotEmpty.into());
    }
    write_new(root, "jsonnetfile.json", "{}")?;
    for name in ["vendor", "lib"] {
        match std::fs::create_dir(root.join(name)) {
            Err(_) if settings.dialect == Dialect::Renga && root.join(name).is_dir() => {}
            made => made.map_err(|source| InitError::Folder { name, source })?,
        }
    }
    let default = root.join("environments/default");
    match env_files::create(&default, Environment::default(), args.inline) {
        // With --force an environment that is there is kept.
        Ok(()) | Err(env_files::WriteError::Exists { .. }) => {}
        Err(error) => return Err(error.into()),
    }

    let library = library(&args.k8s);
    if let Some(library) = &library {
        let path = library.split_once('@').map_or(library.as_str(), |(path, _)| path);
        write_new(root, "lib/k.libsonnet", &format!("import '{path}/main.libsonnet'\n"))?;
    }
    let hint = if args.inline {
        " in environments/default/main.jsonnet".to_owned()
    } else {
        let program = settings.dialect.program();
        format!(":\n`{program} env set environments/default --server=https://127.0.0.1:6443`")
    };
    printer.data(format_args!(
        "Directory structure set up! Remember to configure the API endpoint{hint}\n"
    ))?;
    if let Some(library) = library {
        printer.note(format_args!(
            "{} does not fetch libraries yet. To use lib/k.libsonnet, run:\njb install {library}",
            settings.dialect.program()
        ));
    }
    Ok(ExitStatus::Success)
}

/// The package that `--k8s` means: a version, a package, or a truth value in Go's spelling.
fn library(k8s: &str) -> Option<String> {
    let version = match k8s {
        "0" | "f" | "F" | "false" | "FALSE" | "False" => return None,
        "1" | "t" | "T" | "true" | "TRUE" | "True" => DEFAULT_KUBERNETES,
        other => other,
    };
    let path =
        if version.contains('/') { version.to_owned() } else { format!("{LIBRARY}/{version}") };
    Some(if path.contains('@') { path } else { format!("{path}@{LIBRARY_COMMIT}") })
}

/// Writes a file unless there is one.
fn write_new(root: &Path, name: &'static str, text: &str) -> Result<(), InitError> {
    let path = root.join(name);
    if path.exists() {
        return Ok(());
    }
    std::fs::write(path, text).map_err(|source| InitError::File { name, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_a_version_a_package_or_none() {
        let default = format!("{LIBRARY}/1.32@{LIBRARY_COMMIT}");
        assert_eq!(library("1.32"), Some(default.clone()));
        assert_eq!(library("true"), Some(default));
        assert_eq!(library("example.com/a@v1").as_deref(), Some("example.com/a@v1"));
        assert_eq!(library("False"), None);
    }
}
