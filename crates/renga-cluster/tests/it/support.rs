//! What the tests share: the server, contexts of it, manifests, a place of one's own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use renga_cluster::{
    ApplyOptions, ApplyReport, Choice, Cluster, ClusterOptions, DiffOptions, DiffReport,
    DiffStatus, DiffStrategy, Event, Kubeconfig, KubeconfigPaths, Observer, Outcome,
};
use renga_manifest::Manifest;
use renga_test::TestCluster;
use serde_json::{Value, json};

/// The server, whichever it is; none after a printed reason.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(crate) fn server() -> Option<&'static TestCluster> {
    match TestCluster::shared() {
        Ok(cluster) => Some(cluster),
        Err(reason) => {
            println!("{reason}");
            None
        }
    }
}

/// The server of `shared/apiserver`, for what needs its contexts.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(crate) fn own_server() -> Option<&'static TestCluster> {
    let server = server()?;
    if !server.is_own {
        println!("skipped: the contexts of shared/apiserver are needed");
        return None;
    }
    Some(server)
}

/// The kubeconfig of a file.
pub(crate) fn load(path: &Path) -> Kubeconfig {
    let paths =
        KubeconfigPaths { variable: Some(path.into()), home: None, directory: PathBuf::new() };
    Kubeconfig::load(&paths).unwrap()
}

/// The variables of this process, for login programs.
pub(crate) fn options() -> ClusterOptions {
    ClusterOptions { variables: std::env::vars_os().collect(), ..ClusterOptions::default() }
}

/// A context of a kubeconfig.
pub(crate) fn context_of(path: &Path, context: &str, options: ClusterOptions) -> Cluster {
    let target = load(path).choose(Choice::ContextNames(&[context.to_owned()])).unwrap();
    Cluster::new(target, options)
}

/// A context of the server; on a server that is not ours, the current one.
pub(crate) fn context(server: &TestCluster, context: &str) -> Cluster {
    let kubeconfig = &server.kubeconfig;
    let context = if server.is_own {
        context.to_owned()
    } else {
        load(kubeconfig).current_context().to_owned()
    };
    context_of(kubeconfig, &context, options())
}

/// The kubeconfig as data, to be changed by a test.
pub(crate) fn kubeconfig_value(server: &TestCluster) -> Value {
    let text = std::fs::read(&server.kubeconfig).unwrap();
    renga_yaml::read(&text, renga_yaml::Flavour::SigsYaml).unwrap()
}

/// The entry of a section, by name.
pub(crate) fn entry<'a>(config: &'a mut Value, section: &str, name: &str) -> &'a mut Value {
    let entries = config[section].as_array_mut().unwrap();
    entries.iter_mut().find(|entry| entry["name"] == name).unwrap()
}

pub(crate) fn manifest(value: Value) -> Manifest {
    Manifest::new(value, ".").unwrap()
}

pub(crate) fn namespace(name: &str) -> Manifest {
    manifest(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
}

pub(crate) fn config_map(namespace: &str, name: &str, data: Value) -> Manifest {
    manifest(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace}, "data": data}))
}

pub(crate) fn deployment(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "example.com/a:1",
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                    "ports": [{"containerPort": 80, "name": "http"}]}]}}}})
}

