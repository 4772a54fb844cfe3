//! Applying: outcomes, order, conflicts, what cannot be changed.

use std::time::Duration;

use renga_cluster::{
    ApplyOptions, ApplyStrategy, DiffStrategy, DryRun, ObjectError, Outcome, RequestError,
};
use renga_test::TestCluster;
use serde_json::{Value, json};

use crate::support::{
    Recorder, apply, config_map, context, created, definition, deployment, diff, fresh, is_there,
    live, manifest, namespace, outcomes, server, statuses,
};

fn with(strategy: ApplyStrategy) -> ApplyOptions {
    ApplyOptions { strategy, ..ApplyOptions::default() }
}

const STRATEGIES: [ApplyStrategy; 2] = [ApplyStrategy::Client, ApplyStrategy::Server];

#[test]
fn objects_are_created_configured_and_left_alone() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for strategy in STRATEGIES {
        let namespace = fresh(&admin, "outcome");
        let options = with(strategy);
        let mut manifests = vec![
            config_map(&namespace, "a", json!({"k": "1"})),
            manifest(deployment(&namespace, "web")),
        ];
        created(&apply(&admin, &manifests, &options));
        let before = live(&admin, &manifests[0]);
        assert_eq!(
            outcomes(&apply(&admin, &manifests, &options)),
            ["ConfigMap/a unchanged", "Deployment/web unchanged"],
            "{strategy:?}"
        );
        // Not even the time of a managed field changes.
        assert_eq!(live(&admin, &manifests[0]), before);
        manifests[0] = config_map(&namespace, "a", json!({"k": "2"}));
        assert_eq!(
            outcomes(&apply(&admin, &manifests, &options)),
            ["ConfigMap/a configured", "Deployment/web unchanged"],
            "{strategy:?}"
        );
        assert_eq!(live(&admin, &manifests[0])["data"], json!({"k": "2"}));
    }
}

/// The manifest after a label, an env entry and a container left it.
fn smaller(namespace: &str) -> Value {
    let mut value = deployment(namespace, "trap");
    value["metadata"]["labels"] = json!({});
    value["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "A", "value": "1"}]);
    value
}

fn larger(namespace: &str) -> Value {
    let mut value = deployment(namespace, "trap");
    let containers = value["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
    containers.push(json!({"name": "side", "image": "example.com/b:1"}));
    value
}

#[test]
fn what_left_the_manifest_leaves_the_object_whoever_applied_it() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for (first, second) in [
        (ApplyStrategy::Client, ApplyStrategy::Client),
        (ApplyStrategy::Server, ApplyStrategy::Server),
        // The trap: fields of a client-side history.
        (ApplyStrategy::Client, ApplyStrategy::Server),
    ] {
        let namespace = fresh(&admin, "trap");
        created(&apply(&admin, &[manifest(larger(&namespace))], &with(first)));
        let manifests = [manifest(smaller(&namespace))];
        let strategy = match second {
            ApplyStrategy::Client => DiffStrategy::Native,
            ApplyStrategy::Server => DiffStrategy::Server,
        };
        let shown = diff(&admin, &manifests, strategy);
        assert_eq!(statuses(&shown), ["Deployment/trap changed"]);
        let promised = shown.objects[0].merged.clone().unwrap();
        assert_eq!(
            outcomes(&apply(&admin, &manifests, &with(second))),
            ["Deployment/trap configured"],
            "{first:?} {second:?}"
        );
        let now = live(&admin, &manifests[0]);
        assert_eq!(now["metadata"].get("labels"), None, "{first:?} {second:?}");
        let spec = &now["spec"]["template"]["spec"];
        assert_eq!(spec["containers"].as_array().unwrap().len(), 1);
        assert_eq!(spec["containers"][0]["env"], json!([{"name": "A", "value": "1"}]));
        // The diff told the truth.
        assert_eq!(now["spec"], promised["spec"], "{first:?} {second:?}");
        assert_eq!(now["metadata"].get("labels"), promised["metadata"].get("labels"));
        // And afterwards there is nothing left to do.
        assert_eq!(statuses(&diff(&admin, &manifests, strategy)), ["Deployment/trap unchanged"]);
        assert_eq!(
            outcomes(&apply(&admin, &manifests, &with(second))),
            ["Deployment/trap unchanged"],
            "{first:?} {second:?}"
        );
        let managers: Vec<_> = now["metadata"]["managedFields"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|field| field["manager"] != "kube-controller-manager")
            .map(|field| format!("{} {}", field["manager"], field["operation"]))
            .collect();
        let expected = match second {
            ApplyStrategy::Client => r#""kubectl-client-side-apply" "Update""#,
            ApplyStrategy::Server => r#""tanka" "Apply""#,
        };
        assert_eq!(managers, [expected], "{first:?} {second:?}");
    }
}

#[test]
fn a_definition_and_its_objects_go_in_one_run() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for strategy in STRATEGIES {
        let name = TestCluster::fresh_name("crd");
        let group = format!("{name}.example.com");
        let widget = manifest(json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
            "metadata": {"name": "w", "namespace": name}, "spec": {"a": [1, 2], "b": 1}}));
        // Given in the wrong order on purpose.
        let manifests = [widget, definition(&group, "widgets", "Widget"), namespace(&name)];
        let shown = diff(&admin, &manifests, DiffStrategy::Native);
        assert_eq!(
            statuses(&shown),
            [
                format!("Widget/w created with CustomResourceDefinition/widgets.{group}"),
                format!("CustomResourceDefinition/widgets.{group} created"),
                format!("Namespace/{name} created"),
            ]
        );
        for dry_run in [DryRun::Client, DryRun::Server] {
            created(&apply(&admin, &manifests, &ApplyOptions { dry_run, ..with(strategy) }));
        }
        assert!(!is_there(&admin, &manifests[2]));
        created(&apply(&admin, &manifests, &with(strategy)));
        assert_eq!(
            outcomes(&apply(&admin, &manifests, &with(strategy)))
                .iter()
                .filter(|text| text.ends_with("unchanged"))
                .count(),
            3
        );
        // A custom resource is merged as JSON: a list is replaced, a key that left goes.
        let mut changed = manifests[0].value().clone();
        changed["spec"] = json!({"a": [2]});
        let changed = manifest(changed);
        apply(&admin, std::slice::from_ref(&changed), &with(strategy));
        assert_eq!(live(&admin, &changed)["spec"], json!({"a": [2]}), "{strategy:?}");
    }
}

