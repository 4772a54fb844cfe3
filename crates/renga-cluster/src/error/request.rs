//! Why one request failed, in terms of what the user can do.

use std::time::Duration;

/// Why one request failed.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub enum RequestError {
    /// 401.
    #[error("{server} does not accept the credentials of user `{user}` (context `{context}`)")]
    #[diagnostic(
        code(cluster::unauthorized),
        help("log in again, or look at the entry `{user}` under `users` of the kubeconfig")
    )]
    Unauthorized {
        /// The server's URL.
        server: String,
        /// The context.
        context: String,
        /// The user entry of the kubeconfig.
        user: String,
    },
    /// 403 by the rules of access.
    #[error("user `{user}` may not {verb} {resource}{}", place(namespace))]
    #[diagnostic(
        code(cluster::forbidden),
        help("ask for a role that allows `{verb}` on `{resource}`{}", place(namespace))
    )]
    Forbidden {
        /// As the server knows the user.
        user: String,
        /// Such as `patch`.
        verb: String,
        /// Such as `deployments.apps`, with ` "NAME"` where one object was meant.
        resource: String,
        /// The namespace; empty at the cluster scope.
        namespace: String,
    },
    /// An admission plugin, policy or webhook refused it.
    #[error("refused by admission: {message}")]
    #[diagnostic(code(cluster::admission))]
    Rejected {
        /// The server's words.
        message: String,
    },
    /// The namespace is on its way out.
    #[error("namespace `{namespace}` is being deleted")]
    #[diagnostic(code(cluster::terminating), help("wait until it is gone, then try again"))]
    Terminating {
        /// The namespace.
        namespace: String,
    },
    /// 404 of an object or a namespace.
    #[error("{message}")]
    #[diagnostic(code(cluster::not_found))]
    NotFound {
        /// The server's words.
        message: String,
        /// The kind of what is missing, as the server names it (`namespaces`); empty where it
        /// names none.
        kind: String,
        /// The name of what is missing.
        name: String,
    },
    /// 405: what is asked cannot be done with this kind.
    #[error("{message}")]
    #[diagnostic(code(cluster::method_not_allowed))]
    MethodNotAllowed {
        /// The server's words.
        message: String,
    },
    /// 409: it is there already.
    #[error("{message}")]
    #[diagnostic(code(cluster::already_exists))]
    AlreadyExists {
        /// The server's words.
        message: String,
    },
    /// 409: others own fields that were to be applied.
    #[error("other managers own {} of its fields: {}", fields.len(), list(fields))]
    #[diagnostic(
        code(cluster::conflict),
        help("take the fields out of the manifest, or take them over with `--force`")
    )]
    FieldConflicts {
        /// Which, and who.
        fields: Vec<FieldConflict>,
    },
    /// 409: somebody changed the object in between.
    #[error("it was changed by somebody else at the same time: {message}")]
    #[diagnostic(code(cluster::stale), help("try again"))]
    Stale {
        /// The server's words.
        message: String,
    },
    /// 422, or 400 with reasons: the object is not valid.
    #[error("{message}")]
    #[diagnostic(code(cluster::invalid))]
    Invalid {
        /// The server's words.
        message: String,
        /// The fields that are meant.
        fields: Vec<FieldProblem>,
    },
    /// 413, or more than the store takes.
    #[error("the object is too large for the server: {message}")]
    #[diagnostic(
        code(cluster::too_large),
        help(
            "the limit is about 1.5 MiB for all of an object, 1 MiB for the data of a Secret or ConfigMap"
        )
    )]
    TooLarge {
        /// The server's words.
        message: String,
    },
    /// 429, after all retries.
    #[error("{server} is too busy: {message}")]
    #[diagnostic(code(cluster::busy), help("try again later, or with a lower `--concurrency`"))]
    Busy {
        /// The server's URL.
        server: String,
        /// The server's words.
        message: String,
    },
    /// 5xx, after all retries.
    #[error("{server} failed with status {code}: {message}")]
    #[diagnostic(code(cluster::server))]
    Server {
        /// The server's URL.
        server: String,
        /// The HTTP status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// Any other status.
    #[error("{server} answered with status {code}: {message}")]
    #[diagnostic(code(cluster::status))]
    Status {
        /// The server's URL.
        server: String,
        /// The HTTP status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// The certificate does not verify.
    #[error("the certificate of {server} cannot be trusted: {problem}")]
    #[diagnostic(code(cluster::tls), help("{}", problem.help()))]
    Tls {
        /// The server's URL.
        server: String,
        /// Why.
        problem: TlsProblem,
    },
    /// Nothing listens there.
    #[error("{server} refuses connections")]
    #[diagnostic(
        code(cluster::refused),
        help("is the cluster up, and is the address in the kubeconfig right?")
    )]
    Refused {
        /// The server's URL, or that of the proxy.
        server: String,
    },
    /// The name is not known.
    #[error("the address of {server} cannot be found")]
    #[diagnostic(
        code(cluster::dns),
        help("check the name in the kubeconfig, and the network (VPN?) it needs")
    )]
    Unresolved {
        /// The server's URL, or that of the proxy.
        server: String,
    },
    /// No answer in time.
    #[error("{server} did not answer within {} s", after.as_secs_f32())]
    #[diagnostic(code(cluster::timeout))]
    Timeout {
        /// The server's URL.
        server: String,
        /// How long it was given.
        after: Duration,
    },
    /// The connection broke.
    #[error("the connection to {server} broke: {problem}")]
    #[diagnostic(code(cluster::connection))]
    Connection {
        /// The server's URL.
        server: String,
        /// In the words of the system.
        problem: String,
    },
    /// The proxy does not let it through.
    #[error("the proxy {proxy} does not connect to {server}: {problem}")]
    #[diagnostic(
        code(cluster::proxy),
        help("check `proxy-url` of the kubeconfig, `HTTPS_PROXY` and `NO_PROXY`")
    )]
    Proxy {
        /// The proxy, without credentials.
        proxy: String,
        /// The server's URL.
        server: String,
        /// What it said.
        problem: String,
    },
    /// Something else than a Kubernetes API answers there.
    #[error("{server} does not answer as a Kubernetes API does: {problem}")]
    #[diagnostic(code(cluster::answer))]
    Answer {
        /// The server's URL.
        server: String,
        /// What is wrong.
        problem: String,
    },
    /// The credentials have to be renewed, and cannot.
    #[error("{message}")]
    #[diagnostic(code(cluster::renewal))]
    Renewal {
        /// What the login said.
        message: String,
    },
    /// The caller's flag ended the run.
    #[error("interrupted")]
    #[diagnostic(code(cluster::interrupted))]
    Interrupted,
}

