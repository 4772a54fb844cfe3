//! Imports of the evaluator: finding files, and which of them keep their value between requests.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use jrsonnet_evaluator::error::{ErrorKind as JrsonnetErrorKind, Result};
use jrsonnet_evaluator::{AsPathLike, ImportResolver, ResolvePath, SourcePath};
use jrsonnet_gcmodule::Acyclic;
use jrsonnet_ir::SourcePathT;

use crate::search::{Resolution, SearchPath};
use crate::sources::{SourceFile, Sources};

/// How deep code may nest. The evaluator recurses over the code, so this bounds its stack.
pub(super) const MAX_NESTING: usize = 20_000;

/// A file as the evaluator knows it.
///
/// The evaluator keeps the value of a file by this identity: the same path with another `version`
/// is another file to it.
#[derive(Acyclic, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    pub(super) path: PathBuf,
    pub(super) version: u64,
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

impl SourcePathT for FileId {
    fn is_default(&self) -> bool {
        false
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn dyn_hash(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn dyn_eq(&self, other: &dyn SourcePathT) -> bool {
        other.as_any().downcast_ref::<Self>() == Some(self)
    }

    fn dyn_debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What the imports of the current request depend on.
#[derive(Default)]
pub(super) struct Current {
    pub(super) search_path: SearchPath,
    pub(super) working_dir: Option<PathBuf>,
    /// The version of every file that is not in `shared`.
    pub(super) epoch: u64,
    /// Versions of the files whose values outlive the request.
    pub(super) shared: HashMap<PathBuf, u64>,
    /// The import that was not found last, for the error.
    pub(super) missing: Option<(String, Resolution)>,
    /// Bytes of code that were loaded since the evaluator's state was made.
    pub(super) loaded: usize,
}

impl Current {
    pub(super) fn file_id(&self, path: PathBuf) -> FileId {
        let version = self.shared.get(&path).copied().unwrap_or(self.epoch);
        FileId { path, version }
    }
}

/// The resolver given to the evaluator.
#[derive(Acyclic)]
pub(super) struct Resolver {
    pub(super) sources: Sources,
    pub(super) current: Rc<RefCell<Current>>,
}

impl ImportResolver for Resolver {
    fn resolve_from(&self, from: &SourcePath, path: &dyn AsPathLike) -> Result<SourcePath> {
        let import = match path.as_path() {
            ResolvePath::Str(text) => text.to_owned(),
            ResolvePath::Path(path) => path.to_string_lossy().into_owned(),
        };
        let mut current = self.current.borrow_mut();
        let directory = match from.downcast_ref::<FileId>() {
            Some(file) => file.path.parent().map(Path::to_owned),
            None => current.working_dir.clone(),
        };
        let resolution = current.search_path.resolve(&self.sources, directory.as_deref(), &import);
        match resolution.found {
            Some(path) => Ok(SourcePath::new(current.file_id(path))),
            None => {
                current.missing = Some((import, resolution));
                Err(JrsonnetErrorKind::ImportFileNotFound(from.clone(), path.as_path().to_owned())
                    .into())
            }
        }
    }

    fn load_file_contents(&self, resolved: &SourcePath) -> Result<Vec<u8>> {
        let Some(id) = resolved.downcast_ref::<FileId>() else {
            return Err(JrsonnetErrorKind::CantImportFromVirtualFile.into());
        };
        let file = self.load(&id.path)?;
        Ok(file.contents().to_vec())
    }
}

impl Resolver {
    fn load(&self, path: &Path) -> Result<Arc<SourceFile>> {
        self.sources
            .load(path)
            .map_err(|error| JrsonnetErrorKind::ImportIo(error.to_string()).into())
    }
}
