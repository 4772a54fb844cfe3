//! What autoscalers refer to: the workloads that they scale.

use renga_manifest::Manifest;

use super::{Reference, Target, namespace_of, text};
use crate::object::group;

pub(super) fn collect(manifest: &Manifest, references: &mut Vec<Reference>) {
    let (field, usual) = match (group(manifest.api_version()), manifest.kind()) {
        ("autoscaling", "HorizontalPodAutoscaler") => ("scaleTargetRef", None),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => ("targetRef", None),
        ("keda.sh", "ScaledObject") => ("scaleTargetRef", Some(("apps", "Deployment"))),
        _ => return,
    };
    let Some(target) = manifest.value().get("spec").and_then(|spec| spec.get(field)) else {
        return;
    };
    let version = text(target, "apiVersion").map(group);
    let (version, kind) = match (version, text(target, "kind"), usual) {
        (Some(version), Some(kind), _) => (version, kind),
        (None, Some(kind @ ("Deployment" | "StatefulSet")), Some(_)) => ("apps", kind),
        (None, None, Some(usual)) => usual,
        _ => return,
    };
    if let Some(name) = text(target, "name") {
        references.push(Reference {
            path: format!("spec.{field}.name"),
            target: Target::Workload { group: version.to_owned(), kind: kind.to_owned() },
            namespace: namespace_of(manifest).to_owned(),
            name: name.to_owned(),
        });
    }
}
