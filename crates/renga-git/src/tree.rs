//! The files of a commit as a [`Source`].
//!
//! Paths are those of the working tree: what lies below the root of the repository is read from the
//! commit, everything else from the disk. Symbolic links are followed as on disk, also out of the
//! repository and back. Submodules are read from their own repositories, at the commit that the tree
//! names.
//!
//! Workspaces often leave folders such as `vendor/` to a package manager and tell git to ignore them.
//! A commit does not have these, and would not evaluate without them; they are read from the disk,
//! and the caller can ask which they were ([`RevisionSource::from_disk`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::objs::tree::EntryKind;
use gix::worktree::stack::state::ignore::Source as IgnoreSource;
use renga_project::{DirEntry, DiskSource, FileKind, Source, clean};

/// More links than any path has; the kernel's bound.
const MOST_LINKS: usize = 40;

/// A repository that objects come from: the workspace's own, or that of a submodule.
type Handle = Arc<Mutex<gix::Repository>>;

/// The files of a commit, at the paths they have in the working tree.
pub struct RevisionSource {
    root: PathBuf,
    main: Handle,
    tree: ObjectId,
    known: Mutex<Known>,
}

/// What was looked up before.
#[derive(Default)]
struct Known {
    places: HashMap<PathBuf, Place>,
    folders: HashMap<ObjectId, Arc<Folder>>,
    submodules: HashMap<PathBuf, Option<Handle>>,
    /// Whether git ignores a path that the commit does not have.
    ignored: HashMap<PathBuf, bool>,
    from_disk: BTreeSet<PathBuf>,
    missing_submodules: BTreeSet<PathBuf>,
}

type Folder = BTreeMap<OsString, (EntryKind, ObjectId)>;

/// Where a path leads, links followed.
#[derive(Clone)]
enum Place {
    /// To a file of the commit.
    File { handle: Handle, id: ObjectId, real: PathBuf },
    /// To a folder of the commit.
    Folder { handle: Handle, id: ObjectId, real: PathBuf },
    /// To a place that the commit knows nothing of.
    Disk(PathBuf),
    /// Nowhere.
    Nothing,
    /// To itself.
    Loop,
    /// Into a submodule whose commit is not there.
    MissingSubmodule(PathBuf),
}

impl RevisionSource {
    pub(crate) fn new(root: PathBuf, main: Handle, tree: ObjectId) -> Self {
        Self { root, main, tree, known: Mutex::default() }
    }

    /// Ignored paths, relative to the repository's root, that were read from the disk because the
    /// commit does not have them.
    pub fn from_disk(&self) -> Vec<PathBuf> {
        self.known().from_disk.iter().cloned().collect()
    }

    /// Submodules, relative to the repository's root, whose files are not there: what was asked of
    /// them read as missing.
    pub fn missing_submodules(&self) -> Vec<PathBuf> {
        self.known().missing_submodules.iter().cloned().collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, path: &Path) -> Place {
        if let Some(place) = self.known().places.get(path) {
            return place.clone();
        }
        let place = self.find(path);
        if let Place::MissingSubmodule(path) = &place {
            self.known().missing_submodules.insert(path.clone());
        }
        self.known().places.insert(path.to_owned(), place.clone());
        place
    }

    fn find(&self, path: &Path) -> Place {
        let mut path = clean(path);
        for _ in 0..MOST_LINKS {
            match self.walk(&path) {
                Ok(place) => return place,
                Err(target) => path = target,
            }
            if !path.starts_with(&self.root) {
                // The disk may have a link back into the repository.
                match std::fs::canonicalize(&path) {
                    Ok(real) if real.starts_with(&self.root) => path = real,
                    _ => return Place::Disk(path),
                }
            }
        }
        Place::Loop
    }

