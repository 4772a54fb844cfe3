//! `helm lint`: what is wrong with a chart, or could be better.
//!
//! The rules, their severities, words and order are Helm's; a finding also says the file and, where
//! that is known, the line. Reading the chart is [`crate::load`]'s, rendering it the engine's; here
//! is only what Helm checks besides. Nothing is printed.
//!
//! Invariant: findings come in Helm's order: `Chart.yaml`, values, templates, dependencies, CRDs.

mod chartfile;
mod objects;

use std::{collections::BTreeSet, fmt, path::Path, sync::Arc};

use renga_project::{FileKind, Source};
use renga_yaml::Flavour;

use crate::{
    capabilities::{Capabilities, KubeVersion},
    chart::Chart,
    compat::Compat,
    dependencies,
    engine::{self, Setting, TemplateCache, Witness, World},
    load::{self, LoadError},
    release::Release,
    schema::{self, SourceFiles},
    values::{Coalesced, Table, read_values},
};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something could be better.
    Info,
    /// It breaks with convention.
    Warning,
    /// The chart will not install.
    Error,
}

/// Something a rule found. `Display` is Helm's line (or lines).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What Helm says it is about: a file, a folder, or nothing.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// The file below the chart and the line in it, from 1, where that is known.
    pub place: Option<(String, usize)>,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(formatter, "[{severity}] {}: {}", self.subject, self.message)
    }
}

/// What a chart is linted with.
#[derive(Clone, Debug)]
pub struct LintOptions {
    /// Whose rules apply.
    pub compat: Compat,
    /// The namespace of the release.
    pub namespace: String,
    /// The version of Kubernetes; that of the Helm in question where there is none.
    pub kube_version: Option<KubeVersion>,
    /// Whether values may break the schemas of the charts.
    pub skip_schema_validation: bool,
    /// The values of the user, who may have none.
    pub values: Table,
    /// Clock, randomness and time zones.
    pub world: World,
}

/// Lints the chart in a directory, which must be absolute.
///
/// # Errors
///
/// Helm's text, when there is no `Chart.yaml`.
pub fn lint(
    source: &dyn Source,
    directory: &Path,
    options: &LintOptions,
) -> Result<Vec<Finding>, LintError> {
    if source.probe(&directory.join("Chart.yaml")).is_none() {
        return Err(LintError { path: directory.join("Chart.yaml").display().to_string() });
    }
    let mut lint = Lint { source, directory, options, findings: Vec::new() };
    lint.findings.extend(chartfile::check(&lint.file("Chart.yaml"), options.compat));
    lint.values();
    let loaded = match load::load(source, directory, options.compat) {
        // The linter reads every chart as one of version 2; the loader of Helm 3 does so, too.
        Err(LoadError::InvalidVersion | LoadError::UnsupportedVersion { .. }) => {
            load::load(source, directory, Compat::V3)
        }
        loaded => loaded,
    };
    let chart = loaded.as_ref().map(|loaded| &loaded.chart);
    lint.templates(chart);
    lint.dependencies(chart);
    if !options.compat.is_v3() {
        lint.crds(chart);
    }
    Ok(lint.findings)
}

/// There is no chart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("unable to check Chart.yaml file in chart: stat {path}: no such file or directory")]
#[diagnostic(code(helm::not_a_chart), help("name the folder that holds `Chart.yaml`"))]
pub struct LintError {
    /// The file that is not there.
    pub path: String,
}

struct Lint<'l> {
    source: &'l dyn Source,
    directory: &'l Path,
    options: &'l LintOptions,
    findings: Vec<Finding>,
}

