//! Whether a cluster has what is referred to.
//!
//! An object is there when it is rendered for the cluster, when another rendered object makes its
//! controller create it, when every cluster has it, or when the settings say that it is provided.

use super::{Port, Reference, Target};
use crate::check::CheckOptions;
use crate::cluster::Cluster;
use crate::provided;
use crate::workload::{Part, ServicePort};

/// Whether something is there.
pub(super) enum Presence {
    There,
    Absent,
    /// The object is, the key is not.
    WithoutKey(String),
    /// The Service is, the port is not.
    WithoutPort(Port),
}

pub(super) fn of(cluster: &Cluster<'_>, options: &CheckOptions, reference: &Reference) -> Presence {
    let Reference { target, namespace, name, .. } = reference;
    let group = match target {
        Target::Role | Target::ClusterRole => "rbac.authorization.k8s.io",
        Target::Workload { group, .. } => group,
        Target::PriorityClass => "scheduling.k8s.io",
        Target::RuntimeClass => "node.k8s.io",
        Target::StorageClass => "storage.k8s.io",
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
        Some(object) => match (target, &object.part) {
            (Target::Service(Some(port)), Part::Service(service))
                if !service.external && !has_port(&service.ports, port) =>
            {
                Presence::WithoutPort(port.clone())
            }
            _ => with(object.keys.as_deref()),
        },
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
        Target::Service(_) => name == "kubernetes",
        Target::PriorityClass => {
            matches!(name, "system-cluster-critical" | "system-node-critical")
        }
        Target::Secret(_)
        | Target::VolumeClaim
        | Target::Workload { .. }
        | Target::RuntimeClass
        | Target::StorageClass => false,
    }
}

fn has_port(ports: &[ServicePort], wanted: &Port) -> bool {
    ports.iter().any(|port| match wanted {
        Port::Name(name) => port.name.as_deref() == Some(name),
        Port::Number(number) => port.number == Some(*number),
    })
}
