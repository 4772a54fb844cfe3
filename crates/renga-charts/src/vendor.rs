//! Bringing the folder of charts to what the chartfile and its lock say.
//!
//! Owns the order of work of `vendor` and `update`: decide for each requirement from the chartfile,
//! the lock and the version in the vendored `Chart.yaml`; download and check everything that is
//! wanted, side by side; then swap all of it in, write the lock, prune. One chart's way from its
//! source to the staging folder is in [`chart`], what goes with `--prune` in [`prune`].
//!
//! Invariants: on an error the folder of charts and the lock are what they were; nothing is
//! unpacked before its digests were compared; a run that has nothing to do reads the chartfile, the
//! lock and one `Chart.yaml` per chart, and touches neither network nor cache.

mod chart;
mod error;
mod prune;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

pub use error::VendorError;

use crate::chartfile::read_chart_version;
use crate::lock::{LockedChart, Lockfile};
use crate::report::{Event, Reporter};
use crate::requirement::{Requirement, validate};
use crate::similar::similar;
use crate::source::{Archive, ChartVersion, LockedArchive, SourceError, Sources, Wanted};
use crate::staging::{PathError, Stage};
use crate::workspace::{Repositories, Workspace};

/// Where charts come from; [`Sources`] in earnest, something in memory for tests.
pub trait ChartSource: Sync {
    /// See [`Sources::versions`].
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn versions(
        &self,
        repository: &crate::Repository,
        chart: &str,
    ) -> Result<Vec<ChartVersion>, SourceError>;

    /// See [`Sources::resolve`].
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn resolve(
        &self,
        repository: &crate::Repository,
        chart: &str,
        wanted: &str,
    ) -> Result<ChartVersion, SourceError>;

    /// See [`Sources::fetch`].
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn fetch(
        &self,
        repository: &crate::Repository,
        version: &ChartVersion,
        wanted: &Wanted,
    ) -> Result<Archive, SourceError>;

    /// See [`Sources::fetch_locked`].
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn fetch_locked(
        &self,
        repository: &crate::Repository,
        locked: &LockedArchive<'_>,
    ) -> Result<Archive, SourceError>;
}

impl ChartSource for Sources {
    fn versions(
        &self,
        repository: &crate::Repository,
        chart: &str,
    ) -> Result<Vec<ChartVersion>, SourceError> {
        self.versions(repository, chart)
    }

    fn resolve(
        &self,
        repository: &crate::Repository,
        chart: &str,
        wanted: &str,
    ) -> Result<ChartVersion, SourceError> {
        self.resolve(repository, chart, wanted)
    }

    fn fetch(
        &self,
        repository: &crate::Repository,
        version: &ChartVersion,
        wanted: &Wanted,
    ) -> Result<Archive, SourceError> {
        self.fetch(repository, version, wanted)
    }

    fn fetch_locked(
        &self,
        repository: &crate::Repository,
        locked: &LockedArchive<'_>,
    ) -> Result<Archive, SourceError> {
        self.fetch_locked(repository, locked)
    }
}

/// What becomes of the lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockMode {
    /// It is followed, kept up to date, and made where there is none.
    #[default]
    Write,
    /// As [`LockMode::Write`], but where there is none, there will be none: Tanka's ways.
    IfPresent,
    /// It is followed, and it is an error if it would change (`--locked`).
    Locked,
    /// It is followed, nothing is looked up, and what it has too much is none of our business
    /// (`--frozen`).
    Frozen,
}

/// What is removed from the folder of charts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prune {
    /// Nothing.
    #[default]
    No,
    /// What renga vendored and nobody requires any more; for the rest, [`Event::Keeping`].
    Vendored,
    /// Whatever is not required, as Tanka's `--prune` does.
    Everything,
}

/// How to vendor.
#[derive(Clone, Debug, Default)]
pub struct VendorOptions {
    /// What becomes of the lock.
    pub lock: LockMode,
    /// What is removed.
    pub prune: Prune,
    /// Public keys, armored or not: every chart must be signed by one of them.
    pub keyring: Option<Vec<u8>>,
    /// A file of repositories in Helm's format, in place of those in the chartfile.
    pub repository_config: Option<PathBuf>,
    /// How many charts are downloaded at a time; eight by default.
    pub jobs: Option<NonZeroUsize>,
}

