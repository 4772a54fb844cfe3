//! In which order objects are applied: what others need comes first.
//!
//! Within a wave the order of the manifests is kept.

use renga_manifest::Manifest;

/// The wave of a kind, and whether it is known by its group as well.
fn wave(manifest: &Manifest) -> usize {
    let group = manifest.api_version().split_once('/').map_or("", |(group, _)| group);
    match (group, manifest.kind()) {
        ("", "Namespace") => 0,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => 1,
        (
            "",
            "ResourceQuota" | "LimitRange" | "ServiceAccount" | "Secret" | "ConfigMap"
            | "PersistentVolume",
        )
        | ("networking.k8s.io", "NetworkPolicy" | "IngressClass")
        | ("policy", _)
        | ("storage.k8s.io", _)
        | ("scheduling.k8s.io", "PriorityClass")
        | ("node.k8s.io", "RuntimeClass")
        | ("rbac.authorization.k8s.io", "ClusterRole" | "Role") => 2,
        // Who binds a role that is not there, or mounts a volume of an unknown class, is refused.
        ("rbac.authorization.k8s.io", _) | ("", "PersistentVolumeClaim" | "Service") => 3,
        // These judge, or answer for, what comes after them: first everything else has to stand.
        ("admissionregistration.k8s.io" | "apiregistration.k8s.io", _) => 5,
        _ => 4,
    }
}

/// The positions of the manifests, wave by wave; no wave is empty.
pub(crate) fn waves(manifests: &[Manifest]) -> Vec<Vec<usize>> {
    let mut waves = vec![Vec::new(); 6];
    for (index, manifest) in manifests.iter().enumerate() {
        waves[wave(manifest)].push(index);
    }
    waves.retain(|wave| !wave.is_empty());
    waves
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_need_comes_first() {
        let manifests: Vec<_> = [
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
            ("example.com/v1", "Widget"),
            ("apps/v1", "Deployment"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            ("v1", "ConfigMap"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("apiregistration.k8s.io/v1", "APIService"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("example.com/v1", "Namespace"),
            ("v1", "Namespace"),
        ]
        .iter()
        .map(|(api_version, kind)| {
            let value = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}});
            Manifest::new(value, ".").unwrap()
        })
        .collect();
        assert_eq!(
            waves(&manifests),
            [vec![9], vec![7], vec![4, 5], vec![3], vec![1, 2, 8], vec![0, 6]]
        );
    }
}
