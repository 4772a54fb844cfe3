//! The commands, one file each: translate the arguments, call a library, report, say how it ended.

mod cache;
mod charts;
mod charts_report;
mod charts_vendor;
mod complete;
mod completions;
mod env_add;
mod env_files;
mod env_list;
mod env_remove;
mod env_set;
mod eval;
mod evaluation;
mod export;
mod helm;
mod helm_lint;
mod helm_source;
mod helm_template;
mod init;
mod reference;
mod show;
mod tool_importers;
mod tool_imports;
mod tool_jpath;
mod world;

use renga_diag::{ExitStatus, Report};

use crate::args::{
    ColorChoice, Command, EnvCommand, GlobalArgs, LogLevel, MessageFormat, ToolCommand,
};
use crate::printer::Printer;
use crate::settings::Settings;

/// Why a command did not succeed.
pub(crate) enum CommandError {
    /// With an error to show.
    Failed(Box<dyn Report>),
    /// With an error that tk logs at level `fatal`.
    Fatal(Box<dyn Report>),
    /// With errors that are printed already.
    Reported,
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
        Command::Show(args) => show::show(args, settings, printer),
        Command::Eval(args) => eval::eval(args, settings, printer),
        Command::Export(args) => export::export(args, settings, printer),
        Command::Env(EnvCommand::Add(args)) => env_add::env_add(args, settings),
        Command::Env(EnvCommand::Set(args)) => env_set::env_set(args, settings, printer),
        Command::Env(EnvCommand::List(args)) => env_list::env_list(args, settings, printer),
        Command::Env(EnvCommand::Remove(args)) => env_remove::env_remove(args, settings, printer),
        Command::Init(args) => init::init(args, settings, printer),
        Command::Tool(ToolCommand::Jpath(args)) => tool_jpath::tool_jpath(args, settings, printer),
        Command::Tool(ToolCommand::Imports(args)) => {
            tool_imports::tool_imports(args, settings, printer)
        }
        Command::Tool(ToolCommand::Importers(args)) => {
            tool_importers::tool_importers(args, settings, printer)
        }
        Command::Tool(ToolCommand::ImportersCount(args)) => {
            tool_importers::tool_importers_count(args, settings, printer)
        }
        Command::Tool(ToolCommand::Charts(command)) => {
            // tk's spelling, and tk's manners.
            printer.adopt_tk();
            charts::charts(command, settings, printer)
        }
        Command::Charts(command) => charts::charts(command, settings, printer),
        Command::Helm(command) => helm::helm(command, settings, printer),
        Command::Cache(command) => cache::cache(command, settings, printer),
        Command::Complete(args) => complete::complete(args, settings, printer),
        Command::Completions(args) => completions::completions(args, printer),
        Command::Reference(args) => reference::reference(args, settings, printer),
    }
}

/// The main files of all environments below the working directory, relative to it, for completion.
/// Nothing is said about what is broken: the user is in the middle of a line.
pub(crate) fn environment_files(settings: &Settings) -> Vec<String> {
    let silent = GlobalArgs {
        log_level: LogLevel::DISABLED,
        color: ColorChoice::Never,
        message_format: MessageFormat::Human,
    };
    let printer = Printer::new(settings, settings.appearance(&silent));
    env_list::main_files(settings, &printer).unwrap_or_default()
}
