//! `env add`, `env set`, `env list` and `env remove`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::jsonnet::{EngineArgs, VariableArgs};
use super::values::{self, CsvList};

/// The commands below `env`.
#[derive(Debug, Subcommand)]
pub(crate) enum EnvCommand {
    Add(EnvAddArgs),
    Set(EnvSetArgs),
    #[command(visible_alias = "ls")]
    List(EnvListArgs),
    #[command(visible_alias = "rm")]
    Remove(EnvRemoveArgs),
}

/// The fields of `spec.json` that have a flag.
#[derive(Debug, Clone, Args)]
pub(crate) struct SettingsArgs {
    /// Address of the Kubernetes API server
    #[arg(long, value_name = "url")]
    pub(crate) server: Option<String>,
    /// Take the address of the API server from a context of the kubeconfig
    #[arg(long, value_name = "context")]
    pub(crate) server_from_context: Option<String>,
    /// Names of contexts the environment may be used with, as regular expressions (can be repeated)
    #[arg(long = "context-name", value_name = "regex")]
    pub(crate) context_names: Vec<CsvList>,
    /// How to find differences with the cluster (chosen by the server's version otherwise)
    #[arg(long, value_name = "strategy")]
    pub(crate) diff_strategy: Option<String>,
    /// Label every object with its environment, which pruning needs
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          value_name = "bool")]
    pub(crate) inject_labels: Option<bool>,
}

/// Create an environment
#[derive(Debug, Args)]
pub(crate) struct EnvAddArgs {
    /// Folder of the new environment
    #[arg(value_name = "path", value_hint = clap::ValueHint::FilePath, value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Namespace of objects that name none
    #[arg(long, value_name = "namespace", default_value = "default")]
    pub(crate) namespace: String,
    /// Write an inline environment into main.jsonnet, without a spec.json
    #[arg(long, short = 'i')]
    pub(crate) inline: bool,
}

/// Change the settings of an environment
#[derive(Debug, Args)]
pub(crate) struct EnvSetArgs {
    /// Folder of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Namespace of objects that name none
    #[arg(long, value_name = "namespace")]
    pub(crate) namespace: Option<String>,
    /// No longer a flag: environments are named by their folders
    #[arg(long, value_name = "name", hide = true)]
    pub(crate) name: Option<String>,
}

/// List the environments below a folder
#[derive(Debug, Args)]
pub(crate) struct EnvListArgs {
    /// Folder to search (default: where you are)
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Print the environments as a JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to list by their labels, such as team=a,tier!=test
    #[arg(long, short = 'l', value_name = "labels", default_value = "", hide_default_value = true)]
    pub(crate) selector: String,
    /// Print names only, one a line
    #[arg(long)]
    pub(crate) names: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Delete the folder of an environment
#[derive(Debug, Args)]
pub(crate) struct EnvRemoveArgs {
    /// Folder of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
}
