//! Ctrl-C.
//!
//! The first one asks: long work polls [`flag`] and ends cleanly. The second one ends the process at
//! once, unless files are being put in place ([`Commit`]): then that is finished first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use renga_diag::ExitStatus;

/// Whether files are being put in place.
static COMMITTING: AtomicBool = AtomicBool::new(false);

/// Starts listening and returns the flag that the first Ctrl-C sets.
///
/// Where no handler can be installed the flag is never set, and Ctrl-C ends the process.
pub(crate) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    raise_on_ctrl_c(&flag);
    flag
}

/// Starts listening: the first Ctrl-C sets `flag`. To be called once in a process.
pub(crate) fn raise_on_ctrl_c(flag: &Arc<AtomicBool>) {
    let raised = Arc::clone(flag);
    let installed = ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::SeqCst) && !COMMITTING.load(Ordering::SeqCst) {
            end();
        }
    });
    drop(installed);
}

#[expect(clippy::disallowed_methods, reason = "a second Ctrl-C waits for nobody")]
fn end() -> ! {
    std::process::exit(i32::from(ExitStatus::Interrupted.code()))
}

/// Held while files are put in place, so that a second Ctrl-C does not tear that apart.
#[derive(Debug)]
pub(crate) struct Commit(());

impl Commit {
    /// Begins putting files in place.
    pub(crate) fn begin() -> Self {
        COMMITTING.store(true, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Commit {
    fn drop(&mut self) {
        COMMITTING.store(false, Ordering::SeqCst);
    }
}
