//! An error that can be shown to a person in two dialects.

use std::error::Error;

/// An error as the binary shows it.
///
/// Under its own name renga renders the [`miette::Diagnostic`] side: message, code, source spans,
/// help. Started as `tk` it prints `Error: ` and [`Report::tk_text`], which must be what `tk` prints
/// for the same failure.
pub trait Report: miette::Diagnostic + Send + Sync + 'static {
    /// The text `tk` prints after `Error: ` for this failure, without a final newline.
    ///
    /// Where every message of the chain is in tk's words already, this is [`chain`].
    fn tk_text(&self) -> String;
}

/// Joins an error's message and those of its causes with `: `.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
