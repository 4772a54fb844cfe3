//! The index of a chart repository: which charts there are, and in which versions.
//!
//! Owns reading `index.yaml` into an [`Index`]: a table that says where in the text each chart is,
//! over a text that is read chart by chart when asked. Building the table is fast for plain YAML
//! ([`plain`]); any other YAML, and JSON, is parsed as a whole and written down again in a form
//! that can be read chart by chart. Downloading and caching are left to [`super::http`] and
//! [`crate::cache`].
//!
//! Invariant: an index that is malformed YAML gives no table, whichever chart is asked for. Only
//! equal keys within one entry show not before its chart is asked for. Fields that Helm does not
//! know are ignored, where Helm refuses the whole file.

mod entries;
mod plain;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use renga_semver::{Constraint, Version};
use renga_yaml::{Flavour, YamlError};
use serde_json::Value;

use self::entries::{Entry, PartError};
use self::plain::{Event, Unusual};
use super::{ChartVersion, Names, SourceError, Versions};
use crate::repository::Repository;
use crate::similar::similar;

/// How many names an error proposes.
const PROPOSED_NAMES: usize = 3;

/// How many of the newest versions an error proposes.
const PROPOSED: usize = 5;

/// How the text below a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// The index as published.
    Yaml,
    /// One list of entries after the other.
    Json,
}

/// Where in the text a chart is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) length: usize,
    /// The line of `start` in the index, from 0.
    pub(crate) line: usize,
}

/// Where the charts of an index are, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) form: Form,
    pub(crate) parts: Vec<Part>,
}

/// Why a text is no index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexProblem {
    WebPage,
    Malformed { line: Option<usize>, problem: String },
}

impl IndexProblem {
    fn shape(problem: impl Into<String>) -> Self {
        Self::Malformed { line: None, problem: problem.into() }
    }

    fn yaml(error: &YamlError, lines_before: usize) -> Self {
        let problem = match error {
            YamlError::Syntax { problem, .. } => problem.clone(),
            YamlError::Unmarshal { problems } => {
                problems.first().map_or_else(|| error.to_string(), |first| first.problem.clone())
            }
            _ => error.to_string(),
        };
        Self::Malformed { line: error.line().map(|line| line + lines_before), problem }
    }
}

/// Makes the table of an index; the text it is about, which is `text` itself or another one.
///
/// # Errors
///
/// What is wrong with `text`.
pub(crate) fn table_of(text: Vec<u8>) -> Result<(Table, Vec<u8>), IndexProblem> {
    if looks_like_a_web_page(&text) {
        return Err(IndexProblem::WebPage);
    }
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(IndexProblem::shape("it is empty"));
    }
    if let Ok(valid) = std::str::from_utf8(&text)
        && let Ok(parts) = plain_parts(valid)
    {
        return Ok((Table { form: Form::Yaml, parts }, text));
    }
    let charts = if text.trim_ascii_start().starts_with(b"{")
        && let Ok(index) = serde_json::from_slice::<JsonIndex>(&text)
    {
        index.into_entries()?
    } else {
        entries_of_yaml(&text)?
    };
    write_json(charts)
}

/// Whether this begins like HTML or XML, which neither an index nor an archive does.
pub(crate) fn looks_like_a_web_page(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.trim_ascii_start().starts_with(b"<")
}

/// The parts of an index in plain YAML.
fn plain_parts(text: &str) -> Result<Vec<Part>, Unusual> {
    let mut parts: Vec<Part> = Vec::new();
    let mut root = "";
    let mut roots: Vec<&str> = Vec::new();
    let mut versioned = false;
    plain::walk(text, &mut |event| {
        match event {
            Event::Key { depth: 1, text, start, .. } => {
                if roots.contains(&text) {
                    return Err(Unusual);
                }
                close(&mut parts, start);
                roots.push(text);
                root = text;
            }
            Event::Key { depth: 2, text, quoted, start, line } if root == "entries" => {
                // Other names may be numbers, or need the parser to be read.
                if !quoted && !entries::surely_text(text) {
                    return Err(Unusual);
                }
                close(&mut parts, start);
                parts.push(Part { name: text.to_owned(), start, length: 0, line });
            }
            Event::Scalar { depth: 1, raw } => match root {
                "apiVersion" => versioned = !matches!(raw, "\"\"" | "''" | "null" | "~"),
                "entries" => return Err(Unusual),
                _ => {}
            },
            // Charts must have lists, and `entries` must be a mapping.
            Event::Item { depth: 2 }
            | Event::Key { depth: 3, .. }
            | Event::Scalar { depth: 2 | 3, .. }
            | Event::Empty { depth: 3 }
                if root == "entries" =>
            {
                return Err(Unusual);
            }
            Event::Item { depth: 1 } => return Err(Unusual),
            Event::Key { .. } | Event::Item { .. } | Event::Scalar { .. } | Event::Empty { .. } => {
            }
        }
        Ok(())
    })?;
    close(&mut parts, text.len());
    let mut names = HashSet::with_capacity(parts.len());
    // What is missing or there twice is the parser's to say.
    if !versioned || !parts.iter().all(|part| names.insert(part.name.as_str())) {
        return Err(Unusual);
    }
    parts.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(parts)
}

