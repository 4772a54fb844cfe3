//! Values files: YAML as tables, and what a user gives on the command line.
//!
//! Owns the splitting of files into documents, the merging of several sources, and their order.
//! Reading from disk is left to the caller.

use std::sync::Arc;

use renga_yaml::{Flavour, YamlError};

use crate::compat::Compat;
use crate::values::{Table, Value};
use crate::values::value::table_from_json;

/// Why a text is not a table of values. The words are Helm's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ReadError {
    /// Something stands behind the `---` between documents.
    #[error("error reading yaml document: invalid Yaml document separator: {text}")]
    #[diagnostic(code(helm::values), help("`---` has to stand alone on its line"))]
    Separator {
        /// What stands there.
        text: String,
    },
    /// It is not YAML.
    #[error("{}{cause}", if *.in_document { DOCUMENT } else { "" })]
    #[diagnostic(code(helm::values))]
    Yaml {
        /// Whether Helm speaks of a document.
        in_document: bool,
        /// What is wrong with it.
        cause: YamlError,
    },
    /// It is no table.
    #[error(
        "{}error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type map[string]interface {{}}",
        if *.in_document { DOCUMENT } else { "" }
    )]
    #[diagnostic(code(helm::values), help("values are a table: write `key: value`"))]
    NotATable {
        /// Whether Helm speaks of a document.
        in_document: bool,
        /// What it is.
        found: &'static str,
    },
}

const DOCUMENT: &str = "cannot unmarshal yaml document: ";

/// Reads a values file: all of its documents, merged (Helm 4), or the first one (Helm 3).
///
/// # Errors
///
/// [`ReadError`] with Helm's words.
pub(crate) fn read_values(text: &[u8], compat: Compat) -> Result<Table, ReadError> {
    if compat.is_v3() {
        return read_document(text, false);
    }
    let mut values = Table::new();
    for document in documents(text)? {
        merge_maps(&mut values, read_document(&document, true)?);
    }
    Ok(values)
}

fn read_document(text: &[u8], in_document: bool) -> Result<Table, ReadError> {
    let found = match renga_yaml::read(text, Flavour::SigsYaml) {
        Ok(serde_json::Value::Object(map)) => return Ok(table_from_json(&map)),
        Ok(serde_json::Value::Null) => return Ok(Table::new()),
        Ok(serde_json::Value::Bool(_)) => "bool",
        Ok(serde_json::Value::Number(_)) => "number",
        Ok(serde_json::Value::String(_)) => "string",
        Ok(serde_json::Value::Array(_)) => "array",
        Err(cause) => return Err(ReadError::Yaml { in_document, cause }),
    };
    Err(ReadError::NotATable { in_document, found })
}

/// The documents of a file: pieces between lines that begin with `---`.
///
/// The first line of the file stays in the first piece even when it is a separator, so that line
/// numbers in messages are those Helm prints.
fn documents(text: &[u8]) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut documents = Vec::new();
    let mut document: Vec<u8> = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim_matches(renga_gotemplate::is_space);
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(ReadError::Separator { text: rest.to_owned() });
            }
            if !document.is_empty() {
                documents.push(std::mem::take(&mut document));
                continue;
            }
        }
        document.extend_from_slice(line);
        document.push(b'\n');
    }
    if !document.is_empty() {
        documents.push(document);
    }
    Ok(documents)
}

/// Puts `above` above `values`: tables are merged, everything else is replaced.
pub(crate) fn merge_maps(values: &mut Table, above: Table) {
    for (key, value) in above {
        if let Value::Table(above) = &value
            && let Some(Value::Table(below)) = values.get_mut(&*key)
        {
            merge_maps(Arc::make_mut(below), Table::clone(above));
        } else {
            values.insert(key, value);
        }
    }
}
