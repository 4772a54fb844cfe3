//! Many objects, and several applies at once.

use renga_cluster::{
    ApplyOptions, ApplyStrategy, DeleteOptions, DiffStrategy, OrphanOptions, Outcome,
};
use renga_manifest::{Manifest, Targets};
use renga_test::TestCluster;
use serde_json::json;

use crate::support::{apply, config_map, context, created, diff, fresh, live, manifest, server};

fn maps(namespace: &str, label: &str, count: usize) -> Vec<Manifest> {
    (0..count)
        .map(|index| {
            let mut value =
                config_map(namespace, &format!("map-{index:05}"), json!({"n": index.to_string()}))
                    .into_value();
            value["metadata"]["labels"] = json!({"tanka.dev/environment": label});
            manifest(value)
        })
        .collect()
}

fn all_unchanged(report: &renga_cluster::DiffReport) -> bool {
    report.objects.iter().all(|o| matches!(o.status, renga_cluster::DiffStatus::Unchanged))
}

fn thousands(count: usize, strategy: ApplyStrategy, shown: DiffStrategy) {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "many");
    let label = TestCluster::fresh_name("many");
    let mut manifests = maps(&namespace, &label, count);
    let options = ApplyOptions { strategy, ..ApplyOptions::default() };
    let report = apply(&admin, &manifests, &options);
    created(&report);
    // In the order of the manifests, whatever was done first.
    assert!(report.objects.iter().map(|o| &o.object.name).is_sorted());
    assert!(all_unchanged(&diff(&admin, &manifests, shown)));
    for index in [0, count / 2, count - 1] {
        let mut value = manifests[index].value().clone();
        value["data"]["n"] = "changed".into();
        manifests[index] = manifest(value);
    }
    let report = apply(&admin, &manifests, &options);
    let changed =
        report.objects.iter().filter(|o| matches!(o.outcome, Outcome::Configured)).count();
    let unchanged =
        report.objects.iter().filter(|o| matches!(o.outcome, Outcome::Unchanged)).count();
    assert_eq!((changed, unchanged), (3, count - 3));

    let targets = Targets::default();
    let orphans = OrphanOptions {
        label: ("tanka.dev/environment", &label),
        namespace: None,
        kinds: &[],
        targets: &targets,
    };
    // More than one page; the first ten have manifests.
    let found = admin.orphans(&manifests[..10], &orphans, &()).unwrap();
    assert_eq!(found.orphans.len(), count - 10);
    let doomed: Vec<Manifest> = found.orphans.into_iter().map(|o| o.manifest).collect();
    let deleted = admin.delete(&doomed, &DeleteOptions::default(), &()).unwrap();
    assert!(deleted.succeeded());
    assert!(admin.orphans(&manifests[..10], &orphans, &()).unwrap().orphans.is_empty());
}

#[test]
fn a_thousand_objects() {
    thousands(1000, ApplyStrategy::Client, DiffStrategy::Native);
}

#[test]
fn five_thousand_objects() {
    thousands(5000, ApplyStrategy::Server, DiffStrategy::Server);
}

#[test]
fn two_applies_at_once_leave_what_both_say() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for strategy in [ApplyStrategy::Client, ApplyStrategy::Server] {
        let namespace = fresh(&admin, "twice");
        let manifests = maps(&namespace, "x", 60);
        let options = ApplyOptions { strategy, ..ApplyOptions::default() };
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| apply(&context(server, "admin"), &manifests, &options)))
                .collect();
            for run in runs {
                let report = run.join().unwrap();
                assert!(report.succeeded(), "{:?}", crate::support::outcomes(&report));
            }
        });
        let report = apply(&admin, &manifests, &options);
        assert!(report.objects.iter().all(|o| matches!(o.outcome, Outcome::Unchanged)));
        assert_eq!(live(&admin, &manifests[7])["data"]["n"], "7");
    }
}
