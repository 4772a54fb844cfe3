//! Exports of workspaces on disk: what is written, what is left alone, what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use renga_env::{Discovery, EvaluationOptions, Evaluator, Location, Selector};
use renga_export::{Export, ExportError, MergeStrategy, Progress, ReceiptStore, Report, export};
use renga_jsonnet::{SilentLog, Sources, standard};
use renga_manifest::Targets;
use renga_project::DiskSource;

struct Workspace {
    root: tempfile::TempDir,
    format: &'static str,
    merge: MergeStrategy,
    threads: usize,
    deleted: Vec<String>,
    skip_index: bool,
    /// Stop after this many environments.
    stop_after: usize,
    receipts: bool,
}

/// Counts environments.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Progress for Counter {
    fn environment_done(&self, _name: &str) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Workspace {
    fn new() -> Self {
        let workspace = Self {
            root: tempfile::tempdir().unwrap(),
            format: "{{env.spec.namespace}}/{{.kind}}-{{.metadata.name}}",
            merge: MergeStrategy::ReplaceEnvs,
            threads: 2,
            deleted: Vec::new(),
            skip_index: false,
            stop_after: usize::MAX,
            receipts: false,
        };
        workspace.write("jsonnetfile.json", "{}");
        workspace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// A static environment whose namespace is its name, with these config maps.
    fn environment(&self, name: &str, config_maps: &[&str]) {
        self.write(
            &format!("environments/{name}/spec.json"),
            &format!("{{\"spec\": {{\"namespace\": \"{name}\"}}}}"),
        );
        let names = config_maps.join("', '");
        self.write(
            &format!("environments/{name}/main.jsonnet"),
            &format!("[{{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: n }} }} for n in ['{names}'] if n != '']"),
        );
    }

    fn export(&self) -> Result<Report, ExportError> {
        let options = EvaluationOptions {
            working_dir: self.root.path().to_owned(),
            ..EvaluationOptions::default()
        };
        let sources = Sources::new(Arc::new(DiskSource));
        let evaluator = Evaluator::new(sources, &standard(), options, Arc::new(SilentLog));
        let location =
            Location { shown: "environments".to_owned(), path: self.path("environments") };
        let search = Discovery { selector: &Selector::default(), threads: 1, stop: &|| false };
        let found = evaluator.discover(&[location], &search).unwrap();
        assert!(found.failures.is_empty());
        let counter = Counter::default();
        let receipts = ReceiptStore::new(&self.path("cache"), "test", Box::new(|_| true));
        export(
            &evaluator,
            &Export {
                output: &self.path("out"),
                shown_output: "out",
                environments: &found.environments,
                format: self.format,
                extension: "yaml",
                merge: self.merge,
                deleted_environments: &self.deleted,
                skip_index: self.skip_index,
                targets: &Targets::default(),
                threads: self.threads,
                stop: &|| counter.0.load(Ordering::SeqCst) >= self.stop_after,
                progress: &counter,
                receipts: self.receipts.then_some(&receipts),
            },
        )
    }

    /// The files of the output directory.
    fn tree(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut pending = vec![self.path("out")];
        while let Some(directory) = pending.pop() {
            let Ok(entries) = fs_err::read_dir(&directory) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    let name =
                        path.strip_prefix(self.path("out")).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs_err::read_to_string(path).unwrap());
                }
            }
        }
        files
    }

    fn names(&self) -> Vec<String> {
        self.tree().into_keys().collect()
    }
}

#[test]
fn an_export_writes_files_and_an_index() {
    let workspace = Workspace::new();
    workspace.environment("a", &["x", "y"]);
    let report = workspace.export().unwrap();
    assert_eq!((report.environments, report.manifests, report.written), (1, 2, 2));
    let tree = workspace.tree();
    assert_eq!(
        tree["a/ConfigMap-x.yaml"],
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: a\n"
    );
    assert_eq!(
        tree["manifest.json"],
        "{\n    \"a/ConfigMap-x.yaml\": \"environments/a/main.jsonnet\",\n    \"a/ConfigMap-y.yaml\": \"environments/a/main.jsonnet\"\n}"
    );
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut trees = Vec::new();
    for threads in [1, 4] {
        let mut workspace = Workspace::new();
        workspace.threads = threads;
        for name in ["a", "b", "c", "d", "e"] {
            workspace.environment(name, &["x", "y"]);
        }
        workspace.export().unwrap();
        trees.push(workspace.tree());
    }
    assert_eq!(trees[0], trees[1]);
}