#[test]
fn an_unknown_kind_names_what_is_missing_and_stops_nothing_else() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "unknown");
    let manifests = [
        manifest(json!({"apiVersion": "missing.example.com/v1", "kind": "Gadget",
            "metadata": {"name": "g", "namespace": namespace}})),
        manifest(json!({"apiVersion": "extensions/v1beta1", "kind": "Ingress",
            "metadata": {"name": "i", "namespace": namespace}})),
        config_map(&namespace, "a", json!({})),
    ];
    let report = apply(&admin, &manifests, &ApplyOptions::default());
    let texts = outcomes(&report);
    assert_eq!(
        texts[0],
        "Gadget/g failed: the cluster has no kind `Gadget` in `missing.example.com/v1`"
    );
    assert_eq!(texts[2], "ConfigMap/a created");
    let help = |index: usize| match &report.objects[index].outcome {
        Outcome::Failed(ObjectError::UnknownKind { help, .. }) => help.clone(),
        other => panic!("{other:?}"),
    };
    assert!(help(0).contains("CustomResourceDefinition of the group `missing.example.com`"));
    assert_eq!(help(1), "the cluster has `Ingress` in `networking.k8s.io/v1`");
}

#[test]
fn conflicts_name_the_field_and_its_owner() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "conflict");
    let mine = config_map(&namespace, "a", json!({"k": "1"}));
    created(&apply(&admin, std::slice::from_ref(&mine), &ApplyOptions::default()));
    created(&apply(
        &admin,
        &[config_map(&namespace, "b", json!({"k": "1"}))],
        &with(ApplyStrategy::Server),
    ));
    // Another manager takes the field over.
    crate::support::raw_apply(server, &config_map(&namespace, "b", json!({"k": "2"})), "somebody");
    let theirs = config_map(&namespace, "b", json!({"k": "3"}));
    let options = with(ApplyStrategy::Server);
    let report = apply(&admin, std::slice::from_ref(&theirs), &options);
    assert_eq!(
        outcomes(&report),
        ["ConfigMap/b failed: other managers own 1 of its fields: `.data.k` (`somebody`)"]
    );
    let dry = ApplyOptions { dry_run: DryRun::Server, ..options.clone() };
    assert!(!apply(&admin, std::slice::from_ref(&theirs), &dry).succeeded());
    // A diff shows what `--force` would do.
    assert_eq!(
        statuses(&diff(&admin, std::slice::from_ref(&theirs), DiffStrategy::Server)),
        ["ConfigMap/b changed"]
    );
    let forced = ApplyOptions { force: true, ..options.clone() };
    assert_eq!(
        outcomes(&apply(&admin, std::slice::from_ref(&theirs), &forced)),
        ["ConfigMap/b configured"]
    );
    // What was applied from the client's side is no conflict: it is taken over.
    let taken = config_map(&namespace, "a", json!({"k": "9"}));
    assert_eq!(outcomes(&apply(&admin, &[taken], &options)), ["ConfigMap/a configured"]);
}

