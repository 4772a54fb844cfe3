//! A progress bar on standard error.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts steps from any thread, and vanishes at the end.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<Bar>);

#[derive(Debug)]
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress {
    pub(super) fn new(total: usize, shown: bool) -> Self {
        let bar = if shown { ProgressBar::new(total as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self(Arc::new(Bar(bar)))
    }

    /// Says how many steps there are, which was not known at first.
    pub(crate) fn expect(&self, total: usize) {
        self.0.0.set_length(total as u64);
    }

    /// Prints something that the bar must not be in the way of.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        if self.0.0.length() == Some(0) {
            return print();
        }
        self.0.0.suspend(print);
    }

    /// Says what is going on without counting a step.
    pub(crate) fn say(&self, what: &str) {
        self.0.0.set_message(what.to_owned());
    }

    /// Counts a step.
    pub(crate) fn step(&self, what: &str) {
        self.0.0.inc(1);
        self.0.0.set_message(what.to_owned());
    }
}
