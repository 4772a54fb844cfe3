//! Where workloads are played: the programs, their workspaces and what is forgotten between runs.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    BenchArgs, Outcome, cluster,
    machine::Moment,
    measure::{self, Figures, Run},
    place::{self, Place},
    workload::{Kept, Program, Workload},
};
use crate::{serve::Server, tree};

/// Variables that point programs to files other than those in their home.
const FOREIGN: [&str; 12] = [
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "RENGA_CACHE_DIR",
    "HELM_CACHE_HOME",
    "HELM_CONFIG_HOME",
    "HELM_DATA_HOME",
    "HELM_PLUGINS",
    "HELM_REPOSITORY_CACHE",
    "HELM_REPOSITORY_CONFIG",
    "HELM_REGISTRY_CONFIG",
    "TANKA_HELM_PATH",
];

/// The programs and the workspaces they run in.
pub(super) struct Stage<'a> {
    args: &'a BenchArgs,
    scratch: &'a Path,
    programs: Vec<(Program, PathBuf)>,
    /// The workspaces that are there.
    written: Vec<PathBuf>,
    server: Option<Server>,
}

impl<'a> Stage<'a> {
    /// Looks for the programs; workspaces are written when they are needed.
    pub(super) fn new(scratch: &'a Path, renga: PathBuf, args: &'a BenchArgs) -> Self {
        let mut programs = vec![(Program::Renga, renga)];
        for program in Program::ALL.into_iter().filter(|program| *program != Program::Renga) {
            match program.on_path() {
                Some(path) => programs.push((program, path)),
                None => anstream::eprintln!("{} is not on PATH: skipped", program.name()),
            }
        }
        Self { args, scratch, programs, written: Vec::new(), server: None }
    }

    /// The first line each program says about itself.
    pub(super) fn versions(&self) -> Vec<(Program, String)> {
        self.programs.iter().map(|(program, path)| (*program, program.version(path))).collect()
    }

    /// Measures a workload with all programs that know its task.
    ///
    /// # Errors
    ///
    /// When a program fails.
    pub(super) fn play(
        &mut self,
        workload: &'static Workload,
        moment: Moment,
    ) -> Result<Outcome, Box<dyn Error>> {
        let programs = self.cast(workload);
        for (program, _) in &programs {
            self.prepare(workload.place, *program)?;
        }
        if !workload.forgets.contains(&Kept::Cache) {
            for (program, path) in &programs {
                self.forget(workload, *program, &[Kept::Cache, Kept::Output, Kept::Lock])?;
                self.start(workload, *program, path)?;
            }
        }
        let (runs, patience) = (self.args.runs, Duration::from_secs(self.args.patience));
        let mut measured: Vec<(Program, Vec<Run>)> =
            programs.iter().map(|(program, _)| (*program, Vec::new())).collect();
        for number in 1..=runs {
            for ((program, path), (_, results)) in programs.iter().zip(&mut measured) {
                if results.first().is_some_and(|first| first.wall > patience) {
                    continue;
                }
                anstream::eprintln!("{}: {} ({number} of {runs})", workload.name, program.name());
                self.forget(workload, *program, workload.forgets)?;
                results.push(self.start(workload, *program, path)?);
            }
        }
        let (mut agreed, mut disagreed) = (Vec::new(), Vec::new());
        for (program, _) in programs.iter().filter(|(program, _)| program.is_twin()) {
            if workload.same_bytes && self.agrees(workload, *program)? {
                agreed.push(*program);
            } else if workload.same_bytes {
                disagreed.push(*program);
            }
        }
        let rows = measured
            .into_iter()
            .map(|(program, results)| (program, Figures::medians(&results)))
            .collect();
        Ok(Outcome { workload, rows, agreed, disagreed, moment })
    }

