//! Finding an imported file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_project::{FileKind, clean};

use crate::sources::Sources;

/// The path of the built-in file that `import 'tk'` gives.
pub const TK_LIBRARY: &str = "<internal>/tk.libsonnet";

/// The directories in which imports are looked for, after that of the importing file; highest
/// rank first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath(Arc<[PathBuf]>);

/// The outcome of looking for an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The file, if there is one.
    pub found: Option<PathBuf>,
    /// The paths that were tried before it, in order.
    pub missed: Vec<PathBuf>,
    /// How many directories of the search path were left behind: 0 for a file that was found
    /// without it.
    pub(crate) searched: usize,
}

impl SearchPath {
    /// A search path of absolute directories, highest rank first.
    pub fn new(directories: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(directories.into_iter().map(|directory| clean(&directory)).collect())
    }

    /// The directories, highest rank first.
    pub fn directories(&self) -> &[PathBuf] {
        &self.0
    }

    /// Looks for `import` as written in a file in the directory `from`.
    ///
    /// Directories are not files; symbolic links are followed, and the path found is the one
    /// that was asked for, not the one it leads to.
    pub fn resolve(&self, sources: &Sources, from: Option<&Path>, import: &str) -> Resolution {
        let mut resolution = Resolution::default();
        if import == "tk" {
            resolution.found = Some(PathBuf::from(TK_LIBRARY));
            return resolution;
        }
        if import.is_empty() {
            return resolution;
        }
        if Path::new(import).is_absolute() {
            resolution.probe(sources, clean(Path::new(import)));
            return resolution;
        }
        if let Some(from) = from
            && resolution.probe(sources, clean(&from.join(import)))
        {
            return resolution;
        }
        for directory in &*self.0 {
            resolution.searched += 1;
            if resolution.probe(sources, clean(&directory.join(import))) {
                break;
            }
        }
        resolution
    }
}

impl Resolution {
    fn probe(&mut self, sources: &Sources, path: PathBuf) -> bool {
        if matches!(sources.probe(&path), Some(FileKind::File | FileKind::Other)) {
            self.found = Some(path);
            return true;
        }
        if !self.missed.contains(&path) {
            self.missed.push(path);
        }
        false
    }
}
