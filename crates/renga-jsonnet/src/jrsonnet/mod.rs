//! The engine on the crate `jrsonnet-evaluator`.
//!
//! Everything of that crate stays below this module. What it lacks for our use is made up for
//! here: imports go through [`crate::Sources`], native functions through [`crate::Native`], the
//! errors are turned into data in go-jsonnet's words, and results are walked by our own code
//! because its way to print numbers is not go-jsonnet's.

mod advice;
mod diagnosis;
mod error;
mod format;
mod handle;
mod instrument;
mod json;
mod library;
mod resolver;
mod session;
mod sharing;
mod standard;
mod words;
mod yaml_doc;

use std::sync::Arc;

use crate::engine::{Engine, Session};
use crate::native::Natives;
use crate::request::{Limits, Log};
use crate::sources::Sources;

/// The engine that evaluates in this process.
#[derive(Clone)]
pub struct JrsonnetEngine {
    sources: Sources,
    natives: Natives,
    limits: Limits,
    log: Arc<dyn Log>,
}

impl JrsonnetEngine {
    /// An engine that reads `sources` and gives programs `natives`.
    pub fn new(sources: Sources, natives: Natives, limits: Limits, log: Arc<dyn Log>) -> Self {
        Self { sources, natives, limits, log }
    }
}

impl Engine for JrsonnetEngine {
    fn session(&self) -> Box<dyn Session> {
        Box::new(session::JrsonnetSession::new(self.clone()))
    }
}
