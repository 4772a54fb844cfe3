//! Files as a chart: what each of them is for.
//!
//! Owns the meaning of names (`templates/`, `charts/`, `values.yaml`, the lists of dependencies of
//! older charts) and the nesting of charts. Subcharts are taken in the order of their folders'
//! names; Helm takes them in a random one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{LoadError, Loaded, MAX_ALL, MAX_NESTING, archive, validate};
use crate::chart::{Chart, File, Sources};
use crate::compat::Compat;
use crate::metadata::{self, Draft, Metadata};
use crate::values::{Table, read_values};
use crate::warning::{Level, Warning};

/// Makes a chart of its files.
pub(super) fn assemble(files: Vec<File>, compat: Compat) -> Result<Loaded, LoadError> {
    let mut assembler = Assembler { compat, remaining: MAX_ALL, warnings: Vec::new() };
    let chart = assembler.chart(files, 0)?;
    Ok(Loaded { chart: Arc::new(chart), warnings: assembler.warnings })
}

struct Assembler {
    compat: Compat,
    /// How many bytes archives may still have.
    remaining: u64,
    warnings: Vec<Warning>,
}

impl Assembler {
    fn chart(&mut self, files: Vec<File>, depth: usize) -> Result<Chart, LoadError> {
        if depth > MAX_NESTING {
            return Err(LoadError::TooDeep { limit: MAX_NESTING });
        }
        let sources = Sources::new(files.clone());
        let mut draft = self.chart_yaml(&files)?;
        let mut values = Table::new();
        let mut schema = None;
        let mut templates = Vec::new();
        let mut others = Vec::new();
        let mut subcharts: BTreeMap<String, Vec<File>> = BTreeMap::new();
        for file in files {
            match &*file.name {
                "Chart.yaml" => {}
                "Chart.lock" => self.lock(&file, "Chart.lock")?,
                "values.yaml" => {
                    values = read_values(&file.data, self.compat).map_err(LoadError::Values)?;
                }
                "values.schema.json" => schema = Some(file.data),
                "requirements.yaml" => {
                    let draft = draft.get_or_insert_default();
                    if !is_v1(&draft.metadata) {
                        self.warn(
                            "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.",
                        );
                    }
                    metadata::read_into(draft, &file.data, self.compat).map_err(|cause| {
                        LoadError::Metadata { file: "requirements.yaml", cause }
                    })?;
                    if is_v1(&draft.metadata) {
                        others.push(file);
                    }
                }
                "requirements.lock" => {
                    self.lock(&file, "requirements.lock")?;
                    let draft = draft.get_or_insert_default();
                    if is_v1(&draft.metadata) {
                        others.push(file);
                    } else {
                        self.warn(
                            "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.",
                        );
                    }
                }
                name if name.starts_with("templates/") => templates.push(file),
                name => match name.strip_prefix("charts/") {
                    Some(within) if !has_extension(within, ".prov") => {
                        let folder = within.split('/').next().unwrap_or_default().to_owned();
                        let file = File { name: Arc::from(within), data: file.data };
                        subcharts.entry(folder).or_default().push(file);
                    }
                    _ => others.push(file),
                },
            }
        }
        let metadata = validate::validate(draft.ok_or(LoadError::MissingChartYaml)?)?;
        let dependencies = self.subcharts(subcharts, &metadata.name, depth)?;
        Ok(Chart {
            metadata,
            values: Arc::new(values),
            schema,
            templates,
            files: others,
            dependencies,
            sources,
        })
    }

    fn chart_yaml(&self, files: &[File]) -> Result<Option<Draft>, LoadError> {
        let mut draft: Option<Draft> = None;
        for file in files.iter().filter(|file| &*file.name == "Chart.yaml") {
            let draft = draft.get_or_insert_default();
            metadata::read_into(draft, &file.data, self.compat)
                .map_err(|cause| LoadError::Metadata { file: "Chart.yaml", cause })?;
            if draft.metadata.api_version.is_empty() {
                "v1".clone_into(&mut draft.metadata.api_version);
            }
        }
        Ok(draft)
    }

    fn lock(&self, file: &File, name: &'static str) -> Result<(), LoadError> {
        metadata::check_lock(&file.data, self.compat)
            .map_err(|cause| LoadError::Metadata { file: name, cause })
    }

    fn warn(&mut self, text: &str) {
        self.warnings.push(Warning::new(Level::Info, text));
    }

    fn subcharts(
        &mut self,
        folders: BTreeMap<String, Vec<File>>,
        chart: &str,
        depth: usize,
    ) -> Result<Vec<Arc<Chart>>, LoadError> {
        let mut charts = Vec::with_capacity(folders.len());
        for (folder, files) in folders {
            if folder.starts_with(['_', '.']) {
                continue;
            }
            let loaded = if has_extension(&folder, ".tgz") {
                let Some(archive) = files.first() else { continue };
                if *archive.name != folder {
                    return Err(LoadError::ArchiveFolder {
                        chart: chart.to_owned(),
                        folder,
                        found: archive.name.to_string(),
                    });
                }
                archive::unpack(&archive.data, &mut self.remaining, self.compat)
                    .and_then(|files| self.chart(files, depth + 1))
            } else {
                let files = files
                    .into_iter()
                    .filter_map(|file| {
                        let (_, name) = file.name.split_once('/')?;
                        Some(File { name: Arc::from(name), data: file.data })
                    })
                    .collect();
                self.chart(files, depth + 1)
            };
            let subchart = loaded.map_err(|cause| LoadError::Subchart {
                folder,
                chart: chart.to_owned(),
                cause: Box::new(cause),
            })?;
            charts.push(Arc::new(subchart));
        }
        Ok(charts)
    }
}

fn is_v1(metadata: &Metadata) -> bool {
    metadata.api_version == "v1"
}

/// Whether the extension of a path, in Go's sense, is `extension`.
fn has_extension(path: &str, extension: &str) -> bool {
    path.ends_with(extension)
}
