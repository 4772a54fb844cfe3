//! Types of flag values, and how each is read from text.
//!
//! The texts of [`ArgumentFault`] are tk's where tk checks the same thing: as `tk` renga prints them
//! as they are, under its own name clap frames them with the flag's name.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::TypedValueParser as _;

use crate::dialect::csv;

/// Why the value of a flag is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct ArgumentFault {
    /// What is wrong.
    pub(crate) text: String,
    /// Whether tk logs this as a fatal message instead of returning it as an error.
    pub(crate) fatal: bool,
}

impl ArgumentFault {
    /// A fault that tk returns as an error.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), fatal: false }
    }

    /// A fault that tk logs at level `fatal`.
    pub(crate) fn fatal(text: impl Into<String>) -> Self {
        Self { text: text.into(), fatal: true }
    }
}

/// Reads a path. An empty one is a path as well, and left for the command to complain about.
pub(crate) fn path() -> impl clap::builder::TypedValueParser<Value = PathBuf> {
    clap::builder::OsStringValueParser::new().map(PathBuf::from)
}

/// One occurrence of a flag whose value is a line of comma-separated values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvList(pub(crate) Vec<String>);

impl FromStr for CsvList {
    type Err = csv::CsvError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        csv::record(text).map(Self)
    }
}

impl CsvList {
    /// The values of all occurrences, in order.
    pub(crate) fn flatten(lists: &[Self]) -> Vec<String> {
        lists.iter().flat_map(|list| list.0.iter().cloned()).collect()
    }
}

/// The least important level that is logged, on zerolog's scale (trace -1 … fatal 4, disabled 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogLevel(pub(crate) i8);

impl LogLevel {
    pub(crate) const TRACE: Self = Self(-1);
    pub(crate) const DEBUG: Self = Self(0);
    pub(crate) const INFO: Self = Self(1);
    pub(crate) const WARN: Self = Self(2);
    pub(crate) const ERROR: Self = Self(3);
    pub(crate) const FATAL: Self = Self(4);
    const PANIC: Self = Self(5);
    const NONE: Self = Self(6);
    pub(crate) const DISABLED: Self = Self(7);

    const NAMES: [(&'static str, Self); 9] = [
        ("trace", Self::TRACE),
        ("debug", Self::DEBUG),
        ("info", Self::INFO),
        ("warn", Self::WARN),
        ("error", Self::ERROR),
        ("fatal", Self::FATAL),
        ("panic", Self::PANIC),
        ("disabled", Self::DISABLED),
        ("", Self::NONE),
    ];

    /// The name written into log lines.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, level)| *level == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for LogLevel {
    type Err = ArgumentFault;

    fn from_str(text: &str) -> Result<Self, ArgumentFault> {
        if let Some((_, level)) =
            Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text))
        {
            return Ok(*level);
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ArgumentFault::error(format!(
                "Unknown Level String: '{text}', defaulting to NoLevel"
            )));
        }
        match text.parse::<i64>() {
            Ok(number) => i8::try_from(number).map(Self).map_err(|_| {
                ArgumentFault::error(format!(
                    "Out-Of-Bounds Level: '{number}', defaulting to NoLevel"
                ))
            }),
            Err(_) => Err(ArgumentFault::error(format!(
                "Unknown Level String: '{text}', defaulting to NoLevel"
            ))),
        }
    }
}

/// When to colour output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On terminals, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// How messages are written on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_names_in_any_case_or_small_numbers() {
        assert_eq!("INFO".parse(), Ok(LogLevel::INFO));
        assert_eq!("-1".parse(), Ok(LogLevel::TRACE));
        assert_eq!("+2".parse(), Ok(LogLevel::WARN));
        for (text, message) in [
            ("foo", "Unknown Level String: 'foo', defaulting to NoLevel"),
            ("300", "Out-Of-Bounds Level: '300', defaulting to NoLevel"),
            (
                "99999999999999999999",
                "Unknown Level String: '99999999999999999999', defaulting to NoLevel",
            ),
        ] {
            assert_eq!(text.parse::<LogLevel>().unwrap_err().text, message);
        }
    }
}
