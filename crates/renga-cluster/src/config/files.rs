//! Finding, reading and merging kubeconfig files, as client-go does.
//!
//! Of entries with the same name the first file's wins, and so does the first `current-context`.
//! Files that are not there are passed over. Relative paths in a file are relative to it. The
//! entries of the result are sorted by name, as `kubectl config view` (and so tk) sees them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use renga_yaml::{Flavour, YamlError};
use serde_json::{Map, Value};

use super::entries::{ClusterEntry, ContextEntry, FieldError, Fields, UserEntry};

/// Where kubeconfig files may be. The binary fills it from its environment.
#[derive(Clone, Debug, Default)]
pub struct KubeconfigPaths {
    /// The value of `KUBECONFIG`: a list of paths. None or empty: `.kube/config` below `home`.
    pub variable: Option<OsString>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// What relative paths of the list are relative to.
    pub directory: PathBuf,
}

impl KubeconfigPaths {
    /// The files, in order of their rank, whether they are there or not.
    pub fn files(&self) -> Vec<PathBuf> {
        let listed: Vec<_> = self
            .variable
            .iter()
            .flat_map(std::env::split_paths)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        let mut files: Vec<PathBuf> = Vec::new();
        if listed.is_empty() && self.variable.as_ref().is_none_or(|v| v.is_empty()) {
            files.extend(self.home.iter().map(|home| home.join(".kube").join("config")));
        }
        for path in listed {
            let path = self.directory.join(path);
            if !files.contains(&path) {
                files.push(path);
            }
        }
        files
    }
}

/// What the kubeconfig files say together.
#[derive(Clone, Debug, Default)]
pub struct Kubeconfig {
    pub(super) clusters: BTreeMap<String, ClusterEntry>,
    pub(super) contexts: BTreeMap<String, ContextEntry>,
    pub(super) users: BTreeMap<String, UserEntry>,
    current_context: String,
}

/// Why a kubeconfig file cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum KubeconfigError {
    /// It is there but cannot be read.
    #[error("cannot read the kubeconfig {}", path.display())]
    #[diagnostic(code(cluster::kubeconfig::read))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no YAML.
    #[error("the kubeconfig {} is not valid YAML", path.display())]
    #[diagnostic(code(cluster::kubeconfig::yaml))]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Why.
        source: YamlError,
    },
    /// A field is not what it should be. The value is not named: it may be a credential.
    #[error("the kubeconfig {} is not valid: {field} must be {expected}", path.display())]
    #[diagnostic(code(cluster::kubeconfig::field))]
    Field {
        /// The file.
        path: PathBuf,
        /// Such as `users[0].user.token`.
        field: String,
        /// Such as `a string`.
        expected: &'static str,
    },
    /// A name comes twice in one file.
    #[error("the kubeconfig {} has two {section} named `{name}`", path.display())]
    #[diagnostic(code(cluster::kubeconfig::duplicate))]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// `clusters`, `contexts` or `users`.
        section: &'static str,
        /// The name.
        name: String,
    },
}

impl renga_diag::Report for KubeconfigError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

impl Kubeconfig {
    /// Reads the files that are there and merges them.
    ///
    /// No file at all gives an empty configuration: choosing a cluster of it says so in tk's words.
    ///
    /// # Errors
    ///
    /// [`KubeconfigError`], naming the file, for one that cannot be read or understood.
    pub fn load(paths: &KubeconfigPaths) -> Result<Self, KubeconfigError> {
        let mut merged = Self::default();
        for path in paths.files() {
            let text = match fs_err::read(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(source) => return Err(KubeconfigError::Read { path, source }),
            };
            let file = Self::parse(&text, &path)?;
            for (name, entry) in file.clusters {
                merged.clusters.entry(name).or_insert(entry);
            }
            for (name, entry) in file.contexts {
                merged.contexts.entry(name).or_insert(entry);
            }
            for (name, entry) in file.users {
                merged.users.entry(name).or_insert(entry);
            }
            if merged.current_context.is_empty() {
                merged.current_context = file.current_context;
            }
        }
        Ok(merged)
    }

    /// Reads the text of one file. `path` is for messages and relative paths.
    fn parse(text: &[u8], path: &Path) -> Result<Self, KubeconfigError> {
        let value = renga_yaml::read(text, Flavour::SigsYaml)
            .map_err(|source| KubeconfigError::Yaml { path: path.to_owned(), source })?;
        let at_fault = |error: FieldError| KubeconfigError::Field {
            path: path.to_owned(),
            field: error.field,
            expected: error.expected,
        };
        let empty = Map::new();
        let root = match &value {
            Value::Null => &empty,
            Value::Object(map) => map,
            _ => {
                return Err(KubeconfigError::Field {
                    path: path.to_owned(),
                    field: "the document".into(),
                    expected: "a mapping",
                });
            }
        };
        let root = Fields::new(root, String::new());
        let directory = path.parent().unwrap_or(Path::new(""));
        let mut config = Self {
            current_context: root.text("current-context").map_err(at_fault)?,
            ..Self::default()
        };
        for (name, fields) in root.named("clusters", "cluster").map_err(at_fault)? {
            let entry = ClusterEntry::read(&fields, directory).map_err(at_fault)?;
            insert(&mut config.clusters, name, entry, "clusters", path)?;
        }
        for (name, fields) in root.named("contexts", "context").map_err(at_fault)? {
            let entry = ContextEntry::read(&fields).map_err(at_fault)?;
            insert(&mut config.contexts, name, entry, "contexts", path)?;
        }
        for (name, fields) in root.named("users", "user").map_err(at_fault)? {
            let entry = UserEntry::read(&fields, directory).map_err(at_fault)?;
            insert(&mut config.users, name, entry, "users", path)?;
        }
        Ok(config)
    }

    /// The names of all contexts, sorted.
    pub fn contexts(&self) -> impl Iterator<Item = &str> {
        self.contexts.keys().map(String::as_str)
    }

    /// `current-context`; empty where there is none.
    pub fn current_context(&self) -> &str {
        &self.current_context
    }
}

fn insert<T>(
    entries: &mut BTreeMap<String, T>,
    name: String,
    entry: T,
    section: &'static str,
    path: &Path,
) -> Result<(), KubeconfigError> {
    if entries.contains_key(&name) {
        return Err(KubeconfigError::Duplicate { path: path.to_owned(), section, name });
    }
    entries.insert(name, entry);
    Ok(())
}
