//! Each rule, broken and kept.

use renga_check::{
    CheckOptions, Day, Definitions, Finding, Judgement, Provided, Rule, Survey, check, judge,
};
use renga_manifest::Manifest;
use renga_schema::Release;
use serde_json::{Value, json};

/// Each object as an environment of its own: environment, cluster, object.
fn check_all(
    objects: &[(&str, &str, Value)],
    release: &str,
    provided: Vec<Provided>,
) -> Vec<Finding> {
    let release = Release::of(release).expect("a release");
    let surveys: Vec<Survey> = objects
        .iter()
        .map(|(environment, cluster, value)| {
            let manifest = Manifest::new(value.clone(), "test").expect("a manifest");
            Survey::new(environment, cluster, vec![manifest], &release)
        })
        .collect();
    let definitions = Definitions::default();
    check(&surveys, &CheckOptions { release, provided, definitions })
}

fn check_with(objects: &[Value], release: &str, provided: Vec<Provided>) -> Vec<Finding> {
    let members: Vec<(&str, &str, Value)> =
        objects.iter().map(|value| ("env", "cluster", value.clone())).collect();
    check_all(&members, release, provided)
}

/// Rule, path and message of what is found.
fn found(objects: &[Value]) -> Vec<String> {
    lines(&check_with(objects, "1.34", Vec::new()))
}

fn lines(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.rule, finding.path, finding.message))
        .collect()
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better")]
fn object(api_version: &str, kind: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "default"}});
    for (key, value) in rest.as_object().expect("fields") {
        object[key] = value.clone();
    }
    object
}

fn pod(spec: Value) -> Value {
    let mut spec = spec;
    if spec.get("containers").is_none() {
        spec["containers"] = json!([{"name": "c", "image": "c:1"}]);
    }
    object("v1", "Pod", "p", json!({"spec": spec}))
}

#[test]
fn schemas_are_looked_at() {
    assert_eq!(
        found(&[object("v1", "ConfigMap", "c", json!({"dat": {}, "immutable": "yes"}))]),
        [
            "schema/unknown-field  unknown field `dat`, did you mean `data`?",
            "schema/invalid immutable expected true or false, found a string",
        ]
    );
    let findings =
        check_with(&[object("apps/v2", "Deployment", "d", json!({}))], "1.34", Vec::new());
    assert_eq!(lines(&findings), ["schema/unknown-kind  no schema of Deployment in apps/v2"]);
    assert_eq!(findings[0].help.as_deref(), Some("Deployment is known in apps/v1"));
    let findings =
        check_with(&[object("apps/v1", "Deploymnt", "d", json!({}))], "1.34", Vec::new());
    assert_eq!(findings[0].help.as_deref(), Some("did you mean Deployment?"));
}

#[test]
fn a_definition_of_the_same_cluster_is_enough() {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
            }}}],
        },
    });
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": "big"}});
    assert_eq!(
        found(&[definition.clone(), widget.clone()]),
        ["schema/invalid spec.size expected a whole number, found a string"]
    );
    // Order does not matter, the cluster does.
    assert_eq!(found(&[widget.clone(), definition.clone()]).len(), 1);
    let apart = [("a", "one", definition.clone()), ("b", "two", widget)];
    assert_eq!(
        lines(&check_all(&apart, "1.34", Vec::new())),
        ["schema/unknown-kind  no schema of Widget in example.com/v1"]
    );

    let mut broken = definition;
    broken["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] =
        json!({"type": "thing"});
    assert_eq!(
        found(&[broken]),
        [
            "schema/broken-definition  spec.versions[0].schema.openAPIV3Schema.properties.spec.type: no type is called `thing`"
        ]
    );
}

#[test]
fn api_versions_are_held_against_the_release() {
    let cron_job = object("batch/v1beta1", "CronJob", "c", json!({}));
    let findings = check_with(std::slice::from_ref(&cron_job), "1.34", Vec::new());
    assert_eq!(
        lines(&findings),
        ["api/removed apiVersion CronJob of batch/v1beta1 is not served since Kubernetes 1.25"]
    );
    assert_eq!(findings[0].help.as_deref(), Some("use batch/v1"));

    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1beta1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {},
    });
    let findings = check_with(&[policy], "1.33", Vec::new());
    assert_eq!(findings[0].rule, Rule::ApiDeprecated);
    assert!(
        findings[0].message.ends_with("will not be served from Kubernetes 1.34"),
        "{findings:?}"
    );
}

