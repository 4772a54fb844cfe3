//! Waiting for readiness. The server has the controllers of deployments, but no nodes.

use std::time::Duration;

use renga_cluster::{ApplyOptions, WaitOptions, WaitOutcome};
use renga_test::TestCluster;
use serde_json::json;

use crate::support::{
    Recorder, apply, config_map, context, created, definition, deployment, fresh, manifest,
    raw_merge_patch, server,
};

#[test]
fn what_is_ready_is_told_from_what_is_not() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let ns = fresh(&admin, "wait");
    let mut pending = deployment(&ns, "pending");
    pending["spec"]["replicas"] = json!(2);
    let group = format!("{}.example.com", TestCluster::fresh_name("wait"));
    let widget = |name: &str| {
        manifest(json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
            "metadata": {"name": name, "namespace": ns}}))
    };
    let manifests = [
        manifest(deployment(&ns, "ready")),
        manifest(pending),
        config_map(&ns, "a", json!({})),
        definition(&group, "widgets", "Widget"),
        widget("silent"),
        widget("stalled"),
    ];
    created(&apply(&admin, &manifests, &ApplyOptions::default()));
    raw_merge_patch(
        server,
        &format!("/apis/{group}/v1/namespaces/{ns}/widgets/stalled/status"),
        &json!({"status": {"conditions": [
            {"type": "Stalled", "status": "True", "message": "no way"}]}}),
    );
    let options =
        WaitOptions { timeout: Duration::from_secs(8), interval: Duration::from_millis(100) };
    let recorder = Recorder::default();
    let report = admin.wait(&manifests, &options, &recorder).unwrap();
    let words: Vec<_> = report
        .objects
        .iter()
        .map(|o| match &o.outcome {
            WaitOutcome::Ready => "ready".to_owned(),
            WaitOutcome::TimedOut(reason) => format!("timed out: {reason}"),
            WaitOutcome::Stalled(reason) => format!("stalled: {reason}"),
            WaitOutcome::Failed(error) => format!("failed: {error}"),
        })
        .collect();
    assert_eq!(
        words,
        [
            "ready",
            "timed out: 0 of 2 replicas are available",
            "ready",
            "ready",
            "ready",
            "stalled: no way"
        ]
    );
    assert!(!report.ready());
    assert!(!recorder.with("0 of 2 replicas are available").is_empty());
    let ready = admin.wait(&manifests[..1], &options, &()).unwrap();
    assert!(ready.ready());
    let missing = [manifest(deployment(&ns, "missing"))];
    let short =
        WaitOptions { timeout: Duration::from_millis(200), interval: Duration::from_millis(50) };
    let report = admin.wait(&missing, &short, &()).unwrap();
    assert!(
        matches!(&report.objects[0].outcome, WaitOutcome::TimedOut(r) if r == "it is not there")
    );
}
