//! Where the figures come from: processor, memory, system, load, date and commit.

use std::{path::Path, process::Command, thread::available_parallelism};

use crate::cargo;

/// Facts that belong beside a figure. What the system does not tell is `unknown`.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory: String,
    pub(crate) system: String,
}

impl Machine {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let memory = field("/proc/meminfo", "MemTotal:");
        let memory = memory.trim_end_matches("kB").trim().parse::<u64>();
        Self {
            processor: field("/proc/cpuinfo", "model name")
                .trim_start_matches([':', ' '])
                .to_owned(),
            cores: available_parallelism().map_or(1, usize::from),
            memory: memory.map_or(unknown(), |kib| format!("{} GiB", kib.div_ceil(1 << 20))),
            system: field("/etc/os-release", "PRETTY_NAME=").trim_matches('"').to_owned(),
        }
    }
}

/// What was measured, and when.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) date: String,
    pub(crate) commit: String,
    /// Average number of running processes over the minute before.
    pub(crate) load: String,
    /// The kind of file system that the workspaces are on.
    pub(crate) disk: String,
}

impl Moment {
    /// Without a date it is that of the program's file.
    pub(crate) fn read(
        program: &Path,
        scratch: &Path,
        date: Option<String>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let built = jiff::Timestamp::try_from(fs_err::metadata(program)?.modified()?)?;
        let date = date.unwrap_or_else(|| built.strftime("%Y-%m-%d").to_string());
        Ok(Self { date, commit: commit(), load: load(), disk: disk(scratch) })
    }

    /// The same program, under the load there is now.
    pub(crate) fn now(&self) -> Self {
        Self { load: load(), ..self.clone() }
    }
}

/// The kind of the file system that is mounted nearest above a folder.
fn disk(folder: &Path) -> String {
    let mounts = fs_err::read_to_string("/proc/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let point = words.next().filter(|point| folder.starts_with(point))?;
        Some((point.len(), words.next()?))
    });
    // The one mounted last hides the others.
    mounts.max_by_key(|mount| mount.0).map_or_else(unknown, |mount| mount.1.to_owned())
}

fn load() -> String {
    field("/proc/loadavg", "").split(' ').next().unwrap_or_default().to_owned()
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// What follows `key` on the first line of a file that begins with it.
fn field(file: &str, key: &str) -> String {
    let text = fs_err::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    value.map_or_else(unknown, |value| value.trim().to_owned())
}

fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--short", "HEAD"]).current_dir(cargo::root());
    match git.output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => unknown(),
    }
}