    /// Follows a path through the commit; `Err` with the path that a link leads to.
    fn walk(&self, path: &Path) -> Result<Place, PathBuf> {
        let Ok(below) = path.strip_prefix(&self.root) else {
            return Ok(Place::Disk(path.to_owned()));
        };
        let mut handle = Arc::clone(&self.main);
        let mut id = self.tree;
        let mut real = self.root.clone();
        let mut parts = below.components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else { continue };
            let Some(folder) = self.folder(&handle, id) else { return Ok(Place::Nothing) };
            let Some(&(kind, entry)) = folder.get(name) else {
                return Ok(self.unknown(&real.join(name), path));
            };
            real.push(name);
            match kind {
                EntryKind::Tree => id = entry,
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    if parts.peek().is_some() {
                        return Ok(Place::Nothing);
                    }
                    return Ok(Place::File { handle, id: entry, real });
                }
                EntryKind::Link => {
                    let Some(target) = read(&handle, entry) else { return Ok(Place::Nothing) };
                    real.pop();
                    let target = real.join(Path::new(&*target.to_os_str_lossy()));
                    return Err(clean(&parts.fold(target, |path, part| path.join(part))));
                }
                EntryKind::Commit => {
                    let Some((submodule, tree)) = self.submodule(&real, entry) else {
                        let below = real.strip_prefix(&self.root).unwrap_or(&real);
                        return Ok(Place::MissingSubmodule(below.to_owned()));
                    };
                    handle = submodule;
                    id = tree;
                }
            }
        }
        Ok(Place::Folder { handle, id, real })
    }

    /// What the first part of `path` that the commit does not have (`first`) means.
    fn unknown(&self, first: &Path, path: &Path) -> Place {
        if !self.is_ignored(first) {
            return Place::Nothing;
        }
        if std::fs::symlink_metadata(path).is_ok() {
            let below = first.strip_prefix(&self.root).unwrap_or(first);
            self.known().from_disk.insert(below.to_owned());
        }
        Place::Disk(path.to_owned())
    }

    fn is_ignored(&self, path: &Path) -> bool {
        // What is not on disk need not be looked for there.
        let Ok(metadata) = std::fs::symlink_metadata(path) else { return false };
        if let Some(known) = self.known().ignored.get(path) {
            return *known;
        }
        let ask = || {
            let below = path.strip_prefix(&self.root).ok()?;
            let repository = self.main.lock().unwrap_or_else(PoisonError::into_inner);
            let index = repository.index_or_empty().ok()?;
            let mut excludes = repository.excludes(&index, None, IgnoreSource::default()).ok()?;
            let mode = if metadata.is_dir() {
                gix::index::entry::Mode::DIR
            } else {
                gix::index::entry::Mode::FILE
            };
            let platform = excludes.at_path(below, Some(mode)).ok()?;
            Some(platform.is_excluded())
        };
        let ignored = ask().unwrap_or(false);
        self.known().ignored.insert(path.to_owned(), ignored);
        ignored
    }

    fn folder(&self, handle: &Handle, id: ObjectId) -> Option<Arc<Folder>> {
        if let Some(folder) = self.known().folders.get(&id) {
            return Some(Arc::clone(folder));
        }
        let repository = handle.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = repository.find_tree(id).ok()?;
        let mut folder = Folder::new();
        for entry in tree.iter() {
            let entry = entry.ok()?;
            let name = entry.filename().to_os_str_lossy().into_owned();
            folder.insert(name, (entry.kind(), entry.object_id()));
        }
        drop(tree);
        drop(repository);
        let folder = Arc::new(folder);
        self.known().folders.insert(id, Arc::clone(&folder));
        Some(folder)
    }

    /// The repository of a submodule and the tree of its commit.
    fn submodule(&self, path: &Path, commit: ObjectId) -> Option<(Handle, ObjectId)> {
        let known = self.known().submodules.get(path).cloned();
        let handle = known.unwrap_or_else(|| {
            let opened = gix::open(path).ok().map(|found| Arc::new(Mutex::new(found)));
            self.known().submodules.insert(path.to_owned(), opened.clone());
            opened
        })?;
        let tree = {
            let repository = handle.lock().unwrap_or_else(PoisonError::into_inner);
            repository.find_commit(commit).ok()?.tree_id().ok()?.detach()
        };
        Some((handle, tree))
    }

    /// Why nothing can be read here.
    fn failure(place: &Place, path: &Path) -> io::Error {
        match place {
            Place::Loop => io::Error::from_raw_os_error(40),
            Place::MissingSubmodule(submodule) => io::Error::other(format!(
                "the submodule `{}` is not there at the commit that is compared with",
                submodule.display()
            )),
            Place::Folder { .. } => io::ErrorKind::IsADirectory.into(),
            Place::File { .. } => io::ErrorKind::NotADirectory.into(),
            Place::Disk(_) | Place::Nothing => {
                io::Error::new(io::ErrorKind::NotFound, format!("no such file: {}", path.display()))
            }
        }
    }
}

/// The bytes of a blob.
fn read(handle: &Handle, id: ObjectId) -> Option<Vec<u8>> {
    let repository = handle.lock().unwrap_or_else(PoisonError::into_inner);
    let mut blob = repository.find_blob(id).ok()?;
    Some(std::mem::take(&mut blob.data))
}

impl Source for RevisionSource {
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        match self.place(path) {
            Place::File { handle, id, .. } => read(&handle, id)
                .map(Arc::from)
                .ok_or_else(|| io::Error::other(format!("git has no object {id}"))),
            Place::Disk(path) => DiskSource.read(&path),
            place => Err(Self::failure(&place, path)),
        }
    }

    fn probe(&self, path: &Path) -> Option<FileKind> {
        match self.place(path) {
            Place::File { .. } => Some(FileKind::File),
            Place::Folder { .. } => Some(FileKind::Directory),
            Place::Disk(path) => DiskSource.probe(&path),
            Place::Nothing | Place::Loop | Place::MissingSubmodule(_) => None,
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        match self.place(dir) {
            Place::Folder { handle, id, .. } => {
                let folder = self
                    .folder(&handle, id)
                    .ok_or_else(|| io::Error::other(format!("git has no object {id}")))?;
                let mut entries: Vec<DirEntry> = folder
                    .iter()
                    .map(|(name, (kind, _))| DirEntry {
                        name: name.to_string_lossy().into_owned(),
                        kind: match kind {
                            EntryKind::Tree | EntryKind::Commit => Some(FileKind::Directory),
                            EntryKind::Blob | EntryKind::BlobExecutable => Some(FileKind::File),
                            EntryKind::Link => None,
                        },
                    })
                    .collect();
                entries.sort_by(|a, b| a.name.cmp(&b.name));
                Ok(entries)
            }
            Place::Disk(path) => DiskSource.list(&path),
            place => Err(Self::failure(&place, dir)),
        }
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        match self.place(path) {
            Place::File { real, .. } | Place::Folder { real, .. } => Ok(real),
            Place::Disk(path) => DiskSource.real_path(&path),
            place => Err(Self::failure(&place, path)),
        }
    }
}
