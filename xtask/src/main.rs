//! Development tasks: `cargo xtask TASK`. One module per task; this file only dispatches.

mod goldens;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of renga
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Record what the reference programs answer in the cases of `tests/tk`
    Goldens(goldens::GoldensArgs),
}

fn main() -> ExitCode {
    match Cli::parse().task {
        Task::Goldens(args) => goldens::goldens(&args),
    }
}
