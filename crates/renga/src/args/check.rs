//! `check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::jsonnet::VariableArgs;
use super::values;
use super::workflow::WorkflowArgs;

/// Check that what environments render is sound
///
/// Every environment found is rendered and held against the rules: schemas of built-in kinds and of
/// those whose definitions are rendered for the same cluster, API versions that the cluster's release
/// serves, duplicate objects, and namespaces, accounts, configuration, secrets, volumes, roles and
/// services that are referred to and exist nowhere. No cluster is asked.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Environments, or folders to search for them (default: where you are)
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) paths: Vec<PathBuf>,
    /// Kubernetes release of the clusters, such as 1.34 (default: the newest that is known)
    #[arg(long, value_name = "version")]
    pub(crate) kubernetes_version: Option<String>,
    /// Fail on findings that are at least this grave
    #[arg(long, value_name = "severity", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// How findings are printed
    #[arg(long, short = 'o', value_name = "format", value_enum, default_value_t)]
    pub(crate) output: CheckOutput,
    /// Environments to check by their labels, such as team=a,tier!=test
    #[arg(long, short = 'l', value_name = "labels", default_value = "", hide_default_value = true)]
    pub(crate) selector: String,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// From which severity on findings are a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Findings are told, and the command succeeds.
    Never,
    /// Errors fail.
    Error,
    /// Errors and warnings fail.
    Warning,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckOutput {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}
