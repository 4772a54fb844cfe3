//! Trees of files, compared byte for byte.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// The files below a folder by their path in it.
///
/// # Errors
///
/// When the folder cannot be read, or holds something that is neither file nor folder.
pub(crate) fn files(root: &Path) -> io::Result<BTreeMap<PathBuf, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).map_err(io::Error::other)?.to_owned();
                found.insert(name, path);
            } else {
                let problem = format!("{} is neither file nor folder", path.display());
                return Err(io::Error::other(problem));
            }
        }
    }
    Ok(found)
}

/// Says in which files `found` differs from `expected`; `None` if in none.
///
/// # Errors
///
/// When one of the trees cannot be read.
pub(crate) fn difference(expected: &Path, found: &Path) -> io::Result<Option<String>> {
    let (expected, mut found) = (files(expected)?, files(found)?);
    let mut lines = Vec::new();
    for (name, path) in &expected {
        match found.remove(name) {
            None => lines.push(format!("missing: {}", name.display())),
            Some(other) if fs_err::read(path)? != fs_err::read(&other)? => {
                lines.push(format!("changed: {}", name.display()));
            }
            Some(_) => {}
        }
    }
    lines.extend(found.keys().map(|name| format!("new: {}", name.display())));
    Ok((!lines.is_empty()).then(|| lines.join("\n")))
}

/// Replaces the folder `target` by a copy of `source`.
///
/// # Errors
///
/// When a file cannot be read or written.
pub(crate) fn replace(source: &Path, target: &Path) -> io::Result<()> {
    if target.exists() {
        fs_err::remove_dir_all(target)?;
    }
    for (name, path) in files(source)? {
        let copy = target.join(name);
        if let Some(folder) = copy.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(copy, fs_err::read(path)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{difference, replace};

    #[test]
    fn every_differing_file_is_named_and_a_copy_differs_in_none() {
        let dir = tempfile::tempdir().unwrap();
        let (left, right) = (dir.path().join("left"), dir.path().join("right"));
        for (file, text) in [("left/a/same", ""), ("left/b", "1"), ("left/c", ""), ("right/d", "")]
        {
            let file = dir.path().join(file);
            fs_err::create_dir_all(file.parent().unwrap()).unwrap();
            fs_err::write(file, text).unwrap();
        }
        fs_err::create_dir_all(right.join("a")).unwrap();
        fs_err::write(right.join("a/same"), "").unwrap();
        fs_err::write(right.join("b"), "2").unwrap();
        let report = difference(&left, &right).unwrap();
        assert_eq!(report.as_deref(), Some("changed: b\nmissing: c\nnew: d"));
        replace(&left, &right).unwrap();
        assert_eq!(difference(&left, &right).unwrap(), None);
    }
}
