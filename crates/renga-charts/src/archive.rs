//! Chart archives: gzipped tars from strangers, read into memory.
//!
//! Owns the rules for names and kinds of entries, which are Helm's and a few more, and the limits
//! on what an archive may unfold to. Writing entries to disk is [`crate::unpack`]'s; what the
//! files mean is known to [`crate::ChartMetadata`] and to the renderer.
//!
//! Invariants: the path of every [`Entry`] is relative, clean and has no `..`; no more is ever
//! decompressed than [`Limits`] allows, whatever the sizes in the headers say; an archive that
//! ends early gives an error, never fewer entries.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use tar::EntryType;

/// How much an archive may unfold to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together. Helm's limit is 100 MiB, too.
    pub total_bytes: u64,
    /// Files, directories and links.
    pub entries: usize,
    /// Decompressed bytes per compressed byte, counted from 16 MiB on: a small archive of very
    /// regular files is no harm.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total_bytes: 100 * MIB, entries: 50_000, ratio: 250 }
    }
}

const MIB: u64 = 1024 * 1024;

/// From this many decompressed bytes on, [`Limits::ratio`] counts.
const RATIO_COUNTS_FROM: u64 = 16 * MIB;

/// What a tar may need beside the contents of one file: its header and padding, and the headers
/// of a long name.
const OVERHEAD_PER_ENTRY: u64 = 4096;

/// A file of a chart.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the chart, with `/` between components.
    pub path: String,
    /// The contents, without a byte order mark.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.path, self.data.len())
    }
}

/// Why an archive is not read. Where Helm refuses too, `Display` has Helm's words.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It does not begin as gzip does.
    #[error("gzip: invalid header")]
    #[diagnostic(
        code(charts::archive::not_gzip),
        help("a chart archive is a gzipped tar; this begins with `{beginning}`")
    )]
    NotGzip {
        /// The first few bytes, escaped.
        beginning: String,
    },
    /// It stops before its end: half a download.
    #[error("unexpected EOF")]
    #[diagnostic(
        code(charts::archive::truncated),
        help("the archive is cut short: fetch it again, or ask its publisher")
    )]
    Truncated,
    /// The compressed data or the tar headers are damaged.
    #[error("archive is damaged: {0}")]
    #[diagnostic(
        code(charts::archive::damaged),
        help("fetch it again, or ask its publisher for a sound one")
    )]
    Damaged(String),
    /// There is no file in it.
    #[error("no files in chart archive")]
    #[diagnostic(code(charts::archive::empty))]
    Empty,
    /// A file at the top of the archive, outside the chart's folder.
    #[error("chart illegally contains content outside the base directory: {name:?}")]
    #[diagnostic(
        code(charts::archive::outside),
        help("all files of a chart archive lie in one folder, as `helm package` writes them")
    )]
    OutsideBase {
        /// As in the archive.
        name: String,
    },
    /// `Chart.yaml` used as a folder.
    #[error("chart yaml not in base directory")]
    #[diagnostic(code(charts::archive::chart_yaml), help("the entry is `{name}`"))]
    ChartYamlNotInBase {
        /// As in the archive.
        name: String,
    },
    /// An absolute path.
    #[error("chart illegally contains absolute paths")]
    #[diagnostic(code(charts::archive::absolute), help("the entry is `{name}`"))]
    Absolute {
        /// As in the archive.
        name: String,
    },
    /// A path that leaves the chart.
    #[error("chart illegally references parent directory")]
    #[diagnostic(code(charts::archive::parent), help("the entry is `{name}`"))]
    Parent {
        /// As in the archive.
        name: String,
    },
    /// A path with a drive letter.
    #[error("chart contains illegally named files")]
    #[diagnostic(code(charts::archive::drive), help("the entry is `{name}`"))]
    Drive {
        /// As in the archive.
        name: String,
    },
    /// A name with a NUL, or that is not UTF-8.
    #[error("chart contains a file whose name is not usable: {name:?}")]
    #[diagnostic(code(charts::archive::name), help("names have to be UTF-8 and without NUL"))]
    Name {
        /// What can be shown of it.
        name: String,
    },
    /// A link that leads out of the chart. (Helm makes an empty file of it.)
    #[error("chart contains a link that leaves it: `{name}` to `{target}`")]
    #[diagnostic(
        code(charts::archive::link),
        help("replace the link by the file in the chart's source, and package it again")
    )]
    Link {
        /// As in the archive.
        name: String,
        /// Where it leads.
        target: String,
    },
    /// A device or a pipe. (Helm makes an empty file of it.)
    #[error("chart contains something that is neither a file nor a directory: `{name}`")]
    #[diagnostic(code(charts::archive::special))]
    Special {
        /// As in the archive.
        name: String,
    },
    /// More bytes than allowed.
    #[error("decompressed chart is larger than the maximum size {limit}")]
    #[diagnostic(code(charts::archive::too_large))]
    TooLarge {
        /// [`Limits::total_bytes`].
        limit: u64,
    },
    /// More entries than allowed.
    #[error("chart archive has more than {limit} entries")]
    #[diagnostic(code(charts::archive::too_many))]
    TooMany {
        /// [`Limits::entries`].
        limit: usize,
    },
    /// It unfolds to too much.
    #[error("chart archive unfolds to more than {limit} times its size")]
    #[diagnostic(
        code(charts::archive::bomb),
        help("no real chart compresses so well: this is made to fill memory or disk")
    )]
    Ratio {
        /// [`Limits::ratio`].
        limit: u64,
    },
}

