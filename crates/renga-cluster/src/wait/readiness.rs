//! When an object is ready: kind by kind for those of Kubernetes, by the conventions of conditions
//! (`Ready`, `Available`, `Reconciling`, `Stalled`; kstatus has the same rules) for all others.

use renga_manifest::Manifest;
use serde_json::Value;

use crate::objects::{finalizers, text};

/// How an object stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    Ready,
    /// What is missing.
    Waiting(String),
    /// It will not become ready by itself; why.
    Stalled(String),
}

use Readiness::{Ready, Stalled, Waiting};

/// Whether there is something to wait for. Objects of Kubernetes' own groups that only hold data
/// are ready as soon as they are there.
pub(super) fn is_watched(manifest: &Manifest) -> bool {
    let group = manifest.api_version().split_once('/').map_or("", |(group, _)| group);
    match group {
        "" => matches!(
            manifest.kind(),
            "Namespace" | "PersistentVolumeClaim" | "Pod" | "ReplicationController" | "Service"
        ),
        "apps" => manifest.kind() != "ControllerRevision",
        "batch" => manifest.kind() == "Job",
        "policy" => manifest.kind() == "PodDisruptionBudget",
        "admissionregistration.k8s.io"
        | "autoscaling"
        | "certificates.k8s.io"
        | "coordination.k8s.io"
        | "discovery.k8s.io"
        | "events.k8s.io"
        | "extensions"
        | "flowcontrol.apiserver.k8s.io"
        | "networking.k8s.io"
        | "node.k8s.io"
        | "rbac.authorization.k8s.io"
        | "scheduling.k8s.io"
        | "storage.k8s.io" => false,
        _ => true,
    }
}

/// How a live object stands.
pub(super) fn readiness(live: &Value) -> Readiness {
    if !text(live, "/metadata/deletionTimestamp").is_empty() {
        let held = finalizers(live);
        return Waiting(if held.is_empty() {
            "it is being deleted".into()
        } else {
            format!("it is being deleted (finalizers: {})", held.join(", "))
        });
    }
    // What the status says is about an older version of the object.
    let seen = number(live, "/status/observedGeneration");
    if seen.is_some() && seen < number(live, "/metadata/generation") {
        return Waiting("its controller has not seen the change".into());
    }
    let api_version = text(live, "/apiVersion");
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, text(live, "/kind")) {
        ("apps", "Deployment") => deployment(live),
        ("apps", "StatefulSet") => stateful_set(live),
        ("apps", "DaemonSet") => daemon_set(live),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => replica_set(live),
        ("batch", "Job") => job(live),
        ("policy", "PodDisruptionBudget") => seen_at_all(live, "its controller"),
        ("", "Pod") => pod(live),
        ("", "PersistentVolumeClaim") => match text(live, "/status/phase") {
            "Bound" => Ready,
            "Lost" => Stalled("its volume is lost".into()),
            _ => Waiting("no volume is bound".into()),
        },
        ("", "Namespace") => match text(live, "/status/phase") {
            "Active" => Ready,
            phase => Waiting(format!("it is {}", phase.to_lowercase())),
        },
        ("", "Service") => service(live),
        ("apiextensions.k8s.io", _) => match definition_reason(live) {
            None => Ready,
            Some(reason) => match condition(live, "NamesAccepted") {
                Some(condition) if condition.status == "False" => Stalled(reason),
                _ => Waiting(reason),
            },
        },
        ("apiregistration.k8s.io", _) => wanted(live, "Available"),
        _ => by_conditions(live),
    }
}

/// Why a definition is not established; none if it is.
pub(crate) fn definition_reason(live: &Value) -> Option<String> {
    let established = condition(live, "Established");
    if established.as_ref().is_some_and(|c| c.status == "True") {
        return None;
    }
    let names = condition(live, "NamesAccepted").filter(|c| c.status == "False");
    Some(match names.or(established) {
        Some(condition) => condition.words(),
        None => "the server has not looked at it".into(),
    })
}

struct Condition<'a> {
    kind: &'a str,
    status: &'a str,
    reason: &'a str,
    message: &'a str,
}

impl Condition<'_> {
    fn words(&self) -> String {
        if !self.message.is_empty() {
            self.message.lines().next().unwrap_or_default().to_owned()
        } else if !self.reason.is_empty() {
            self.reason.to_owned()
        } else {
            format!("{} is {}", self.kind, self.status)
        }
    }
}

