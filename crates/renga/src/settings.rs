//! Settings: what flags, variables of the environment and `renga.toml` say together.
//!
//! This is the one place that reads variables of the environment and the working directory. Flags
//! win over variables, variables over the file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::args::{ColorChoice, GlobalArgs, LogLevel, MessageFormat};
use crate::dialect::Dialect;

/// The pager when no variable names one: colours are shown, and a short text ends it at once.
const PAGER: &str = "less --RAW-CONTROL-CHARS --quit-if-one-screen --no-init";

/// What does not depend on the command.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Whose manners to have.
    pub(crate) dialect: Dialect,
    /// The working directory (absolute).
    pub(crate) cwd: PathBuf,
    /// Where programs are searched.
    pub(crate) search_path: OsString,
    /// The pager, as a line for `sh -c`; `None` for none.
    pub(crate) pager: Option<String>,
    /// Whether `show` may write into a file or pipe.
    pub(crate) allow_redirect: bool,
    /// Whether standard output is a terminal.
    pub(crate) stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(crate) stderr_is_terminal: bool,
    /// What the variables say about colour.
    color_variables: ColorVariables,
    /// Ids of the flags that stand on the command line, as opposed to defaults.
    given: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct ColorVariables {
    no_color: bool,
    force: bool,
    dumb: bool,
}

/// How messages look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appearance {
    /// Colour on standard error.
    pub(crate) stderr_color: bool,
    /// Least important level that is logged.
    pub(crate) log_level: LogLevel,
    /// Lines for people or for programs.
    pub(crate) message_format: MessageFormat,
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// When there is no working directory.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn from_process(dialect: Dialect) -> io::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let pager =
            variable("TANKA_PAGER").or_else(|| variable("PAGER")).unwrap_or_else(|| PAGER.into());
        Ok(Self {
            dialect,
            cwd: std::env::current_dir()?,
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            pager: Some(pager).filter(|pager| !pager.is_empty()),
            allow_redirect: variable("TANKA_DANGEROUS_ALLOW_REDIRECT").as_deref() == Some("true"),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            color_variables: ColorVariables {
                no_color: is_set("NO_COLOR"),
                force: variable("CLICOLOR_FORCE")
                    .is_some_and(|value| !value.is_empty() && value != "0"),
                dumb: variable("TERM").as_deref() == Some("dumb"),
            },
            given: BTreeSet::new(),
        })
    }

    /// Notes which flags stand on the command line.
    pub(crate) fn note_given(&mut self, matches: &clap::ArgMatches) {
        let mut matches = Some(matches);
        while let Some(level) = matches {
            for id in level.ids() {
                if level.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine) {
                    self.given.insert(id.as_str().to_owned());
                }
            }
            matches = level.subcommand().map(|(_, below)| below);
        }
    }

    /// Whether the flag with this id stands on the command line.
    pub(crate) fn is_given(&self, id: &str) -> bool {
        self.given.contains(id)
    }

    /// Resolves how messages look.
    pub(crate) fn appearance(&self, global: &GlobalArgs) -> Appearance {
        let colored = |is_terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => self.color_variables.auto(is_terminal),
        };
        Appearance {
            stderr_color: colored(self.stderr_is_terminal),
            log_level: global.log_level,
            message_format: global.message_format,
        }
    }

    /// `path` as seen from the root of the file system, without resolving links.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        renga_project::clean(&self.cwd.join(path))
    }
}

impl ColorVariables {
    fn auto(self, is_terminal: bool) -> bool {
        if self.no_color {
            return false;
        }
        self.force || (is_terminal && !self.dumb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_decide_on_colour_where_no_flag_does() {
        let none = ColorVariables::default();
        assert!(none.auto(true) && !none.auto(false));
        assert!(!ColorVariables { dumb: true, ..none }.auto(true));
        assert!(ColorVariables { force: true, ..none }.auto(false));
        assert!(!ColorVariables { force: true, no_color: true, dumb: false }.auto(true));
    }
}
