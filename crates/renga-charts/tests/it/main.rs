//! Vendoring against sources in memory and trees on disk.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod archives;
mod chartfile;
mod dialogues;
mod locking;
mod needs;
mod safety;
mod samples;
mod sources_http;
mod sources_local;
mod sources_oci;
mod support;
