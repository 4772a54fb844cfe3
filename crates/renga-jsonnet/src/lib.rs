//! Evaluation of Jsonnet: sources, import resolution, engines, native functions and errors.
//!
//! This crate owns everything between a file of Jsonnet and the value it yields, and it is the
//! only one that names an evaluator: no type of `jrsonnet` leaves it. What an environment is, and
//! which expression finds it, is for others; so is what becomes of the value.
//!
//! - [`Sources`] loads files once per process, shared by all threads.
//! - [`import_graph`] lists what an entrypoint can reach, without evaluating it.
//! - An [`Engine`] gives each worker thread a [`Session`]; a session evaluates [`Request`]s one
//!   after the other and keeps what they may share.
//! - [`Handle`] is a value that is evaluated as it is looked at.
//!
//! Invariants: nothing is printed, no variable of the process is read, every file is read through
//! a [`renga_project::Source`]; no input crashes the process; the result of a request does not
//! depend on the requests before it.

mod big_stack;
mod concat;
mod engine;
mod error;
mod external;
mod graph;
mod jrsonnet;
mod lexer;
mod native;
mod natives;
mod request;
mod scan;
mod search;
mod sources;
mod syntax;
mod value;

pub use big_stack::with_big_stack;
pub use engine::{Engine, Evaluated, Handle, Kind, Segment, Session, Sink};
pub use error::{ErrorKind, EvalError, Frame, Position};
pub use external::ExternalEngine;
pub use graph::{Edge, ImportGraph, Unresolved, import_graph};
pub use jrsonnet::JrsonnetEngine;
pub use native::{CallContext, Native, NativeError, Natives, Reach};
pub use natives::standard;
pub use request::{Limits, Log, Request, SilentLog, Variable, Variables};
pub use search::{Resolution, SearchPath, TK_LIBRARY};
pub use sources::{ImportKind, LoadError, SourceFile, Sources, Span, StaticImport};