#[test]
fn replacing_deletes_what_is_gone_and_leaves_alone_what_is_equal() {
    let mut workspace = Workspace::new();
    workspace.environment("a", &["x", "y"]);
    workspace.environment("b", &["z"]);
    workspace.export().unwrap();
    workspace.write("out/own.txt", "not ours");
    let modified =
        || fs_err::metadata(workspace.path("out/a/ConfigMap-x.yaml")).unwrap().modified().unwrap();
    let before = modified();

    workspace.environment("a", &["x", "new"]);
    fs_err::remove_dir_all(workspace.path("environments/b")).unwrap();
    workspace.deleted = vec!["environments/b/main.jsonnet".to_owned()];
    let report = workspace.export().unwrap();
    assert_eq!((report.written, report.unchanged, report.deleted), (1, 1, 2));
    assert_eq!(
        workspace.names(),
        ["a/ConfigMap-new.yaml", "a/ConfigMap-x.yaml", "manifest.json", "own.txt"]
    );
    assert!(!workspace.path("out/b").exists(), "an emptied directory goes");
    assert!(!workspace.tree()["manifest.json"].contains("environments/b"));
    let after =
        fs_err::metadata(workspace.path("out/a/ConfigMap-x.yaml")).unwrap().modified().unwrap();
    assert_eq!(before, after, "an unchanged file is not rewritten");
}

#[test]
fn strategies_decide_about_files_that_are_there() {
    let mut workspace = Workspace::new();
    workspace.environment("a", &["x"]);
    workspace.export().unwrap();
    workspace.merge = MergeStrategy::None;
    assert!(matches!(workspace.export().unwrap_err(), ExportError::NotEmpty { .. }));
    workspace.merge = MergeStrategy::FailOnConflicts;
    let error = workspace.export().unwrap_err();
    assert_eq!(error.to_string(), "file 'out/a/ConfigMap-x.yaml' already exists. Aborting");
    workspace.environment("a", &["y"]);
    workspace.export().unwrap();
    assert_eq!(workspace.names(), ["a/ConfigMap-x.yaml", "a/ConfigMap-y.yaml", "manifest.json"]);
}

#[test]
fn an_index_is_neither_written_nor_updated_when_skipped() {
    let mut workspace = Workspace::new();
    workspace.environment("a", &["x"]);
    workspace.skip_index = true;
    let report = workspace.export().unwrap();
    assert_eq!(workspace.names(), ["a/ConfigMap-x.yaml"]);
    assert_eq!(report.missing_index.as_deref(), Some(Path::new("out/manifest.json")));
}

#[test]
fn two_environments_that_want_one_file_are_both_named() {
    let mut workspace = Workspace::new();
    workspace.format = "{{.kind}}-{{.metadata.name}}";
    workspace.environment("a", &["x"]);
    workspace.environment("b", &["x"]);
    let ExportError::Collision { path, first, second } = workspace.export().unwrap_err() else {
        panic!("no collision")
    };
    assert_eq!(path, Path::new("out/ConfigMap-x.yaml"));
    assert_eq!(first, ("environments/a".to_owned(), "ConfigMap/x".to_owned()));
    assert_eq!(second, ("environments/b".to_owned(), "ConfigMap/x".to_owned()));
    assert!(!workspace.path("out").exists(), "nothing is left behind");
}