impl ArchiveError {
    fn reading(error: &io::Error) -> Self {
        if let Some(limit) = error.get_ref().and_then(|inner| inner.downcast_ref::<Exceeded>()) {
            return match *limit {
                Exceeded::Total(limit) => Self::TooLarge { limit },
                Exceeded::Ratio(limit) => Self::Ratio { limit },
            };
        }
        // The tar reader says so in words only.
        let text = error.to_string();
        if error.kind() == io::ErrorKind::UnexpectedEof
            || text.contains("unexpected EOF")
            || text.contains("failed to read entire block")
        {
            return Self::Truncated;
        }
        Self::Damaged(text)
    }
}

/// Reads the files of a `.tgz`, in the order of the archive.
///
/// The first component of every path is dropped, whatever it is called; `\` separates
/// components of a name that contains one. Directories are left out. A link inside the chart is an
/// empty file, as it is for Helm. Two entries may have the same path.
///
/// # Errors
///
/// [`ArchiveError`]; nothing is returned of an archive that is bad anywhere.
pub fn read_archive(bytes: &[u8], limits: &Limits) -> Result<Vec<Entry>, ArchiveError> {
    if !bytes.starts_with(b"\x1f\x8b") {
        let beginning = bytes[..bytes.len().min(24)].escape_ascii().to_string();
        return Err(ArchiveError::NotGzip { beginning });
    }
    let mut archive = tar::Archive::new(Unfolding::new(bytes, *limits));
    let mut files = Vec::new();
    let mut seen = 0;
    let mut remaining = limits.total_bytes;
    let fail = |error: io::Error| ArchiveError::reading(&error);
    for entry in archive.entries().map_err(fail)? {
        let mut entry = entry.map_err(fail)?;
        seen += 1;
        if seen > limits.entries {
            return Err(ArchiveError::TooMany { limit: limits.entries });
        }
        let kind = entry.header().entry_type();
        let raw = entry.path_bytes().into_owned();
        if is_directory(kind, &raw, entry.header().mode().unwrap_or(0))
            || matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader)
        {
            continue;
        }
        let path = chart_path(&raw)?;
        let name = String::from_utf8_lossy(&raw).into_owned();
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            let target = entry.link_name_bytes().unwrap_or_default().into_owned();
            if link_leaves(kind, &path, &target) {
                let target = String::from_utf8_lossy(&target).into_owned();
                return Err(ArchiveError::Link { name, target });
            }
            files.push(Entry { path, data: Vec::new() });
            continue;
        }
        if matches!(kind, EntryType::Char | EntryType::Block | EntryType::Fifo) {
            return Err(ArchiveError::Special { name });
        }
        let size = entry.size();
        if size >= remaining {
            return Err(ArchiveError::TooLarge { limit: limits.total_bytes });
        }
        // The size is a claim; memory follows what is really there.
        let mut data = Vec::with_capacity(usize::try_from(size.min(MIB)).unwrap_or(0));
        entry.read_to_end(&mut data).map_err(fail)?;
        if data.len() as u64 != size {
            return Err(ArchiveError::Truncated);
        }
        remaining -= size;
        if data.starts_with(b"\xEF\xBB\xBF") {
            data.drain(..3);
        }
        files.push(Entry { path, data });
    }
    // What follows the end of the tar is nobody's, but a checksum that is wrong or missing is the
    // sign of a damaged or half archive.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(fail)?;
    if files.is_empty() {
        return Err(ArchiveError::Empty);
    }
    Ok(files)
}

