//! What every crate of renga says about failure: the exit codes, and the trait by which an error is
//! shown in renga's words or in tk's.
//!
//! Errors are data: each crate has its own enums (`thiserror` and `miette::Diagnostic`), and only the
//! binary renders them. This crate does no I/O.

mod exit;
mod report;

pub use exit::ExitStatus;
pub use report::{Report, chain};
