//! One chart that a chartfile requires: how it is written, and where it goes.
//!
//! Owns the forms `repo/chart@version(:directory)` and `repo/chart`, and the rules by which several
//! requirements get along. Which versions there are is [`crate::source`]'s.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path};

/// A chart that a chartfile requires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// `repository/name`.
    pub chart: String,
    /// A version or a range; empty for the newest stable version.
    pub version: String,
    /// Where it goes below the folder of charts; empty for the name.
    pub directory: String,
}

impl Requirement {
    /// Reads `repo/chart@version`, optionally with `:directory`, as Tanka's pattern does.
    pub fn parse(text: &str) -> Option<Self> {
        let (chart, rest) = text.split_once('@')?;
        let (version, directory) = match rest.split_once(':') {
            Some((version, directory)) => (version, Some(directory)),
            None => (rest, None),
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        // Tanka's class has the range from `+` to `/`.
        let chart_ok =
            !chart.is_empty() && chart.chars().all(|c| word(c) || ('+'..='/').contains(&c));
        let version_ok = !version.is_empty() && !version.contains(['\t', '\n', '\x0c', '\r', ' ']);
        let directory_ok = directory.is_none_or(|directory| {
            !directory.is_empty()
                && directory.chars().all(|c| word(c) || matches!(c, '-' | '.' | ' '))
        });
        (chart_ok && version_ok && directory_ok).then(|| Self {
            chart: chart.to_owned(),
            version: version.to_owned(),
            directory: directory.unwrap_or_default().to_owned(),
        })
    }

    /// The name of the repository.
    pub fn repository(&self) -> &str {
        self.chart.split('/').next().unwrap_or_default()
    }

    /// The chart's path in the repository: what follows the first `/`.
    pub fn name(&self) -> &str {
        self.chart.split_once('/').map_or("", |(_, name)| name)
    }

    /// The name that the chart itself must have: the last part of its path, for registries have
    /// folders.
    pub fn chart_name(&self) -> &str {
        self.chart.rsplit('/').next().unwrap_or_default()
    }

    /// Where it goes below the folder of charts, as written.
    pub fn target(&self) -> &str {
        if self.directory.is_empty() { self.name() } else { &self.directory }
    }

    /// Where it goes, with `.` and doubled slashes gone: what the lock calls it.
    pub fn directory_key(&self) -> String {
        key(self.target())
    }

    /// Whether a user may call this requirement `name`: by chart, by name or by directory.
    pub fn answers_to(&self, name: &str) -> bool {
        self.chart == name
            || self.name() == name
            || self.chart_name() == name
            || self.target() == name
    }
}

/// Joins the parts of a relative path that mean something.
fn key(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} (dir: {})", self.chart, self.version, self.target())
    }
}

/// Why requirements do not get along. The messages of the first two kinds are Tanka's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("validation errors:\n - {}", problems.join("\n - "))]
#[diagnostic(
    code(charts::requirements),
    help("write charts as `repository/name`, and give each a `directory` of its own")
)]
pub struct RequirementsError {
    problems: Vec<String>,
}

/// Checks that every requirement has a repository and a directory that no other one has or holds.
///
/// `charts` is the folder of charts relative to the workspace; no directory may hold it.
pub(crate) fn validate(
    requirements: &[Requirement],
    charts: &Path,
) -> Result<(), RequirementsError> {
    let mut problems = Vec::new();
    let mut directories: BTreeMap<&str, &Requirement> = BTreeMap::new();
    let mut keys: BTreeMap<String, &Requirement> = BTreeMap::new();
    for requirement in requirements {
        if !requirement.chart.contains('/') {
            problems.push(format!(
                "Chart name {} is not valid. Expecting a repo/name format.",
                go_quoted(&requirement.chart)
            ));
            continue;
        }
        let target = requirement.target();
        let twice = |previous: &Requirement| {
            format!(
                "output directory {} is used twice, by charts \"{}@{}\" and \"{}@{}\"",
                go_quoted(target),
                previous.chart,
                previous.version,
                requirement.chart,
                requirement.version
            )
        };
        let key = requirement.directory_key();
        if let Some(previous) = directories.get(target) {
            problems.push(twice(previous));
        } else if let Some(previous) = keys.get(&key) {
            problems.push(twice(previous));
        } else if holds_charts(&key, charts) {
            problems.push(format!(
                "output directory {} of chart \"{}@{}\" holds the folder of all charts",
                go_quoted(target),
                requirement.chart,
                requirement.version
            ));
        } else if let Some((other, previous)) = nested(&keys, &key) {
            problems.push(format!(
                "output directory {} of chart \"{}@{}\" and {} of chart \"{}@{}\" lie in one another",
                go_quoted(target),
                requirement.chart,
                requirement.version,
                go_quoted(other),
                previous.chart,
                previous.version
            ));
        }
        directories.insert(target, requirement);
        keys.insert(key, requirement);
    }
    if problems.is_empty() { Ok(()) } else { Err(RequirementsError { problems }) }
}

