//! The same manifests applied by `kubectl` and by this crate give the same live objects.
//!
//! Runs where `RENGA_TEST_KUBECTL` names a kubectl, or one is on the path; tried with 0.36.3.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use renga_cluster::{ApplyOptions, ApplyStrategy, Cluster, DiffStatus, DiffStrategy};
use renga_manifest::Manifest;
use renga_test::TestCluster;
use serde_json::{Value, json};

use crate::support::{context, deployment, diff, fresh, live, manifest, outcomes, server};

struct Kubectl<'a> {
    program: String,
    server: &'a TestCluster,
}

impl<'a> Kubectl<'a> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by a variable what to run")]
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn find(server: &'a TestCluster) -> Option<Self> {
        let program = std::env::var("RENGA_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let works = Command::new(&program).args(["version", "--client"]).output();
        if works.is_ok_and(|output| output.status.success()) {
            return Some(Self { program, server });
        }
        println!("skipped: there is no kubectl to compare with");
        None
    }

    fn run(&self, arguments: &[&str], manifest: &Manifest) -> (bool, String) {
        let mut child = Command::new(&self.program)
            .arg("--kubeconfig")
            .arg(&self.server.kubeconfig)
            .args(arguments)
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(manifest.value().to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}

/// A live object without what differs from one creation to the next.
fn essence(mut live: Value, namespace: &str) -> Value {
    let metadata = live["metadata"].as_object_mut().unwrap();
    for key in ["uid", "resourceVersion", "creationTimestamp", "generation", "namespace"] {
        metadata.shift_remove(key);
    }
    // Who owns nothing has no entry.
    if let Some(fields) = metadata.get_mut("managedFields").and_then(Value::as_array_mut) {
        fields.retain(|field| field["manager"] != "kube-controller-manager");
        for field in &mut *fields {
            field.as_object_mut().unwrap().shift_remove("time");
        }
        fields.sort_by_key(|field| field["manager"].to_string());
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.shift_remove("deployment.kubernetes.io/revision");
        if annotations.is_empty() {
            metadata.shift_remove("annotations");
        }
    }
    if let Some(object) = live.as_object_mut() {
        object.shift_remove("status");
    }
    if let Some(spec) = live.get_mut("spec").and_then(Value::as_object_mut) {
        for key in ["clusterIP", "clusterIPs"] {
            spec.shift_remove(key);
        }
    }
    serde_json::from_str(&live.to_string().replace(namespace, "NAMESPACE")).unwrap()
}

type Change = fn(&mut Value);

/// A story: the first manifest, and what is done to it, step by step.
struct Story {
    name: &'static str,
    first: fn(&str) -> Value,
    steps: &'static [Change],
}

fn service(namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "s", "namespace": namespace, "annotations": {"a": "1", "b": "2"}},
        "spec": {"selector": {"app": "a"}, "ports": [
            {"name": "dns", "port": 53, "protocol": "TCP"},
            {"name": "dns-udp", "port": 53, "protocol": "UDP"},
            {"name": "web", "port": 80, "targetPort": "http"}]}})
}

fn config(namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": namespace, "labels": {"x": "1"},
            "finalizers": ["example.com/a", "example.com/b"]},
        "data": {"a": "1", "b": "<&>", "n": "null"}})
}

fn web(namespace: &str) -> Value {
    let mut value = deployment(namespace, "web");
    let spec = &mut value["spec"]["template"]["spec"];
    spec["volumes"] =
        json!([{"name": "tmp", "emptyDir": {}}, {"name": "conf", "configMap": {"name": "c"}}]);
    spec["containers"][0]["volumeMounts"] = json!([
        {"name": "tmp", "mountPath": "/tmp"}, {"name": "conf", "mountPath": "/etc/conf"}]);
    spec["tolerations"] = json!([{"key": "a", "operator": "Exists"}]);
    value
}

fn role(namespace: &str) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": "r", "namespace": namespace},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
            {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]})
}

fn account(namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "sa", "namespace": namespace},
        "imagePullSecrets": [{"name": "one"}, {"name": "two"}]})
}

