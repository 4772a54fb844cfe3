//! Test support for the whole workspace; no product code depends on it.
//!
//! Two ways to test the binary from the outside:
//! - [`TestContext`]: a temporary workspace, filled by the test, whose runs come back as text for
//!   a snapshot.
//! - [`Case`]: a text file that holds a workspace and commands, played by [`play`] and compared by
//!   [`compare`] with the outputs that were recorded from a reference program (`tests/tk`).
//!   `cargo xtask goldens` records them with the same parser and player.
//!
//! Invariant: nothing here looks at the network, the clock or the caller's variables; a run sees
//! an environment of its own ([`Sandbox`]).

mod case;
mod compare;
mod context;
mod golden;
mod normalise;
mod play;
mod sandbox;

pub use case::{Case, CaseError, Entry, EntryKind, Expectation, Item, Step};
pub use compare::{Failure, compare, find_cases, known_gaps};
pub use context::TestContext;
pub use golden::{Golden, Source};
pub use play::{Block, PlayError, play};
pub use sandbox::{Program, Run, Sandbox, SandboxError};
