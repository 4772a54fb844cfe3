//! The layout of a workspace: its root, an environment's folder and entrypoint, the search path.
//!
//! The rules are those of Tanka (`tk tool jpath`): the root is the nearest ancestor with a
//! `tkrc.yaml`, else the nearest with a `jsonnetfile.json`; the base is the nearest ancestor, up to
//! the root, that holds the entrypoint file.

use std::path::{Path, PathBuf};

use crate::source::{FileKind, Source, clean};

/// The entrypoint of a directory.
pub const DEFAULT_ENTRYPOINT: &str = "main.jsonnet";

/// The files that mark a root, in order of preference.
const ROOT_MARKERS: [&str; 2] = ["tkrc.yaml", "jsonnetfile.json"];

/// Where an environment is: all paths are absolute, free of `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entrypoint {
    /// The root of the workspace.
    pub root: PathBuf,
    /// The folder that holds the entrypoint.
    pub base: PathBuf,
    /// The file that is evaluated.
    pub file: PathBuf,
}

/// Why a path does not lead to an environment.
///
/// The messages are tk's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LayoutError {
    /// The path, or a directory above it, cannot be read.
    #[error("{} {}: {}", operation, path.display(), go_io_text(cause))]
    #[diagnostic(
        code(project::unreadable),
        help(
            "give the path of an environment, relative to the current directory; `renga env list` shows them"
        )
    )]
    Unreadable {
        /// The system call, as Go names it.
        operation: &'static str,
        /// The path that was asked for.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No root marker in any ancestor.
    #[error(
        "unable to identify the project root.\nTried to find 'tkrc.yaml' or 'jsonnetfile.json' in the parent directories.\nPlease refer to https://tanka.dev/directory-structure for more information"
    )]
    #[diagnostic(
        code(project::no_root),
        help(
            "run `renga init` in the folder that is to be the root, or create a `jsonnetfile.json` there"
        )
    )]
    NoRoot {
        /// Where the search began.
        start: PathBuf,
    },
    /// No entrypoint between the path and the root.
    #[error(
        "Unable to identify the environments base directory.\nTried to find '{filename}' in the parent directories.\nPlease refer to https://tanka.dev/directory-structure for more information"
    )]
    #[diagnostic(
        code(project::no_entrypoint),
        help(
            "`renga env add PATH` creates an environment; `renga env list` shows the ones there are"
        )
    )]
    NoBase {
        /// The file that was looked for.
        filename: String,
        /// Where the search began.
        start: PathBuf,
    },
}

impl renga_diag::Report for LayoutError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// An I/O error in the words of Go's `syscall.Errno`.
pub fn go_io_text(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        std::io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        std::io::ErrorKind::AlreadyExists => "file exists".to_owned(),
        std::io::ErrorKind::StorageFull => "no space left on device".to_owned(),
        std::io::ErrorKind::ReadOnlyFilesystem => "read-only file system".to_owned(),
        std::io::ErrorKind::InvalidFilename => "file name too long".to_owned(),
        // ELOOP has no stable `ErrorKind` yet.
        _ if error.raw_os_error() == Some(40) => "too many levels of symbolic links".to_owned(),
        _ => error.to_string(),
    }
}

impl Entrypoint {
    /// Finds the environment that `path` (absolute) belongs to: a directory, a folder below it, or
    /// an entrypoint file.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] when the path does not exist, or has no root or no entrypoint above it.
    pub fn resolve(source: &dyn Source, path: &Path) -> Result<Self, LayoutError> {
        let (root, start) = find_root(source, path)?;
        let filename = entrypoint_name(source, path);
        let base = find_upwards(source, &start, Some(&root), &filename)
            .ok_or(LayoutError::NoBase { filename: filename.clone(), start })?;
        let file = base.join(filename);
        Ok(Self { root, base, file })
    }

    /// The import search path, lowest rank first, as `tk tool jpath` prints it.
    pub fn jpath(&self) -> [PathBuf; 4] {
        [
            self.root.join("vendor"),
            self.base.join("vendor"),
            self.root.join("lib"),
            self.base.clone(),
        ]
    }

    /// The base relative to the root: the name of a static environment.
    pub fn relative_base(&self) -> String {
        relative_to_root(&self.root, &self.base)
    }

    /// The entrypoint relative to the root: `metadata.namespace` of every environment in it.
    pub fn relative_file(&self) -> String {
        relative_to_root(&self.root, &self.file)
    }
}

