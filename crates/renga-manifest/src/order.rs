//! The order in which manifests are shown and applied.

use crate::manifest::Manifest;

/// Kinds that others depend on come first; kinds not listed come last, by name. The order is Tanka's.
const KIND_ORDER: [&str; 33] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "Ingress",
    "APIService",
];

/// Sorts by kind ([`KIND_ORDER`]), then namespace, name, `generateName` and `apiVersion`; what is
/// equal in all of them keeps its order.
pub fn sort(manifests: Vec<Manifest>) -> Vec<Manifest> {
    let rank =
        |kind: &str| KIND_ORDER.iter().position(|known| *known == kind).unwrap_or(KIND_ORDER.len());
    let mut ranked: Vec<(usize, Manifest)> =
        manifests.into_iter().map(|manifest| (rank(manifest.kind()), manifest)).collect();
    ranked.sort_by(|(a_rank, a), (b_rank, b)| {
        a_rank
            .cmp(b_rank)
            .then_with(|| a.kind().cmp(b.kind()))
            .then_with(|| a.namespace().cmp(b.namespace()))
            .then_with(|| a.name().cmp(b.name()))
            .then_with(|| a.generate_name().cmp(b.generate_name()))
            // Tanka leaves the rest to chance.
            .then_with(|| a.api_version().cmp(b.api_version()))
    });
    ranked.into_iter().map(|(_, manifest)| manifest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn listed_kinds_come_first_then_the_others_by_name() {
        let manifest = |kind: &str, namespace: &str, name: &str| {
            let metadata = json!({"name": name, "namespace": namespace});
            Manifest::new(json!({"apiVersion": "v1", "kind": kind, "metadata": metadata}), ".")
                .unwrap()
        };
        let sorted = sort(vec![
            manifest("Zeta", "", "a"),
            manifest("Alpha", "", "a"),
            manifest("Deployment", "b", "a"),
            manifest("Deployment", "a", "z"),
            manifest("Deployment", "a", "y"),
            manifest("Namespace", "", "n"),
        ]);
        let names: Vec<_> =
            sorted.iter().map(|m| format!("{} {}", m.kind_name(), m.namespace())).collect();
        assert_eq!(
            names,
            [
                "Namespace/n ",
                "Deployment/y a",
                "Deployment/z a",
                "Deployment/a b",
                "Alpha/a ",
                "Zeta/a "
            ]
        );
    }
}
