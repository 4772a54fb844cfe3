//! Why something at a cluster failed.
//!
//! Three levels: [`RequestError`] is one answer (or none) of the server, [`ObjectError`] what failed
//! for one object, [`ClusterError`] what makes it senseless to go on at all. Errors of choosing a
//! cluster are in `config`. What an answer means is found out in `transport`.

mod login;
mod object;
mod request;

pub use login::LoginError;
pub use object::ObjectError;
pub use request::{FieldConflict, FieldProblem, RequestError, TlsProblem};

/// What makes it senseless to go on.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ClusterError {
    /// The kubeconfig's credentials cannot be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Login(#[from] LoginError),
    /// The server does not answer, or refuses what everything else needs.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Request(#[from] RequestError),
    /// No threads for the connection.
    #[error("cannot start the runtime for connections")]
    #[diagnostic(code(cluster::runtime))]
    Runtime(#[source] std::io::Error),
}

impl renga_diag::Report for ClusterError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}
