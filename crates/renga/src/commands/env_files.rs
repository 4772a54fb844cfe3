//! Writing an environment's files, for `env add`, `env set` and `init`.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use renga_diag::Report;
use renga_env::{Environment, SPEC_FILE};
use renga_project::{DiskSource, LayoutError, find_root, go_io_text, relative_to_root};
use serde_json::Value;

use super::CommandError;
use super::live::{self, NoAnswer, Talk};
use crate::args::SettingsArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// The default name of an environment's entrypoint.
const MAIN_FILE: &str = "main.jsonnet";

/// Why an environment is not written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum WriteError {
    /// A folder cannot be made.
    #[error("creating directory: mkdir {}: {}", path.display(), go_io_text(source))]
    #[diagnostic(code(renga::write))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("writing {0}: open {0}: {1}", path.display(), go_io_text(source))]
    #[diagnostic(code(renga::write))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is an environment, or at least one of its files.
    #[error("`{}` exists already", path.display())]
    #[diagnostic(
        code(renga::exists),
        help("change an environment with `env set`, or remove it first with `env remove`")
    )]
    Exists {
        /// The file that is there.
        path: PathBuf,
    },
    /// There is no workspace.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Layout(#[from] LayoutError),
    /// Two ways to find the cluster.
    #[error(
        "your Environment's spec.json seems incomplete:\n  * spec.apiServer|spec.contextNames: \
         These fields are mutually exclusive, please only specify one.\n\nPlease see \
         https://tanka.dev/config for reference"
    )]
    #[diagnostic(code(renga::two_clusters), help("give `--server` or `--context-name`, not both"))]
    TwoClusters,
}

impl Report for WriteError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Checks what is true of the settings of every environment, and asks the cluster where the flags
/// name one by the kubeconfig.
pub(super) fn check(
    environment: &Environment,
    flags: &SettingsArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), CommandError> {
    let spec = &environment.spec;
    if !spec.api_server.is_empty() && !spec.context_names.is_empty() {
        return Err(WriteError::TwoClusters.into());
    }
    if flags.server_from_context.is_none() && flags.context_names.is_empty() {
        return Ok(());
    }
    let connection = live::connect(spec, None, settings)?;
    connection.cluster.version(&Talk::new(settings, printer)).map_err(NoAnswer::from)?;
    Ok(())
}

/// The address of the server that the flags give, of a context of the kubeconfig or as it is.
pub(super) fn server(
    flags: &SettingsArgs,
    settings: &Settings,
) -> Result<Option<String>, CommandError> {
    match &flags.server_from_context {
        Some(context) => live::server_of_context(context, settings).map(Some),
        None => Ok(flags.server.clone()),
    }
}

/// Creates the folder `dir` (absolute) with the files of `environment`, which is named for it.
///
/// # Errors
///
/// [`WriteError`]; nothing is written where there is no workspace, or a file is there already.
pub(super) fn create(
    dir: &Path,
    mut environment: Environment,
    inline: bool,
) -> Result<(), WriteError> {
    // The folder may be to come: the workspace is that of the nearest one above.
    let existing = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir);
    let (root, _) = find_root(&DiskSource, existing)?;
    environment.metadata.name = relative_to_root(&root, dir);
    let main = dir.join(MAIN_FILE);
    let spec = dir.join(SPEC_FILE);
    let files = if inline {
        vec![(main, format!("{}\n", jsonnet(&inline_object(&environment))))]
    } else {
        vec![(spec, environment.to_spec_json()), (main, "{}\n".to_owned())]
    };
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(WriteError::Exists { path: path.clone() });
    }
    if !dir.exists() {
        std::fs::create_dir_all(dir)
            .map_err(|source| WriteError::Folder { path: dir.to_owned(), source })?;
    }
    for (path, text) in files {
        std::fs::write(&path, text).map_err(|source| WriteError::File { path, source })?;
    }
    Ok(())
}

/// Replaces the `spec.json` of `base`; the old one stays whole until the new one is.
pub(super) fn replace_spec(base: &Path, environment: &Environment) -> Result<(), WriteError> {
    let path = base.join(SPEC_FILE);
    // A link is followed, not replaced.
    let path = path.canonicalize().unwrap_or(path);
    let new = path.with_extension("json.new");
    std::fs::write(&new, environment.to_spec_json())
        .and_then(|()| std::fs::rename(&new, &path))
        .map_err(|source| WriteError::File { path, source })
}

fn inline_object(environment: &Environment) -> Value {
    let mut object = environment.to_value();
    if let Value::Object(fields) = &mut object {
        fields.insert("data".to_owned(), Value::Object(serde_json::Map::new()));
    }
    object
}

/// JSON as a formatted Jsonnet object. Only what environments are made of occurs: objects with
/// plain names for keys, lists of strings, strings and truth values.
fn jsonnet(value: &Value) -> String {
    fn write(value: &Value, depth: usize, out: &mut String) {
        let indent = |depth: usize, out: &mut String| {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                out.push('{');
                for (key, value) in fields {
                    indent(depth + 1, out);
                    out.push_str(key);
                    out.push_str(": ");
                    write(value, depth + 1, out);
                    out.push(',');
                }
                indent(depth, out);
                out.push('}');
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('[');
                for item in items {
                    indent(depth + 1, out);
                    write(item, depth + 1, out);
                    out.push(',');
                }
                indent(depth, out);
                out.push(']');
            }
            Value::String(text) => out.push_str(&string(text)),
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// A string in single quotes, or in double ones where it has single ones and no double ones.
fn string(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_environments_are_written_as_the_formatter_would() {
        let mut environment = Environment::default();
        environment.metadata.name = "environments/x".to_owned();
        environment.spec.api_server = "https://1.2.3.4".to_owned();
        environment.spec.namespace = "it's".to_owned();
        environment.spec.inject_labels = true;
        insta::assert_snapshot!(jsonnet(&inline_object(&environment)), @r#"
        {
          apiVersion: 'tanka.dev/v1alpha1',
          kind: 'Environment',
          metadata: {
            name: 'environments/x',
          },
          spec: {
            apiServer: 'https://1.2.3.4',
            namespace: "it's",
            injectLabels: true,
            resourceDefaults: {},
            expectVersions: {},
          },
          data: {},
        }
        "#);
        assert_eq!(string("a\"b\\c\nd<é"), "'a\"b\\\\c\\nd<é'");
    }

    #[test]
    fn an_environment_is_created_once() {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path().canonicalize().unwrap();
        let dir = root.join("environments/a/b");
        let create = |inline| create(&dir, Environment::default(), inline);
        assert!(matches!(create(false), Err(WriteError::Layout(_))));
        assert!(!root.join("environments").exists());

        std::fs::write(root.join("jsonnetfile.json"), "{}").unwrap();
        create(false).unwrap();
        let spec = std::fs::read_to_string(dir.join(SPEC_FILE)).unwrap();
        assert!(spec.contains("\"name\": \"environments/a/b\""), "{spec}");
        assert!(matches!(create(false), Err(WriteError::Exists { .. })));
        assert!(matches!(create(true), Err(WriteError::Exists { .. })));
    }
}
