//! The standard library: native code for all of it.
//!
//! A function finds its arguments on the value stack from `base` on, where they stay kept while it
//! runs; missing optional ones are [`crate::heap::value::Value::Unset`]. Words of errors are
//! go-jsonnet's.

mod arrays;
mod encodings;
pub(crate) mod format;
mod higher;
mod json;
mod manifests;
pub(crate) mod maths;
pub(crate) mod names;
mod objects;
mod sets;
mod slices;
mod strings;
mod types;
