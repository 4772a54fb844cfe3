//! Pruning and deleting.

use std::time::Duration;

use renga_cluster::{
    ApplyOptions, ApplyStrategy, Cluster, DeleteOptions, DeleteOutcome, DryRun, OrphanOptions,
    OrphanReport, Propagation,
};
use renga_manifest::{Manifest, Targets};
use renga_test::TestCluster;
use serde_json::json;

use crate::support::{
    apply, config_map, context, created, definition, deployment, fresh, is_there, live, manifest,
    namespace, own_server, raw, server,
};

fn labelled(manifest_: &Manifest, label: &str) -> Manifest {
    let mut value = manifest_.value().clone();
    value["metadata"]["labels"]["tanka.dev/environment"] = label.into();
    manifest(value)
}

fn orphans(cluster: &Cluster, manifests: &[Manifest], label: &str) -> OrphanReport {
    orphans_in(cluster, manifests, label, None, &[], &Targets::default())
}

fn orphans_in(
    cluster: &Cluster,
    manifests: &[Manifest],
    label: &str,
    namespace: Option<&str>,
    kinds: &[String],
    targets: &Targets,
) -> OrphanReport {
    let options =
        OrphanOptions { label: ("tanka.dev/environment", label), namespace, kinds, targets };
    cluster.orphans(manifests, &options, &()).unwrap()
}

fn names(report: &OrphanReport) -> Vec<String> {
    let mut names: Vec<_> =
        report.orphans.iter().map(|o| format!("{}/{}", o.object.kind, o.object.name)).collect();
    names.sort();
    names
}

#[test]
fn what_no_manifest_brings_is_found_and_deleted() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let label = TestCluster::fresh_name("prune");
    let ns = fresh(&admin, "prune");
    let other = fresh(&admin, "prune");
    let kept = labelled(&config_map(&ns, "kept", json!({})), &label);
    let gone = labelled(&config_map(&ns, "gone", json!({})), &label);
    let elsewhere = labelled(&config_map(&other, "elsewhere", json!({})), &label);
    let web = labelled(&manifest(deployment(&ns, "web")), &label);
    let foreign = labelled(&config_map(&ns, "foreign", json!({})), "another");
    let group = format!("{label}.example.com");
    let definition = definition(&group, "widgets", "Widget");
    let widget = labelled(
        &manifest(json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
            "metadata": {"name": "w", "namespace": ns}})),
        &label,
    );
    let all = [
        kept.clone(),
        gone.clone(),
        elsewhere.clone(),
        foreign.clone(),
        definition,
        widget.clone(),
    ];
    created(&apply(&admin, &all, &ApplyOptions::default()));
    // Applied from the server's side: no annotation, but the manager.
    let server_side = ApplyOptions { strategy: ApplyStrategy::Server, ..ApplyOptions::default() };
    created(&apply(&admin, std::slice::from_ref(&web), &server_side));
    // Made by a controller, and owned: both are nobody's to prune.
    raw(
        server,
        http::Method::POST,
        &format!("/api/v1/namespaces/{ns}/configmaps?fieldManager=robot"),
        "application/json",
        labelled(&config_map(&ns, "made", json!({})), &label).value(),
    );
    let mut owned = labelled(&config_map(&ns, "owned", json!({})), &label).into_value();
    owned["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "ConfigMap",
        "name": "kept", "uid": live(&admin, &kept)["metadata"]["uid"]}]);
    created(&apply(&admin, &[manifest(owned)], &ApplyOptions::default()));

    let report = orphans(&admin, std::slice::from_ref(&kept), &label);
    assert_eq!(
        names(&report),
        ["ConfigMap/elsewhere", "ConfigMap/gone", "Deployment/web", "Widget/w"]
    );
    let owned: Vec<_> = report.owned.iter().map(ToString::to_string).collect();
    assert_eq!(owned, [format!("ConfigMap/owned in {ns}")]);
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);

    let in_namespace = orphans_in(
        &admin,
        std::slice::from_ref(&kept),
        &label,
        Some(&other),
        &[],
        &Targets::default(),
    );
    assert_eq!(names(&in_namespace), ["ConfigMap/elsewhere"]);
    let kinds = ["deployment".to_owned()];
    let of_kind =
        orphans_in(&admin, std::slice::from_ref(&kept), &label, None, &kinds, &Targets::default());
    assert_eq!(names(&of_kind), ["Deployment/web"]);
    let targets = Targets::new(&["configmap/g.*"]).unwrap();
    let targeted = orphans_in(&admin, std::slice::from_ref(&kept), &label, None, &[], &targets);
    assert_eq!(names(&targeted), ["ConfigMap/gone"]);

    let manifests: Vec<Manifest> = report.orphans.into_iter().map(|o| o.manifest).collect();
    for dry_run in [DryRun::Client, DryRun::Server] {
        let options = DeleteOptions { dry_run, ..DeleteOptions::default() };
        assert!(admin.delete(&manifests, &options, &()).unwrap().succeeded());
    }
    assert!(is_there(&admin, &gone));
    let options = DeleteOptions { wait: Some(Duration::from_secs(20)), ..DeleteOptions::default() };
    let deleted = admin.delete(&manifests, &options, &()).unwrap();
    assert!(deleted.succeeded(), "{deleted:?}");
    assert!(!is_there(&admin, &gone) && !is_there(&admin, &web) && !is_there(&admin, &widget));
    assert!(is_there(&admin, &kept) && is_there(&admin, &foreign));
    assert_eq!(names(&orphans(&admin, &[kept], &label)), Vec::<String>::new());
    // A second time there is nothing.
    let again = admin.delete(&manifests, &options, &()).unwrap();
    assert!(
        again.objects.iter().all(|o| matches!(o.outcome, DeleteOutcome::NotFound)),
        "{again:?}"
    );
}

