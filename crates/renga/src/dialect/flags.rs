//! The flags of one command as pflag sees them, and pflag's way of reading words.

use std::any::TypeId;
use std::collections::BTreeMap;

use clap::ArgAction;

use super::{csv, number, quote};
use crate::args::CsvList;

/// Flags that still work but say what to use instead. They are hidden in the model.
const DEPRECATED: [(&str, &str); 2] = [
    ("merge", "use --merge-strategy=fail-on-conflicts instead"),
    ("dangerous-auto-approve", "use --auto-approve instead"),
];

/// What pflag calls the type of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    String,
    Strings,
    StringArray,
    Int,
}

impl Kind {
    fn of(arg: &clap::Arg) -> Self {
        let value = arg.get_value_parser().type_id();
        if matches!(arg.get_action(), ArgAction::SetTrue) || value == TypeId::of::<bool>() {
            Self::Bool
        } else if value == TypeId::of::<CsvList>() {
            Self::Strings
        } else if matches!(arg.get_action(), ArgAction::Append) {
            Self::StringArray
        } else if value == TypeId::of::<i64>() {
            Self::Int
        } else {
            Self::String
        }
    }

    /// The word for a value in the table of flags.
    pub(super) fn value_name(self) -> &'static str {
        match self {
            Self::Bool => "",
            Self::String => "string",
            Self::Strings => "strings",
            Self::StringArray => "stringArray",
            Self::Int => "int",
        }
    }
}

/// One flag.
#[derive(Debug)]
pub(super) struct Flag {
    pub(super) name: String,
    pub(super) shorthand: Option<char>,
    pub(super) kind: Kind,
    pub(super) help: String,
    /// The default as text; empty for none, and for a switch that is off.
    pub(super) default: String,
    pub(super) hidden: bool,
    deprecated: Option<&'static str>,
    /// Whether clap has a truth value with this flag, rather than its mere presence.
    takes_bool: bool,
}

impl Flag {
    /// The flag of a clap argument; `None` for a positional one.
    pub(super) fn of(arg: &clap::Arg) -> Option<Self> {
        let name = arg.get_long()?.to_owned();
        let kind = Kind::of(arg);
        let defaults: Vec<_> =
            arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        Some(Self {
            shorthand: arg.get_short(),
            kind,
            help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            default: match defaults.join(",") {
                off if kind == Kind::Bool && off != "true" => String::new(),
                default => default,
            },
            hidden: arg.is_hide_set(),
            deprecated: DEPRECATED
                .iter()
                .find(|(flag, _)| *flag == name)
                .map(|(_, message)| *message),
            takes_bool: !matches!(arg.get_action(), ArgAction::SetTrue),
            name,
        })
    }

    /// A flag that is only on or off, and that clap is not told of.
    pub(super) fn switch(name: &str, shorthand: Option<char>, help: String) -> Self {
        Self {
            name: name.to_owned(),
            shorthand,
            kind: Kind::Bool,
            help,
            default: String::new(),
            hidden: false,
            deprecated: None,
            takes_bool: false,
        }
    }

