//! Stack for evaluation.
//!
//! Evaluation recurses natively. The limits on nesting ([`crate::scan`]) and the probes in the
//! code ([`crate::jrsonnet`]) turn runaway recursion into an error, provided that there is room to
//! begin with: this module makes that room, on whatever thread the caller is on.

/// What a worker gets. Only pages that are touched cost memory.
const BIG_STACK: usize = 1 << 30;

/// Below this a call from outside moves to a big stack first.
const ENOUGH: usize = 48 << 20;

/// Probes report runaway recursion when less than this is left. Builtin functions that recurse
/// without a probe in between have to fit.
pub(crate) const RESERVE: usize = 8 << 20;

/// Runs `work` on a stack that is big enough for any evaluation.
///
/// A worker wraps its whole loop in this; every call into a session does the same where the
/// caller did not, at the price of a fresh stack for each call.
pub fn with_big_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(ENOUGH, BIG_STACK, work)
}

/// Whether recursion may go on.
pub(crate) fn has_room() -> bool {
    stacker::remaining_stack().is_none_or(|left| left > RESERVE)
}
