//! The YAML reader and writer from outside: against recordings of the Go libraries, by laws that
//! hold for any value, and at their limits.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod golden;
mod laws;
mod limits;