    /// The programs that can do it.
    fn cast(&self, workload: &Workload) -> Vec<(Program, PathBuf)> {
        let has_helm = self.programs.iter().any(|(program, _)| *program == Program::Helm);
        let can = |program: Program| {
            if workload.arguments(program, Path::new("")).is_none() {
                return false;
            }
            let has_kubectl = self.programs.iter().any(|(other, _)| *other == Program::Kubectl);
            if workload.needs_kubectl(program) && !has_kubectl {
                let name = program.name();
                anstream::eprintln!("{}: {name} needs kubectl on PATH: skipped", workload.name);
                return false;
            }
            let misses_helm = workload.needs_helm(program) && !has_helm;
            if misses_helm {
                let name = program.name();
                anstream::eprintln!("{}: {name} needs helm on PATH: skipped", workload.name);
            }
            !misses_helm
        };
        self.programs.iter().filter(|(program, _)| can(*program)).cloned().collect()
    }

    /// Writes a workspace, unless it is there, and serves what it needs.
    fn prepare(&mut self, place: Place, program: Program) -> Result<(), Box<dyn Error>> {
        if place.is_served() && self.server.is_none() {
            let dir = self.scratch.join("repositories");
            place::write_repositories(&dir)?;
            self.server = Some(Server::start(&dir)?);
        }
        let folder = place.folder(program, self.scratch);
        if !self.written.contains(&folder) {
            place.write(self.args, program, self.scratch, self.server.as_ref())?;
            if let Some(kubeconfig) = self.args.kubeconfig.as_ref().filter(|_| place.is_live()) {
                let renga = self.programs.iter().find(|(program, _)| *program == Program::Renga);
                let renga = renga.map_or(Path::new("renga"), |(_, path)| path.as_path());
                cluster::fill(renga, kubeconfig, &folder)?;
            }
            self.written.push(folder);
        }
        Ok(())
    }

    fn home(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("home-{}", program.name()))
    }

    fn stdout(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("stdout-{}", program.name()))
    }

    /// Forgets what the program has written and cached.
    fn forget(&self, workload: &Workload, program: Program, kept: &[Kept]) -> io::Result<()> {
        for kept in kept {
            let path = match kept {
                Kept::Cache => Some(self.home(program)),
                Kept::Output => workload.output(program, self.scratch),
                Kept::Lock => {
                    let folder = workload.place.folder(program, self.scratch);
                    Some(folder.join("chartfile.lock"))
                }
            };
            match path {
                Some(path) if path.is_dir() => fs_err::remove_dir_all(path)?,
                Some(path) if path.exists() => fs_err::remove_file(path)?,
                _ => {}
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
        let output = workload.output(program, self.scratch).unwrap_or_default();
        let arguments = workload.arguments(program, &output).unwrap_or_default();
        let mut command = Command::new(path);
        command.args(arguments).current_dir(workload.place.folder(program, self.scratch));
        // Nothing is found in a cache that this benchmark has not filled itself.
        command.env("HOME", self.home(program)).env("NO_PROXY", "127.0.0.1");
        for name in FOREIGN {
            command.env_remove(name);
        }
        if let Some(kubeconfig) = &self.args.kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        let talk = self.scratch.join("stderr");
        measure::run(command, workload.exit(program), &self.stdout(program), &talk)
            .map_err(|error| format!("{}: {}: {error}", workload.name, program.name()).into())
    }

    /// Compares what renga and a twin of it wrote last.
    fn agrees(&self, workload: &Workload, twin: Program) -> Result<bool, Box<dyn Error>> {
        let mut agrees =
            fs_err::read(self.stdout(Program::Renga))? == fs_err::read(self.stdout(twin))?;
        let output = |program| workload.output(program, self.scratch);
        if let Some((own, theirs)) = output(Program::Renga).zip(output(twin)) {
            let difference = tree::difference(&theirs, &own)?;
            if let Some(difference) = &difference {
                anstream::eprintln!("{difference}");
            }
            agrees &= difference.is_none();
        }
        if !agrees {
            let name = twin.name();
            anstream::eprintln!("{}: {name} and renga wrote different bytes", workload.name);
        }
        Ok(agrees)
    }
}
