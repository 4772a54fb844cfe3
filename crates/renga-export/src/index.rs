//! `manifest.json`: which environment each exported file belongs to.
//!
//! An object from file (relative to the output directory) to the `metadata.namespace` of its
//! environment, keys sorted bytewise, indented by four spaces, without a final newline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The name of the index within the output directory.
pub(crate) const INDEX_FILE: &str = "manifest.json";

/// File to environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index(pub(crate) BTreeMap<String, String>);

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum IndexError {
    /// The file exists but cannot be read.
    #[error("reading existing manifest file: open {}: {}", path.display(), renga_project::go_io_text(source))]
    #[diagnostic(code(export::index_unreadable))]
    Unreadable {
        /// The index.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no map of strings.
    #[error("unmarshalling existing manifest file: {message}")]
    #[diagnostic(
        code(export::index_invalid),
        help("`{}` says which environment each file belongs to; restore it, or export into an empty directory", path.display())
    )]
    Invalid {
        /// The index.
        path: PathBuf,
        /// What is wrong, in Go's words.
        message: String,
    },
}

impl Index {
    /// Reads the index of an output directory; `None` where there is none.
    pub(crate) fn read(directory: &Path) -> Result<Option<Self>, IndexError> {
        let path = directory.join(INDEX_FILE);
        let bytes = match fs_err::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(IndexError::Unreadable { path, source }),
        };
        let invalid = |message: String| IndexError::Invalid { path: path.clone(), message };
        let value = renga_gojson::parse(&bytes).map_err(|error| invalid(error.to_string()))?;
        let mistyped = |value: &Value, target: &str| {
            let kind = match value {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                _ => "object",
            };
            invalid(format!("json: cannot unmarshal {kind} into Go value of type {target}"))
        };
        let mut files = BTreeMap::new();
        match value {
            Value::Null => {}
            Value::Object(map) => {
                for (file, environment) in map {
                    let Value::String(environment) = environment else {
                        return Err(mistyped(&environment, "string"));
                    };
                    files.insert(file, environment);
                }
            }
            other => return Err(mistyped(&other, "map[string]string")),
        }
        Ok(Some(Self(files)))
    }

    /// The bytes of the file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let map = self
            .0
            .iter()
            .map(|(file, environment)| (file.clone(), Value::from(environment.as_str())));
        renga_gojson::to_string_pretty(&Value::Object(map.collect()), "    ").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_read_and_written() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Index::read(directory.path()).unwrap(), None);
        let index = Index(
            [("b", "e"), ("a/<x>.yaml", "e")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        );
        let bytes = index.to_bytes();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\n    \"a/\\u003cx\\u003e.yaml\": \"e\",\n    \"b\": \"e\"\n}"
        );
        fs_err::write(directory.path().join(INDEX_FILE), bytes).unwrap();
        assert_eq!(Index::read(directory.path()).unwrap(), Some(index));
        fs_err::write(directory.path().join(INDEX_FILE), "{\"a\": 1}").unwrap();
        let error = Index::read(directory.path()).unwrap_err();
        assert!(
            error.to_string().ends_with("cannot unmarshal number into Go value of type string")
        );
    }
}
