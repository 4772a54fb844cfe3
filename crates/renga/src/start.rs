//! From the words of the command line to a running command, and from its result to an exit status.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use renga_diag::ExitStatus;

use crate::args::{ArgumentFault, Cli, LogLevel};
use crate::commands::{self, CommandError};
use crate::completion;
use crate::dialect::{self, Dialect, Node, Request};
use crate::external;
use crate::narrow;
use crate::printer::{self, Printer, talk};
use crate::settings::Settings;

/// Runs what `argv` asks for.
pub(crate) fn run(mut argv: Vec<OsString>) -> ExitStatus {
    let dialect = Dialect::choose(&mut argv);
    let settings = match Settings::from_process(dialect) {
        Ok(settings) => settings,
        Err(error) => {
            talk(&format!("{}: no working directory: {error}\n", dialect.program()));
            return ExitStatus::Failure;
        }
    };
    if let Some(line) = completion::Line::from_process() {
        return completion::answer(&line, &settings);
    }
    match dialect {
        Dialect::Renga => run_renga(&argv, settings),
        Dialect::Tk => run_tk(&argv, settings),
    }
}

fn run_renga(argv: &[OsString], settings: Settings) -> ExitStatus {
    match narrow::read(argv) {
        Some(Ok(matches)) => return dispatch(&matches, settings),
        Some(Err(version)) => {
            let _ = version.print();
            return ExitStatus::Success;
        }
        None => {}
    }
    let model = Cli::command();
    if let Some(status) = run_external(argv, &model, &settings) {
        return status;
    }
    match model.try_get_matches_from(argv) {
        Ok(matches) => dispatch(&matches, settings),
        Err(error) => {
            // Help and version are no errors; clap knows the stream.
            let _ = error.print();
            if let Some(note) = unknown_command(&error).and_then(dialect::not_yet) {
                talk(&format!("note: {note}\n"));
            }
            match error.exit_code() {
                0 => ExitStatus::Success,
                // Helm has one status for whatever goes wrong.
                _ if argv.get(1).is_some_and(|word| word == "helm") => ExitStatus::Failure,
                _ => ExitStatus::Usage,
            }
        }
    }
}

/// The word that stands where a command should.
fn unknown_command(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidSubcommand)? {
        ContextValue::String(word) => Some(word),
        _ => None,
    }
}

/// Runs the program that the first word names, if it names one rather than a command.
fn run_external(
    argv: &[OsString],
    model: &clap::Command,
    settings: &Settings,
) -> Option<ExitStatus> {
    let word = argv.get(1)?.to_str().filter(|word| !word.starts_with('-') && *word != "help")?;
    if model.find_subcommand(word).is_some() {
        return None;
    }
    let command = ["renga-", "tk-"].iter().find_map(|prefix| {
        let mut found = external::find(&settings.search_path, prefix).into_iter();
        found.find(|command| command.name == word)
    })?;
    let status = match command.run(&argv[2..]) {
        Ok(status) if status.success() => ExitStatus::Success,
        Ok(_) => ExitStatus::Failure,
        Err(error) => {
            talk(&format!("error: cannot run `{}`: {error}\n", command.path.display()));
            ExitStatus::Failure
        }
    };
    Some(status)
}

fn run_tk(argv: &[OsString], settings: Settings) -> ExitStatus {
    let line: Vec<String> =
        argv.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let model = Cli::command();
    let externals = external::find(&settings.search_path, "tk-");
    let root = Node::root(&model, Dialect::Tk.program(), externals);
    let reading = dialect::read(&root, &line);
    for warning in &reading.warnings {
        talk(&format!("{warning}\n"));
    }
    match reading.request {
        Request::Run(argv) => match Cli::command().try_get_matches_from(&argv) {
            Ok(matches) => dispatch(&matches, settings),
            Err(error) => refuse(&error, &argv),
        },
        Request::External { command, args, log_level } => {
            if let Err(fault) = log_level.parse::<LogLevel>() {
                talk(&format!("Error: {fault}\n"));
                return ExitStatus::Failure;
            }
            let words: Vec<OsString> = args.into_iter().map(OsString::from).collect();
            match command.run(&words) {
                Ok(status) if status.success() => ExitStatus::Success,
                Ok(status) => {
                    talk(&format!("Error: {}\n", external::go_status(status)));
                    ExitStatus::Failure
                }
                Err(error) => {
                    talk(&format!(
                        "Error: fork/exec {}: {}\n",
                        command.path.display(),
                        renga_project::go_io_text(&error)
                    ));
                    ExitStatus::Failure
                }
            }
        }
        Request::Help(text) => {
            talk(&format!("{}{text}\n", printer::log_prefix()));
            ExitStatus::Success
        }
        Request::Version => {
            talk(&format!("{}tk version v{}\n", printer::log_prefix(), renga_env::TANKA_VERSION));
            ExitStatus::Success
        }
        Request::Wrong(text) => {
            talk(&format!("Error: {text}\n"));
            ExitStatus::Failure
        }
    }
}

/// Says why clap refused a value, as `tk` does. The reader has checked everything else before.
fn refuse(error: &clap::Error, argv: &[OsString]) -> ExitStatus {
    let fault = error.source().and_then(|source| source.downcast_ref::<ArgumentFault>());
    match fault {
        Some(ArgumentFault { text, fatal: true }) => {
            // tk sets the level first, so that it applies to this message, too.
            let mut levels =
                argv.iter().filter_map(|word| word.to_str()?.strip_prefix("--log-level="));
            let level = levels.next_back().map_or(Ok(LogLevel::INFO), str::parse);
            match level {
                Ok(level) => printer::fatal(level, text),
                Err(fault) => talk(&format!("Error: {fault}\n")),
            }
        }
        Some(fault) => talk(&format!("Error: {fault}\n")),
        None if invalid_argument(error).starts_with("--color ") => {
            talk("Error: --color must be either: \"auto\", \"always\", or \"never\"\n");
        }
        None => {
            let message = error.kind().as_str().unwrap_or("invalid command line").to_owned();
            let message = match (error.kind(), error.source()) {
                (ErrorKind::ValueValidation, Some(source)) => source.to_string(),
                _ => message,
            };
            talk(&format!("Error: {message}\n"));
        }
    }
    ExitStatus::Failure
}

/// The argument whose value is wrong, as clap shows it; empty where that is not the matter.
fn invalid_argument(error: &clap::Error) -> &str {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument,
        _ => "",
    }
}

fn dispatch(matches: &ArgMatches, mut settings: Settings) -> ExitStatus {
    let cli = match Cli::from_arg_matches(matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitStatus::Usage;
        }
    };
    settings.note_given(matches);
    let dialect = settings.dialect;
    let appearance = settings.appearance(&cli.global);
    let mut printer = Printer::new(&settings, appearance);
    match commands::run(&cli.command, &settings, &mut printer) {
        Ok(status) => status,
        // Whoever read standard output has seen enough.
        Err(_) if printer.stdout_closed() => ExitStatus::Success,
        Err(CommandError::Fatal(error)) if dialect == Dialect::Tk => {
            printer.log(LogLevel::FATAL, &error.tk_text(), &[]);
            ExitStatus::Failure
        }
        Err(CommandError::Failed(error) | CommandError::Fatal(error)) => {
            printer.error(&*error);
            ExitStatus::Failure
        }
        Err(CommandError::Reported) => ExitStatus::Failure,
    }
}
