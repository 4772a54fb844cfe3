//! What Helm 4 and Helm 3 made of our templates and charts, against what we make of them.
//!
//! `cargo xtask oracle` records the goldens with the real programs: helm v4.3.1 and v3.22.0.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod cases;
mod charts;
