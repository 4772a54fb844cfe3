//! Values files: YAML as tables, and what a user gives on the command line.
//!
//! Owns the splitting of files into documents, the merging of several sources, and their order.
//! Reading from disk is left to the caller.

use std::sync::Arc;

use renga_gotemplate::GoStr;
use renga_yaml::{Flavour, YamlError};

use crate::compat::Compat;
use crate::values::strvals::{self, Mode};
use crate::values::value::table_from_json;
use crate::values::{Table, Value};

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

/// What a user gives on the command line, one flag at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `-f`: a values file.
    File(String),
    /// `--set-json`.
    Json(String),
    /// `--set`.
    Typed(String),
    /// `--set-string`.
    Text(String),
    /// `--set-file`.
    FromFile(String),
    /// `--set-literal`.
    Literal(String),
}

impl Setting {
    /// Helm takes one kind after the other, whatever the order of the flags.
    fn rank(&self) -> usize {
        match self {
            Self::File(_) => 0,
            Self::Json(_) => 1,
            Self::Typed(_) => 2,
            Self::Text(_) => 3,
            Self::FromFile(_) => 4,
            Self::Literal(_) => 5,
        }
    }
}

/// Reads what a flag names: a path, or `-` for standard input.
pub type ReadFile<'a> = dyn FnMut(&str) -> std::io::Result<Arc<[u8]>> + 'a;

/// What failed: a folder can be opened.
fn reading(cause: &std::io::Error) -> &'static str {
    if cause.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" }
}

/// Why the values that a user gives do not work. The words are Helm's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ValuesError {
    /// A file cannot be read.
    #[error("{} {path}: {}", reading(cause), renga_project::go_io_text(cause))]
    #[diagnostic(code(helm::values), help("give a path relative to the current directory"))]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A values file is not what it should be.
    #[error("failed to parse {path}: {cause}")]
    #[diagnostic(code(helm::values))]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: ReadError,
    },
    /// A `--set` is not understood.
    #[error("failed parsing {flag} data: {problem}")]
    #[diagnostic(
        code(helm::set),
        help(
            "write `key=value`, `list[0].key=value` or `list={{a,b}}`; put `\\` before `,`, `.`, `[` and `=`"
        )
    )]
    Set {
        /// The flag.
        flag: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A `--set-json` is not understood.
    #[error("failed parsing --set-json data{}{text}", if *.is_object { " JSON: " } else { " " })]
    #[diagnostic(code(helm::set), help("write `key={{\"a\": 1}}` or an object"))]
    Json {
        /// Whether it begins as an object.
        is_object: bool,
        /// What was given.
        text: String,
    },
}

/// Puts together the values that a user gives: files first, then one kind of setting after the
/// other, later ones above earlier ones.
///
/// # Errors
///
/// [`ValuesError`] for the first that does not work.
pub fn user_values(
    settings: &[Setting],
    read: &mut ReadFile<'_>,
    compat: Compat,
) -> Result<Table, ValuesError> {
    let mut settings: Vec<&Setting> = settings.iter().collect();
    settings.sort_by_key(|setting| setting.rank());
    let mut values = Table::new();
    for setting in settings {
        match setting {
            Setting::File(path) => {
                let text = read(path).map_err(|cause| unreadable(path, cause))?;
                let above = read_values(&text, compat)
                    .map_err(|cause| ValuesError::File { path: path.clone(), cause })?;
                merge_maps(&mut values, above);
            }
            Setting::Json(text) => set_json(&mut values, text, compat)?,
            Setting::Typed(text) => apply(&mut values, "--set", text, Mode::Typed, compat)?,
            Setting::Text(text) => apply(&mut values, "--set-string", text, Mode::Strings, compat)?,
            Setting::FromFile(text) => {
                let mut contents = |path: &str| match read(path) {
                    Ok(contents) => Ok(GoStr::from(&*contents)),
                    Err(cause) => Err(unreadable(path, cause).to_string()),
                };
                apply(&mut values, "--set-file", text, Mode::File(&mut contents), compat)?;
            }
            Setting::Literal(text) => {
                apply(&mut values, "--set-literal", text, Mode::Literal, compat)?;
            }
        }
    }
    Ok(values)
}

fn unreadable(path: &str, cause: std::io::Error) -> ValuesError {
    ValuesError::Unreadable { path: path.to_owned(), cause }
}

fn apply(
    values: &mut Table,
    flag: &'static str,
    text: &str,
    mode: Mode<'_>,
    compat: Compat,
) -> Result<(), ValuesError> {
    strvals::set(values, text, mode, compat)
        .map_err(|error| ValuesError::Set { flag, problem: error.to_string() })
}

/// Helm 4 also takes an object without a key.
fn set_json(values: &mut Table, text: &str, compat: Compat) -> Result<(), ValuesError> {
    let trimmed = text.trim_matches(renga_gotemplate::is_space);
    let is_object = compat.is_v4() && trimmed.starts_with('{');
    let fail = || ValuesError::Json { is_object, text: text.to_owned() };
    if is_object {
        let Some(Value::Table(above)) = strvals::read_json(trimmed) else { return Err(fail()) };
        merge_maps(values, Arc::unwrap_or_clone(above));
        return Ok(());
    }
    strvals::set(values, text, Mode::Json, compat).map_err(|_| fail())
}
