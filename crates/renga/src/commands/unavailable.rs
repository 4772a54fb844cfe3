//! Commands whose libraries are still to come.

use renga_diag::Report;

use super::Outcome;

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("`{command}` is not available yet")]
#[diagnostic(code(renga::unavailable))]
struct Unavailable {
    command: &'static str,
}

impl Report for Unavailable {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

pub(super) fn unavailable(command: &'static str) -> Outcome {
    Err(Unavailable { command }.into())
}
