//! The repository a folder is in: revisions, where histories part, what is not committed.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::bstr::ByteSlice as _;
use gix::status::tree_index::TrackRenames;

use crate::error::GitError;
use crate::tree::RevisionSource;

/// How far back the commits of a shallow clone are counted.
const COUNTED: usize = 100_000;

/// The repository of a workspace.
pub struct Repository {
    /// Where its files are, spelled as the workspace spells its paths.
    root: PathBuf,
    /// Its handle is not for several threads at once.
    inner: Arc<Mutex<gix::Repository>>,
}

/// A commit to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The revision as the user wrote it.
    pub revision: String,
    /// The commit that it names (40 hex digits, 64 in repositories of SHA-256).
    pub tip: String,
    /// The commit that is compared with: where `HEAD` and the tip parted.
    pub commit: String,
    /// `HEAD`'s commit.
    pub head: String,
}

/// What the working tree is, beside a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingTree {
    /// Absolute paths in which it differs from the base: changed, added, removed, not yet known to
    /// git. Folders are named where all in them is new.
    pub changed: BTreeSet<PathBuf>,
    /// Paths, relative to the root of the repository, that differ from `HEAD`: not committed.
    pub uncommitted: BTreeSet<String>,
}

impl Repository {
    /// Opens the repository that `folder` (absolute) is in: a clone, one of its worktrees, or a
    /// submodule.
    ///
    /// # Errors
    ///
    /// [`GitError::NoRepository`], [`GitError::Bare`].
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let inner = gix::discover(folder).map_err(|error| GitError::NoRepository {
            folder: folder.to_owned(),
            message: error.to_string(),
        })?;
        let work_dir = inner
            .workdir()
            .and_then(|dir| dir.canonicalize().ok())
            .ok_or_else(|| GitError::Bare { folder: folder.to_owned() })?;
        let spelled = folder
            .ancestors()
            .find(|dir| dir.canonicalize().is_ok_and(|canonical| canonical == work_dir));
        let root = spelled.map_or(work_dir.clone(), Path::to_owned);
        Ok(Self { root, inner: Arc::new(Mutex::new(inner)) })
    }

    /// Where the files of the repository are (absolute).
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit to compare with: where `HEAD` and `revision` parted.
    ///
    /// # Errors
    ///
    /// [`GitError`] for a revision that is not there, histories without anything in common, and
    /// clones that do not reach back far enough.
    pub fn base(&self, revision: &str) -> Result<Base, GitError> {
        let repository = self.lock();
        let head = repository.head_id().map_err(|_| GitError::NoCommit)?.detach();
        let tip = commit_of(&repository, revision)?;
        let base = repository.merge_base(head, tip);
        let base = match base {
            Ok(Some(base)) => base.detach(),
            found => {
                if repository.is_shallow().unwrap_or(false) {
                    let commits = reachable(&repository, head);
                    return Err(GitError::Shallow {
                        revision: revision.to_owned(),
                        commits,
                        deepen: (commits * 10).clamp(50, 1000),
                    });
                }
                return Err(match found {
                    Err(error) => GitError::history(&error),
                    Ok(_) => GitError::Unrelated { revision: revision.to_owned() },
                });
            }
        };
        Ok(Base {
            revision: revision.to_owned(),
            tip: tip.to_string(),
            commit: base.to_string(),
            head: head.to_string(),
        })
    }

    /// The files of a commit, at the paths they have in the working tree.
    ///
    /// # Errors
    ///
    /// [`GitError`] when the commit is not there.
    pub fn source(&self, commit: &str) -> Result<RevisionSource, GitError> {
        let tree = self.tree_of(commit)?;
        Ok(RevisionSource::new(self.root.clone(), Arc::clone(&self.inner), tree))
    }

    /// What differs between the files of a commit, those of `HEAD`, and the working tree. Ignored
    /// files are passed over.
    ///
    /// # Errors
    ///
    /// [`GitError`] when objects or the index cannot be read.
    pub fn working_tree(&self, commit: &str) -> Result<WorkingTree, GitError> {
        let base = self.tree_of(commit)?;
        let repository = self.lock();
        let mut found = WorkingTree::default();
        let platform = repository
            .status(gix::progress::Discard)
            .map_err(|error| GitError::history(&error))?
            .untracked_files(gix::status::UntrackedFiles::Files)
            .head_tree(base)
            .tree_index_track_renames(TrackRenames::Disabled)
            .index_worktree_rewrites(None);
        let items = platform.into_iter(None).map_err(|error| GitError::history(&error))?;
        for item in items {
            let item = item.map_err(|error| GitError::history(&error))?;
            let path = item.location().to_str_lossy().into_owned();
            found.changed.insert(self.root.join(&path));
            if matches!(item, gix::status::Item::IndexWorktree(_)) {
                found.uncommitted.insert(path);
            }
        }
        let head = repository.head_tree_id_or_empty().map_err(|error| GitError::history(&error))?;
        let index = repository.index_or_empty().map_err(|error| GitError::history(&error))?;
        let staged = repository.tree_index_status(
            &head,
            &index,
            None,
            TrackRenames::Disabled,
            |change, _, _| {
                found.uncommitted.insert(change.location().to_str_lossy().into_owned());
                Ok(std::ops::ControlFlow::Continue(()))
            },
        );
        staged.map_err(|error| GitError::history(&error))?;
        Ok(found)
    }

    fn tree_of(&self, commit: &str) -> Result<gix::ObjectId, GitError> {
        let repository = self.lock();
        let id = gix::ObjectId::from_hex(commit.as_bytes())
            .map_err(|error| GitError::history(&error))?;
        let commit = repository.find_commit(id).map_err(|error| GitError::history(&error))?;
        Ok(commit.tree_id().map_err(|error| GitError::history(&error))?.detach())
    }

    fn lock(&self) -> MutexGuard<'_, gix::Repository> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The commit that a revision names, tags peeled.
fn commit_of(repository: &gix::Repository, revision: &str) -> Result<gix::ObjectId, GitError> {
    let commit = |name: &str| {
        // A revision is no option and no range: `^{commit}` takes both away.
        let spec = format!("{name}^{{commit}}");
        repository.rev_parse_single(spec.as_str()).ok().map(gix::Id::detach)
    };
    let unknown = |help: String| GitError::UnknownRevision { revision: revision.to_owned(), help };
    if revision.trim().is_empty() {
        return Err(unknown("name a branch, a tag or a commit, such as `origin/main`".to_owned()));
    }
    if let Some(id) = commit(revision) {
        return Ok(id);
    }
    let remote = format!("origin/{revision}");
    if commit(&remote).is_some() {
        return Err(unknown(format!("there is `{remote}`: `--base {remote}`")));
    }
    let branch = revision.strip_prefix("origin/").unwrap_or(revision);
    Err(unknown(format!(
        "fetch it first: `git fetch origin {branch}` (a clone of one branch or of little depth does not have the others)"
    )))
}

/// How many commits are there from `head` on.
fn reachable(repository: &gix::Repository, head: gix::ObjectId) -> usize {
    let mut seen = BTreeSet::from([head]);
    let mut pending = VecDeque::from([head]);
    let mut there = 0;
    while let Some(id) = pending.pop_front() {
        let Ok(commit) = repository.find_commit(id) else { continue };
        there += 1;
        if there >= COUNTED {
            break;
        }
        for parent in commit.parent_ids() {
            if seen.insert(parent.detach()) {
                pending.push_back(parent.detach());
            }
        }
    }
    there
}
