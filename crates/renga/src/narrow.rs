//! The clap model of the one command that is asked for.
//!
//! The model of all commands and flags takes longer to make than a short command takes to run. A
//! command line that begins with a common command is therefore read by a model that has no other.
//! Only what that model accepts counts: mistakes, help and everything else go to the whole model,
//! which says the same about a line that is right.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args as _, Command, CommandFactory as _, Parser, Subcommand as _};

use crate::args::{
    EnvCommand, EvalArgs, ExportArgs, GlobalArgs, HelmLintArgs, HelmTemplateArgs, HelmValuesArgs,
    ShowArgs,
};

/// The command line without its commands.
#[derive(Debug, Parser)]
#[command(name = "renga", version, propagate_version = false, args_override_self = true)]
struct Root {
    #[command(flatten)]
    global: GlobalArgs,
}

/// Reads a command line; `None` is for the model of all commands to read.
///
/// An error is no mistake but the answer to `--version`.
pub(crate) fn read(argv: &[OsString]) -> Option<Result<ArgMatches, clap::Error>> {
    let word = |at: usize| argv.get(at).and_then(|word| word.to_str());
    let command = Command::new;
    let below = match (word(1)?, word(2)) {
        ("--version" | "-V", None) => None,
        ("show", _) => Some(ShowArgs::augment_args(command("show"))),
        ("eval", _) => Some(EvalArgs::augment_args(command("eval"))),
        ("export", _) => Some(ExportArgs::augment_args(command("export"))),
        ("env", _) => {
            Some(EnvCommand::augment_subcommands(command("env").subcommand_required(true)))
        }
        ("helm", Some(word)) => {
            let below = match word {
                "template" => HelmTemplateArgs::augment_args(command("template")),
                "values" => HelmValuesArgs::augment_args(command("values")),
                "lint" => HelmLintArgs::augment_args(command("lint")),
                _ => return None,
            };
            Some(command("helm").subcommand_required(true).subcommand(below))
        }
        _ => return None,
    };
    let mut model = Root::command().subcommands(below);
    let read = model.try_get_matches_from_mut(argv);
    // The process ends soon: taking the model apart would be time lost.
    std::mem::forget(model);
    match read {
        Ok(matches) => matches.subcommand_name().is_some().then_some(Ok(matches)),
        Err(error) if error.kind() == ErrorKind::DisplayVersion => Some(Err(error)),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches as _;

    use super::*;
    use crate::args::Cli;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn what_is_right_is_read_as_by_the_whole_model() {
        for line in [
            "renga show environments/a",
            "renga eval a --log-level debug -e .b",
            "renga export out environments --color=never",
            "renga env list --json",
            "renga helm template --log-level=warn name ./chart -f a,b --set=c=d --dry-run",
            "renga helm values ./chart",
            "renga helm lint --strict",
        ] {
            let argv = words(line);
            let narrow = read(&argv).expect(line).expect(line);
            let whole = Cli::command().try_get_matches_from(&argv).expect(line);
            let parsed = |matches: &ArgMatches| format!("{:?}", Cli::from_arg_matches(matches));
            assert_eq!(parsed(&narrow), parsed(&whole), "{line}");
        }
    }

    #[test]
    fn everything_else_is_left_to_the_whole_model() {
        for line in [
            "renga",
            "renga --help",
            "renga --log-level=warn show a",
            "renga show --help",
            "renga show",
            "renga env",
            "renga env lost",
            "renga helm",
            "renga helm --help",
            "renga helm template --no-such-flag",
            "renga shows",
            "renga tool jpath a",
        ] {
            assert!(read(&words(line)).is_none(), "{line}");
        }
    }

    #[test]
    fn the_version_is_the_same() {
        let argv = words("renga --version");
        let narrow = read(&argv).map(|read| read.expect_err("it is printed").to_string());
        let whole = Cli::command().try_get_matches_from(&argv).expect_err("it is printed");
        assert_eq!(narrow, Some(whole.to_string()));
    }
}
