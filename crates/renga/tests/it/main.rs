//! End-to-end tests of the `renga` binary, one module per subject.

mod tk_compat;
mod workspace;
