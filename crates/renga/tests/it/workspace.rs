//! The repository's own workspace, exported as its README says, is `tests/golden/workspace`.
//!
//! After a change that is wanted: `cargo xtask golden`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The texts of the files below a folder, by their path in it.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a folder of the tree") {
            let path = entry.expect("a folder of the tree").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("a path below the root").to_owned();
                files.insert(name, fs_err::read(&path).expect("a file of the tree"));
            }
        }
    }
    files
}

/// Exports the workspace from one of its folders, `workspace` being the way back to its top.
fn export(folder: &str, workspace: &str, threads: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let rendered = scratch.path().join("rendered");
    let output = Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(["export", "--recursive", "--no-cache", "--parallel", threads])
        .arg(&rendered)
        .arg(format!("{workspace}environments"))
        .current_dir(repository().join(folder))
        .output()
        .expect("renga can be started");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{talk}");
    tree(&rendered)
}

/// Names of the files that differ, so that a failure stays readable.
fn differing(
    golden: &BTreeMap<PathBuf, Vec<u8>>,
    found: &BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<PathBuf> {
    let names =
        golden.keys().chain(found.keys()).filter(|name| golden.get(*name) != found.get(*name));
    let mut names: Vec<_> = names.cloned().collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_workspace_exports_to_the_golden_tree() {
    let golden = tree(&repository().join("tests/golden/workspace"));
    assert!(golden.len() > 2000, "only {} files", golden.len());
    assert_eq!(differing(&golden, &export("", "", "8")), Vec::<PathBuf>::new());
}

#[test]
fn neither_the_folder_nor_the_number_of_threads_matters() {
    let golden = tree(&repository().join("tests/golden/workspace"));
    let found = export("environments/flux-system", "../../", "1");
    assert_eq!(differing(&golden, &found), Vec::<PathBuf>::new());
}

fn renga(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("renga can be started")
}

/// What a run prints, which must succeed.
fn printed(arguments: &[&str]) -> String {
    let output = renga(arguments);
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {talk}");
    String::from_utf8(output.stdout).expect("text")
}

/// The environments of the workspace, as `env list --json` tells of them.
fn environments() -> Vec<Value> {
    let list: Value = serde_json::from_str(&printed(&["env", "list", "--json"])).expect("JSON");
    list.as_array().expect("a list").clone()
}

#[test]
fn every_environment_says_whose_it_is() {
    let catalogue =
        fs_err::read_to_string(repository().join("service_catalog.json")).expect("a catalogue");
    let catalogue: Value = serde_json::from_str(&catalogue).expect("JSON");
    let systems = catalogue.as_array().expect("services");
    let mut folders = BTreeSet::new();
    for environment in environments() {
        let name = environment["metadata"]["name"].as_str().expect("a name").to_owned();
        let labels = &environment["metadata"]["labels"];
        for label in ["account", "system", "team", "tier"] {
            assert!(labels[label].is_string(), "{name} has no label {label}");
        }
        assert!(
            systems.iter().any(|system| system["name"] == labels["system"]),
            "{name} is of no system"
        );
        assert!(environment["spec"]["apiServer"].is_string(), "{name} has no cluster");
        assert!(folders.insert(name.replace('/', "-")), "two environments are exported to {name}");
    }
}

/// One environment of each main file.
#[test]
fn every_main_file_can_be_shown_asked_and_traced() {
    let mut mains: BTreeMap<String, String> = BTreeMap::new();
    for environment in environments() {
        let text = |key: &str| environment["metadata"][key].as_str().expect(key).to_owned();
        mains.entry(text("namespace")).or_insert_with(|| text("name"));
    }
    assert!(mains.len() > 50);
    let library = printed(&["tool", "importers", "lib/k.libsonnet"]);
    let mains: Vec<_> = mains.into_iter().collect();
    let halves = mains.chunks(mains.len().div_ceil(2));
    std::thread::scope(|scope| {
        for half in halves {
            let library = &library;
            scope.spawn(move || {
                for (main, name) in half {
                    let shown = printed(&["show", main, "--name", name]);
                    assert!(shown.starts_with("apiVersion: "), "{name}: {shown}");
                    let imports: Vec<String> =
                        serde_json::from_str(&printed(&["tool", "imports", main])).expect("JSON");
                    assert!(imports.contains(main), "{main}: {imports:?}");
                    let uses = imports.iter().any(|import| import == "lib/k.libsonnet");
                    assert_eq!(
                        library.lines().any(|line| line.ends_with(main.as_str())),
                        uses,
                        "{main}"
                    );
                }
            });
        }
    });
}

#[test]
fn the_charts_are_what_the_lock_says() {
    printed(&["charts", "verify"]);
}

#[test]
fn a_value_of_an_environment_can_be_asked_for() {
    let pools = printed(&["eval", "environments/karpenter", "-e", "prod.data.nodePools"]);
    let pools: Value = serde_json::from_str(&pools).expect("JSON");
    assert!(pools.as_object().is_some_and(|pools| !pools.is_empty()));
}
