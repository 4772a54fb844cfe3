//! Chart archives that no packer would write.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

/// Builds a gzipped tar entry by entry, with names and sizes as they are given.
#[derive(Debug, Default)]
pub struct Tarball {
    tar: Vec<u8>,
}

impl Tarball {
    /// An archive without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a file. The name may be anything of up to 100 bytes.
    #[must_use]
    pub fn file(self, name: &str, data: &[u8]) -> Self {
        self.entry(EntryType::Regular, name, "", data.len() as u64, data)
    }

    /// Appends a file whose header claims `size` bytes.
    #[must_use]
    pub fn claiming(self, name: &str, size: u64, data: &[u8]) -> Self {
        self.entry(EntryType::Regular, name, "", size, data)
    }

    /// Appends a symbolic link.
    #[must_use]
    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, name, target, 0, b"")
    }

    /// Appends a hard link.
    #[must_use]
    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Link, name, target, 0, b"")
    }

    fn entry(mut self, kind: EntryType, name: &str, target: &str, size: u64, data: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(size);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.tar.extend_from_slice(header.as_bytes());
        self.tar.extend_from_slice(data);
        self.tar.resize(self.tar.len().next_multiple_of(512), 0);
        self
    }

    /// The archive, compressed as well as gzip can.
    ///
    /// # Panics
    ///
    /// Never: it is written to memory.
    pub fn finish(mut self) -> Vec<u8> {
        self.tar.extend_from_slice(&[0; 1024]);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.tar).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    }
}