const DEFAULT_JOBS: usize = 8;

/// What became of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// What is there is what is wanted.
    Kept,
    /// There was nothing before.
    Added,
    /// Something else was there.
    Replaced,
}

/// A requirement after `vendor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendored {
    /// What was required.
    pub requirement: Requirement,
    /// The version that is there now.
    pub version: String,
    /// What became of it.
    pub action: Action,
}

/// What `vendor` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorReport {
    /// The requirements, in the order of the chartfile.
    pub charts: Vec<Vendored>,
    /// What was pruned, below the folder of charts.
    pub pruned: Vec<String>,
    /// Whether the lock was written.
    pub lock_written: bool,
}

/// Brings the folder of charts to what the chartfile and its lock say.
///
/// # Errors
///
/// [`VendorError`]; charts and lock are then what they were.
pub fn vendor(
    workspace: &Workspace,
    source: &dyn ChartSource,
    options: &VendorOptions,
    reporter: &dyn Reporter,
) -> Result<VendorReport, VendorError> {
    run(workspace, source, options, None, reporter)
}

/// As [`vendor`], but looks for newer versions within the ranges of the requirements called
/// `names`, or of all if there are none, and makes a lock in any case.
///
/// Archives that were published again under an old version are accepted.
///
/// # Errors
///
/// As [`vendor`]; [`VendorError::UnknownName`] for a name that no requirement has.
pub fn update(
    workspace: &Workspace,
    source: &dyn ChartSource,
    names: &[String],
    options: &VendorOptions,
    reporter: &dyn Reporter,
) -> Result<VendorReport, VendorError> {
    let options = VendorOptions { lock: LockMode::Write, ..options.clone() };
    run(workspace, source, &options, Some(names), reporter)
}

/// What is to be done for a requirement.
#[derive(Debug)]
enum Step {
    /// The chart that is there stays, and so does its entry in the lock.
    Keep { version: String },
    /// It is fetched: what the lock says, or else what its version stands for.
    Fetch(Box<Work>),
}

#[derive(Debug)]
struct Work {
    /// The entry to follow.
    follow: Option<LockedChart>,
    /// The entry that the directory had before, whatever it says.
    before: Option<LockedChart>,
    /// Where the chart goes.
    target: PathBuf,
    /// What is there now.
    there: There,
    /// Whether a newer archive of the same version is welcome.
    updating: bool,
}

impl Work {
    /// Whether what is there may turn out to be what is wanted, so that nothing is replaced.
    fn may_stay(&self, requirement: &Requirement) -> bool {
        let There::Chart(version) = &self.there else { return false };
        match &self.follow {
            Some(entry) => entry.version == *version,
            None => match renga_semver::Version::parse(&requirement.version) {
                Ok(exact) => renga_semver::Version::parse(version).is_ok_and(|v| v == exact),
                // A range, which decides when it is looked up.
                Err(_) => true,
            },
        }
    }
}

/// What is at the place of a chart.
#[derive(Debug, PartialEq, Eq)]
enum There {
    Nothing,
    /// A directory without `Chart.yaml`.
    Something,
    /// A chart of that version.
    Chart(String),
}

/// What all charts of a run share.
struct Run<'a> {
    source: &'a dyn ChartSource,
    options: &'a VendorOptions,
    repositories: &'a Repositories,
    charts: PathBuf,
    stage: Option<&'a Stage>,
    /// Whether a lock is there or will be.
    locking: bool,
}