#[test]
fn kinds_that_cannot_be_listed_are_told_and_no_more() {
    let Some(server) = own_server() else { return };
    let admin = context(server, "admin");
    let label = TestCluster::fresh_name("blind");
    let ns = fresh(&admin, "blind");
    let map = labelled(&config_map(&ns, "a", json!({})), &label);
    created(&apply(&admin, &[map], &ApplyOptions::default()));
    let report = orphans(&context(server, "viewer"), &[], &label);
    assert_eq!(names(&report), ["ConfigMap/a"]);
    let skipped: Vec<_> = report
        .skipped
        .iter()
        .map(|s| {
            format!(
                "{}: {}",
                s.resource,
                s.error.as_ref().map(ToString::to_string).unwrap_or_default()
            )
        })
        .collect();
    assert!(
        skipped.contains(&"secrets: user `viewer` may not list secrets".to_owned()),
        "{skipped:?}"
    );

    // An API service that nobody serves.
    let group = format!("{label}.example.com");
    let broken = manifest(json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": format!("v1.{group}")},
        "spec": {"group": group, "version": "v1", "groupPriorityMinimum": 100,
            "versionPriority": 100, "service": {"name": "none", "namespace": ns}}}));
    created(&apply(&admin, std::slice::from_ref(&broken), &ApplyOptions::default()));
    let report = orphans(&admin, &[], &label);
    assert_eq!(names(&report), ["ConfigMap/a"]);
    admin.delete(&[broken], &DeleteOptions::default(), &()).unwrap();
}

#[test]
fn a_replaced_object_is_not_deleted_for_the_old_one() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let ns = fresh(&admin, "uid");
    let map = config_map(&ns, "a", json!({}));
    created(&apply(&admin, std::slice::from_ref(&map), &ApplyOptions::default()));
    let old = manifest(live(&admin, &map));
    admin.delete(std::slice::from_ref(&map), &DeleteOptions::default(), &()).unwrap();
    created(&apply(&admin, std::slice::from_ref(&map), &ApplyOptions::default()));
    let report = admin.delete(&[old], &DeleteOptions::default(), &()).unwrap();
    assert!(matches!(report.objects[0].outcome, DeleteOutcome::Failed(_)), "{report:?}");
    assert!(is_there(&admin, &map));
}

#[test]
fn deleting_goes_backwards_and_takes_what_belongs_to_it() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = TestCluster::fresh_name("backwards");
    let group = format!("{name}.example.com");
    let widget = manifest(json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
        "metadata": {"name": "w", "namespace": name}}));
    let manifests = [
        namespace(&name),
        definition(&group, "widgets", "Widget"),
        config_map(&name, "a", json!({})),
        widget,
        config_map(&name, "never", json!({})),
        manifest(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"generateName": "x-", "namespace": name}})),
    ];
    created(&apply(&admin, &manifests[..4], &ApplyOptions::default()));
    let options = DeleteOptions {
        wait: Some(Duration::from_secs(30)),
        propagation: Propagation::Foreground,
        ..DeleteOptions::default()
    };
    let report = admin.delete(&manifests, &options, &()).unwrap();
    let words: Vec<_> = report
        .objects
        .iter()
        .map(|o| match &o.outcome {
            DeleteOutcome::Deleted => "deleted",
            DeleteOutcome::NotFound => "not found",
            DeleteOutcome::Nameless => "nameless",
            _ => "else",
        })
        .collect();
    assert_eq!(
        words,
        ["deleted", "deleted", "deleted", "deleted", "not found", "nameless"],
        "{report:?}"
    );
    assert!(report.succeeded());
    assert!(!is_there(&admin, &manifests[0]));
}
