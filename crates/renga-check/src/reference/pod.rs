//! What pods and claims refer to: accounts, configuration, secrets, volumes, classes.

use renga_manifest::Manifest;
use serde_json::Value;

use super::{Reference, Target, items, namespace_of, text};

/// Where the specification of a pod stands, in the built-in kinds and in the custom ones that
/// follow them.
const PODS: [(&str, &str); 5] = [
    ("/spec/template/spec", "spec.template.spec"),
    ("/spec/jobTemplate/spec/template/spec", "spec.jobTemplate.spec.template.spec"),
    ("/spec/jobTargetRef/template/spec", "spec.jobTargetRef.template.spec"),
    ("/template/spec", "template.spec"),
    ("/spec", "spec"),
];

pub(super) fn collect(manifest: &Manifest, references: &mut Vec<Reference>) {
    for (pointer, path) in PODS {
        // A template of something else has no containers.
        if let Some(pod) = manifest.value().pointer(pointer)
            && pod.get("containers").is_some_and(Value::is_array)
        {
            Pod {
                namespace: namespace_of(manifest),
                claims: claim_templates(manifest),
                references,
            }
            .spec(pod, path);
        }
    }
    storage_classes(manifest, references);
    // An account can name secrets for pulling images, too.
    if manifest.kind() == "ServiceAccount" {
        let mut pod = Pod { namespace: namespace_of(manifest), claims: Vec::new(), references };
        pod.pull_secrets(manifest.value(), "");
    }
}

/// The storage classes of a claim, or of those that a `StatefulSet` makes.
fn storage_classes(manifest: &Manifest, references: &mut Vec<Reference>) {
    let mut add = |spec: Option<&Value>, path: String| {
        // Without a class the default one is meant, with an empty one none.
        if let Some(name) = spec.and_then(|spec| text(spec, "storageClassName")) {
            let (namespace, name) = (String::new(), name.to_owned());
            references.push(Reference { path, target: Target::StorageClass, namespace, name });
        }
    };
    let Some(spec) = manifest.value().get("spec") else { return };
    match manifest.kind() {
        "PersistentVolumeClaim" => add(Some(spec), "spec.storageClassName".to_owned()),
        "StatefulSet" => {
            for (index, claim) in items(spec, "volumeClaimTemplates") {
                let path = format!("spec.volumeClaimTemplates[{index}].spec.storageClassName");
                add(claim.get("spec"), path);
            }
        }
        _ => {}
    }
}

/// The names of the claims that a `StatefulSet` makes for each of its pods.
fn claim_templates(manifest: &Manifest) -> Vec<&str> {
    let templates =
        manifest.value().pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let names = templates.into_iter().flatten();
    names.filter_map(|claim| claim.pointer("/metadata/name").and_then(Value::as_str)).collect()
}

struct Pod<'m> {
    namespace: &'m str,
    claims: Vec<&'m str>,
    references: &'m mut Vec<Reference>,
}