#[test]
fn an_object_is_rendered_once_for_a_cluster() {
    let map = object("v1", "ConfigMap", "c", json!({}));
    let found = |objects: &[(&str, &str, Value)]| lines(&check_all(objects, "1.34", Vec::new()));
    assert_eq!(
        found(&[("a", "one", map.clone()), ("b", "one", map.clone()), ("b", "one", map.clone())]),
        [
            "object/duplicate metadata.name ConfigMap default/c is also rendered by a",
            "object/duplicate metadata.name ConfigMap default/c is also rendered by a",
        ]
    );
    assert!(found(&[("a", "one", map.clone()), ("b", "two", map)]).is_empty());
    let generated = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "c-", "namespace": "default"}});
    assert!(found(&[("a", "one", generated.clone()), ("a", "one", generated)]).is_empty());
}

#[test]
fn namespaces_exist_and_stand_where_they_belong() {
    let mut map = object("v1", "ConfigMap", "c", json!({}));
    map["metadata"]["namespace"] = json!("shop");
    assert_eq!(
        found(std::slice::from_ref(&map)),
        ["reference/namespace metadata.namespace the namespace shop does not exist"]
    );
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    assert!(found(&[map.clone(), namespace.clone()]).is_empty());
    let provided = Provided {
        kind: "Namespace".to_owned(),
        name: "sh*".to_owned(),
        namespace: None,
        cluster: Some("clust*".to_owned()),
        keys: None,
        by: "the platform".to_owned(),
    };
    assert!(check_with(&[map.clone()], "1.34", vec![provided.clone()]).is_empty());
    let elsewhere = Provided { cluster: Some("other".to_owned()), ..provided };
    assert_eq!(check_with(&[map.clone()], "1.34", vec![elsewhere]).len(), 1);

    map["metadata"].as_object_mut().expect("fields").remove("namespace");
    assert_eq!(
        found(&[map]),
        ["object/namespace metadata a ConfigMap lives in a namespace, and names none"]
    );
    let mut inside = namespace;
    inside["metadata"]["namespace"] = json!("default");
    assert_eq!(
        found(&[inside]),
        ["object/namespace metadata.namespace a Namespace lives in no namespace, and names one"]
    );
}

#[test]
fn what_a_pod_refers_to_exists() {
    for (spec, expected) in [
        (
            json!({"serviceAccountName": "robot"}),
            vec![
                "reference/service-account spec.serviceAccountName the ServiceAccount default/robot does not exist",
            ],
        ),
        (json!({"serviceAccountName": "default"}), vec![]),
        (
            json!({"imagePullSecrets": [{"name": "pull"}]}),
            vec![
                "reference/secret spec.imagePullSecrets[0].name the Secret default/pull does not exist",
            ],
        ),
        (
            json!({"volumes": [{"name": "v", "configMap": {"name": "map"}}]}),
            vec![
                "reference/config-map spec.volumes[0].configMap.name the ConfigMap default/map does not exist",
            ],
        ),
        (
            json!({"volumes": [{"name": "v", "configMap": {"name": "map", "optional": true}}]}),
            vec![],
        ),
        (
            json!({"volumes": [{"name": "v", "configMap": {"name": "there", "items": [{"key": "a", "path": "a"}, {"key": "b", "path": "b"}]}}]}),
            vec![
                "reference/config-map spec.volumes[0].configMap.items[1].key the ConfigMap default/there has no key `b`",
            ],
        ),
        (
            json!({"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "s"}}]}}]}),
            vec![
                "reference/secret spec.volumes[0].projected.sources[0].secret.name the Secret default/s does not exist",
            ],
        ),
        (
            json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "disk"}}]}),
            vec![
                "reference/volume-claim spec.volumes[0].persistentVolumeClaim.claimName the PersistentVolumeClaim default/disk does not exist",
            ],
        ),
        (
            json!({"containers": [{"name": "c", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "known", "key": "password"}}}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "known", "key": "user"}}}]}]}),
            vec![
                "reference/secret spec.containers[0].env[1].valueFrom.secretKeyRef the Secret default/known has no key `user`",
            ],
        ),
        (
            json!({"containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "map"}}, {"secretRef": {"name": "s", "optional": true}}]}]}),
            vec![
                "reference/config-map spec.containers[0].envFrom[0].configMapRef.name the ConfigMap default/map does not exist",
            ],
        ),
        (json!({"volumes": [{"name": "v", "configMap": {"name": "kube-root-ca.crt"}}]}), vec![]),
    ] {
        let objects = [
            pod(spec.clone()),
            object("v1", "ConfigMap", "there", json!({"data": {"a": "1"}})),
            object("v1", "Secret", "known", json!({"stringData": {"password": "hunter2"}})),
        ];
        assert_eq!(found(&objects), expected, "{spec}");
    }
}

