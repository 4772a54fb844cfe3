//! Writing a tree of files so that it changes as a whole.
//!
//! New files are written into a staging folder inside of the output directory. [`Stage::commit`]
//! moves them into place by renames; what they replace and what is deleted moves into the staging
//! folder, from where it comes back if a later step fails. Until then, and when the stage is
//! dropped without a commit, the output directory is as it was.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use fs_err as fs;

/// What staging folders are called; a lock in them tells those in use from those left behind.
const PREFIX: &str = ".renga-staging-";
const LOCK: &str = "lock";
const NEW: &str = "new";
const OLD: &str = "old";

/// A tree of files that is about to become part of an output directory.
pub(crate) struct Stage {
    output: PathBuf,
    /// The directories that did not exist before: removed again if nothing is committed.
    created: Option<PathBuf>,
    folder: Option<tempfile::TempDir>,
    _lock: File,
}

/// A rename, to be undone if a later one fails.
struct Moved {
    from: PathBuf,
    to: PathBuf,
}

impl Stage {
    /// Opens a staging folder in `output`, which is created where it does not exist.
    pub(crate) fn open(output: &Path) -> std::io::Result<Self> {
        let missing = output.ancestors().take_while(|dir| !dir.exists()).last().map(Path::to_owned);
        fs::create_dir_all(output)?;
        remove_left_behind(output)?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(output)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { output: output.to_owned(), created: missing, folder: Some(folder), _lock: lock })
    }

    /// Writes a file that is to be at `relative` in the output directory.
    pub(crate) fn write(&self, relative: &Path, contents: &[u8]) -> std::io::Result<()> {
        let path = self.new_tree().join(relative);
        if let Some(parent) = path.parent() {
            make_directories(parent)?;
        }
        let mut file = fs::File::create(&path)?;
        file.write_all(contents)
    }

    /// Moves the staged files into place and the `deleted` ones (relative paths) away.
    /// Directories that are empty afterwards are removed.
    ///
    /// On an error everything is moved back.
    pub(crate) fn commit(mut self, deleted: &[PathBuf]) -> std::io::Result<()> {
        let mut steps = Vec::new();
        let done = self.run(deleted, &mut steps);
        if let Err(error) = done {
            for Moved { from, to } in steps.into_iter().rev() {
                // Moving back is all that can be done; the first error is the one to report.
                let _ = fs::rename(to, from);
            }
            return Err(error);
        }
        self.created = None;
        for file in deleted {
            self.remove_emptied(file);
        }
        Ok(())
    }

    fn run(&self, deleted: &[PathBuf], steps: &mut Vec<Moved>) -> std::io::Result<()> {
        for file in deleted {
            let from = self.output.join(file);
            if from.symlink_metadata().is_ok() {
                self.move_away(&from, file, steps)?;
            }
        }
        if self.new_tree().exists() {
            self.move_in(Path::new(""), steps)?;
        }
        Ok(())
    }

    /// Moves one staged directory in: whole where nothing is in its place, else entry by entry.
    fn move_in(&self, relative: &Path, steps: &mut Vec<Moved>) -> std::io::Result<()> {
        let mut entries =
            fs::read_dir(self.new_tree().join(relative))?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let relative = relative.join(entry.file_name());
            let target = self.output.join(&relative);
            let is_directory = entry.file_type()?.is_dir();
            match fs::symlink_metadata(&target) {
                Ok(_) if is_directory && target.is_dir() => {
                    self.move_in(&relative, steps)?;
                    continue;
                }
                Ok(there) if there.is_dir() || is_directory => {
                    // Renaming over it would fail with less to say.
                    let kind = if is_directory { "a file" } else { "a directory" };
                    let message = format!("`{}` is {kind} already", target.display());
                    return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, message));
                }
                Ok(_) => self.move_away(&target, &relative, steps)?,
                Err(_) => {}
            }
            let from = entry.path();
            fs::rename(&from, &target)?;
            steps.push(Moved { from, to: target });
        }
        Ok(())
    }

    fn move_away(
        &self,
        path: &Path,
        relative: &Path,
        steps: &mut Vec<Moved>,
    ) -> std::io::Result<()> {
        let to = self.folder().join(OLD).join(relative);
        if let Some(parent) = to.parent() {
            make_directories(parent)?;
        }
        fs::rename(path, &to)?;
        steps.push(Moved { from: path.to_owned(), to });
        Ok(())
    }

    fn remove_emptied(&self, file: &Path) {
        let mut directory = file.parent();
        while let Some(relative) = directory.filter(|relative| !relative.as_os_str().is_empty()) {
            // Fails for a directory that still holds something, which is the point.
            if fs::remove_dir(self.output.join(relative)).is_err() {
                break;
            }
            directory = relative.parent();
        }
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(&self.output, |folder| folder.path())
    }

    fn new_tree(&self) -> PathBuf {
        self.folder().join(NEW)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.folder.take();
        if let Some(first) = self.created.take() {
            // From the output directory up to the first one that was made for it, if still empty.
            for directory in
                self.output.ancestors().take_while(|directory| directory.starts_with(&first))
            {
                if fs::remove_dir(directory).is_err() {
                    break;
                }
            }
        }
    }
}

