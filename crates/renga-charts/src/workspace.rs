//! The folder with the chartfile, and what is found from there.
//!
//! Owns the paths of the chartfile, its lock and the folder of charts, and the repositories in
//! force: those of the chartfile, or of a file given in their place. Paths in them, which the files
//! give relative to the chartfile, are absolute from here on.

use std::path::{Path, PathBuf};

use url::Url;

use crate::chartfile::{CHARTFILE, Chartfile, ChartfileError, read_repository_config};
use crate::lock::{LOCKFILE, LockError, Lockfile, same_address};
use crate::report::{Event, Reporter};
use crate::repository::Repository;
use crate::requirement::{Requirement, join};
use crate::similar::similar;
use crate::staging::{self, FolderLock};
use crate::vendor::VendorError;

/// The folder with the chartfile.
#[derive(Clone, Debug)]
pub struct Workspace {
    directory: PathBuf,
}

impl Workspace {
    /// The workspace at `directory`, an absolute path. Reads nothing yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The folder itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the chartfile is.
    pub fn chartfile_path(&self) -> PathBuf {
        self.directory.join(CHARTFILE)
    }

    /// Where the lock is.
    pub fn lock_path(&self) -> PathBuf {
        self.directory.join(LOCKFILE)
    }

    /// Reads the chartfile.
    ///
    /// # Errors
    ///
    /// [`ChartfileError`], also where there is none.
    pub fn chartfile(&self) -> Result<Chartfile, ChartfileError> {
        Chartfile::load(&self.chartfile_path())
    }

    /// Reads the lock, if there is one.
    ///
    /// # Errors
    ///
    /// [`LockError`].
    pub fn lockfile(&self) -> Result<Option<Lockfile>, LockError> {
        Lockfile::load(&self.lock_path())
    }

    /// The folder of charts that the chartfile names.
    pub fn charts_directory(&self, chartfile: &Chartfile) -> PathBuf {
        join(&self.directory, &chartfile.directory)
    }

    /// Where a chart is vendored, by its `directory` in the lock or the chartfile.
    pub(crate) fn chart_path(&self, chartfile: &Chartfile, directory: &str) -> PathBuf {
        join(&self.charts_directory(chartfile), directory)
    }

    /// Waits for the right to change the chartfile, and reads it.
    pub(crate) fn edit(
        &self,
        reporter: &dyn Reporter,
    ) -> Result<(FolderLock, Chartfile), ChartfileError> {
        // First, so that a missing chartfile is reported as such in a missing folder, too.
        self.chartfile()?;
        let lock = FolderLock::take(&self.directory, || reporter.event(&Event::Waiting))
            .map_err(ChartfileError::Path)?;
        Ok((lock, self.chartfile()?))
    }

    /// Waits for the right to change the folder of charts, which is made where it is missing, and
    /// reads the chartfile as it is then.
    pub(crate) fn own_charts(
        &self,
        reporter: &dyn Reporter,
    ) -> Result<(FolderLock, Chartfile), ChartfileError> {
        let mut chartfile = self.chartfile()?;
        loop {
            let charts = self.charts_directory(&chartfile);
            staging::create_dir(&charts).map_err(ChartfileError::Path)?;
            let mut waited = false;
            let lock = FolderLock::take(&charts, || {
                waited = true;
                reporter.event(&Event::Waiting);
            })
            .map_err(ChartfileError::Path)?;
            if !waited {
                return Ok((lock, chartfile));
            }
            // Whoever held the lock may have vendored what another process added meanwhile.
            let now = self.chartfile()?;
            if self.charts_directory(&now) == charts {
                return Ok((lock, now));
            }
            chartfile = now;
        }
    }

    /// The repositories in force: those in `config` (relative to the workspace), else those of the
    /// chartfile.
    pub(crate) fn repositories(
        &self,
        chartfile: &Chartfile,
        config: Option<&Path>,
    ) -> Result<Repositories, ChartfileError> {
        let named = match config {
            Some(path) => {
                read_repository_config(&renga_project::clean(&self.directory.join(path)))?
            }
            None => chartfile.repositories().to_vec(),
        };
        Ok(Repositories { all: named.into_iter().map(|r| self.origin(r)).collect() })
    }

    fn origin(&self, mut repository: Repository) -> Origin {
        let address = repository.shown_url();
        for file in [&mut repository.ca_file, &mut repository.cert_file, &mut repository.key_file] {
            if !file.is_empty() {
                *file = self.directory.join(&*file).to_string_lossy().into_owned();
            }
        }
        if let Some(path) = repository.url.strip_prefix("file://") {
            let path = renga_project::clean(&self.directory.join(path));
            // Fails for relative paths alone, and the workspace is not one.
            if let Ok(url) = Url::from_file_path(path) {
                repository.url = url.to_string();
            }
        }
        Origin { repository, address }
    }
}

/// A repository that can be asked, and the address by which the lock knows it.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// With absolute paths.
    pub(crate) repository: Repository,
    /// Without credentials, and relative to the workspace where the file says so.
    pub(crate) address: String,
}

impl Origin {
    /// Whether it is a folder on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.repository.url.starts_with("file://")
    }

    /// An archive's address for the lock: below [`Origin::address`] where it is below the
    /// repository, so that a lock with local repositories holds on other machines.
    pub(crate) fn portable(&self, url: &str) -> String {
        match url.strip_prefix(self.repository.url.trim_end_matches('/')) {
            Some(rest) if self.is_local() => {
                format!("{}{rest}", self.address.trim_end_matches('/'))
            }
            _ => url.to_owned(),
        }
    }
}

/// The repositories in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repositories {
    all: Vec<Origin>,
}

impl Repositories {
    /// The repository of that name; the first one, as for Helm.
    pub(crate) fn named(&self, name: &str) -> Option<&Origin> {
        self.all.iter().find(|origin| origin.repository.name == name)
    }

    /// The repository that a requirement names.
    pub(crate) fn find(&self, requirement: &Requirement) -> Result<&Origin, VendorError> {
        let name = requirement.repository();
        self.named(name).ok_or_else(|| {
            let help = match similar(name, self.names()).first() {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "add it with `renga charts add-repo NAME URL`".to_owned(),
            };
            let chart = requirement.chart.clone();
            VendorError::NoRepository { repository: name.to_owned(), chart, help }
        })
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|origin| origin.repository.name.as_str())
    }

    /// The repository at an address, with its credentials; a nameless one if none is configured.
    pub(crate) fn at(&self, url: &str) -> Origin {
        let known = self.all.iter().find(|origin| same_address(&origin.repository.url, url));
        known.cloned().unwrap_or_else(|| {
            let repository = Repository::new("", url);
            let address = repository.shown_url();
            Origin { repository, address }
        })
    }
}
