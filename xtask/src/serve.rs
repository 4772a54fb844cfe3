//! `cargo xtask serve-charts`: a chart repository for benchmarks, in a process of its own.
//!
//! Of its own, so that neither its memory nor its work is counted among those of the programs that
//! are measured. [`Server`] starts and ends it; it also ends when the process that started it does.

use std::{
    error::Error,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

use clap::Args;
use renga_test::ChartServer;

/// Arguments of `cargo xtask serve-charts`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Folder of repositories, which are folders of charts; an `index.yaml` in one is served as it is
    dir: PathBuf,
}

/// Runs `cargo xtask serve-charts`: prints the URL and serves until standard input ends.
pub(crate) fn serve(args: &ServeArgs) -> ExitCode {
    match run(&args.dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(dir: &Path) -> io::Result<()> {
    let server = ChartServer::start()?;
    for repository in fs_err::read_dir(dir)? {
        let path = repository?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        server.add_charts_below(&name, &path)?;
        let index = path.join("index.yaml");
        if index.is_file() {
            server.set_index(&name, &fs_err::read_to_string(index)?);
        }
    }
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", server.url())?;
    stdout.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A running `serve-charts`, until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it and waits until it serves.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or ends at once.
    pub(crate) fn start(dir: &Path) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve-charts").arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Self { child: command.spawn()?, url: String::new() };
        if let Some(stdout) = server.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut server.url)?;
        }
        server.url.truncate(server.url.trim_end().len());
        if server.url.is_empty() { Err("serve-charts does not serve".into()) } else { Ok(server) }
    }

    /// The URL of a repository.
    pub(crate) fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input ends, and it with it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
