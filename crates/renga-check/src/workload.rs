//! What Services, budgets and workloads say of pods: labels, selectors, ports, replicas.

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::object::ObjectName;

/// The part that an object has in the traffic and in the running of pods.
#[derive(Debug)]
pub(crate) enum Part {
    /// It makes pods, or is one.
    Pods(Box<Pods>),
    Service(Box<Service>),
    Budget(Box<Budget>),
    /// It scales a workload: kind and name.
    Scaler(Box<(String, String)>),
    None,
}

pub(crate) type Labels = Vec<(Box<str>, Box<str>)>;

#[derive(Debug)]
pub(crate) struct Pods {
    pub(crate) labels: Labels,
    /// The named ports of all containers.
    pub(crate) ports: Vec<Box<str>>,
    /// How many there are; `None` where that is not a number of the manifest.
    pub(crate) replicas: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Service {
    /// Empty where none is given: endpoints come from elsewhere.
    pub(crate) selector: Labels,
    pub(crate) ports: Vec<ServicePort>,
    /// It only stands for a name elsewhere.
    pub(crate) external: bool,
}

#[derive(Debug)]
pub(crate) struct ServicePort {
    pub(crate) name: Option<Box<str>>,
    pub(crate) number: Option<u64>,
    /// The port of the pods, where it is a name.
    pub(crate) target: Option<Box<str>>,
}

#[derive(Debug)]
pub(crate) struct Budget {
    /// `None` where it is more than a few labels.
    pub(crate) selector: Option<Labels>,
    pub(crate) min_available: Option<Amount>,
    pub(crate) max_unavailable: Option<Amount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    Count(u64),
    Percent(u64),
}

impl Part {
    pub(crate) fn of(name: &ObjectName, value: &Value) -> Self {
        let part = match (name.group(), name.kind.as_str()) {
            ("", "Pod") => Some(pods(value, None)),
            (
                "" | "apps",
                "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController",
            ) => {
                let replicas = value.pointer("/spec/replicas");
                let replicas = replicas.map_or(Some(1), whole);
                template(value, "/spec/template", replicas)
            }
            ("apps", "DaemonSet") | ("batch", "Job") => template(value, "/spec/template", None),
            ("batch", "CronJob") => template(value, "/spec/jobTemplate/spec/template", None),
            ("", "Service") => Some(Self::Service(Box::new(service(value)))),
            ("policy", "PodDisruptionBudget") => Some(Self::Budget(Box::new(budget(value)))),
            ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
                value.pointer("/spec/scaleTargetRef").and_then(|target| {
                    let kind = target.get("kind").and_then(Value::as_str).unwrap_or("Deployment");
                    let name = target.get("name").and_then(Value::as_str)?;
                    Some(Self::Scaler(Box::new((kind.to_owned(), name.to_owned()))))
                })
            }
            _ => None,
        };
        part.unwrap_or(Self::None)
    }
}

fn template(value: &Value, pointer: &str, replicas: Option<u64>) -> Option<Part> {
    Some(pods(value.pointer(pointer)?, replicas))
}

fn pods(pod: &Value, replicas: Option<u64>) -> Part {
    let containers = ["containers", "initContainers"];
    let containers = containers.iter().filter_map(|field| pod.get("spec")?.get(*field)?.as_array());
    let ports = containers.flatten().filter_map(|container| container.get("ports")?.as_array());
    let names = ports.flatten().filter_map(|port| Some(port.get("name")?.as_str()?.into()));
    Part::Pods(Box::new(Pods {
        labels: labels(pod.pointer("/metadata/labels")),
        ports: names.collect(),
        replicas,
    }))
}

fn labels(value: Option<&Value>) -> Labels {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    fields.filter_map(|(key, value)| Some((key.as_str().into(), value.as_str()?.into()))).collect()
}