#[test]
fn a_stateful_set_mounts_the_claims_it_makes() {
    let set = object(
        "apps/v1",
        "StatefulSet",
        "s",
        json!({"spec": {
            "serviceName": "s",
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {
                    "containers": [{"name": "c"}],
                    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
                },
            },
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}],
        }}),
    );
    assert!(found(&[set]).is_empty());
}

#[test]
fn controllers_make_secrets() {
    let user = |name: &str, key: &str| {
        pod(
            json!({"containers": [{"name": "c", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}]}]}),
        )
    };
    let class = object(
        "secrets-store.csi.x-k8s.io/v1",
        "SecretProviderClass",
        "c",
        json!({"spec": {
            "secretObjects": [{"secretName": "synced", "type": "Opaque", "data": [{"key": "a", "objectName": "o"}]}],
        }}),
    );
    let certificate =
        object("cert-manager.io/v1", "Certificate", "c", json!({"spec": {"secretName": "tls"}}));
    let external = object(
        "external-secrets.io/v1",
        "ExternalSecret",
        "ext",
        json!({"spec": {"data": [{"secretKey": "a"}]}}),
    );
    for (name, key, expected) in [
        ("synced", "a", 0),
        ("synced", "b", 1),
        ("tls", "tls.crt", 0),
        ("tls", "password", 1),
        ("ext", "a", 0),
        ("ext", "b", 1),
        ("none", "a", 1),
    ] {
        let objects = [user(name, key), class.clone(), certificate.clone(), external.clone()];
        let findings = check_with(&objects, "1.34", Vec::new());
        let about = findings.iter().filter(|finding| finding.rule == Rule::ReferenceSecret).count();
        assert_eq!(about, expected, "{name} {key}");
    }
}

#[test]
fn bindings_and_traffic_lead_somewhere() {
    let binding = object(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "b",
        json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "robot"}, {"kind": "Group", "name": "g", "apiGroup": "rbac.authorization.k8s.io"}],
        }),
    );
    assert_eq!(
        found(&[binding]),
        [
            "reference/role roleRef.name the Role default/reader does not exist",
            "reference/service-account subjects[0].name the ServiceAccount default/robot does not exist",
        ]
    );
    let cluster_wide = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
    });
    assert!(found(&[cluster_wide]).is_empty());
    let ingress = |annotations: Value| {
        let mut ingress = object(
            "networking.k8s.io/v1",
            "Ingress",
            "i",
            json!({"spec": {
                "rules": [{"http": {"paths": [
                    {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}},
                    {"path": "/r", "pathType": "Prefix", "backend": {"service": {"name": "redirect", "port": {"name": "use-annotation"}}}},
                ]}}],
                "tls": [{"secretName": "tls"}],
            }}),
        );
        ingress["metadata"]["annotations"] = annotations;
        ingress
    };
    assert_eq!(
        found(&[ingress(json!({}))]),
        [
            "reference/service spec.rules[0].http.paths[0].backend.service.name the Service default/web does not exist",
            "reference/secret spec.tls[0].secretName the Secret default/tls does not exist",
        ]
    );
    assert_eq!(
        found(&[ingress(json!({"cert-manager.io/cluster-issuer": "letsencrypt"}))]).len(),
        1
    );
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better")]
fn deployment(name: &str, labels: Value, spec: Value) -> Value {
    let mut whole = json!({
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": "c:1", "ports": [{"name": "http", "containerPort": 8080}]}]},
        },
    });
    for (key, value) in spec.as_object().expect("fields") {
        whole[key] = value.clone();
    }
    object("apps/v1", "Deployment", name, json!({"spec": whole}))
}

