//! Reading files: the trait, the disk and an in-memory twin for tests.
//!
//! Paths are absolute. `..` and `.` are resolved by the caller where it matters ([`clean`]).

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What a path leads to, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A device, socket or pipe.
    Other,
}

/// An entry of a directory, symbolic links not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name within the directory.
    pub name: String,
    /// What the entry is; `None` for a symbolic link.
    pub kind: Option<FileKind>,
}

/// Everything evaluation may ask of a file system.
pub trait Source: Send + Sync {
    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// As the file system says.
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>>;

    /// What `path` leads to, or `None` where nothing is (a dangling link counts as nothing).
    fn probe(&self, path: &Path) -> Option<FileKind>;

    /// The entries of a directory, sorted by name (bytewise).
    ///
    /// # Errors
    ///
    /// As the file system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// The path with every symbolic link resolved.
    ///
    /// # Errors
    ///
    /// As the file system says, for a path that does not exist or a loop of links.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;
}

/// The disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskSource;

impl Source for DiskSource {
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        fs_err::read(path).map(Arc::from)
    }

    fn probe(&self, path: &Path) -> Option<FileKind> {
        fs_err::metadata(path).ok().map(|metadata| kind_of(metadata.file_type()))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs_err::read_dir(dir)? {
            let entry = entry?;
            let file_type = entry.file_type()?;
            let kind = (!file_type.is_symlink()).then(|| kind_of(file_type));
            entries.push(DirEntry { name: entry.file_name().to_string_lossy().into_owned(), kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        fs_err::canonicalize(path)
    }
}

fn kind_of(file_type: std::fs::FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Directory
    } else {
        FileKind::Other
    }
}

/// Files held in memory; directories exist where files are below them. Has no links.
#[derive(Clone, Debug, Default)]
pub struct MemorySource {
    files: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl MemorySource {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<PathBuf>, contents: impl AsRef<[u8]>) {
        self.files.insert(clean(&path.into()), Arc::from(contents.as_ref()));
    }

    fn not_found(path: &Path) -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, format!("no such file: {}", path.display()))
    }
}

impl<P: Into<PathBuf>, C: AsRef<[u8]>> FromIterator<(P, C)> for MemorySource {
    fn from_iter<T: IntoIterator<Item = (P, C)>>(files: T) -> Self {
        let mut source = Self::default();
        for (path, contents) in files {
            source.insert(path, contents);
        }
        source
    }
}

impl Source for MemorySource {
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        self.files.get(&clean(path)).cloned().ok_or_else(|| Self::not_found(path))
    }

    fn probe(&self, path: &Path) -> Option<FileKind> {
        let path = clean(path);
        if self.files.contains_key(&path) {
            return Some(FileKind::File);
        }
        let below = self.files.keys().any(|file| file.starts_with(&path));
        below.then_some(FileKind::Directory)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let dir = clean(dir);
        let mut entries = BTreeMap::new();
        for file in self.files.keys() {
            let Ok(below) = file.strip_prefix(&dir) else { continue };
            let mut parts = below.components();
            let Some(Component::Normal(name)) = parts.next() else { continue };
            let kind = if parts.next().is_some() { FileKind::Directory } else { FileKind::File };
            entries.insert(name.to_string_lossy().into_owned(), kind);
        }
        if entries.is_empty() {
            return Err(Self::not_found(&dir));
        }
        let entry = |(name, kind)| DirEntry { name, kind: Some(kind) };
        Ok(entries.into_iter().map(entry).collect())
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.probe(path).map(|_| clean(path)).ok_or_else(|| Self::not_found(path))
    }
}

/// Resolves `.` and `..` by the text of the path alone, as Go's `filepath.Clean` does.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_resolves_dots_by_text() {
        for (path, expected) in
            [("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/../..", ".."), ("", "."), ("./a/", "a")]
        {
            assert_eq!(clean(Path::new(path)), PathBuf::from(expected), "{path}");
        }
    }

    #[test]
    fn memory_knows_directories_by_their_files() {
        let source: MemorySource = [("/w/a/b.jsonnet", "{}"), ("/w/c", "")].into_iter().collect();
        assert_eq!(source.probe(Path::new("/w/a")), Some(FileKind::Directory));
        assert_eq!(source.probe(Path::new("/w/x")), None);
        let names: Vec<_> = source.list(Path::new("/w")).unwrap();
        assert_eq!(names[0], DirEntry { name: "a".into(), kind: Some(FileKind::Directory) });
        assert_eq!(names.len(), 2);
    }
}