fn service(value: &Value) -> Service {
    let ports = value.pointer("/spec/ports").and_then(Value::as_array);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(Into::into);
    Service {
        selector: labels(value.pointer("/spec/selector")),
        ports: ports
            .into_iter()
            .flatten()
            .map(|port| ServicePort {
                name: text(port.get("name")),
                number: port.get("port").and_then(whole),
                // A number written as text is none that is a name.
                target: port
                    .get("targetPort")
                    .and_then(Value::as_str)
                    .filter(|target| target.parse::<u64>().is_err())
                    .map(Into::into),
            })
            .collect(),
        external: value.pointer("/spec/type").and_then(Value::as_str) == Some("ExternalName"),
    }
}

fn budget(value: &Value) -> Budget {
    let spec = value.get("spec");
    let selector = spec.and_then(|spec| spec.get("selector"));
    let plain = selector.is_some_and(|selector| selector.get("matchExpressions").is_none());
    let amount = |field: &str| amount(spec?.get(field)?);
    Budget {
        selector: plain.then(|| labels(selector.and_then(|selector| selector.get("matchLabels")))),
        min_available: amount("minAvailable"),
        max_unavailable: amount("maxUnavailable"),
    }
}

fn amount(value: &Value) -> Option<Amount> {
    match value {
        Value::String(text) => match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(Amount::Percent),
            None => text.parse().ok().map(Amount::Count),
        },
        _ => whole(value).map(Amount::Count),
    }
}

/// A whole number; in Jsonnet every number is a float.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
        format!("{number:.0}").parse().ok()
    })
}

/// Whether a selector takes pods with these labels.
pub(crate) fn takes(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|wanted| labels.contains(wanted))
}

/// Whether a selector may take such pods when labels are added to them while they run: no label says
/// otherwise, and one fits, or all are such labels.
pub(crate) fn may_take(selector: &Labels, labels: &Labels) -> bool {
    let of = |key: &str| labels.iter().find(|(known, _)| **known == *key);
    let mut fitting = 0;
    let mut added = 0;
    for (key, value) in selector {
        match of(key) {
            Some((_, other)) if other != value => return false,
            Some(_) => fitting += 1,
            None if is_added(key) => added += 1,
            None => {}
        }
    }
    fitting > 0 || added == selector.len()
}

/// Labels that Kubernetes puts on pods.
fn is_added(key: &str) -> bool {
    matches!(
        key,
        "job-name"
            | "controller-uid"
            | "pod-template-hash"
            | "controller-revision-hash"
            | "statefulset.kubernetes.io/pod-name"
            | "apps.kubernetes.io/pod-index"
    ) || key.starts_with("batch.kubernetes.io/")
}

/// The workloads of a namespace.
#[derive(Debug, Default)]
pub(crate) struct Workloads<'s> {
    pub(crate) pods: Vec<(&'s ObjectName, &'s Pods)>,
    /// Kind and name of what is scaled.
    pub(crate) scaled: Vec<(&'s str, &'s str)>,
    /// Custom resources are there that may make pods.
    pub(crate) open: bool,
}

/// The workloads by namespace.
pub(crate) type Namespaces<'s> = FxHashMap<&'s str, Workloads<'s>>;

/// Groups of custom resources that make no pods: configuration, certificates, secrets, traffic, metrics.
const WITHOUT_PODS: [&str; 21] = [
    "acme.cert-manager.io",
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "configuration.konghq.com",
    "crd.projectcalico.org",
    "elbv2.k8s.aws",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "kustomize.toolkit.fluxcd.io",
    "kyverno.io",
    "monitoring.googleapis.com",
    "networking.istio.io",
    "notification.toolkit.fluxcd.io",
    "projectcontour.io",
    "secrets-store.csi.x-k8s.io",
    "security.istio.io",
    "source.toolkit.fluxcd.io",
    "traefik.io",
    "vpcresources.k8s.aws",
];

/// Whether a custom resource may make pods.
pub(crate) fn may_make_pods(name: &ObjectName) -> bool {
    match (name.group(), name.kind.as_str()) {
        ("monitoring.coreos.com", kind) => !matches!(
            kind,
            "ServiceMonitor" | "PodMonitor" | "PrometheusRule" | "Probe" | "ScrapeConfig"
        ),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => false,
        (group, _) => !WITHOUT_PODS.contains(&group),
    }
}
