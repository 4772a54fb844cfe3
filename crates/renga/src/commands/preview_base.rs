//! What `preview` compares with: a commit, or the folder of another checkout.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_diag::Report;
use renga_git::{GitError, Repository, RevisionSource};
use renga_preview::Side;
use renga_project::{DirEntry, DiskSource, FileKind, Source, find_root};

/// What is looked for where nobody says what to compare with.
const DEFAULT_BASES: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/// Files that name what others put into folders that git may ignore.
const LOCKS: [&str; 4] =
    ["jsonnetfile.lock.json", "jsonnetfile.json", "chartfile.yaml", "chartfile.lock"];

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum BaseError {
    #[error("there is nothing to compare with: none of {} is here", DEFAULT_BASES.join(", "))]
    #[diagnostic(
        code(renga::preview_base),
        help("say what to compare with: `--base origin/BRANCH`, or `--base DIR` for a folder")
    )]
    NoDefault,
    #[error("`{}` is in no workspace: {message}", folder.display())]
    #[diagnostic(
        code(renga::preview_base),
        help("give the folder of another checkout of this workspace")
    )]
    NoWorkspace { folder: PathBuf, message: String },
}

impl Report for BaseError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// The side that is compared with.
pub(super) struct Base {
    /// Its files, at the paths of the working tree.
    pub(super) source: Arc<dyn Source>,
    pub(super) side: Side,
    pub(super) head: Side,
    /// Paths in which the working tree differs from it; `None` where nobody knows.
    pub(super) changed: Option<BTreeSet<PathBuf>>,
    revision: Option<Arc<RevisionSource>>,
    root: PathBuf,
}

impl Base {
    /// Finds out what `wanted` means in the workspace at `root`. Without a word it is what most
    /// repositories call their main line.
    pub(super) fn find(wanted: &str, root: &Path, cwd: &Path) -> Result<Self, Box<dyn Report>> {
        let folder = cwd.join(wanted);
        let is_folder = !wanted.is_empty() && folder.is_dir();
        // A path that looks like one is one, even if a branch has the same name.
        if is_folder && (wanted.starts_with(['.', '/']) || wanted.ends_with('/')) {
            return Ok(Self::folder(wanted, &folder, root)?);
        }
        let repository = match Repository::open(root) {
            Ok(repository) => repository,
            Err(_) if is_folder => return Ok(Self::folder(wanted, &folder, root)?),
            Err(error) => return Err(error.into_report()),
        };
        let base = if wanted.is_empty() {
            let mut found = None;
            for name in DEFAULT_BASES {
                match repository.base(name) {
                    Err(GitError::UnknownRevision { .. }) => {}
                    answer => {
                        found = Some(answer);
                        break;
                    }
                }
            }
            found.ok_or(BaseError::NoDefault)?
        } else {
            repository.base(wanted)
        };
        let base = match base {
            Err(GitError::UnknownRevision { .. }) if is_folder => {
                return Ok(Self::folder(wanted, &folder, root)?);
            }
            base => base.map_err(GitError::into_report)?,
        };
        let working = repository.working_tree(&base.commit).map_err(GitError::into_report)?;
        let source = Arc::new(repository.source(&base.commit).map_err(GitError::into_report)?);
        Ok(Self {
            source: source.clone(),
            side: Side { name: base.revision, commit: Some(base.commit), uncommitted: 0 },
            head: Side {
                name: "working tree".to_owned(),
                commit: Some(base.head),
                uncommitted: working.uncommitted.len(),
            },
            changed: Some(working.changed),
            revision: Some(source),
            root: root.to_owned(),
        })
    }

    fn folder(shown: &str, folder: &Path, root: &Path) -> Result<Self, BaseError> {
        let (other, _) =
            find_root(&DiskSource, folder).map_err(|error| BaseError::NoWorkspace {
                folder: PathBuf::from(shown),
                message: error.to_string().replace('\n', " "),
            })?;
        Ok(Self {
            source: Arc::new(Twin { here: root.to_owned(), there: other }),
            side: Side { name: shown.to_owned(), ..Side::default() },
            head: Side { name: "working tree".to_owned(), ..Side::default() },
            changed: None,
            revision: None,
            root: root.to_owned(),
        })
    }

    /// What readers have to know of how it was read; to be asked when all is rendered.
    pub(super) fn notes(&self) -> Vec<String> {
        let Some(revision) = &self.revision else { return Vec::new() };
        let mut notes = Vec::new();
        let ignored = revision.from_disk();
        if !ignored.is_empty() {
            notes.push(format!(
                "{} is not in git: both sides have what is on disk",
                shown(&ignored)
            ));
            let differs = |name: &&&str| {
                let path = self.root.join(name);
                let read = |source: &dyn Source| source.read(&path).ok();
                read(&DiskSource) != read(&**revision)
            };
            if let Some(lock) = LOCKS.iter().find(differs) {
                notes.push(format!(
                    "`{lock}` differs, and changes of what it brings into ignored folders are not seen"
                ));
            }
        }
        let missing = revision.missing_submodules();
        if !missing.is_empty() {
            notes.push(format!(
                "submodule {} is not there at the commit of the base: run `git submodule update --init`",
                shown(&missing)
            ));
        }
        notes
    }
}

fn shown(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    names.join(", ")
}

/// Makes a report of an error.
trait IntoReport {
    fn into_report(self) -> Box<dyn Report>;
}

impl<E: Report> IntoReport for E {
    fn into_report(self) -> Box<dyn Report> {
        Box::new(self)
    }
}

impl From<BaseError> for Box<dyn Report> {
    fn from(error: BaseError) -> Self {
        Box::new(error)
    }
}

/// The workspace of another folder at the paths of this one. What is outside of the workspace is the
/// same for both.
struct Twin {
    here: PathBuf,
    there: PathBuf,
}

impl Twin {
    fn path(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.here) {
            Ok(below) => self.there.join(below),
            Err(_) => path.to_owned(),
        }
    }
}

impl Source for Twin {
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        DiskSource.read(&self.path(path))
    }

    fn probe(&self, path: &Path) -> Option<FileKind> {
        DiskSource.probe(&self.path(path))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        DiskSource.list(&self.path(dir))
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        let real = DiskSource.real_path(&self.path(path))?;
        let there = DiskSource.real_path(&self.there)?;
        Ok(match real.strip_prefix(&there) {
            Ok(below) => self.here.join(below),
            Err(_) => real,
        })
    }
}
