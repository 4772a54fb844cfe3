//! `init`: the directories and files of a new workspace.
//!
//! Works offline: libraries are named, not fetched.

use super::Outcome;
use crate::args::InitArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga init`.
pub(super) fn init(_args: &InitArgs, _settings: &Settings, _printer: &mut Printer) -> Outcome {
    super::unavailable::unavailable("init")
}
