//! Recording what was read: the inputs of a result, by content.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::source::{DirEntry, FileKind, Source};

/// The BLAKE3 hash of a file's contents (32 bytes), written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Hashes `contents`.
    pub fn of(contents: &[u8]) -> Self {
        Self(*blake3::hash(contents).as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = blake3::Hash::from_hex(&text).map_err(serde::de::Error::custom)?;
        Ok(Self(*hash.as_bytes()))
    }
}

/// What was read, probed and listed through a [`Source`], by absolute path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRecord {
    /// Files that were read.
    pub files: BTreeMap<PathBuf, Digest>,
    /// Paths that were asked for: `None` where nothing was.
    pub probes: BTreeMap<PathBuf, Option<FileKind>>,
    /// Directories that were listed, with the digest of their sorted entries.
    pub listings: BTreeMap<PathBuf, Digest>,
}

impl SourceRecord {
    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.files.extend(other.files.iter().map(|(path, digest)| (path.clone(), *digest)));
        self.probes.extend(other.probes.iter().map(|(path, kind)| (path.clone(), *kind)));
        self.listings.extend(other.listings.iter().map(|(path, digest)| (path.clone(), *digest)));
    }

    /// Whether `source` would still answer everything in this record in the same way.
    ///
    /// `digest` gives the digest of a file (the caller may remember it between records).
    pub fn still_holds(
        &self,
        source: &dyn Source,
        mut digest: impl FnMut(&Path) -> Option<Digest>,
    ) -> bool {
        self.files
            .iter()
            .all(|(path, expected)| digest(path).is_some_and(|found| found == *expected))
            && self.probes.iter().all(|(path, expected)| source.probe(path) == *expected)
            && self.listings.iter().all(|(path, expected)| {
                source.list(path).is_ok_and(|entries| listing_digest(&entries) == *expected)
            })
    }
}

/// The digest of a directory's entries: their names and kinds, not their contents.
pub(crate) fn listing_digest(entries: &[DirEntry]) -> Digest {
    let mut text = String::new();
    for entry in entries {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:?} {:?}", entry.name, entry.kind);
    }
    Digest::of(text.as_bytes())
}

/// A [`Source`] that notes every question put to another.
pub struct Recorder<'a> {
    inner: &'a dyn Source,
    record: Mutex<SourceRecord>,
}

impl<'a> Recorder<'a> {
    /// Records what is asked of `inner`.
    pub fn new(inner: &'a dyn Source) -> Self {
        Self { inner, record: Mutex::default() }
    }

    /// Ends the recording.
    pub fn into_record(self) -> SourceRecord {
        self.record.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, add: impl FnOnce(&mut SourceRecord)) {
        add(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Source for Recorder<'_> {
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        let contents = self.inner.read(path);
        self.note(|record| {
            if let Ok(bytes) = &contents {
                record.files.insert(path.to_owned(), Digest::of(bytes));
            } else {
                record.probes.insert(path.to_owned(), self.inner.probe(path));
            }
        });
        contents
    }

    fn probe(&self, path: &Path) -> Option<FileKind> {
        let found = self.inner.probe(path);
        self.note(|record| {
            record.probes.insert(path.to_owned(), found);
        });
        found
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let entries = self.inner.list(dir)?;
        self.note(|record| {
            record.listings.insert(dir.to_owned(), listing_digest(&entries));
        });
        Ok(entries)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.real_path(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn a_record_holds_until_an_input_changes() {
        let mut source: MemorySource = [("/w/a", "1"), ("/w/d/b", "2")].into_iter().collect();
        let recorder = Recorder::new(&source);
        recorder.read(Path::new("/w/a")).unwrap();
        recorder.probe(Path::new("/w/missing"));
        recorder.list(Path::new("/w/d")).unwrap();
        let record = recorder.into_record();
        let holds = |source: &MemorySource| {
            record
                .still_holds(source, |path| source.read(path).ok().map(|bytes| Digest::of(&bytes)))
        };
        assert!(holds(&source));
        source.insert("/w/unrelated", "x");
        assert!(holds(&source));

        for (path, contents) in
            [("/w/a", "changed"), ("/w/missing", "there now"), ("/w/d/c", "new")]
        {
            let mut changed = source.clone();
            changed.insert(path, contents);
            assert!(!holds(&changed), "{path}");
        }
    }
}
