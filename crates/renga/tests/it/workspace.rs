//! The repository's own workspace, exported as its README says, is `tests/golden/workspace`.
//!
//! After a change that is wanted: `cargo xtask golden`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

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
    assert!(golden.len() > 150, "only {} files", golden.len());
    assert_eq!(differing(&golden, &export("", "", "8")), Vec::<PathBuf>::new());
}

#[test]
fn neither_the_folder_nor_the_number_of_threads_matters() {
    let golden = tree(&repository().join("tests/golden/workspace"));
    let found = export("environments/flux-system", "../../", "1");
    assert_eq!(differing(&golden, &found), Vec::<PathBuf>::new());
}