#[test]
fn selectors_and_ports_of_services_match() {
    let service = |selector: Value, target: Value| {
        object(
            "v1",
            "Service",
            "web",
            // Numbers of Jsonnet are floats.
            json!({"spec": {"selector": selector, "ports": [{"name": "http", "port": 80.0, "targetPort": target}]}}),
        )
    };
    let web = || deployment("web", json!({"app": "web", "tier": "front"}), json!({}));
    assert!(found(&[service(json!({"app": "web"}), json!("http")), web()]).is_empty());
    assert!(found(&[service(json!({"app": "web"}), json!(9)), web()]).is_empty());
    assert_eq!(
        found(&[service(json!({"app": "web"}), json!("htp")), web()]),
        [
            "reference/pods spec.ports[0].targetPort no container of the pods behind this Service has a port called `htp`"
        ]
    );
    let unmatched =
        ["reference/pods spec.selector no pods of the namespace have the labels of this Service"];
    assert_eq!(found(&[service(json!({"app": "wbe"}), json!(1)), web()]), unmatched);
    assert_eq!(
        found(&[service(json!({"app": "web", "tier": "back"}), json!(1)), web()]),
        unmatched
    );
    // A label that is added while the pods run.
    assert!(found(&[service(json!({"app": "web", "leader": "true"}), json!(1)), web()]).is_empty());
    // An operator may make the pods; a certificate makes none.
    let other = |version: &str, kind: &str| {
        let objects = [
            service(json!({"app": "wbe"}), json!(1)),
            web(),
            object(version, kind, "x", json!({})),
        ];
        found(&objects).contains(&unmatched[0].to_owned())
    };
    assert!(!other("example.com/v1", "Database"));
    assert!(other("cert-manager.io/v1", "Certificate"));

    let ingress = |port: Value| {
        object(
            "networking.k8s.io/v1",
            "Ingress",
            "i",
            json!({"spec": {"defaultBackend": {"service": {"name": "web", "port": port}}}}),
        )
    };
    let with =
        |port: Value| found(&[ingress(port), service(json!({"app": "web"}), json!("http")), web()]);
    assert!(with(json!({"number": 80})).is_empty());
    assert!(with(json!({"name": "http"})).is_empty());
    let path = "reference/port spec.defaultBackend.service.name";
    assert_eq!(
        with(json!({"number": 81})),
        [format!("{path} the Service default/web has no port 81")]
    );
    assert_eq!(
        with(json!({"name": "web"})),
        [format!("{path} the Service default/web has no port `web`")]
    );
}

#[test]
fn budgets_let_pods_go() {
    let budget = |spec: Value| {
        let mut spec = spec;
        spec["selector"] = json!({"matchLabels": {"app": "web"}});
        object("policy/v1", "PodDisruptionBudget", "web", json!({"spec": spec}))
    };
    let scaler = object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "web",
        json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}}),
    );
    let with = |spec: Value, replicas: Value, more: &[Value]| {
        let web = deployment("web", json!({"app": "web"}), json!({"replicas": replicas}));
        found(&[&[budget(spec), web], more].concat())
    };
    assert!(with(json!({"maxUnavailable": 1}), json!(1), &[]).is_empty());
    assert!(with(json!({"minAvailable": 1}), json!(2), &[]).is_empty());
    assert!(with(json!({"minAvailable": 1}), json!(0), &[]).is_empty());
    assert!(with(json!({"minAvailable": 1}), json!(1), &[scaler]).is_empty());
    for (spec, expected) in [
        (
            json!({"maxUnavailable": 0}),
            "workload/disruption spec.maxUnavailable the budget never lets a pod go",
        ),
        (
            json!({"minAvailable": "100%"}),
            "workload/disruption spec.minAvailable the budget never lets a pod go",
        ),
        (
            json!({"minAvailable": 2.0}),
            "workload/disruption spec.minAvailable the budget never lets a pod go: 2 must be there, of 2",
        ),
    ] {
        assert_eq!(with(spec, json!(2.0), &[]), [expected]);
    }
    assert_eq!(
        found(&[budget(json!({"maxUnavailable": 1}))]),
        [
            "reference/pods spec.selector no pods of the namespace have the labels of this PodDisruptionBudget"
        ]
    );
}

