//! `tool`: `jpath`, `imports`, `importers`, `importers-count` and, as tk spells it, `charts`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ChartsCommand, values};

/// The commands below `tool`.
#[derive(Debug, Subcommand)]
pub(crate) enum ToolCommand {
    Jpath(JpathArgs),
    Imports(ImportsArgs),
    Importers(ImportersArgs),
    ImportersCount(ImportersCountArgs),
    /// Vendor Helm charts (the same as `renga charts`)
    #[command(subcommand)]
    Charts(ChartsCommand),
}

/// Print the import search path of an environment, for other Jsonnet tools
#[derive(Debug, Args)]
pub(crate) struct JpathArgs {
    /// File or folder of an environment
    #[arg(value_name = "file/dir", value_parser = values::path())]
    pub(crate) path: PathBuf,
    /// Print how the path was found on standard error
    #[arg(long, short = 'd')]
    pub(crate) debug: bool,
}

/// List all files an environment imports, as a JSON array
#[derive(Debug, Args)]
pub(crate) struct ImportsArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    /// Git commit: exit with 16 if it changed one of the files
    #[arg(long, short = 'c', value_name = "commit", default_value = "", hide_default_value = true)]
    pub(crate) check: String,
}

/// List the environments that import files, directly or through others
///
/// A file that no longer exists is written with the prefix `deleted:`. Files outside `vendor` and
/// `lib` count as used by the environment in whose folder they are, or by those below their folder.
#[derive(Debug, Args)]
pub(crate) struct ImportersArgs {
    /// Files to look up
    #[arg(value_name = "file", required = true, num_args = 1..,
          value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<String>,
    /// Folder to search for environments
    #[arg(long, value_name = "dir", default_value = ".", value_parser = values::path())]
    pub(crate) root: PathBuf,
}

/// Count for each file of a folder the environments that import it
#[derive(Debug, Args)]
pub(crate) struct ImportersCountArgs {
    /// Folder whose files are counted
    #[arg(value_name = "dir", value_hint = clap::ValueHint::DirPath, value_parser = values::path())]
    pub(crate) dir: PathBuf,
    /// Folder to search for environments
    #[arg(long, value_name = "dir", default_value = ".", value_parser = values::path())]
    pub(crate) root: PathBuf,
    /// Look into the folders below, too
    #[arg(long)]
    pub(crate) recursive: bool,
    /// Files to count, by a regular expression over their names (default: Jsonnet files)
    #[arg(long, value_name = "regex", default_value = "", hide_default_value = true)]
    pub(crate) filename_regex: String,
}