const STORIES: &[Story] = &[
    Story {
        name: "fields, labels and texts",
        first: config,
        steps: &[
            |v| v["data"] = json!({"a": "2", "c": "new"}),
            |v| v["metadata"]["labels"] = json!({"y": "2"}),
            |v| {
                v.as_object_mut().unwrap().shift_remove("data");
            },
            |v| v["metadata"]["finalizers"] = json!(["example.com/b"]),
            |v| v["metadata"]["finalizers"] = json!([]),
        ],
    },
    Story {
        name: "ports with two keys",
        first: service,
        steps: &[
            |v| v["spec"]["ports"][2]["port"] = json!(8080),
            |v| {
                v["spec"]["ports"].as_array_mut().unwrap().remove(1);
            },
            |v| v["spec"]["ports"].as_array_mut().unwrap().reverse(),
            |v| v["metadata"]["annotations"] = json!({"b": "3"}),
            |v| v["spec"]["selector"] = json!({"app": "b", "tier": "c"}),
        ],
    },
    Story {
        name: "containers, env and volumes",
        first: web,
        steps: &[
            |v| {
                let env = &mut v["spec"]["template"]["spec"]["containers"][0]["env"];
                *env = json!([{"name": "C", "value": "3"}, {"name": "A", "value": "1"}]);
            },
            |v| {
                let containers =
                    v["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
                containers.insert(0, json!({"name": "first", "image": "example.com/b:2"}));
            },
            |v| {
                let spec = &mut v["spec"]["template"]["spec"];
                spec["volumes"] = json!([{"name": "tmp", "emptyDir": {"medium": "Memory"}},
                    {"name": "conf", "secret": {"secretName": "c"}}]);
            },
            |v| v["spec"]["strategy"] = json!({"type": "Recreate"}),
            |v| {
                v["spec"].as_object_mut().unwrap().shift_remove("strategy");
            },
            |v| {
                let containers =
                    v["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
                containers.remove(0);
            },
            |v| {
                v["spec"]["template"]["spec"]["tolerations"] =
                    json!([{"key": "b", "operator": "Exists"}]);
            },
            |v| {
                v["spec"]["template"]["spec"]["containers"][0]["resources"] =
                    json!({"limits": {"cpu": "1000m", "memory": "0.5Gi"}});
            },
            |v| v["spec"]["template"]["spec"]["containers"][0]["env"] = json!(null),
        ],
    },
    Story {
        name: "lists that are replaced",
        first: role,
        steps: &[
            |v| v["rules"][0]["verbs"] = json!(["list"]),
            |v| {
                v["rules"].as_array_mut().unwrap().remove(0);
            },
            |v| v["rules"] = json!([]),
        ],
    },
    Story {
        name: "references by name",
        first: account,
        steps: &[
            |v| v["imagePullSecrets"] = json!([{"name": "two"}, {"name": "three"}]),
            |v| {
                v.as_object_mut().unwrap().shift_remove("imagePullSecrets");
            },
        ],
    },
];

/// Another manager's hand in it: a label and an annotation that no manifest has.
fn meddle(server: &TestCluster, admin: &Cluster, manifest: &Manifest) {
    // Who is the first to annotate owns the map of annotations, too: let that be the controller.
    for _ in 0..200 {
        let live = live(admin, manifest);
        if manifest.kind() != "Deployment" || live["metadata"].get("annotations").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let plural = match manifest.kind() {
        "ConfigMap" => "api/v1/namespaces/{}/configmaps",
        "Service" => "api/v1/namespaces/{}/services",
        "ServiceAccount" => "api/v1/namespaces/{}/serviceaccounts",
        "Deployment" => "apis/apps/v1/namespaces/{}/deployments",
        _ => "apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    };
    let path = format!(
        "/{}/{}?fieldManager=meddler",
        plural.replace("{}", manifest.namespace()),
        manifest.name()
    );
    let patch =
        json!({"metadata": {"labels": {"meddled": "yes"}, "annotations": {"meddled": "too"}}});
    crate::support::raw_merge_patch(server, &path, &patch);
}

struct Pair {
    theirs: Manifest,
    ours: Manifest,
}

fn compare(
    admin: &Cluster,
    kubectl: &Kubectl<'_>,
    arguments: &[&str],
    options: &ApplyOptions,
    pair: &Pair,
    first_arguments: &[&str],
    what: &str,
) -> bool {
    let (good, text) = kubectl.run(arguments, &pair.theirs);
    let report = admin.apply(std::slice::from_ref(&pair.ours), options, &()).unwrap();
    // The one thing that is better here: what was applied from the client's side is moved before
    // the apply, not after it.
    let moved = options.strategy == ApplyStrategy::Server && arguments != first_arguments;
    if moved && !good && report.succeeded() {
        return false;
    }
    assert!(good == report.succeeded(), "{what}: {text} {:?}", outcomes(&report));
    let theirs = essence(live(admin, &pair.theirs), pair.theirs.namespace());
    let ours = essence(live(admin, &pair.ours), pair.ours.namespace());
    assert_eq!(
        serde_json::to_string_pretty(&ours).unwrap(),
        serde_json::to_string_pretty(&theirs).unwrap(),
        "{what}"
    );
    true
}

/// Plays all stories with both programs, each in a namespace of its own.
fn play(
    strategy: ApplyStrategy,
    arguments: &[&str],
    first_with: ApplyStrategy,
    first_arguments: &[&str],
) {
    let Some(server) = server() else { return };
    let Some(kubectl) = Kubectl::find(server) else { return };
    let admin = context(server, "admin");
    let options = ApplyOptions {
        strategy,
        force: strategy == ApplyStrategy::Server,
        ..ApplyOptions::default()
    };
    let first_options = ApplyOptions { strategy: first_with, ..ApplyOptions::default() };
    let shown = match strategy {
        ApplyStrategy::Client => DiffStrategy::Native,
        ApplyStrategy::Server => DiffStrategy::Server,
    };
    for story in STORIES {
        for meddled in [false, true] {
            let spaces = [fresh(&admin, "their"), fresh(&admin, "ours")];
            let mut values = spaces.each_ref().map(|namespace| (story.first)(namespace));
            let pair = |values: &[Value; 2]| Pair {
                theirs: manifest(values[0].clone()),
                ours: manifest(values[1].clone()),
            };
            let first = pair(&values);
            let what = format!("{} (meddled: {meddled})", story.name);
            compare(
                &admin,
                &kubectl,
                first_arguments,
                &first_options,
                &first,
                first_arguments,
                &what,
            );
            if meddled {
                meddle(server, &admin, &first.theirs);
                meddle(server, &admin, &first.ours);
            }
            for (index, step) in story.steps.iter().enumerate() {
                values.iter_mut().for_each(step);
                let both = pair(&values);
                let what = format!("{what}, step {index}");
                let promise = diff(&admin, std::slice::from_ref(&both.ours), shown);
                if !compare(&admin, &kubectl, arguments, &options, &both, first_arguments, &what) {
                    break;
                }
                let shown = &promise.objects[0];
                if !matches!(shown.status, DiffStatus::Changed) {
                    continue;
                }
                // What the diff said came about.
                let promised = shown.merged.clone().unwrap();
                let now = live(&admin, &both.ours);
                for part in ["spec", "data", "rules", "imagePullSecrets"] {
                    assert_eq!(promised.get(part), now.get(part), "{what}: {part}");
                }
                let labels = |v: &Value| v["metadata"].get("labels").cloned();
                assert_eq!(labels(&promised), labels(&now), "{what}");
            }
            // Nobody finds anything to do any more.
            let last = pair(&values);
            let manifests = [last.ours];
            let report = admin.apply(&manifests, &options, &()).unwrap();
            assert!(
                outcomes(&report).iter().all(|text| text.ends_with(" unchanged")),
                "{what}: {:?}",
                outcomes(&report)
            );
        }
    }
}

const SERVER_SIDE: &[&str] =
    &["apply", "--server-side", "--field-manager=tanka", "--force-conflicts"];

#[test]
fn client_side_applies_are_kubectls() {
    play(ApplyStrategy::Client, &["apply"], ApplyStrategy::Client, &["apply"]);
}

#[test]
fn server_side_applies_are_kubectls() {
    play(ApplyStrategy::Server, SERVER_SIDE, ApplyStrategy::Server, SERVER_SIDE);
}

#[test]
fn a_move_to_the_servers_side_is_kubectls() {
    play(ApplyStrategy::Server, SERVER_SIDE, ApplyStrategy::Client, &["apply"]);
}
