//! The name of an object in a cluster.

use std::fmt;

use renga_manifest::Manifest;
use serde::Serialize;

/// The name of an object in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectName {
    /// The API version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty where the manifest names none.
    pub namespace: String,
    /// The name, or the beginning of a generated one with `*`.
    pub name: String,
}

impl ObjectName {
    /// The name that a manifest gives its object.
    pub fn of(manifest: &Manifest) -> Self {
        let name = match manifest.name() {
            "" => format!("{}*", manifest.generate_name()),
            name => name.to_owned(),
        };
        Self {
            api_version: manifest.api_version().to_owned(),
            kind: manifest.kind().to_owned(),
            namespace: manifest.namespace().to_owned(),
            name,
        }
    }

    /// Whether the cluster completes the name, so that no two objects share it.
    pub(crate) fn is_generated(&self) -> bool {
        self.name.ends_with('*')
    }

    pub(crate) fn group(&self) -> &str {
        group(&self.api_version)
    }
}

/// As `Deployment shop/web`, or `Namespace shop`.
impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// The group of an API version: empty for the core.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