#[test]
fn what_is_scaled_and_classes_exist() {
    let scaler = object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "web",
        json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}}),
    );
    assert_eq!(
        found(std::slice::from_ref(&scaler)),
        [
            "reference/scale-target spec.scaleTargetRef.name the Deployment default/web does not exist"
        ]
    );
    assert!(found(&[scaler, deployment("web", json!({"app": "web"}), json!({}))]).is_empty());
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        "c",
        json!({"spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
    );
    assert_eq!(
        found(&[
            claim,
            pod(json!({"priorityClassName": "high", "runtimeClassName": "gvisor"})),
            pod(json!({"priorityClassName": "system-node-critical"}))
        ])
        .into_iter()
        .filter(|line| line.starts_with("reference/"))
        .collect::<Vec<_>>(),
        [
            "reference/class spec.storageClassName the StorageClass fast does not exist",
            "reference/class spec.priorityClassName the PriorityClass high does not exist",
            "reference/class spec.runtimeClassName the RuntimeClass gvisor does not exist",
        ]
    );
}

#[test]
fn secrets_stand_in_secrets() {
    let key = format!("-----BEGIN {}KEY-----\n{}\n", "PRIVATE ", "aB3+".repeat(20));
    let map = object("v1", "ConfigMap", "c", json!({"data": {"tls.key": key}}));
    let findings = check_with(
        &[map, object("v1", "Secret", "s", json!({"stringData": {"tls.key": key}}))],
        "1.34",
        Vec::new(),
    );
    assert_eq!(
        lines(&findings),
        [
            "secret/plain data[\"tls.key\"] this looks like a private key, in an object that is no Secret"
        ]
    );
    assert!(!serde_json::to_string(&findings).expect("json").contains("aB3"));
}

#[test]
fn objects_accept_findings_with_a_reason() {
    let ignoring = |line: &str| {
        let mut map = object("v1", "ConfigMap", "c", json!({"dat": {}}));
        map["metadata"]["annotations"] = json!({"check.renga.dev/ignore": line});
        let release = Release::of("1.34").expect("a release");
        let manifest = Manifest::new(map, "test").expect("a manifest");
        let surveys = [Survey::new("env", "cluster", vec![manifest], &release)];
        let definitions = Definitions::default();
        let findings =
            check(&surveys, &CheckOptions { release, provided: Vec::new(), definitions });
        let verdict = judge(
            findings,
            &surveys,
            &Judgement {
                severities: &[],
                suppressions: &[],
                today: Day { year: 2026, month: 1, day: 1 },
                complete: true,
            },
        );
        let reasons: Vec<String> = verdict.suppressed.into_iter().map(|one| one.reason).collect();
        (lines(&verdict.findings), reasons)
    };
    let unknown = "schema/unknown-field  unknown field `dat`, did you mean `data`?".to_owned();
    let path = "metadata.annotations[\"check.renga.dev/ignore\"]";
    assert_eq!(
        ignoring("object/namespace, schema/unknown-field: patched: see there"),
        (vec![], vec!["patched: see there".to_owned()])
    );
    assert_eq!(ignoring("schema/*: r").1.len(), 1);
    assert_eq!(
        ignoring("schema/unknown-field").0,
        [
            unknown.clone(),
            format!("suppression/invalid {path} no reason is given to ignore schema/unknown-field")
        ]
    );
    assert_eq!(
        ignoring("schema/unknown-fields: r").0,
        [
            unknown.clone(),
            format!(
                "suppression/invalid {path} no rule is called `schema/unknown-fields`, did you mean `schema/unknown-field`?"
            )
        ]
    );
    assert_eq!(
        ignoring("object/duplicate: r").0,
        [
            unknown,
            format!("suppression/unused {path} ignores object/duplicate, which finds nothing here")
        ]
    );
}

#[test]
fn no_finding_shows_a_value_of_a_secret() {
    let objects = [
        object(
            "v1",
            "Secret",
            "s",
            json!({"data": {"a": "hunter2!"}, "stringData": {"b": 5}, "typ": "hunter2"}),
        ),
        object("v1", "Secret", "s", json!({})),
    ];
    let findings = check_with(&objects, "1.34", Vec::new());
    assert_eq!(findings.len(), 4);
    assert!(!serde_json::to_string(&findings).expect("json").contains("hunter2"));
}

#[test]
fn every_rule_is_documented() {
    let text = include_str!("../../../docs/rules.md");
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(headings, rules, "docs/rules.md lists the rules in the order of `Rule`");
}
