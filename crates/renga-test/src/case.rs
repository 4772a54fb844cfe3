//! The case format: one text file holds a workspace and the commands to run in it.
//!
//! ```text
//! What this case shows, in words.
//! # A comment.
//! ! git init -q .
//! @cwd environments/a
//! $ tk show . --dangerous-allow-redirect
//! -- environments/a/main.jsonnet --
//! {}
//! ```
//! - `$ WORDS` runs the program. Words are split as a shell would (`'…'`, `"…"`, `\x`); leading
//!   `NAME=value` words are variables. `<ROOT>` and `<BIN>` stand for the folders of the run.
//! - `@env NAME=value` sets a variable for all commands after it.
//! - `! SCRIPT` is preparation by `sh -c` in the workspace.
//! - `@key value` lines belong to the next command: `@cwd`, `@stdin` (one line each), `@tree PATH`
//!   (record the files below), `@modes PATH` (record permissions), `@unordered` (lines may come in
//!   any order), `@message-only` (trace frames of an evaluation error do not count), `@differs ANCHOR REASON` (renga has an expected output of its own) and
//!   `@varies REASON` (the reference answers differently from run to run, so only renga's is kept).
//!   `@unordered all` and `@message-only all` hold for the rest of the case.
//! - `-- PATH --` starts a file; `-- PATH (executable) --`, `-- PATH (no newline) --`,
//!   `-- PATH (hex) --`, `-- LINK -> TARGET --` and `-- FOLDER/ --` are its variants.
//!
//! A workspace without `jsonnetfile.json` and `tkrc.yaml` gets the former, unless `@bare` is given
//! anywhere. This module only reads the text; running it is [`crate::play`].

use std::path::{Path, PathBuf};

/// Why a case file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// A line has a form that the format does not know.
    #[error("{}:{line}: {reason}", path.display())]
    Syntax {
        /// The case file.
        path: PathBuf,
        /// One-based line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// A workspace and the commands to run in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where the case was read from; its goldens stand beside it.
    pub path: PathBuf,
    /// Preparations and commands, in order.
    pub items: Vec<Item>,
    /// What the workspace holds before the first item.
    pub entries: Vec<Entry>,
}

/// One thing to do in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A preparation for `sh -c`, run in the workspace; it must succeed.
    Prepare(String),
    /// A command whose outcome is recorded.
    Run(Step),
}

/// A command of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command as written, the step's heading in the goldens.
    pub text: String,
    /// Variables set for this command only.
    pub variables: Vec<(String, String)>,
    /// The words after the program's name.
    pub arguments: Vec<String>,
    /// The folder to run in, relative to the workspace.
    pub cwd: PathBuf,
    /// What the command reads; nothing by default.
    pub stdin: String,
    /// Folders or files whose content is part of the outcome.
    pub trees: Vec<String>,
    /// Folders whose permissions are part of the outcome.
    pub modes: Vec<String>,
    /// The order of the output's lines carries no meaning.
    pub unordered: bool,
    /// The frames of an evaluation error's trace do not count, only its message.
    pub message_only: bool,
    /// Whose output counts.
    pub expectation: Expectation,
}

/// Which recorded output a step is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The reference's.
    Reference,
    /// Our own: the two differ on purpose (the documentation's anchor and the reason).
    Own(String),
    /// Our own: the reference's output varies from run to run (the reason).
    OwnOnly(String),
}

/// A file, link or folder of a case's workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path below the workspace.
    pub path: String,
    /// What stands there.
    pub kind: EntryKind,
}

/// What an [`Entry`] creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file; `executable` sets its mode to 0755.
    File {
        /// The bytes.
        content: Vec<u8>,
        /// Whether it may be run.
        executable: bool,
    },
    /// A symbolic link with its target as written.
    Link(String),
    /// A folder, possibly empty.
    Folder,
}

