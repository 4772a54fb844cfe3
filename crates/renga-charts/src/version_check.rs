//! `version-check`: Tanka's report of newer versions, as JSON.
//!
//! Owns the report's words and order, which scripts read. Differs from Tanka where that fails or
//! guesses: ranges stand for the version in the lock, and registries are asked for their tags.

use std::collections::BTreeMap;
use std::path::Path;

use renga_semver::{Constraint, Version};
use serde_json::{Map, Value, json};

use crate::lock::Lockfile;
use crate::parallel;
use crate::requirement::Requirement;
use crate::source::{ChartVersion, SourceError, pick};
use crate::vendor::{ChartSource, VendorError};
use crate::workspace::{Origin, Repositories, Workspace};

/// What stands in a report for a search without result.
const NOT_FOUND: &str = "search did not return 1 version";

/// Why versions could not be compared.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VersionCheckError {
    /// The chartfile, the lock or a repository.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Vendor(#[from] VendorError),
    /// A version that is neither a version nor a range. Helm's words.
    #[error("an invalid version/constraint format: {problem}")]
    #[diagnostic(
        code(charts::bad_range),
        help("chart `{chart}`: write a version such as `1.2.3`, or a range such as `^1.2`")
    )]
    Constraint {
        /// The chart.
        chart: String,
        /// What is wrong.
        problem: String,
    },
}

impl renga_diag::Report for VersionCheckError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Compares every requirement with the versions that there are; gives the JSON that Tanka prints,
/// with its newline.
///
/// # Errors
///
/// [`VersionCheckError`], for the first requirement that has one. A chart that the repository does
/// not have is not an error, as for Tanka: the report says so.
pub fn version_check(
    workspace: &Workspace,
    source: &dyn ChartSource,
    repository_config: Option<&Path>,
    pretty: bool,
) -> Result<String, VersionCheckError> {
    let chartfile = workspace.chartfile().map_err(VendorError::from)?;
    let repositories =
        workspace.repositories(&chartfile, repository_config).map_err(VendorError::from)?;
    let lock = workspace.lockfile().map_err(VendorError::from)?.unwrap_or_default();
    let checked = parallel::map(chartfile.requirements(), |requirement| {
        check(requirement, &repositories, &lock, source)
    });
    let mut report = BTreeMap::new();
    for (requirement, value) in chartfile.requirements().iter().zip(checked) {
        report.insert(format!("{}@{}", requirement.chart, requirement.version), value?);
    }
    let report = Value::Object(report.into_iter().collect());
    let text = if pretty { format!("{report:#}") } else { report.to_string() };
    Ok(escape_html(&text) + "\n")
}

/// As Go's encoder escapes; these characters are in strings only.
fn escape_html(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

fn check(
    requirement: &Requirement,
    repositories: &Repositories,
    lock: &Lockfile,
    source: &dyn ChartSource,
) -> Result<Value, VersionCheckError> {
    let (origin, versions) = match repositories.find(requirement) {
        Ok(origin) => match source.versions(&origin.repository, requirement.name()) {
            Ok(versions) => (Some(origin), versions),
            Err(SourceError::NoChart { .. }) => (Some(origin), Vec::new()),
            Err(error) => return Err(VendorError::of_source(error, requirement).into()),
        },
        // Tanka searches in the other ones and finds nothing, but it needs some.
        Err(_) if repositories.names().next().is_some() => (None, Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let current = current(requirement, lock, origin, &versions)?;
    let mut found = Vec::new();
    for operator in [">=", "^", "~"] {
        let wanted = format!("{operator}{current}");
        let constraint =
            Constraint::parse(&wanted).map_err(|error| VersionCheckError::Constraint {
                chart: requirement.chart.clone(),
                problem: error.to_string(),
            })?;
        let fits = |version: &&ChartVersion| {
            Version::parse(&version.version).is_ok_and(|version| constraint.check(&version))
        };
        found.push(versions.iter().find(fits));
    }
    let version = |found: Option<&ChartVersion>| match found {
        Some(found) => object([
            ("name", requirement.chart.as_str()),
            ("version", &found.version),
            ("app_version", found.app_version.as_deref().unwrap_or_default()),
            ("description", found.description.as_deref().unwrap_or_default()),
        ]),
        None => object([
            ("name", requirement.chart.as_str()),
            ("version", &current),
            ("app_version", ""),
            ("description", NOT_FOUND),
        ]),
    };
    let latest = found[0].map_or(current.as_str(), |found| found.version.as_str());
    let mut report = object([
        ("name", requirement.chart.as_str()),
        ("directory", &requirement.directory),
        ("current_version", &current),
    ]);
    report.insert("using_latest_version".to_owned(), json!(current == latest));
    let names =
        ["latest_version", "latest_matching_major_version", "latest_matching_minor_version"];
    for (name, found) in names.into_iter().zip(found) {
        report.insert(name.to_owned(), Value::Object(version(found)));
    }
    Ok(Value::Object(report))
}

/// The version to compare with: the required one, or what a range stands for.
fn current(
    requirement: &Requirement,
    lock: &Lockfile,
    origin: Option<&Origin>,
    versions: &[ChartVersion],
) -> Result<String, VersionCheckError> {
    let required = requirement.version.as_str();
    if Version::parse(required).is_ok() {
        return Ok(required.to_owned());
    }
    let entry = lock.get(&requirement.directory_key());
    if let Some(entry) = entry.filter(|entry| entry.answers(requirement, None)) {
        return Ok(entry.version.clone());
    }
    let Some(origin) = origin.filter(|_| !versions.is_empty()) else {
        return Ok(required.to_owned());
    };
    match pick(versions, &origin.repository, requirement.name(), required) {
        Ok(version) => Ok(version.version.clone()),
        Err(error) => Err(VendorError::from(error).into()),
    }
}

/// The fields that are set, in this order.
fn object<const N: usize>(fields: [(&str, &str); N]) -> Map<String, Value> {
    let set = fields.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}
