//! Development tasks: `cargo xtask TASK`. One module per task; this file only dispatches.

mod bench;
mod cargo;
mod fleet;
mod fuzz;
mod generate;
mod golden;
mod goldens;
mod oracle;
mod schemas;
mod serve;
mod tree;

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
    /// Measure renga against the programs it stands in for
    Bench(bench::BenchArgs),
    /// Write a synthetic workspace, always the same for the same arguments
    Fleet(fleet::FleetArgs),
    /// Render random templates with Helm and with renga until both disagree
    FuzzTemplates(fuzz::FuzzArgs),
    /// Write the command-line reference
    Generate(generate::GenerateArgs),
    /// Export the repository's own workspace into tests/golden
    Golden(golden::GoldenArgs),
    /// Record what the reference programs answer in the cases of `tests/tk`
    Goldens(goldens::GoldensArgs),
    /// Record what Go's libraries answer to the inputs of the crates' tests
    Oracle(oracle::OracleArgs),
    /// Write the definitions of Kubernetes' built-in kinds from its releases
    Schemas(schemas::SchemasArgs),
    /// Serve charts to the programs that are measured, until standard input ends
    ServeCharts(serve::ServeArgs),
}

fn main() -> ExitCode {
    match Cli::parse().task {
        Task::Bench(args) => bench::bench(&args),
        Task::Fleet(args) => fleet::fleet(&args),
        Task::FuzzTemplates(args) => fuzz::fuzz(&args),
        Task::Generate(args) => generate::generate(&args),
        Task::Golden(args) => golden::golden(&args),
        Task::Goldens(args) => goldens::goldens(&args),
        Task::Oracle(args) => oracle::oracle(&args),
        Task::Schemas(args) => schemas::schemas(&args),
        Task::ServeCharts(args) => serve::serve(&args),
    }
}
