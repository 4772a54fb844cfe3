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

use crate::jrsonnet::diagnosis::Recorder;
use crate::scan::AS_TEXT;
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
    pub(super) form: Form,
}

/// How a file is read.
#[derive(Acyclic, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// As code, edited for the evaluator.
    Code,
    /// As the code of a function without parameters: the evaluator keeps the function, not what
    /// it returns, so the value of an entrypoint can be let go.
    Entrypoint,
    /// As it is.
    Text,
}

/// What makes an entrypoint a function. Its body reaches to the end of the file.
pub(super) const ENTRYPOINT: &str = "function() ";

/// The version of every file that is read as text. Odd, so it is no epoch.
const TEXT_VERSION: u64 = 1;

/// The code that stands for a JSON file; the library binds the name to the file's value.
pub(super) const JSON: &str = "__renga_json";

/// The message by which [`crate::jrsonnet::error`] knows [`MAX_NESTING`].
pub(super) const TOO_NESTED: &str = "the code nests too deeply";

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
    pub(super) entrypoint: PathBuf,
    pub(super) search_path: SearchPath,
    pub(super) working_dir: Option<PathBuf>,
    /// The version of every file that is not in `shared`.
    pub(super) epoch: u64,
    /// Versions of the files whose values outlive the request.
    pub(super) shared: HashMap<PathBuf, u64>,
    /// The import that was not found last, for the error.
    pub(super) missing: Option<(String, Resolution)>,
    /// Code of the request that is in no file, by its name.
    pub(super) snippets: HashMap<PathBuf, Arc<SourceFile>>,
    /// Bytes of code loaded since the evaluator's state was made, for this request only and for
    /// more of them.
    pub(super) loaded_own: usize,
    pub(super) loaded_shared: usize,
    /// Takes notes, when the request is run for the second time.
    pub(super) recorder: Option<Rc<Recorder>>,
}

impl Current {
    pub(super) fn file_id(&self, path: PathBuf) -> FileId {
        let version = self.shared.get(&path).copied().unwrap_or(self.epoch);
        FileId { path, version, form: Form::Code }
    }

    /// The entrypoint of the request.
    pub(super) fn entrypoint_id(&self) -> FileId {
        FileId { path: self.entrypoint.clone(), version: self.epoch, form: Form::Entrypoint }
    }

    fn text_id(path: PathBuf) -> FileId {
        FileId { path, version: TEXT_VERSION, form: Form::Text }
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
        let (import, form) = match import.strip_prefix(AS_TEXT) {
            Some(import) => (import.to_owned(), Form::Text),
            None => (import, Form::Code),
        };
        let mut current = self.current.borrow_mut();
        if current.snippets.contains_key(Path::new(&import)) && !matches_file(from) {
            return Ok(SourcePath::new(current.file_id(PathBuf::from(import))));
        }
        let directory = match from.downcast_ref::<FileId>() {
            Some(file) if file.path.is_absolute() => file.path.parent().map(Path::to_owned),
            _ => current.working_dir.clone(),
        };
        let resolution = current.search_path.resolve(&self.sources, directory.as_deref(), &import);
        match resolution.found {
            Some(path) if form == Form::Text => Ok(SourcePath::new(Current::text_id(path))),
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
        {
            let mut current = self.current.borrow_mut();
            let size = file.contents().len();
            if id.version == current.epoch || id.form == Form::Text {
                current.loaded_own += size;
            } else {
                current.loaded_shared += size;
            }
        }
        let Ok(text) = file.text() else { return Ok(file.contents().to_vec()) };
        // `importstr` wants the text itself.
        if id.form == Form::Text {
            return Ok(text.as_bytes().to_vec());
        }
        if file.is_json() {
            return Ok(JSON.as_bytes().to_vec());
        }
        if file.depth() > MAX_NESTING {
            return Err(JrsonnetErrorKind::ImportIo(TOO_NESTED.to_owned()).into());
        }
        let recorder = self.current.borrow().recorder.clone();
        if let Some(instrumented) = recorder.and_then(|recorder| recorder.instrumented(&file)) {
            return Ok(instrumented.into_bytes());
        }
        let mut code = match id.form {
            Form::Entrypoint => ENTRYPOINT.to_owned(),
            _ => String::new(),
        };
        match file.scan().edited(text) {
            Some(edited) => code.push_str(&edited),
            None => code.push_str(text),
        }
        Ok(code.into_bytes())
    }
}

/// Whether an import stands in a file, rather than being our own.
fn matches_file(from: &SourcePath) -> bool {
    from.downcast_ref::<FileId>().is_some()
}

impl Resolver {
    fn load(&self, path: &Path) -> Result<Arc<SourceFile>> {
        if let Some(snippet) = self.current.borrow().snippets.get(path) {
            return Ok(snippet.clone());
        }
        self.sources
            .load(path)
            .map_err(|error| JrsonnetErrorKind::ImportIo(error.to_string()).into())
    }
}
