//! From an environment to its staged files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use renga_env::{Found, LoadError, Loaded, manifest_value};
use renga_gotemplate::Value;
use renga_manifest::{Manifest, ProcessError, SchemaError, Targets};
use renga_yaml::Flavour;

use crate::error::ExportError;
use crate::format::FileNames;
use crate::stage::Stage;

/// What an environment's files are written with.
pub(crate) struct Renderer<'a> {
    pub(crate) names: &'a FileNames,
    pub(crate) targets: &'a Targets,
    pub(crate) stage: &'a Stage,
    pub(crate) output: &'a Path,
    /// The output directory as the user wrote it.
    pub(crate) shown_output: &'a Path,
    /// Whether there is nothing in the output directory that could be in the way.
    pub(crate) fresh: bool,
    /// Files that this export may replace, as the index names them.
    pub(crate) replaceable: &'a (dyn Fn(&str) -> bool + Sync),
}

/// A file of an environment.
#[derive(Debug)]
pub(crate) struct OutputFile {
    /// Relative to the output directory.
    pub(crate) path: PathBuf,
    /// As the index names it.
    pub(crate) name: String,
    /// `Kind/name`.
    pub(crate) manifest: String,
    /// What is to happen to it.
    pub(crate) state: FileState,
}

/// What an export does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileState {
    /// The bytes are there already.
    Unchanged,
    /// It is staged.
    Staged,
    /// A file is there that may not be replaced.
    InTheWay,
}

/// Why an environment's files are not staged.
pub(crate) enum RenderError {
    /// The environment itself fails.
    Environment(LoadError),
    /// Nothing can be exported.
    Export(ExportError),
}

impl From<LoadError> for RenderError {
    fn from(error: LoadError) -> Self {
        Self::Environment(error)
    }
}

impl<E: Into<ExportError>> From<E> for RenderError {
    fn from(error: E) -> Self {
        Self::Export(error.into())
    }
}

impl Renderer<'_> {
    /// Stages the files of a loaded environment. `buffer` is scratch space that is reused.
    pub(crate) fn render(
        &self,
        loaded: Loaded,
        buffer: &mut Vec<u8>,
    ) -> Result<Vec<OutputFile>, RenderError> {
        let (found, manifests) = loaded.into_manifests(self.targets)?;
        if !manifests.is_empty() {
            named(&found)?;
        }
        let environment = environment_value(&found);
        let mut files = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            files.push(self.file(&manifest, &environment, buffer)?);
        }
        Ok(files)
    }

    fn file(
        &self,
        manifest: &Manifest,
        environment: &Value,
        buffer: &mut Vec<u8>,
    ) -> Result<OutputFile, RenderError> {
        let (path, name) = self.names.name(manifest, environment)?;
        buffer.clear();
        renga_yaml::write(manifest.value(), Flavour::GoYamlV2, buffer);
        let state = self.state(&path, &name, buffer)?;
        if state == FileState::Staged {
            self.stage.write(&path, buffer).map_err(|source| self.write_error(&path, source))?;
        }
        Ok(OutputFile { path, name, manifest: manifest.kind_name(), state })
    }

    fn state(&self, path: &Path, name: &str, contents: &[u8]) -> Result<FileState, ExportError> {
        if self.fresh {
            return Ok(FileState::Staged);
        }
        let there = self.output.join(path);
        let metadata = match std::fs::symlink_metadata(&there) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileState::Staged),
            Err(error) => return Err(self.write_error(path, error)),
        };
        if !(self.replaceable)(name) {
            return Ok(FileState::InTheWay);
        }
        let same = metadata.is_file()
            && metadata.len() == contents.len() as u64
            && fs_err::read(&there).is_ok_and(|found| found == contents);
        Ok(if same { FileState::Unchanged } else { FileState::Staged })
    }

    /// A name that the file system does not take is the format's fault, anything else the disk's.
    fn write_error(&self, path: &Path, source: std::io::Error) -> ExportError {
        let path = self.shown_output.join(path);
        match source.kind() {
            ErrorKind::InvalidFilename | ErrorKind::NotADirectory => {
                ExportError::Name { path, cause: source }
            }
            _ => ExportError::Write { path, source },
        }
    }
}

/// Templates see the environment as a manifest, so it must be one: it needs a name.
fn named(found: &Found) -> Result<(), LoadError> {
    let value = found.environment.to_value();
    let unnamed = |error: SchemaError| ProcessError::List(error.into());
    Manifest::new(value, "Resource").map(drop).map_err(|error| unnamed(error).into())
}

/// The environment as templates see it.
fn environment_value(found: &Found) -> Value {
    manifest_value(&found.environment.to_value())
}
