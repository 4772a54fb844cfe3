//! Files that must fit what is rendered: the lock of the charts, and what an export wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use renga_charts::{VerifyError, Workspace};
use renga_check::{Finding, Rule};
use renga_env::{Evaluator, Found};
use renga_export::{Export, ExportError, MergeStrategy, Progress};
use renga_manifest::Targets;
use renga_project::ExportSettings;

use super::check_settings::relative;
use super::{CommandError, env_list};
use crate::settings::Settings;

/// The name of the index of an export.
const INDEX: &str = "manifest.json";

/// How many files of an exported tree are named one by one.
const NAMED: usize = 100;

/// As the flags of `export` have it.
const FORMAT: &str = "{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}";

struct Silent;

impl Progress for Silent {
    fn environment_done(&self, _name: &str) {}
}

/// Rule `charts/lock`: where there is a lock, chartfile and charts are what it says.
pub(super) fn charts(root: &Path, settings: &Settings) -> Vec<Finding> {
    let workspace = Workspace::new(root);
    if !workspace.lock_path().exists() {
        return Vec::new();
    }
    let file = relative(&workspace.lock_path(), settings);
    let finding = |message: String| Finding::of_file(Rule::ChartsLock, &file, message);
    match renga_charts::verify(&workspace, &()) {
        Ok(_) => Vec::new(),
        Err(VerifyError::Altered { differences }) => differences
            .iter()
            .map(|difference| {
                finding(format!("the charts are not what is locked: {difference}"))
                    .with_help("run `renga charts vendor`, and commit the lock with the charts")
            })
            .collect(),
        Err(error) => vec![finding(renga_diag::chain(&error))],
    }
}

/// Rule `export/stale`: the files below `folder` are what an export of the environments would write.
/// `complete` says that these are all there are, so that files of others are left over.
pub(super) fn exported(
    folder: &Path,
    environments: &[Found],
    complete: bool,
    evaluator: &Evaluator,
    export: &ExportSettings,
    stop: &(dyn Fn() -> bool + Sync),
    settings: &Settings,
) -> Result<Vec<Finding>, CommandError> {
    let folder = settings.absolute(folder);
    let scratch = tempfile::tempdir()
        .map_err(|source| ExportError::Write { path: std::env::temp_dir(), source })?;
    let output = scratch.path().join("manifests");
    renga_export::export(
        evaluator,
        &Export {
            output: &output,
            shown_output: "manifests",
            environments,
            format: export.format.as_deref().unwrap_or(FORMAT),
            extension: export.extension.as_deref().unwrap_or("yaml"),
            merge: MergeStrategy::None,
            deleted_environments: &[],
            skip_index: false,
            targets: &Targets::default(),
            threads: env_list::threads(),
            stop,
            progress: &Silent,
            receipts: None,
        },
    )?;
    let fresh = index(&output);
    let old = index(&folder);
    let rendered: BTreeSet<&str> = fresh.values().map(String::as_str).collect();
    let mut findings = Vec::new();
    for file in fresh.keys() {
        let now = fs_err::read(output.join(file)).unwrap_or_default();
        let (what, line) = match fs_err::read(folder.join(file)) {
            Ok(then) if then == now => continue,
            Ok(then) => ("is not what an export would write", Some(first_difference(&then, &now))),
            Err(_) => ("is missing", None),
        };
        findings.push(stale(&folder, file, what, line, settings));
    }
    for (file, environment) in &old {
        if !fresh.contains_key(file) && (complete || rendered.contains(environment.as_str())) {
            findings.push(stale(&folder, file, "is left over: nothing renders it", None, settings));
        }
    }
    if findings.len() > NAMED {
        let more = findings.len() - NAMED;
        findings.truncate(NAMED);
        let shown = relative(&folder, settings);
        let message = format!("{more} more files of `{shown}` are out of date");
        findings.push(Finding::of_file(Rule::ExportStale, shown, message));
    }
    Ok(findings)
}

fn stale(folder: &Path, file: &str, what: &str, line: Option<u32>, settings: &Settings) -> Finding {
    let path: PathBuf = folder.join(file);
    let mut finding =
        Finding::of_file(Rule::ExportStale, relative(&path, settings), format!("`{file}` {what}"))
            .with_help("run `renga export`, and commit what it writes");
    if let Some(place) = &mut finding.place {
        place.line = line;
    }
    finding
}

/// Files of an export with their environments; none where there is no index that can be read.
fn index(folder: &Path) -> BTreeMap<String, String> {
    let bytes = fs_err::read(folder.join(INDEX)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The first line, from 1, in which two texts differ.
fn first_difference(a: &[u8], b: &[u8]) -> u32 {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let lines = String::from_utf8_lossy(&a[..same]).matches('\n').count();
    u32::try_from(lines).map_or(u32::MAX, |lines| lines.saturating_add(1))
}
