//! End-to-end tests of the `renga` binary, one module per subject.

mod charts;
mod check;
mod helm;
mod own_name;
mod preview;
mod robustness;
mod tk_compat;
mod walkthrough;
mod workspace;