fn close(parts: &mut [Part], end: usize) {
    if let Some(part) = parts.last_mut()
        && part.length == 0
    {
        part.length = end - part.start;
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonIndex {
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    entries: Option<BTreeMap<String, Value>>,
}

impl JsonIndex {
    fn into_entries(self) -> Result<BTreeMap<String, Vec<Entry>>, IndexProblem> {
        if self.api_version.is_none_or(|version| version.is_empty()) {
            return Err(IndexProblem::shape("it has no `apiVersion`"));
        }
        let mut charts = BTreeMap::new();
        for (name, value) in self.entries.unwrap_or_default() {
            let entries =
                entries::of_values(&value).map_err(|problem| of_chart(&name, &problem))?;
            charts.insert(name, entries);
        }
        Ok(charts)
    }
}

fn of_chart(chart: &str, problem: &str) -> IndexProblem {
    IndexProblem::shape(format!("in the entries of chart `{chart}`, {problem}"))
}

fn entries_of_yaml(text: &[u8]) -> Result<BTreeMap<String, Vec<Entry>>, IndexProblem> {
    let value = renga_yaml::read_strict(text, Flavour::GoYamlV2)
        .map_err(|error| IndexProblem::yaml(&error, 0))?;
    let Value::Object(mut root) = value else {
        return Err(IndexProblem::shape("it is no mapping with `apiVersion` and `entries`"));
    };
    let version = root.get("apiVersion");
    if version.is_none_or(|version| version.is_null() || version == &Value::from("")) {
        return Err(IndexProblem::shape("it has no `apiVersion`"));
    }
    let mut charts = BTreeMap::new();
    match root.remove("entries").unwrap_or_default() {
        Value::Null => {}
        Value::Object(entries) => {
            for (name, value) in entries {
                let entries =
                    entries::of_values(&value).map_err(|problem| of_chart(&name, &problem))?;
                charts.insert(name, entries);
            }
        }
        _ => return Err(IndexProblem::shape("`entries` is no mapping")),
    }
    Ok(charts)
}

fn write_json(charts: BTreeMap<String, Vec<Entry>>) -> Result<(Table, Vec<u8>), IndexProblem> {
    let mut text = Vec::new();
    let mut parts = Vec::with_capacity(charts.len());
    for (name, entries) in charts {
        let start = text.len();
        serde_json::to_writer(&mut text, &entries)
            .map_err(|error| IndexProblem::shape(error.to_string()))?;
        parts.push(Part { name, start, length: text.len() - start, line: 0 });
    }
    Ok((Table { form: Form::Json, parts }, text))
}

/// Where the text below a table is.
#[derive(Debug)]
pub(crate) enum Body {
    /// In memory.
    Text(Vec<u8>),
    /// In a file, from this byte on.
    File(Mutex<File>, u64),
}

impl Body {
    fn read(&self, part: &Part) -> io::Result<Vec<u8>> {
        match self {
            Self::Text(text) => {
                let bytes = text.get(part.start..part.start + part.length);
                bytes.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
            Self::File(file, offset) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(offset + part.start as u64))?;
                let mut bytes = vec![0; part.length];
                file.read_exact(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

/// An index that answers for single charts.
#[derive(Debug)]
pub(crate) struct Index {
    table: Table,
    body: Body,
    known: Mutex<HashMap<String, Arc<Vec<ChartVersion>>>>,
}

impl Index {
    pub(crate) fn new(table: Table, body: Body) -> Self {
        Self { table, body, known: Mutex::default() }
    }

    /// The names of all charts, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.table.parts.iter().map(|part| part.name.as_str())
    }

    /// The versions of `chart`, newest first; none if the index does not have it.
    ///
    /// # Errors
    ///
    /// What is wrong with the chart's part.
    pub(crate) fn versions(
        &self,
        chart: &str,
    ) -> Result<Option<Arc<Vec<ChartVersion>>>, IndexProblem> {
        let Ok(found) = self.table.parts.binary_search_by(|part| part.name.as_str().cmp(chart))
        else {
            return Ok(None);
        };
        if let Some(versions) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(chart)
        {
            return Ok(Some(Arc::clone(versions)));
        }
        let part = &self.table.parts[found];
        let text = self.body.read(part).map_err(|error| IndexProblem::shape(error.to_string()))?;
        let entries = match self.table.form {
            Form::Json => serde_json::from_slice(&text)
                .map_err(|error| IndexProblem::shape(error.to_string()))?,
            Form::Yaml => {
                let text = String::from_utf8(text)
                    .map_err(|error| IndexProblem::shape(error.to_string()))?;
                entries::of_yaml(&text).map_err(|error| match error {
                    PartError::Yaml(error) => IndexProblem::yaml(&error, part.line),
                    PartError::Shape(problem) => of_chart(chart, &problem),
                })?
            }
        };
        let versions = Arc::new(entries::sorted(entries));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(chart.to_owned(), Arc::clone(&versions));
        Ok(Some(versions))
    }

    /// As [`Index::versions`], in the words of a repository.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoChart`], [`SourceError::MalformedIndex`].
    pub(crate) fn chart(
        &self,
        repository: &Repository,
        chart: &str,
    ) -> Result<Arc<Vec<ChartVersion>>, SourceError> {
        match self.versions(chart) {
            Ok(Some(versions)) => Ok(versions),
            Ok(None) => Err(SourceError::NoChart {
                chart: chart.to_owned(),
                repository: repository.name.clone(),
                url: repository.shown_url(),
                nearest: nearest(chart, self.names()),
            }),
            Err(problem) => Err(malformed(problem, repository)),
        }
    }
}

/// A problem of an index in the words of its repository.
pub(crate) fn malformed(problem: IndexProblem, repository: &Repository) -> SourceError {
    match problem {
        IndexProblem::WebPage => SourceError::WebPage {
            subject: super::Subject::Index { repository: repository.name.clone() },
            url: repository.shown_url(),
        },
        IndexProblem::Malformed { line, problem } => SourceError::MalformedIndex {
            repository: repository.name.clone(),
            url: repository.shown_url(),
            line,
            problem,
        },
    }
}

/// The version that Helm takes for `wanted` out of `versions`, sorted as [`super::Sources::versions`]
/// sorts them: the one that is written like it, else the first that it matches as a range. Nothing
/// wanted is the newest version that is no pre-release.
///
/// # Errors
///
/// [`SourceError::NoVersion`] with the newest versions, [`SourceError::BadRange`].
pub fn pick<'v>(
    versions: &'v [ChartVersion],
    repository: &Repository,
    chart: &str,
    wanted: &str,
) -> Result<&'v ChartVersion, SourceError> {
    let range = if wanted.is_empty() { "*" } else { wanted };
    let range = Constraint::parse(range).map_err(|error| SourceError::BadRange {
        chart: chart.to_owned(),
        wanted: wanted.to_owned(),
        problem: error.to_string(),
    })?;
    let exact = versions.iter().find(|version| version.version == wanted);
    let matching = || {
        versions.iter().find(|version| {
            Version::parse(&version.version).is_ok_and(|version| range.check(&version))
        })
    };
    exact.or_else(matching).ok_or_else(|| SourceError::NoVersion {
        chart: chart.to_owned(),
        wanted: wanted.to_owned(),
        repository: repository.name.clone(),
        url: repository.shown_url(),
        newest: newest(versions),
    })
}

/// Those of `names` that look like `wanted`, to propose.
pub(crate) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Names {
    let names = similar(wanted, names).into_iter().take(PROPOSED_NAMES);
    Names(names.map(str::to_owned).collect())
}

/// The newest of `versions`, to propose.
pub(crate) fn newest(versions: &[ChartVersion]) -> Versions {
    Versions(versions.iter().take(PROPOSED).map(|version| version.version.clone()).collect())
}

#[cfg(test)]
mod tests;