fn run(
    workspace: &Workspace,
    source: &dyn ChartSource,
    options: &VendorOptions,
    moving: Option<&[String]>,
    reporter: &dyn Reporter,
) -> Result<VendorReport, VendorError> {
    let (_guard, chartfile) = workspace.own_charts(reporter).map_err(VendorError::of_opening)?;
    let charts = workspace.charts_directory(&chartfile);
    let repositories = workspace.repositories(&chartfile, options.repository_config.as_deref())?;
    let requirements = chartfile.requirements();
    validate(requirements, &charts)?;
    let moves = |requirement: &Requirement| {
        moving.is_some_and(|names| {
            names.is_empty() || names.iter().any(|name| requirement.answers_to(name))
        })
    };
    check_names(moving.unwrap_or_default(), requirements)?;
    if options.prune != Prune::No && workspace.directory().starts_with(&charts) {
        return Err(VendorError::PruneWorkspace { charts });
    }
    let old = workspace.lockfile()?;
    let locking = old.is_some() || options.lock != LockMode::IfPresent;
    let strict = matches!(options.lock, LockMode::Locked | LockMode::Frozen);
    if strict && old.is_none() {
        return Err(VendorError::NoLock { path: workspace.lock_path() });
    }
    let had_lock = old.is_some();
    let old = old.unwrap_or_default();
    if strict {
        check_lock(&old, requirements, &repositories, options.lock)?;
    }

    reporter.event(&Event::Vendoring);
    let mut steps = Vec::with_capacity(requirements.len());
    for requirement in requirements {
        let target = workspace.chart_path(&chartfile, requirement.target());
        let context = Planning { old: &old, repositories: &repositories, options, locking };
        match context.step(requirement, target, moves(requirement)) {
            Ok(step) => steps.push(step),
            Err(error) => {
                announce_until(&steps, requirements, reporter);
                return Err(error);
            }
        }
    }

    let wanting = steps.iter().position(|step| matches!(step, Step::Fetch(_)));
    let stage = if let Some(index) = wanting {
        let failed = |error| {
            let (error, wanted) = (VendorError::of_folder(error, &charts), &requirements[index]);
            match repositories.named(wanted.repository()) {
                Some(origin) => error.wanting(wanted, &origin.address),
                None => error,
            }
        };
        Some(Stage::new(&charts).map_err(failed)?)
    } else {
        // What cannot be cleared away is in nobody's way.
        let _ = Stage::clear(&charts);
        None
    };
    let shared = Run {
        source,
        options,
        repositories: &repositories,
        charts,
        stage: stage.as_ref(),
        locking,
    };
    let mut fetched = fetch_all(&shared, requirements, &steps, reporter)?;

    let mut swaps = Vec::new();
    let mut new = if options.lock == LockMode::Frozen { old.clone() } else { Lockfile::default() };
    let mut report = VendorReport::default();
    for (index, (requirement, step)) in requirements.iter().zip(&steps).enumerate() {
        let key = requirement.directory_key();
        let (version, action) = match (step, fetched.remove(&index)) {
            (Step::Fetch(work), Some(done)) => {
                let action = match (done.staged, &work.there) {
                    (false, _) => Action::Kept,
                    (true, There::Nothing) => Action::Added,
                    (true, _) => Action::Replaced,
                };
                if done.staged {
                    swaps.push((index, work.target.clone()));
                }
                if let Some(locked) = done.locked {
                    new.insert(locked);
                }
                (done.version, action)
            }
            (Step::Keep { version }, _) => {
                if let Some(entry) = old.get(&key) {
                    new.insert(entry.clone());
                }
                (version.clone(), Action::Kept)
            }
            // Every chart that is to be fetched was, or there was an error.
            (Step::Fetch(_), None) => continue,
        };
        report.charts.push(Vendored { requirement: requirement.clone(), version, action });
    }

    let charts = shared.charts;
    if let Some(stage) = stage.as_ref() {
        stage.swap(&swaps).map_err(|error| VendorError::of_folder(error, &charts))?;
    }
    if locking && !strict && (!had_lock || new != old) {
        tell_moves(&old, &new, moving.is_some(), reporter);
        new.save(&workspace.lock_path())?;
        report.lock_written = true;
    }
    if let Some(stage) = stage {
        stage.close()?;
    }
    report.pruned = prune::prune(&charts, requirements, &old, options.prune, reporter)?;
    Ok(report)
}