impl Case {
    /// Reads and parses a case file.
    ///
    /// # Errors
    ///
    /// [`CaseError`] when the file cannot be read or has a line of unknown form.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        Self::parse(path, &fs_err::read_to_string(path)?)
    }

    /// Parses the text of a case; `path` names it in errors.
    ///
    /// # Errors
    ///
    /// [`CaseError::Syntax`] with the first line that has no known form.
    pub fn parse(path: &Path, text: &str) -> Result<Self, CaseError> {
        let mut parser = Parser::default();
        let mut bare = false;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let result = if let Some(header) = file_header(line) {
                parser.start_entry(header)
            } else if let Some(body) = &mut parser.body {
                body.push_str(line);
                Ok(())
            } else if line.trim() == "@bare" {
                bare = true;
                Ok(())
            } else {
                parser.script_line(line.trim_end())
            };
            result.map_err(|reason| CaseError::Syntax {
                path: path.to_owned(),
                line: index + 1,
                reason,
            })?;
        }
        let syntax = |reason: String| CaseError::Syntax {
            path: path.to_owned(),
            line: text.lines().count(),
            reason,
        };
        parser.finish_entry().map_err(syntax)?;
        if parser.pending != Pending::default() {
            return Err(syntax("an `@` line has no command after it".to_owned()));
        }
        if !parser.items.iter().any(|item| matches!(item, Item::Run(_))) {
            return Err(syntax("the case runs nothing".to_owned()));
        }
        let has_root = |entry: &Entry| {
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            name == "jsonnetfile.json" || name == "tkrc.yaml"
        };
        if !bare && !parser.entries.iter().any(has_root) {
            parser.entries.push(Entry {
                path: "jsonnetfile.json".to_owned(),
                kind: EntryKind::File { content: b"{}\n".to_vec(), executable: false },
            });
        }
        Ok(Self { path: path.to_owned(), items: parser.items, entries: parser.entries })
    }

    /// The commands, without the preparations.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.items.iter().filter_map(|item| match item {
            Item::Run(step) => Some(step),
            Item::Prepare(_) => None,
        })
    }
}

/// The `@` lines seen since the last command.
#[derive(Debug, Default, PartialEq, Eq)]
struct Pending {
    cwd: Option<String>,
    stdin: String,
    trees: Vec<String>,
    modes: Vec<String>,
    unordered: bool,
    message_only: bool,
    expectation: Option<Expectation>,
}

#[derive(Debug, Default)]
struct Parser {
    items: Vec<Item>,
    entries: Vec<Entry>,
    pending: Pending,
    variables: Vec<(String, String)>,
    unordered: bool,
    message_only: bool,
    header: String,
    body: Option<String>,
}

/// What stands between `-- ` and ` --`, when the line is such a header.
fn file_header(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("-- ")?.strip_suffix(" --")
}

impl Parser {
    fn script_line(&mut self, line: &str) -> Result<(), String> {
        if let Some(command) = line.strip_prefix("$ ") {
            let step = self.step(command)?;
            self.items.push(Item::Run(step));
        } else if let Some(script) = line.strip_prefix("! ") {
            self.items.push(Item::Prepare(script.to_owned()));
        } else if let Some(directive) = line.strip_prefix('@') {
            self.directive(directive)?;
        }
        Ok(())
    }

    fn directive(&mut self, directive: &str) -> Result<(), String> {
        let (key, value) = directive.split_once(' ').unwrap_or((directive, ""));
        let pending = &mut self.pending;
        match key {
            "env" => {
                self.variables.push(assignment(value).ok_or("`@env` needs `NAME=value`")?);
            }
            "cwd" => pending.cwd = Some(value.to_owned()),
            "stdin" => {
                pending.stdin.push_str(value);
                pending.stdin.push('\n');
            }
            "tree" => pending.trees.push(value.to_owned()),
            "modes" => pending.modes.push(value.to_owned()),
            "unordered" if value == "all" => self.unordered = true,
            "unordered" => pending.unordered = true,
            "message-only" if value == "all" => self.message_only = true,
            "message-only" => pending.message_only = true,
            "differs" | "varies" if value.is_empty() => {
                return Err(format!("`@{key}` needs a reason"));
            }
            // A reference that varies leaves nothing to record, whatever else is said.
            "differs" => {
                pending.expectation.get_or_insert_with(|| Expectation::Own(value.to_owned()));
            }
            "varies" => pending.expectation = Some(Expectation::OwnOnly(value.to_owned())),
            _ => return Err(format!("unknown directive `@{key}`")),
        }
        Ok(())
    }