/// What the folder is called that holds the chart in a `.tgz` that [`read_archive`] takes.
pub(crate) fn base_folder(bytes: &[u8]) -> Option<String> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let named = |kind| !matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader);
    let first = archive.entries().ok()?.flatten().find(|e| named(e.header().entry_type()))?;
    let name = String::from_utf8_lossy(&first.path_bytes()).into_owned();
    // What was packed as `.` has no name.
    name.split(['/', '\\']).next().filter(|folder| *folder != ".").map(str::to_owned)
}

fn is_directory(kind: EntryType, name: &[u8], mode: u32) -> bool {
    const FORMAT: u32 = 0o170_000;
    const DIRECTORY: u32 = 0o040_000;
    kind == EntryType::Directory
        || (kind == EntryType::Regular && name.ends_with(b"/"))
        || mode & FORMAT == DIRECTORY
}

/// The path within the chart of an entry called `raw`.
fn chart_path(raw: &[u8]) -> Result<String, ArchiveError> {
    let name = || String::from_utf8_lossy(raw).into_owned();
    let text = std::str::from_utf8(raw)
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or_else(|| ArchiveError::Name { name: name() })?;
    let separator = if text.contains('\\') { '\\' } else { '/' };
    let (first, rest) = text.split_once(separator).unwrap_or((text, ""));
    let rest = rest.replace(separator, "/");
    // Helm drops the first slash as if a folder were before it.
    if rest.starts_with('/') || first.is_empty() {
        return Err(ArchiveError::Absolute { name: name() });
    }
    let path = clean(&rest);
    if path == "." {
        return Err(ArchiveError::OutsideBase { name: name() });
    }
    if path.starts_with("..") {
        return Err(ArchiveError::Parent { name: name() });
    }
    if let [letter, b':', b'/', ..] = path.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        return Err(ArchiveError::Drive { name: name() });
    }
    if first == "Chart.yaml" {
        return Err(ArchiveError::ChartYamlNotInBase { name: name() });
    }
    Ok(path)
}

/// Go's `path.Clean` of a relative path.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Whether a link at `path` leads out of the chart.
fn link_leaves(kind: EntryType, path: &str, target: &[u8]) -> bool {
    let Ok(target) = std::str::from_utf8(target) else {
        return true;
    };
    if target.starts_with('/') || target.contains(['\\', ':', '\0']) {
        return true;
    }
    if kind == EntryType::Link {
        // A hard link names another entry of the archive, the chart's folder included.
        return chart_path(target.as_bytes()).is_err();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let end = clean(&format!("{folder}/{target}"));
    end == ".." || end.starts_with("../")
}

/// Which limit was met; travels inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
enum Exceeded {
    #[error("more than {0} bytes")]
    Total(u64),
    #[error("more than {0} times its size")]
    Ratio(u64),
}

/// The decompressed bytes of all members of a gzip file, within the limits.
struct Unfolding<'a> {
    limits: Limits,
    compressed: usize,
    produced: u64,
    member: Option<GzDecoder<&'a [u8]>>,
}

impl<'a> Unfolding<'a> {
    fn new(bytes: &'a [u8], limits: Limits) -> Self {
        let member = Some(GzDecoder::new(bytes));
        Self { limits, compressed: bytes.len(), produced: 0, member }
    }

    fn check(&self) -> io::Result<()> {
        let Limits { total_bytes, entries, ratio } = self.limits;
        let compressed = self.compressed as u64;
        if self.produced > RATIO_COUNTS_FROM && self.produced / compressed.max(1) >= ratio {
            return Err(io::Error::other(Exceeded::Ratio(ratio)));
        }
        let overhead = OVERHEAD_PER_ENTRY.saturating_mul(entries as u64);
        if self.produced > total_bytes.saturating_add(overhead) {
            return Err(io::Error::other(Exceeded::Total(total_bytes)));
        }
        Ok(())
    }
}

impl Read for Unfolding<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let count = member.read(buffer)?;
            if count > 0 {
                self.produced += count as u64;
                self.check()?;
                return Ok(count);
            }
            // The end of this member is checked; another may follow, or anything else, which is
            // no part of the archive.
            let rest = self.member.take().map(GzDecoder::into_inner).unwrap_or_default();
            if rest.starts_with(b"\x1f\x8b") {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests;
