//! What commands that need a cluster share: which cluster an environment means, the connection to
//! it, and what is said while it is asked.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use renga_cluster::{
    Choice, ChooseError, Cluster, ClusterError, ClusterOptions, Event, Kubeconfig, KubeconfigError,
    ObjectError, ObjectId, Observer, Proxies, Timeouts, WaitOutcome,
};
use renga_diag::Report;
use renga_env::Spec;

use super::CommandError;
use crate::args::{ConnectionArgs, LogLevel};
use crate::dialect::Dialect;
use crate::interrupt;
use crate::printer::{self, Field, Printer, Progress, talk};
use crate::settings::Settings;

/// What an environment lacks to be applied anywhere.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error(
    "your Environment's spec.json seems incomplete:\n{}\n\nPlease see https://tanka.dev/config for \
     reference",
    problems.concat()
)]
#[diagnostic(
    code(renga::incomplete_environment),
    help("`env set PATH --server URL` names the cluster, `--namespace NAME` the namespace")
)]
pub(super) struct Incomplete {
    problems: Vec<&'static str>,
}

impl Report for Incomplete {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// The cluster does not answer.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error(transparent)]
#[diagnostic(transparent)]
pub(super) struct NoAnswer(#[from] ClusterError);

impl Report for NoAnswer {
    fn tk_text(&self) -> String {
        format!("connecting to Kubernetes: {}", renga_diag::chain(&self.0))
    }
}

/// Something cannot be done to one object.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{object} cannot be {action}")]
#[diagnostic(code(renga::object))]
pub(super) struct ObjectFailure {
    /// Which one.
    pub(super) object: ObjectId,
    /// What was to be done to it, as a participle.
    pub(super) action: &'static str,
    /// Why not.
    #[source]
    #[diagnostic_source]
    pub(super) source: ObjectError,
}

impl Report for ObjectFailure {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// What the kubeconfig files say.
///
/// # Errors
///
/// [`KubeconfigError`] for a file that cannot be read or understood.
pub(super) fn kubeconfig(settings: &Settings) -> Result<Kubeconfig, KubeconfigError> {
    Kubeconfig::load(&settings.kubeconfig_paths())
}

/// The cluster that an environment means, which nothing was asked yet.
pub(super) struct Connection {
    /// The cluster.
    pub(super) cluster: Cluster,
    cancel: Arc<AtomicBool>,
}

/// Finds the cluster that an environment means.
pub(super) fn connect(
    spec: &Spec,
    args: Option<&ConnectionArgs>,
    settings: &Settings,
) -> Result<Connection, CommandError> {
    check(spec)?;
    let kubeconfig = kubeconfig(settings)?;
    let choice = if spec.context_names.is_empty() {
        Choice::ApiServer(&spec.api_server)
    } else {
        Choice::ContextNames(&spec.context_names)
    };
    let target = kubeconfig.choose(choice)?;
    let cancel = Arc::new(AtomicBool::new(false));
    let defaults = ClusterOptions::default();
    let options = ClusterOptions {
        proxies: Proxies {
            http: settings.proxies.http.clone(),
            https: settings.proxies.https.clone(),
            no_proxy: settings.proxies.none.clone(),
        },
        cache: settings.cache_dir.as_ref().map(|dir| dir.join("cluster")),
        variables: settings.login_variables(),
        directory: settings.cwd.clone(),
        concurrency: args.map_or(defaults.concurrency, |args| args.concurrency.into()),
        timeouts: Timeouts {
            request: args.map_or(defaults.timeouts.request, |args| args.request_timeout.0),
            ..defaults.timeouts
        },
        cancel: Arc::clone(&cancel),
        ..defaults
    };
    Ok(Connection { cluster: Cluster::new(target, options), cancel })
}

/// Checks that an environment says where it goes.
fn check(spec: &Spec) -> Result<(), Incomplete> {
    let mut problems = Vec::new();
    match (spec.api_server.is_empty(), spec.context_names.is_empty()) {
        (true, true) => problems.push(
            "  * spec.apiServer|spec.contextNames: No Kubernetes cluster endpoint or context names \
             specified. Please specify only one.",
        ),
        (false, false) => problems.push(
            "  * spec.apiServer|spec.contextNames: These fields are mutually exclusive, please only \
             specify one.",
        ),
        _ => {}
    }
    if spec.namespace.is_empty() {
        problems.push("  * spec.namespace: Default namespace missing");
    }
    if problems.is_empty() { Ok(()) } else { Err(Incomplete { problems }) }
}

impl Connection {
    /// Lets Ctrl-C end the work between two requests from here on, instead of ending the process.
    pub(super) fn end_on_ctrl_c(&self) {
        interrupt::raise_on_ctrl_c(&self.cancel);
    }

    /// Where changes go, in the words of tk's question.
    pub(super) fn question(&self, action: &str, namespace: &str, printer: &Printer) -> String {
        let target = self.cluster.target();
        let [namespace, cluster, server, context] =
            [namespace, &target.cluster, &target.server, &target.context]
                .map(|value| printer.alert(value));
        format!(
            "{action} namespace '{namespace}' of cluster '{cluster}' at '{server}' using context \
             '{context}'."
        )
    }
}

/// Tells the user what happens while the cluster is asked.
pub(super) struct Talk {
    dialect: Dialect,
    logger: printer::Logger,
    progress: Progress,
    total: RefCell<usize>,
    warns: bool,
}

impl Talk {
    /// Talks by the manners of `printer`.
    pub(super) fn new(settings: &Settings, printer: &Printer) -> Self {
        Self {
            dialect: settings.dialect,
            logger: printer.logger(),
            progress: printer.progress(0),
            total: RefCell::new(0),
            warns: true,
        }
    }

    /// Keeps the server's warnings to itself.
    pub(super) fn without_warnings(self) -> Self {
        Self { warns: false, ..self }
    }

    /// Says how many steps are to come.
    pub(super) fn expect(self, total: usize) -> Self {
        self.total.replace(total);
        self.progress.expect(total);
        self
    }

    fn warn(&self, message: &str) {
        self.progress.aside(|| match self.dialect {
            // The words of kubectl, which tk lets through.
            Dialect::Tk => talk(&format!("Warning: {message}\n")),
            Dialect::Renga => self.logger.log(LogLevel::WARN, message, &[]),
        });
    }
}

impl Observer for Talk {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Warning(text) if self.warns => self.warn(text),
            Event::Retrying { request, error, after } => {
                let after = serde_json::Value::from(after.as_secs_f64());
                let error = serde_json::Value::from(error.to_string());
                let fields = [
                    Field { name: "error", value: &error },
                    Field { name: "after", value: &after },
                ];
                self.progress.aside(|| {
                    self.logger.log(LogLevel::DEBUG, &format!("sending again: {request}"), &fields);
                });
            }
            Event::DiscoveryIncomplete { group_version } => self.progress.aside(|| {
                self.logger.log(
                    LogLevel::WARN,
                    &format!(
                        "the kinds of `{group_version}` are not known: its server does not answer"
                    ),
                    &[],
                );
            }),
            Event::Compared { done: _, total } => {
                if self.total.replace(*total) != *total {
                    self.progress.expect(*total);
                }
                self.progress.step("compared");
            }
            Event::Applied { object, outcome } => {
                self.progress.step(&format!("{object} {}", outcome.name()));
            }
            Event::Waiting { object, reason } => self.progress.say(&format!("{object}: {reason}")),
            Event::Waited { object, outcome } => {
                let state = match outcome {
                    WaitOutcome::Ready => "is ready",
                    _ => "is not ready",
                };
                self.progress.step(&format!("{object} {state}"));
            }
            Event::Deleted { object } => self.progress.step(&format!("{object} deleted")),
            _ => {}
        }
    }
}

/// The error of choosing a context for `--server-from-context`, in the words of that flag.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("resolving IP from context")]
#[diagnostic(code(renga::server_from_context))]
pub(super) struct NoServer(
    #[source]
    #[diagnostic_source]
    ChooseError,
);

impl Report for NoServer {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// The address of the server that a context of the kubeconfig goes to.
pub(super) fn server_of_context(name: &str, settings: &Settings) -> Result<String, CommandError> {
    let kubeconfig = kubeconfig(settings)?;
    let server = kubeconfig.server_of_context(name).map_err(NoServer)?;
    Ok(server.to_owned())
}
