//! The recorded outputs of a case: a file beside it with one block per command.
//!
//! `NAME.out` holds the reference's blocks, `NAME.renga` our own for the commands where the two
//! differ on purpose. The text is: a `#` line that names the source, then for each command
//! `$ COMMAND` and its block. Lines of a block never begin with `$ ` or `#` (outputs are prefixed).

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{case::Case, play::Block};

/// Recorded blocks, in the order of the case's commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Golden {
    /// Where the blocks come from: a program and its version.
    pub source: String,
    /// The blocks.
    pub blocks: Vec<Block>,
}

impl Golden {
    /// Where the reference's outputs of a case stand.
    pub fn reference_path(case: &Case) -> PathBuf {
        case.path.with_extension("out")
    }

    /// Where our own outputs of a case stand.
    pub fn own_path(case: &Case) -> PathBuf {
        case.path.with_extension("renga")
    }

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

    /// The block of the `nth` command whose text is `command` (a case may repeat a command).
    pub fn block(&self, command: &str, nth: usize) -> Option<&Block> {
        self.blocks.iter().filter(|block| block.command == command).nth(nth)
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
        assert_eq!(read.block("tk a", 1).unwrap().text, "exit: 1\n");
        assert_eq!(read.block("tk b", 0), None);
    }
}
