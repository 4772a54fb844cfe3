//! How files and trees take their place: prepared aside, then renamed.
//!
//! Owns the lock on the folder of charts, the staging folder in it and the swap of whole charts.
//! What is staged is [`crate::vendor`]'s.
//!
//! Invariants: a file or chart is either the old or the new one, whole, at every moment; one
//! process at a time changes a folder; nothing staged is left behind by a process that ends in
//! order, and what a killed one leaves, the next one clears away.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use renga_project::go_io_text;

/// The beginning of the names of staging folders. Hidden, so that nobody takes them for charts.
const STAGE_PREFIX: &str = ".renga-";

/// An operation on a path that failed, in the words of Go's `os` package.
#[derive(Debug)]
pub struct PathError {
    operation: &'static str,
    path: PathBuf,
    cause: io::Error,
}

impl PathError {
    /// `operation` on `path` failed with `cause`.
    pub(crate) fn new(operation: &'static str, path: &Path, cause: io::Error) -> Self {
        Self { operation, path: path.to_owned(), cause }
    }

    /// What was tried, as Go's `os` package calls it.
    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the system said.
    pub fn kind(&self) -> io::ErrorKind {
        self.cause.kind()
    }

    /// Which path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.operation, self.path.display(), go_io_text(&self.cause))
    }
}

// The cause is part of the message.
impl std::error::Error for PathError {}

fn at<'p>(operation: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> PathError + 'p {
    move |cause| PathError::new(operation, path, cause)
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PathError> {
    std::fs::read(path).map_err(|error| {
        // Go opens a directory, and fails when it reads.
        let operation = if error.kind() == io::ErrorKind::IsADirectory { "read" } else { "open" };
        PathError::new(operation, path, error)
    })
}

/// As [`read`], but none where there is no file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, PathError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PathError::new("open", path, error)),
    }
}

/// Makes a folder and those around it.
pub(crate) fn create_dir(path: &Path) -> Result<(), PathError> {
    std::fs::create_dir_all(path).map_err(at("mkdir", path))
}

/// Writes a file beside `path` and renames it over it; follows a link to the file behind it.
///
/// The permissions of an old file stay.
pub(crate) fn replace_file(path: &Path, contents: &[u8]) -> Result<(), PathError> {
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(STAGE_PREFIX);
    let write = || -> io::Result<()> {
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(contents)?;
        let permissions = match std::fs::metadata(path) {
            Ok(old) => old.permissions(),
            Err(_) => new_file_permissions(file.as_file())?,
        };
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(at("open", path))
}

/// `rw-r--r--`, where the temporary file is private.
fn new_file_permissions(file: &File) -> io::Result<std::fs::Permissions> {
    let mut permissions = file.metadata()?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    Ok(permissions)
}

/// The right to change a folder, until it is dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// Takes the right to change `folder`, which exists; calls `waiting` if another process has it.
    ///
    /// The lock is on the folder itself, so that no file is needed for it.
    pub(crate) fn take(folder: &Path, waiting: impl FnOnce()) -> Result<Self, PathError> {
        let file = File::open(folder).map_err(at("open", folder))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(at("lock", folder))?;
            }
            // File systems without locks: what remains is that swaps are renames.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(PathError::new("lock", folder, error)),
        }
        Ok(Self { _folder: file })
    }
}