/// Says which pins of the lock changed, after `update`.
fn tell_moves(old: &Lockfile, new: &Lockfile, updating: bool, reporter: &dyn Reporter) {
    if !updating {
        return;
    }
    for chart in new.charts() {
        let from = old.get(&chart.directory).map(|before| before.version.as_str());
        if from != Some(chart.version.as_str()) {
            reporter.event(&Event::Moved { chart: &chart.chart, from, to: &chart.version });
        }
    }
}

fn check_names(names: &[String], requirements: &[Requirement]) -> Result<(), VendorError> {
    for name in names {
        if !requirements.iter().any(|requirement| requirement.answers_to(name)) {
            return Err(VendorError::UnknownName(UnknownName::new(name, requirements)));
        }
    }
    Ok(())
}

/// A name that no requirement has.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("no requirement is called `{name}`")]
#[diagnostic(code(charts::unknown_name))]
pub struct UnknownName {
    /// The name.
    pub name: String,
    #[help]
    help: String,
}

impl UnknownName {
    pub(crate) fn new(name: &str, requirements: &[Requirement]) -> Self {
        let names = requirements.iter().flat_map(|r| [r.chart.as_str(), r.name(), r.target()]);
        let help = match similar(name, names).first() {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if requirements.is_empty() => "the chartfile requires no charts".to_owned(),
            None => {
                let all: Vec<_> = requirements.iter().map(|r| format!("`{}`", r.chart)).collect();
                format!("the chartfile requires {}", all.join(", "))
            }
        };
        Self { name: name.to_owned(), help }
    }
}

/// Checks that the lock is enough for `--locked` or `--frozen`.
fn check_lock(
    lock: &Lockfile,
    requirements: &[Requirement],
    repositories: &Repositories,
    mode: LockMode,
) -> Result<(), VendorError> {
    let mut problems = Vec::new();
    for requirement in requirements {
        let key = requirement.directory_key();
        let address = repositories.named(requirement.repository()).map(|o| o.address.as_str());
        let shown = format!("{}@{}", requirement.chart, requirement.version);
        match lock.get(&key) {
            None => problems.push(format!("`{shown}` is not in it")),
            Some(entry) if entry.answers(requirement, address) => {}
            Some(entry) if entry.answers(requirement, None) => problems.push(format!(
                "`{shown}` is locked from {}, and required from {}",
                entry.repository,
                address.unwrap_or_default()
            )),
            Some(entry) => problems.push(format!(
                "`{shown}` is required in directory `{key}`, and `{}@{}` is locked",
                entry.chart, entry.requested
            )),
        }
    }
    if mode == LockMode::Locked {
        for entry in lock.charts() {
            if !requirements.iter().any(|r| r.directory_key() == entry.directory) {
                problems.push(format!("`{}` is in it, and not required", entry.chart));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(VendorError::OutOfDate { problems }) }
}

struct Planning<'a> {
    old: &'a Lockfile,
    repositories: &'a Repositories,
    options: &'a VendorOptions,
    locking: bool,
}

impl Planning<'_> {
    fn step(
        &self,
        requirement: &Requirement,
        target: PathBuf,
        updating: bool,
    ) -> Result<Step, VendorError> {
        let there = look(&target)?;
        let address = self.repositories.named(requirement.repository()).map(|o| o.address.as_str());
        let before = self.old.get(&requirement.directory_key()).cloned();
        let follow =
            before.clone().filter(|entry| !updating && entry.answers(requirement, address));
        let unverified = self.options.keyring.is_some()
            && follow.as_ref().is_none_or(|entry| !entry.provenance_verified);
        let wanted = match &follow {
            Some(entry) => Some(entry.version.as_str()),
            // Tanka's rule, where there is no lock.
            None if !self.locking => Some(requirement.version.as_str()),
            None => None,
        };
        Ok(match &there {
            There::Chart(version) if !unverified && wanted == Some(version) => {
                Step::Keep { version: version.clone() }
            }
            _ => Step::Fetch(Box::new(Work { follow, before, target, there, updating })),
        })
    }
}