/// Whether the directory is the folder of charts itself, or one around it.
fn holds_charts(key: &str, charts: &Path) -> bool {
    let up = key.split('/').filter(|part| *part == "..").count();
    if key.is_empty() || (up > 0 && key.split('/').all(|part| part == "..")) {
        return true;
    }
    // `../charts` from within `charts`.
    let joined = renga_project::clean(&charts.join(key));
    renga_project::clean(charts).starts_with(joined)
}

fn nested<'k, 'r>(
    keys: &'k BTreeMap<String, &'r Requirement>,
    key: &str,
) -> Option<(&'k str, &'r Requirement)> {
    keys.iter()
        .find(|(other, _)| {
            Path::new(other).starts_with(key) || Path::new(key).starts_with(other.as_str())
        })
        .map(|(other, requirement)| (other.as_str(), *requirement))
}

/// A text as Go's `%q` prints it, for the characters that names have.
pub(crate) fn go_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => quoted.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A path below `base` as Go's `filepath.Join` makes it: always below, whatever `path` begins with.
pub(crate) fn join(base: &Path, path: &str) -> std::path::PathBuf {
    let relative: std::path::PathBuf = Path::new(path)
        .components()
        .filter(|part| !matches!(part, Component::RootDir | Component::Prefix(_)))
        .collect();
    renga_project::clean(&base.join(relative))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(chart: &str, version: &str, directory: &str) -> Requirement {
        Requirement {
            chart: chart.to_owned(),
            version: version.to_owned(),
            directory: directory.to_owned(),
        }
    }

    #[test]
    fn forms_are_those_of_tanka() {
        for (text, parsed) in [
            ("stable/package@1.0.0", Some(requirement("stable/package", "1.0.0", ""))),
            (
                "stable/package@1.0.0:my-path",
                Some(requirement("stable/package", "1.0.0", "my-path")),
            ),
            ("a/b@1:we b.c", Some(requirement("a/b", "1", "we b.c"))),
            ("a/b/c,d+e@^1@2", Some(requirement("a/b/c,d+e", "^1@2", ""))),
            ("a/b@>=1,<2", Some(requirement("a/b", ">=1,<2", ""))),
            ("noslash@1", Some(requirement("noslash", "1", ""))),
            ("a/b", None),
            ("a/b@", None),
            ("@1", None),
            ("a b@1", None),
            ("ä/b@1", None),
            ("a/b@1 2", None),
            ("a/b@1:", None),
            ("a/b@1:../x", None),
            ("a/b@1:x:y", None),
        ] {
            assert_eq!(Requirement::parse(text), parsed, "{text}");
        }
    }

    #[test]
    fn directories_must_not_meet() {
        let check = |directories: &[&str]| {
            let all: Vec<_> = directories.iter().map(|d| requirement("r/x", "1", d)).collect();
            validate(&all, Path::new("charts")).map_err(|error| error.to_string())
        };
        assert_eq!(check(&["a", "b/c", "b/d", "../else", "c.d"]), Ok(()));
        assert_eq!(
            check(&["a", "./a"]).unwrap_err(),
            "validation errors:\n - output directory \"./a\" is used twice, by charts \"r/x@1\" and \"r/x@1\""
        );
        assert!(check(&["a", "a/b"]).unwrap_err().contains("lie in one another"));
        assert!(check(&["a/b/c", "a/b"]).unwrap_err().contains("lie in one another"));
        for directory in [".", "a/..", "..", "../..", "../charts", "/"] {
            assert!(
                check(&[directory]).unwrap_err().contains("folder of all charts"),
                "{directory}"
            );
        }
        assert_eq!(
            validate(&[requirement("web", "1", "")], Path::new("charts")).unwrap_err().to_string(),
            "validation errors:\n - Chart name \"web\" is not valid. Expecting a repo/name format."
        );
    }
}
