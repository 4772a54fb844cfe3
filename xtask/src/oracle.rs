//! `cargo xtask oracle`: goldens recorded from Go's own libraries.
//!
//! The programs under `tests/oracle` answer our inputs with the real `text/template`, Sprig, `regexp`,
//! JSON Schema and YAML libraries; the crates' tests compare with what they wrote. Needs Go, so it is
//! apart from the tests, which need Rust alone.
//!
//! Invariant: `--check` runs the very commands that record, on a copy.

use std::{
    error::Error,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use clap::Args;

use crate::{cargo, tree};

/// The Go whose answers are committed; another one may know another Unicode.
const TOOLCHAIN: &str = "go1.26.8";

const MODULE: &str = "tests/oracle";
const YAML: &str = "crates/renga-yaml/tests/golden";
const TEMPLATE: &str = "crates/renga-gotemplate/tests";
const REGEXP: &str = "crates/renga-regexp/tests/golden";
const SCHEMA: &str = "crates/renga-helm/tests/golden/schema";
const UNICODE: &str = "crates/renga-regexp/src/unicode";

/// A module of its own: Helm pins other versions of the libraries than the ones tk uses.
const HELM_MODULE: &str = "tests/oracle/helm";
const HELM: &str = "crates/renga-helm/tests";

/// A module of its own, too: it needs the libraries of one Kubernetes release.
const KUBERNETES_MODULE: &str = "tests/oracle/kubernetes";
const PATCH_TABLE: &str = "crates/renga-patch/data";
const PATCH: &str = "crates/renga-patch/tests/golden";
const DIFF: &str = "crates/renga-diff/tests/golden";

/// Arguments of `cargo xtask oracle`.
#[derive(Debug, Args)]
pub(crate) struct OracleArgs {
    /// Compare with the committed files instead of replacing them
    #[arg(long)]
    check: bool,
}

/// Runs `cargo xtask oracle`; with `--check` it fails when an answer differs.
pub(crate) fn oracle(args: &OracleArgs) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &OracleArgs) -> Result<(), Box<dyn Error>> {
    if !args.check {
        return record(cargo::root());
    }
    let scratch = tempfile::tempdir()?;
    let folders = [MODULE, YAML, TEMPLATE, REGEXP, UNICODE, HELM, PATCH_TABLE, PATCH, DIFF];
    for folder in folders {
        tree::replace(&cargo::root().join(folder), &scratch.path().join(folder))?;
    }
    record(scratch.path())?;
    let mut problems = Vec::new();
    for folder in folders {
        let (committed, recorded) = (cargo::root().join(folder), scratch.path().join(folder));
        if let Some(difference) = tree::difference(&committed, &recorded)? {
            problems.push(format!("{folder} differs from what Go answers\n{difference}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Records everything below `root`, a tree laid out like the repository.
fn record(root: &Path) -> Result<(), Box<dyn Error>> {
    go(root, &["./yaml", "record", "yaml", &format!("../../{YAML}")], None)?;
    go(root, &["./template", "record"], None)?;
    go(root, &["./regexp", "tables", &format!("../../{UNICODE}")], None)?;
    for (program, folder) in [(&["./regexp", "record"][..], REGEXP), (&["./schema"], SCHEMA)] {
        for (name, cases) in tree::files(&root.join(folder))? {
            // A file of cases holds the answers, too, and is replaced once all are known.
            let answers = go(root, program, Some(&cases))?;
            if answers.is_empty() {
                return Err(format!("no answers to {}", name.display()).into());
            }
            fs_err::write(cases, answers)?;
        }
    }
    go_in(root, HELM_MODULE, &[".", "record", &format!("../../../{HELM}")], None)?;
    kubernetes(root)
}

/// Patches and differences as Kubernetes' libraries make them, and the table both crates stand on.
fn kubernetes(root: &Path) -> Result<(), Box<dyn Error>> {
    let table = format!("../../../{PATCH_TABLE}/builtin.txt");
    go_in(root, KUBERNETES_MODULE, &[".", "table", &table], None)?;
    let generated = go_in(root, KUBERNETES_MODULE, &[".", "generate", "1", "300"], None)?;
    fs_err::write(root.join(PATCH).join("generated.jsonl"), generated)?;
    for cases in [root.join(PATCH).join("features.jsonl"), root.join(DIFF).join("objects.jsonl")] {
        let answers = go_in(root, KUBERNETES_MODULE, &[".", "record"], Some(&cases))?;
        fs_err::write(cases, answers)?;
    }
    Ok(())
}

/// Runs a program of the common module and returns what it printed.
fn go(root: &Path, words: &[&str], stdin: Option<&Path>) -> Result<Vec<u8>, Box<dyn Error>> {
    go_in(root, MODULE, words, stdin)
}

fn go_in(
    root: &Path,
    module: &str,
    words: &[&str],
    stdin: Option<&Path>,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut command = Command::new("go");
    command.arg("run").args(words).current_dir(root.join(module)).env("GOTOOLCHAIN", TOOLCHAIN);
    command.stderr(Stdio::inherit());
    command.stdin(match stdin {
        Some(file) => Stdio::from(fs_err::File::open(file)?.into_parts().0),
        None => Stdio::null(),
    });
    let output = command.output().map_err(|error| format!("go: {error}"))?;
    if !output.status.success() {
        return Err(format!("go run {}: {}", words.join(" "), output.status).into());
    }
    Ok(output.stdout)
}
