//! `cargo xtask bench`: renga against the programs it stands in for.
//!
//! Whole process against whole process, run in turn so that a busy moment of the machine hits all of
//! them, medians of several runs. What a program wrote is compared with what renga wrote: a figure
//! for a wrong answer would be worth nothing. A benchmark, not a test: nothing fails for being slow.

mod document;
mod machine;
mod measure;
mod workload;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;

use crate::{cargo, fleet::Fleet, tree};
use document::Document;
use machine::Machine;
use measure::{Figures, Run};
use workload::{Place, Program, WORKLOADS, Workload};

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
    /// Only the workloads whose name contains this
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    only: String,
    /// The program to measure (default: a release build of this repository)
    #[arg(long, value_name = "file")]
    renga: Option<PathBuf>,
    /// Write the figures into BENCHMARKS.md
    #[arg(long, conflicts_with = "only")]
    update: bool,
    /// Date to write beside the figures (default: when the measured program was built)
    #[arg(long, value_name = "date", requires = "update")]
    date: Option<String>,
}

/// Medians of one workload.
struct Outcome {
    workload: &'static Workload,
    rows: Vec<(Program, Figures)>,
    /// Whether a reference wrote the same bytes; `None` if nothing is to be compared.
    agreement: Option<bool>,
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
    let selected: Vec<_> =
        WORKLOADS.iter().filter(|workload| workload.name.contains(&args.only)).collect();
    if selected.is_empty() {
        let names: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        return Err(format!("no workload `{}`; there are {}", args.only, names.join(", ")).into());
    }
    let renga = match &args.renga {
        Some(file) => fs_err::canonicalize(file)?,
        None => cargo::build(cargo::Profile::Release)?,
    };
    let machine = Machine::read(&renga, args.date.clone())?;
    let scratch = tempfile::tempdir()?;
    let stage = Stage::new(scratch.path(), renga, args, &selected)?;
    let mut document = Document::new(args, machine, stage.versions());
    for workload in selected {
        let outcome = stage.play(workload, args)?;
        anstream::println!("{}", document.table(&outcome));
        document.add(outcome);
    }
    anstream::println!("{}", document.targets());
    if args.update {
        fs_err::write(cargo::root().join("BENCHMARKS.md"), document.render())?;
    }
    Ok(())
}

/// The programs and the workspaces they run in.
struct Stage<'a> {
    scratch: &'a Path,
    programs: Vec<(Program, PathBuf)>,
}

impl<'a> Stage<'a> {
    fn new(
        scratch: &'a Path,
        renga: PathBuf,
        args: &BenchArgs,
        selected: &[&Workload],
    ) -> Result<Self, Box<dyn Error>> {
        let mut programs = vec![(Program::Renga, renga)];
        for program in [Program::Tk, Program::Jsonnet] {
            match program.on_path() {
                Some(path) => programs.push((program, path)),
                None => anstream::eprintln!("{} is not on PATH: skipped", program.name()),
            }
        }
        let fleets = [
            (Place::Static, Fleet { envs: args.envs, ..Fleet::default() }),
            (Place::Inline, Fleet { envs: 0, inline: args.inline, ..Fleet::default() }),
        ];
        for (place, fleet) in fleets {
            if selected.iter().any(|workload| workload.place == place) {
                fleet.write(&scratch.join(place.folder()))?;
            }
        }
        Ok(Self { scratch, programs })
    }

    /// The first line each program says about itself.
    fn versions(&self) -> Vec<(Program, String)> {
        self.programs.iter().map(|(program, path)| (*program, workload::version(path))).collect()
    }

    fn play(
        &self,
        workload: &'static Workload,
        args: &BenchArgs,
    ) -> Result<Outcome, Box<dyn Error>> {
        let (runs, patience) = (args.runs, Duration::from_secs(args.patience));
        let programs: Vec<_> = self
            .programs
            .iter()
            .filter(|(program, _)| workload.arguments(*program, Path::new("")).is_some())
            .collect();
        if workload.repeats {
            for (program, path) in &programs {
                self.clear(*program)?;
                self.start(workload, *program, path)?;
            }
        }
        let mut measured: Vec<(Program, Vec<Run>)> =
            programs.iter().map(|(program, _)| (*program, Vec::new())).collect();
        for number in 1..=runs {
            for ((program, path), (_, results)) in programs.iter().zip(&mut measured) {
                if results.first().is_some_and(|first| first.wall > patience) {
                    continue;
                }
                anstream::eprintln!("{}: {} ({number} of {runs})", workload.name, program.name());
                if !workload.repeats {
                    self.clear(*program)?;
                }
                results.push(self.start(workload, *program, path)?);
            }
        }
        let agreement = self.agreement(workload, &programs)?;
        let rows = measured
            .into_iter()
            .map(|(program, results)| (program, Figures::medians(&results)))
            .collect();
        Ok(Outcome { workload, rows, agreement })
    }

    fn home(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("home-{}", program.name()))
    }

    fn output(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("out-{}", program.name()))
    }

    fn stdout(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("stdout-{}", program.name()))
    }

    /// Forgets what the program has written and cached.
    fn clear(&self, program: Program) -> std::io::Result<()> {
        for dir in [self.home(program), self.output(program)] {
            if dir.exists() {
                fs_err::remove_dir_all(&dir)?;
            }
        }
        fs_err::create_dir_all(self.home(program))
    }

    fn start(
        &self,
        workload: &Workload,
        program: Program,
        path: &Path,
    ) -> Result<Run, Box<dyn Error>> {
        let dir = self.scratch.join(workload.place.folder());
        fs_err::create_dir_all(&dir)?;
        fs_err::create_dir_all(self.home(program))?;
        let arguments = workload.arguments(program, &self.output(program)).unwrap_or_default();
        let mut command = std::process::Command::new(path);
        command.args(arguments).current_dir(dir);
        // Nothing is found in a cache that this benchmark has not filled itself.
        command.env("HOME", self.home(program));
        command.env_remove("XDG_CACHE_HOME").env_remove("RENGA_CACHE_DIR");
        let talk = self.scratch.join("stderr");
        measure::run(command, &self.stdout(program), &talk)
            .map_err(|error| format!("{}: {}: {error}", workload.name, program.name()).into())
    }

    /// Compares what renga and tk wrote last.
    fn agreement(
        &self,
        workload: &Workload,
        programs: &[&(Program, PathBuf)],
    ) -> Result<Option<bool>, Box<dyn Error>> {
        if !workload.same_bytes || !programs.iter().any(|program| program.0 == Program::Tk) {
            return Ok(None);
        }
        let mut agreed =
            fs_err::read(self.stdout(Program::Renga))? == fs_err::read(self.stdout(Program::Tk))?;
        if workload.writes {
            let difference =
                tree::difference(&self.output(Program::Tk), &self.output(Program::Renga))?;
            if let Some(difference) = &difference {
                anstream::eprintln!("{difference}");
            }
            agreed &= difference.is_none();
        }
        if !agreed {
            anstream::eprintln!("{}: tk and renga wrote different bytes", workload.name);
        }
        Ok(Some(agreed))
    }
}
