//! `chartfile.lock`: what was vendored, by content.
//!
//! Owns the file's format, which `docs/charts.md` describes field by field: TOML, one `[[chart]]`
//! per requirement, sorted by directory. Deciding what goes into it is [`crate::vendor`]'s.
//!
//! Invariants: the same contents are the same bytes; no field holds a credential; `tree` is the
//! digest of `files`, so that a bad merge of two locks does not go unnoticed; whoever reads a lock
//! of this version knows all of its keys, and refuses other ones instead of losing them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use miette::{NamedSource, SourceSpan};
use serde::Deserialize;

use crate::digest::{Sha256, TreeDigest};
use crate::requirement::Requirement;
use crate::staging::{self, PathError};

/// The name of the lock.
pub const LOCKFILE: &str = "chartfile.lock";

/// The version of the format that this code reads and writes.
const VERSION: i64 = 1;

const HEADER: &str = "\
# Written by renga: the exact charts that chartfile.yaml stands for. Commit it, do not edit it.
";

/// The lock of a chartfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lockfile {
    charts: BTreeMap<String, LockedChart>,
}

/// One vendored chart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedChart {
    /// Where it is, below the folder of charts, with `/` between components.
    pub directory: String,
    /// The chart, as the chartfile names it: `repository/name`.
    pub chart: String,
    /// The version or range that the chartfile asks for.
    pub requested: String,
    /// The version that it stands for.
    pub version: String,
    /// The version of the application in the chart.
    #[serde(default)]
    pub app_version: Option<String>,
    /// The address of the repository, without credentials.
    pub repository: String,
    /// The address of the archive, without credentials.
    pub url: String,
    /// The digest of the archive.
    pub archive: Sha256,
    /// The digest that the index or the OCI manifest gives for the archive.
    #[serde(default)]
    pub published: Option<Sha256>,
    /// The digest of the OCI manifest.
    #[serde(default)]
    pub manifest: Option<Sha256>,
    /// Whether a signature of the archive was checked and found good.
    pub provenance_verified: bool,
    /// The key that signed it.
    #[serde(default)]
    pub signed_by: Option<String>,
    /// The digest of the unpacked chart; see [`TreeDigest`].
    pub tree: Sha256,
    /// The charts that it needs, that its archive does not have, and that were fetched into it.
    #[serde(default, rename = "dependency")]
    pub dependencies: Vec<LockedDependency>,
    /// The digest of each file of the unpacked chart.
    pub files: BTreeMap<String, Sha256>,
}

/// A dependency of a chart that was fetched into it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedDependency {
    /// The name of the chart.
    pub name: String,
    /// The version or range that the depending chart asks for.
    pub requested: String,
    /// The version that it stands for.
    pub version: String,
    /// The address of its repository, without credentials.
    pub repository: String,
    /// The address of its archive, without credentials.
    pub url: String,
    /// The digest of its archive.
    pub archive: Sha256,
    /// The digest that the index or the OCI manifest gives for the archive.
    #[serde(default)]
    pub published: Option<Sha256>,
}

impl LockedChart {
    /// Whether this is what `requirement` was locked to. `repository` is the address of its
    /// repository where one is known.
    pub(crate) fn answers(&self, requirement: &Requirement, repository: Option<&str>) -> bool {
        self.chart == requirement.chart
            && self.requested == requirement.version
            && repository.is_none_or(|url| same_address(url, &self.repository))
    }

    /// The digest of the tree, with those of its files.
    pub fn tree_digest(&self) -> TreeDigest {
        TreeDigest { digest: self.tree, files: self.files.clone() }
    }
}

/// Whether two addresses differ in nothing but slashes at their ends.
pub(crate) fn same_address(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// Why a lock cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LockError {
    /// It cannot be read or written.
    #[error(transparent)]
    #[diagnostic(code(charts::lock_file))]
    Path(PathError),
    /// It is not TOML, or a key is missing, unknown or of another type.
    #[error("`{}` is malformed: {problem}", path.display())]
    #[diagnostic(
        code(charts::lock_malformed),
        help("restore it from version control, or delete it and run `renga charts vendor`")
    )]
    Malformed {
        /// The lock.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// Its text.
        #[source_code]
        text: NamedSource<String>,
        /// Where.
        #[label("here")]
        span: Option<SourceSpan>,
    },
    /// A later renga wrote it.
    #[error("`{}` has format version {found}; this renga reads version {VERSION}", path.display())]
    #[diagnostic(code(charts::lock_version), help("use a newer renga"))]
    Version {
        /// The lock.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// Two entries for one directory.
    #[error("`{}` has two entries for directory `{directory}`", path.display())]
    #[diagnostic(
        code(charts::lock_twice),
        help("a merge took both sides: delete one, and run `renga charts vendor`")
    )]
    Twice {
        /// The lock.
        path: PathBuf,
        /// The directory.
        directory: String,
    },
    /// The digests of files and the digest of their tree contradict each other.
    #[error("`{}`: the files of `{directory}` do not add up to its digest", path.display())]
    #[diagnostic(
        code(charts::lock_contradiction),
        help("a merge mixed two versions: delete the entry, and run `renga charts vendor`")
    )]
    Contradiction {
        /// The lock.
        path: PathBuf,
        /// The directory.
        directory: String,
    },
}