/// Says what is at the place of a chart.
fn look(target: &Path) -> Result<There, VendorError> {
    let manifest = target.join("Chart.yaml");
    let text = match std::fs::read(&manifest) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let something = std::fs::symlink_metadata(target).is_ok();
            return Ok(if something { There::Something } else { There::Nothing });
        }
        Err(error) => return Err(PathError::new("stat", &manifest, error).into()),
    };
    match read_chart_version(&text, &manifest) {
        Ok(version) => Ok(There::Chart(version)),
        Err(cause) => Err(VendorError::VendoredManifest { path: manifest, cause }),
    }
}

/// Says what Tanka says before it finds what is wrong with the next requirement.
fn announce_until(steps: &[Step], requirements: &[Requirement], reporter: &dyn Reporter) {
    for (requirement, step) in requirements.iter().zip(steps) {
        if matches!(step, Step::Keep { .. }) {
            reporter.event(&Event::Exists(requirement));
        }
    }
}

/// Fetches and stages everything that is to be, side by side, and reports it in order.
fn fetch_all(
    run: &Run<'_>,
    requirements: &[Requirement],
    steps: &[Step],
    reporter: &dyn Reporter,
) -> Result<BTreeMap<usize, chart::Done>, VendorError> {
    let work: Vec<usize> =
        (0..steps.len()).filter(|&index| matches!(steps[index], Step::Fetch(_))).collect();
    let jobs = run.options.jobs.map_or(DEFAULT_JOBS, NonZeroUsize::get).min(work.len());
    let next = AtomicUsize::new(0);
    let finished = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            let (next, finished, work) = (&next, &finished, &work);
            scope.spawn(move || {
                while let Some(&index) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Step::Fetch(item) = &steps[index] else { continue };
                    let done = chart::obtain(run, &requirements[index], item, index);
                    if done.is_err() {
                        // Those before it are under way and decide which error is the first.
                        next.store(work.len(), Ordering::Relaxed);
                    }
                    let done_now = finished.fetch_add(1, Ordering::Relaxed) + 1;
                    reporter.event(&Event::Progress {
                        done: done_now,
                        total: work.len(),
                        chart: &requirements[index].chart,
                    });
                    if sender.send((index, done)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        collect(requirements, steps, &receiver, reporter)
    })
}

/// Takes the results as they come, and reports them in the order of the chartfile.
fn collect(
    requirements: &[Requirement],
    steps: &[Step],
    receiver: &mpsc::Receiver<(usize, Result<chart::Done, VendorError>)>,
    reporter: &dyn Reporter,
) -> Result<BTreeMap<usize, chart::Done>, VendorError> {
    let mut early = BTreeMap::new();
    let mut done = BTreeMap::new();
    let mut first_error: Option<(usize, VendorError)> = None;
    let mut synced = false;
    for (index, (requirement, step)) in requirements.iter().zip(steps).enumerate() {
        let Step::Fetch(work) = step else {
            reporter.event(&Event::Exists(requirement));
            continue;
        };
        let mut announce = || {
            if work.there != There::Nothing {
                reporter.event(&Event::Removing(requirement));
            }
            if !synced {
                reporter.event(&Event::Syncing);
                synced = true;
            }
            reporter.event(&Event::Pulling);
        };
        let may_stay = work.may_stay(requirement);
        if !may_stay {
            announce();
        }
        while !early.contains_key(&index) {
            match receiver.recv() {
                Ok((index, Ok(one))) => {
                    early.insert(index, one);
                }
                Ok((index, Err(error))) => {
                    if first_error.as_ref().is_none_or(|(first, _)| index < *first) {
                        first_error = Some((index, error));
                    }
                }
                // All threads are gone, for there was an error.
                Err(mpsc::RecvError) => break,
            }
        }
        let Some(one) = early.remove(&index) else { break };
        if may_stay && one.staged {
            announce();
        }
        for event in one.events(requirement) {
            reporter.event(&event);
        }
        done.insert(index, one);
    }
    for (index, result) in receiver {
        if let Err(error) = result
            && first_error.as_ref().is_none_or(|(first, _)| index < *first)
        {
            first_error = Some((index, error));
        }
    }
    match first_error {
        Some((_, error)) => Err(error),
        None => Ok(done),
    }
}
