//! Charts in archives.

use std::path::Path;
use std::sync::Arc;

use renga_charts::{ArchiveError, Limits, read_archive};
use renga_project::Source;

use super::{LoadError, Loaded, MAX_CHART, MAX_FILE_V3, assemble, check_api_version, sniff};
use crate::chart::File;
use crate::compat::Compat;

/// Loads the chart in the archive at `path`.
pub(super) fn load(source: &dyn Source, path: &Path, compat: Compat) -> Result<Loaded, LoadError> {
    let bytes = source.read(path).map_err(|cause| LoadError::Unreadable {
        operation: "open",
        path: path.to_owned(),
        cause,
    })?;
    if !bytes.starts_with(b"\x1F\x8B\x08") {
        let path = path.to_owned();
        let name = path.to_string_lossy();
        if name.ends_with(".yml") || name.ends_with(".yaml") {
            return Err(LoadError::YamlFile { path });
        }
        return Err(LoadError::NotAnArchive { path, found: sniff::content_type(&bytes) });
    }
    load_bytes(&bytes, compat)
}

/// Loads the chart in an archive.
pub(super) fn load_bytes(bytes: &[u8], compat: Compat) -> Result<Loaded, LoadError> {
    let mut remaining = super::MAX_ALL;
    let files = match unpack(bytes, &mut remaining, compat) {
        Err(LoadError::Archive(cause)) if compat.is_v4() => {
            return Err(LoadError::ArchiveUnusable { cause });
        }
        other => other?,
    };
    if compat.is_v4() {
        let chart_yaml = files.iter().find(|file| &*file.name == "Chart.yaml");
        check_api_version(&chart_yaml.ok_or(LoadError::MissingInArchive)?.data, compat)?;
    }
    assemble::assemble(files, compat)
}

/// The files in an archive, which take from what all archives may have together.
pub(super) fn unpack(
    bytes: &[u8],
    remaining: &mut u64,
    compat: Compat,
) -> Result<Vec<File>, LoadError> {
    // Go reads ten bytes before it looks at them.
    match bytes.len() {
        0 => return Err(LoadError::EmptyArchive),
        1..10 => return Err(ArchiveError::Truncated.into()),
        _ => {}
    }
    let limits = Limits { total_bytes: MAX_CHART.min(*remaining), ..Limits::default() };
    let entries = read_archive(bytes, &limits)?;
    let mut files = Vec::with_capacity(entries.len());
    for entry in entries {
        if compat.is_v3() && entry.data.len() > MAX_FILE_V3 {
            return Err(LoadError::FileTooLarge {
                what: "decompressed chart",
                name: entry.path,
                limit: MAX_FILE_V3,
            });
        }
        *remaining = remaining
            .checked_sub(entry.data.len() as u64)
            .ok_or(ArchiveError::TooLarge { limit: limits.total_bytes })?;
        files.push(File { name: Arc::from(entry.path), data: Arc::from(entry.data) });
    }
    Ok(files)
}
