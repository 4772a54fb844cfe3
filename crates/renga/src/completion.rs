//! Shell completion by the protocol of bash's `complete -C`: the shell puts the line typed so far
//! into variables and runs the program, which prints one candidate a line.
//!
//! What completes a word follows from the model: commands and flags by name, positional words by
//! their `value_hint` (files or folders; all others are environments below the working directory).

use std::io::{self, Write as _};
use std::path::Path;

use clap::{CommandFactory as _, ValueHint};
use renga_diag::ExitStatus;

use crate::args::Cli;
use crate::commands;
use crate::dialect::{Dialect, Node};
use crate::external;
use crate::settings::Settings;

/// Flags whose values alone are offered after them, by command and flag, in tk's order.
const FLAGS_WITH_VALUES: [(&str, &str, &[&str]); 7] = [
    ("diff", "--color", &COLORS),
    ("apply", "--color", &COLORS),
    ("prune", "--color", &COLORS),
    ("delete", "--color", &COLORS),
    ("diff", "--diff-strategy", &["native", "subset", "validate", "server"]),
    ("apply", "--diff-strategy", &["native", "subset", "validate", "server", "none"]),
    ("apply", "--apply-strategy", &["client", "server"]),
];

/// Values of `--color`.
const COLORS: [&str; 3] = ["auto", "always", "never"];

/// The flag after which contexts of the kubeconfig are offered, and its command.
const FLAG_WITH_CONTEXTS: (&str, &str) = ("set", "--server-from-context");

/// The line typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The complete words after the program's name.
    completed: Vec<String>,
    /// The word being typed; empty after a blank.
    last: String,
}

impl Line {
    /// The line in the variables of the environment, if a shell asks for completion.
    #[expect(clippy::disallowed_methods, reason = "the variables are the protocol")]
    pub(crate) fn from_process() -> Option<Self> {
        let line = std::env::var("COMP_LINE").ok().filter(|line| !line.is_empty())?;
        let point = std::env::var("COMP_POINT").ok().and_then(|point| point.parse().ok());
        Some(Self::new(&line, point))
    }

    fn new(line: &str, point: Option<usize>) -> Self {
        let line = point.and_then(|point| line.get(..point)).unwrap_or(line);
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if line.ends_with(char::is_whitespace) {
            words.push(String::new());
        }
        // `--flag=val` is completed like `--flag val`.
        if let Some(last) = words.pop() {
            words.extend(last.split('=').map(str::to_owned));
        }
        let last = words.pop().unwrap_or_default();
        let completed = words.into_iter().skip(1).collect();
        Self { completed, last }
    }
}

/// Prints the candidates for `line`.
pub(crate) fn answer(line: &Line, settings: &Settings) -> ExitStatus {
    let model = Cli::command();
    let root = match settings.dialect {
        Dialect::Tk => {
            let externals = external::find(&settings.search_path, "tk-");
            Node::root(&model, Dialect::Tk.program(), externals)
        }
        Dialect::Renga => Node::whole(&model),
    };
    let mut candidates = candidates(
        &root,
        line,
        &|| commands::environment_files(settings),
        &|| commands::contexts(settings),
        settings.dialect,
        &settings.cwd,
    );
    candidates.retain(|candidate| candidate.starts_with(&line.last));
    let mut text = candidates.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    // The shell may have gone away; there is nobody to tell.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    ExitStatus::Success
}