    fn step(&mut self, command: &str) -> Result<Step, String> {
        let mut words = split_words(command)?.into_iter().peekable();
        let mut variables = self.variables.clone();
        while let Some((name, value)) = words.peek().and_then(|word| assignment(word)) {
            variables.push((name, value));
            words.next();
        }
        if words.next().is_none() {
            return Err("a command needs a program".to_owned());
        }
        let pending = std::mem::take(&mut self.pending);
        Ok(Step {
            text: command.to_owned(),
            variables,
            arguments: words.collect(),
            cwd: PathBuf::from(pending.cwd.unwrap_or_default()),
            stdin: pending.stdin,
            trees: pending.trees,
            modes: pending.modes,
            unordered: pending.unordered || self.unordered,
            message_only: pending.message_only || self.message_only,
            expectation: pending.expectation.unwrap_or(Expectation::Reference),
        })
    }

    fn start_entry(&mut self, header: &str) -> Result<(), String> {
        self.finish_entry()?;
        header.clone_into(&mut self.header);
        self.body = Some(String::new());
        Ok(())
    }

    fn finish_entry(&mut self) -> Result<(), String> {
        let Some(body) = self.body.take() else { return Ok(()) };
        let (path, kind) = if let Some((link, target)) = self.header.split_once(" -> ") {
            (link, EntryKind::Link(target.to_owned()))
        } else if let Some(folder) = self.header.strip_suffix('/') {
            (folder, EntryKind::Folder)
        } else {
            let (path, variant) = match self.header.strip_suffix(')') {
                Some(rest) => rest.split_once(" (").ok_or("unbalanced `)` in a file's header")?,
                None => (self.header.as_str(), ""),
            };
            let content = match variant {
                "" | "executable" => body.into_bytes(),
                "no newline" => body.strip_suffix('\n').unwrap_or(&body).as_bytes().to_vec(),
                "hex" => hex(&body)?,
                _ => return Err(format!("unknown variant `({variant})` of a file")),
            };
            (path, EntryKind::File { content, executable: variant == "executable" })
        };
        self.entries.push(Entry { path: path.to_owned(), kind });
        Ok(())
    }
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).map_err(|_| format!("`{byte}` is no byte")))
        .collect()
}

/// Reads `NAME=value`, where the name is upper case as variables are.
fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

/// Splits a command as a shell does, without expansions.
fn split_words(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("a `'` is not closed".to_owned()),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => word.extend(chars.next()),
                        Some(c) => word.push(c),
                        None => return Err("a `\"` is not closed".to_owned()),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Case, CaseError> {
        Case::parse(Path::new("x.case"), text)
    }

    #[test]
    fn reads_commands_directives_and_files() {
        let case = parse(
            "Words.\n! git init\n@cwd a/b\n@stdin yes\n@unordered\n\
             $ KEY=v tk show 'a b' \"c'd\" --x=\\'\n-- a/b/main.jsonnet --\n{}\n\n-- c (no newline) --\nx\n-- l -> a --\n-- e/ --\n",
        )
        .unwrap();
        let step = case.steps().next().unwrap();
        assert_eq!(step.arguments, ["show", "a b", "c'd", "--x='"]);
        assert_eq!(step.variables, [("KEY".to_owned(), "v".to_owned())]);
        assert_eq!((step.stdin.as_str(), step.unordered), ("yes\n", true));
        assert_eq!(case.items[0], Item::Prepare("git init".to_owned()));
        let file = |text: &str| EntryKind::File { content: text.into(), executable: false };
        let kinds: Vec<_> =
            case.entries.iter().map(|e| (e.path.as_str(), e.kind.clone())).collect();
        assert_eq!(
            kinds,
            [
                ("a/b/main.jsonnet", file("{}\n\n")),
                ("c", file("x")),
                ("l", EntryKind::Link("a".to_owned())),
                ("e", EntryKind::Folder),
                ("jsonnetfile.json", file("{}\n")),
            ]
        );
    }

    #[test]
    fn names_the_line_of_an_unknown_directive() {
        let error = parse("Words.\n@wat\n$ tk\n").unwrap_err();
        assert_eq!(error.to_string(), "x.case:2: unknown directive `@wat`");
    }

    #[test]
    fn refuses_a_case_that_runs_nothing() {
        assert!(parse("Words.\n").is_err());
        assert!(parse("Words.\n$ tk\n@cwd a\n").is_err());
    }
}
