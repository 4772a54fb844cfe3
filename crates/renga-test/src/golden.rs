//! The recorded outputs of a case: a file beside it with one block per command.
//!
//! `NAME.out` holds the reference's blocks, `NAME.renga` our own for the commands where the two
//! differ on purpose. The text is: a `#` line that names the source, then for each command
//! `$ COMMAND` and its block. Lines of a block never begin with `$ ` or `#` (outputs are prefixed).

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    case::{Case, Expectation, Step},
    play::Block,
};

/// Whose answers a golden holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The reference program's, in `NAME.out`.
    Reference,
    /// Our own, in `NAME.renga`.
    Own,
}

impl Source {
    /// Whether a golden of this source has a block for the step.
    pub fn records(self, step: &Step) -> bool {
        match self {
            Self::Reference => !matches!(step.expectation, Expectation::OwnOnly(_)),
            Self::Own => step.expectation != Expectation::Reference,
        }
    }

    /// Where the golden of a case stands.
    pub fn path(self, case: &Case) -> PathBuf {
        case.path.with_extension(match self {
            Self::Reference => "out",
            Self::Own => "renga",
        })
    }
}

/// Recorded blocks, in the order of the case's commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Golden {
    /// Where the blocks come from: a program and its version.
    pub source: String,
    /// The blocks.
    pub blocks: Vec<Block>,
}

impl Golden {
    /// Reads a golden; a missing file is an empty golden.
    ///
    /// # Errors
    ///
    /// When the file exists and cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        Ok(Self::parse(&fs_err::read_to_string(path)?))
    }

    fn parse(text: &str) -> Self {
        let mut golden = Self::default();
        for line in text.split_inclusive('\n') {
            if let Some(source) = line.strip_prefix("# ") {
                source.trim_end().clone_into(&mut golden.source);
            } else if let Some(command) = line.strip_prefix("$ ") {
                let command = command.trim_end_matches('\n').to_owned();
                golden.blocks.push(Block { command, text: String::new() });
            } else if let Some(block) = golden.blocks.last_mut().filter(|_| line != "\n") {
                block.text.push_str(line);
            }
        }
        golden
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        let mut text = format!("# {}\n", self.source);
        for block in &self.blocks {
            text.push_str("\n$ ");
            text.push_str(&block.command);
            text.push('\n');
            text.push_str(&block.text);
        }
        text
    }

    /// The block of a case's step, by its number from 0. A case may repeat a command, so the
    /// block is the one after those of the same text that this golden records before it.
    pub fn block(&self, case: &Case, source: Source, index: usize) -> Option<&Block> {
        let step = case.steps().nth(index)?;
        let is_same = |other: &&Step| other.text == step.text && source.records(other);
        let nth = case.steps().take(index).filter(is_same).count();
        self.blocks.iter().filter(|block| block.command == step.text).nth(nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let block =
            |command: &str, text: &str| Block { command: command.into(), text: text.into() };
        let golden = Golden {
            source: "tk".into(),
            blocks: vec![
                block("tk a", "exit: 0\nstdout:\n|x\n|\n|# y\n\\ no newline\n"),
                block("tk a", "exit: 1\n"),
            ],
        };
        let read = Golden::parse(&golden.render());
        assert_eq!(read, golden);
        let text = "$ tk a\n@varies x\n$ tk a\n$ tk a\n$ tk b\n";
        let case = Case::parse(Path::new("x.case"), text).unwrap();
        let exit = |index| {
            read.block(&case, Source::Reference, index).map(|block| block.text.lines().next())
        };
        assert_eq!(exit(0), Some(Some("exit: 0")));
        assert_eq!(exit(2), Some(Some("exit: 1")));
        assert_eq!(exit(3), None);
    }
}