fn candidates(
    root: &Node<'_>,
    line: &Line,
    environments: &dyn Fn() -> Vec<String>,
    contexts: &dyn Fn() -> Vec<String>,
    dialect: Dialect,
    cwd: &Path,
) -> Vec<String> {
    let mut node = root;
    let mut words = line.completed.iter();
    while let Some(child) =
        words.by_ref().find_map(|word| node.children().iter().find(|child| child.name() == word))
    {
        node = child;
    }
    let previous = line.completed.last().map(String::as_str).unwrap_or_default();
    if (node.name(), previous) == FLAG_WITH_CONTEXTS {
        // tk has an empty line at the end of the list.
        return contexts().into_iter().chain([String::new()]).collect();
    }
    let values =
        FLAGS_WITH_VALUES.iter().find(|(name, flag, _)| (*name, *flag) == (node.name(), previous));
    if let Some((_, _, values)) = values {
        return values.iter().map(ToString::to_string).collect();
    }
    let mut found: Vec<String> =
        node.children().iter().map(|child| child.name().to_owned()).collect();
    if line.last.starts_with('-') {
        found.extend(node.flag_words(dialect));
    }
    found.sort();
    match node.word_hint() {
        None => {}
        Some(ValueHint::DirPath) => found.extend(paths(&line.last, cwd, false)),
        Some(ValueHint::FilePath) => found.extend(paths(&line.last, cwd, true)),
        Some(_) => {
            let environments = environments();
            if environments.is_empty() {
                found.extend(paths(&line.last, cwd, true));
            } else {
                found.extend(environments);
            }
        }
    }
    found
}

/// Files and folders (the latter with a slash) whose path begins with `prefix`. Where that is a
/// single folder, what is in it is offered as well.
fn paths(prefix: &str, cwd: &Path, files: bool) -> Vec<String> {
    if prefix.ends_with("/..") {
        return Vec::new();
    }
    let found = paths_once(prefix, cwd, files);
    match found.as_slice() {
        [only] if only.ends_with('/') => paths_once(only, cwd, files),
        _ => found,
    }
}

fn paths_once(prefix: &str, cwd: &Path, files: bool) -> Vec<String> {
    let dir = match prefix.rfind('/') {
        Some(slash) => &prefix[..=slash],
        None => "",
    };
    let mut found = Vec::new();
    if let Ok(entries) = fs_err::read_dir(cwd.join(dir)) {
        for entry in entries.flatten() {
            let is_dir = entry.path().is_dir();
            if let Some(name) = entry.file_name().to_str()
                && (is_dir || files)
            {
                found.push(format!("{dir}{name}{}", if is_dir { "/" } else { "" }));
            }
        }
    }
    found.push(if dir.is_empty() { "./".to_owned() } else { dir.to_owned() });
    found.retain(|path| path.starts_with(prefix));
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        let model = Cli::command();
        let root = Node::root(&model, "tk", Vec::new());
        let environments = || vec!["environments/a/main.jsonnet".to_owned()];
        let line = Line::new(line, None);
        let contexts = || vec!["one".to_owned(), "two".to_owned()];
        candidates(&root, &line, &environments, &contexts, Dialect::Tk, Path::new("/nowhere"))
    }

    #[test]
    fn commands_flags_and_environments_are_offered() {
        assert_eq!(
            offered("tk "),
            [
                "apply", "complete", "delete", "diff", "env", "eval", "export", "init", "prune",
                "show", "status", "tool"
            ]
        );
        assert_eq!(offered("tk env "), ["add", "list", "remove", "set", "./"]);
        assert_eq!(offered("tk show e"), ["environments/a/main.jsonnet"]);
        let flags = offered("tk tool jpath -");
        assert_eq!(flags[..5], ["--debug", "--help", "--log-level", "-d", "-h"].map(String::from));
        assert_eq!(offered("tk init "), [""; 0]);
        assert_eq!(offered("tk env set --server-from-context "), ["one", "two", ""]);
        assert_eq!(offered("tk apply --apply-strategy "), ["client", "server"]);
    }

    #[test]
    fn the_point_and_equal_signs_split_the_line() {
        let line = Line::new("tk show --name=ab rest", Some(17));
        assert_eq!(
            line,
            Line { completed: vec!["show".into(), "--name".into()], last: "ab".into() }
        );
        assert_eq!(Line::new("tk show ", None).last, "");
    }
}