fn condition<'a>(live: &'a Value, kind: &str) -> Option<Condition<'a>> {
    let conditions = live.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|c| text(c, "/type") == kind)?;
    Some(Condition {
        kind: text(found, "/type"),
        status: text(found, "/status"),
        reason: text(found, "/reason"),
        message: text(found, "/message"),
    })
}

fn number(live: &Value, pointer: &str) -> Option<i64> {
    live.pointer(pointer).and_then(Value::as_i64)
}

fn count(live: &Value, pointer: &str) -> i64 {
    number(live, pointer).unwrap_or(0)
}

/// A wanted condition: ready when it is true.
fn wanted(live: &Value, kind: &str) -> Readiness {
    match condition(live, kind) {
        Some(condition) if condition.status == "True" => Ready,
        Some(condition) => Waiting(condition.words()),
        None => Waiting(format!("{kind} is not known yet")),
    }
}

fn seen_at_all(live: &Value, who: &str) -> Readiness {
    if number(live, "/status/observedGeneration").is_none() {
        return Waiting(format!("{who} has not seen it"));
    }
    Ready
}

fn deployment(live: &Value) -> Readiness {
    if let Some(progress) = condition(live, "Progressing")
        && progress.reason == "ProgressDeadlineExceeded"
    {
        return Stalled(progress.words());
    }
    if let waiting @ Waiting(_) = seen_at_all(live, "its controller") {
        return waiting;
    }
    if live.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return Waiting("it is paused".into());
    }
    let replicas = number(live, "/spec/replicas").unwrap_or(1);
    let updated = count(live, "/status/updatedReplicas");
    let available = count(live, "/status/availableReplicas");
    if updated < replicas {
        return Waiting(format!("{updated} of {replicas} replicas are updated"));
    }
    let all = count(live, "/status/replicas");
    if all > updated {
        return Waiting(format!("{} old replicas are still there", all - updated));
    }
    if available < replicas {
        return Waiting(format!("{available} of {replicas} replicas are available"));
    }
    Ready
}

fn stateful_set(live: &Value) -> Readiness {
    if let waiting @ Waiting(_) = seen_at_all(live, "its controller") {
        return waiting;
    }
    let replicas = number(live, "/spec/replicas").unwrap_or(1);
    let ready = count(live, "/status/readyReplicas");
    if ready < replicas {
        return Waiting(format!("{ready} of {replicas} replicas are ready"));
    }
    if text(live, "/spec/updateStrategy/type") == "OnDelete" {
        return Ready;
    }
    let updated = count(live, "/status/updatedReplicas");
    let partition = count(live, "/spec/updateStrategy/rollingUpdate/partition");
    if partition > 0 {
        let wanted = (replicas - partition).max(0);
        return if updated < wanted {
            Waiting(format!("{updated} of {wanted} replicas above the partition are updated"))
        } else {
            Ready
        };
    }
    if text(live, "/status/currentRevision") != text(live, "/status/updateRevision") {
        return Waiting(format!("{updated} of {replicas} replicas are updated"));
    }
    Ready
}

fn daemon_set(live: &Value) -> Readiness {
    if let waiting @ Waiting(_) = seen_at_all(live, "its controller") {
        return waiting;
    }
    let desired = count(live, "/status/desiredNumberScheduled");
    let updated = count(live, "/status/updatedNumberScheduled");
    let available = count(live, "/status/numberAvailable");
    if text(live, "/spec/updateStrategy/type") != "OnDelete" && updated < desired {
        return Waiting(format!("{updated} of {desired} pods are updated"));
    }
    if available < desired {
        return Waiting(format!("{available} of {desired} pods are available"));
    }
    Ready
}

fn replica_set(live: &Value) -> Readiness {
    if let waiting @ Waiting(_) = seen_at_all(live, "its controller") {
        return waiting;
    }
    let replicas = number(live, "/spec/replicas").unwrap_or(1);
    let available = count(live, "/status/availableReplicas");
    if available < replicas {
        return Waiting(format!("{available} of {replicas} replicas are available"));
    }
    Ready
}

