//! `complete`: registers this program as its own completion handler in the start-up files of the
//! user's shells.
//!
//! The files are those of the home directory that the system's list of users names, not of `$HOME`;
//! so does tk.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use renga_diag::{ExitStatus, Report};
use renga_project::go_io_text;

use super::Outcome;
use crate::args::CompleteArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// The files in which bash may look, best first; the first that exists is used.
const BASH_FILES: [&str; 4] = if cfg!(target_os = "macos") {
    [".bash_profile", "", "", ""]
} else {
    [".bashrc", ".bash_profile", ".bash_login", ".profile"]
};

const BASHCOMPINIT: &str = "autoload -U +X bashcompinit && bashcompinit";

/// Why completion is not installed, or not removed, everywhere.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum CompleteError {
    #[error("Did not find any shells to {action}")]
    #[diagnostic(
        code(renga::no_shell),
        help(
            "completion goes into the start-up file of bash or zsh, or fish's folder: create one"
        )
    )]
    NoShell { action: &'static str },
    #[error("{}", go_list(.0))]
    #[diagnostic(code(renga::complete))]
    Shells(Vec<String>),
    #[error("cannot find the path of this program")]
    #[diagnostic(code(renga::complete))]
    Program(#[source] io::Error),
}

impl Report for CompleteError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Several errors in the layout of `go-multierror`.
fn go_list(errors: &[String]) -> String {
    let count = match errors.len() {
        1 => "1 error occurred:".to_owned(),
        count => format!("{count} errors occurred:"),
    };
    let mut text = format!("{count}\n\t* {}", errors.join("\n\t* "));
    text.push_str("\n\n");
    text
}

/// Runs `renga complete`.
pub(super) fn complete(args: &CompleteArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let program = std::env::current_exe().map_err(CompleteError::Program)?;
    let homes = Homes::of_user();
    edit(&homes, &program, settings.dialect.program(), args.remove)?;
    if settings.dialect == crate::dialect::Dialect::Renga {
        let done = if args.remove { "removed" } else { "installed; start a new shell to use it" };
        printer.note(format_args!("completion {done}"));
    }
    Ok(ExitStatus::Success)
}

/// Where start-up files are.
#[derive(Debug)]
struct Homes {
    /// The user's home; `None` if the system knows none.
    home: Option<PathBuf>,
    /// The folder of configurations.
    config: Option<PathBuf>,
}

impl Homes {
    #[expect(clippy::disallowed_methods, reason = "the rest of the path rests on these variables")]
    fn of_user() -> Self {
        let home = user_home().or_else(|| std::env::var_os("HOME").map(PathBuf::from));
        let config = std::env::var_os("XDG_CONFIG_HOME").filter(|dir| !dir.is_empty());
        let config =
            config.map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(".config")));
        Self { home, config }
    }
}

/// The home directory in the system's list of users.
#[cfg(target_os = "linux")]
fn user_home() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of a process' entry is the user it acts as.
    let user = fs_err::metadata("/proc/self").ok()?.uid().to_string();
    let users = fs_err::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.nth(2)? == user;
        fields.nth(2).filter(|home| found && !home.is_empty()).map(PathBuf::from)
    })
}

#[cfg(not(target_os = "linux"))]
fn user_home() -> Option<PathBuf> {
    None
}

/// A shell that is to know of the program.
#[derive(Debug)]
enum Shell {
    Bash(PathBuf),
    Zsh(PathBuf),
    Fish { folder: PathBuf, file: PathBuf },
}

