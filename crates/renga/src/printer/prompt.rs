//! Asking for permission.

use std::io::{self, BufRead, Write};

use renga_diag::Report;

/// Why an action was not confirmed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(crate) enum PromptError {
    /// Something else than `yes` was typed, or the input ended.
    #[error("aborted by user")]
    #[diagnostic(code(renga::aborted), help("type `yes` to confirm"))]
    Aborted,
    /// The question could not be asked, or the answer not be read.
    #[error("cannot ask for confirmation")]
    #[diagnostic(code(renga::prompt))]
    Stream(#[source] io::Error),
}

impl Report for PromptError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Prints `message` and reads one line, which has to be `yes`.
pub(super) fn confirm(
    message: &str,
    output: &mut impl Write,
    input: &mut impl BufRead,
) -> Result<(), PromptError> {
    write!(output, "{message}\nPlease type 'yes' to confirm: ")
        .and_then(|()| output.flush())
        .map_err(PromptError::Stream)?;
    let mut line = String::new();
    input.read_line(&mut line).map_err(PromptError::Stream)?;
    match line.strip_suffix('\n') {
        Some(answer) if answer.trim_end_matches('\r') == "yes" => Ok(()),
        _ => Err(PromptError::Aborted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_is_yes_confirms() {
        for (input, fine) in [
            ("yes\n", true),
            ("yes\nx", true),
            ("yes", false),
            ("no\n", false),
            ("y\n", false),
            ("", false),
        ] {
            let mut output = Vec::new();
            let answer = confirm("Sure.", &mut output, &mut input.as_bytes());
            assert_eq!(answer.is_ok(), fine, "{input:?}");
            assert_eq!(output, b"Sure.\nPlease type 'yes' to confirm: ");
        }
    }
}