/// Whether a directory holds anything but staging folders. A missing one is empty.
pub(crate) fn is_empty(directory: &Path) -> std::io::Result<bool> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if !is_staging(&entry?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_staging(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with(PREFIX)
}

/// Removes staging folders whose process has ended: their lock is free.
fn remove_left_behind(output: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(output)? {
        let entry = entry?;
        if !is_staging(&entry) {
            continue;
        }
        let lock = File::open(entry.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Makes a directory and those above it, for the owner only, as Tanka does.
fn make_directories(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        std::io::Error::new(
            error.kind(),
            format!("cannot create the directory `{}`: {error}", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(directory: &Path) -> Vec<String> {
        let mut files = Vec::new();
        let mut pending = vec![directory.to_owned()];
        while let Some(dir) = pending.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    files.push(format!("{}/", path.strip_prefix(directory).unwrap().display()));
                    pending.push(path);
                } else {
                    let text = fs::read_to_string(&path).unwrap();
                    files.push(format!(
                        "{}={text}",
                        path.strip_prefix(directory).unwrap().display()
                    ));
                }
            }
        }
        files.sort();
        files
    }

    #[test]
    fn a_commit_replaces_adds_and_deletes() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("a/out");
        let stage = Stage::open(&out).unwrap();
        for (file, text) in [("x/1", "1"), ("x/2", "2"), ("y/3", "3")] {
            stage.write(Path::new(file), text.as_bytes()).unwrap();
        }
        stage.commit(&[]).unwrap();
        assert_eq!(tree(&out), ["x/", "x/1=1", "x/2=2", "y/", "y/3=3"]);

        let stage = Stage::open(&out).unwrap();
        stage.write(Path::new("x/1"), b"new").unwrap();
        stage.write(Path::new("z"), b"z").unwrap();
        stage.commit(&[PathBuf::from("y/3"), PathBuf::from("gone")]).unwrap();
        assert_eq!(tree(&out), ["x/", "x/1=new", "x/2=2", "z=z"]);
    }

    #[test]
    fn without_a_commit_nothing_is_left() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("a/out");
        let stage = Stage::open(&out).unwrap();
        stage.write(Path::new("x"), b"x").unwrap();
        assert!(is_empty(&out).unwrap());
        drop(stage);
        assert!(!temp.path().join("a").exists());
    }

    #[test]
    fn a_failed_commit_is_undone() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().to_owned();
        fs::create_dir(out.join("z")).unwrap();
        fs::write(out.join("a"), "old").unwrap();
        fs::write(out.join("d"), "deleted").unwrap();
        let stage = Stage::open(&out).unwrap();
        stage.write(Path::new("a"), b"new").unwrap();
        stage.write(Path::new("b"), b"new").unwrap();
        // A directory is where a file should go: the last step fails.
        stage.write(Path::new("z"), b"new").unwrap();
        let error = stage.commit(&[PathBuf::from("d")]).unwrap_err();
        assert!(error.to_string().contains("is a directory already"), "{error}");
        assert_eq!(tree(&out), ["a=old", "d=deleted", "z/"]);
    }

    #[test]
    fn staging_folders_of_ended_processes_are_removed() {
        let temp = tempfile::tempdir().unwrap();
        let dead = temp.path().join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let alive = Stage::open(temp.path()).unwrap();
        assert!(!dead.exists());
        let second = Stage::open(temp.path()).unwrap();
        assert!(alive.folder().exists(), "a folder in use stays");
        drop(second);
    }
}
