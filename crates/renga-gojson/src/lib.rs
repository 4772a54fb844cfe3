//! JSON as Go's `encoding/json` reads and writes it.
//!
//! Tanka's data goes through Go's decoder and encoder, and what users see of it are their bytes and
//! their error texts: object keys sorted, `<`, `>` and `&` escaped, every number a float64. Pure.

mod kind;
mod read;
mod write;

pub use kind::{go_type, kind};
pub use read::{SyntaxError, parse};
pub use write::{format_float, to_string, to_string_pretty, write_string};
