//! Rules `object/namespace` and `reference/namespace`: objects live where they can.

use crate::check::CheckOptions;
use crate::cluster::Cluster;
use crate::finding::Remark;
use crate::provided;
use crate::rule::Rule;
use crate::survey::Surveyed;

/// The namespaces that every cluster has.
const STANDARD: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

pub(crate) fn check(
    cluster: &Cluster<'_>,
    object: &Surveyed,
    options: &CheckOptions,
    remarks: &mut Vec<Remark>,
) {
    let (kind, namespace) = (&object.name.kind, &object.name.namespace);
    let scope = cluster.is_namespaced(&options.release, &object.name);
    match scope {
        Some(true) if namespace.is_empty() => {
            let message = format!("a {kind} lives in a namespace, and names none");
            remarks.push(Remark::new(Rule::ObjectNamespace, "metadata", message));
        }
        Some(false) if !namespace.is_empty() => {
            let message = format!("a {kind} lives in no namespace, and names one");
            remarks.push(Remark::new(Rule::ObjectNamespace, "metadata.namespace", message).help(
                "the namespace of the environment is put where none is named; the annotation \
                     `tanka.dev/namespaced: 'false'` keeps it away",
            ));
        }
        _ => {}
    }
    if scope != Some(false) && !namespace.is_empty() && !exists(cluster, options, namespace) {
        let message = format!("the namespace {namespace} does not exist");
        remarks.push(Remark::new(Rule::ReferenceNamespace, "metadata.namespace", message).help(
            "render it in this or another environment of the cluster, or list it as provided",
        ));
    }
}

/// Whether a cluster has a namespace.
fn exists(cluster: &Cluster<'_>, options: &CheckOptions, name: &str) -> bool {
    STANDARD.contains(&name)
        || cluster.object("", "Namespace", "", name).is_some()
        || provided::has(&options.provided, cluster.name, "Namespace", "", name, None)
}
