//! Rules `reference/pods` and `workload/disruption`: what
//! selects pods finds some, and lets them go.

use crate::cluster::Cluster;
use crate::finding::Remark;
use crate::rule::Rule;
use crate::survey::Surveyed;
use crate::workload::{Amount, Budget, Part, Pods, Service, Workloads, may_take, takes};

pub(crate) fn check(cluster: &Cluster<'_>, object: &Surveyed, remarks: &mut Vec<Remark>) {
    let nothing = Workloads::default();
    let namespace = match object.name.namespace.as_str() {
        "" => "default",
        namespace => namespace,
    };
    let workloads = cluster.workloads.get(namespace).unwrap_or(&nothing);
    // Whoever makes the cluster puts pods of its own there.
    let open = workloads.open || namespace == "kube-system";
    match &object.part {
        Part::Service(service) => traffic(service, workloads, open, remarks),
        Part::Budget(budget) => disruption(budget, workloads, open, remarks),
        Part::Pods(_) | Part::Scaler(_) | Part::None => {}
    }
}

/// The remark that a selector finds nothing, unless something may be there that is not rendered.
fn unmatched(path: &str, what: &str) -> Remark {
    Remark::new(Rule::ReferencePods, path, format!("no pods of the namespace have the labels of this {what}"))
        .help("compare with the labels of the pod template; where an operator makes the pods, suppress this with a reason")
}

fn traffic(service: &Service, workloads: &Workloads<'_>, open: bool, remarks: &mut Vec<Remark>) {
    let selector = &service.selector;
    if selector.is_empty() || service.external {
        return;
    }
    let pods = || workloads.pods.iter().map(|(_, pods)| *pods);
    if !open && !pods().any(|pods| may_take(selector, &pods.labels)) {
        remarks.push(unmatched("spec.selector", "Service"));
    }
    let chosen: Vec<&Pods> = pods().filter(|pods| takes(selector, &pods.labels)).collect();
    if chosen.is_empty() {
        return;
    }
    for (index, port) in service.ports.iter().enumerate() {
        let Some(target) = &port.target else { continue };
        if !chosen.iter().any(|pods| pods.ports.contains(target)) {
            let message = format!(
                "no container of the pods behind this Service has a port called `{target}`"
            );
            let path = format!("spec.ports[{index}].targetPort");
            remarks.push(Remark::new(Rule::ReferencePods, &path, message));
        }
    }
}

fn disruption(budget: &Budget, workloads: &Workloads<'_>, open: bool, remarks: &mut Vec<Remark>) {
    let mut say = |path: &str, message: String| {
        remarks.push(Remark::new(Rule::WorkloadDisruption, path, message).help(
            "no node with such a pod can be drained: let at least one go, or have more replicas",
        ));
    };
    if matches!(budget.max_unavailable, Some(Amount::Count(0) | Amount::Percent(0))) {
        say("spec.maxUnavailable", "the budget never lets a pod go".to_owned());
    }
    if matches!(budget.min_available, Some(Amount::Percent(100..))) {
        say("spec.minAvailable", "the budget never lets a pod go".to_owned());
    }
    let Some(selector) = budget.selector.as_ref().filter(|selector| !selector.is_empty()) else {
        return;
    };
    let pods = || workloads.pods.iter();
    let chosen: Vec<_> = pods().filter(|(_, pods)| takes(selector, &pods.labels)).collect();
    if let Some(Amount::Count(least)) = budget.min_available
        && !open
        && !chosen.is_empty()
    {
        let is_scaled = |kind: &str, name: &str| workloads.scaled.contains(&(kind, name));
        let replicas = chosen
            .iter()
            .map(|(name, pods)| pods.replicas.filter(|_| !is_scaled(&name.kind, &name.name)));
        if let Some(replicas) = replicas.sum::<Option<u64>>()
            && replicas > 0
            && least >= replicas
        {
            say(
                "spec.minAvailable",
                format!("the budget never lets a pod go: {least} must be there, of {replicas}"),
            );
        }
    }
    if !open && !pods().any(|(_, pods)| may_take(selector, &pods.labels)) {
        remarks.push(unmatched("spec.selector", "PodDisruptionBudget"));
    }
}
