//! Stack for evaluation.
//!
//! Evaluation recurses natively. The limits on nesting ([`crate::scan`]) and the probes in the
//! code ([`crate::jrsonnet`]) turn runaway recursion into an error, provided that there is room to
//! begin with: this module makes that room, on whatever thread the caller is on.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What a worker gets. Only pages that are touched cost memory.
const BIG_STACK: usize = 1 << 30;

/// Below this a call from outside moves to a big stack first.
const ENOUGH: usize = BIG_STACK / 2;

/// Kept free for builtin functions, which recurse without a probe in between.
const RESERVE: usize = 8 << 20;

/// What any evaluation may use, and what it may use in addition for each of the frames that
/// `--max-stack` allows.
const BASE: usize = 16 << 20;
const PER_FRAME: usize = 4 << 10;

thread_local! {
    /// Evaluation stops when less than this is left.
    static FLOOR: Cell<usize> = const { Cell::new(RESERVE) };
}

/// Runs `work` on a stack that is big enough for any evaluation.
///
/// A worker wraps its whole loop in this; every call into a session does the same where the
/// caller did not, at the price of a fresh stack for each call.
pub fn with_big_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(ENOUGH, BIG_STACK, work)
}

/// The unwinding that ends a runaway recursion.
///
/// It is no error of the evaluator's, because those grow a trace on their way out and are copied
/// into every value they pass: at such depths that takes more memory than there is.
pub(crate) struct Overflow;

/// Runs `work` on a big stack, of which it may use as much as `max_stack` frames should need.
///
/// # Errors
///
/// Whatever `work` unwound with: [`Overflow`], or a panic.
pub(crate) fn with_limit<R>(
    max_stack: usize,
    work: impl FnOnce() -> R,
) -> Result<R, Box<dyn Any + Send>> {
    with_big_stack(|| {
        let allowed = BASE.saturating_add(max_stack.saturating_mul(PER_FRAME));
        let left = stacker::remaining_stack().unwrap_or_default();
        let floor = left.saturating_sub(allowed).max(RESERVE);
        let before = FLOOR.replace(floor);
        let result = catch_unwind(AssertUnwindSafe(work));
        FLOOR.set(before);
        result
    })
}

/// Unwinds with [`Overflow`] if recursion went too deep.
pub(crate) fn probe() {
    let used_up = stacker::remaining_stack().is_some_and(|left| left < FLOOR.get());
    if used_up {
        resume_unwind(Box::new(Overflow));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recurse(depth: usize) -> usize {
        probe();
        if depth == 0 { 0 } else { 1 + std::hint::black_box(recurse(depth - 1)) }
    }

    #[test]
    fn recursion_ends_at_the_limit() {
        assert_eq!(with_limit(500, || recurse(1_000)).unwrap_or(0), 1_000);
        let overflow = with_limit(500, || recurse(usize::MAX)).unwrap_err();
        assert!(overflow.is::<Overflow>());
    }
}
