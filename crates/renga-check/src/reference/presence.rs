//! Whether a cluster has what is referred to.
//!
//! An object is there when it is rendered for the cluster, when another rendered object makes its
//! controller create it, when every cluster has it, or when the settings say that it is provided.

use super::{Reference, Target};
use crate::check::CheckOptions;
use crate::cluster::Cluster;
use crate::provided;

/// Whether something is there.
pub(super) enum Presence {
    There,
    Absent,
    /// The object is, the key is not.
    WithoutKey(String),
}

pub(super) fn of(cluster: &Cluster<'_>, options: &CheckOptions, reference: &Reference) -> Presence {
    let Reference { target, namespace, name, .. } = reference;
    let group = match target {
        Target::Role | Target::ClusterRole => "rbac.authorization.k8s.io",
        _ => "",
    };
    let (kind, key) = (target.kind(), target.key());
    let with = |keys: Option<&[Box<str>]>| match (key, keys) {
        (Some(key), Some(keys)) if !keys.iter().any(|known| **known == *key) => {
            Presence::WithoutKey(key.to_owned())
        }
        _ => Presence::There,
    };
    let presence = match cluster.object(group, kind, namespace, name) {
        Some(object) => with(object.keys.as_deref()),
        None if is_standard(target, name) => Presence::There,
        None => match (target, cluster.made(namespace, name)) {
            (Target::Secret(_), Some(made)) => with(made.keys.as_deref()),
            _ => Presence::Absent,
        },
    };
    match presence {
        Presence::There => Presence::There,
        _ if provided::has(&options.provided, cluster.name, kind, namespace, name, key) => {
            Presence::There
        }
        other => other,
    }
}

/// What every cluster or every namespace has.
fn is_standard(target: &Target, name: &str) -> bool {
    match target {
        Target::ServiceAccount => name == "default",
        Target::ConfigMap(_) => name == "kube-root-ca.crt",
        Target::ClusterRole => {
            matches!(name, "admin" | "cluster-admin" | "edit" | "view")
                || name.starts_with("system:")
        }
        Target::Role => {
            name.starts_with("system:") || name == "extension-apiserver-authentication-reader"
        }
        Target::Service => name == "kubernetes",
        Target::Secret(_) | Target::VolumeClaim => false,
    }
}