impl Lint<'_> {
    fn file(&self, name: &str) -> Vec<u8> {
        let data = self.source.read(&self.directory.join(name)).unwrap_or_default();
        data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&data).to_vec()
    }

    fn add(&mut self, severity: Severity, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.findings.push(Finding { severity, subject: subject.to_owned(), message, place: None });
    }

    fn add_at(&mut self, severity: Severity, file: &str, message: String, line: Option<usize>) {
        self.add(severity, file, message);
        if let (Some(line), Some(finding)) = (line, self.findings.last_mut()) {
            finding.place = Some((file.to_owned(), line));
        }
    }

    /// The values of the file and the user against the chart's own schema, subcharts aside.
    fn values(&mut self) {
        const FILE: &str = "values.yaml";
        if self.source.probe(&self.directory.join(FILE)).is_none() {
            return self.add(Severity::Info, FILE, "file does not exist");
        }
        // Unlike loading, this reads one document.
        let read = match read_values(&self.file(FILE), Compat::V3) {
            Ok(read) => read,
            Err(error) => {
                let message = format!("unable to parse YAML: {error}");
                let line = named_line(&message);
                return self.add_at(Severity::Error, FILE, message, line);
            }
        };
        let schema = self.file("values.schema.json");
        if schema.is_empty() || self.options.skip_schema_validation && !self.options.compat.is_v3()
        {
            return;
        }
        let mut values = json(&read);
        overlay(&mut values, json(&self.options.values));
        if let Err(fault) = schema::validate_values(&schema, &values, &SourceFiles(self.source)) {
            self.add(Severity::Error, FILE, fault.text);
        }
    }

    fn templates(&mut self, chart: Result<&Arc<Chart>, &LoadError>) {
        const FOLDER: &str = "templates/";
        match self.source.probe(&self.directory.join("templates")) {
            None if !self.options.compat.is_v3() => {
                return self.add(Severity::Warning, FOLDER, "directory does not exist");
            }
            Some(FileKind::Directory) | None => {}
            Some(_) => {
                let severity =
                    if self.options.compat.is_v3() { Severity::Warning } else { Severity::Error };
                return self.add(severity, FOLDER, "not a directory");
            }
        }
        match chart {
            Err(error) => self.add(Severity::Error, FOLDER, error.to_string()),
            Ok(chart) => self.rendered(chart, FOLDER),
        }
    }

    fn rendered(&mut self, chart: &Arc<Chart>, folder: &str) {
        let options = self.options;
        let compat = options.compat;
        // Values are put together twice, so that what a null of the user removed is back.
        let Ok(first) = dependencies::process(chart, &options.values, compat) else { return };
        let Ok(values) = first.values.into_owned() else { return };
        let Ok(processed) = dependencies::process(chart, &values, compat) else { return };
        let skip = options.skip_schema_validation;
        if !skip
            && let Err(errors) =
                schema::validate(&processed.root, &processed.values, &SourceFiles(self.source))
        {
            return self.add(Severity::Error, folder, errors.helm_text());
        }
        let mut capabilities = Capabilities::defaults(compat);
        if let Some(version) = &options.kube_version {
            capabilities.kube_version = version.clone();
        }
        let release = Release::new("test-release", options.namespace.as_str());
        let setting = Setting {
            release: &release,
            capabilities: &capabilities,
            compat,
            enable_dns: false,
            lenient: true,
        };
        let (name, space) = (&release.name, &release.namespace);
        let witness = Witness::new(&options.world, name, space, chart.name());
        let outputs =
            TemplateCache::default().get(&processed.root, &setting).and_then(|templates| {
                engine::render(&processed.root, &processed.values, &setting, &templates, &witness)
            });
        let outputs = match outputs {
            Ok(outputs) => outputs,
            Err(error) => {
                let place = error.frames().into_iter().last().and_then(|frame| {
                    let file = frame.file.strip_prefix(&*format!("{}/", chart.name()))?.to_owned();
                    Some((file, frame.line))
                });
                self.add(Severity::Error, folder, error.to_string());
                if let Some(finding) = self.findings.last_mut() {
                    finding.place = place;
                }
                return;
            }
        };
        for template in &chart.templates {
            let file = &*template.name;
            let extension = extension(file);
            if !matches!(extension, ".yaml" | ".yml" | ".tpl" | ".txt") {
                let message = format!(
                    "file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"
                );
                self.add(Severity::Error, file, message);
            }
            let is_yaml = if compat.is_v3() {
                extension == ".yaml"
            } else {
                matches!(extension.to_ascii_lowercase().as_str(), ".yaml" | ".yml")
            };
            if !is_yaml {
                continue;
            }
            let path = format!("{}/{file}", chart.name());
            let text = outputs.iter().find(|output| *output.path == path);
            let text = text.map(|output| String::from_utf8_lossy(&output.text).into_owned());
            let text = text.unwrap_or_default();
            if !text.trim().is_empty() && !self.manifest(file, &text, &capabilities.kube_version) {
                return;
            }
        }
    }

    /// Checks the objects of a rendered file; false when that is the end of all checks.
    fn manifest(&mut self, file: &str, text: &str, kube: &KubeVersion) -> bool {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if first.starts_with([' ', '\t']) {
            let message = format!(
                "document starts with an illegal indent: {}, which may cause parsing problems",
                renga_gotemplate::quoted(first.as_bytes())
            );
            self.add(Severity::Warning, file, message);
        }
        for document in objects::documents(text) {
            let object = match objects::Object::read(document, self.options.compat) {
                Ok(None) => continue,
                Ok(Some(object)) => object,
                Err(error) => {
                    self.add(Severity::Error, file, format!("unable to parse YAML: {error}"));
                    return false;
                }
            };
            let warnings = [object.name_problem(), object.deprecation(kube)];
            for message in warnings.into_iter().flatten() {
                self.add(Severity::Warning, file, message);
            }
            let errors = [object.missing_selector(text), object.list_annotation(text)];
            for message in errors.into_iter().flatten() {
                self.add(Severity::Error, file, message);
            }
        }
        true
    }

    fn dependencies(&mut self, chart: Result<&Arc<Chart>, &LoadError>) {
        let chart = match chart {
            Ok(chart) => chart,
            Err(error) => {
                return self.add(Severity::Error, "", format!("unable to load chart\n\t{error}"));
            }
        };
        let folder = self.directory.display().to_string();
        let listed = chart.metadata.dependencies.as_deref().unwrap_or_default();
        let present: Vec<&str> = chart.dependencies.iter().map(|chart| chart.name()).collect();
        let unlisted =
            present.iter().filter(|name| listed.iter().all(|entry| entry.name != **name));
        let missing =
            listed.iter().map(|entry| &*entry.name).filter(|name| !present.contains(name));
        let mut seen = BTreeSet::new();
        let names = listed
            .iter()
            .map(|entry| if entry.alias.is_empty() { &*entry.name } else { &*entry.alias });
        let twice = names.filter(|name| !seen.insert(*name));
        let found: [(Severity, &str, Vec<&str>); 3] = [
            (
                Severity::Error,
                "chart metadata is missing these dependencies",
                unlisted.copied().collect(),
            ),
            (Severity::Error, "multiple dependencies with name or alias", twice.collect()),
            (Severity::Warning, "chart directory is missing these dependencies", missing.collect()),
        ];
        for (severity, message, names) in found {
            if !names.is_empty() {
                self.add(severity, &folder, format!("{message}: {}", names.join(",")));
            }
        }
    }

    fn crds(&mut self, chart: Result<&Arc<Chart>, &LoadError>) {
        const FOLDER: &str = "crds/";
        match self.source.probe(&self.directory.join("crds")) {
            None => return,
            Some(FileKind::Directory) => {}
            Some(_) => return self.add(Severity::Error, FOLDER, "not a directory"),
        }
        let chart = match chart {
            Ok(chart) => chart,
            Err(error) => return self.add(Severity::Error, FOLDER, error.to_string()),
        };
        let mut files = Vec::new();
        crd_files(chart, &mut files);
        for (name, data) in files {
            let text = String::from_utf8_lossy(&data).into_owned();
            for document in objects::documents(&text) {
                match objects::Object::read(document, self.options.compat) {
                    Ok(None) => {}
                    Ok(Some(object)) => {
                        for message in object.crd_problems() {
                            self.add(Severity::Error, &name, message);
                        }
                    }
                    Err(error) => {
                        return self.add(
                            Severity::Error,
                            &name,
                            format!("unable to parse YAML: {error}"),
                        );
                    }
                }
            }
        }
    }
}

