//! A folder to run a program in, with an environment of its own.
//!
//! Layout: `ws/` is the workspace (`<ROOT>`), `home/` the user's folder (`<HOME>`). The program is
//! linked once, under the name the test wants, into a folder that all sandboxes share (`<BIN>`).
//! A run sees `PATH`, `HOME` and `TMPDIR` of the sandbox and nothing else of the caller's
//! variables; it has no terminal, and is ended after [`TIME_LIMIT`].

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    case::{Entry, EntryKind},
    normalise::Normaliser,
};

/// How long one run may take. Generous: it only keeps an endless run from hanging the tests.
const TIME_LIMIT: Duration = Duration::from_mins(2);

/// Why a sandbox cannot be set up or used.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A file or folder cannot be written or read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The program ran for too long and was ended.
    #[error("`{command}` ran longer than {} s", TIME_LIMIT.as_secs())]
    TooLong {
        /// The command.
        command: String,
    },
}

/// A program under the name it is started by.
#[derive(Debug)]
pub struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    /// Makes `binary` available as `name`, by a hard link, or by a copy across file systems.
    ///
    /// A symbolic link would not do: a program that asks the system for its own path would see
    /// through it.
    ///
    /// # Errors
    ///
    /// When `binary` cannot be linked or copied.
    pub fn named(binary: &Path, name: &str) -> Result<Self, SandboxError> {
        let binary = fs_err::canonicalize(binary)?;
        let folder = TempDir::with_prefix("renga-bin-")?;
        let path = fs_err::canonicalize(folder.path())?.join(name);
        if fs_err::hard_link(&binary, &path).is_err() {
            fs_err::copy(&binary, &path)?;
        }
        Ok(Self { folder, path })
    }

    /// The path of the program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(self.folder.path())
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    /// The exit code, or 128 plus the signal that ended the program.
    pub exit: i32,
    /// Standard output, byte for byte.
    pub stdout: Vec<u8>,
    /// Standard error, byte for byte.
    pub stderr: Vec<u8>,
}

/// A temporary workspace and the environment of the programs run in it.
#[derive(Debug)]
pub struct Sandbox {
    _folder: TempDir,
    root: PathBuf,
    home: PathBuf,
    tmp: PathBuf,
}

impl Sandbox {
    /// Creates an empty workspace.
    ///
    /// # Errors
    ///
    /// When the temporary folder cannot be created.
    pub fn new() -> Result<Self, SandboxError> {
        let folder = TempDir::with_prefix("renga-test-")?;
        let base = fs_err::canonicalize(folder.path())?;
        let [root, home, tmp] = ["ws", "home", "tmp"].map(|name| base.join(name));
        for path in [&root, &home, &tmp] {
            fs_err::create_dir(path)?;
        }
        Ok(Self { _folder: folder, root, home, tmp })
    }

    /// The workspace folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Creates an entry of a case, and the folders above it. `<ROOT>` in a file's text is replaced.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn create(&self, entry: &Entry, program: Option<&Program>) -> Result<(), SandboxError> {
        let path = self.root.join(&entry.path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        match &entry.kind {
            EntryKind::Folder => fs_err::create_dir_all(&path)?,
            EntryKind::Link(target) => symlink(self.expand(target, program), &path)?,
            EntryKind::File { content, executable } => {
                match std::str::from_utf8(content) {
                    Ok(text) => fs_err::write(&path, self.expand(text, program))?,
                    Err(_) => fs_err::write(&path, content)?,
                }
                if *executable {
                    fs_err::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
                }
            }
        }
        Ok(())
    }

    /// Replaces the names of folders by the folders of this sandbox.
    pub fn expand(&self, text: &str, program: Option<&Program>) -> String {
        let text = text.replace("<ROOT>", &self.root.display().to_string());
        let text = text.replace("<HOME>", &self.home.display().to_string());
        match program {
            Some(program) => text.replace("<BIN>", &program.folder().display().to_string()),
            None => text,
        }
    }

    /// The inverse of [`Self::expand`], for outputs.
    pub(crate) fn normaliser(&self, program: Option<&Program>) -> Normaliser {
        let mut folders = vec![
            (self.root.clone(), "<ROOT>"),
            (self.home.clone(), "<HOME>"),
            (self.tmp.clone(), "<TMP>"),
        ];
        folders.extend(program.map(|program| (program.folder().to_owned(), "<BIN>")));
        Normaliser::new(folders)
    }

    /// Runs a program in the folder `cwd` of the workspace.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or runs longer than the limit.
    pub fn run(
        &self,
        program: &Path,
        arguments: &[String],
        variables: &[(String, String)],
        cwd: &Path,
        stdin: &str,
    ) -> Result<Run, SandboxError> {
        // Files and not pipes: a program that leaves a child behind cannot block us.
        let mut input = tempfile::tempfile()?;
        input.write_all(stdin.as_bytes())?;
        input.rewind()?;
        let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.root.join(cwd))
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/local/bin:/usr/bin:/bin", self.root.display()))
            .env("HOME", &self.home)
            .env("TMPDIR", &self.tmp)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(stdout.try_clone()?))
            .stderr(Stdio::from(stderr.try_clone()?));
        let mut child = command.spawn()?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if started.elapsed() > TIME_LIMIT {
                child.kill()?;
                child.wait()?;
                let command = format!("{} {}", program.display(), arguments.join(" "));
                return Err(SandboxError::TooLong { command });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        let signal = std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(0);
        let exit = status.code().unwrap_or(128 + signal);
        Ok(Run { exit, stdout: read_back(stdout)?, stderr: read_back(stderr)? })
    }
}

fn read_back(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(bytes)
}
