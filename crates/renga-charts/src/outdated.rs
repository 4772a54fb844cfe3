//! Which newer versions there are of what is required.

use std::path::Path;

use crate::chartfile::read_chart_version;
use crate::lock::Lockfile;
use crate::parallel;
use crate::requirement::{Requirement, validate};
use crate::source::{SourceError, pick};
use crate::vendor::{ChartSource, VendorError};
use crate::workspace::{Repositories, Workspace};

/// Where a requirement stands among the versions that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The requirement.
    pub requirement: Requirement,
    /// The version in the lock, else the one that is vendored.
    pub current: Option<String>,
    /// The newest version that the requirement allows.
    pub wanted: Option<String>,
    /// The newest stable version; the newest of all where none is stable.
    pub latest: Option<String>,
    /// Whether the chart's owner advises against its newest version.
    pub deprecated: bool,
}

impl Standing {
    /// Whether there is something newer than what is vendored.
    pub fn is_outdated(&self) -> bool {
        self.current.is_none() || self.wanted != self.current || self.is_behind()
    }

    /// Whether the newest version is out of the requirement's reach.
    fn is_behind(&self) -> bool {
        let parse = |text: &Option<String>| {
            text.as_deref().and_then(|text| renga_semver::Version::parse(text).ok())
        };
        match (parse(&self.latest), parse(&self.current)) {
            (Some(latest), Some(current)) => latest > current,
            _ => self.latest != self.current,
        }
    }
}

/// Asks the repositories where each requirement stands, in the order of the chartfile.
///
/// `repository_config` is as in [`crate::VendorOptions`].
///
/// # Errors
///
/// [`VendorError`], for the first requirement that has one. That no version matches is not an
/// error here.
pub fn outdated(
    workspace: &Workspace,
    source: &dyn ChartSource,
    repository_config: Option<&Path>,
) -> Result<Vec<Standing>, VendorError> {
    let chartfile = workspace.chartfile()?;
    let repositories = workspace.repositories(&chartfile, repository_config)?;
    validate(chartfile.requirements(), &workspace.charts_directory(&chartfile))?;
    let lock = workspace.lockfile()?.unwrap_or_default();
    let standings = parallel::map(chartfile.requirements(), |requirement| {
        let current = current(requirement, &lock, || {
            let path = workspace.chart_path(&chartfile, requirement.target()).join("Chart.yaml");
            read_chart_version(&std::fs::read(&path).ok()?, &path).ok()
        });
        standing(requirement, current, &repositories, source)
    });
    standings.into_iter().collect()
}

fn current(
    requirement: &Requirement,
    lock: &Lockfile,
    vendored: impl FnOnce() -> Option<String>,
) -> Option<String> {
    lock.get(&requirement.directory_key())
        .filter(|entry| entry.chart == requirement.chart)
        .map(|entry| entry.version.clone())
        .or_else(vendored)
}

fn standing(
    requirement: &Requirement,
    current: Option<String>,
    repositories: &Repositories,
    source: &dyn ChartSource,
) -> Result<Standing, VendorError> {
    let origin = repositories.find(requirement)?;
    let name = requirement.name();
    let failed = |cause| VendorError::of_source(cause, requirement);
    let versions = source.versions(&origin.repository, name).map_err(failed)?;
    let newest = |wanted: &str| match pick(&versions, &origin.repository, name, wanted) {
        Ok(version) => Ok(Some(version.version.clone())),
        Err(SourceError::NoVersion { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let first = versions.first();
    Ok(Standing {
        requirement: requirement.clone(),
        current,
        wanted: newest(&requirement.version)?,
        latest: newest("")?.or_else(|| first.map(|version| version.version.clone())),
        deprecated: first.is_some_and(|version| version.deprecated),
    })
}
