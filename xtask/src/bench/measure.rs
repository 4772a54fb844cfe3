//! One run of a program, and the medians of many.

use std::{
    error::Error,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// User and system time of the process and of those it waited for.
    cpu: Duration,
    /// Most memory resident at a time, in KiB.
    memory: u32,
}

/// Medians of several runs, each figure for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) runs: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// In KiB.
    pub(crate) memory: u32,
}

impl Figures {
    pub(crate) fn medians(runs: &[Run]) -> Self {
        Self {
            runs: runs.len(),
            wall: median(runs.iter().map(|run| run.wall)),
            cpu: median(runs.iter().map(|run| run.cpu)),
            memory: median(runs.iter().map(|run| run.memory)),
        }
    }
}

/// The middle value, the lower one of two; the default if there is none.
fn median<T: Copy + Ord + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// Runs a program to its end, its streams in files.
///
/// The memory of a small process has a floor: what this program itself had resident when it started
/// the other counts as that one's, too.
///
/// # Errors
///
/// When it cannot be started, or does not end with `exit`; with the end of what it said.
pub(crate) fn run(
    mut command: Command,
    exit: i32,
    stdout: &Path,
    stderr: &Path,
) -> Result<Run, Box<dyn Error>> {
    command.stdin(Stdio::null());
    command.stdout(fs_err::File::create(stdout)?.into_parts().0);
    command.stderr(fs_err::File::create(stderr)?.into_parts().0);
    let start = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = start.elapsed();
    if used.status.code() != Some(exit) {
        let talk = fs_err::read(stderr)?;
        let talk = String::from_utf8_lossy(&talk[talk.len().saturating_sub(2000)..]).into_owned();
        return Err(format!("{}: {talk}", used.status).into());
    }
    let memory = u32::try_from(used.rusage.maxrss >> 10)?;
    Ok(Run { wall, cpu: used.rusage.utime + used.rusage.stime, memory })
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_a_value_that_was_measured() {
        assert_eq!(median([5, 1, 9].into_iter()), 5);
        assert_eq!(median([4, 1, 9, 2].into_iter()), 2);
        assert_eq!(median(std::iter::empty::<u32>()), 0);
    }
}
