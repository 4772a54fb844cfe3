//! `show` and `eval`.

use std::path::PathBuf;

use clap::Args;

use super::jsonnet::{EngineArgs, VariableArgs};
use super::values::{self, CsvList};

/// What commands on one environment's manifests share.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorkflowArgs {
    /// Part of the name of the one inline environment to use
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Manifests to keep: regular expressions over Kind/name, with a leading ! to leave out
    #[arg(long = "target", short = 't', value_name = "regex")]
    pub(crate) targets: Vec<CsvList>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// Print the manifests of an environment as YAML
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    /// Print into a file or a pipe, which is refused otherwise when started as tk
    #[arg(long)]
    pub(crate) dangerous_allow_redirect: bool,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Print what the Jsonnet of an environment evaluates to, as JSON
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    /// Expression to evaluate on the output, such as data.deployment or [0].metadata
    #[arg(
        long = "eval",
        short = 'e',
        value_name = "expr",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) expression: String,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}
