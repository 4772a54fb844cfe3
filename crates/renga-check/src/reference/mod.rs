//! Rules `reference/*`: what an object refers to by name exists in its cluster.
//!
//! What a kind refers to is listed by [`pod`], [`rights`], [`scale`] and [`traffic`]; whether it is there is
//! asked of [`presence`], and [`made`] knows what controllers add. A reference that is marked `optional` is none.

mod made;
mod pod;
mod presence;
mod rights;
mod scale;
mod traffic;

use renga_manifest::Manifest;
use serde_json::Value;

pub(crate) use self::made::{Made, made_by};
use self::presence::Presence;
use crate::check::CheckOptions;
use crate::cluster::Cluster;
use crate::finding::Remark;
use crate::rule::Rule;
use crate::survey::Surveyed;
use crate::workload::whole;

/// Another object that one refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Where the name stands.
    path: String,
    target: Target,
    namespace: String,
    name: String,
}

/// What is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    ServiceAccount,
    /// With the key that is asked for.
    ConfigMap(Option<String>),
    /// With the key that is asked for.
    Secret(Option<String>),
    VolumeClaim,
    Role,
    ClusterRole,
    /// With the port that is asked for.
    Service(Option<Port>),
    /// What is to be scaled.
    Workload {
        group: String,
        kind: String,
    },
    PriorityClass,
    RuntimeClass,
    StorageClass,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Port {
    Name(String),
    Number(u64),
}

impl Port {
    /// The port that `{name}`, `{number}` or a value stands for.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(name) => Some(Self::Name(name.clone())),
            Value::Number(_) => whole(value).map(Self::Number),
            Value::Object(fields) => {
                fields.get("name").or_else(|| fields.get("number")).and_then(Self::of)
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl Target {
    fn kind(&self) -> &str {
        match self {
            Self::Workload { kind, .. } => kind,
            Self::PriorityClass => "PriorityClass",
            Self::RuntimeClass => "RuntimeClass",
            Self::StorageClass => "StorageClass",
            Self::ServiceAccount => "ServiceAccount",
            Self::ConfigMap(_) => "ConfigMap",
            Self::Secret(_) => "Secret",
            Self::VolumeClaim => "PersistentVolumeClaim",
            Self::Role => "Role",
            Self::ClusterRole => "ClusterRole",
            Self::Service(_) => "Service",
        }
    }

    fn rule(&self) -> Rule {
        match self {
            Self::ServiceAccount => Rule::ReferenceServiceAccount,
            Self::ConfigMap(_) => Rule::ReferenceConfigMap,
            Self::Secret(_) => Rule::ReferenceSecret,
            Self::VolumeClaim => Rule::ReferenceVolumeClaim,
            Self::Role | Self::ClusterRole => Rule::ReferenceRole,
            Self::Service(_) => Rule::ReferenceService,
            Self::Workload { .. } => Rule::ReferenceScaleTarget,
            Self::PriorityClass | Self::RuntimeClass | Self::StorageClass => Rule::ReferenceClass,
        }
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::ConfigMap(key) | Self::Secret(key) => key.as_deref(),
            _ => None,
        }
    }
}

/// What an object refers to.
pub(crate) fn collect(manifest: &Manifest) -> Vec<Reference> {
    let mut references = Vec::new();
    pod::collect(manifest, &mut references);
    rights::collect(manifest, &mut references);
    scale::collect(manifest, &mut references);
    traffic::collect(manifest, &mut references);
    references
}

pub(crate) fn check(
    cluster: &Cluster<'_>,
    object: &Surveyed,
    options: &CheckOptions,
    remarks: &mut Vec<Remark>,
) {
    for reference in &object.references {
        let Reference { path, target, namespace, name } = reference;
        let whole = match namespace.as_str() {
            "" => format!("the {} {name}", target.kind()),
            namespace => format!("the {} {namespace}/{name}", target.kind()),
        };
        let (rule, message) = match presence::of(cluster, options, reference) {
            Presence::There => continue,
            Presence::Absent => (target.rule(), format!("{whole} does not exist")),
            Presence::WithoutKey(key) => (target.rule(), format!("{whole} has no key `{key}`")),
            Presence::WithoutPort(port) => {
                let message = format!("{whole} has no port {port}");
                remarks.push(Remark::new(Rule::ReferencePort, path, message));
                continue;
            }
        };
        remarks.push(
            Remark::new(rule, path, message)
                .help("render it for the same cluster, or list it as provided"),
        );
    }
}

/// The text at a field.
fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The items of a list at a field; none where there is no list.
fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (usize, &'v Value)> + use<'v> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// The namespace of an object whose manifest may name none.
fn namespace_of(manifest: &Manifest) -> &str {
    match manifest.namespace() {
        "" => "default",
        namespace => namespace,
    }
}