fn edit(homes: &Homes, program: &Path, name: &str, remove: bool) -> Result<(), CompleteError> {
    let shells = shells(homes, name);
    if shells.is_empty() {
        let action = if remove { "uninstall" } else { "install" };
        return Err(CompleteError::NoShell { action });
    }
    let program = program.display().to_string();
    let errors: Vec<String> = shells
        .iter()
        .filter_map(|shell| {
            let edited = if remove {
                shell.uninstall(&program, name)
            } else {
                shell.install(&program, name)
            };
            edited.err()
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(CompleteError::Shells(errors)) }
}

fn shells(homes: &Homes, name: &str) -> Vec<Shell> {
    let mut shells = Vec::new();
    if let Some(home) = &homes.home {
        let mut candidates = BASH_FILES.iter().filter(|file| !file.is_empty());
        if let Some(file) = candidates.find(|file| home.join(file).exists()) {
            shells.push(Shell::Bash(home.join(file)));
        }
        if home.join(".zshrc").exists() {
            shells.push(Shell::Zsh(home.join(".zshrc")));
        }
    }
    if let Some(folder) = homes.config.as_ref().map(|config| config.join("fish"))
        && folder.is_dir()
    {
        let file = folder.join("completions").join(format!("{name}.fish"));
        shells.push(Shell::Fish { folder, file });
    }
    shells
}

impl Shell {
    fn line(&self, program: &str, name: &str) -> String {
        match self {
            Self::Bash(_) => format!("complete -C {program} {name}"),
            Self::Zsh(_) => format!("complete -o nospace -C {program} {name}"),
            Self::Fish { .. } => fish_script(program, name),
        }
    }

    fn install(&self, program: &str, name: &str) -> Result<(), String> {
        let line = self.line(program, name);
        match self {
            Self::Bash(file) | Self::Zsh(file) => {
                let text = read(file)?;
                if has_line(&text, &line) {
                    return Err(format!("already installed in {}", file.display()));
                }
                let mut addition = String::from("\n");
                if matches!(self, Self::Zsh(_)) && !has_line(&text, BASHCOMPINIT) {
                    let _ = writeln!(addition, "{BASHCOMPINIT}");
                }
                let _ = writeln!(addition, "{line}");
                append(file, &addition)
            }
            Self::Fish { file, .. } => {
                if file.exists() {
                    return Err(format!("already installed at {}", file.display()));
                }
                if let Some(parent) = file.parent() {
                    std::fs::create_dir_all(parent).map_err(|error| {
                        format!("mkdir {}: {}", parent.display(), go_io_text(&error))
                    })?;
                }
                std::fs::write(file, format!("{line}\n"))
                    .map_err(|error| format!("open {}: {}", file.display(), go_io_text(&error)))
            }
        }
    }

    fn uninstall(&self, program: &str, name: &str) -> Result<(), String> {
        match self {
            Self::Bash(file) | Self::Zsh(file) => {
                let (text, line) = (read(file)?, self.line(program, name));
                if !has_line(&text, &line) {
                    return Err(format!("does not installed in {}", file.display()));
                }
                let kept: String = text
                    .lines()
                    .filter(|other| *other != line)
                    .flat_map(|other| [other, "\n"])
                    .collect();
                replace(file, &kept)
            }
            Self::Fish { folder, file } => {
                if !file.exists() {
                    return Err(format!("does not installed in {}", folder.display()));
                }
                std::fs::remove_file(file)
                    .map_err(|error| format!("remove {}: {}", file.display(), go_io_text(&error)))
            }
        }
    }
}

fn fish_script(program: &str, name: &str) -> String {
    format!(
        "\nfunction __complete_{name}\n    \
         set -lx COMP_LINE (commandline -cp)\n    \
         test -z (commandline -ct)\n    \
         and set COMP_LINE \"$COMP_LINE \"\n    \
         {program}\n\
         end\n\
         complete -f -c {name} -a \"(__complete_{name})\"\n"
    )
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|other| other == line)
}

fn read(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file)
        .map_err(|error| format!("open {}: {}", file.display(), go_io_text(&error)))?;
    // A start-up file in another encoding is left alone rather than damaged.
    String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8", file.display()))
}

fn append(file: &Path, text: &str) -> Result<(), String> {
    use std::io::Write as _;
    std::fs::OpenOptions::new()
        .append(true)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .map_err(|error| format!("open {}: {}", file.display(), go_io_text(&error)))
}

/// Replaces the text of a file, keeping the file itself (it may be a link) and a copy until all is
/// written.
fn replace(file: &Path, text: &str) -> Result<(), String> {
    let mut backup = file.as_os_str().to_owned();
    backup.push(".bck");
    std::fs::copy(file, &backup)
        .and_then(|_| std::fs::write(file, text))
        .and_then(|()| std::fs::remove_file(&backup))
        .map_err(|error| format!("open {}: {}", file.display(), go_io_text(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: PathBuf) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn lines_come_and_go_without_touching_others() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        let homes = Homes { home: Some(home.into()), config: Some(home.join(".config")) };
        let program = Path::new("/bin/tk");
        let run = |remove| edit(&homes, program, "tk", remove).map_err(|error| error.to_string());
        assert_eq!(run(false).unwrap_err(), "Did not find any shells to install");

        std::fs::write(home.join(".profile"), "a\n").unwrap();
        std::fs::write(home.join(".zshrc"), "b").unwrap();
        std::fs::create_dir_all(home.join(".config/fish")).unwrap();
        run(false).unwrap();
        assert_eq!(read(home.join(".profile")), "a\n\ncomplete -C /bin/tk tk\n");
        assert_eq!(
            read(home.join(".zshrc")),
            "b\nautoload -U +X bashcompinit && bashcompinit\ncomplete -o nospace -C /bin/tk tk\n"
        );
        assert!(
            read(home.join(".config/fish/completions/tk.fish")).contains("\n    /bin/tk\nend\n")
        );
        let again = run(false).unwrap_err();
        assert!(again.starts_with("3 errors occurred:\n\t* already installed in "), "{again}");

        run(true).unwrap();
        assert_eq!(read(home.join(".profile")), "a\n\n");
        assert!(!home.join(".profile.bck").exists());
        assert!(run(true).unwrap_err().contains("does not installed in"));
    }
}