fn job(live: &Value) -> Readiness {
    for kind in ["Failed", "FailureTarget"] {
        if let Some(failed) = condition(live, kind).filter(|c| c.status == "True") {
            return Stalled(failed.words());
        }
    }
    if condition(live, "Complete").is_some_and(|c| c.status == "True") {
        return Ready;
    }
    if live.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true) {
        return Ready;
    }
    let wanted = number(live, "/spec/completions").unwrap_or(1);
    Waiting(format!("{} of {wanted} pods have succeeded", count(live, "/status/succeeded")))
}

fn pod(live: &Value) -> Readiness {
    match text(live, "/status/phase") {
        "Succeeded" => return Ready,
        "Failed" => {
            let message = text(live, "/status/message");
            return Stalled(if message.is_empty() { "it failed".into() } else { message.into() });
        }
        _ => {}
    }
    let statuses = live.pointer("/status/containerStatuses").and_then(Value::as_array);
    for status in statuses.into_iter().flatten() {
        let reason = text(status, "/state/waiting/reason");
        if !reason.is_empty() && reason != "ContainerCreating" && reason != "PodInitializing" {
            return Waiting(format!("container {}: {reason}", text(status, "/name")));
        }
    }
    match condition(live, "PodScheduled").filter(|c| c.status == "False") {
        Some(condition) => Waiting(condition.words()),
        None => wanted(live, "Ready"),
    }
}

fn service(live: &Value) -> Readiness {
    if text(live, "/spec/type") != "LoadBalancer" {
        return Ready;
    }
    let ingress = live.pointer("/status/loadBalancer/ingress").and_then(Value::as_array);
    if ingress.is_none_or(Vec::is_empty) {
        return Waiting("the load balancer has no address".into());
    }
    Ready
}