impl Lockfile {
    /// Reads the lock at `path` (absolute); none if there is no file.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, LockError> {
        let Some(bytes) = staging::read_if_there(path).map_err(LockError::Path)? else {
            return Ok(None);
        };
        Self::parse(&String::from_utf8_lossy(&bytes), path).map(Some)
    }

    /// Reads the text of a lock; `path` is for messages.
    ///
    /// # Errors
    ///
    /// [`LockError`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, LockError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            version: i64,
            #[serde(default)]
            chart: Vec<LockedChart>,
        }
        let malformed = |error: &toml::de::Error| LockError::Malformed {
            path: path.to_owned(),
            problem: error.message().to_owned(),
            span: error.span().map(SourceSpan::from),
            text: NamedSource::new(path.display().to_string(), text.to_owned()),
        };
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            // What does not fit may be of another version, whose keys are unknown here.
            Err(error) => {
                return Err(match newer_version(text) {
                    Some(found) => LockError::Version { path: path.to_owned(), found },
                    None => malformed(&error),
                });
            }
        };
        if file.version != VERSION {
            return Err(LockError::Version { path: path.to_owned(), found: file.version });
        }
        let mut lock = Self::default();
        for chart in file.chart {
            let directory = chart.directory.clone();
            if TreeDigest::of_files(chart.files.clone()).digest != chart.tree {
                return Err(LockError::Contradiction { path: path.to_owned(), directory });
            }
            if lock.insert(chart).is_some() {
                return Err(LockError::Twice { path: path.to_owned(), directory });
            }
        }
        Ok(lock)
    }

    /// All entries, sorted by directory.
    pub fn charts(&self) -> impl Iterator<Item = &LockedChart> {
        self.charts.values()
    }

    /// The entry of a directory.
    pub fn get(&self, directory: &str) -> Option<&LockedChart> {
        self.charts.get(directory)
    }

    /// Puts in an entry; hands back the one that had its directory.
    pub(crate) fn insert(&mut self, chart: LockedChart) -> Option<LockedChart> {
        self.charts.insert(chart.directory.clone(), chart)
    }

    /// Takes out the entry of a directory.
    pub(crate) fn remove(&mut self, directory: &str) -> Option<LockedChart> {
        self.charts.remove(directory)
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), LockError> {
        staging::replace_file(path, self.to_toml().as_bytes()).map_err(LockError::Path)
    }

    /// The file, always the same bytes for the same entries.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(HEADER);
        field(&mut out, "version", VERSION);
        for chart in self.charts.values() {
            out.push_str("\n[[chart]]\n");
            text(&mut out, "directory", &chart.directory);
            text(&mut out, "chart", &chart.chart);
            text(&mut out, "requested", &chart.requested);
            text(&mut out, "version", &chart.version);
            optional(&mut out, "app-version", chart.app_version.as_ref());
            text(&mut out, "repository", &chart.repository);
            text(&mut out, "url", &chart.url);
            text(&mut out, "archive", &chart.archive.to_string());
            optional(&mut out, "published", chart.published.as_ref());
            optional(&mut out, "manifest", chart.manifest.as_ref());
            field(&mut out, "provenance-verified", chart.provenance_verified);
            optional(&mut out, "signed-by", chart.signed_by.as_ref());
            text(&mut out, "tree", &chart.tree.to_string());
            for dependency in &chart.dependencies {
                out.push_str("\n[[chart.dependency]]\n");
                text(&mut out, "name", &dependency.name);
                text(&mut out, "requested", &dependency.requested);
                text(&mut out, "version", &dependency.version);
                text(&mut out, "repository", &dependency.repository);
                text(&mut out, "url", &dependency.url);
                text(&mut out, "archive", &dependency.archive.to_string());
                optional(&mut out, "published", dependency.published.as_ref());
            }
            out.push_str("\n[chart.files]\n");
            for (path, digest) in &chart.files {
                quote(&mut out, path);
                out.push_str(" = ");
                quote(&mut out, &digest.hex());
                out.push('\n');
            }
        }
        out
    }
}

