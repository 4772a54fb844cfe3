//! Go's view of text: byte strings, runes, quoting and number spelling.
//!
//! Everything here is about single strings and numbers and mirrors `unicode/utf8`, `unicode` and
//! `strconv`. Formatting verbs and widths belong to [`crate::format`].
//!
//! Invariant: a Go string is any sequence of bytes; nothing here assumes valid UTF-8.

pub(crate) mod float;
mod gostr;
pub(crate) mod number;
pub(crate) mod quote;
pub(crate) mod rune;

pub use gostr::GoStr;
pub use quote::{quoted, quoted_rune};
