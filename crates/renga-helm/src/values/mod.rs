//! Values: what a chart and its user say, and how the two become one.
//!
//! Owns the value type between loading and rendering ([`Value`]), the reading of values files, the
//! grammar of `--set` and the coalescing of a chart's defaults with the user's values. Templates
//! see none of this: the engine turns a [`Coalesced`] into values of its own.

pub(crate) mod coalesce;
pub(crate) mod display;
mod files;
pub(crate) mod import;
mod strvals;
mod value;

pub use coalesce::{CoalesceError, Coalesced};
pub(crate) use files::read_values;
pub use files::{ReadError, ReadFile, Setting, ValuesError, user_values};
pub use value::{SharedId, Table, Value};