pub(crate) fn definition(group: &str, plural: &str, kind: &str) -> Manifest {
    manifest(json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {"group": group, "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]}}))
}

/// A namespace of the test's own on the server, made by `admin`.
pub(crate) fn fresh(admin: &Cluster, prefix: &str) -> String {
    let name = TestCluster::fresh_name(prefix);
    created(&apply(admin, &[namespace(&name)], &ApplyOptions::default()));
    name
}

pub(crate) fn apply(
    cluster: &Cluster,
    manifests: &[Manifest],
    options: &ApplyOptions,
) -> ApplyReport {
    cluster.apply(manifests, options, &()).unwrap()
}

pub(crate) fn diff(
    cluster: &Cluster,
    manifests: &[Manifest],
    strategy: DiffStrategy,
) -> DiffReport {
    cluster.diff(manifests, &DiffOptions { strategy }, &()).unwrap()
}

/// The outcomes of an apply in words: `Kind/name outcome`.
pub(crate) fn outcomes(report: &ApplyReport) -> Vec<String> {
    report
        .objects
        .iter()
        .map(|o| match &o.outcome {
            Outcome::Failed(error) => {
                format!("{}/{} failed: {error}", o.object.kind, o.object.name)
            }
            Outcome::NotAttempted(reason) => {
                format!("{}/{} not attempted: {reason}", o.object.kind, o.object.name)
            }
            outcome => format!("{}/{} {}", o.object.kind, o.object.name, outcome.name()),
        })
        .collect()
}

/// Asserts that all was created.
pub(crate) fn created(report: &ApplyReport) {
    assert!(
        report.objects.iter().all(|o| matches!(o.outcome, Outcome::Created)),
        "{:?}",
        outcomes(report)
    );
}

/// The outcome of a diff in words.
pub(crate) fn statuses(report: &DiffReport) -> Vec<String> {
    report
        .objects
        .iter()
        .map(|o| {
            let status = match &o.status {
                DiffStatus::Created => "created".to_owned(),
                DiffStatus::CreatedWith(what) => format!("created with {what}"),
                DiffStatus::Changed => "changed".to_owned(),
                DiffStatus::Unchanged => "unchanged".to_owned(),
                DiffStatus::Failed(error) => format!("failed: {error}"),
                DiffStatus::NotAttempted => "not attempted".to_owned(),
            };
            format!("{}/{} {status}", o.object.kind, o.object.name)
        })
        .collect()
}

/// The live object of a manifest.
pub(crate) fn live(cluster: &Cluster, manifest: &Manifest) -> Value {
    cluster.live(std::slice::from_ref(manifest), &()).unwrap().remove(0).unwrap().unwrap()
}

/// Whether the live object of a manifest is there.
pub(crate) fn is_there(cluster: &Cluster, manifest: &Manifest) -> bool {
    cluster.live(std::slice::from_ref(manifest), &()).unwrap().remove(0).unwrap().is_some()
}

/// Keeps what happened, as text.
#[derive(Default)]
pub(crate) struct Recorder(pub(crate) RefCell<Vec<String>>);

impl Observer for Recorder {
    fn event(&self, event: &Event<'_>) {
        self.0.borrow_mut().push(match event {
            Event::Warning(text) => format!("warning: {text}"),
            Event::Retrying { request, error, .. } => format!("retrying {request}: {error}"),
            other => format!("{other:?}"),
        });
    }
}

impl Recorder {
    pub(crate) fn with(&self, part: &str) -> Vec<String> {
        self.0.borrow().iter().filter(|text| text.contains(part)).cloned().collect()
    }
}

/// An error with its help, as a user sees it.
pub(crate) fn told(error: &(dyn miette::Diagnostic + 'static)) -> String {
    let help = error.help().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    format!("{}{help}", renga_diag::chain(error))
}

/// Sends a request past the library, as `admin`.
pub(crate) fn raw(
    server: &TestCluster,
    method: http::Method,
    path: &str,
    content_type: &str,
    body: &Value,
) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kubeconfig = kube::config::Kubeconfig::read_from(&server.kubeconfig).unwrap();
        let options = kube::config::KubeConfigOptions {
            context: server.is_own.then(|| "admin".into()),
            ..kube::config::KubeConfigOptions::default()
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        let client = kube::Client::try_from(config).unwrap();
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type)
            .body(body.to_string().into_bytes())
            .unwrap();
        client.request(request).await.unwrap()
    })
}

/// Applies a config map as another manager, taking over all fields.
pub(crate) fn raw_apply(server: &TestCluster, map: &Manifest, manager: &str) {
    let path = format!(
        "/api/v1/namespaces/{}/configmaps/{}?fieldManager={manager}&force=true",
        map.namespace(),
        map.name()
    );
    raw(server, http::Method::PATCH, &path, "application/apply-patch+yaml", map.value());
}

/// Sends a merge patch.
pub(crate) fn raw_merge_patch(server: &TestCluster, path: &str, patch: &Value) {
    raw(server, http::Method::PATCH, path, "application/merge-patch+json", patch);
}
