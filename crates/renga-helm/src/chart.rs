//! A chart as it was loaded.
//!
//! Owns the data of a chart and of the charts below it. Nothing here depends on values or on a
//! release: a [`Chart`] is loaded once and shared by all threads. What becomes of it for given
//! values (which subcharts are in, under which names) is [`crate::dependencies`].

use std::sync::{Arc, OnceLock};

use renga_project::Digest;

use crate::metadata::Metadata;
use crate::values::Table;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path within its chart, with `/`.
    pub name: Arc<str>,
    /// What is in it, without byte order mark.
    pub data: Arc<[u8]>,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// `Chart.yaml`, with the dependencies of `requirements.yaml`.
    pub metadata: Metadata,
    /// `values.yaml`.
    pub values: Arc<Table>,
    /// `values.schema.json`.
    pub schema: Option<Arc<[u8]>>,
    /// The files below `templates/`, in the order they were loaded.
    pub templates: Vec<File>,
    /// What `.Files` sees, in the order it was loaded.
    pub files: Vec<File>,
    /// The charts below `charts/`, as loaded: by folder or archive name.
    pub dependencies: Vec<Arc<Chart>>,
    /// Everything it was loaded from.
    pub(crate) sources: Sources,
}

/// The files a chart was loaded from. Their digest is computed for those who ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    files: Vec<File>,
    digest: OnceLock<Digest>,
}

impl Sources {
    pub(crate) fn new(files: Vec<File>) -> Self {
        Sources { files, digest: OnceLock::new() }
    }

    /// The digest of names and contents, in order.
    fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| {
            let line =
                |file: &File| [Digest::of(&file.data).to_string(), file.name.to_string()].join(" ");
            let lines: Vec<String> = self.files.iter().map(line).collect();
            // No name has a NUL.
            Digest::of(lines.join("\0").as_bytes())
        })
    }
}

impl Chart {
    /// The name in `Chart.yaml`.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The digest of everything it was loaded from; computed once.
    pub fn digest(&self) -> Digest {
        self.sources.digest()
    }
}
