//! Credentials of registries: the files of `helm registry login` and `docker login`, and the
//! helper programs that they name.
//!
//! Owns reading those files and running `docker-credential-*`. Which host gets which credentials
//! is decided here, by the registry's name; that they stay with that host is the transport's part.
//!
//! Invariant: secrets are neither printed nor written anywhere; `Debug` shows `***`.

use std::io;
use std::path::PathBuf;

/// Why configured credentials cannot be had.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("registry credentials in {} cannot be read", path.display())]
    #[diagnostic(code(charts::credentials_file))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },

    /// The file does not hold what it should.
    #[error("registry credentials in {} are malformed: {problem}", path.display())]
    #[diagnostic(code(charts::credentials_file), help("log in to the registry again"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any of its values.
        problem: String,
    },

    /// The helper program failed.
    #[error("credentials for `{registry}`: helper `{helper}` {problem}")]
    #[diagnostic(
        code(charts::credential_helper),
        help("install the helper, or take it out of `credsStore` and `credHelpers` of the docker configuration")
    )]
    Helper {
        /// The registry.
        registry: String,
        /// The program.
        helper: String,
        /// What went wrong.
        problem: String,
    },
}
