//! In which order objects are applied: what others need comes first.
//!
//! Within a wave the order of the manifests is kept.

use renga_manifest::Manifest;

const NAMESPACES: usize = 0;
const DEFINITIONS: usize = 1;
/// What others refer to.
const NEEDED: usize = 2;
/// Who binds a role that is not there, or claims a volume of an unknown class, is refused.
const BOUND: usize = 3;
const REST: usize = 4;
/// These judge, or answer for, what comes after them: first everything else has to stand.
const JUDGES: usize = 5;
const WAVES: usize = 6;

fn wave(manifest: &Manifest) -> usize {
    let group = manifest.api_version().split_once('/').map_or("", |(group, _)| group);
    let kind = manifest.kind();
    match group {
        "" => match kind {
            "Namespace" => NAMESPACES,
            "ResourceQuota" | "LimitRange" | "ServiceAccount" | "Secret" | "ConfigMap"
            | "PersistentVolume" => NEEDED,
            "PersistentVolumeClaim" | "Service" => BOUND,
            _ => REST,
        },
        "apiextensions.k8s.io" => DEFINITIONS,
        "policy" | "storage.k8s.io" | "scheduling.k8s.io" | "node.k8s.io" => NEEDED,
        "networking.k8s.io" if matches!(kind, "NetworkPolicy" | "IngressClass") => NEEDED,
        "rbac.authorization.k8s.io" if matches!(kind, "ClusterRole" | "Role") => NEEDED,
        "rbac.authorization.k8s.io" => BOUND,
        "admissionregistration.k8s.io" | "apiregistration.k8s.io" => JUDGES,
        _ => REST,
    }
}

/// The positions of the manifests, wave by wave; no wave is empty.
pub(crate) fn waves(manifests: &[Manifest]) -> Vec<Vec<usize>> {
    let mut waves = vec![Vec::new(); WAVES];
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
