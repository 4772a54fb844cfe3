//! `cargo xtask bench`: renga against the programs it stands in for.
//!
//! Whole process against whole process, run in turn so that a busy moment of the machine hits all of
//! them, medians of several runs. What a program wrote is compared with what renga wrote: a figure
//! for a wrong answer would be worth nothing. A benchmark, not a test: nothing fails for being slow.

mod charts;
mod cluster;
mod document;
mod machine;
mod measure;
mod place;
mod repository;
mod stage;
mod targets;
mod workload;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::cargo;
use document::Document;
use machine::{Machine, Moment};
use measure::Figures;
use stage::Stage;
use workload::{Program, WORKLOADS, Workload};

/// Arguments of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Static environments of the workspace
    #[arg(long, default_value_t = 64)]
    envs: u32,
    /// Environments of the inline workspace
    #[arg(long, default_value_t = 200)]
    inline: u32,
    /// Runs of each program
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Seconds after which one run of a program has to do
    #[arg(long, value_name = "seconds", default_value_t = 120)]
    patience: u64,
    /// Only the workloads whose name contains this (can be repeated)
    #[arg(long, value_name = "name")]
    only: Vec<String>,
    /// The program to measure (default: a release build of this repository)
    #[arg(long, value_name = "file")]
    renga: Option<PathBuf>,
    /// Folder for the workspaces, which is kept (default: a temporary one)
    #[arg(long, value_name = "folder")]
    scratch: Option<PathBuf>,
    /// Kubeconfig of a cluster for the workloads that need one, in which it makes a namespace; they
    /// are left out otherwise
    #[arg(long, value_name = "file")]
    kubeconfig: Option<PathBuf>,
    /// Write the figures into BENCHMARKS.md, where those of other workloads stay as they are
    #[arg(long)]
    update: bool,
    /// Date to write beside the figures (default: when the measured program was built)
    #[arg(long, value_name = "date")]
    date: Option<String>,
}

/// Medians of one workload.
struct Outcome {
    workload: &'static Workload,
    rows: Vec<(Program, Figures)>,
    /// The twins that wrote, and did not write, the same bytes as renga.
    agreed: Vec<Program>,
    disagreed: Vec<Program>,
    moment: Moment,
}

impl Outcome {
    fn figures(&self, program: Program) -> Option<&Figures> {
        self.rows.iter().find(|row| row.0 == program).map(|row| &row.1)
    }
}

/// Runs `cargo xtask bench`; fails when a program fails, not when it is slow.
pub(crate) fn bench(args: &BenchArgs) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &BenchArgs) -> Result<(), Box<dyn Error>> {
    let wanted = |workload: &Workload| {
        args.only.is_empty() || args.only.iter().any(|part| workload.name.contains(&**part))
    };
    let playable = |workload: &Workload| {
        let playable = !workload.place.is_live() || args.kubeconfig.is_some();
        if !playable {
            anstream::eprintln!("{} needs --kubeconfig: skipped", workload.name);
        }
        playable
    };
    let selected: Vec<_> =
        WORKLOADS.iter().filter(|workload| wanted(workload) && playable(workload)).collect();
    if selected.is_empty() {
        let names: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        let only = args.only.join("`, `");
        return Err(format!("no workload `{only}` to play; there are {}", names.join(", ")).into());
    }
    let renga = match &args.renga {
        Some(file) => fs_err::canonicalize(file)?,
        None => cargo::build(cargo::Profile::Release)?,
    };
    let machine = Machine::read();
    let temporary = tempfile::tempdir()?;
    let scratch = match &args.scratch {
        Some(dir) => {
            fs_err::create_dir_all(dir)?;
            fs_err::canonicalize(dir)?
        }
        None => temporary.path().to_owned(),
    };
    let moment = Moment::read(&renga, &scratch, args.date.clone())?;
    let mut stage = Stage::new(&scratch, renga, args);
    let mut document = Document::new(args, machine, stage.versions());
    for workload in selected {
        let outcome = stage.play(workload, moment.now())?;
        anstream::println!("{}", document.section(&outcome));
        document.add(outcome);
    }
    let file = cargo::root().join("BENCHMARKS.md");
    let earlier = if args.update { fs_err::read_to_string(&file)? } else { String::new() };
    anstream::println!("{}", document.targets(&earlier));
    if args.update {
        fs_err::write(file, document.render(&earlier))?;
    }
    Ok(())
}
