//! Vendoring against sources in memory and trees on disk.

mod chartfile;
mod dialogues;
mod locking;
mod needs;
mod safety;
mod sources_http;
mod sources_local;
mod sources_oci;
mod support;
