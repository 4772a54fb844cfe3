//! Changing the chartfile: `init`, `add-repo`, `add` and `remove`.
//!
//! Invariant: one process at a time changes a chartfile, and it is either the old or the new one.

use std::path::{Path, PathBuf};

use crate::chartfile::{Chartfile, ChartfileError};
use crate::lock::LockError;
use crate::report::{Event, Reporter, SkipReason};
use crate::repository::Repository;
use crate::requirement::{Requirement, RequirementsError, validate};
use crate::staging::{self, PathError};
use crate::vendor::{ChartSource, UnknownName, VendorError, VendorOptions, VendorReport, vendor};
use crate::workspace::Workspace;

/// Why a chartfile was not changed, or not all of it. The messages are Tanka's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum EditError {
    /// The chartfile cannot be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Chartfile(#[from] ChartfileError),
    /// The requirements contradict each other. Nothing was changed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Requirements(#[from] RequirementsError),
    /// `init` where there is a chartfile.
    #[error("chartfile at '{}' already exists. Aborting", path.display())]
    #[diagnostic(code(charts::chartfile_exists), help("edit it, or use `renga charts add`"))]
    Exists {
        /// The chartfile.
        path: PathBuf,
    },
    /// Some repositories or charts were not added; the others were.
    #[error("{count} {kind}(s) were skipped. Please check above logs for details")]
    #[diagnostic(code(charts::skipped))]
    Skipped {
        /// How many.
        count: usize,
        /// `Repo` or `Chart`.
        kind: &'static str,
    },
    /// The chartfile has the new charts, but they could not be vendored.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Vendor(#[from] VendorError),
    /// `remove` of something that is not required.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownName(#[from] UnknownName),
    /// `remove` of a name that several charts have.
    #[error("`{name}` may be any of {}", charts.join(", "))]
    #[diagnostic(code(charts::ambiguous), help("name the directory of the one you mean"))]
    Ambiguous {
        /// The name.
        name: String,
        /// The requirements.
        charts: Vec<String>,
    },
    /// The lock cannot be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lock(#[from] LockError),
    /// A vendored chart cannot be removed.
    #[error(transparent)]
    #[diagnostic(code(charts::path))]
    Path(#[from] PathError),
}

impl renga_diag::Report for EditError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Begins a chartfile, with the repository that Tanka begins with; gives its path.
///
/// # Errors
///
/// [`EditError::Exists`], or because it cannot be written.
pub fn init(workspace: &Workspace) -> Result<PathBuf, EditError> {
    let path = workspace.chartfile_path();
    if path.exists() {
        return Err(EditError::Exists { path });
    }
    let chartfile = Chartfile {
        repositories: Some(vec![Repository::new("stable", "https://charts.helm.sh/stable")]),
        requires: Some(Vec::new()),
        directory: String::new(),
        ..Chartfile::default()
    };
    chartfile.save(&path)?;
    Ok(path)
}

/// Adds a repository to the chartfile, unless it is there already or its name is not fit.
///
/// # Errors
///
/// [`EditError::Skipped`] after [`Event::Skipped`]. The chartfile is written anew even then.
pub fn add_repository(
    workspace: &Workspace,
    repository: Repository,
    reporter: &dyn Reporter,
) -> Result<(), EditError> {
    let (_guard, mut chartfile) = workspace.edit(reporter)?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name = repository.name.clone();
    let reason = if chartfile.repositories().contains(&repository) {
        Some(SkipReason::Exists)
    } else if name.is_empty() || !name.chars().all(word) {
        Some(SkipReason::RepositoryName)
    } else {
        None
    };
    if let Some(reason) = reason {
        reporter.event(&Event::Skipped { name: &name, reason });
    } else {
        chartfile.repositories.get_or_insert_default().push(repository);
        reporter.event(&Event::Accepted { name: &name });
    }
    chartfile.save(&workspace.chartfile_path())?;
    match reason {
        Some(_) => Err(EditError::Skipped { count: 1, kind: "Repo" }),
        None => Ok(()),
    }
}