/// A folder in the folder of charts, where new charts wait for the swap and old ones for their end.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// Makes a staging folder in `charts`, whose lock the caller has, and clears away those that
    /// killed processes left.
    pub(crate) fn new(charts: &Path) -> Result<Self, PathError> {
        Self::clear(charts)?;
        let folder = tempfile::Builder::new()
            .prefix(STAGE_PREFIX)
            .tempdir_in(charts)
            .map_err(at("mkdir", charts))?;
        Ok(Self { folder })
    }

    /// Clears away what killed processes left in `charts`, whose lock the caller has.
    pub(crate) fn clear(charts: &Path) -> Result<(), PathError> {
        for found in std::fs::read_dir(charts).map_err(at("open", charts))?.flatten() {
            if is_stage(&found.file_name().to_string_lossy()) {
                // Whoever made it is gone. If it cannot be removed, it is in nobody's way.
                let _ = std::fs::remove_dir_all(found.path());
            }
        }
        Ok(())
    }

    /// Where the new chart number `index` is prepared.
    pub(crate) fn slot(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("new-{index}"))
    }

    fn old(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("old-{index}"))
    }

    /// Puts the staged charts at their places, or, when one cannot be, none of them.
    pub(crate) fn swap(&self, targets: &[(usize, PathBuf)]) -> Result<(), PathError> {
        let mut done = Vec::new();
        for (index, target) in targets {
            match self.swap_one(*index, target) {
                Ok(had_old) => done.push((*index, target, had_old)),
                Err(error) => {
                    for (index, target, had_old) in done.into_iter().rev() {
                        // The way back is as safe as the way here; nothing better is left to do.
                        let _ = std::fs::rename(target, self.slot(index));
                        if had_old {
                            let _ = std::fs::rename(self.old(index), target);
                        }
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Says whether something was at the place before.
    fn swap_one(&self, index: usize, target: &Path) -> Result<bool, PathError> {
        let slot = self.slot(index);
        if std::fs::symlink_metadata(target).is_err() {
            if let Some(parent) = target.parent() {
                create_dir(parent)?;
            }
            std::fs::rename(&slot, target).map_err(at("rename", target))?;
            return Ok(false);
        }
        if exchange(&slot, target) {
            std::fs::rename(&slot, self.old(index)).map_err(at("rename", &slot))?;
            return Ok(true);
        }
        std::fs::rename(target, self.old(index)).map_err(at("rename", target))?;
        if let Err(error) = std::fs::rename(&slot, target) {
            let _ = std::fs::rename(self.old(index), target);
            return Err(PathError::new("rename", target, error));
        }
        Ok(true)
    }

    /// Removes the staging folder and the old charts in it.
    pub(crate) fn close(self) -> Result<(), PathError> {
        let path = self.folder.path().to_owned();
        self.folder.close().map_err(at("unlinkat", &path))
    }
}

/// Whether a name in the folder of charts is that of a staging folder.
pub(crate) fn is_stage(name: &str) -> bool {
    name.starts_with(STAGE_PREFIX)
}

/// Exchanges two paths at once, where the system can.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(a: &Path, b: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Removes a file or a whole tree; a link, not what is behind it.
pub(crate) fn remove(path: &Path) -> Result<(), PathError> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(at("unlinkat", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_swap_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let charts = folder.path();
        std::fs::create_dir(charts.join("a")).unwrap();
        std::fs::write(charts.join("a/old"), "").unwrap();
        let stage = Stage::new(charts).unwrap();
        for index in [0, 1] {
            std::fs::create_dir(stage.slot(index)).unwrap();
            std::fs::write(stage.slot(index).join("new"), "").unwrap();
        }
        // The second one is missing.
        let targets = [(0, charts.join("a")), (1, charts.join("n/b")), (7, charts.join("c"))];
        let error = stage.swap(&targets).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(charts.join("a/old").exists());
        assert!(!charts.join("n/b").exists() && !charts.join("c").exists());

        stage.swap(&targets[..2]).unwrap();
        assert!(charts.join("a/new").exists() && !charts.join("a/old").exists());
        assert!(charts.join("n/b/new").exists());
        stage.close().unwrap();
        let names: Vec<_> =
            std::fs::read_dir(charts).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn what_a_killed_process_left_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".renga-gone/new-0")).unwrap();
        let stage = Stage::new(folder.path()).unwrap();
        assert!(!folder.path().join(".renga-gone").exists());
        stage.close().unwrap();
    }

    #[test]
    fn a_file_keeps_its_permissions_and_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        replace_file(&file, b"1").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&file), 0o644);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::os::unix::fs::symlink("file", &link).unwrap();
            replace_file(&link, b"2").unwrap();
            assert_eq!(mode(&file), 0o600);
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"2");
    }
}
