//! `charts` (as in tk: `tool charts`): the Helm charts that the workspace vendors.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values;

/// The commands below `charts`, tk's first.
#[derive(Debug, Subcommand)]
pub(crate) enum ChartsCommand {
    /// Create a new chartfile
    Init,
    Add(ChartsAddArgs),
    AddRepo(ChartsAddRepoArgs),
    Vendor(ChartsVendorArgs),
    /// Print the chartfile, without passwords
    Config,
    VersionCheck(VersionCheckArgs),
    Update(ChartsUpdateArgs),
    Outdated(ChartsOutdatedArgs),
    Tree(ChartsTreeArgs),
    Why(ChartsWhyArgs),
    /// Check the vendored charts against the digests in the lock file
    Verify,
    Remove(ChartsRemoveArgs),
}

/// Which repositories there are.
#[derive(Debug, Clone, Args)]
pub(crate) struct RepositoryArgs {
    /// File of Helm's with the repositories, to be used instead of those in the chartfile
    #[arg(long, value_name = "file", value_parser = values::path(), default_value = "",
          hide_default_value = true)]
    pub(crate) repository_config: PathBuf,
}

/// Add charts to the chartfile and vendor them
///
/// A chart is named by repository, name and version: `prometheus_community/prometheus@25.0.0`. The
/// version may be a range, as in `prometheus_community/prometheus@^25`. A folder to vendor into may
/// follow: `prometheus_community/prometheus@25.0.0:prometheus-25`.
#[derive(Debug, Args)]
pub(crate) struct ChartsAddArgs {
    /// Charts to add
    #[arg(value_name = "chart@version", value_hint = clap::ValueHint::Other)]
    pub(crate) charts: Vec<String>,
    #[command(flatten)]
    pub(crate) repositories: RepositoryArgs,
}

/// Add a repository to the chartfile
#[derive(Debug, Args)]
pub(crate) struct ChartsAddRepoArgs {
    /// Name that charts refer to
    #[arg(value_hint = clap::ValueHint::Other)]
    pub(crate) name: String,
    /// URL of a chart repository (https://) or of a folder of an OCI registry (oci://)
    #[arg(value_hint = clap::ValueHint::Url)]
    pub(crate) url: String,
}

/// Download the charts of the chartfile
///
/// The versions are those of the lock file, `chartfile.lock`. What it does not say yet, or no longer
/// says as the chartfile has it, is looked up and written there.
#[derive(Debug, Args)]
pub(crate) struct ChartsVendorArgs {
    /// Remove everything from the folder of charts that is not vendored
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) repositories: RepositoryArgs,
    /// Fail if the lock file would change
    #[arg(long, conflicts_with = "frozen")]
    pub(crate) locked: bool,
    /// Take the lock file as it is and look nothing up
    #[arg(long)]
    pub(crate) frozen: bool,
    /// Use no network
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) provenance: ProvenanceArgs,
}

/// What is demanded of signatures.
#[derive(Debug, Args)]
pub(crate) struct ProvenanceArgs {
    /// Demand that each chart is signed by a key of the keyring
    #[arg(long, requires = "keyring")]
    pub(crate) verify: bool,
    /// File with public PGP keys
    #[arg(long, value_name = "file", value_parser = values::path())]
    pub(crate) keyring: Option<PathBuf>,
}

/// Compare the charts of the chartfile with the newest versions, as JSON
#[derive(Debug, Args)]
pub(crate) struct VersionCheckArgs {
    #[command(flatten)]
    pub(crate) repositories: RepositoryArgs,
    /// Indent the JSON
    #[arg(long)]
    pub(crate) pretty_print: bool,
}

/// Lock newer versions of charts within the ranges of the chartfile, and vendor them
#[derive(Debug, Args)]
pub(crate) struct ChartsUpdateArgs {
    /// Charts to update, by name, repository/name or folder (default: all)
    #[arg(value_hint = clap::ValueHint::Other)]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) repositories: RepositoryArgs,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) provenance: ProvenanceArgs,
}

/// List charts of which there are newer versions
#[derive(Debug, Args)]
pub(crate) struct ChartsOutdatedArgs {
    #[command(flatten)]
    pub(crate) repositories: RepositoryArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the vendored charts with the charts they contain
#[derive(Debug, Args)]
pub(crate) struct ChartsTreeArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Say why a chart is there: what requires it, and what was locked
#[derive(Debug, Args)]
pub(crate) struct ChartsWhyArgs {
    /// Chart, by name, repository/name or folder
    #[arg(value_hint = clap::ValueHint::Other)]
    pub(crate) name: String,
}

/// Remove charts from the chartfile, the lock file and the folder of charts
#[derive(Debug, Args)]
pub(crate) struct ChartsRemoveArgs {
    /// Charts to remove, by name, repository/name or folder
    #[arg(required = true, value_hint = clap::ValueHint::Other)]
    pub(crate) names: Vec<String>,
}