#[test]
fn what_cannot_be_changed_is_replaced_on_demand() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for strategy in STRATEGIES {
        let namespace = fresh(&admin, "replace");
        created(&apply(&admin, &[manifest(deployment(&namespace, "web"))], &with(strategy)));
        let mut value = deployment(&namespace, "web");
        value["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
        value["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
        let changed = [manifest(value.clone())];
        let report = apply(&admin, &changed, &with(strategy));
        assert_eq!(
            outcomes(&report),
            ["Deployment/web failed: it has fields that cannot be changed: `spec.selector`"]
        );
        let Outcome::Failed(ObjectError::Immutable { fields }) = &report.objects[0].outcome else {
            panic!()
        };
        assert!(fields[0].immutable && fields[0].message.contains("immutable"), "{fields:?}");
        let shown = match strategy {
            ApplyStrategy::Client => DiffStrategy::Native,
            ApplyStrategy::Server => DiffStrategy::Server,
        };
        assert!(statuses(&diff(&admin, &changed, shown))[0].contains("cannot be changed"));

        // What the server would not take is not made room for.
        let replacing = ApplyOptions { replace: true, ..with(strategy) };
        let mut bad = value.clone();
        bad["spec"]["template"]["spec"]["containers"][0]["image"] = json!("");
        let uid = live(&admin, &changed[0])["metadata"]["uid"].clone();
        let report = apply(&admin, &[manifest(bad)], &replacing);
        assert!(!report.succeeded(), "{:?}", outcomes(&report));
        assert_eq!(live(&admin, &changed[0])["metadata"]["uid"], uid);

        let dry = ApplyOptions { dry_run: DryRun::Server, ..replacing.clone() };
        assert!(matches!(
            apply(&admin, &changed, &dry).objects[0].outcome,
            Outcome::Failed(_) | Outcome::Replaced
        ));
        assert_eq!(live(&admin, &changed[0])["metadata"]["uid"], uid);
        assert_eq!(outcomes(&apply(&admin, &changed, &replacing)), ["Deployment/web replaced"]);
        let now = live(&admin, &changed[0]);
        assert_ne!(now["metadata"]["uid"], uid);
        assert_eq!(now["spec"]["selector"]["matchLabels"], json!({"app": "other"}));
        assert_eq!(
            outcomes(&apply(&admin, &changed, &with(strategy))),
            ["Deployment/web unchanged"]
        );
    }
}

#[test]
fn force_replaces_as_kubectl_does() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "force");
    created(&apply(&admin, &[manifest(deployment(&namespace, "web"))], &ApplyOptions::default()));
    let mut value = deployment(&namespace, "web");
    value["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
    value["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    let forced = ApplyOptions { force: true, ..ApplyOptions::default() };
    assert_eq!(outcomes(&apply(&admin, &[manifest(value)], &forced)), ["Deployment/web replaced"]);
}

#[test]
fn a_policy_refuses_in_its_own_words() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = fresh(&admin, "policy");
    let policy = manifest(json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {"failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}},
            "validations": [{"expression": "!has(object.data) || !('bad' in object.data)",
                "message": "no bad data here"}]}}));
    let binding = manifest(json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]}}));
    created(&apply(&admin, &[policy, binding], &ApplyOptions::default()));
    let bad = config_map(&name, "bad", json!({"bad": "1"}));
    let mut last = Vec::new();
    // The server takes a moment to know its policies.
    for _ in 0..100 {
        last = outcomes(&apply(&admin, std::slice::from_ref(&bad), &ApplyOptions::default()));
        if last[0].contains("failed") {
            break;
        }
        admin
            .delete(std::slice::from_ref(&bad), &renga_cluster::DeleteOptions::default(), &())
            .unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(last[0].contains("no bad data here"), "{last:?}");
    assert!(statuses(&diff(&admin, &[bad], DiffStrategy::Native))[0].contains("no bad data here"));
    let good = config_map(&name, "good", json!({}));
    created(&apply(&admin, &[good], &ApplyOptions::default()));
}

