//! `export`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::jsonnet::VariableArgs;
use super::values::{self, ArgumentFault};
use super::workflow::WorkflowArgs;
use crate::dialect::quote;

/// Write the manifests of environments as YAML files
///
/// Every environment found is evaluated once. Files whose content is unchanged are left alone, and a
/// failed export leaves the directory as it was.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Directory to write into
    #[arg(value_name = "outputDir", value_parser = values::path())]
    pub(crate) output_dir: PathBuf,
    /// Environments, or with --recursive folders to search for them
    #[arg(value_name = "path", required = true, num_args = 1.., value_parser = values::path())]
    pub(crate) paths: Vec<PathBuf>,
    /// Template of the file names, in the language of Go templates; slashes make directories
    #[arg(
        long,
        value_name = "template",
        default_value = "{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}"
    )]
    pub(crate) format: String,
    /// Ending of the file names
    #[arg(long, value_name = "ending", default_value = "yaml")]
    pub(crate) extension: String,
    /// Number of environments to work on at a time; unless given, no more than there are cores
    #[arg(
        long,
        short = 'p',
        value_name = "number",
        default_value_t = 8,
        allow_negative_numbers = true
    )]
    pub(crate) parallel: i64,
    /// Directory in which to keep results for later exports (default: renga in the user's cache)
    #[arg(long, short = 'c', value_name = "dir", default_value = "", hide_default_value = true)]
    pub(crate) cache_path: String,
    /// Evaluate every environment, and keep no results
    #[arg(long, conflicts_with = "cache_path")]
    pub(crate) no_cache: bool,
    /// Leave random what charts make random (default: derived from release and chart)
    #[arg(long)]
    pub(crate) no_deterministic: bool,
    /// Regular expressions of the environments whose results are kept (default: all)
    #[arg(long, short = 'e', value_name = "regex")]
    pub(crate) cache_envs: Vec<String>,
    /// Accepted for the sake of old scripts; there is no heap to trim
    #[arg(
        long,
        value_name = "bytes",
        default_value_t = 0,
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    pub(crate) mem_ballast_size_bytes: i64,
    /// Old name of --merge-strategy=fail-on-conflicts
    #[arg(long, hide = true)]
    pub(crate) merge: bool,
    /// What to do with a directory that is not empty: fail-on-conflicts or replace-envs (default: refuse)
    #[arg(long, value_name = "strategy", default_value = "", hide_default_value = true)]
    pub(crate) merge_strategy: MergeChoice,
    /// Main file of an environment that is gone and whose exported files are to be deleted (can be repeated)
    #[arg(long, value_name = "main file")]
    pub(crate) merge_deleted_envs: Vec<String>,
    /// Leave out manifest.json, the list of exported files
    #[arg(long)]
    pub(crate) skip_manifest: bool,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Environments to export by their labels, such as team=a,tier!=test
    #[arg(long, short = 'l', value_name = "labels", default_value = "", hide_default_value = true)]
    pub(crate) selector: String,
    /// Search the paths for environments
    #[arg(long, short = 'r')]
    pub(crate) recursive: bool,
}

/// What to do when the output directory is not empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MergeChoice {
    /// Refuse.
    #[default]
    Refuse,
    /// Write beside what is there; a file in the way is an error.
    FailOnConflicts,
    /// Replace what earlier exports wrote for the same environments.
    ReplaceEnvs,
}

impl FromStr for MergeChoice {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        match text {
            "" => Ok(Self::Refuse),
            "fail-on-conflicts" => Ok(Self::FailOnConflicts),
            "replace-envs" => Ok(Self::ReplaceEnvs),
            _ => Err(ArgumentFault::error(format!(
                "invalid merge strategy: {}",
                quote::string(text)
            ))),
        }
    }
}