#[test]
fn a_failing_environment_leaves_the_old_tree_whole() {
    let workspace = Workspace::new();
    workspace.environment("a", &["x"]);
    workspace.environment("b", &["y"]);
    workspace.export().unwrap();
    let before = workspace.tree();
    workspace.environment("a", &["changed"]);
    workspace.write("environments/b/main.jsonnet", "{ a: error 'broken' }");
    workspace.environment("c", &["z"]);
    workspace.write("environments/c/main.jsonnet", "{ a: 1 }");
    let ExportError::Environments { failures } = workspace.export().unwrap_err() else {
        panic!("no failures")
    };
    let names: Vec<_> = failures.iter().map(|failure| failure.name.as_str()).collect();
    assert_eq!(names, ["environments/b", "environments/c"], "every failure is told");
    assert_eq!(workspace.tree(), before);
}

#[test]
fn an_interrupted_export_leaves_the_old_tree_whole() {
    let mut workspace = Workspace::new();
    for name in ["a", "b", "c"] {
        workspace.environment(name, &["x"]);
    }
    workspace.export().unwrap();
    let before = workspace.tree();
    for name in ["a", "b", "c"] {
        workspace.environment(name, &["changed"]);
    }
    workspace.threads = 1;
    for stop_after in [1, 3] {
        workspace.stop_after = stop_after;
        assert!(matches!(workspace.export().unwrap_err(), ExportError::Interrupted));
        assert_eq!(workspace.tree(), before);
    }
}

#[test]
fn a_file_cannot_be_an_output_directory() {
    let workspace = Workspace::new();
    workspace.environment("a", &["x"]);
    workspace.write("out", "a file");
    assert!(matches!(workspace.export().unwrap_err(), ExportError::OutputUnreadable { .. }));
}

#[test]
fn names_that_leave_the_output_directory_are_refused() {
    let mut workspace = Workspace::new();
    workspace.format = "../{{.kind}}";
    workspace.environment("a", &["x"]);
    assert!(matches!(workspace.export().unwrap_err(), ExportError::Format(_)));
    assert!(!workspace.path("ConfigMap.yaml").exists());
}

#[test]
fn receipts_spare_an_evaluation_only_while_inputs_and_outputs_are_the_same() {
    let mut workspace = Workspace::new();
    workspace.receipts = true;
    workspace.environment("a", &["x", "y"]);
    workspace.environment("b", &["z"]);
    workspace.write("lib/name.libsonnet", "'lib'");
    workspace.write(
        "environments/b/main.jsonnet",
        "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: import 'name.libsonnet' } }",
    );
    assert_eq!(workspace.export().unwrap().reused, 0);
    let tree = workspace.tree();
    let report = workspace.export().unwrap();
    assert_eq!((report.reused, report.unchanged, report.written), (2, 3, 0));
    assert_eq!(workspace.tree(), tree);

    // An output that was changed by hand comes back.
    workspace.write("out/a/ConfigMap-x.yaml", "changed");
    assert_eq!(workspace.export().unwrap().reused, 1);
    assert_eq!(workspace.tree(), tree);
    // A changed input counts.
    workspace.write("lib/name.libsonnet", "'other'");
    assert_eq!(workspace.export().unwrap().reused, 1);
    assert!(workspace.names().contains(&"b/ConfigMap-other.yaml".to_owned()));
    // So does a file that is found before the one that was imported.
    workspace.write("environments/b/name.libsonnet", "'near'");
    assert_eq!(workspace.export().unwrap().reused, 1);
    assert!(workspace.names().contains(&"b/ConfigMap-near.yaml".to_owned()));
    // So do other settings.
    workspace.format = "{{.kind}}-{{.metadata.name}}";
    assert_eq!(workspace.export().unwrap().reused, 0);
    // Receipts hold names, not contents.
    workspace.environment("s", &[]);
    workspace.write(
        "environments/s/main.jsonnet",
        "{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { key: 'hunter' + 2 } }",
    );
    workspace.export().unwrap();
    let mut pending = vec![workspace.path("cache")];
    while let Some(directory) = pending.pop() {
        for entry in fs_err::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                assert!(!fs_err::read_to_string(path).unwrap().contains("hunter2"));
            }
        }
    }
}
