//! Files, loaded once per process and shared by all threads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use renga_project::{Digest, FileKind, Source, clean};

use serde::de::IgnoredAny;

use crate::scan::Scan;
use crate::search::TK_LIBRARY;

/// What `import 'tk'` gives.
const TK_LIBRARY_TEXT: &str = "{\n  env: std.extVar('tanka.dev/environment'),\n}\n";

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

/// How a file is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImportKind {
    /// `import`: as code.
    Import,
    /// `importstr`: as a string.
    ImportStr,
    /// `importbin`: as an array of bytes.
    ImportBin,
}

/// An import as it stands in a file. Jsonnet has no other imports: the path is always a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticImport {
    /// How.
    pub kind: ImportKind,
    /// The path, as written.
    pub path: String,
    /// The whole import, keyword and literal.
    pub span: Span,
}

/// A file that was read.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    contents: Arc<[u8]>,
    digest: Digest,
    text: Result<Arc<str>, LoadError>,
    scan: OnceLock<Scan>,
    json: OnceLock<bool>,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The file system refused.
    #[error("cannot read `{}`: {message}", path.display())]
    #[diagnostic(code(jsonnet::unreadable))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        message: String,
    },
    /// The file is no text.
    #[error("`{}` is not valid UTF-8 (byte {valid_up_to})", path.display())]
    #[diagnostic(
        code(jsonnet::not_utf8),
        help("save the file as UTF-8, or read it with `importbin`")
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// How many bytes before the first bad one.
        valid_up_to: usize,
    },
}

impl SourceFile {
    fn new(path: PathBuf, contents: Arc<[u8]>) -> Self {
        let text = std::str::from_utf8(&contents).map(Arc::from).map_err(|error| {
            LoadError::NotUtf8 { path: path.clone(), valid_up_to: error.valid_up_to() }
        });
        Self {
            digest: Digest::of(&contents),
            path,
            contents,
            text,
            scan: OnceLock::new(),
            json: OnceLock::new(),
        }
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes.
    pub fn contents(&self) -> &Arc<[u8]> {
        &self.contents
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// [`LoadError::NotUtf8`].
    pub fn text(&self) -> Result<&Arc<str>, LoadError> {
        self.text.as_ref().map_err(Clone::clone)
    }

    /// The hash of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the file imports, in order. Empty for what is no text.
    pub fn imports(&self) -> &[StaticImport] {
        &self.scan().imports
    }

    /// An upper bound of how deep the code nests.
    pub fn depth(&self) -> usize {
        self.scan().depth
    }

    /// Code made of text that is in no file.
    pub(crate) fn snippet(name: &str, text: &str) -> Self {
        Self::new(PathBuf::from(name), Arc::from(text.as_bytes()))
    }

    /// Whether the file is named as JSON and is JSON.
    pub(crate) fn is_json(&self) -> bool {
        *self.json.get_or_init(|| {
            self.path.extension().is_some_and(|extension| extension == "json")
                && self.text.is_ok()
                && serde_json::from_slice::<IgnoredAny>(&self.contents).is_ok()
        })
    }

    pub(crate) fn scan(&self) -> &Scan {
        self.scan.get_or_init(|| match &self.text {
            Ok(text) if !self.is_json() => Scan::of(text),
            Ok(_) | Err(_) => Scan::default(),
        })
    }
}

/// The line and the column (in bytes, as go-jsonnet counts) of a byte of `text`, both from 1.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = offset - line_start + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

type Slot = Arc<OnceLock<Result<Arc<SourceFile>, LoadError>>>;

/// The files of a process. Clones share what was loaded.
#[derive(Clone)]
pub struct Sources {
    source: Arc<dyn Source>,
    files: Arc<RwLock<HashMap<PathBuf, Slot>>>,
    probes: Arc<RwLock<HashMap<PathBuf, Option<FileKind>>>>,
}

impl Sources {
    /// Reads through `source`.
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self { source, files: Arc::default(), probes: Arc::default() }
    }

    /// The file at an absolute path. Reads it the first time only.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unreadable`]; whether it is text is for [`SourceFile::text`] to say.
    pub fn load(&self, path: &Path) -> Result<Arc<SourceFile>, LoadError> {
        let known = self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        let slot = known.unwrap_or_else(|| {
            let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
            files.entry(path.to_owned()).or_default().clone()
        });
        slot.get_or_init(|| self.read(path)).clone()
    }

    fn read(&self, path: &Path) -> Result<Arc<SourceFile>, LoadError> {
        if path == Path::new(TK_LIBRARY) {
            let contents = Arc::from(TK_LIBRARY_TEXT.as_bytes());
            return Ok(Arc::new(SourceFile::new(path.to_owned(), contents)));
        }
        match self.source.read(path) {
            Ok(contents) => Ok(Arc::new(SourceFile::new(path.to_owned(), contents))),
            Err(error) => {
                let message = error.to_string();
                Err(LoadError::Unreadable { path: path.to_owned(), message })
            }
        }
    }

    /// What a path leads to. Asked once.
    pub fn probe(&self, path: &Path) -> Option<FileKind> {
        if let Some(found) = self.probes.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return *found;
        }
        let found = self.source.probe(path);
        let mut probes = self.probes.write().unwrap_or_else(PoisonError::into_inner);
        probes.insert(path.to_owned(), found);
        found
    }

    /// Forgets a file and what is known about it and the directories above it, so that it is
    /// looked up anew. Sessions that evaluated it already keep what they have.
    pub fn forget(&self, path: &Path) {
        let path = clean(path);
        self.files.write().unwrap_or_else(PoisonError::into_inner).remove(&path);
        let mut probes = self.probes.write().unwrap_or_else(PoisonError::into_inner);
        for ancestor in path.ancestors() {
            probes.remove(ancestor);
        }
    }

    /// Where files come from.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }
}
