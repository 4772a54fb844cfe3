//! `values.schema.json`: holding the values of a chart and its dependencies against their schemas.
//!
//! The validator is our own; its model is jsonschema v6.0.3 for Go, which Helm uses, and every
//! message is that library's, in the same nesting. Drafts 4, 6, 7, 2019-09 and 2020-12 are known;
//! `format` is asserted up to draft 7. Where Go walks maps, and so prints its lines in random order,
//! keys come in byte order here; the keywords keep Go's fixed order.
//!
//! Nothing is fetched: a reference to `http` is an error, except to a well-known metaschema. Files a
//! schema refers to are read through [`SchemaFiles`]. Which charts there are, and which values they
//! get, is decided by the caller.

mod compile;
mod draft;
mod evaluate;
mod failure;
mod format;
mod json;
mod keywords;
mod number;
mod url;

use std::collections::BTreeMap;

use crate::{
    tree::Instance,
    values::{Coalesced, Table, Value},
};
use compile::Compiler;
pub use compile::{NoFiles, SchemaFiles, SourceFiles};
use evaluate::Judge;
use json::Json;

/// The address Helm gives a chart's schema.
const ADDRESS: &str = "file:///values.schema.json";

/// Values that do not satisfy a schema, or a schema that is itself at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("{text}")]
#[diagnostic(code(helm::schema))]
pub struct SchemaFault {
    /// What Helm prints: lines that each end in a newline, or, where the schema is at fault, a text
    /// that does not.
    pub text: String,
    /// Where the values are wrong and why, as JSON pointers and messages; empty where the schema is
    /// at fault.
    pub findings: Vec<(String, String)>,
}

impl SchemaFault {
    fn of_schema(text: String) -> Self {
        Self { text, findings: Vec::new() }
    }
}

/// Values that do not satisfy the schemas of their charts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("{}", self.helm_text())]
#[diagnostic(
    code(helm::schema),
    help("change the values named above, or pass `--skip-schema-validation`")
)]
pub struct SchemaErrors {
    /// Every chart at fault by its name or alias, in Helm's order.
    pub charts: Vec<(String, SchemaFault)>,
}

impl SchemaErrors {
    /// The charts and what is wrong with each, without Helm's introduction.
    pub fn text(&self) -> String {
        let texts: Vec<String> =
            self.charts.iter().map(|(name, fault)| format!("{name}:\n{fault}")).collect();
        texts.concat()
    }

    /// What Helm prints after `Error: `.
    pub fn helm_text(&self) -> String {
        format!(
            "values don't meet the specifications of the schema(s) in the following chart(s):\n{}",
            self.text()
        )
    }
}

/// Validates the coalesced values of a chart and, below their names, of its dependencies.
///
/// A dependency without values is not looked at. Returns the `urn:` references that nothing
/// resolves; such a reference allows everything, and Helm warns of it.
///
/// # Errors
///
/// [`SchemaErrors`], with every chart at fault.
pub(crate) fn validate(
    chart: &Instance,
    values: &Coalesced,
    files: &dyn SchemaFiles,
) -> Result<Vec<String>, SchemaErrors> {
    let mut walk = Walk { values, files, charts: Vec::new(), urns: Vec::new() };
    walk.chart(chart, values.root());
    if walk.charts.is_empty() { Ok(walk.urns) } else { Err(SchemaErrors { charts: walk.charts }) }
}

/// Validates values against one schema.
///
/// Returns the `urn:` references that nothing resolves.
///
/// # Errors
///
/// What is wrong with the values, or with the schema.
pub fn validate_values(
    schema: &[u8],
    values: &serde_json::Value,
    files: &dyn SchemaFiles,
) -> Result<Vec<String>, SchemaFault> {
    let mut urns = Vec::new();
    judge(schema, &Json::from(values), files, &mut urns).map(|()| urns)
}

/// Whether Go reads a text as the URL of a request with a scheme.
pub(crate) fn is_request_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.is_absolute())
}

struct Walk<'w> {
    values: &'w Coalesced,
    files: &'w dyn SchemaFiles,
    charts: Vec<(String, SchemaFault)>,
    urns: Vec<String>,
}

impl Walk<'_> {
    fn chart(&mut self, chart: &Instance, table: &Table) {
        if let Some(schema) = &chart.chart.schema {
            let values = Json::of_table(self.values, table);
            if let Err(fault) = judge(schema, &values, self.files, &mut self.urns) {
                self.charts.push((chart.name().to_owned(), fault));
            }
        }
        for dependency in &chart.dependencies {
            let name = dependency.name();
            let value = table.get(name.as_bytes()).unwrap_or(&Value::Null);
            if let Some(table) = self.values.table(value) {
                self.chart(dependency, table);
            } else if *value != Value::Null {
                let kind = go_type(value);
                let text = format!("invalid type for values: expected object (map), got {kind}\n");
                self.charts.push((name.to_owned(), SchemaFault::of_schema(text)));
            }
        }
    }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Float(_) => "float64",
        Value::Int(_) => "int64",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Table(_) | Value::Shared(_) => "map[string]interface {}",
    }
}

fn judge(
    schema: &[u8],
    values: &Json,
    files: &dyn SchemaFiles,
    urns: &mut Vec<String>,
) -> Result<(), SchemaFault> {
    let document = json::parse(schema).map_err(SchemaFault::of_schema)?;
    let mut compiler = Compiler::new(files);
    compiler.add(ADDRESS, document);
    let id =
        compiler.compile(ADDRESS).map_err(|error| SchemaFault::of_schema(error.to_string()))?;
    for urn in &compiler.ignored_urns {
        if !urns.contains(urn) {
            urns.push(urn.clone());
        }
    }
    let dialects = BTreeMap::new();
    let judge = Judge { schemas: compiler.schemas(), extra: &[], dialects: &dialects };
    let Some(failure) = evaluate::validate(&judge, id, None, values) else { return Ok(()) };
    let introduction = format!("jsonschema validation failed with '{ADDRESS}#'\n");
    let text = failure.to_string();
    let text = text.strip_prefix(&introduction).unwrap_or(&text);
    Err(SchemaFault { text: format!("{text}\n"), findings: failure.leaves() })
}

/// Calls with enough native stack: schemas and values may nest deeply.
fn deeper<T>(call: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, call)
}

#[cfg(test)]
mod tests;
