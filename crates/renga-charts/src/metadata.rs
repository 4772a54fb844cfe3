//! `Chart.yaml`: what a chart says about itself.
//!
//! Owns the fields, reading them as leniently as Helm does, and writing them as `helm package`
//! does. Whether a chart may be rendered with what stands there is the renderer's business.
//!
//! Invariant: what Helm can read can be read, and gives the same strings: keys in any case,
//! numbers and booleans where a string belongs, unknown keys skipped.

mod decode;
mod encode;

use std::collections::BTreeMap;
use std::path::Path;

use renga_yaml::{Flavour, YamlError};
use serde_json::Value;

use crate::archive::Entry;
pub use decode::CHART_FIELDS;

/// The contents of a `Chart.yaml`; an absent field is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartMetadata {
    /// `apiVersion`: `v1` or `v2`.
    pub api_version: String,
    /// `name`.
    pub name: String,
    /// `version`.
    pub version: String,
    /// `appVersion`.
    pub app_version: String,
    /// `type`: `application`, `library` or empty.
    pub kind: String,
    /// `description`.
    pub description: String,
    /// `deprecated`.
    pub deprecated: bool,
    /// `kubeVersion`: a constraint.
    pub kube_version: String,
    /// `home`.
    pub home: String,
    /// `icon`.
    pub icon: String,
    /// `sources`.
    pub sources: Vec<String>,
    /// `keywords`.
    pub keywords: Vec<String>,
    /// `maintainers`; None for a null in the list, which Helm refuses when it validates.
    pub maintainers: Vec<Option<Maintainer>>,
    /// `annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `condition` (unused by Helm, but a field).
    pub condition: String,
    /// `tags` (unused by Helm, but a field).
    pub tags: String,
    /// `dependencies`, those of a `requirements.yaml` included; None as for maintainers.
    pub dependencies: Vec<Option<Dependency>>,
}

/// Who looks after a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// `name`.
    pub name: String,
    /// `email`.
    pub email: String,
    /// `url`.
    pub url: String,
}

/// A chart that a chart needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// `name`: of the chart, not its alias.
    pub name: String,
    /// `version`: usually a range.
    pub version: String,
    /// `repository`: a URL, `@name`, `alias:name`, `file://…` or empty.
    pub repository: String,
    /// `condition`.
    pub condition: String,
    /// `tags`.
    pub tags: Vec<String>,
    /// `enabled`.
    pub enabled: bool,
    /// `import-values`: strings, or objects with `child` and `parent`.
    pub import_values: Vec<Value>,
    /// `alias`.
    pub alias: String,
}

/// Why the metadata of a chart cannot be read. `Display` gives Helm's words.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum MetadataError {
    /// There is no `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    #[diagnostic(code(charts::metadata::missing), help("every chart has one at its top"))]
    Missing,
    /// The file is not YAML.
    #[error("cannot load {file}: {cause}")]
    #[diagnostic(code(charts::metadata::yaml))]
    Yaml {
        /// `Chart.yaml` or `requirements.yaml`.
        file: &'static str,
        /// What is wrong with it.
        cause: YamlError,
    },
    /// A field has a value of another type.
    #[error("cannot load {file}: error unmarshaling JSON: while decoding JSON: {cause}")]
    #[diagnostic(code(charts::metadata::field))]
    Field {
        /// `Chart.yaml` or `requirements.yaml`.
        file: &'static str,
        /// Which field, in the words of Go's decoder.
        cause: FieldError,
    },
    /// The file cannot be read.
    #[error("cannot read the chart: {0}")]
    #[diagnostic(code(charts::metadata::read))]
    Read(#[from] std::io::Error),
}

/// A value of a type that its field does not take, as Go's JSON decoder words it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("json: cannot unmarshal {found} into Go {place} of type {wanted}")]
pub struct FieldError {
    /// `string`, `number`, `bool`, `array` or `object`.
    pub found: &'static str,
    /// `struct field Metadata.name` or `value`.
    pub place: String,
    /// The Go type.
    pub wanted: &'static str,
}

const CHART_FILE: &str = "Chart.yaml";
const REQUIREMENTS_FILE: &str = "requirements.yaml";

impl ChartMetadata {
    /// Reads the text of a `Chart.yaml`.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when it is not YAML or a field has the wrong type. Empty fields are none.
    pub fn read(text: &[u8]) -> Result<Self, MetadataError> {
        let mut metadata = Self::default();
        metadata.apply(text, CHART_FILE)?;
        metadata.default_api_version();
        Ok(metadata)
    }

    /// Reads the `Chart.yaml` and the `requirements.yaml` among the files of a chart.
    ///
    /// # Errors
    ///
    /// As [`Self::read`], or because there is no `Chart.yaml`.
    pub fn of_entries(entries: &[Entry]) -> Result<Self, MetadataError> {
        let mut metadata = Self::default();
        let mut found = false;
        for file in [CHART_FILE, REQUIREMENTS_FILE] {
            for entry in entries.iter().filter(|entry| entry.path == file) {
                metadata.apply(&entry.data, file)?;
                found |= file == CHART_FILE;
            }
            metadata.default_api_version();
        }
        if found { Ok(metadata) } else { Err(MetadataError::Missing) }
    }

    /// Reads the `Chart.yaml` and the `requirements.yaml` of the unpacked chart at `dir`.
    ///
    /// # Errors
    ///
    /// As [`Self::of_entries`], or because a file cannot be read.
    pub fn of_dir(dir: &Path) -> Result<Self, MetadataError> {
        let mut entries = Vec::new();
        for file in [CHART_FILE, REQUIREMENTS_FILE] {
            match fs_err::read(dir.join(file)) {
                Ok(data) => {
                    let data =
                        data.strip_prefix(b"\xEF\xBB\xBF").map_or(data.clone(), <[u8]>::to_vec);
                    entries.push(Entry { path: file.to_owned(), data });
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Self::of_entries(&entries)
    }

    fn default_api_version(&mut self) {
        if self.api_version.is_empty() {
            "v1".clone_into(&mut self.api_version);
        }
    }

    /// Reads `text` over what is there already.
    fn apply(&mut self, text: &[u8], file: &'static str) -> Result<(), MetadataError> {
        let yaml =
            |cause| MetadataError::Yaml { file, cause: YamlError::Converting(Box::new(cause)) };
        let value = renga_yaml::read(text, Flavour::GoYamlV2).map_err(yaml)?;
        decode::metadata(self, &value).map_err(|cause| MetadataError::Field { file, cause })
    }

    /// Writes the `Chart.yaml` of a package: the known fields that are not empty, sorted by name.
    ///
    /// The dependencies of a `v1` chart stay in its `requirements.yaml` and are left out.
    pub fn to_yaml(&self) -> String {
        renga_yaml::to_string(&encode::metadata(self), Flavour::SigsYaml)
    }
}

#[cfg(test)]
mod tests;
