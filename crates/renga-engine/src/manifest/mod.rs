//! Values as text.
//!
//! JSON as go-jsonnet prints results and as `std.manifestJsonEx` does, YAML, TOML, INI, Python and
//! XML. Each writer evaluates as it goes; values it works on are kept on the stack.

pub(crate) mod json;
pub(crate) mod json_ex;
pub(crate) mod languages;
pub(crate) mod number;
mod output;
mod toml;
pub(crate) mod yaml;
