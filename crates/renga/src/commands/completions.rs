//! `completions`: a script for the user's shell.
//!
//! The scripts know commands and flags. Those for bash, fish and zsh also ask the program itself
//! (see [`crate::completion`]), which knows the environments of the workspace.

use clap::CommandFactory as _;
use clap_complete::Shell;
use renga_diag::ExitStatus;

use super::Outcome;
use crate::args::{Cli, CompletionsArgs};
use crate::printer::Printer;

/// Adds what the program offers to what the script of `clap_complete` does.
const BASH: &str = r#"
_renga_with_environments() {
    _renga "$@"
    local IFS=$'\n'
    COMPREPLY+=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" "$1" 2>/dev/null))
}
complete -F _renga_with_environments -o bashdefault -o default renga
"#;

const ZSH: &str = r#"
_renga_with_environments() {
    local -a found
    found=(${(f)"$(COMP_LINE="$BUFFER" COMP_POINT="$CURSOR" ${words[1]} 2>/dev/null)"})
    (( ${#found} )) && compadd -- $found
    _renga "$@"
}
compdef _renga_with_environments renga
"#;

const FISH: &str = r#"
function __renga_environments
    set -lx COMP_LINE (commandline -cp)
    test -z (commandline -ct); and set COMP_LINE "$COMP_LINE "
    renga 2>/dev/null
end
complete -c renga -f -a "(__renga_environments)"
"#;

/// Runs `renga completions`.
pub(super) fn completions(args: &CompletionsArgs, printer: &mut Printer) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "renga", &mut script);
    let addition = match args.shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        _ => "",
    };
    script.extend_from_slice(addition.as_bytes());
    printer.data_bytes(&script)?;
    Ok(ExitStatus::Success)
}
