//! Folders of files that may be thrown away at any time: how much is in them, and clearing them out.
//!
//! What the files mean is their owners'. Several processes may use a folder at once, so a file that
//! is gone when its turn comes is no error.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::WalkDir;

/// A part of a cache. It need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFolder(PathBuf);

/// What is in a cache, or was taken out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// How many files.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
}

impl std::ops::Add for CacheSize {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { files: self.files + other.files, bytes: self.bytes + other.bytes }
    }
}

impl CacheFolder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// How much there is.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read.
    pub fn size(&self) -> io::Result<CacheSize> {
        self.each(|_, _| Ok(true))
    }

    /// Removes every file; how much that was.
    ///
    /// # Errors
    ///
    /// When something cannot be removed.
    pub fn clean(&self) -> io::Result<CacheSize> {
        self.each(|path, _| remove(path))
    }

    /// Removes files that were last modified before `since`; how much that was.
    ///
    /// # Errors
    ///
    /// When something cannot be removed.
    pub fn prune(&self, since: SystemTime) -> io::Result<CacheSize> {
        self.each(|path, modified| if modified < since { remove(path) } else { Ok(false) })
    }

    /// Goes over all files, with the time of their last change, and counts those that `count`
    /// accepts.
    fn each(
        &self,
        mut count: impl FnMut(&Path, SystemTime) -> io::Result<bool>,
    ) -> io::Result<CacheSize> {
        let mut size = CacheSize::default();
        for found in WalkDir::new(&self.0).follow_links(false) {
            let counted = found.map_err(io::Error::from).and_then(|entry| {
                let metadata = entry.metadata().map_err(io::Error::from)?;
                let counts = metadata.is_file() && count(entry.path(), metadata.modified()?)?;
                Ok(counts.then_some(metadata.len()))
            });
            match counted {
                Ok(None) => {}
                Ok(Some(bytes)) => size = size + CacheSize { files: 1, bytes },
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(size)
    }
}

fn remove(path: &Path) -> io::Result<bool> {
    match fs_err::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn old_files_are_pruned_and_all_are_cleaned() {
        let dir = tempfile::tempdir().unwrap();
        let folder = CacheFolder::new(dir.path().join("part"));
        assert_eq!(folder.size().unwrap(), CacheSize::default(), "a part that is not there yet");
        fs_err::create_dir_all(dir.path().join("part/ab")).unwrap();
        fs_err::write(dir.path().join("part/new"), "123").unwrap();
        let old = dir.path().join("part/ab/old");
        fs_err::write(&old, "1234567").unwrap();
        let day = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        std::fs::File::options().write(true).open(&old).unwrap().set_modified(day).unwrap();
        assert_eq!(folder.size().unwrap(), CacheSize { files: 2, bytes: 10 });
        let pruned = folder.prune(day + Duration::from_secs(1)).unwrap();
        assert_eq!(pruned, CacheSize { files: 1, bytes: 7 });
        assert_eq!(folder.clean().unwrap(), CacheSize { files: 1, bytes: 3 });
        assert_eq!(folder.size().unwrap(), CacheSize::default());
    }
}
