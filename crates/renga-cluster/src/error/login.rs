//! Why the credentials that a kubeconfig names cannot be had.

use std::path::PathBuf;

/// Why the credentials that a kubeconfig names cannot be had.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoginError {
    /// A file that the kubeconfig names.
    #[error("cannot read {what} of user `{user}` from {}", path.display())]
    #[diagnostic(code(cluster::login::file))]
    File {
        /// The user entry.
        user: String,
        /// Such as `the token`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Data in the kubeconfig that is not what it should be.
    #[error("`{field}` of {owner} in the kubeconfig is not valid: {problem}")]
    #[diagnostic(code(cluster::login::field))]
    Field {
        /// Such as ``user `admin` ``.
        owner: String,
        /// The field.
        field: &'static str,
        /// What is wrong; never its content.
        problem: String,
    },
    /// An exec plugin that is not installed.
    #[error("the login program `{command}` of user `{user}` cannot be found")]
    #[diagnostic(code(cluster::login::plugin_missing))]
    PluginMissing {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
        /// `installHint` of the kubeconfig, or what to do without one.
        #[help]
        hint: String,
    },
    /// An exec plugin that cannot be run.
    #[error("the login program `{command}` of user `{user}` cannot be run")]
    #[diagnostic(code(cluster::login::plugin_start))]
    PluginStart {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// An exec plugin that ended with an error.
    #[error("the login program `{command}` of user `{user}` failed ({status}){}", said(stderr))]
    #[diagnostic(
        code(cluster::login::plugin_failed),
        help("log in with the tool of your provider, then try again")
    )]
    PluginFailed {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote to stderr.
        stderr: String,
    },
    /// An exec plugin that did not end.
    #[error("the login program `{command}` of user `{user}` did not end within {seconds} s")]
    #[diagnostic(
        code(cluster::login::plugin_timeout),
        help("it may wait for input, which it cannot have here: run it by hand first")
    )]
    PluginTimeout {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// An exec plugin whose answer cannot be used.
    #[error(
        "the answer of the login program `{command}` of user `{user}` cannot be used: {problem}"
    )]
    #[diagnostic(code(cluster::login::plugin_answer))]
    PluginAnswer {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
        /// What is wrong; never its content.
        problem: String,
    },
    /// An exec plugin that wants a terminal.
    #[error(
        "the login program `{command}` of user `{user}` needs a terminal (`interactiveMode: Always`)"
    )]
    #[diagnostic(
        code(cluster::login::plugin_interactive),
        help(
            "run a `kubectl` command with this context first, or use `interactiveMode: IfAvailable`"
        )
    )]
    PluginInteractive {
        /// The user entry.
        user: String,
        /// As the kubeconfig names it.
        command: String,
    },
    /// A way to log in that there is none of here.
    #[error("user `{user}` logs in with the auth provider `{provider}`, which is not supported")]
    #[diagnostic(
        code(cluster::login::provider),
        help(
            "use an `exec` plugin in the kubeconfig instead: kubectl has dropped auth providers, too"
        )
    )]
    Provider {
        /// The user entry.
        user: String,
        /// `auth-provider.name`.
        provider: String,
    },
    /// The connection cannot be set up.
    #[error("the connection to {server} cannot be set up: {problem}")]
    #[diagnostic(code(cluster::login::setup))]
    Setup {
        /// The server's URL.
        server: String,
        /// What is wrong.
        problem: String,
    },
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}
