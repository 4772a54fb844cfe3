//! `renga.toml`: a workspace's defaults for the command line.
//!
//! It lies beside the root marker. Flags win over it; keys it does not know are an error, so that a
//! typo does not go unnoticed.

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
}

/// The table `[check]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CheckSettings {
    /// Release of the clusters (`--kubernetes-version`).
    pub kubernetes_version: Option<String>,
    /// From which severity on findings are a failure (`--fail-on`).
    pub fail_on: Option<String>,
    /// Objects that are there without being rendered.
    #[serde(default)]
    pub provided: Vec<Provided>,
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
            "known are the table `[export]` with `format`, `extension` and `merge-strategy`, and the \
             table `[check]` with `kubernetes-version`, `fail-on` and `[[check.provided]]`"
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
        let error = load("[export]\nfromat = 'x'\n").unwrap_err();
        assert!(error.to_string().contains("unknown field `fromat`"), "{error}");
        assert_eq!(
            Settings::load(&MemorySource::default(), Path::new("/w")).unwrap(),
            Settings::default()
        );
    }
}
