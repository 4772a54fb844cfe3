//! Definitions of kinds that no environment renders: from files.

use renga_schema::CustomKinds;
use serde_json::Value;

use crate::finding::Finding;
use crate::rule::Rule;

/// Definitions of kinds that every cluster has, though nothing renders them.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    pub(crate) kinds: CustomKinds,
    faults: Vec<Finding>,
}

impl Definitions {
    /// Adds an object of a file, if it is a definition, or a list of them; anything else is passed over.
    /// One that cannot be read becomes a finding.
    pub fn add(&mut self, file: &str, object: &Value) {
        let kind = object.get("kind").and_then(Value::as_str);
        let version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if kind.is_some_and(|kind| kind.ends_with("List")) {
            let items = object.get("items").and_then(Value::as_array);
            // A list in a list is none that Kubernetes knows.
            for item in items.into_iter().flatten().filter(|item| item.get("items").is_none()) {
                self.add(file, item);
            }
        } else if kind == Some("CustomResourceDefinition")
            && version.starts_with("apiextensions.k8s.io/")
            && let Err(error) = self.kinds.add(object)
        {
            let message = format!("{}: {}: {}", error.definition, error.path, error.fault);
            self.faults.push(Finding::of_file(Rule::SchemaBrokenDefinition, file, message));
        }
    }

    /// What is wrong with them.
    pub fn faults(&self) -> &[Finding] {
        &self.faults
    }
}
