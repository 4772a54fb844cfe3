//! The order of kinds: what has to exist first is printed first.

use std::cmp::Ordering;

use crate::compat::Compat;

/// Helm's order of installation. The last two have a place in version 4 only.
const ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
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
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The place of a kind; `None` for kinds that come last, by name.
fn place(kind: &str, compat: Compat) -> Option<usize> {
    let known = if compat.is_v4() { &ORDER[..] } else { &ORDER[..ORDER.len() - 2] };
    known.iter().position(|name| *name == kind)
}

/// Sorts by kind; what has the same kind stays in order.
pub(crate) fn sort<T>(items: &mut [T], kind: impl Fn(&T) -> &str, compat: Compat) {
    items.sort_by(|a, b| {
        let (a, b) = (kind(a), kind(b));
        match (place(a, compat), place(b, compat)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.cmp(b),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_have_a_place_in_version_4() {
        let kinds = ["Zebra", "ValidatingWebhookConfiguration", "Apple", "Service", ""];
        let mut four = kinds;
        sort(&mut four, |kind| kind, Compat::V4);
        assert_eq!(four, ["Service", "ValidatingWebhookConfiguration", "", "Apple", "Zebra"]);
        let mut three = kinds;
        sort(&mut three, |kind| kind, Compat::V3);
        assert_eq!(three, ["Service", "", "Apple", "ValidatingWebhookConfiguration", "Zebra"]);
    }
}
