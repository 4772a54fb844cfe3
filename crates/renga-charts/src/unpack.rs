//! Writing the files of a chart into a directory.
//!
//! Owns modes and the creation of folders; which paths an archive may have was decided by
//! [`crate::read_archive`], and swapping the directory into place is vendoring's.
//!
//! Invariant: everything is written below the given directory, which holds nothing before: there
//! is no link to follow and no file to replace but those of the same archive.

use std::io;
use std::path::{Component, Path};

use fs_err as fs;

use crate::archive::Entry;

/// Writes `entries` into `into`, which is created unless it exists and is empty.
///
/// Files get the mode 0644 and directories 0755 (less the umask), whatever the archive says; the
/// last of several entries with one path stays. On an error what was written so far stays too.
///
/// # Errors
///
/// When `into` is not empty, when a path is not relative or has a `..` component, when one path is
/// both a file and a folder, or as the file system has it; the message names the path.
pub fn unpack(entries: &[Entry], into: &Path) -> io::Result<()> {
    create_directories(into)?;
    if fs::read_dir(into)?.next().is_some() {
        return Err(io::Error::new(
            io::ErrorKind::DirectoryNotEmpty,
            format!("directory `{}` is not empty", into.display()),
        ));
    }
    let mut created = "";
    for entry in entries {
        let path = Path::new(&entry.path);
        if entry.path.is_empty() || path.components().any(|c| !matches!(c, Component::Normal(_))) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("`{}` is not a path within a chart", entry.path),
            ));
        }
        let folder = entry.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        // Archives are sorted by folder, more or less.
        if folder != created {
            create_directories(&into.join(folder))?;
            created = folder;
        }
        write(&into.join(path), &entry.data)?;
    }
    Ok(())
}

#[cfg(unix)]
fn create_directories(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot create `{}`: {error}", path.display()))
    })
}

#[cfg(not(unix))]
fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

fn write(path: &Path, data: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o644);
    }
    options.open(path)?.write_all(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, data: &str) -> Entry {
        Entry { path: path.to_owned(), data: data.as_bytes().to_vec() }
    }

    #[test]
    fn writes_files_and_folders() {
        let dir = tempfile::tempdir().unwrap();
        let into = dir.path().join("charts/a");
        let entries = [
            entry("Chart.yaml", "old"),
            entry("templates/x/y.yaml", "y"),
            entry("templates/a.yaml", ""),
            entry("Chart.yaml", "new"),
        ];
        unpack(&entries, &into).unwrap();
        assert_eq!(fs::read_to_string(into.join("Chart.yaml")).unwrap(), "new");
        assert_eq!(fs::read_to_string(into.join("templates/x/y.yaml")).unwrap(), "y");
        assert_eq!(
            crate::tree_digest(&into).unwrap(),
            crate::digest::TreeDigest::of_entries(&entries)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(into.join("Chart.yaml")).unwrap().permissions().mode();
            assert_eq!(mode & 0o133, 0, "no execution, no writing by others");
        }
        let error = unpack(&entries, &into).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::DirectoryNotEmpty);
    }

    #[test]
    fn refuses_paths_that_leave() {
        for path in ["../a", "/a", "a/../../b", "", ".", "a/.."] {
            let dir = tempfile::tempdir().unwrap();
            let into = dir.path().join("x/y");
            let error = unpack(&[entry(path, "")], &into).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
        }
    }

    #[test]
    fn a_file_is_no_folder() {
        let dir = tempfile::tempdir().unwrap();
        let error = unpack(&[entry("a", ""), entry("a/b", "")], dir.path()).unwrap_err();
        assert!(error.to_string().contains("/a"), "{error}");
    }
}