/// The CRDs of a chart and of everything in it, whether enabled or not.
fn crd_files(chart: &Chart, found: &mut Vec<(String, Arc<[u8]>)>) {
    for file in &chart.files {
        let extension = extension(&file.name).to_ascii_lowercase();
        if file.name.starts_with("crds/") && matches!(&*extension, ".yaml" | ".yml" | ".json") {
            found.push((file.name.to_string(), Arc::clone(&file.data)));
        }
    }
    for dependency in &chart.dependencies {
        crd_files(dependency, found);
    }
}

/// The extension with its dot, of the last part of the path.
fn extension(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or_default();
    base.rfind('.').map_or("", |dot| &base[dot..])
}

fn json(table: &Table) -> serde_json::Value {
    let values = Coalesced::from(table.clone());
    serde_json::Value::Object(values.json_table(values.root()))
}

/// Lays the user's values over those of the file. A null of the user removes a value.
fn overlay(values: &mut serde_json::Value, user: serde_json::Value) {
    match (values, user) {
        (serde_json::Value::Object(values), serde_json::Value::Object(user)) => {
            for (key, value) in user {
                match (values.get_mut(&key), value) {
                    (Some(_), serde_json::Value::Null) => drop(values.remove(&key)),
                    (Some(old), value) => overlay(old, value),
                    (None, value) => drop(values.insert(key, value)),
                }
            }
        }
        (values, user) => *values = user,
    }
}

/// The line a YAML error names.
fn named_line(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("line ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Reads YAML as Helm reads manifests and metadata.
fn read_yaml(text: &[u8]) -> Result<serde_json::Value, renga_yaml::YamlError> {
    renga_yaml::read(text, Flavour::SigsYaml)
}

#[cfg(test)]
mod tests;
