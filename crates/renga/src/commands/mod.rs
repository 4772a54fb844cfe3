//! The commands, one file each: translate the arguments, call a library, report, say how it ended.

mod apply;
mod apply_report;
mod cache;
mod charts;
mod charts_report;
mod charts_vendor;
mod check;
mod check_files;
mod check_policies;
mod check_settings;
mod complete;
mod completions;
mod confirm;
mod definitions;
mod delete;
mod diff;
mod differences;
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
mod live;
mod preview;
mod preview_base;
mod preview_render;
mod preview_select;
mod prune;
mod reference;
mod show;
mod status;
mod tool_importers;
mod tool_imports;
mod tool_jpath;
mod workflow;
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
        Command::Apply(args) => apply::apply(args, settings, printer),
        Command::Diff(args) => diff::diff(args, settings, printer),
        Command::Prune(args) => prune::prune(args, settings, printer),
        Command::Delete(args) => delete::delete(args, settings, printer),
        Command::Status(args) => status::status(args, settings, printer),
        Command::Show(args) => show::show(args, settings, printer),
        Command::Eval(args) => eval::eval(args, settings, printer),
        Command::Export(args) => export::export(args, settings, printer),
        Command::Check(args) => check::check(args, settings, printer),
        Command::Preview(args) => preview::preview(args, settings, printer),
        Command::Env(EnvCommand::Add(args)) => env_add::env_add(args, settings, printer),
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

/// The contexts of the kubeconfig, for completion; none where there is no kubeconfig.
pub(crate) fn contexts(settings: &Settings) -> Vec<String> {
    let kubeconfig = live::kubeconfig(settings);
    kubeconfig.map(|config| config.contexts().map(str::to_owned).collect()).unwrap_or_default()
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
