//! Receipts: what an environment was exported from and to.
//!
//! A receipt names the inputs of an environment by content and its files by what the file system
//! says of them. If all of it still holds, exporting the environment again would write the same
//! bytes, so it is not evaluated. Receipts hold no manifests: nothing of a Secret leaves the output.
//!
//! Receipts lie in the cache, one file per environment, in a folder per combination of program,
//! workspace, output directory and settings.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use renga_env::{Evaluator, Found};
use renga_project::{CacheFolder, Digest, FileKind, SourceRecord};
use serde::{Deserialize, Serialize};

use crate::export::{Export, MergeStrategy, Outcome};
use crate::render::{FileState, OutputFile};

/// Raised when the meaning of a receipt changes.
const VERSION: u32 = 2;

/// The folder of receipts within the cache.
const FOLDER: &str = "export";

/// Where receipts are kept.
pub struct ReceiptStore {
    directory: PathBuf,
    /// What identifies the program: another one may render differently.
    program: String,
    /// Which environments may be reused, by `metadata.namespace`.
    selects: Box<dyn Fn(&str) -> bool + Sync>,
    /// Digests of input files, each computed once.
    digests: Mutex<BTreeMap<PathBuf, Option<Digest>>>,
}

/// A receipt as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Receipt {
    version: u32,
    environment: serde_json::Value,
    files: BTreeMap<PathBuf, Digest>,
    missing: Vec<PathBuf>,
    listings: BTreeMap<PathBuf, Digest>,
    outputs: Vec<Output>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Output {
    path: PathBuf,
    name: String,
    manifest: String,
    stamp: Stamp,
}

/// What the file system says of a file: changes with every write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
}

impl Stamp {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs_err::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Self {
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        })
    }

    /// Without a change time there is no telling.
    #[cfg(not(unix))]
    fn of(_path: &Path) -> Option<Self> {
        None
    }
}

impl ReceiptStore {
    /// Keeps receipts below `cache`. `program` identifies the build that writes them; `selects`
    /// says of a path like `environments/a/main.jsonnet` whether its environments may be reused.
    pub fn new(cache: &Path, program: &str, selects: Box<dyn Fn(&str) -> bool + Sync>) -> Self {
        Self {
            directory: cache.join(FOLDER),
            program: program.to_owned(),
            selects,
            digests: Mutex::default(),
        }
    }

    /// Where receipts lie below `cache`.
    pub fn folder(cache: &Path) -> CacheFolder {
        CacheFolder::new(cache.join(FOLDER))
    }

    /// The receipt of an environment, if it still holds.
    pub(crate) fn find(
        &self,
        evaluator: &Evaluator,
        export: &Export<'_>,
        found: &Found,
    ) -> Option<Receipt> {
        // Any other strategy refuses the files that would be reused.
        if export.merge != MergeStrategy::ReplaceEnvs
            || !(self.selects)(&found.environment.metadata.namespace)
        {
            return None;
        }
        let bytes = fs_err::read(self.path(evaluator, export, found)).ok()?;
        let receipt: Receipt = serde_json::from_slice(&bytes).ok()?;
        let holds = receipt.version == VERSION
            && receipt.environment == found.environment.to_value()
            && receipt
                .record()
                .still_holds(&**evaluator.sources().source(), |path| self.digest(evaluator, path))
            && receipt
                .outputs
                .iter()
                .all(|output| Stamp::of(&export.output.join(&output.path)) == Some(output.stamp));
        holds.then_some(receipt)
    }

    /// Writes a receipt. Errors are of no consequence: the next export evaluates again.
    pub(crate) fn store(
        &self,
        evaluator: &Evaluator,
        export: &Export<'_>,
        found: &Found,
        receipt: &Receipt,
    ) {
        let path = self.path(evaluator, export, found);
        let Some(folder) = path.parent() else { return };
        let write = || -> std::io::Result<()> {
            fs_err::create_dir_all(folder)?;
            // Several processes may write the same receipt: each writes its own file and renames it.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec(receipt)?)?;
            file.persist(&path)?;
            Ok(())
        };
        drop(write());
    }

    fn path(&self, evaluator: &Evaluator, export: &Export<'_>, found: &Found) -> PathBuf {
        let options = evaluator.options();
        let settings = format!(
            "{}\0{}\0{}\0{}\0{}\0{:?}\0{:?}",
            self.program,
            found.entrypoint.root.display(),
            export.output.display(),
            export.format,
            export.extension,
            options,
            export.targets,
        );
        let metadata = &found.environment.metadata;
        let environment = format!("{}\0{}", metadata.namespace, metadata.name);
        let short = |text: &str| Digest::of(text.as_bytes()).to_string()[..32].to_owned();
        self.directory.join(short(&settings)).join(short(&environment) + ".json")
    }

    fn digest(&self, evaluator: &Evaluator, path: &Path) -> Option<Digest> {
        let known = self.digests.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        known.unwrap_or_else(|| {
            let digest =
                evaluator.sources().source().read(path).ok().map(|contents| Digest::of(&contents));
            self.digests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(path.to_owned(), digest);
            digest
        })
    }
}

impl Receipt {
    /// A receipt for files that are in place now; `None` where the inputs cannot be told.
    pub(crate) fn new(
        evaluator: &Evaluator,
        export: &Export<'_>,
        found: &Found,
        outcome: &Outcome,
    ) -> Option<Self> {
        let SourceRecord { files: inputs, probes, listings } =
            evaluator.inputs(found, &outcome.reads)?;
        // Only what is missing matters of a probe: files are known by content.
        let missing =
            probes.into_iter().filter(|(_, kind)| kind.is_none()).map(|(path, _)| path).collect();
        let output = |file: &OutputFile| {
            let stamp = Stamp::of(&export.output.join(&file.path))?;
            Some(Output {
                path: file.path.clone(),
                name: file.name.clone(),
                manifest: file.manifest.clone(),
                stamp,
            })
        };
        let outputs = outcome.files.iter().map(output).collect::<Option<_>>()?;
        Some(Self {
            version: VERSION,
            environment: found.environment.to_value(),
            files: inputs,
            missing,
            listings,
            outputs,
        })
    }

    /// The files, as if they had been rendered.
    pub(crate) fn into_files(self) -> Vec<OutputFile> {
        let file = |output: Output| OutputFile {
            path: output.path,
            name: output.name,
            manifest: output.manifest,
            state: FileState::Unchanged,
        };
        self.outputs.into_iter().map(file).collect()
    }

    fn record(&self) -> SourceRecord {
        let missing = self.missing.iter().map(|path| (path.clone(), None::<FileKind>));
        SourceRecord {
            files: self.files.clone(),
            probes: missing.collect(),
            listings: self.listings.clone(),
        }
    }
}
