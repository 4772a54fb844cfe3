//! `preview`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::jsonnet::VariableArgs;
use super::values::{self, ArgumentFault};
use super::workflow::WorkflowArgs;

/// Show what a change of the workspace changes in its manifests
///
/// Renders the environments of the working tree and those of a base, which is read from git without
/// touching the working tree, and compares them object by object. Only environments whose inputs
/// differ are rendered. No cluster is asked, and nothing is fetched.
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// Environments, or folders to search for them (default: where you are)
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) paths: Vec<PathBuf>,
    /// What to compare with: a branch, tag or commit, from where the history of HEAD parted from it,
    /// or the folder of another checkout (default: origin/HEAD, origin/main or main)
    #[arg(long, value_name = "ref|dir", default_value = "", hide_default_value = true)]
    pub(crate) base: String,
    /// Form of the report (text, markdown, html or json), and the file to write it into (can be
    /// repeated)
    #[arg(long = "output", short = 'o', value_name = "format[=file]")]
    pub(crate) outputs: Vec<OutputTarget>,
    /// Say of every environment why it was rendered, or was not
    #[arg(long)]
    pub(crate) explain_selection: bool,
    /// Render all environments, whether their inputs differ or not
    #[arg(long)]
    pub(crate) all: bool,
    /// Show also changes that are passed over otherwise, such as checksums in annotations
    #[arg(long)]
    pub(crate) show_noise: bool,
    /// Exit with status 16 if there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// What the hidden marker of comments says, to tell the reports of several workspaces apart
    #[arg(long, value_name = "text", default_value = "default")]
    pub(crate) comment_id: String,
    /// Environments to compare by their labels, such as team=a,tier!=test
    #[arg(long, short = 'l', value_name = "labels", default_value = "", hide_default_value = true)]
    pub(crate) selector: String,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// A form of the report and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputTarget {
    pub(crate) form: ReportForm,
    /// Standard output without one.
    pub(crate) file: Option<PathBuf>,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportForm {
    Text,
    Markdown,
    Html,
    Json,
}

impl FromStr for OutputTarget {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        let (form, file) = match text.split_once('=') {
            Some((_, "")) => return Err(ArgumentFault::error("a file is missing after `=`")),
            Some((form, file)) => (form, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let form = match form {
            "text" => ReportForm::Text,
            "markdown" | "md" => ReportForm::Markdown,
            "html" => ReportForm::Html,
            "json" => ReportForm::Json,
            _ => {
                return Err(ArgumentFault::error("the forms are text, markdown, html and json"));
            }
        };
        Ok(Self { form, file })
    }
}
