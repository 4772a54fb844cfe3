//! Why an export fails, in tk's words where it has any.

use std::fmt::Write as _;
use std::path::PathBuf;

use renga_env::{Found, LoadError};
use renga_project::go_io_text;

use crate::format::FormatError;
use crate::index::IndexError;

/// An environment that could not be exported.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("environment `{name}`")]
pub struct Failure {
    /// The environment's name.
    pub name: String,
    /// Its entrypoint, absolute.
    pub entrypoint: PathBuf,
    /// Why.
    #[source]
    #[diagnostic_source]
    pub source: LoadError,
}

impl Failure {
    pub(crate) fn of(found: &Found, source: LoadError) -> Self {
        Self {
            name: found.environment.metadata.name.clone(),
            entrypoint: found.entrypoint.file.clone(),
            source,
        }
    }
}

/// Why nothing was exported. The output directory is as it was.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ExportError {
    /// The output directory holds something.
    #[error("output dir `{shown}` not empty. Pass a different --merge-strategy to ignore this")]
    #[diagnostic(
        code(export::not_empty),
        help(
            "`--merge-strategy replace-envs` replaces the files of the exported environments, `fail-on-conflicts` only adds files"
        )
    )]
    NotEmpty {
        /// The directory as the user wrote it.
        shown: String,
    },
    /// The output directory cannot be read.
    #[error("checking target dir: {operation} {shown}: {}", go_io_text(cause))]
    #[diagnostic(
        code(export::output_unreadable),
        help("give the path of a directory; it is created if there is none")
    )]
    OutputUnreadable {
        /// The system call, as Go names it.
        operation: &'static str,
        /// The directory as the user wrote it.
        shown: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The index of the output directory cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Index(#[from] IndexError),
    /// A file name cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Format(#[from] FormatError),
    /// Environments do not evaluate.
    #[error("{} of the environments cannot be exported", failures.len())]
    #[diagnostic(code(export::environments), help("nothing was written"))]
    Environments {
        /// Which, in the order of the environments.
        #[related]
        failures: Vec<Failure>,
    },
    /// A file is there that this export may not replace.
    #[error("file '{}' already exists. Aborting", path.display())]
    #[diagnostic(
        code(export::exists),
        help(
            "`{manifest}` of `{environment}` would replace it; pass `--merge-strategy replace-envs`, or remove the file"
        )
    )]
    Exists {
        /// The file, below the directory as the user wrote it.
        path: PathBuf,
        /// The environment that wants to write it.
        environment: String,
        /// The manifest, as `Kind/name`.
        manifest: String,
    },
    /// Two manifests want the same file.
    #[error("file '{}' already exists. Aborting", path.display())]
    #[diagnostic(
        code(export::collision),
        help("it is the name for both `{}` of `{}` and `{}` of `{}`; tell them apart in `--format`, for example by `{{{{env.metadata.name}}}}/` or `{{{{.metadata.namespace}}}}`", first.1, first.0, second.1, second.0)
    )]
    Collision {
        /// The file, below the directory as the user wrote it.
        path: PathBuf,
        /// Environment and manifest (`Kind/name`).
        first: (String, String),
        /// Environment and manifest (`Kind/name`).
        second: (String, String),
    },
    /// The file system does not take a name.
    #[error("stat {}: {}", path.display(), go_io_text(cause))]
    #[diagnostic(
        code(export::name),
        help(
            "change `--format`: a name or folder is too long, or a file is where a folder is needed"
        )
    )]
    Name {
        /// The file, below the directory as the user wrote it.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write to `{}`", path.display())]
    #[diagnostic(
        code(export::write),
        help("nothing was changed; check the space and the permissions of the output directory")
    )]
    Write {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The user interrupted it.
    #[error("interrupted: nothing was changed")]
    #[diagnostic(code(export::interrupted))]
    Interrupted,
}

impl renga_diag::Report for ExportError {
    fn tk_text(&self) -> String {
        let Self::Environments { failures } = self else { return renga_diag::chain(self) };
        // Tk evaluates all environments before it extracts the manifests of the first one.
        let evaluation: Vec<&Failure> =
            failures.iter().filter(|failure| is_evaluation(&failure.source)).collect();
        if let (true, Some(first)) = (evaluation.is_empty(), failures.first()) {
            return first.source.tk_text();
        }
        let mut text = String::from("Errors occurred during parallel processing:\n\n");
        for failure in evaluation {
            let (path, error) = (failure.entrypoint.display(), failure.source.tk_text());
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "- {path}:
 {error}

"
            );
        }
        text
    }
}

fn is_evaluation(error: &LoadError) -> bool {
    !matches!(error, LoadError::Process(_) | LoadError::Version(_) | LoadError::Label(_))
}
