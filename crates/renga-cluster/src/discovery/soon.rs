//! What a set of manifests brings with it: the kinds that its definitions define.

use std::collections::BTreeMap;

use renga_manifest::Manifest;
use serde_json::Value;

/// The kinds there will be once the manifests are applied.
#[derive(Debug, Default)]
pub(crate) struct Soon {
    /// The names of definitions, by `group/version` and kind.
    kinds: BTreeMap<(String, String), String>,
}

pub(crate) fn is_namespace(manifest: &Manifest) -> bool {
    manifest.kind() == "Namespace" && manifest.api_version() == "v1"
}

pub(crate) fn is_definition(manifest: &Manifest) -> bool {
    manifest.kind() == "CustomResourceDefinition"
        && manifest.api_version().starts_with("apiextensions.k8s.io/")
}

impl Soon {
    pub(crate) fn of(manifests: &[Manifest]) -> Self {
        let mut soon = Self::default();
        for manifest in manifests {
            if is_definition(manifest) {
                soon.define(manifest);
            }
        }
        soon
    }

    fn define(&mut self, manifest: &Manifest) {
        let spec = &manifest.value()["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]));
        let versions = spec["versions"].as_array().into_iter().flatten();
        let mut versions: Vec<String> = versions.map(|version| text(&version["name"])).collect();
        // The form of `apiextensions.k8s.io/v1beta1`.
        versions.extend(spec["version"].as_str().map(str::to_owned));
        for version in versions {
            let key = (format!("{group}/{version}"), kind.clone());
            self.kinds.insert(key, manifest.name().to_owned());
        }
    }

    pub(crate) fn has_kinds(&self) -> bool {
        !self.kinds.is_empty()
    }

    pub(crate) fn definition_of(&self, manifest: &Manifest) -> Option<&str> {
        let key = (manifest.api_version().to_owned(), manifest.kind().to_owned());
        self.kinds.get(&key).map(String::as_str)
    }
}
