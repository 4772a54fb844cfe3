//! `cargo xtask goldens`: records what the programs answer in the cases under `tests/tk`.
//!
//! `goldens tk --tk PATH` plays every case with the reference and writes the `.out` files;
//! `goldens renga --renga PATH` writes the `.renga` files of the commands where renga differs on
//! purpose; `goldens compare --renga PATH` says where the two still differ. Parser and player are those of `renga-test`, so the tests run what was recorded.
//!
//! Invariant: a command whose output differs between two recordings on the same input is not
//! recorded; the case must say `@unordered` or `@varies`.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Mutex,
};

use clap::{Args, Subcommand};
use renga_test::{Block, Case, Golden, LiveCluster, Program, Source, compare, find_cases, play};

/// The reference the committed `.out` files come from.
const REFERENCE: &str = "tk 0.38 (go-jsonnet 0.22.0)";

/// How often a case is recorded before its output counts as stable.
const RECORDINGS: usize = 3;

/// The topic whose cases need a cluster.
const LIVE: &str = "live";

/// Arguments of `cargo xtask goldens`.
#[derive(Debug, Args)]
pub(crate) struct GoldensArgs {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Record the outputs of Grafana Tanka
    Tk {
        /// The `tk` program
        #[arg(long)]
        tk: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Record renga's own outputs for the commands where it differs on purpose
    Renga {
        /// The `renga` program
        #[arg(long)]
        renga: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Print every command in which renga differs from what is recorded
    Compare {
        /// The `renga` program
        #[arg(long)]
        renga: PathBuf,
        /// Only cases whose `topic/case` contains this
        #[arg(long, default_value = "")]
        filter: String,
        /// Folder of the cases
        #[arg(long, default_value = "tests/tk")]
        cases: PathBuf,
        /// Kubeconfig of a cluster for the cases that need one; they are left out otherwise
        #[arg(long)]
        kubeconfig: Option<PathBuf>,
        /// Note new differences in `known-gaps.txt` with this reason, and take out what agrees now
        #[arg(long)]
        note: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// Compare with the recorded files instead of writing them
    #[arg(long)]
    check: bool,
    /// Only cases whose `topic/case` contains this
    #[arg(long, default_value = "")]
    filter: String,
    /// Folder of the cases
    #[arg(long, default_value = "tests/tk")]
    cases: PathBuf,
    /// Kubeconfig of a cluster for the cases that need one; they are left out otherwise
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
    /// The `kubectl` that the reference runs in those cases
    #[arg(long)]
    kubectl: Option<PathBuf>,
}

impl Options {
    fn cluster(&self) -> Result<Option<LiveCluster>, renga_test::LiveError> {
        let kubectl = || self.kubectl.clone();
        self.kubeconfig.as_ref().map(|path| LiveCluster::of_kubeconfig(path, kubectl())).transpose()
    }
}

/// A case with what it gave.
type Played = (Case, Vec<Block>);

/// Plays a case, on the cluster if it needs one; `None` where there is none.
fn play_case(
    path: &Path,
    program: &Program,
    cluster: Option<&LiveCluster>,
) -> Result<Option<Played>, Box<dyn std::error::Error + Send + Sync>> {
    let is_live = path.parent().and_then(Path::file_name).is_some_and(|topic| topic == LIVE);
    match (is_live, cluster) {
        (false, _) => {
            let case = Case::read(path)?;
            let blocks = play(&case, program)?;
            Ok(Some((case, blocks)))
        }
        (true, Some(cluster)) => Ok(Some(cluster.play(path, program)?)),
        (true, None) => Ok(None),
    }
}

/// Runs `cargo xtask goldens`; fails when a case cannot be recorded or, with `--check`, differs.
pub(crate) fn goldens(args: &GoldensArgs) -> ExitCode {
    let result = match &args.task {
        Task::Tk { tk, options } => record(tk, Source::Reference, options),
        Task::Renga { renga, options } => record(renga, Source::Own, options),
        Task::Compare { renga, filter, cases, kubeconfig, note } => {
            compare_all(renga, filter, cases, kubeconfig.as_deref(), note.as_deref())
        }
    };
    let report = match result {
        Ok(report) => report,
        Err(error) => Report { text: format!("error: {error}\n"), failed: true },
    };
    anstream::eprint!("{}", report.text);
    if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What the first line of a golden says about where it comes from.
fn name(source: Source) -> &'static str {
    match source {
        Source::Reference => REFERENCE,
        Source::Own => "renga",
    }
}

#[derive(Debug, Default)]
struct Report {
    text: String,
    failed: bool,
}

/// Plays every case with renga, in turn, and reports the commands that differ.
fn compare_all(
    binary: &Path,
    filter: &str,
    cases: &Path,
    kubeconfig: Option<&Path>,
    note: Option<&str>,
) -> Result<Report, Box<dyn std::error::Error>> {
    let cluster = kubeconfig.map(|path| LiveCluster::of_kubeconfig(path, None)).transpose()?;
    let program = Program::named(binary, "tk")?;
    let mut report = Report::default();
    let (mut commands, mut differing) = (0, Vec::new());
    for path in find_cases(cases)? {
        let case = Case::read(&path)?;
        if !case.id().contains(filter) {
            continue;
        }
        let played = play_case(&path, &program, cluster.as_ref());
        let Some((case, blocks)) = played.map_err(|error| error.to_string())? else { continue };
        commands += case.steps().count();
        for failure in compare(&case, &blocks)? {
            let _ = writeln!(report.text, "{failure}");
            differing.push(failure.id);
        }
    }
    let _ = writeln!(report.text, "{} of {commands} commands differ", differing.len());
    match note {
        Some(reason) => note_gaps(&cases.join("known-gaps.txt"), filter, &differing, reason)?,
        None => report.failed = !differing.is_empty(),
    }
    Ok(report)
}

/// Rewrites the list of known gaps: reasons of commands that still differ stay.
fn note_gaps(
    path: &Path,
    filter: &str,
    differing: &[String],
    reason: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let old = if path.exists() { fs_err::read_to_string(path)? } else { String::new() };
    let id = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let (notes, gaps): (Vec<_>, Vec<_>) = old.lines().partition(|line| line.starts_with('#'));
    let mut lines: Vec<String> = gaps
        .into_iter()
        .filter(|line| !id(line).contains(filter) || differing.contains(&id(line)))
        .map(str::to_owned)
        .collect();
    let known: Vec<_> = lines.iter().map(|line| id(line)).collect();
    lines.extend(
        differing.iter().filter(|id| !known.contains(id)).map(|id| format!("{id} {reason}")),
    );
    lines.sort();
    let text: Vec<_> = notes.into_iter().map(str::to_owned).chain(lines).collect();
    fs_err::write(path, text.join("\n") + "\n")?;
    Ok(())
}

fn record(
    binary: &Path,
    source: Source,
    options: &Options,
) -> Result<Report, Box<dyn std::error::Error>> {
    let program = Program::named(binary, "tk")?;
    let cluster = options.cluster()?;
    let paths = find_cases(&options.cases)?;
    let queue = Mutex::new(paths.into_iter());
    let reports = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().ok().and_then(|mut paths| paths.next());
                    let Some(path) = next else { break };
                    let outcome = record_case(&path, &program, source, options, cluster.as_ref());
                    if let Ok(mut reports) = reports.lock() {
                        reports.push((path, outcome));
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner()?;
    reports.sort_by(|left, right| left.0.cmp(&right.0));
    let mut report = Report::default();
    let (mut cases, mut steps) = (0, 0);
    for (path, outcome) in reports {
        match outcome {
            Ok(Outcome::Skipped) => {}
            Ok(Outcome::Same(count)) => (cases, steps) = (cases + 1, steps + count),
            Ok(Outcome::Written(count)) => {
                (cases, steps) = (cases + 1, steps + count);
                let _ = writeln!(report.text, "recorded {}", path.display());
            }
            Err(problem) => {
                report.failed = true;
                let _ = writeln!(report.text, "{}: {problem}", path.display());
            }
        }
    }
    let _ = writeln!(report.text, "{steps} commands in {cases} cases");
    Ok(report)
}

enum Outcome {
    Skipped,
    Same(usize),
    Written(usize),
}

fn record_case(
    path: &Path,
    program: &Program,
    source: Source,
    options: &Options,
    cluster: Option<&LiveCluster>,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let case = Case::read(path)?;
    if !case.id().contains(&options.filter) || !case.steps().any(|step| source.records(step)) {
        return Ok(Outcome::Skipped);
    }
    let golden_path = source.path(&case);
    let recorded = Golden::read(&golden_path)?;
    let mut golden = Golden { source: name(source).to_owned(), blocks: Vec::new() };
    let mut runs: Vec<Vec<Block>> = Vec::new();
    for _ in 0..RECORDINGS {
        let Some((_, blocks)) = play_case(path, program, cluster)? else {
            return Ok(Outcome::Skipped);
        };
        runs.push(blocks);
    }
    for (index, step) in case.steps().enumerate() {
        if source.records(step) {
            let block = &runs[0][index];
            if let Some(other) = runs.iter().map(|run| &run[index]).find(|b| !step.agrees(block, b))
            {
                return Err(format!(
                    "`{}` answers differently from run to run:\n{}\n{}",
                    step.text, block.text, other.text
                )
                .into());
            }
            // Where order carries no meaning, what is recorded stays as it is.
            let kept = recorded.block(&case, source, index).filter(|old| step.agrees(old, block));
            golden.blocks.push(kept.unwrap_or(block).clone());
        }
    }
    if golden == recorded {
        return Ok(Outcome::Same(golden.blocks.len()));
    }
    if options.check {
        let changed = golden.blocks.iter().find(|block| !recorded.blocks.contains(block));
        let changed = changed.map_or("", |block| block.command.as_str());
        return Err(format!("differs from {}: {changed}", golden_path.display()).into());
    }
    fs_err::write(&golden_path, golden.render())?;
    Ok(Outcome::Written(golden.blocks.len()))
}
