//! `renga.toml`: a workspace's defaults for the command line.
//!
//! It lies beside the root marker. Flags win over it; keys it does not know are an error, so that a
//! typo does not go unnoticed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use miette::{NamedSource, SourceSpan};
use serde::Deserialize;

use crate::source::Source;

/// The name of the settings file.
pub const SETTINGS_FILE: &str = "renga.toml";

/// What a `renga.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Defaults of `renga export`.
    #[serde(default)]
    pub export: ExportSettings,
    /// Defaults of `renga check`, and what clusters have from elsewhere.
    #[serde(default)]
    pub check: CheckSettings,
    /// Defaults of `renga preview`, what it masks and what it passes over.
    #[serde(default)]
    pub preview: PreviewSettings,
}

/// The table `[preview]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PreviewSettings {
    /// What to compare with (`--base`).
    pub base: Option<String>,
    /// Paths of fields that are masked besides the data of Secrets.
    #[serde(default)]
    pub mask: Vec<String>,
    /// Changes that are passed over, and counted.
    #[serde(default)]
    pub ignore: Vec<IgnoredChange>,
}

/// Changes of fields that a preview passes over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IgnoredChange {
    /// What the report calls the rule.
    pub name: String,
    /// The path of the fields.
    pub path: String,
}

/// The table `[check]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CheckSettings {
    /// Release of the clusters (`--kubernetes-version`).
    pub kubernetes_version: Option<String>,
    /// From which severity on findings are a failure (`--fail-on`).
    pub fail_on: Option<String>,
    /// How grave it is to break a rule: `error`, `warning` or `off`, by the rule's name, or by its
    /// beginning with `*`.
    #[serde(default)]
    pub severity: BTreeMap<String, String>,
    /// Files with definitions of kinds, and folders of them, relative to the workspace (`--crds`).
    #[serde(default)]
    pub crds: Vec<String>,
    /// How long a file of policies may take for an environment, in seconds.
    pub policy_timeout: Option<u64>,
    /// Objects that are there without being rendered.
    #[serde(default)]
    pub provided: Vec<Provided>,
    /// Findings that are known and accepted.
    #[serde(default)]
    pub suppress: Vec<Suppression>,
}

/// Findings that are known and accepted. `*` in a text stands for any text; what is not said is any.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Suppression {
    /// The name of the rule.
    pub rule: String,
    /// The environments.
    pub environment: Option<String>,
    /// The kind of the objects.
    pub kind: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their namespace.
    pub namespace: Option<String>,
    /// Why: for readers.
    pub reason: String,
    /// The last day on which it is in force.
    pub until: Option<Day>,
}

/// A day of the calendar. Days are in the order of time, and written as `2026-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl TryFrom<toml::value::Datetime> for Day {
    type Error = &'static str;

    fn try_from(value: toml::value::Datetime) -> Result<Self, Self::Error> {
        match (value.date, value.time) {
            (Some(toml::value::Date { year, month, day }), None) => Ok(Self { year, month, day }),
            _ => Err("expected a day such as 2026-12-31, without a time"),
        }
    }
}

/// Objects that clusters have without a manifest of the workspace: by hand, by Terraform, by a
/// controller. `*` in a text stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provided {
    /// Their kind.
    pub kind: String,
    /// Their name.
    pub name: String,
    /// Their namespace; without it, any.
    pub namespace: Option<String>,
    /// The cluster that has them; without it, all.
    pub cluster: Option<String>,
    /// The keys that a `ConfigMap` or Secret has; without them, any.
    pub keys: Option<Vec<String>>,
    /// Who provides them: for readers.
    pub by: String,
}

/// The table `[export]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExportSettings {
    /// Template of the file names (`--format`).
    pub format: Option<String>,
    /// Ending of the file names (`--extension`).
    pub extension: Option<String>,
    /// What to do with a directory in use (`--merge-strategy`).
    pub merge_strategy: Option<String>,
}

/// Why a `renga.toml` is not used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SettingsError {
    /// The file exists but cannot be read.
    #[error("cannot read `{}`", path.display())]
    #[diagnostic(code(project::settings_unreadable))]
    Unreadable {
        /// The settings file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or not of the shape of [`Settings`].
    #[error("`{}` is not valid: {message}", path.display())]
    #[diagnostic(
        code(project::settings_invalid),
        help(
            "known are the table `[export]` with `format`, `extension` and `merge-strategy`, the \
             table `[check]` with `kubernetes-version`, `fail-on`, `crds`, \
             `policy-timeout`, `[check.severity]`, \
             `[[check.provided]]` and `[[check.suppress]]`, and the table `[preview]` with `base`, `mask` and \
             `[[preview.ignore]]`"
        )
    )]
    Invalid {
        /// The settings file.
        path: PathBuf,
        /// What is wrong, in the parser's words.
        message: String,
        /// The file's text.
        #[source_code]
        text: NamedSource<String>,
        /// Where it is wrong.
        #[label("here")]
        span: Option<SourceSpan>,
    },
}

impl renga_diag::Report for SettingsError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

impl Settings {
    /// Reads the settings of the workspace at `root` (absolute). No file means no settings.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] when there is a file that cannot be read or does not parse.
    pub fn load(source: &dyn Source, root: &Path) -> Result<Self, SettingsError> {
        let path = root.join(SETTINGS_FILE);
        if source.probe(&path).is_none() {
            return Ok(Self::default());
        }
        let bytes = source
            .read(&path)
            .map_err(|source| SettingsError::Unreadable { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        toml::from_str(&text).map_err(|error| SettingsError::Invalid {
            message: error.message().to_owned(),
            span: error.span().map(SourceSpan::from),
            text: NamedSource::new(path.display().to_string(), text),
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn settings_are_read_and_typos_refused() {
        let load = |text: &str| {
            let source: MemorySource = [("/w/renga.toml", text)].into_iter().collect();
            Settings::load(&source, Path::new("/w"))
        };
        let settings =
            load("[export]\nformat = '{{.kind}}'\nmerge-strategy = 'replace-envs'\n").unwrap();
        assert_eq!(settings.export.format.as_deref(), Some("{{.kind}}"));
        assert_eq!(settings.export.merge_strategy.as_deref(), Some("replace-envs"));
        let until = |day: &str| {
            let text = format!("[[check.suppress]]\nrule = 'a'\nreason = 'b'\nuntil = {day}\n");
            load(&text).map(|settings| settings.check.suppress[0].until)
        };
        assert_eq!(until("2026-02-03").unwrap(), Some(Day { year: 2026, month: 2, day: 3 }));
        assert!(until("2026-02-03T10:00:00Z").unwrap_err().to_string().contains("expected a day"));
        assert!(until("'soon'").is_err());
        let error = load("[export]\nfromat = 'x'\n").unwrap_err();
        assert!(error.to_string().contains("unknown field `fromat`"), "{error}");
        assert_eq!(
            Settings::load(&MemorySource::default(), Path::new("/w")).unwrap(),
            Settings::default()
        );
    }
}
