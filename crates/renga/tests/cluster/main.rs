//! The binary against a real API server; see [`support`] for how one is found.
//!
//! Every test has a namespace of its own. Where there is no server each test says so and passes.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod bad_days;
mod changes;
mod platform;
mod recorded;
mod refusals;
mod secrets;
mod support;
