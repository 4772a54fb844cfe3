//! Why something failed for one object.

use std::time::Duration;

use crate::error::{FieldProblem, RequestError};

/// Why something failed for one object. Which one, the report says.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub enum ObjectError {
    /// The server does not know its kind.
    #[error("the cluster has no kind `{kind}` in `{api_version}`")]
    #[diagnostic(code(cluster::unknown_kind), help("{help}"))]
    UnknownKind {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
        /// Which definition is missing, or which version there is.
        help: String,
    },
    /// It has neither `name` nor `generateName`.
    #[error("it has neither `metadata.name` nor `metadata.generateName`")]
    #[diagnostic(code(cluster::nameless))]
    Nameless,
    /// A name that cannot stand in a URL.
    #[error("`{name}` cannot be the name of an object")]
    #[diagnostic(code(cluster::name))]
    Name {
        /// The name or namespace.
        name: String,
    },
    /// The server refused it, or did not answer.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Request(#[from] RequestError),
    /// Fields that cannot be changed.
    #[error("it has fields that cannot be changed: {}", list(fields))]
    #[diagnostic(
        code(cluster::immutable),
        help(
            "`--replace` deletes it and creates it again; what it holds or serves is gone in between"
        )
    )]
    Immutable {
        /// Which, in the server's words.
        fields: Vec<FieldProblem>,
    },
    /// The last-applied annotation would be larger than annotations may be.
    #[error(
        "it has {bytes} bytes as JSON, too many for the annotation of `kubectl apply` (262144)"
    )]
    #[diagnostic(
        code(cluster::annotation_too_large),
        help("apply it with `--apply-strategy server`, which needs no annotation")
    )]
    AnnotationTooLarge {
        /// The size of the manifest as compact JSON.
        bytes: usize,
    },
    /// It is on its way out.
    #[error("it is being deleted{}", held(finalizers))]
    #[diagnostic(
        code(cluster::being_deleted),
        help(
            "wait until it is gone, then apply again; finalizers are removed by the programs that set them"
        )
    )]
    BeingDeleted {
        /// What keeps it.
        finalizers: Vec<String>,
    },
    /// A definition that was not established in time.
    #[error("it was not established within {} s: {reason}", after.as_secs())]
    #[diagnostic(code(cluster::not_established))]
    NotEstablished {
        /// How long it was given.
        after: Duration,
        /// Its condition.
        reason: String,
    },
    /// A replaced object that was not gone in time.
    #[error("it was deleted to be replaced, but not gone within {} s{}", after.as_secs(), held(finalizers))]
    #[diagnostic(code(cluster::not_gone))]
    NotGone {
        /// How long it was given.
        after: Duration,
        /// What keeps it.
        finalizers: Vec<String>,
    },
    /// The three-way merge does not work out.
    #[error("{message}")]
    #[diagnostic(code(cluster::merge))]
    Merge {
        /// Why.
        message: String,
    },
}

fn list(fields: &[FieldProblem]) -> String {
    let fields: Vec<_> = fields
        .iter()
        .map(|f| if f.field.is_empty() { f.message.clone() } else { format!("`{}`", f.field) })
        .collect();
    fields.join(", ")
}

fn held(finalizers: &[String]) -> String {
    if finalizers.is_empty() {
        String::new()
    } else {
        format!(" (finalizers: {})", finalizers.join(", "))
    }
}
