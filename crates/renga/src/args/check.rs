//! `check`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::jsonnet::VariableArgs;
use super::values::{self, ArgumentFault};
use super::workflow::WorkflowArgs;

/// Check that what environments render is sound
///
/// Every environment found is rendered and held against the rules: schemas of built-in kinds and of
/// those whose definitions are rendered for the same cluster, API versions that the cluster's release
/// serves, duplicate objects, namespaces, accounts, configuration, secrets, volumes, roles, services
/// and classes that are referred to and exist nowhere, and the policies of the workspace. No cluster
/// is asked.
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
    /// Form of the report (text, json, junit, sarif or github), and the file to write it into (can
    /// be repeated)
    #[arg(long = "output", short = 'o', value_name = "format[=file]")]
    pub(crate) outputs: Vec<CheckOutput>,
    /// File with definitions of kinds that nothing renders, or folder of such files (can be repeated)
    #[arg(long, value_name = "path", value_parser = values::path())]
    pub(crate) crds: Vec<PathBuf>,
    /// Folder with the exported manifests: they must be what an export would write now
    #[arg(long, value_name = "dir", value_parser = values::path())]
    pub(crate) exported: Option<PathBuf>,
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

/// A form of the report and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckOutput {
    pub(crate) form: CheckForm,
    /// Standard output without one.
    pub(crate) file: Option<PathBuf>,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckForm {
    Text,
    Json,
    Junit,
    Sarif,
    Github,
}

impl CheckForm {
    /// Whether it is made of lines that can stand between others.
    pub(crate) fn is_lines(self) -> bool {
        matches!(self, Self::Text | Self::Github)
    }
}

impl FromStr for CheckOutput {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        let (form, file) = match text.split_once('=') {
            Some((_, "")) => return Err(ArgumentFault::error("a file is missing after `=`")),
            Some((form, file)) => (form, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let form = match form {
            "text" => CheckForm::Text,
            "json" => CheckForm::Json,
            "junit" => CheckForm::Junit,
            "sarif" => CheckForm::Sarif,
            "github" => CheckForm::Github,
            _ => {
                return Err(ArgumentFault::error(
                    "the forms are text, json, junit, sarif and github",
                ));
            }
        };
        Ok(Self { form, file })
    }
}
