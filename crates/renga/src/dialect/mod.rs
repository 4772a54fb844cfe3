//! Which program renga was started as, and the command line of `tk`.
//!
//! Started as `tk` (by the name of the executable or as `renga tk …`) the words after the name are
//! read by go-clix' and pflag's rules ([`target`], [`flags`]) against the clap model in
//! [`crate::args`]. Errors and help have tk's layout ([`usage`]). What has been understood is handed
//! to clap as a canonical command line, so that values are typed in one place.
//!
//! Nothing here prints, apart from what [`read`] returns to be printed.

pub(crate) mod csv;
mod flags;
mod number;
pub(crate) mod quote;
mod target;
mod usage;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::external::External;
pub(crate) use target::Node;
use usage::usage;

/// The name and manners renga answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// renga's own.
    Renga,
    /// Those of Grafana Tanka's `tk`.
    Tk,
}

impl Dialect {
    /// Finds the dialect, and where it was asked for by a word (`renga tk …`) removes that word.
    pub(crate) fn choose(argv: &mut Vec<OsString>) -> Self {
        let program = argv.first().map(OsString::as_os_str).unwrap_or_default();
        if Path::new(program).file_stem() == Some(OsStr::new("tk")) {
            return Self::Tk;
        }
        if argv.get(1).is_some_and(|word| word == "tk") {
            argv.remove(1);
            return Self::Tk;
        }
        Self::Renga
    }

    /// The name of the program in this dialect.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Renga => "renga",
            Self::Tk => "tk",
        }
    }
}

/// What a command line in tk's manner asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// To run a command; the words are for clap.
    Run(Vec<OsString>),
    /// To run another program, if the log level given is one.
    External {
        /// The program to run.
        command: External,
        /// The words after `--`, and other words that are no flags.
        args: Vec<String>,
        /// The value of `--log-level`.
        log_level: String,
    },
    /// To print a help page.
    Help(String),
    /// To print the version.
    Version,
    /// Nothing: it is wrong. The text goes after `Error: `.
    Wrong(String),
}

/// Commands of tk that renga is to have, but does not have yet.
const LATER: [&str; 2] = ["fmt", "lint"];

/// Says of a word that is no command that it will be one.
pub(crate) fn not_yet(word: &str) -> Option<String> {
    LATER.contains(&word).then(|| format!("`{word}` is not available in this version of renga yet"))
}

/// A command line that has been read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Lines to print on standard error before anything else: warnings about old flags.
    pub(crate) warnings: Vec<String>,
    /// What is to be done.
    pub(crate) request: Request,
}

/// Reads `words` (without the program's name) as `tk` would.
pub(crate) fn read(root: &Node<'_>, words: &[String]) -> Reading {
    let mut warnings = Vec::new();
    let request = match target::find(root, words) {
        Ok((path, words)) => read_command(&path, &words, &mut warnings),
        // The help flag, but not the version flag, is known by then.
        Err(unknown) => {
            let (node, flags) = (unknown.path.last(), unknown.flags(false));
            let usage = node.map(|_| usage(&unknown.path, &flags)).unwrap_or_default();
            let later = not_yet(&unknown.word).map(|note| format!("\n{note}")).unwrap_or_default();
            let word = unknown.word;
            Request::Wrong(format!("Error: unknown subcommand `{word}`\n\n{usage}{later}"))
        }
    };
    Reading { warnings, request }
}

fn read_command(path: &[&Node<'_>], words: &[String], warnings: &mut Vec<String>) -> Request {
    let Some(node) = path.last() else { return Request::Help(String::new()) };
    let is_root = path.len() == 1;
    let flags = node.flags(is_root);
    let wrong =
        |message: String| Request::Wrong(format!("Error: {message}\n\n{}", usage(path, &flags)));
    let read = match flags.parse(words, warnings) {
        Ok(read) => read,
        Err(error) => return wrong(error.to_string()),
    };
    if read.is_set("version") {
        return Request::Version;
    }
    if read.is_set("help") || is_root {
        return Request::Help(usage(path, &flags));
    }
    if let Err(message) = node.arity().check(read.words.len()) {
        return wrong(message);
    }
    if let Node::External { command, .. } = node {
        return Request::External {
            command: command.clone(),
            log_level: read.last("log-level").unwrap_or("info").to_owned(),
            args: read.words,
        };
    }
    if !node.children().is_empty() {
        // `tk env -- list`: tk crashes here; the words are no subcommand.
        return wrong(format!("unknown subcommand `{}`", read.words.join(" ")));
    }
    let mut argv: Vec<OsString> = path.iter().map(|node| node.name().into()).collect();
    argv.extend(read.canonical().into_iter().map(OsString::from));
    if !read.words.is_empty() && !node.has_idle_words() {
        argv.push("--".into());
        argv.extend(read.words.iter().map(OsString::from));
    }
    Request::Run(argv)
}

#[cfg(test)]
mod tests;
