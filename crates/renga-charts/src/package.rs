//! Packing a chart's directory into an archive, as `helm package` does.
//!
//! Owns which files go in, in which order, and the bytes of the archive; reading one is
//! [`crate::read_archive`]'s. Used for `file://` dependencies and for chart servers in tests.
//!
//! Invariant: the same files give the same bytes: no times, owners or modes of the machine get in,
//! and subcharts are sorted by their folder.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};
use walkdir::WalkDir;

use crate::archive::{ArchiveError, Entry, Limits, read_archive};
use crate::ignore::{IGNORE_FILE, IgnoreError, IgnoreRules};
use crate::metadata::{ChartMetadata, MetadataError};

/// How deep charts may lie within charts.
const MAX_DEPTH: usize = 32;

/// Why a directory cannot be packed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PackageError {
    /// Something in the directory cannot be read.
    #[error("cannot read chart directory `{}`: {cause}", .dir.display())]
    #[diagnostic(code(charts::package::read))]
    Read {
        /// The chart's directory.
        dir: PathBuf,
        /// What the file system says, with the path.
        cause: io::Error,
    },
    /// A device, a pipe or a socket.
    #[error("cannot load irregular file {} as it has file mode type bits set", .path.display())]
    #[diagnostic(code(charts::package::irregular))]
    Irregular {
        /// Where it is.
        path: PathBuf,
    },
    /// The files are larger than a chart may be.
    #[error("chart directory `{}` holds more than {limit} bytes", .dir.display())]
    #[diagnostic(
        code(charts::package::too_large),
        help("list what does not belong to the chart in its `.helmignore`")
    )]
    TooLarge {
        /// The chart's directory.
        dir: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The `.helmignore` is not usable.
    #[error("`{}`: {cause}", .path.display())]
    #[diagnostic(code(charts::package::ignore))]
    Ignore {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: IgnoreError,
    },
    /// The chart or one of its subcharts has no usable `Chart.yaml`.
    #[error("chart `{chart}`: {cause}")]
    #[diagnostic(code(charts::package::metadata))]
    Metadata {
        /// The folder within the directory; `.` is the chart itself.
        chart: String,
        /// What is wrong with it.
        cause: MetadataError,
    },
    /// A name that could not be a folder's.
    #[error("chart `{chart}` cannot be called `{name}`")]
    #[diagnostic(code(charts::package::name), help("set `name` in its `Chart.yaml`"))]
    Name {
        /// The folder within the directory.
        chart: String,
        /// What stands in the `Chart.yaml`.
        name: String,
    },
    /// A version that is none.
    #[error("chart `{chart}` has version `{version}`, which is not a semantic version")]
    #[diagnostic(code(charts::package::version), help("set `version` in its `Chart.yaml`"))]
    Version {
        /// The folder within the directory.
        chart: String,
        /// What stands in the `Chart.yaml`.
        version: String,
    },
    /// A packed subchart cannot be read.
    #[error("error unpacking subchart {chart}: {cause}")]
    #[diagnostic(code(charts::package::subchart))]
    Subchart {
        /// The archive within the directory.
        chart: String,
        /// What is wrong with it.
        cause: ArchiveError,
    },
    /// `values.schema.json` is not JSON.
    #[error("invalid JSON in values.schema.json of chart `{chart}`")]
    #[diagnostic(code(charts::package::schema))]
    Schema {
        /// The folder within the directory.
        chart: String,
    },
    /// Charts within charts without end.
    #[error("chart `{chart}` lies more than {MAX_DEPTH} charts deep")]
    #[diagnostic(code(charts::package::depth))]
    Depth {
        /// The folder within the directory.
        chart: String,
    },
}

