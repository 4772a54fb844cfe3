//! Plays a case: every command in turn, in one workspace, each outcome as a block of text.
//!
//! A block is what the goldens hold, so it is made to be read in a review: every line of an
//! output has the prefix `|`, empty outputs are left out, and a missing last newline is said.

use std::{
    fmt::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

use crate::{
    case::{Case, Item, Step},
    normalise::Normaliser,
    sandbox::{Program, Run, Sandbox, SandboxError},
};

/// Why a case cannot be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The workspace cannot be set up, or a program not be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A preparation failed.
    #[error("preparation `{script}` failed with exit {exit}:\n{stderr}")]
    Preparation {
        /// The script.
        script: String,
        /// Its exit code.
        exit: i32,
        /// What it said.
        stderr: String,
    },
    /// A tree to record cannot be read.
    #[error(transparent)]
    Walk(#[from] walkdir::Error),
}

/// The outcome of one command, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The command as the case wrote it.
    pub command: String,
    /// Exit code, outputs and trees.
    pub text: String,
}

/// Plays all commands of `case` with `program`, in a fresh workspace.
///
/// # Errors
///
/// [`PlayError`] when the workspace cannot be set up, a preparation fails, or a command cannot be
/// run to its end.
pub fn play(case: &Case, program: &Program) -> Result<Vec<Block>, PlayError> {
    let sandbox = Sandbox::new()?;
    for entry in &case.entries {
        sandbox.create(entry, Some(program))?;
    }
    let normaliser = sandbox.normaliser(Some(program));
    let mut blocks = Vec::new();
    for item in &case.items {
        match item {
            Item::Prepare(script) => prepare(&sandbox, script)?,
            Item::Run(step) => {
                let run = run_step(&sandbox, program, step)?;
                let text = render(&sandbox, &normaliser, step, &run)?;
                blocks.push(Block { command: step.text.clone(), text });
            }
        }
    }
    Ok(blocks)
}

fn prepare(sandbox: &Sandbox, script: &str) -> Result<(), PlayError> {
    let arguments = ["-c".to_owned(), script.to_owned()];
    let variables = ["GIT_AUTHOR", "GIT_COMMITTER"].into_iter().flat_map(|who| {
        [
            (format!("{who}_NAME"), "a".to_owned()),
            (format!("{who}_EMAIL"), "a@example.org".to_owned()),
            (format!("{who}_DATE"), "2026-01-02T03:04:05Z".to_owned()),
        ]
    });
    let variables: Vec<_> = variables.collect();
    let run = sandbox.run(Path::new("/bin/sh"), &arguments, &variables, Path::new(""), "")?;
    if run.exit == 0 {
        return Ok(());
    }
    Err(PlayError::Preparation {
        script: script.to_owned(),
        exit: run.exit,
        stderr: String::from_utf8_lossy(&run.stderr).into_owned(),
    })
}

fn run_step(sandbox: &Sandbox, program: &Program, step: &Step) -> Result<Run, SandboxError> {
    let expand = |text: &String| sandbox.expand(text, Some(program));
    let arguments: Vec<_> = step.arguments.iter().map(expand).collect();
    let variables: Vec<_> =
        step.variables.iter().map(|(name, value)| (name.clone(), expand(value))).collect();
    if step.modes.is_empty() {
        return sandbox.run(program.path(), &arguments, &variables, &step.cwd, &step.stdin);
    }
    // Modes depend on the caller's mask, so these commands run under a known one.
    let mut shell = vec!["-c".to_owned(), "umask 022; exec \"$0\" \"$@\"".to_owned()];
    shell.push(program.path().display().to_string());
    shell.extend(arguments);
    sandbox.run(Path::new("/bin/sh"), &shell, &variables, &step.cwd, &step.stdin)
}

fn render(
    sandbox: &Sandbox,
    normaliser: &Normaliser,
    step: &Step,
    run: &Run,
) -> Result<String, PlayError> {
    let mut text = format!("exit: {}\n", run.exit);
    section(&mut text, "stdout:", &normaliser.apply(&run.stdout));
    section(&mut text, "stderr:", &normaliser.apply(&run.stderr));
    for tree in &step.trees {
        let files = files_below(sandbox, tree)?;
        let _ = writeln!(text, "tree {tree}:{}", if files.is_empty() { " empty" } else { "" });
        for path in files {
            let name = path.strip_prefix(sandbox.root()).unwrap_or(&path).display();
            let name = name.to_string().replace('\n', "\\n");
            if path.is_dir() && !path.is_symlink() {
                let _ = writeln!(text, "  {name}/");
            } else {
                let content = fs_err::read(&path).map_err(SandboxError::from)?;
                section(&mut text, &format!("  {name}"), &normaliser.apply(&content));
                if content.is_empty() {
                    let _ = writeln!(text, "  {name} (empty)");
                }
            }
        }
    }
    for tree in &step.modes {
        let _ = writeln!(text, "modes {tree}:");
        if !sandbox.root().join(tree).exists() {
            let _ = writeln!(text, "  nothing there");
            continue;
        }
        for entry in WalkDir::new(sandbox.root().join(tree)).sort_by_file_name() {
            let entry = entry?;
            let mode = entry.metadata()?.permissions().mode() & 0o7777;
            let name = entry.path().strip_prefix(sandbox.root()).unwrap_or(entry.path());
            let _ = writeln!(text, "  {mode:04o} {}", name.display());
        }
    }
    Ok(text)
}

/// All files below a path and the folders that hold none, sorted; nothing when it does not exist.
fn files_below(sandbox: &Sandbox, tree: &str) -> Result<Vec<PathBuf>, PlayError> {
    let start = sandbox.root().join(tree);
    if !start.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(&start).sort_by_file_name() {
        let entry = entry?;
        let is_empty_folder = entry.file_type().is_dir()
            && fs_err::read_dir(entry.path()).map_err(SandboxError::from)?.next().is_none();
        if !entry.file_type().is_dir() || (is_empty_folder && entry.path() != start) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Appends a heading and the content below it; nothing when the content is empty.
pub(crate) fn section(text: &mut String, heading: &str, content: &str) {
    if content.is_empty() {
        return;
    }
    let _ = writeln!(text, "{heading}");
    for line in content.lines() {
        let _ = writeln!(text, "|{line}");
    }
    if !content.ends_with('\n') {
        let _ = writeln!(text, "\\ no newline");
    }
}