/// Adds charts, each `repo/chart@version` with an optional `:directory`, and vendors.
///
/// # Errors
///
/// [`EditError::Skipped`] after [`Event::Skipped`]: the others were added, nothing was vendored.
/// [`EditError::Vendor`]: all were added, and vendoring failed.
pub fn add(
    workspace: &Workspace,
    charts: &[String],
    source: &dyn ChartSource,
    options: &VendorOptions,
    reporter: &dyn Reporter,
) -> Result<VendorReport, EditError> {
    let (guard, mut chartfile) = workspace.edit(reporter)?;
    reporter.event(&Event::Adding { count: charts.len() });
    let mut requires = chartfile.requirements().to_vec();
    let before = requires.len();
    for text in charts {
        let reason = match Requirement::parse(text) {
            None => Some(SkipReason::Form),
            Some(requirement) if requires.contains(&requirement) => Some(SkipReason::Exists),
            Some(requirement) => {
                requires.push(requirement);
                None
            }
        };
        reporter.event(&match reason {
            Some(reason) => Event::Skipped { name: text, reason },
            None => Event::Accepted { name: text },
        });
    }
    validate(&requires, &workspace.charts_directory(&chartfile))?;
    let added = requires.len() - before;
    if added > 0 {
        chartfile.requires = Some(requires);
    }
    chartfile.save(&workspace.chartfile_path())?;
    if added != charts.len() {
        return Err(EditError::Skipped { count: charts.len() - added, kind: "Chart" });
    }
    reporter.event(&Event::Added { count: added });
    drop(guard);
    Ok(vendor(workspace, source, options, reporter)?)
}

/// Removes charts from the chartfile, the lock and the folder of charts; gives what was required.
///
/// What is in a chart's place and was not vendored stays, with [`Event::Keeping`].
///
/// # Errors
///
/// [`EditError::UnknownName`] or [`EditError::Ambiguous`], with nothing changed.
pub fn remove(
    workspace: &Workspace,
    names: &[String],
    reporter: &dyn Reporter,
) -> Result<Vec<Requirement>, EditError> {
    let (_edit, _) = workspace.edit(reporter)?;
    let (_own, mut chartfile) = workspace.own_charts(reporter).map_err(VendorError::of_opening)?;
    let mut requires = chartfile.requirements().to_vec();
    let mut removed = Vec::new();
    for name in names {
        let (gone, stay): (Vec<_>, Vec<_>) =
            requires.into_iter().partition(|requirement| requirement.answers_to(name));
        match gone.as_slice() {
            [] => {
                let known = chartfile.requirements();
                return Err(UnknownName::new(name, known).into());
            }
            [_] => removed.extend(gone),
            // A directory is named once.
            several => match several.iter().position(|requirement| requirement.target() == name) {
                Some(index) => {
                    let mut several = gone;
                    removed.push(several.swap_remove(index));
                    requires = stay.into_iter().chain(several).collect();
                    continue;
                }
                None => {
                    return Err(EditError::Ambiguous {
                        name: name.clone(),
                        charts: several.iter().map(|r| format!("`{r}`")).collect(),
                    });
                }
            },
        }
        requires = stay;
    }
    // In the order that they had.
    chartfile.requires =
        chartfile.requires.map(|all| all.into_iter().filter(|r| requires.contains(r)).collect());
    let lock = workspace.lockfile()?;
    chartfile.save(&workspace.chartfile_path())?;
    let own = lock.clone().unwrap_or_default();
    if let Some(mut lock) = lock {
        for requirement in &removed {
            lock.remove(&requirement.directory_key());
        }
        lock.save(&workspace.lock_path())?;
    }
    let charts = workspace.charts_directory(&chartfile);
    for requirement in &removed {
        let key = requirement.directory_key();
        let path = workspace.chart_path(&chartfile, requirement.target());
        if own.get(&key).is_some() || path.join("Chart.yaml").exists() {
            staging::remove(&path)?;
            remove_empty_parents(&path, &charts);
        } else if path.exists() {
            reporter.event(&Event::Keeping { directory: path.is_dir(), path: &key });
        }
        reporter.event(&Event::Removed { chart: &requirement.chart, directory: &key });
    }
    Ok(removed)
}

/// Removes the folders that held nothing but `path`, up to the folder of charts.
fn remove_empty_parents(path: &Path, charts: &Path) {
    let parents = path.ancestors().skip(1);
    for parent in parents.take_while(|parent| *parent != charts && parent.starts_with(charts)) {
        // Fails where something is left in it, and then for all around it.
        if std::fs::remove_dir(parent).is_err() {
            return;
        }
    }
}