/// Packs the chart at `dir`, as `helm package` does.
///
/// What `.helmignore` names stays out; links are followed. The `Chart.yaml` is written anew with
/// the fields that Helm knows, and so is a `Chart.lock`; a `v1` chart has no `Chart.lock`.
/// Subcharts, packed or not, become folders. Whether all declared dependencies are there is not
/// looked at.
///
/// # Errors
///
/// [`PackageError`]; the chart's name and version are checked as far as paths depend on them.
pub fn package_dir(dir: &Path) -> Result<Vec<u8>, PackageError> {
    let entries = package_entries(dir)?;
    pack(&entries).map_err(|cause| PackageError::Read { dir: dir.to_owned(), cause })
}

/// The files of the archive that [`package_dir`] makes, with the chart's folder in their paths.
fn package_entries(dir: &Path) -> Result<Vec<Entry>, PackageError> {
    let mut out = Vec::new();
    chart_entries(load_dir(dir)?, ".", "", 0, &mut out)?;
    Ok(out)
}

/// All files below `dir` that are not ignored, sorted by name in each folder, depth first.
fn load_dir(dir: &Path) -> Result<Vec<Entry>, PackageError> {
    let read = |cause: io::Error| PackageError::Read { dir: dir.to_owned(), cause };
    let ignore_file = dir.join(IGNORE_FILE);
    let rules = match fs_err::read(&ignore_file) {
        Ok(text) => IgnoreRules::parse(&text)
            .map_err(|cause| PackageError::Ignore { path: ignore_file, cause })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => IgnoreRules::default(),
        Err(error) => return Err(read(error)),
    };
    let relative = |path: &Path| {
        let path = path.strip_prefix(dir).unwrap_or(path);
        path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    let walk = WalkDir::new(dir).min_depth(1).follow_links(true).sort_by_file_name();
    let wanted = walk
        .into_iter()
        .filter_entry(|found| !rules.ignores(&relative(found.path()), found.file_type().is_dir()));
    let limit = Limits::default().total_bytes;
    let mut remaining = limit;
    let mut entries = Vec::new();
    for found in wanted {
        let found = found.map_err(|error| read(error.into()))?;
        if found.file_type().is_dir() {
            continue;
        }
        if !found.file_type().is_file() {
            return Err(PackageError::Irregular { path: found.into_path() });
        }
        let mut data = fs_err::read(found.path()).map_err(read)?;
        remaining = remaining
            .checked_sub(data.len() as u64)
            .ok_or_else(|| PackageError::TooLarge { dir: dir.to_owned(), limit })?;
        if data.starts_with(b"\xEF\xBB\xBF") {
            data.drain(..3);
        }
        entries.push(Entry { path: relative(found.path()), data });
    }
    Ok(entries)
}

/// Appends the files of one chart and of its subcharts to `out`.
///
/// `place` names the chart in messages; `prefix` is where its folder goes, with a `/` at its end.
fn chart_entries(
    entries: Vec<Entry>,
    place: &str,
    prefix: &str,
    depth: usize,
    out: &mut Vec<Entry>,
) -> Result<(), PackageError> {
    let chart = || place.to_owned();
    if depth > MAX_DEPTH {
        return Err(PackageError::Depth { chart: chart() });
    }
    let metadata_error = |cause| PackageError::Metadata { chart: chart(), cause };
    let metadata = ChartMetadata::of_entries(&entries).map_err(metadata_error)?;
    let name = metadata.name.clone();
    if matches!(&*name, "" | "." | "..") || name.contains('/') {
        return Err(PackageError::Name { chart: chart(), name });
    }
    let version = &metadata.version;
    if renga_semver::Version::parse(version).is_err() {
        return Err(PackageError::Version { chart: chart(), version: version.clone() });
    }
    let base = format!("{prefix}{name}/");

    let mut sorted = Sorted::default();
    for entry in entries {
        sorted.add(entry, metadata.api_version == "v1");
    }
    let mut put = |path: &str, data: Vec<u8>| {
        out.push(Entry { path: format!("{base}{path}"), data });
    };
    put("Chart.yaml", metadata.to_yaml().into_bytes());
    if let Some((file, lock)) = sorted.lock
        && metadata.api_version == "v2"
    {
        let value = renga_yaml::read(&lock, renga_yaml::Flavour::GoYamlV2)
            .map_err(|cause| metadata_error(MetadataError::Yaml { file, cause }))?;
        let lock = renga_yaml::to_string(&lock_fields(&value), renga_yaml::Flavour::SigsYaml);
        put("Chart.lock", lock.into_bytes());
    }
    if let Some(values) = sorted.values {
        put("values.yaml", values);
    }
    if let Some(schema) = sorted.schema {
        if serde_json::from_slice::<serde::de::IgnoredAny>(&schema).is_err() {
            return Err(PackageError::Schema { chart: chart() });
        }
        put("values.schema.json", schema);
    }
    for entry in sorted.templates.into_iter().chain(sorted.files) {
        put(&entry.path, entry.data);
    }
    let charts = format!("{base}charts/");
    for (folder, entries) in sorted.subcharts {
        let place = if place == "." { folder.clone() } else { format!("{place}/{folder}") };
        let entries = match &entries[..] {
            [archive] if archive.path.is_empty() => read_archive(&archive.data, &Limits::default())
                .map_err(|cause| PackageError::Subchart { chart: place.clone(), cause })?,
            _ => entries,
        };
        chart_entries(entries, &place, &charts, depth + 1, out)?;
    }
    Ok(())
}

/// The files of a chart by what they are to Helm.
#[derive(Default)]
struct Sorted {
    lock: Option<(&'static str, Vec<u8>)>,
    values: Option<Vec<u8>>,
    schema: Option<Vec<u8>>,
    templates: Vec<Entry>,
    files: Vec<Entry>,
    /// By the name of the folder or archive in `charts/`, paths relative to the subchart; a single
    /// entry without a path is an archive.
    subcharts: BTreeMap<String, Vec<Entry>>,
}

impl Sorted {
    fn add(&mut self, entry: Entry, v1: bool) {
        match &*entry.path {
            "Chart.yaml" => {}
            "Chart.lock" => self.lock = Some(("Chart.lock", entry.data)),
            "values.yaml" => self.values = Some(entry.data),
            "values.schema.json" => self.schema = Some(entry.data),
            "requirements.yaml" if !v1 => {}
            "requirements.lock" if !v1 => self.lock = Some(("requirements.lock", entry.data)),
            path if path.starts_with("templates/") => self.templates.push(entry),
            path => {
                let in_charts = path.strip_prefix("charts/");
                let Some(rest) = in_charts.filter(|rest| !has_extension(rest, "prov")) else {
                    self.files.push(entry);
                    return;
                };
                let (folder, rest) = rest.split_once('/').unwrap_or((rest, ""));
                if folder.starts_with(['_', '.']) {
                    return;
                }
                let (folder, rest) = (folder.to_owned(), rest.to_owned());
                let is_archive = has_extension(&folder, "tgz");
                let files = self.subcharts.entry(folder).or_default();
                // A file in `charts/` that is no archive is a subchart without files for Helm,
                // and an error for that.
                if is_archive || !rest.is_empty() {
                    files.push(Entry { path: rest, data: entry.data });
                }
            }
        }
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// The fields of a `Chart.lock` that Helm writes.
fn lock_fields(value: &Value) -> Value {
    let mut fields = Map::new();
    let empty = Value::String(String::new());
    fields.insert("digest".to_owned(), value.get("digest").unwrap_or(&empty).clone());
    let generated = value.get("generated").cloned();
    let generated = generated.unwrap_or_else(|| Value::from("0001-01-01T00:00:00Z"));
    fields.insert("generated".to_owned(), generated);
    let dependencies = value.get("dependencies").cloned().unwrap_or(Value::Null);
    fields.insert("dependencies".to_owned(), dependencies);
    Value::Object(fields)
}

/// Writes a gzipped tar of `entries`.
fn pack(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(entry.data.len() as u64);
        tar.append_data(&mut header, &entry.path, &*entry.data)?;
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&tar.into_inner()?)?;
    gzip.finish()
}

#[cfg(test)]
mod tests;
