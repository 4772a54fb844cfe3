//! Why a revision of a workspace cannot be shown.

use std::path::PathBuf;

/// Why a revision of a workspace cannot be shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum GitError {
    /// The folder is in no repository, or in one that cannot be opened.
    #[error("`{}` is in no git repository that can be read: {message}", folder.display())]
    #[diagnostic(
        code(git::no_repository),
        help("run this in a clone, or name a folder to compare with: `--base DIR`")
    )]
    NoRepository {
        /// The folder that was asked about.
        folder: PathBuf,
        /// What git's reader says.
        message: String,
    },
    /// The repository has no working tree.
    #[error("the repository of `{}` is bare", folder.display())]
    #[diagnostic(code(git::bare), help("run this in a clone with a working tree"))]
    Bare {
        /// The folder that was asked about.
        folder: PathBuf,
    },
    /// The repository has no commit yet.
    #[error("the repository has no commit yet")]
    #[diagnostic(code(git::no_commit), help("commit something to compare with"))]
    NoCommit,
    /// No commit is called so.
    #[error("no commit is called `{revision}` here")]
    #[diagnostic(code(git::unknown_revision), help("{help}"))]
    UnknownRevision {
        /// The revision as the user wrote it.
        revision: String,
        /// What to do.
        help: String,
    },
    /// The clone is too shallow to tell where the two lines of history parted.
    #[error(
        "this clone is too shallow: it holds {commits} of `HEAD`'s commits, and where `{revision}` parted from it is further back"
    )]
    #[diagnostic(
        code(git::shallow),
        help(
            "a fetch depth of more than {commits} is needed: `fetch-depth: 0` in GitHub's checkout, `GIT_DEPTH: 0` in GitLab, or `git fetch --unshallow`; `git fetch --deepen {deepen}` may do"
        )
    )]
    Shallow {
        /// The revision as the user wrote it.
        revision: String,
        /// How many commits there are from `HEAD` to the end of what was fetched.
        commits: usize,
        /// A depth to try next.
        deepen: usize,
    },
    /// Two lines of history with nothing in common.
    #[error("`{revision}` and `HEAD` have no commit in common")]
    #[diagnostic(
        code(git::unrelated),
        help("name a revision of the same history, or a folder to compare with")
    )]
    Unrelated {
        /// The revision as the user wrote it.
        revision: String,
    },
    /// An object of the history is missing or broken.
    #[error("cannot read the history: {message}")]
    #[diagnostic(
        code(git::history),
        help(
            "the clone may be partial or broken: `git fsck` tells; a partial clone needs `git fetch --refetch`"
        )
    )]
    History {
        /// What git's reader says.
        message: String,
    },
}

impl renga_diag::Report for GitError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

impl GitError {
    pub(crate) fn history(error: &dyn std::fmt::Display) -> Self {
        Self::History { message: error.to_string() }
    }
}
