//! Records what go-jsonnet's `jsonnet` answers to the programs of `tests/golden`.
//!
//! The path of the program is the only argument.

#![expect(clippy::print_stderr, reason = "a command")]

use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let Some(program) = std::env::args().nth(1) else {
        eprintln!("usage: record PATH-TO-JSONNET");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    match record(&program, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn record(program: &str, folder: &Path) -> std::io::Result<()> {
    let programs = fs_err::read_to_string(folder.join("programs.txt"))?;
    let mut answers = String::new();
    for code in programs.lines() {
        let output = Command::new(program).args(["-e", "--", &code.replace('⏎', "\n")]).output()?;
        let (kind, text) =
            if output.status.success() { ("ok", output.stdout) } else { ("error", output.stderr) };
        let text = String::from_utf8_lossy(&text).into_owned();
        answers.push_str(&serde_json::json!({ kind: text }).to_string());
        answers.push('\n');
    }
    fs_err::write(folder.join("answers.txt"), answers)
}
