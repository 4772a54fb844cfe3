//! Everything that reaches the user: data on standard output, talk on standard error.
//!
//! Commands hold a [`Printer`] and nothing else writes to the two streams. A reader that closes
//! standard output is no failure: the write reports it, the printer remembers it, and `main` ends
//! with success whatever error it was wrapped in on the way up.

mod clock;
mod log;
mod pager;
mod progress;
mod prompt;
mod report;

use std::fmt;
use std::io::{self, Write};

use renga_diag::Report;

use crate::args::{LogLevel, MessageFormat};
use crate::dialect::Dialect;
use crate::settings::{Appearance, Settings};
pub(crate) use clock::log_prefix;
pub(crate) use log::{Field, Logger, fatal};
pub(crate) use progress::Progress;
pub(crate) use prompt::PromptError;

/// The two streams, and how to write to them.
#[derive(Debug)]
pub(crate) struct Printer {
    dialect: Dialect,
    appearance: Appearance,
    logger: Logger,
    pager: Option<String>,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    stdout_closed: bool,
}

impl Printer {
    /// A printer with these settings.
    pub(crate) fn new(settings: &Settings, appearance: Appearance) -> Self {
        Self {
            dialect: settings.dialect,
            appearance,
            logger: Logger::new(settings.dialect, appearance),
            pager: settings.pager.clone(),
            stdout_is_terminal: settings.stdout_is_terminal,
            stderr_is_terminal: settings.stderr_is_terminal,
            stdout_closed: false,
        }
    }

    /// Goes on in tk's manner: logs JSON, and shows errors as tk words them.
    pub(crate) fn adopt_tk(&mut self) {
        self.dialect = Dialect::Tk;
        self.logger = self.logger.as_json();
    }

    /// Goes on with logs in JSON unless people read them.
    pub(crate) fn log_for_programs(&mut self) {
        if !self.stderr_is_terminal {
            self.logger = self.logger.as_json();
        }
    }

    /// Whether the reader of standard output went away.
    pub(crate) fn stdout_closed(&self) -> bool {
        self.stdout_closed
    }

    /// A word that must not be overlooked, for standard output.
    pub(crate) fn alert(&self, word: &str) -> String {
        if self.appearance.stdout_color {
            // The codes of Go's `fatih/color`, bold red, as tk has them.
            format!("\x1b[31;1m{word}\x1b[0;22m")
        } else {
            word.to_owned()
        }
    }

    /// Whether data on standard output is coloured.
    pub(crate) fn stdout_color(&self) -> bool {
        self.appearance.stdout_color
    }

    /// Writes data to standard output.
    ///
    /// # Errors
    ///
    /// As the system says; see [`Printer::stdout_closed`] for the one that is none.
    pub(crate) fn data(&mut self, text: fmt::Arguments<'_>) -> Result<(), OutputError> {
        self.data_bytes(text.to_string().as_bytes())
    }

    /// Writes bytes to standard output.
    ///
    /// # Errors
    ///
    /// As [`Printer::data`].
    pub(crate) fn data_bytes(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        self.check(written)
    }

    /// Shows data in the pager if standard output is a terminal, and prints it otherwise.
    ///
    /// # Errors
    ///
    /// As [`Printer::data`].
    pub(crate) fn page(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        if let Some(pager) = self.pager.as_deref().filter(|_| self.stdout_is_terminal)
            && pager::run(pager, bytes)
        {
            return Ok(());
        }
        self.data_bytes(bytes)
    }

    fn check(&mut self, written: io::Result<()>) -> Result<(), OutputError> {
        written.map_err(|source| {
            self.stdout_closed |= source.kind() == io::ErrorKind::BrokenPipe;
            OutputError { source }
        })
    }

    /// Prints a line of talk: whatever the log level, unless messages are to be JSON.
    pub(crate) fn note(&mut self, text: fmt::Arguments<'_>) {
        if self.dialect == Dialect::Renga && self.appearance.message_format == MessageFormat::Json {
            self.log(LogLevel::INFO, &text.to_string(), &[]);
        } else {
            talk(&format!("{text}\n"));
        }
    }

    /// Logs a message.
    pub(crate) fn log(&mut self, level: LogLevel, message: &str, fields: &[Field<'_>]) {
        self.logger.log(level, message, fields);
    }

    /// What logs on behalf of libraries, from any thread.
    pub(crate) fn logger(&self) -> Logger {
        self.logger
    }

    /// Shows why a command failed.
    pub(crate) fn error(&mut self, error: &dyn Report) {
        let text = match (self.dialect, self.appearance.message_format) {
            (Dialect::Tk, _) => format!("Error: {}\n", error.tk_text()),
            (Dialect::Renga, MessageFormat::Json) => report::json(error, &clock::rfc3339()),
            (Dialect::Renga, MessageFormat::Human) => {
                report::human(error, self.stderr_is_terminal, self.appearance.stderr_color)
            }
        };
        talk(&text);
    }

    /// Shows an error of which another program has words of its own: those first, then, if asked
    /// for, the place and what to do.
    pub(crate) fn foreign_error(
        &mut self,
        error: &dyn miette::Diagnostic,
        words: &str,
        details: bool,
    ) {
        if self.appearance.message_format == MessageFormat::Json {
            return talk(&report::json(error, &clock::rfc3339()));
        }
        talk(&format!("Error: {words}\n"));
        if details {
            let (terminal, color) = (self.stderr_is_terminal, self.appearance.stderr_color);
            talk(&report::details(error, terminal, color));
        }
    }

    /// Starts a progress bar of `total` steps; it is seen on terminals only.
    pub(crate) fn progress(&self, total: usize) -> Progress {
        let shown = self.stderr_is_terminal
            && self.dialect == Dialect::Renga
            && self.appearance.message_format == MessageFormat::Human;
        Progress::new(total, shown)
    }
}

/// Asks the user to type `yes`. Nobody there to read the question is a refusal, too.
///
/// # Errors
///
/// [`PromptError`] when something else is typed, or nothing.
pub(crate) fn confirm(message: &str) -> Result<(), PromptError> {
    prompt::confirm(message, &mut io::stdout().lock(), &mut io::stdin().lock())
}

/// Writes to standard error. Nothing can be said about a failure, and nothing is.
pub(crate) fn talk(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Why data did not reach standard output.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot write to standard output")]
#[diagnostic(code(renga::output))]
pub(crate) struct OutputError {
    source: io::Error,
}

impl Report for OutputError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}