    /// How messages name the flag.
    fn title(&self) -> String {
        match self.shorthand {
            Some(short) => format!("-{short}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }
}

/// What is wrong with a command line, in pflag's words.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FlagError {
    #[error("bad flag syntax: {0}")]
    Syntax(String),
    #[error("unknown flag: --{0}")]
    Unknown(String),
    #[error("unknown shorthand flag: {} in -{cluster}", quote::rune(*flag))]
    UnknownShorthand { flag: char, cluster: String },
    #[error("flag needs an argument: --{0}")]
    NoValue(String),
    #[error("flag needs an argument: {} in -{cluster}", quote::rune(*flag))]
    NoShorthandValue { flag: char, cluster: String },
    #[error("invalid argument {} for {} flag: {cause}", quote::string(value), quote::string(flag))]
    Value { value: String, flag: String, cause: String },
}

/// The flags of a command, sorted by name.
#[derive(Debug)]
pub(super) struct FlagSet(pub(super) Vec<Flag>);

impl FlagSet {
    pub(super) fn new(mut flags: Vec<Flag>) -> Self {
        flags.sort_by(|a, b| a.name.cmp(&b.name));
        Self(flags)
    }

    fn long(&self, name: &str) -> Option<&Flag> {
        self.0.iter().find(|flag| flag.name == name)
    }

    fn short(&self, name: char) -> Option<&Flag> {
        self.0.iter().find(|flag| flag.shorthand == Some(name))
    }

    /// Whether `word` (a flag without its dashes) is known as one that takes no value.
    pub(super) fn is_switch(&self, word: &str, shorthand: bool) -> bool {
        let flag = if shorthand {
            word.chars().next().and_then(|short| self.short(short))
        } else {
            self.long(word)
        };
        flag.is_some_and(|flag| flag.kind == Kind::Bool)
    }

    /// Reads the words of a command line; flags and other words may be mixed.
    ///
    /// # Errors
    ///
    /// [`FlagError`] for the first thing that is wrong; `warnings` has what was warned of before.
    pub(super) fn parse(
        &self,
        words: &[String],
        warnings: &mut Vec<String>,
    ) -> Result<Read<'_>, FlagError> {
        let mut read = Read::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                read.words.extend(words.cloned());
                break;
            }
            if let Some(flag) = word.strip_prefix("--") {
                self.parse_long(word, flag, &mut words, &mut read, warnings)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.parse_cluster(&word[1..], &mut words, &mut read, warnings)?;
            } else {
                read.words.push(word.clone());
            }
        }
        Ok(read)
    }

    fn parse_long<'a>(
        &'a self,
        word: &str,
        text: &str,
        rest: &mut std::slice::Iter<'_, String>,
        read: &mut Read<'a>,
        warnings: &mut Vec<String>,
    ) -> Result<(), FlagError> {
        if text.starts_with(['-', '=']) {
            return Err(FlagError::Syntax(word.to_owned()));
        }
        let (name, given) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let flag = self.long(name).ok_or_else(|| FlagError::Unknown(name.to_owned()))?;
        let value = match given {
            Some(value) => value,
            None if flag.kind == Kind::Bool => "true",
            None => rest.next().ok_or_else(|| FlagError::NoValue(name.to_owned()))?,
        };
        read.set(flag, value, warnings)
    }

    /// Reads `-abc`, `-avalue`, `-a=value` or `-a value`.
    fn parse_cluster<'a>(
        &'a self,
        cluster: &str,
        rest: &mut std::slice::Iter<'_, String>,
        read: &mut Read<'a>,
        warnings: &mut Vec<String>,
    ) -> Result<(), FlagError> {
        let mut cluster = cluster;
        while let Some(short) = cluster.chars().next() {
            // Flags meant for Go's test runner are passed over.
            if cluster.starts_with("test.") {
                return Ok(());
            }
            let flag = self.short(short).ok_or_else(|| FlagError::UnknownShorthand {
                // pflag looks at single bytes: this is what it makes of any other character.
                flag: if short.is_ascii() { short } else { 'Ã' },
                cluster: cluster.to_owned(),
            })?;
            let after = &cluster[short.len_utf8()..];
            if after.len() > 1 && after.starts_with('=') {
                return read.set(flag, &after[1..], warnings);
            }
            if flag.kind == Kind::Bool {
                read.set(flag, "true", warnings)?;
                cluster = after;
                continue;
            }
            if !after.is_empty() {
                return read.set(flag, after, warnings);
            }
            let value = rest.next().ok_or_else(|| FlagError::NoShorthandValue {
                flag: short,
                cluster: cluster.to_owned(),
            })?;
            return read.set(flag, value, warnings);
        }
        Ok(())
    }
}

/// A command line that has been read: the values of each flag, and the words that are no flags.
#[derive(Debug, Default)]
pub(super) struct Read<'a> {
    values: BTreeMap<&'a str, (&'a Flag, Vec<String>)>,
    pub(super) words: Vec<String>,
}

impl<'a> Read<'a> {
    fn set(
        &mut self,
        flag: &'a Flag,
        value: &str,
        warnings: &mut Vec<String>,
    ) -> Result<(), FlagError> {
        let checked = match flag.kind {
            Kind::Bool => number::bool(value).map(|value| value.to_string()),
            Kind::Int => number::int(value).map(|value| value.to_string()),
            Kind::Strings => {
                csv::record(value).map(|_| value.to_owned()).map_err(|fault| fault.to_string())
            }
            Kind::String | Kind::StringArray => Ok(value.to_owned()),
        };
        let checked = checked.map_err(|cause| FlagError::Value {
            value: value.to_owned(),
            flag: flag.title(),
            cause,
        })?;
        let (_, values) = self.values.entry(&flag.name).or_insert((flag, Vec::new()));
        if !matches!(flag.kind, Kind::Strings | Kind::StringArray) {
            values.clear();
        }
        values.push(checked);
        if let Some(message) = flag.deprecated {
            warnings.push(format!("Flag --{} has been deprecated, {message}", flag.name));
        }
        Ok(())
    }

    /// The last value given for a flag.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|(_, values)| values.last()).map(String::as_str)
    }

    /// Whether a switch is on.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.last(name) == Some("true")
    }

    /// The flags as clap reads them.
    pub(super) fn canonical(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (name, (flag, values)) in &self.values {
            for value in values {
                if flag.kind != Kind::Bool || flag.takes_bool {
                    words.push(format!("--{name}={value}"));
                } else if value == "true" {
                    words.push(format!("--{name}"));
                }
            }
        }
        words
    }
}
