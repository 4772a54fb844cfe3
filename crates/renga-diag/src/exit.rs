//! The exit codes of renga. They are part of its interface: scripts branch on them.

use std::process::{ExitCode, Termination};

/// How a command ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: all went well. A closed pipe on standard output counts as success.
    #[default]
    Success,
    /// 1: the user's input or the world failed.
    Failure,
    /// 2: wrong usage of the command line (1 when started as `tk`, as `tk` does).
    Usage,
    /// 16: `diff` and its kin found differences.
    Differences,
    /// 130: interrupted by Ctrl-C; what was on disk before is still there.
    Interrupted,
}

impl ExitStatus {
    /// The number the process exits with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Differences => 16,
            Self::Interrupted => 130,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        self.into()
    }
}