/// The version of a lock, if it is another one than this code knows.
fn newer_version(text: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Versioned {
        version: i64,
    }
    let versioned: Versioned = toml::from_str(text).ok()?;
    (versioned.version != VERSION).then_some(versioned.version)
}

fn field(out: &mut String, key: &str, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{key} = {value}");
}

fn text(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    out.push_str(" = ");
    quote(out, value);
    out.push('\n');
}

fn optional(out: &mut String, key: &str, value: Option<&impl ToString>) {
    if let Some(value) = value {
        text(out, key, &value.to_string());
    }
}

/// A TOML basic string.
fn quote(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(directory: &str) -> LockedChart {
        let files: BTreeMap<_, _> = [
            ("Chart.yaml".to_owned(), Sha256::of(b"a")),
            ("templates/odd \"name\"\\\u{1}\n.yaml".to_owned(), Sha256::of(b"b")),
        ]
        .into();
        LockedChart {
            directory: directory.to_owned(),
            chart: "r/web".to_owned(),
            requested: "^1".to_owned(),
            version: "1.2.3".to_owned(),
            app_version: Some("v1".to_owned()),
            repository: "https://charts.example.com".to_owned(),
            url: "https://charts.example.com/web-1.2.3.tgz".to_owned(),
            archive: Sha256::of(b"archive"),
            published: Some(Sha256::of(b"archive")),
            manifest: None,
            provenance_verified: true,
            signed_by: Some("ABCD".to_owned()),
            tree: TreeDigest::of_files(files.clone()).digest,
            dependencies: vec![LockedDependency {
                name: "db".to_owned(),
                requested: "~2".to_owned(),
                version: "2.0.1".to_owned(),
                repository: "oci://registry.example.com/charts".to_owned(),
                url: "oci://registry.example.com/charts/db:2.0.1".to_owned(),
                archive: Sha256::of(b"db"),
                published: None,
            }],
            files,
        }
    }

    fn parse(text: &str) -> Result<Lockfile, LockError> {
        Lockfile::parse(text, Path::new("chartfile.lock"))
    }

    #[test]
    fn a_lock_reads_back_as_it_was_written() {
        let mut lock = Lockfile::default();
        lock.insert(entry("web"));
        let bare = LockedChart {
            app_version: None,
            published: None,
            manifest: Some(Sha256::of(b"m")),
            provenance_verified: false,
            signed_by: None,
            dependencies: Vec::new(),
            ..entry("a/b")
        };
        lock.insert(bare);
        let text = lock.to_toml();
        assert_eq!(parse(&text).unwrap(), lock);
        let directories: Vec<_> = lock.charts().map(|chart| chart.directory.as_str()).collect();
        assert_eq!(directories, ["a/b", "web"]);
        assert_eq!(parse(&text).unwrap().to_toml(), text);
        assert_eq!(parse(&Lockfile::default().to_toml()).unwrap(), Lockfile::default());
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let mut lock = Lockfile::default();
        lock.insert(entry("web"));
        let text = lock.to_toml();

        let newer = text.replace("version = 1\n", "version = 2\n");
        assert!(matches!(parse(&newer), Err(LockError::Version { found: 2, .. })));
        let newer = format!("{newer}\n[news]\n");
        assert!(matches!(parse(&newer), Err(LockError::Version { found: 2, .. })));
        let unknown = text.replace("requested = \"^1\"", "requested = \"^1\"\nwanted = 1");
        let error = parse(&unknown).unwrap_err();
        assert!(error.to_string().contains("unknown field `wanted`"), "{error}");
        let (_, chart) = text.split_once("[[chart]]").unwrap();
        let twice = format!("{text}\n[[chart]]{chart}");
        assert!(matches!(parse(&twice), Err(LockError::Twice { .. })));
        let mixed = text.replace(&Sha256::of(b"a").hex(), &Sha256::of(b"c").hex());
        assert!(matches!(parse(&mixed), Err(LockError::Contradiction { .. })));
        for text in ["", "version = 1\n<<<<<<<", "version = \"1\"", "version = 1\nchart = 3"] {
            assert!(matches!(parse(text), Err(LockError::Malformed { .. })), "{text}");
        }
    }
}
