//! Go's `text/template` (as of Go 1.26) and the Sprig functions (v3.3.0).
//!
//! Owns the template language: scanning, parsing, execution, Go's formatting of values, and the
//! function library. Knows nothing of charts or manifests; hosts add their own functions to a
//! [`FuncMap`] and their own objects through [`Object`].
//!
//! Templates ([`Template`], [`TemplateSet`]) are immutable and can be shared between threads;
//! [`Value`]s belong to one thread. Nothing here reads files, variables, clocks or random
//! sources: what needs them asks the [`World`] the caller passes.
//!
//! Output and error texts are Go's, byte for byte, as far as Go's are deterministic.

mod builtins;
mod error;
mod exec;
mod format;
mod func;
mod json;
mod object;
mod parse;
mod sprig;
mod template;
mod text;
mod time;
mod types;
mod value;
mod world;

pub use error::{ExecError, FuncError, Location, ParseError};
pub use func::{Args, Call, Closure, FuncMap, Function, Signature};
pub use object::Object;
pub use sprig::functions as sprig_functions;
pub use sprig::functions_with_cast_1_7 as sprig_functions_with_cast_1_7;
pub use template::{Limits, MissingKey, Options, Parsed, Template, TemplateSet};
pub use text::rune::{is_print, is_space};
pub use text::{GoStr, quoted, quoted_rune};
pub use time::{Zone, parse_duration, round_duration, show_duration, truncate_duration};
pub use types::{IntKind, NamedType, Type, UintKind};
pub use value::{List, Map, Table, Value};
pub use world::World;

/// When less native stack than this is left, recursion continues on a new segment.
pub(crate) const STACK_RED_ZONE: usize = 128 * 1024;

/// The longest text a function may make, and the most printing writes of one value. Go has no such
/// limit and ends when memory does.
pub(crate) const LONGEST_TEXT: usize = 1 << 30;

/// The most elements a list may have.
pub(crate) const LONGEST_LIST: usize = 1 << 22;

/// The size of a new stack segment.
pub(crate) const STACK_SEGMENT: usize = 2 * 1024 * 1024;
