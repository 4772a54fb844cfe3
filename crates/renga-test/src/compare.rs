//! Compares what a program does in a case with what was recorded.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;
use similar::TextDiff;
use walkdir::WalkDir;

use crate::{
    case::{Case, Expectation, Step},
    golden::{Golden, Source},
    play::Block,
};

/// A command that did not do what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `topic/case:number`, with the command's number in the case from 1.
    pub id: String,
    /// The command.
    pub command: String,
    /// The difference, recorded (`-`) against actual (`+`).
    pub difference: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n  $ {}", self.id, self.command)?;
        self.difference.lines().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// Compares the blocks of a run with the goldens of the case and returns each that differs.
///
/// # Errors
///
/// When a golden cannot be read.
pub fn compare(case: &Case, blocks: &[Block]) -> io::Result<Vec<Failure>> {
    let reference = Golden::read(&Source::Reference.path(case))?;
    let own = Golden::read(&Source::Own.path(case))?;
    let mut failures = Vec::new();
    for (index, (step, block)) in case.steps().zip(blocks).enumerate() {
        let (golden, source) = match step.expectation {
            Expectation::Reference => (&reference, Source::Reference),
            Expectation::Own(_) | Expectation::OwnOnly(_) => (&own, Source::Own),
        };
        let difference = match golden.block(case, source, index) {
            Some(expected) => difference(step, &expected.text, &block.text),
            None => Some(format!("no recorded output; the run gave:\n{}", block.text)),
        };
        failures.extend(difference.map(|difference| Failure {
            id: format!("{}:{}", case.id(), index + 1),
            command: step.text.clone(),
            difference,
        }));
    }
    Ok(failures)
}

/// The difference of two blocks as a unified diff, `None` when they say the same.
fn difference(step: &Step, expected: &str, actual: &str) -> Option<String> {
    if same(step, expected, actual) {
        return None;
    }
    let diff = TextDiff::from_lines(expected, actual);
    Some(diff.unified_diff().context_radius(4).to_string())
}

/// Whether two blocks say the same, by what counts for the step.
fn same(step: &Step, left: &str, right: &str) -> bool {
    let lines = |text: &str| {
        let mut in_commands = false;
        let mut lines: Vec<_> = text
            .lines()
            .filter(|line| !(step.message_only && line.starts_with("|\t")))
            .map(|line| without_description(line, &mut in_commands))
            .collect();
        if step.unordered {
            lines.sort_unstable();
        }
        lines
    };
    lines(left) == lines(right)
}

/// A line of a block without what a usage table says about a command or flag: each program has
/// words of its own there. Names, types and defaults stay.
fn without_description(line: &str, in_commands: &mut bool) -> String {
    static FLAG: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"^(\|\s+(?:-\w, )?\s*--[\w-]+(?: \S+)?)\s{2,}.*?( \(default [^:].*\))?$";
        Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"))
    });
    if line == "|Available Commands:" || line == "|" {
        *in_commands = line != "|";
    } else if *in_commands {
        return line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    }
    match FLAG.captures(line) {
        Some(groups) => format!("{}{}", &groups[1], groups.get(2).map_or("", |m| m.as_str())),
        None => line.to_owned(),
    }
}

impl Case {
    /// The case's name for people: `topic/case`.
    pub fn id(&self) -> String {
        let topic = self.path.parent().and_then(Path::file_name).unwrap_or_default();
        let name = self.path.file_stem().unwrap_or_default();
        format!("{}/{}", topic.display(), name.display())
    }
}

impl Step {
    /// Whether two outcomes of this step say the same.
    pub fn agrees(&self, left: &Block, right: &Block) -> bool {
        same(self, &left.text, &right.text)
    }
}

/// All case files below a folder, sorted.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn find_cases(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut cases = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "case") {
            cases.push(path);
        }
    }
    Ok(cases)
}

/// Reads the list of commands that are known to differ from the recording without intent.
///
/// One `topic/case:number reason` a line. A test must fail when a listed command agrees, so that
/// the list only shrinks.
///
/// # Errors
///
/// When the file exists and cannot be read.
pub fn known_gaps(path: &Path) -> io::Result<Vec<String>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs_err::read_to_string(path)?;
    let ids = text.lines().filter(|line| !line.starts_with('#'));
    Ok(ids.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(directive: &str) -> Step {
        let case = Case::parse(Path::new("t/x.case"), &format!("{directive}\n$ tk a\n")).unwrap();
        case.steps().next().unwrap().clone()
    }

    #[test]
    fn order_counts_unless_the_step_says_otherwise() {
        assert!(same(&step("@unordered"), "a\nb\n", "b\na\n"));
        assert!(!same(&step(""), "a\nb\n", "b\na\n"));
        assert!(!same(&step("@unordered"), "a\nb\n", "a\na\n"));
    }

    #[test]
    fn frames_count_unless_the_step_says_otherwise() {
        let (left, right) = ("|error\n|\tx:1:2\n", "|error\n|\ty:3:4\n|\tz\n");
        assert!(same(&step("@message-only"), left, right));
        assert!(!same(&step(""), left, right));
        assert!(!same(&step("@message-only"), left, "|other\n"));
    }

    #[test]
    fn descriptions_in_usage_tables_do_not_count() {
        let usage = |words: &str, default: &str, name: &str| {
            format!(
                "|Available Commands:\n|  {name}   {words}\n|\n|  -x, --flag string   {words}{default}\n|  a  b {words}\n"
            )
        };
        let same = |left: String, right: String| same(&step(""), &left, &right);
        let default = " (default \"1\")";
        let cut = |text: String| text.rsplit_once("|  a").map(|(cut, _)| cut.to_owned()).unwrap();
        assert!(same(cut(usage("our words", default, "do")), cut(usage("theirs", default, "do"))));
        assert!(!same(usage("our words", default, "do"), usage("theirs", default, "do")));
        assert!(!same(usage("w", default, "do"), usage("w", "", "do")));
        assert!(!same(usage("w", default, "do"), usage("w", default, "did")));
    }

    #[test]
    fn a_step_without_recording_fails() {
        let case = Case::parse(Path::new("no/such.case"), "$ tk a\n").unwrap();
        let block = Block { command: "tk a".into(), text: "exit: 0\n".into() };
        let failures = compare(&case, &[block]).unwrap();
        assert_eq!(failures[0].id, "no/such:1");
    }
}