#[test]
fn an_invalid_object_is_told_with_its_field() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    for strategy in STRATEGIES {
        let namespace = fresh(&admin, "invalid");
        let mut no_image = deployment(&namespace, "a");
        no_image["spec"]["template"]["spec"]["containers"][0]["image"] = json!("");
        let mut typo = deployment(&namespace, "b");
        typo["spec"]["replica"] = json!(1);
        let mut wrong_type = deployment(&namespace, "c");
        wrong_type["spec"]["replicas"] = json!("many");
        let manifests = [
            manifest(no_image),
            manifest(typo),
            manifest(wrong_type),
            config_map(&namespace, "d", json!({})),
        ];
        let report = apply(&admin, &manifests, &with(strategy));
        let fields = |index: usize| match &report.objects[index].outcome {
            Outcome::Failed(ObjectError::Request(RequestError::Invalid { fields, .. })) => {
                fields.iter().map(|f| f.field.clone()).collect::<Vec<_>>()
            }
            other => panic!("{strategy:?}: {other:?}"),
        };
        assert_eq!(fields(0), ["spec.template.spec.containers[0].image"]);
        if strategy == ApplyStrategy::Client {
            assert_eq!(fields(1), ["spec.replica"]);
        }
        let texts = outcomes(&report);
        assert!(texts[1].contains("replica"), "{strategy:?} {texts:?}");
        assert!(texts[2].contains("replicas"), "{strategy:?} {texts:?}");
        assert_eq!(texts[3], "ConfigMap/d created");
    }
    // Without validation the unknown field is dropped.
    let namespace = fresh(&admin, "lax");
    let mut typo = deployment(&namespace, "b");
    typo["spec"]["replica"] = json!(1);
    let lax = ApplyOptions { validate: false, ..ApplyOptions::default() };
    created(&apply(&admin, &[manifest(typo)], &lax));
}

#[test]
fn a_secret_is_never_cited() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "secret");
    for strategy in STRATEGIES {
        for data in [json!({"k": "!hunter2hunter2!"}), json!({"bad key!": "aHVudGVyMmh1bnRlcjI="})]
        {
            let secret = manifest(json!({"apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "s", "namespace": namespace}, "data": data}));
            let report = apply(&admin, &[secret], &with(strategy));
            let text = format!("{:?} {:?}", outcomes(&report), report);
            assert!(!report.succeeded());
            assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMmh1bnRlcjI"), "{text}");
        }
    }
}

#[test]
fn webhooks_come_last() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = TestCluster::fresh_name("hooks");
    // It fails every request for config maps of this namespace.
    let hook = manifest(json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
        "webhooks": [{"name": "a.example.com", "sideEffects": "None",
            "admissionReviewVersions": ["v1"], "failurePolicy": "Fail", "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"],
                "resources": ["configmaps"]}]}]}));
    let manifests = [hook, config_map(&name, "a", json!({})), namespace(&name)];
    created(&apply(&admin, &manifests, &ApplyOptions::default()));
    // Now it is there; what it breaks is told, and does not take for ever.
    let mut last = Vec::new();
    for _ in 0..50 {
        let changed = config_map(&name, "a", json!({"n": last.len().to_string()}));
        last.push(outcomes(&apply(&admin, &[changed], &ApplyOptions::default())).remove(0));
        if last.last().unwrap().contains("failed") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(last.last().unwrap().contains("a.example.com"), "{last:?}");
    let deleted =
        admin.delete(&manifests[..1], &renga_cluster::DeleteOptions::default(), &()).unwrap();
    assert!(deleted.succeeded());
}

#[test]
fn a_terminating_namespace_and_a_going_object_are_told() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = fresh(&admin, "going");
    let mut held = config_map(&name, "held", json!({})).into_value();
    held["metadata"]["finalizers"] = json!(["example.com/wait"]);
    let held = manifest(held);
    created(&apply(&admin, std::slice::from_ref(&held), &ApplyOptions::default()));
    admin.delete(&[namespace(&name)], &renga_cluster::DeleteOptions::default(), &()).unwrap();
    let report = apply(&admin, &[config_map(&name, "new", json!({}))], &ApplyOptions::default());
    assert_eq!(
        outcomes(&report),
        [format!("ConfigMap/new failed: namespace `{name}` is being deleted")]
    );
    // The namespace's controller deletes what is in it.
    for _ in 0..100 {
        if live(&admin, &held)["metadata"].get("deletionTimestamp").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let report = apply(&admin, std::slice::from_ref(&held), &ApplyOptions::default());
    assert_eq!(
        outcomes(&report),
        ["ConfigMap/held failed: it is being deleted (finalizers: example.com/wait)"]
    );
    let waited = renga_cluster::DeleteOptions {
        wait: Some(Duration::from_millis(300)),
        ..renga_cluster::DeleteOptions::default()
    };
    let report = admin.delete(std::slice::from_ref(&held), &waited, &()).unwrap();
    assert!(
        matches!(&report.objects[0].outcome, renga_cluster::DeleteOutcome::Remains(f) if f == &["example.com/wait"]),
        "{report:?}"
    );
    crate::support::raw_merge_patch(
        server,
        &format!("/api/v1/namespaces/{name}/configmaps/held"),
        &json!({"metadata": {"finalizers": null}}),
    );
}

