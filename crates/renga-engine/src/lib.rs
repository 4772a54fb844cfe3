//! renga's own engine for Jsonnet.
//!
//! Evaluates what go-jsonnet 0.22 evaluates, with its results, its words and its traces. A
//! [`Source`] is parsed and resolved once and shared by all threads; an [`Evaluation`] has a
//! memory of its own that goes with it. Where files come from, what native functions there are
//! and where `std.trace` goes is for a [`Host`] to say.
//!
//! Invariants: nothing is printed, no file is opened; bad input never panics; recursion is
//! bounded; equal inputs give equal results.

#![expect(clippy::single_match_else, reason = "both cases are of equal weight")]
#![expect(
    clippy::wrong_self_convention,
    reason = "values are handles: reading them may flatten them"
)]
#![expect(clippy::unnecessary_wraps, reason = "functions of the library have one type")]
#![expect(clippy::float_cmp, reason = "Jsonnet compares numbers exactly")]

mod analysis;
mod error;
mod eval;
mod heap;
mod library;
mod manifest;
mod object;
mod source;

pub use error::{ErrorKind, EvalError, Frame};
pub use eval::{Evaluation, Handle, Kind, Output, Settings, Sink, Variable};
pub use source::{Host, Source};
