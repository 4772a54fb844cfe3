//! `cargo xtask generate`: files that follow from the command-line model.
//!
//! `docs/cli.md` is committed; man pages are for packagers and are not. Both are written by the
//! program itself (`renga reference`), which alone has the model.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Args;

use crate::cargo::{self, Profile};

const REFERENCE: &str = "docs/cli.md";

/// Arguments of `cargo xtask generate`.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Compare with the committed file instead of writing it
    #[arg(long)]
    check: bool,
    /// Write the man pages into this folder, too
    #[arg(long, value_name = "dir")]
    man: Option<PathBuf>,
}

/// Runs `cargo xtask generate`; with `--check` it fails when the committed file is out of date.
pub(crate) fn generate(args: &GenerateArgs) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &GenerateArgs) -> Result<(), Box<dyn Error>> {
    let program = cargo::build(Profile::Dev)?;
    let text = reference(&program, None)?;
    let target = cargo::root().join(REFERENCE);
    if !args.check {
        fs_err::write(target, text)?;
    } else if fs_err::read(target)? != text {
        return Err(format!("{REFERENCE} is out of date; run `cargo xtask generate`").into());
    }
    if let Some(dir) = &args.man {
        fs_err::create_dir_all(dir)?;
        reference(&program, Some(dir))?;
    }
    Ok(())
}

fn reference(program: &Path, man: Option<&Path>) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut command = Command::new(program);
    command.arg("reference");
    if let Some(dir) = man {
        command.arg("--man").arg(dir);
    }
    let output = command.output()?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        return Err(format!("renga reference: {}: {talk}", output.status).into());
    }
    Ok(output.stdout)
}
