//! `diff`, `apply`, `prune`, `delete` and `status`: what they take, and how their values are read.
//!
//! The texts of the faults are tk's, which checks these values itself.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::jsonnet::VariableArgs;
use super::values::{self, ArgumentFault};
use super::workflow::WorkflowArgs;

/// How to speak to the cluster.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectionArgs {
    /// Most requests to the API server at a time
    #[arg(long, value_name = "number", default_value_t = 16,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    /// How long one request may take, such as 30s or 2m
    #[arg(long, value_name = "time", default_value = "30s")]
    pub(crate) request_timeout: Timeout,
}

/// A time to wait: `90s`, `2m`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Duration);

impl FromStr for Timeout {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        let parsed = text.parse::<jiff::SignedDuration>().ok();
        let duration = parsed.and_then(|duration| Duration::try_from(duration).ok());
        // A number alone is taken for seconds, as kubectl does.
        let duration = duration.or_else(|| text.parse().ok().map(Duration::from_secs));
        duration.filter(|duration| !duration.is_zero()).map(Self).ok_or_else(|| {
            ArgumentFault::error(format!("`{text}` is no time to wait: write 30s, 2m or 1h"))
        })
    }
}

/// Whether to ask before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approval {
    /// Ask.
    Never,
    /// Do not ask.
    Always,
    /// Ask only if there are differences.
    IfNoChanges,
}

impl FromStr for Approval {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        match text {
            "" | "never" => Ok(Self::Never),
            "always" => Ok(Self::Always),
            "if-no-changes" => Ok(Self::IfNoChanges),
            _ => Err(ArgumentFault::error(format!("invalid value for --auto-approve: {text}"))),
        }
    }
}

/// Whether, and how, to only pretend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRun {
    /// The flag is not given, or empty.
    Unset,
    /// For real.
    None,
    /// Without asking the server to check anything.
    Client,
    /// Up to the point where the server would store something.
    Server,
}

impl FromStr for DryRun {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        match text {
            "" => Ok(Self::Unset),
            "none" => Ok(Self::None),
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            _ => Err(ArgumentFault::error(
                "--dry-run must be either: \"\", \"none\", \"server\" or \"client\"",
            )),
        }
    }
}

/// What commands that change the cluster share.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChangeArgs {
    /// Whether to go ahead without asking: always, never or if-no-changes
    #[arg(long, value_name = "when", default_value = "", hide_default_value = true)]
    pub(crate) auto_approve: Approval,
    /// Old spelling of --auto-approve always
    #[arg(long, hide = true)]
    pub(crate) dangerous_auto_approve: bool,
    /// Only pretend: none, server (asks the server, stores nothing) or client (sends nothing)
    #[arg(long, value_name = "where", default_value = "", hide_default_value = true)]
    pub(crate) dry_run: DryRun,
}

/// How the results of a command are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// How differences are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// As diff -u does.
    #[default]
    Unified,
    /// By the paths of fields.
    Dyff,
}

/// What becomes of the objects that a deleted object owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cascade {
    /// They are deleted after it.
    #[default]
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay.
    Orphan,
}

/// Show how the cluster differs from an environment
///
/// Exits with 16 where there are differences.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    /// How to find differences: native, server, validate or subset (default: what the environment says, or native)
    #[arg(long, value_name = "strategy")]
    pub(crate) diff_strategy: Option<String>,
    /// Print how many lines differ in each object instead of the lines
    #[arg(long, short = 's')]
    pub(crate) summarize: bool,
    /// Also show what prune would delete
    #[arg(long, short = 'p')]
    pub(crate) with_prune: bool,
    /// Exit with 0 also where there are differences
    #[arg(long, short = 'z')]
    pub(crate) exit_zero: bool,
    /// List the environments below the path that differ from their clusters
    #[arg(long)]
    pub(crate) list_modified_envs: bool,
    /// Count an environment that renders to nothing as one whose objects are to be pruned
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// How to write the differences
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) output: OutputFormat,
    /// How to show the differences
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) diff_format: DiffFormat,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Bring a cluster to what an environment says
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// Take over fields that others manage (server), or replace objects that cannot be changed (client)
    #[arg(long)]
    pub(crate) force: bool,
    /// Whether the server refuses unknown and duplicate fields
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true,
          default_missing_value = "true", value_name = "bool", action = clap::ArgAction::Set)]
    pub(crate) validate: bool,
    /// Who merges: client or server (default: what the environment says, or client)
    #[arg(long, value_name = "strategy")]
    pub(crate) apply_strategy: Option<String>,
    /// How to find the differences shown first: native, server, validate, subset or none
    #[arg(long, value_name = "strategy")]
    pub(crate) diff_strategy: Option<String>,
    /// Delete and create anew what cannot be changed because a field is immutable
    #[arg(long)]
    pub(crate) replace: bool,
    /// Wait until everything that was applied is ready, for this time at most
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "5m",
          value_name = "time")]
    pub(crate) wait: Option<Timeout>,
    /// How to write the result
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) output: OutputFormat,
    /// How to show the differences
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) diff_format: DiffFormat,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Delete what an environment no longer has from its cluster
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// Delete without the grace period of the objects
    #[arg(long)]
    pub(crate) force: bool,
    /// Prune in this namespace only, and nothing without a namespace
    #[arg(long, value_name = "namespace", default_value = "", hide_default_value = true)]
    pub(crate) namespace: String,
    /// Prune also where the environment renders to nothing, which deletes everything it ever had
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// What becomes of the objects that a deleted one owns
    #[arg(long, value_enum, value_name = "policy", default_value_t)]
    pub(crate) cascade: Cascade,
    /// How to write the result
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) output: OutputFormat,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Delete the objects of an environment from its cluster
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// Delete without the grace period of the objects
    #[arg(long)]
    pub(crate) force: bool,
    /// What becomes of the objects that a deleted one owns
    #[arg(long, value_enum, value_name = "policy", default_value_t)]
    pub(crate) cascade: Cascade,
    /// How to write the result
    #[arg(long, value_enum, value_name = "format", default_value_t)]
    pub(crate) output: OutputFormat,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Show where an environment goes and what it has
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Folder or main file of the environment
    #[arg(value_name = "path", value_parser = values::path())]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) workflow: WorkflowArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_units_or_as_seconds() {
        for (text, seconds) in [("30s", 30), ("2m", 120), ("1h30m", 5400), ("90", 90)] {
            assert_eq!(text.parse(), Ok(Timeout(Duration::from_secs(seconds))), "{text}");
        }
        for wrong in ["", "0s", "-5s", "soon"] {
            assert!(wrong.parse::<Timeout>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_flag_is_none_given() {
        assert_eq!("".parse(), Ok(Approval::Never));
        assert_eq!("".parse(), Ok(DryRun::Unset));
        assert_eq!(
            "maybe".parse::<DryRun>().unwrap_err().text,
            "--dry-run must be either: \"\", \"none\", \"server\" or \"client\""
        );
    }
}
