//! Comparing: strategies, what is created, what fails.

use renga_cluster::{ApplyOptions, ApplyStrategy, DiffStrategy};
use renga_test::TestCluster;
use serde_json::json;

use crate::support::{
    apply, config_map, context, created, deployment, diff, fresh, is_there, manifest, namespace,
    server, statuses,
};

const ALL: [DiffStrategy; 4] =
    [DiffStrategy::Native, DiffStrategy::Server, DiffStrategy::Validate, DiffStrategy::Subset];

#[test]
fn every_strategy_tells_created_changed_and_unchanged() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "diff");
    let same = config_map(&namespace, "same", json!({"k": "1"}));
    let old = config_map(&namespace, "old", json!({"k": "1"}));
    let new = config_map(&namespace, "old", json!({"k": "2"}));
    let missing = config_map(&namespace, "missing", json!({"k": "1"}));
    created(&apply(&admin, &[same.clone(), old], &ApplyOptions::default()));
    for strategy in ALL {
        let report = diff(&admin, &[same.clone(), new.clone(), missing.clone()], strategy);
        assert_eq!(
            statuses(&report),
            ["ConfigMap/same unchanged", "ConfigMap/old changed", "ConfigMap/missing created"],
            "{strategy:?}"
        );
        let [_, changed, created] = report.objects.as_slice() else { panic!() };
        assert_eq!(changed.live.as_ref().unwrap()["data"]["k"], "1");
        assert_eq!(changed.merged.as_ref().unwrap()["data"]["k"], "2");
        assert!(created.live.is_none() && created.merged.is_some());
    }
    assert!(!is_there(&admin, &missing));
}

#[test]
fn only_the_server_knows_defaults_and_normal_forms() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "normal");
    let mut value = deployment(&namespace, "web");
    value["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "1000m", "memory": "1024Mi"}});
    for (strategy, apply_strategy) in [
        (DiffStrategy::Native, ApplyStrategy::Client),
        (DiffStrategy::Server, ApplyStrategy::Server),
    ] {
        let manifests = [manifest(value.clone())];
        let options = ApplyOptions { strategy: apply_strategy, ..ApplyOptions::default() };
        apply(&admin, &manifests, &options);
        assert_eq!(statuses(&diff(&admin, &manifests, strategy)), ["Deployment/web unchanged"]);
        assert_eq!(
            crate::support::outcomes(&apply(&admin, &manifests, &options)),
            ["Deployment/web unchanged"]
        );
    }
}

#[test]
fn an_object_of_a_namespace_to_come_is_created_with_it() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = TestCluster::fresh_name("soon");
    let manifests = [namespace(&name), config_map(&name, "a", json!({"k": "v"}))];
    for strategy in ALL {
        let report = diff(&admin, &manifests, strategy);
        assert_eq!(
            statuses(&report),
            [
                format!("Namespace/{name} created"),
                format!("ConfigMap/a created with Namespace/{name}")
            ]
        );
        assert_eq!(report.objects[1].merged.as_ref(), Some(manifests[1].value()));
    }
    // Without the namespace's manifest it is an error.
    let report = diff(&admin, &manifests[1..], DiffStrategy::Native);
    assert_eq!(statuses(&report), [format!("ConfigMap/a failed: namespaces \"{name}\" not found")]);
}

#[test]
fn one_failure_does_not_hide_the_others() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "partial");
    let mut bad = deployment(&namespace, "bad");
    bad["spec"]["template"]["spec"]["containers"] = json!([]);
    let manifests = [manifest(bad), config_map(&namespace, "good", json!({}))];
    for strategy in [DiffStrategy::Native, DiffStrategy::Server, DiffStrategy::Validate] {
        let texts = statuses(&diff(&admin, &manifests, strategy));
        assert!(texts[0].contains("spec.template.spec.containers"), "{texts:?}");
        assert_eq!(texts[1], "ConfigMap/good created");
    }
}
