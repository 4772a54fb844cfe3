//! Charts in directories: which files are theirs.
//!
//! Owns the walk: names sorted in every directory, links followed, what `.helmignore` names left
//! out. What the files are is [`super::assemble`]'s.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use renga_charts::{IGNORE_FILE, IgnoreRules};
use renga_project::{FileKind, Source};

use super::{LoadError, Loaded, MAX_CHART, MAX_FILE_V3, assemble, check_api_version, without_mark};
use crate::chart::File;
use crate::compat::Compat;
use crate::parallel;
use crate::warning::{Level, Warning};

/// How many files are read before the next ones are looked for, which bounds what is in memory of a
/// folder that is too large for a chart.
const AT_A_TIME: usize = 512;

/// What a file counts for when it is decided whether to read on several cores (bytes): opening it
/// takes longer than reading it.
const WORTH: usize = 4 * 1024;

/// How many links to directories may be in a path; the system has the same limit.
const MAX_LINKS: usize = 40;

/// Loads the chart in the directory at `path`.
pub(super) fn load(source: &dyn Source, path: &Path, compat: Compat) -> Result<Loaded, LoadError> {
    if compat.is_v4() {
        let chart_yaml = path.join("Chart.yaml");
        match source.read(&chart_yaml) {
            Ok(text) => check_api_version(&text, compat)?,
            Err(cause) => return Err(LoadError::Undetected { path: chart_yaml, cause }),
        }
    }
    let ignore_file = path.join(IGNORE_FILE);
    let rules = if source.probe(&ignore_file).is_some() {
        let text = source.read(&ignore_file).map_err(|cause| LoadError::Unreadable {
            operation: "open",
            path: ignore_file,
            cause,
        })?;
        IgnoreRules::parse(&text)?
    } else {
        IgnoreRules::default()
    };
    let mut walk = Walk {
        source,
        rules,
        compat,
        found: Vec::new(),
        files: Vec::new(),
        remaining: MAX_CHART,
        warnings: Vec::new(),
    };
    let walked = walk.directory(path, "", 0);
    // What is wrong with a file comes before what is wrong with those behind it.
    walk.read()?;
    walked?;
    let Walk { files, warnings, .. } = walk;
    let mut loaded = assemble::assemble(files, compat)?;
    loaded.warnings.splice(0..0, warnings);
    Ok(loaded)
}

/// What is not there on the way of a dangling link: the first part of its path, links followed.
///
/// Only for the words of the error, so the disk is asked without the [`Source`]; a path that is no
/// link on the disk is given back.
fn missing(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    let mut ahead: Vec<PathBuf> = parts(path);
    let mut links = 0;
    while let Some(part) = ahead.pop() {
        match part.components().next() {
            Some(Component::ParentDir) => {
                resolved.pop();
                continue;
            }
            Some(Component::CurDir) => continue,
            _ => {}
        }
        let candidate = resolved.join(&part);
        let Ok(metadata) = fs_err::symlink_metadata(&candidate) else { return candidate };
        if !metadata.is_symlink() {
            resolved = candidate;
            continue;
        }
        links += 1;
        let Ok(target) = fs_err::read_link(&candidate) else { return candidate };
        if links > MAX_LINKS {
            return path.to_owned();
        }
        if target.is_absolute() {
            resolved = PathBuf::new();
        }
        ahead.extend(parts(&target));
    }
    if links == 0 { path.to_owned() } else { resolved }
}

/// The components of a path, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    path.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect()
}

struct Walk<'a> {
    source: &'a dyn Source,
    rules: IgnoreRules,
    compat: Compat,
    /// Files that are not read yet: where they are, and their paths in the chart.
    found: Vec<(PathBuf, String)>,
    files: Vec<File>,
    /// How many bytes the chart may still have.
    remaining: u64,
    warnings: Vec<Warning>,
}

impl Walk<'_> {
    /// Takes in what is in a directory; `within` is its path in the chart with a `/` at its end.
    fn directory(&mut self, dir: &Path, within: &str, links: usize) -> Result<(), LoadError> {
        let entries = self.source.list(dir).map_err(|cause| LoadError::Unreadable {
            operation: "open",
            path: dir.to_owned(),
            cause,
        })?;
        for entry in entries {
            let path = dir.join(&entry.name);
            let name = format!("{within}{}", entry.name);
            let (kind, links) = match entry.kind {
                Some(kind) => (kind, links),
                None => (self.follow(&path, links)?, links + 1),
            };
            if self.rules.ignores(&name, kind == FileKind::Directory) {
                continue;
            }
            match kind {
                FileKind::Directory => self.directory(&path, &format!("{name}/"), links)?,
                FileKind::File => {
                    self.found.push((path, name));
                    if self.found.len() == AT_A_TIME {
                        self.read()?;
                    }
                }
                FileKind::Other => return Err(LoadError::Irregular { path }),
            }
        }
        Ok(())
    }

    /// What a link leads to.
    fn follow(&mut self, path: &Path, links: usize) -> Result<FileKind, LoadError> {
        let dangling =
            |target: PathBuf, cause| LoadError::Link { path: path.to_owned(), target, cause };
        if links >= MAX_LINKS {
            let cause = std::io::Error::from_raw_os_error(ELOOP);
            return Err(LoadError::Unreadable { operation: "lstat", path: path.to_owned(), cause });
        }
        let resolved = self.source.real_path(path).map_err(|cause| {
            if is_loop(&cause) {
                LoadError::LinkLoop { path: path.to_owned() }
            } else {
                dangling(missing(path), cause)
            }
        })?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        self.warnings.push(if self.compat.is_v4() {
            Warning::new(
                Level::Info,
                "found symbolic link in path. Contents of linked file included and used",
            )
            .with("path", text(path))
            .with("resolved", text(&resolved))
        } else {
            Warning::new(
                Level::Info,
                format!(
                    "found symbolic link in path: {} resolves to {}. Contents of linked file included and used",
                    path.display(),
                    resolved.display()
                ),
            )
        });
        self.source
            .probe(path)
            .ok_or_else(|| dangling(resolved, std::io::ErrorKind::NotFound.into()))
    }

    /// Reads the files that were found.
    fn read(&mut self) -> Result<(), LoadError> {
        let found = std::mem::take(&mut self.found);
        let source = self.source;
        let read = parallel::map(&found, |_| WORTH, |(path, _)| source.read(path));
        for ((path, name), data) in found.into_iter().zip(read) {
            match data {
                Ok(data) => self.file(name, data)?,
                Err(cause) => return Err(LoadError::File { name, path, cause }),
            }
        }
        Ok(())
    }

    fn file(&mut self, name: String, data: Arc<[u8]>) -> Result<(), LoadError> {
        if self.compat.is_v3() {
            if data.len() > MAX_FILE_V3 {
                let name = name.rsplit('/').next().unwrap_or_default().to_owned();
                return Err(LoadError::FileTooLarge { what: "chart", name, limit: MAX_FILE_V3 });
            }
        } else {
            let Some(remaining) = self.remaining.checked_sub(data.len() as u64) else {
                return Err(LoadError::TooLarge { name, limit: MAX_CHART });
            };
            self.remaining = remaining;
        }
        self.files.push(File { name: Arc::from(name), data: without_mark(data) });
        Ok(())
    }
}

/// Whether links that lead to each other are at fault. This kind of error has no stable name, and
/// whoever adds words to an error hides its number.
fn is_loop(error: &std::io::Error) -> bool {
    error.kind() == std::io::Error::from_raw_os_error(ELOOP).kind()
}

/// Too many links, as the system numbers it.
const ELOOP: i32 = 40;
