//! The download cache: chart archives by their digest, and indexes by their address.
//!
//! Owns the folder and the layout in it. It may be shared by workspaces and by programs that run at
//! the same time: every file is written beside its place and renamed into it, so that readers see
//! all of it or nothing, and losing a race only costs a download. What is read is not trusted: an
//! archive that no longer has its digest is thrown away, as is an index whose length is wrong.
//!
//! ```text
//! content/ab/ab…64 hex digits        the archive with this SHA-256
//! content/ab/ab….prov                 its provenance file
//! index/…64 hex digits                an index with its table; the name is the address's SHA-256
//! ```
//!
//! How large it is and what of it goes is left to `renga_project::CacheFolder`, by the age of the
//! files: so what is used is marked as used.
//!
//! Invariant: no file holds credentials.

use std::fs::FileTimes;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use fs_err as fs;

use crate::digest::Sha256;
use crate::source::index::{Body, Form, Index, Part, Table};

/// The first line of a cached index. Another layout has another number, and is not read.
const INDEX_HEADER: &str = "renga-index 1\n";

/// The largest table and metadata that are believed, in bytes.
const LARGEST_TABLE: u64 = 64 * 1024 * 1024;

/// The folder with what was downloaded.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

/// What a server said about an index that it sent, to ask later whether it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Validators {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) last_modified: Option<String>,
}

/// The second line of a cached index.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct IndexMeta {
    #[serde(flatten)]
    validators: Validators,
    form: Form,
    table_bytes: u64,
    text_bytes: u64,
}

impl Cache {
    /// The cache in `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The archive with this digest; checked, and marked as used.
    pub fn archive(&self, sha256: &Sha256) -> Option<Vec<u8>> {
        let path = self.content(sha256);
        let bytes = std::fs::read(&path).ok()?;
        if Sha256::of(&bytes) == *sha256 {
            touch(&path);
            return Some(bytes);
        }
        // Damaged: as if it had never been here.
        let _ = fs::remove_file(&path);
        None
    }

    /// The provenance file of the archive with this digest.
    ///
    /// It may be anything: whoever uses it verifies it.
    pub fn provenance(&self, sha256: &Sha256) -> Option<Vec<u8>> {
        std::fs::read(self.content(sha256).with_extension("prov")).ok()
    }

    /// Keeps an archive; its digest.
    ///
    /// # Errors
    ///
    /// When the cache cannot be written.
    pub fn keep_archive(&self, bytes: &[u8]) -> io::Result<Sha256> {
        let sha256 = Sha256::of(bytes);
        self.write(&self.content(&sha256), &[bytes])?;
        Ok(sha256)
    }

    /// Keeps the provenance file of the archive with this digest.
    ///
    /// # Errors
    ///
    /// When the cache cannot be written.
    pub fn keep_provenance(&self, sha256: &Sha256, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.content(sha256).with_extension("prov"), &[bytes])
    }

    /// The index that was kept under `key`, and how to ask whether it is still current.
    pub(crate) fn index(&self, key: &Sha256) -> Option<(Index, Validators)> {
        let path = self.index_path(key);
        let file = std::fs::File::open(&path).ok()?;
        let length = file.metadata().ok()?.len();
        let read = read_index(file, length);
        if read.is_none() {
            // Of another version, or damaged.
            let _ = fs::remove_file(&path);
        } else {
            touch(&path);
        }
        read
    }

    /// Keeps an index under `key`.
    ///
    /// # Errors
    ///
    /// When the cache cannot be written.
    pub(crate) fn keep_index(
        &self,
        key: &Sha256,
        validators: &Validators,
        table: &Table,
        text: &[u8],
    ) -> io::Result<()> {
        let mut lines = String::new();
        for part in &table.parts {
            use std::fmt::Write as _;
            // The name comes last and is quoted, so that it may be anything.
            let name = serde_json::to_string(&part.name)?;
            let _ = writeln!(lines, "{} {} {} {name}", part.start, part.length, part.line);
        }
        let mut meta = serde_json::to_vec(&IndexMeta {
            validators: validators.clone(),
            form: table.form,
            table_bytes: lines.len() as u64,
            text_bytes: text.len() as u64,
        })?;
        meta.push(b'\n');
        self.write(&self.index_path(key), &[INDEX_HEADER.as_bytes(), &meta, lines.as_bytes(), text])
    }

    fn content(&self, sha256: &Sha256) -> PathBuf {
        let hex = sha256.hex();
        self.dir.join("content").join(&hex[..2]).join(hex)
    }

    fn index_path(&self, key: &Sha256) -> PathBuf {
        self.dir.join("index").join(key.hex())
    }

    fn write(&self, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
        let dir = path.parent().unwrap_or(&self.dir);
        fs::create_dir_all(dir)?;
        let mut file = tempfile::Builder::new().prefix(".part-").tempfile_in(dir)?;
        for part in parts {
            file.write_all(part)?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

fn read_index(file: std::fs::File, length: u64) -> Option<(Index, Validators)> {
    let mut reader = BufReader::new(file);
    let mut header = String::new();
    let mut limited = reader.by_ref().take(64 * 1024);
    limited.read_line(&mut header).ok()?;
    let mut meta = String::new();
    limited.read_line(&mut meta).ok()?;
    if header != INDEX_HEADER {
        return None;
    }
    let lines_before = (header.len() + meta.len()) as u64;
    let meta: IndexMeta = serde_json::from_str(&meta).ok()?;
    let text_at = lines_before.checked_add(meta.table_bytes)?;
    if meta.table_bytes > LARGEST_TABLE || text_at.checked_add(meta.text_bytes)? != length {
        return None;
    }
    let mut table = vec![0; usize::try_from(meta.table_bytes).ok()?];
    reader.read_exact(&mut table).ok()?;
    let mut parts = Vec::new();
    for line in std::str::from_utf8(&table).ok()?.lines() {
        let mut fields = line.splitn(4, ' ');
        let mut number = || fields.next()?.parse::<usize>().ok();
        let (start, length, line) = (number()?, number()?, number()?);
        let name = serde_json::from_str(fields.next()?).ok()?;
        if start.checked_add(length)? as u64 > meta.text_bytes {
            return None;
        }
        parts.push(Part { name, start, length, line });
    }
    let body = Body::File(Mutex::new(reader.into_inner()), text_at);
    Some((Index::new(Table { form: meta.form, parts }, body), meta.validators))
}

/// Notes that a file was used, for whoever prunes by age. A cache that cannot be written stays as
/// it is.
fn touch(path: &Path) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the age of cached files decides what is pruned, and shows in no output"
    )]
    let now = SystemTime::now();
    if let Ok(file) = std::fs::File::options().append(true).open(path) {
        let _ = file.set_times(FileTimes::new().set_modified(now));
    }
}
