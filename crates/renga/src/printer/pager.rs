//! The pager: another program that shows a long text.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Shows `text` with the command line `pager`, and tells whether that went well.
pub(super) fn run(pager: &str, text: &[u8]) -> bool {
    let Ok(mut child) = Command::new("sh").arg("-c").arg(pager).stdin(Stdio::piped()).spawn()
    else {
        return false;
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A reader may leave before the end of the text.
        let _ = stdin.write_all(text);
    }
    child.wait().is_ok_and(|status| status.success())
}
