//! Digests: of a chart archive, and of the tree that was unpacked from it.
//!
//! Owns [`Sha256`] and [`TreeDigest`]; what a digest has to be equal to is known to the lock and
//! to the sources.
//!
//! Invariant: the digest of a tree depends on the paths and contents of its files and on nothing
//! else: not on times, modes, empty directories or the order in which they were read.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use sha2::Digest as _;
use walkdir::WalkDir;

use crate::archive::Entry;

/// A SHA-256, printed as `sha256:` and 64 lower-case hex digits.
///
/// Of a chart archive it is taken over the raw `.tgz`, as the `digest` of an `index.yaml` is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The digest of all of `reader`, without holding it in memory.
    ///
    /// # Errors
    ///
    /// Those of `reader`.
    pub fn of_reader(mut reader: impl io::Read) -> io::Result<Self> {
        let mut hasher = sha2::Sha256::new();
        io::copy(&mut reader, &mut hasher)?;
        Ok(Self(hasher.finalize().into()))
    }

    /// The 64 hex digits without a prefix: a name for files, and the spelling of `index.yaml`.
    pub fn hex(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        hex
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` is not a sha256 digest")]
#[diagnostic(code(charts::digest), help("a digest is `sha256:` and 64 hex digits"))]
pub struct DigestError {
    text: String,
}

impl FromStr for Sha256 {
    type Err = DigestError;

    /// Reads 64 hex digits of either case, with or without `sha256:` before them.
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let error = || DigestError { text: text.to_owned() };
        let hex = text.strip_prefix("sha256:").unwrap_or(text).as_bytes();
        if hex.len() != 64 {
            return Err(error());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return Err(error());
            };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The digest of a directory, and of each file in it.
///
/// `digest` is the SHA-256 of one line `<hex digest>  <path>\n` per file, sorted by path, paths
/// relative with `/` between components: what `sha256sum` prints for the files of the tree.
///
/// What is neither a file nor a directory (a link above all) has a line too, with the digest of
/// `link:` and its target, or of `other:`: it is never equal to something that was unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeDigest {
    /// The digest of the whole tree.
    pub digest: Sha256,
    /// The digest of each file, by its path.
    pub files: BTreeMap<String, Sha256>,
}

impl TreeDigest {
    /// The digest of a tree with these files.
    pub fn of_files(files: BTreeMap<String, Sha256>) -> Self {
        let mut lines = String::with_capacity(files.len() * 100);
        for (path, digest) in &files {
            lines.push_str(&digest.hex());
            lines.push_str("  ");
            lines.push_str(path);
            lines.push('\n');
        }
        Self { digest: Sha256::of(lines.as_bytes()), files }
    }

    /// The digest that the tree will have into which `entries` are unpacked.
    pub fn of_entries(entries: &[Entry]) -> Self {
        // As when unpacking, the last of several entries for one path is the one that stays.
        let files = entries.iter().map(|e| (e.path.clone(), Sha256::of(&e.data))).collect();
        Self::of_files(files)
    }
}

/// Computes the digest of the tree at `dir`.
///
/// Reads every file once, one at a time, and follows no links.
///
/// # Errors
///
/// When something in the tree cannot be read; the message names it.
pub fn tree_digest(dir: &Path) -> io::Result<TreeDigest> {
    let mut files = BTreeMap::new();
    for found in WalkDir::new(dir).min_depth(1).follow_links(false).follow_root_links(true) {
        let found = found?;
        let kind = found.file_type();
        if kind.is_dir() {
            continue;
        }
        let digest = if kind.is_file() {
            Sha256::of_reader(fs_err::File::open(found.path())?)?
        } else if kind.is_symlink() {
            let target = fs_err::read_link(found.path())?;
            Sha256::of(format!("link:{}", target.display()).as_bytes())
        } else {
            Sha256::of(b"other:")
        };
        let path = found.path().strip_prefix(dir).unwrap_or(found.path());
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        files.insert(parts.join("/"), digest);
    }
    Ok(TreeDigest::of_files(files))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | sha256sum`
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn prints_and_reads_digests() {
        let digest = Sha256::of(b"abc");
        assert_eq!(digest.to_string(), format!("sha256:{ABC}"));
        assert_eq!(ABC.parse(), Ok(digest));
        assert_eq!(ABC.to_uppercase().parse(), Ok(digest));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(Sha256::of_reader(&b"abc"[..]).unwrap(), digest);
        for bad in ["", "sha256:", &ABC[1..], &format!("{ABC}0"), &ABC.replace('b', "x"), "é"] {
            assert!(bad.parse::<Sha256>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tree_has_the_digest_of_its_archive() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(dir.path().join("b/empty")).unwrap();
        fs_err::write(dir.path().join("b/x"), "abc").unwrap();
        fs_err::write(dir.path().join("b-y"), "").unwrap();
        let tree = tree_digest(dir.path()).unwrap();
        let entry = |path: &str, data: &[u8]| Entry { path: path.to_owned(), data: data.to_vec() };
        let entries = [entry("b/x", b"old"), entry("b-y", b""), entry("b/x", b"abc")];
        assert_eq!(tree, TreeDigest::of_entries(&entries));
        let empty = Sha256::of(b"").hex();
        assert_eq!(
            tree.digest,
            Sha256::of(format!("{empty}  b-y\n{ABC}  b/x\n").as_bytes()),
            "the lines of sha256sum, sorted by path"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_its_target() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("a"), "abc").unwrap();
        let before = tree_digest(dir.path()).unwrap();
        fs_err::rename(dir.path().join("a"), dir.path().join("c")).unwrap();
        fs_err::os::unix::fs::symlink("c", dir.path().join("a")).unwrap();
        let after = tree_digest(dir.path()).unwrap();
        assert_ne!(before.files["a"], after.files["a"]);
        assert_eq!(before.files["a"], after.files["c"]);
    }
}
