//! `cache`: what renga keeps for later runs.

use clap::{Args, Subcommand};

/// The commands below `cache`.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Print the folder of the cache
    Dir,
    /// Print how much is in the cache
    Size,
    /// Remove everything from the cache
    Clean,
    Prune(CachePruneArgs),
}

/// Remove from the cache what was not used for a while
#[derive(Debug, Args)]
pub(crate) struct CachePruneArgs {
    /// Days without use after which an entry goes
    #[arg(long, value_name = "n", default_value_t = 30)]
    pub(crate) days: i64,
}