/// The conventions of conditions.
fn by_conditions(live: &Value) -> Readiness {
    if let Some(stalled) = condition(live, "Stalled").filter(|c| c.status == "True") {
        return Stalled(stalled.words());
    }
    if let Some(reconciling) = condition(live, "Reconciling").filter(|c| c.status == "True") {
        return Waiting(reconciling.words());
    }
    for kind in ["Ready", "Available"] {
        if condition(live, kind).is_some() {
            return wanted(live, kind);
        }
    }
    Ready
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(api_version: &str, kind: &str, mut rest: Value) -> Readiness {
        rest["apiVersion"] = api_version.into();
        rest["kind"] = kind.into();
        readiness(&rest)
    }

    fn waiting(reason: &str) -> Readiness {
        Waiting(reason.to_owned())
    }

    #[test]
    fn deployments_wait_for_all_replicas() {
        let of = |rest| of("apps/v1", "Deployment", rest);
        assert_eq!(of(json!({})), waiting("its controller has not seen it"));
        let old = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}});
        assert_eq!(of(old), waiting("its controller has not seen the change"));
        let status = |updated, all, available| {
            json!({"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status":
                {"observedGeneration": 2, "updatedReplicas": updated, "replicas": all,
                 "availableReplicas": available}})
        };
        assert_eq!(of(status(1, 3, 3)), waiting("1 of 3 replicas are updated"));
        assert_eq!(of(status(3, 4, 3)), waiting("1 old replicas are still there"));
        assert_eq!(of(status(3, 3, 2)), waiting("2 of 3 replicas are available"));
        assert_eq!(of(status(3, 3, 3)), Ready);
        let late = json!({"status": {"observedGeneration": 1, "conditions": [{"type": "Progressing",
            "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}]}});
        assert_eq!(of(late), Stalled("too late".into()));
        let zero = json!({"spec": {"replicas": 0}, "status": {"observedGeneration": 1}});
        assert_eq!(of(zero), Ready);
    }

    #[test]
    fn stateful_sets_respect_their_strategy() {
        let of = |rest| of("apps/v1", "StatefulSet", rest);
        let with = |strategy: Value, status: Value| {
            let mut status = status;
            status["observedGeneration"] = 1.into();
            json!({"spec": {"replicas": 2, "updateStrategy": strategy}, "status": status})
        };
        let revisions = |ready, updated| {
            json!({"readyReplicas": ready, "updatedReplicas": updated,
            "currentRevision": "a", "updateRevision": "b"})
        };
        assert_eq!(of(with(json!({}), revisions(1, 0))), waiting("1 of 2 replicas are ready"));
        assert_eq!(of(with(json!({}), revisions(2, 1))), waiting("1 of 2 replicas are updated"));
        assert_eq!(of(with(json!({"type": "OnDelete"}), revisions(2, 0))), Ready);
        let partition = json!({"rollingUpdate": {"partition": 1}});
        assert_eq!(of(with(partition.clone(), revisions(2, 1))), Ready);
        assert_eq!(
            of(with(partition, revisions(2, 0))),
            waiting("0 of 1 replicas above the partition are updated")
        );
    }

    #[test]
    fn jobs_and_pods_end_or_serve() {
        let done = |kind: &str| json!({"status": {"conditions": [{"type": kind, "status": "True", "reason": "R"}]}});
        assert_eq!(of("batch/v1", "Job", done("Complete")), Ready);
        assert_eq!(of("batch/v1", "Job", done("Failed")), Stalled("R".into()));
        assert_eq!(
            of("batch/v1", "Job", json!({"spec": {"completions": 3}, "status": {"succeeded": 1}})),
            waiting("1 of 3 pods have succeeded")
        );
        assert_eq!(of("v1", "Pod", json!({"status": {"phase": "Succeeded"}})), Ready);
        assert_eq!(of("v1", "Pod", done("Ready")), Ready);
        let crash = json!({"status": {"phase": "Running", "containerStatuses": [
            {"name": "a", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}});
        assert_eq!(of("v1", "Pod", crash), waiting("container a: CrashLoopBackOff"));
    }

    #[test]
    fn other_kinds_follow_the_conventions() {
        let of = |conditions: Value| {
            of("example.com/v1", "Widget", json!({"status": {"conditions": conditions}}))
        };
        let is = |kind: &str, status: &str| json!({"type": kind, "status": status, "message": format!("{kind} says so")});
        assert_eq!(of(json!([])), Ready);
        assert_eq!(of(json!([is("Ready", "True")])), Ready);
        assert_eq!(of(json!([is("Ready", "False")])), waiting("Ready says so"));
        assert_eq!(of(json!([is("Available", "Unknown")])), waiting("Available says so"));
        assert_eq!(
            of(json!([is("Reconciling", "True"), is("Ready", "True")])),
            waiting("Reconciling says so")
        );
        assert_eq!(of(json!([is("Stalled", "True")])), Stalled("Stalled says so".into()));
    }

    #[test]
    fn the_rest_of_kubernetes() {
        assert_eq!(of("v1", "Namespace", json!({"status": {"phase": "Active"}})), Ready);
        assert_eq!(
            of("v1", "Service", json!({"spec": {"type": "LoadBalancer"}})),
            waiting("the load balancer has no address")
        );
        assert_eq!(of("v1", "Service", json!({"spec": {"type": "ClusterIP"}})), Ready);
        assert_eq!(of("v1", "PersistentVolumeClaim", json!({"status": {"phase": "Bound"}})), Ready);
        let status = json!({"observedGeneration": 1, "desiredNumberScheduled": 2,
            "updatedNumberScheduled": 2, "numberAvailable": 1});
        assert_eq!(
            of("apps/v1", "DaemonSet", json!({"status": status})),
            waiting("1 of 2 pods are available")
        );
        let refused = json!({"status": {"conditions": [
            {"type": "NamesAccepted", "status": "False", "message": "taken"}]}});
        assert_eq!(
            of("apiextensions.k8s.io/v1", "CustomResourceDefinition", refused),
            Stalled("taken".into())
        );
        let going = json!({"metadata": {"deletionTimestamp": "x", "finalizers": ["f"]}});
        assert_eq!(of("v1", "Pod", going), waiting("it is being deleted (finalizers: f)"));
    }

    #[test]
    fn what_only_holds_data_is_not_looked_at() {
        let watched = |api_version: &str, kind: &str| {
            let value = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}});
            is_watched(&Manifest::new(value, ".").unwrap())
        };
        assert!(!watched("v1", "ConfigMap") && !watched("rbac.authorization.k8s.io/v1", "Role"));
        assert!(watched("apps/v1", "Deployment") && watched("example.com/v1", "Widget"));
        assert!(watched("gateway.networking.k8s.io/v1", "Gateway"));
    }
}