impl Pod<'_> {
    fn add(&mut self, path: String, target: Target, name: &str) {
        let (namespace, name) = (self.namespace.to_owned(), name.to_owned());
        self.references.push(Reference { path, target, namespace, name });
    }

    fn add_class(&mut self, path: String, target: Target, name: &str) {
        let (namespace, name) = (String::new(), name.to_owned());
        self.references.push(Reference { path, target, namespace, name });
    }

    fn spec(&mut self, spec: &Value, path: &str) {
        if let Some(name) =
            text(spec, "serviceAccountName").or_else(|| text(spec, "serviceAccount"))
        {
            self.add(format!("{path}.serviceAccountName"), Target::ServiceAccount, name);
        }
        for (field, target) in [
            ("priorityClassName", Target::PriorityClass),
            ("runtimeClassName", Target::RuntimeClass),
        ] {
            if let Some(name) = text(spec, field) {
                self.add_class(format!("{path}.{field}"), target, name);
            }
        }
        self.pull_secrets(spec, &format!("{path}."));
        for field in ["initContainers", "containers"] {
            for (index, container) in items(spec, field) {
                self.container(container, &format!("{path}.{field}[{index}]"));
            }
        }
        for (index, volume) in items(spec, "volumes") {
            self.volume(volume, &format!("{path}.volumes[{index}]"));
        }
    }

    fn pull_secrets(&mut self, holder: &Value, prefix: &str) {
        for (index, secret) in items(holder, "imagePullSecrets") {
            if let Some(name) = text(secret, "name") {
                let path = format!("{prefix}imagePullSecrets[{index}].name");
                self.add(path, Target::Secret(None), name);
            }
        }
    }

    fn container(&mut self, container: &Value, path: &str) {
        for (index, variable) in items(container, "env") {
            let Some(from) = variable.get("valueFrom") else { continue };
            let path = format!("{path}.env[{index}].valueFrom");
            self.keyed(from, "configMapKeyRef", &path, Target::ConfigMap);
            self.keyed(from, "secretKeyRef", &path, Target::Secret);
        }
        for (index, source) in items(container, "envFrom") {
            let path = format!("{path}.envFrom[{index}]");
            self.whole(source, "configMapRef", &path, Target::ConfigMap(None));
            self.whole(source, "secretRef", &path, Target::Secret(None));
        }
    }

    /// `{name, key}` at a field.
    fn keyed(
        &mut self,
        holder: &Value,
        field: &str,
        path: &str,
        target: fn(Option<String>) -> Target,
    ) {
        if let Some(selector) = holder.get(field).filter(|selector| !is_optional(selector))
            && let Some(name) = text(selector, "name")
        {
            let key = text(selector, "key").map(str::to_owned);
            self.add(format!("{path}.{field}"), target(key), name);
        }
    }

    /// `{name}` at a field.
    fn whole(&mut self, holder: &Value, field: &str, path: &str, target: Target) {
        if let Some(selector) = holder.get(field).filter(|selector| !is_optional(selector))
            && let Some(name) = text(selector, "name")
        {
            self.add(format!("{path}.{field}.name"), target, name);
        }
    }

    fn volume(&mut self, volume: &Value, path: &str) {
        self.files(volume, path, "secretName");
        if let Some(claim) = volume.get("persistentVolumeClaim")
            && let Some(name) = text(claim, "claimName").filter(|name| !self.claims.contains(name))
        {
            self.add(format!("{path}.persistentVolumeClaim.claimName"), Target::VolumeClaim, name);
        }
        if let Some(secret) = volume.pointer("/csi/nodePublishSecretRef")
            && let Some(name) = text(secret, "name")
        {
            self.add(format!("{path}.csi.nodePublishSecretRef.name"), Target::Secret(None), name);
        }
        if let Some(projected) = volume.get("projected") {
            for (index, source) in items(projected, "sources") {
                self.files(source, &format!("{path}.projected.sources[{index}]"), "name");
            }
        }
    }

    /// The `ConfigMap` or Secret whose keys become files, with the keys that are picked.
    fn files(&mut self, holder: &Value, path: &str, secret_name: &str) {
        for (field, name, target) in [
            ("configMap", "name", Target::ConfigMap as fn(Option<String>) -> Target),
            ("secret", secret_name, Target::Secret),
        ] {
            let Some(source) = holder.get(field).filter(|source| !is_optional(source)) else {
                continue;
            };
            let Some(object) = text(source, name) else { continue };
            self.add(format!("{path}.{field}.{name}"), target(None), object);
            for (index, item) in items(source, "items") {
                if let Some(key) = text(item, "key") {
                    let path = format!("{path}.{field}.items[{index}].key");
                    self.add(path, target(Some(key.to_owned())), object);
                }
            }
        }
    }
}

fn is_optional(selector: &Value) -> bool {
    selector.get("optional").and_then(Value::as_bool) == Some(true)
}
