//! The commands, one file each: translate the arguments, call a library, report, say how it ended.

mod complete;
mod completions;
mod env_remove;
mod init;
mod tool_jpath;
mod unavailable;

use renga_diag::{ExitStatus, Report};

use crate::args::{Command, EnvCommand, ToolCommand};
use crate::printer::Printer;
use crate::settings::Settings;

/// Why a command did not succeed.
pub(crate) enum CommandError {
    /// With an error to show.
    Failed(Box<dyn Report>),
    /// With a message that tk logs at level `fatal`.
    Fatal(String),
}

impl<E: Report> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// How a command ends.
pub(crate) type Outcome = Result<ExitStatus, CommandError>;

/// Runs a command.
pub(crate) fn run(command: &Command, settings: &Settings, printer: &mut Printer) -> Outcome {
    match command {
        Command::Show(_) => unavailable::unavailable("show"),
        Command::Eval(_) => unavailable::unavailable("eval"),
        Command::Export(_) => unavailable::unavailable("export"),
        Command::Env(EnvCommand::Add(_)) => unavailable::unavailable("env add"),
        Command::Env(EnvCommand::Set(_)) => unavailable::unavailable("env set"),
        Command::Env(EnvCommand::List(_)) => unavailable::unavailable("env list"),
        Command::Env(EnvCommand::Remove(args)) => env_remove::env_remove(args, settings, printer),
        Command::Init(args) => init::init(args, settings, printer),
        Command::Tool(ToolCommand::Jpath(args)) => tool_jpath::tool_jpath(args, settings, printer),
        Command::Tool(ToolCommand::Imports(_)) => unavailable::unavailable("tool imports"),
        Command::Tool(ToolCommand::Importers(_)) => unavailable::unavailable("tool importers"),
        Command::Tool(ToolCommand::ImportersCount(_)) => {
            unavailable::unavailable("tool importers-count")
        }
        Command::Complete(args) => complete::complete(args, settings, printer),
        Command::Completions(args) => completions::completions(args, printer),
    }
}

/// The main files of all environments below the working directory, relative to it, for completion.
pub(crate) fn environment_files(_settings: &Settings) -> Vec<String> {
    Vec::new()
}
