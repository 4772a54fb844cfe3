//! `init`, `complete`, `completions` and `reference`.

use std::path::PathBuf;

use clap::Args;

use super::values;

/// Create the directories and files of a new workspace
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Start even if the directory is not empty
    #[arg(long, short = 'f')]
    pub(crate) force: bool,
    /// Version or package of the k8s-libsonnet to import, or false for none
    #[arg(long, value_name = "version", default_value = "1.32")]
    pub(crate) k8s: String,
    /// Make the first environment an inline one
    #[arg(long, short = 'i')]
    pub(crate) inline: bool,
}

/// Install completion into the start-up files of your shells
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// Take it out again
    #[arg(long)]
    pub(crate) remove: bool,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell that is to read the script
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Print the reference of the command line as markdown
#[derive(Debug, Args)]
pub(crate) struct ReferenceArgs {
    /// Write man pages into this folder instead
    #[arg(long, value_name = "dir", value_parser = values::path())]
    pub(crate) man: Option<PathBuf>,
}
