//! The command line: one clap model for every name renga answers to.
//!
//! The derive structs below are the only definition of commands and flags. Under its own name renga
//! lets clap parse; started as `tk` the reader in [`crate::dialect`] walks the same model by pflag's
//! rules and hands clap a canonical command line. What a flag is for pflag (`int`, `strings`,
//! `stringArray`, …) follows from its Rust type, so there is no second table.
//!
//! Rules that keep the two in step: a `bool` flag is `SetTrue` or `Option<bool>`; a `strings` flag is
//! a `Vec<`[`CsvList`]`>`; an `int` flag is an `i64`; every other flag takes a string. Flags of renga
//! alone are global ones ([`GlobalArgs`]) except for `--log-level`, which tk has on its commands.

mod cache;
mod charts;
mod check;
mod cluster;
mod environment;
mod export;
mod helm;
mod jsonnet;
mod preview;
mod setup;
mod tool;
mod values;
mod workflow;

use clap::{Parser, Subcommand};

pub(crate) use cache::CacheCommand;
pub(crate) use charts::{
    ChartsAddArgs, ChartsAddRepoArgs, ChartsCommand, ChartsOutdatedArgs, ChartsRemoveArgs,
    ChartsTreeArgs, ChartsUpdateArgs, ChartsVendorArgs, ChartsWhyArgs, ProvenanceArgs,
    RepositoryArgs, VersionCheckArgs,
};
pub(crate) use check::{CheckArgs, CheckForm, CheckOutput, FailOn};
pub(crate) use cluster::{
    ApplyArgs, Approval, Cascade, ChangeArgs, ConnectionArgs, DeleteArgs, DiffArgs, DiffFormat,
    DryRun, OutputFormat, PruneArgs, StatusArgs,
};
pub(crate) use environment::{
    EnvAddArgs, EnvCommand, EnvListArgs, EnvRemoveArgs, EnvSetArgs, SettingsArgs,
};
pub(crate) use export::{ExportArgs, MergeChoice};
pub(crate) use helm::{
    CapabilitiesArgs, HelmCommand, HelmCompat, HelmLintArgs, HelmTemplateArgs, HelmValuesArgs,
    ReleaseArgs, SourceArgs, ValuesArgs,
};
pub(crate) use jsonnet::{VariableArgs, VariableBinding, VariableKind};
pub(crate) use preview::{OutputTarget, PreviewArgs, ReportForm};
pub(crate) use setup::{CompleteArgs, CompletionsArgs, InitArgs, ReferenceArgs};
pub(crate) use tool::{ImportersArgs, ImportersCountArgs, ImportsArgs, JpathArgs, ToolCommand};
pub(crate) use values::{ArgumentFault, ColorChoice, CsvList, LogLevel, MessageFormat};
pub(crate) use workflow::{EvalArgs, ShowArgs, WorkflowArgs};

/// Compile Kubernetes workspaces written in Jsonnet
#[derive(Debug, Parser)]
#[command(name = "renga", version, propagate_version = false, args_override_self = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The heading of the flags that every command takes.
const GLOBAL: &str = "Global options";

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct GlobalArgs {
    /// Least important log messages to print: disabled, fatal, error, warn, info, debug or trace
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "level", default_value = "info")]
    pub(crate) log_level: LogLevel,
    /// When to use colour
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, value_name = "when", default_value_t)]
    pub(crate) color: ColorChoice,
    /// How messages on standard error are written
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, value_name = "format", default_value_t)]
    pub(crate) message_format: MessageFormat,
}

/// The commands, in the order in which they are listed.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Apply(ApplyArgs),
    Show(ShowArgs),
    Diff(DiffArgs),
    Prune(PruneArgs),
    Delete(DeleteArgs),
    /// Create, change, list and remove environments
    #[command(subcommand)]
    Env(EnvCommand),
    Status(StatusArgs),
    Export(ExportArgs),
    Check(CheckArgs),
    Preview(PreviewArgs),
    Eval(EvalArgs),
    Init(InitArgs),
    /// Look into Jsonnet projects
    #[command(subcommand)]
    Tool(ToolCommand),
    /// Vendor Helm charts
    #[command(subcommand)]
    Charts(ChartsCommand),
    /// Render and check Helm charts
    #[command(subcommand)]
    Helm(HelmCommand),
    /// Look after what is kept for later runs
    #[command(subcommand)]
    Cache(CacheCommand),
    Complete(CompleteArgs),
    Completions(CompletionsArgs),
    #[command(hide = true)]
    Reference(ReferenceArgs),
}
