//! Whole command lines, with tk's answers.

use clap::{CommandFactory as _, Parser as _};

use super::*;
use crate::args::{Cli, Command};

fn answer(line: &[&str]) -> Reading {
    let model = Cli::command();
    let root = Node::root(&model, "tk", Vec::new());
    let words: Vec<String> = line.iter().map(ToString::to_string).collect();
    read(&root, &words)
}

fn wrong(line: &[&str]) -> String {
    match answer(line).request {
        Request::Wrong(text) => text.lines().next().unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn run(line: &[&str]) -> Cli {
    match answer(line).request {
        Request::Run(argv) => Cli::try_parse_from(argv).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_model_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_deprecated_flag_is_a_hidden_one_of_the_model() {
    let model = Cli::command();
    let export = model.find_subcommand("export").unwrap();
    let merge = export.get_arguments().find(|arg| arg.get_long() == Some("merge")).unwrap();
    assert!(merge.is_hide_set());
    let reading = answer(&["export", "--merge", "o", "p"]);
    assert_eq!(
        reading.warnings,
        ["Flag --merge has been deprecated, use --merge-strategy=fail-on-conflicts instead"]
    );
}

#[test]
fn mistakes_are_worded_as_in_pflag() {
    for (line, message) in [
        (&["bogus"][..], "Error: unknown subcommand `bogus`"),
        (&["--bogus"], "Error: unknown flag: --bogus"),
        (&["env"], "Error: expects at least 1 arg, received 0"),
        (&["env", "x"], "Error: unknown subcommand `x`"),
        (&["show"], "Error: accepts 1 arg, received 0"),
        (&["export", "a"], "Error: expects at least 2 arg, received 1"),
        (&["env", "ls", "a", "b"], "Error: accepts between 0 and 1 args, received 2"),
        (&["show", "x", "-q"], "Error: unknown shorthand flag: 'q' in -q"),
        (&["export", "-rq", "a", "b"], "Error: unknown shorthand flag: 'q' in -q"),
        (&["show", "x", "--name"], "Error: flag needs an argument: --name"),
        (&["show", "x", "-t"], "Error: flag needs an argument: 't' in -t"),
        (&["show", "x", "---"], "Error: bad flag syntax: ---"),
        (
            &["show", "x", "--max-stack", "foo"],
            "Error: invalid argument \"foo\" for \"--max-stack\" flag: strconv.ParseInt: parsing \
             \"foo\": invalid syntax",
        ),
        (
            &["export", "-pfoo", "a", "b"],
            "Error: invalid argument \"foo\" for \"-p, --parallel\" flag: strconv.ParseInt: parsing \
             \"foo\": invalid syntax",
        ),
        (
            &["env", "list", "--json=maybe"],
            "Error: invalid argument \"maybe\" for \"--json\" flag: strconv.ParseBool: parsing \
             \"maybe\": invalid syntax",
        ),
        (&["show", "x", "--color", "never"], "Error: unknown flag: --color"),
        (&["completions", "bash"], "Error: unknown subcommand `completions`"),
        // A switch before the command swallows its name.
        (&["--help", "env", "list"], "Error: unknown subcommand `list`"),
    ] {
        assert_eq!(wrong(line), message, "{line:?}");
    }
}

#[test]
fn flags_and_words_may_be_mixed_and_come_before_the_command() {
    let cli = run(&["--log-level", "debug", "show", "-t", "a,b", "x", "--name=n", "-tc", "-V=k=v"]);
    assert_eq!(cli.global.log_level.name(), "debug");
    let Command::Show(args) = cli.command else { panic!() };
    assert_eq!(crate::args::CsvList::flatten(&args.workflow.targets), ["a", "b", "c"]);
    assert_eq!(args.workflow.name, "n");
    assert_eq!(args.variables.ext_str[0].value, "v");

    let Command::Export(args) =
        run(&["export", "-rp", "0x10", "--", "-o", "p", "--recursive"]).command
    else {
        panic!()
    };
    assert!(args.recursive);
    assert_eq!(args.parallel, 16);
    assert_eq!(args.output_dir.to_str(), Some("-o"));
    assert_eq!(args.paths.len(), 2);
}

#[test]
fn switches_take_a_value_after_an_equal_sign_and_the_last_one_counts() {
    let Command::Export(args) = run(&["export", "-r", "--recursive=false", "a", "b"]).command
    else {
        panic!()
    };
    assert!(!args.recursive);
    let Command::Env(crate::args::EnvCommand::Set(args)) =
        run(&["env", "set", "x", "--inject-labels=F", "--server", "a", "--server=b"]).command
    else {
        panic!()
    };
    assert_eq!(args.settings.inject_labels, Some(false));
    assert_eq!(args.settings.server.as_deref(), Some("b"));
}

#[test]
fn help_has_the_layout_of_pflag() {
    let Request::Help(page) = answer(&["tool", "jpath", "-h"]).request else { panic!() };
    insta::assert_snapshot!(page, @r#"
    Usage:
      tk tool jpath <file/dir> [flags]

    Flags:
      -d, --debug              Print how the path was found on standard error
      -h, --help               help for jpath
          --log-level string   Least important log messages to print: disabled, fatal, error, warn, info, debug or trace (default "info")
    "#);
    let Request::Help(page) = answer(&[]).request else { panic!() };
    assert!(page.contains("Available Commands:\n  apply       Bring"), "{page}");
    assert!(page.ends_with(
        "Flags:\n  -h, --help      help for tk\n      --version   version for tk\n\nUse \"tk [command] \
         --help\" for more information about a command."
    ));
}