#[test]
fn names_can_be_the_servers() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "generate");
    let job = manifest(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"generateName": "run-", "namespace": namespace}}));
    for strategy in STRATEGIES {
        let report = apply(&admin, std::slice::from_ref(&job), &with(strategy));
        created(&report);
        assert!(report.objects[0].object.name.len() > "run-".len());
    }
    assert_eq!(
        statuses(&diff(&admin, std::slice::from_ref(&job), DiffStrategy::Native)),
        ["ConfigMap/run- created"]
    );
    let path = config_map(&namespace, "../../pods", json!({}));
    assert!(
        outcomes(&apply(&admin, &[path], &ApplyOptions::default()))[0]
            .contains("cannot be the name")
    );
}

#[test]
fn objects_that_are_too_large_say_what_to_do() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let namespace = fresh(&admin, "large");
    let big = config_map(&namespace, "big", json!({"k": "x".repeat(300 * 1024)}));
    let report = apply(&admin, std::slice::from_ref(&big), &with(ApplyStrategy::Client));
    let Outcome::Failed(ObjectError::AnnotationTooLarge { bytes }) = report.objects[0].outcome
    else {
        panic!("{:?}", outcomes(&report))
    };
    assert!(bytes > 300 * 1024);
    created(&apply(&admin, std::slice::from_ref(&big), &with(ApplyStrategy::Server)));
    let huge = config_map(&namespace, "huge", json!({"k": "x".repeat(1100 * 1024)}));
    let report = apply(&admin, std::slice::from_ref(&huge), &with(ApplyStrategy::Server));
    assert!(outcomes(&report)[0].contains("Too long"), "{:?}", outcomes(&report));
    let larger = config_map(&namespace, "huge", json!({"k": "x".repeat(4 << 20)}));
    let report = apply(&admin, std::slice::from_ref(&larger), &with(ApplyStrategy::Server));
    assert!(
        matches!(
            report.objects[0].outcome,
            Outcome::Failed(ObjectError::Request(RequestError::TooLarge { .. }))
        ),
        "{:?}",
        outcomes(&report)
    );
}

#[test]
fn a_failed_namespace_or_definition_stops_its_objects_alone() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = TestCluster::fresh_name("failed");
    let mut broken = namespace(&name).into_value();
    broken["metadata"]["labels"] = json!({"bad label!": "x"});
    let group = format!("{name}.example.com");
    let mut bad_definition = definition(&group, "widgets", "Widget").into_value();
    bad_definition["spec"]["scope"] = json!("Nowhere");
    let manifests = [
        manifest(broken),
        config_map(&name, "a", json!({})),
        manifest(bad_definition),
        manifest(json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
            "metadata": {"name": "w", "namespace": "default"}})),
        config_map("default", &name, json!({})),
    ];
    let report = apply(&admin, &manifests, &ApplyOptions::default());
    let texts = outcomes(&report);
    assert!(texts[0].contains("failed: "), "{texts:?}");
    assert_eq!(texts[1], format!("ConfigMap/a not attempted: Namespace/{name} failed"));
    assert!(texts[2].contains("spec.scope"), "{texts:?}");
    assert_eq!(
        texts[3],
        format!("Widget/w not attempted: CustomResourceDefinition/widgets.{group} failed")
    );
    assert_eq!(texts[4], format!("ConfigMap/{name} created"));
    assert_eq!(report.counts()["not attempted"], 2);
}

#[test]
fn warnings_of_the_server_come_once() {
    let Some(server) = server() else { return };
    let admin = context(server, "admin");
    let name = TestCluster::fresh_name("warn");
    let mut strict = namespace(&name).into_value();
    strict["metadata"]["labels"] = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    created(&apply(&admin, &[manifest(strict)], &ApplyOptions::default()));
    let recorder = Recorder::default();
    let manifests = [manifest(deployment(&name, "a")), manifest(deployment(&name, "b"))];
    admin.apply(&manifests, &ApplyOptions::default(), &recorder).unwrap();
    let warnings = recorder.with("warning: would violate PodSecurity");
    assert_eq!(warnings.len(), 1, "{:?}", recorder.0.borrow());
}