/// A field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// Such as `.spec.replicas`.
    pub field: String,
    /// Such as `kube-controller-manager`.
    pub manager: String,
    /// The server's words.
    pub message: String,
}

/// A field that is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Such as `spec.containers[0].image`; may be empty.
    pub field: String,
    /// The server's words.
    pub message: String,
    /// Whether the reason is that the field cannot be changed.
    pub immutable: bool,
}

/// Why a certificate does not verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// Signed by somebody else than the kubeconfig says.
    UnknownIssuer,
    /// For another name; those it is for, where that is known.
    NameMismatch(Vec<String>),
    /// Not valid any more.
    Expired,
    /// Not valid yet.
    NotYetValid,
    /// The server refuses the client's certificate.
    ClientCertificate(String),
    /// Anything else.
    Other(String),
}

impl std::fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("it was issued by an unknown authority"),
            Self::NameMismatch(names) if names.is_empty() => {
                f.write_str("it was issued for another name")
            }
            Self::NameMismatch(names) => {
                write!(f, "it was issued for another name ({})", names.join(", "))
            }
            Self::Expired => f.write_str("it has expired"),
            Self::NotYetValid => f.write_str("it is not valid yet"),
            Self::ClientCertificate(alert) => {
                write!(f, "the server refuses the certificate of the user ({alert})")
            }
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

impl TlsProblem {
    fn help(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "`certificate-authority-data` of the kubeconfig must be the authority of this very cluster"
            }
            Self::NameMismatch(_) => {
                "use the name of the certificate in `server`, or set `tls-server-name` in the kubeconfig"
            }
            Self::Expired | Self::NotYetValid => {
                "check the clock of this machine, then renew the certificate of the server"
            }
            Self::ClientCertificate(_) => "renew `client-certificate-data` in the kubeconfig",
            Self::Other(_) => "is this the address of a Kubernetes API server?",
        }
    }
}

impl RequestError {
    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether no other request would fare better: the server cannot be reached, or does not know
    /// the user.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Unauthorized { .. }
                | Self::Tls { .. }
                | Self::Refused { .. }
                | Self::Unresolved { .. }
                | Self::Proxy { .. }
                | Self::Answer { .. }
                | Self::Renewal { .. }
        )
    }
}

impl renga_diag::Report for RequestError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

fn place(namespace: &str) -> String {
    if namespace.is_empty() { String::new() } else { format!(" in namespace `{namespace}`") }
}

fn list(fields: &[FieldConflict]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|f| format!("`{}` (`{}`)", f.field, f.manager)).collect();
    fields.join(", ")
}
