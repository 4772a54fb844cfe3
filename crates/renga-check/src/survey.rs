//! One environment by itself.

use renga_manifest::Manifest;
use renga_schema::Release;
use serde_json::Value;

use crate::finding::Remark;
use crate::object::ObjectName;
use crate::reference::{self, Made, Reference};
use crate::suppress::{self, Ignore};
use crate::workload::Part;
use crate::{api, plain, schema};

/// What there is to say of an environment by itself, and what must be kept of it to judge it beside
/// others.
#[derive(Debug)]
pub struct Survey {
    pub(crate) environment: String,
    pub(crate) cluster: String,
    pub(crate) objects: Vec<Surveyed>,
}

/// An object of a survey.
#[derive(Debug)]
pub(crate) struct Surveyed {
    pub(crate) name: ObjectName,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) references: Vec<Reference>,
    /// The keys of a `ConfigMap` or Secret; `None` where any may be there.
    pub(crate) keys: Option<Vec<Box<str>>>,
    /// The Secrets that a controller makes because of this object.
    pub(crate) makes: Vec<Made>,
    /// The manifest, while it is needed: of definitions, and of kinds that are not built in.
    pub(crate) manifest: Option<Manifest>,
    /// What it is to pods.
    pub(crate) part: Part,
    /// The findings that it accepts.
    pub(crate) ignores: Vec<Ignore>,
}

impl Survey {
    /// Looks at the manifests of `environment`. Environments with the same `cluster` are judged
    /// together: it is the address of the API server, or the contexts.
    pub fn new(
        environment: &str,
        cluster: &str,
        manifests: Vec<Manifest>,
        release: &Release,
    ) -> Self {
        let objects =
            manifests.into_iter().map(|manifest| Surveyed::new(manifest, release)).collect();
        Self { environment: environment.to_owned(), cluster: cluster.to_owned(), objects }
    }

    /// How many manifests there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl Surveyed {
    fn new(manifest: Manifest, release: &Release) -> Self {
        let name = ObjectName::of(&manifest);
        let mut remarks = Vec::new();
        let built_in = schema::check_built_in(&name, manifest.value(), release, &mut remarks);
        api::check(&name, release, &mut remarks);
        plain::check(&name, manifest.value(), &mut remarks);
        let ignores = suppress::of(manifest.value(), &mut remarks);
        Self {
            ignores,
            part: Part::of(&name, manifest.value()),
            references: reference::collect(&manifest),
            keys: keys(&name, manifest.value()),
            makes: reference::made_by(&name, manifest.value()),
            manifest: (!built_in || is_definition(&name)).then_some(manifest),
            name,
            remarks,
        }
    }
}

pub(crate) fn is_definition(name: &ObjectName) -> bool {
    name.kind == "CustomResourceDefinition" && name.group() == "apiextensions.k8s.io"
}

fn keys(name: &ObjectName, value: &Value) -> Option<Vec<Box<str>>> {
    let holder = name.group().is_empty() && matches!(name.kind.as_str(), "ConfigMap" | "Secret");
    let token =
        value.get("type").and_then(Value::as_str) == Some("kubernetes.io/service-account-token");
    // A controller fills tokens.
    if !holder || token {
        return None;
    }
    let fields = ["data", "stringData", "binaryData"].into_iter();
    let objects = fields.filter_map(|field| value.get(field)?.as_object());
    Some(objects.flat_map(|object| object.keys()).map(|key| key.as_str().into()).collect())
}
