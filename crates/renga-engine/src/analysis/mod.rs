//! From the tree of a file to its resolved form.
//!
//! Owns scopes, the removal of sugar and the errors that need no evaluation; the forms themselves
//! are in [`code`]. Pure: no file is opened.

pub(crate) mod code;
mod functions;
mod lower;
mod objects;
mod scope;

pub(crate) use lower::analyse;
