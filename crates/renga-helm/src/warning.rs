//! What Helm tells on stderr while it goes on.

use std::fmt;

/// How loudly Helm says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// `INFO`: also everything Helm 4 says through Go's old logger.
    Info,
    /// `WARN`.
    Warn,
    /// `ERROR`, though Helm goes on.
    Error,
}

/// Something Helm logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Warning {
    /// How loudly.
    pub level: Level,
    /// Its words.
    pub message: String,
    /// What it adds by name, in its order. Helm 3 has everything in the message.
    pub attributes: Vec<(&'static str, String)>,
}

impl Warning {
    /// A message without attributes.
    pub(crate) fn new(level: Level, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), attributes: Vec::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.attributes.iter().try_for_each(|(name, value)| write!(f, ", {name}: {value}"))
    }
}
