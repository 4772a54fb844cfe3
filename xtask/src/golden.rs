//! `cargo xtask golden`: the repository's own workspace, exported, under `tests/golden/workspace`.
//!
//! The committed tree is what a change of renga or of the workspace does to real manifests; review
//! it like code. A test in `crates/renga` compares the same tree.

use std::{error::Error, process::Command, process::ExitCode};

use clap::Args;

use crate::{
    cargo::{self, Profile},
    tree,
};

const TREE: &str = "tests/golden/workspace";

/// Arguments of `cargo xtask golden`.
#[derive(Debug, Args)]
pub(crate) struct GoldenArgs {
    /// Compare with the committed tree instead of replacing it
    #[arg(long)]
    check: bool,
    /// Export with a release build
    #[arg(long)]
    release: bool,
}

/// Runs `cargo xtask golden`; with `--check` it fails when a file differs.
pub(crate) fn golden(args: &GoldenArgs) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &GoldenArgs) -> Result<(), Box<dyn Error>> {
    let program = cargo::build(if args.release { Profile::Release } else { Profile::Dev })?;
    let scratch = tempfile::tempdir()?;
    let exported = scratch.path().join("rendered");
    let status = Command::new(program)
        .arg("export")
        .arg(&exported)
        // A result kept from an earlier export is not what this program renders.
        .args(["environments", "--recursive", "--no-cache"])
        .current_dir(cargo::root())
        .status()?;
    if !status.success() {
        return Err(format!("the workspace cannot be exported: {status}").into());
    }
    let golden = cargo::root().join(TREE);
    if !args.check {
        tree::replace(&exported, &golden)?;
    } else if let Some(difference) = tree::difference(&golden, &exported)? {
        let help = "if the change is wanted, run `cargo xtask golden` and commit the tree";
        return Err(format!("the export differs from {TREE}\n{difference}\n{help}").into());
    }
    Ok(())
}
