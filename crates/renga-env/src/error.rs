//! Why an environment cannot be loaded, in tk's words where it has any.

use std::path::PathBuf;

use renga_jsonnet::EvalError;
use renga_manifest::{ExtractError, ProcessError};
use renga_project::LayoutError;

use crate::decode::SpecError;
use crate::evaluator::ImplementationError;
use crate::label::LabelError;
use crate::version::VersionError;

/// Why an environment cannot be loaded. `Display` is what `tk` says, causes left to the chain.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The path leads to no environment.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Layout(#[from] LayoutError),
    /// The spec cannot be read.
    #[error("{} {}: {}", if cause.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" }, path.display(), renga_project::go_io_text(cause))]
    #[diagnostic(code(env::spec_unreadable), help("`spec.json` must be a file that can be read"))]
    SpecUnreadable {
        /// The `spec.json`.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The environment object is malformed.
    #[error("{source}")]
    #[diagnostic(forward(source))]
    Spec {
        /// Where it is.
        file: PathBuf,
        /// What is wrong with it.
        source: SpecError,
    },
    /// The code does not evaluate.
    #[error("evaluating jsonnet")]
    #[diagnostic(forward(source))]
    Evaluation {
        /// The entrypoint.
        source: EvalError,
    },
    /// The code does not evaluate, in the search for an environment by name or for an expression.
    #[error("evaluating jsonnet in path '{path}'")]
    #[diagnostic(forward(source))]
    EvaluationInPath {
        /// The path as the user wrote it.
        path: String,
        /// What is wrong.
        source: EvalError,
    },
    /// The value of an inline entrypoint holds something that is no manifest.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Extract(#[from] ExtractError),
    /// No environment of that name.
    #[error("found no matching environments; run 'tk env list {path}' to view available options")]
    #[diagnostic(code(env::no_match), help("{}", no_match_help(path, available)))]
    NoMatch {
        /// The path as the user wrote it.
        path: String,
        /// The names of the environments that are there.
        available: Vec<String>,
    },
    /// More than one environment.
    #[error("{}", multiple_text(path, name, names))]
    #[diagnostic(
        code(env::ambiguous),
        help("`--name` takes any part of a name; an exact name always wins")
    )]
    Multiple {
        /// The path as the user wrote it.
        path: String,
        /// The name that was asked for; empty for none.
        name: String,
        /// The names found, sorted.
        names: Vec<String>,
    },
    /// The data of an environment holds an environment.
    #[error(
        "found a tanka Environment resource. Check that you aren't using a spec.json and inline environments simultaneously"
    )]
    #[diagnostic(
        code(env::nested),
        help("remove the `spec.json`, or the `Environment` object from what the code yields")
    )]
    Nested,
    /// The environment wants another version.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Version(#[from] VersionError),
    /// The label of the environment cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Label(#[from] LabelError),
    /// The data holds something that is no manifest.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] ProcessError),
    /// The environment wants a Jsonnet implementation that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Implementation(#[from] ImplementationError),
}

impl LoadError {
    /// Adds the names that would have matched to an error that says none did.
    pub(crate) fn with_available(self, available: Vec<String>) -> Self {
        match self {
            Self::NoMatch { path, .. } => Self::NoMatch { path, available },
            other => other,
        }
    }
}

impl renga_diag::Report for LoadError {
    fn tk_text(&self) -> String {
        match self {
            // The message holds its cause already.
            Self::SpecUnreadable { .. } | Self::Spec { .. } => self.to_string(),
            Self::Evaluation { source } | Self::EvaluationInPath { source, .. } => {
                format!("{self}: {}", source.tk_text())
            }
            _ => renga_diag::chain(self),
        }
    }
}

fn no_match_help(path: &str, available: &[String]) -> String {
    if available.is_empty() {
        return format!(
            "`{path}` yields no Environment object; add a `spec.json`, or one to what it yields"
        );
    }
    format!("there are: {}", available.join(", "))
}

fn multiple_text(path: &str, name: &str, names: &[String]) -> String {
    let path = go_quote(path);
    let head = if name.is_empty() {
        format!("found multiple Environments in {path}. Use `--name` to select a single one: ")
    } else {
        let name = go_quote(name);
        format!(
            "found multiple Environments in {path} matching {name}. Provide a more specific name that matches a single one: "
        )
    };
    names.iter().fold(head, |text, name| text + "\n - " + name)
}

fn go_quote(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}
