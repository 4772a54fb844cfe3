//! Functions that are not written in Jsonnet (`std.native`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use renga_project::SourceRecord;
use serde_json::Value;

/// A function that `std.native` gives.
///
/// Arguments arrive fully evaluated, numbers as `f64`.
pub trait Native: Send + Sync {
    /// The name that `std.native` knows it by.
    fn name(&self) -> &str;

    /// The names of the parameters. All of them are required.
    fn params(&self) -> &[&str];

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// [`NativeError`], whose text becomes that of the evaluation's error.
    fn call(&self, arguments: &[Value], context: &CallContext<'_>) -> Result<Value, NativeError>;

    /// What the result depends on.
    fn reach(&self) -> Reach;
}

/// What the result of a native function depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The arguments alone. Values computed with such functions are shared between environments.
    Arguments,
    /// The arguments and files, each of which the function notes in [`CallContext::reads`].
    Files,
    /// Anything.
    World,
}

/// What a native function may know about its caller.
#[derive(Clone, Copy, Debug)]
pub struct CallContext<'a> {
    /// The file of the call, as in [`crate::Frame::file`], if it comes from a file.
    pub file: Option<&'a str>,
    /// The entrypoint of the request ([`crate::Request::entrypoint`]).
    pub entrypoint: &'a Path,
    /// Takes a note of what the function reads.
    pub reads: &'a RefCell<SourceRecord>,
}

/// Why a native function failed. `Display` is the message, which go-jsonnet and Tanka set in their
/// own words; the errors of one function have nothing in common with those of the next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NativeError {
    message: String,
}

impl NativeError {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Native functions by name.
#[derive(Clone, Default)]
pub struct Natives(Arc<BTreeMap<String, Arc<dyn Native>>>);

impl Natives {
    /// These functions; of two with the same name the later one stands.
    pub fn new(natives: impl IntoIterator<Item = Arc<dyn Native>>) -> Self {
        Self(Arc::new(
            natives.into_iter().map(|native| (native.name().to_owned(), native)).collect(),
        ))
    }

    /// These functions and `more`, which win over them.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Arc<dyn Native>>) -> Self {
        Self::new(self.0.values().cloned().chain(more))
    }

    /// The function of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Native>> {
        self.0.get(name)
    }

    /// All functions, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Native>> {
        self.0.values()
    }
}
