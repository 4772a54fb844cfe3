//! What bindings refer to: roles, and the accounts that get them.

use renga_manifest::Manifest;

use super::{Reference, Target, items, text};
use crate::object::group;

pub(super) fn collect(manifest: &Manifest, references: &mut Vec<Reference>) {
    if group(manifest.api_version()) != "rbac.authorization.k8s.io"
        || !matches!(manifest.kind(), "RoleBinding" | "ClusterRoleBinding")
    {
        return;
    }
    let binding = manifest.value();
    if let Some(role) = binding.get("roleRef")
        && let Some(name) = text(role, "name")
    {
        let (target, namespace) = match text(role, "kind") {
            Some("Role") => (Target::Role, manifest.namespace()),
            _ => (Target::ClusterRole, ""),
        };
        let path = "roleRef.name".to_owned();
        references.push(Reference {
            path,
            target,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
    }
    for (index, subject) in items(binding, "subjects") {
        if text(subject, "kind") == Some("ServiceAccount")
            && let Some(name) = text(subject, "name")
        {
            references.push(Reference {
                path: format!("subjects[{index}].name"),
                target: Target::ServiceAccount,
                namespace: text(subject, "namespace").unwrap_or(manifest.namespace()).to_owned(),
                name: name.to_owned(),
            });
        }
    }
}
