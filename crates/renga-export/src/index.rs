//! `manifest.json`: which environment each exported file belongs to.
//!
//! An object from file (relative to the output directory) to the `metadata.namespace` of its
//! environment, keys sorted bytewise, indented by four spaces, without a final newline.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The name of the index within the output directory.
pub(crate) const INDEX_FILE: &str = "manifest.json";

/// File to environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index(pub(crate) BTreeMap<String, String>);

/// What an index is read for: Tanka says it in front of what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexUse {
    /// To find the files of the exported environments.
    Replace,
    /// To find the files of environments that are gone.
    Delete,
    /// To add to it.
    Extend,
}

impl IndexUse {
    fn prefix(self, invalid: bool) -> &'static str {
        match (self, invalid) {
            (Self::Replace, _) => "deleting previously exported manifests",
            (Self::Delete, _) => "deleting previously exported manifests from deleted environments",
            (Self::Extend, true) => "unmarshalling existing manifest file",
            (Self::Extend, false) => "reading existing manifest file",
        }
    }
}

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum IndexError {
    /// The file exists but cannot be read.
    #[error("{}: {} {}: {}", purpose.prefix(false), if cause.kind() == ErrorKind::IsADirectory { "read" } else { "open" }, path.display(), renga_project::go_io_text(cause))]
    #[diagnostic(
        code(export::index_unreadable),
        help(
            "it says which environment each file belongs to; make it readable, or export into an empty directory"
        )
    )]
    Unreadable {
        /// What it was read for.
        purpose: IndexUse,
        /// The index, below the directory as the user wrote it.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no map of strings.
    #[error("{}: {message}", purpose.prefix(true))]
    #[diagnostic(
        code(export::index_invalid),
        help("`{}` says which environment each file belongs to; restore it, or export into an empty directory", path.display())
    )]
    Invalid {
        /// What it was read for.
        purpose: IndexUse,
        /// The index, below the directory as the user wrote it.
        path: PathBuf,
        /// What is wrong, in Go's words.
        message: String,
    },
}

impl Index {
    /// Reads the index of an output directory; `None` where there is none. `shown` is the directory
    /// as the user wrote it.
    pub(crate) fn read(
        directory: &Path,
        shown: &Path,
        purpose: IndexUse,
    ) -> Result<Option<Self>, IndexError> {
        let path = shown.join(INDEX_FILE);
        let bytes = match std::fs::read(directory.join(INDEX_FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(IndexError::Unreadable { purpose, path, cause }),
        };
        let invalid =
            |message: String| IndexError::Invalid { purpose, path: path.clone(), message };
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
        let read = || Index::read(directory.path(), Path::new("out"), IndexUse::Replace);
        assert_eq!(read().unwrap(), None);
        let index = Index(
            [("b", "e"), ("a/<x>.yaml", "e")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        );
        let bytes = index.to_bytes();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\n    \"a/\\u003cx\\u003e.yaml\": \"e\",\n    \"b\": \"e\"\n}"
        );
        fs_err::write(directory.path().join(INDEX_FILE), bytes).unwrap();
        assert_eq!(read().unwrap(), Some(index));
        fs_err::write(directory.path().join(INDEX_FILE), "{\"a\": 1}").unwrap();
        let error = read().unwrap_err();
        assert!(
            error.to_string().ends_with("cannot unmarshal number into Go value of type string")
        );
    }
}