/// `path` relative to `root` with forward slashes; `.` for the root itself.
pub fn relative_to_root(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Ok(relative) => relative.to_string_lossy().into_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

/// Finds the root of the workspace that `path` (absolute) is in, and the directory of `path`.
///
/// # Errors
///
/// [`LayoutError`] when the path does not exist or no ancestor has a root marker.
pub fn find_root(source: &dyn Source, path: &Path) -> Result<(PathBuf, PathBuf), LayoutError> {
    let path = clean(path);
    let start = match source.probe(&path) {
        Some(FileKind::Directory) => path.clone(),
        Some(_) => path.parent().unwrap_or(Path::new("/")).to_owned(),
        None => {
            let error = source.read(&path).err();
            let cause = error.unwrap_or_else(|| std::io::ErrorKind::NotFound.into());
            return Err(LayoutError::Unreadable { operation: "stat", path, cause });
        }
    };
    for marker in ROOT_MARKERS {
        if let Some(root) = find_upwards(source, &start, None, marker) {
            return Ok((root, start));
        }
    }
    Err(LayoutError::NoRoot { start })
}

/// The name of the file to look for: of a file its own name, of a directory `main.jsonnet`.
fn entrypoint_name(source: &dyn Source, path: &Path) -> String {
    let path = clean(path);
    if source.probe(&path) == Some(FileKind::Directory) {
        return DEFAULT_ENTRYPOINT.to_owned();
    }
    path.file_name()
        .map_or_else(|| DEFAULT_ENTRYPOINT.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The nearest of `start` and its ancestors up to `stop` that has an entry called `name`.
fn find_upwards(
    source: &dyn Source,
    start: &Path,
    stop: Option<&Path>,
    name: &str,
) -> Option<PathBuf> {
    let mut dir = Some(start);
    while let Some(here) = dir {
        if source.probe(&here.join(name)).is_some() {
            return Some(here.to_owned());
        }
        if Some(here) == stop {
            return None;
        }
        dir = here.parent();
    }
    None
}

/// Finds every entrypoint below `path` (absolute): all files called `main.jsonnet`, in the order of
/// a sorted walk. A path to a file yields the file if it is an entrypoint.
///
/// Symbolic links are not followed, as in Tanka, so a loop of links is harmless.
///
/// # Errors
///
/// [`LayoutError::Unreadable`] for a path or directory that cannot be read.
pub fn find_entrypoints(source: &dyn Source, path: &Path) -> Result<Vec<PathBuf>, LayoutError> {
    let path = clean(path);
    let unreadable = |path: &Path, operation, cause| LayoutError::Unreadable {
        operation,
        path: path.to_owned(),
        cause,
    };
    match source.probe(&path) {
        Some(FileKind::Directory) => {}
        Some(_) if path.file_name().is_some_and(|name| name == DEFAULT_ENTRYPOINT) => {
            return Ok(vec![path]);
        }
        Some(_) => return Ok(Vec::new()),
        None => {
            let error = source.read(&path).err();
            let error = error.unwrap_or_else(|| std::io::ErrorKind::NotFound.into());
            return Err(unreadable(&path, "stat", error));
        }
    }
    let mut found = Vec::new();
    let mut pending = vec![path];
    while let Some(dir) = pending.pop() {
        let entries = source.list(&dir).map_err(|error| unreadable(&dir, "open", error))?;
        for entry in entries {
            match entry.kind {
                Some(FileKind::Directory) => pending.push(dir.join(&entry.name)),
                // A link called `main.jsonnet` is an entrypoint: only directories must be real.
                _ if entry.name == DEFAULT_ENTRYPOINT => found.push(dir.join(&entry.name)),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn workspace() -> MemorySource {
        [
            ("/w/jsonnetfile.json", "{}"),
            ("/w/environments/a/main.jsonnet", "{}"),
            ("/w/environments/a/sub/x.txt", ""),
            ("/w/environments/a/other.jsonnet", ""),
            ("/w/environments/b/c/main.jsonnet", "{}"),
            ("/w/vendor/p/main.jsonnet", "{}"),
            ("/w/loose/x.txt", ""),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn an_environment_is_found_from_its_folder_a_subfolder_or_its_file() {
        let source = workspace();
        for path in ["/w/environments/a", "/w/environments/a/sub", "/w/environments/a/main.jsonnet"]
        {
            let entrypoint = Entrypoint::resolve(&source, Path::new(path)).unwrap();
            assert_eq!(entrypoint.file, Path::new("/w/environments/a/main.jsonnet"), "{path}");
            assert_eq!(entrypoint.relative_base(), "environments/a");
        }
        let other =
            Entrypoint::resolve(&source, Path::new("/w/environments/a/other.jsonnet")).unwrap();
        assert_eq!(other.relative_file(), "environments/a/other.jsonnet");
    }

    #[test]
    fn tkrc_wins_over_a_nearer_jsonnetfile() {
        let mut source = workspace();
        source.insert("/tkrc.yaml", "");
        let entrypoint = Entrypoint::resolve(&source, Path::new("/w/environments/a")).unwrap();
        assert_eq!(entrypoint.root, Path::new("/"));
    }

    #[test]
    fn errors_say_what_was_looked_for() {
        let source = workspace();
        let error =
            |path: &str| Entrypoint::resolve(&source, Path::new(path)).unwrap_err().to_string();
        assert_eq!(error("/w/nowhere"), "stat /w/nowhere: no such file or directory");
        assert!(error("/w/loose").contains("Tried to find 'main.jsonnet'"));
        let bare: MemorySource = [("/x/main.jsonnet", "")].into_iter().collect();
        let error = Entrypoint::resolve(&bare, Path::new("/x")).unwrap_err();
        assert!(matches!(error, LayoutError::NoRoot { .. }));
    }

    #[test]
    fn discovery_lists_every_main_file() {
        let found = find_entrypoints(&workspace(), Path::new("/w")).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "/w/environments/a/main.jsonnet",
                "/w/environments/b/c/main.jsonnet",
                "/w/vendor/p/main.jsonnet"
            ]
        );
        assert!(
            find_entrypoints(&workspace(), Path::new("/w/environments/a/other.jsonnet"))
                .unwrap()
                .is_empty()
        );
    }
}
