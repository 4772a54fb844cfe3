//! Programs on the search path that act as commands: `tk-NAME`, and under renga's own name also
//! `renga-NAME`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus as ProcessStatus, Stdio};

/// A program that acts as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct External {
    /// The command's name: the program's without the prefix.
    pub(crate) name: String,
    /// The program.
    pub(crate) path: PathBuf,
}

impl External {
    /// Runs the program and waits for its end. It has no standard input, and finds the path of this
    /// executable in the variable `EXECUTABLE`.
    ///
    /// # Errors
    ///
    /// As the system says, when the program cannot be started.
    pub(crate) fn run(&self, args: &[OsString]) -> io::Result<ProcessStatus> {
        let mut command = Command::new(&self.path);
        command.args(args).stdin(Stdio::null());
        if let Ok(executable) = std::env::current_exe() {
            command.env("EXECUTABLE", executable);
        }
        command.status()
    }
}

/// Finds the programs named `PREFIX…` in the directories of `search_path`, by name. Where several
/// have the same name the last one counts, as in tk.
pub(crate) fn find(search_path: &OsStr, prefix: &str) -> Vec<External> {
    let mut found = BTreeMap::new();
    for dir in std::env::split_paths(search_path) {
        let Ok(entries) = fs_err::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let Some(name) = file.to_str().and_then(|file| file.strip_prefix(prefix)) else {
                continue;
            };
            if is_executable(&entry.path()) {
                found.insert(name.to_owned(), entry.path());
            }
        }
    }
    found.into_iter().map(|(name, path)| External { name, path }).collect()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    fs_err::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// How Go words the end of a process that failed.
pub(crate) fn go_status(status: ProcessStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            let name = match signal {
                1 => "hangup",
                2 => "interrupt",
                3 => "quit",
                6 => "aborted",
                9 => "killed",
                11 => "segmentation fault",
                13 => "broken pipe",
                15 => "terminated",
                _ => return format!("signal: signal {signal}"),
            };
            return format!("signal: {name}");
        }
    }
    format!("exit status {}", status.code().unwrap_or(1))
}
