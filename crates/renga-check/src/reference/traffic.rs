//! What sends traffic to a service, and the certificates it needs for it.

use renga_manifest::Manifest;
use serde_json::Value;

use super::{Port, Reference, Target, items, namespace_of, text};
use crate::object::group;

pub(super) fn collect(manifest: &Manifest, references: &mut Vec<Reference>) {
    match (group(manifest.api_version()), manifest.kind()) {
        ("networking.k8s.io", "Ingress") => ingress(manifest, references),
        (
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration",
        ) => {
            for (index, webhook) in items(manifest.value(), "webhooks") {
                let path = format!("webhooks[{index}].clientConfig.service");
                service(webhook.pointer("/clientConfig/service"), path, references);
            }
        }
        ("apiregistration.k8s.io", "APIService") => {
            service(
                manifest.value().pointer("/spec/service"),
                "spec.service".to_owned(),
                references,
            );
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let path = "spec.conversion.webhook.clientConfig.service".to_owned();
            let target = manifest.value().pointer("/spec/conversion/webhook/clientConfig/service");
            service(target, path, references);
        }
        _ => {}
    }
}

/// The port of a webhook that names none.
const HTTPS: u64 = 443;

/// `{namespace, name, port}`.
fn service(target: Option<&Value>, path: String, references: &mut Vec<Reference>) {
    if let Some(target) = target
        && let (Some(name), Some(namespace)) = (text(target, "name"), text(target, "namespace"))
    {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let port = target.get("port").map_or(Some(Port::Number(HTTPS)), Port::of);
        references.push(Reference { path, target: Target::Service(port), namespace, name });
    }
}

fn ingress(manifest: &Manifest, references: &mut Vec<Reference>) {
    let Some(spec) = manifest.value().get("spec") else {
        return;
    };
    let mut add = |path: String, target: Target, name: &str| {
        let (namespace, name) = (namespace_of(manifest).to_owned(), name.to_owned());
        references.push(Reference { path, target, namespace, name });
    };
    let backend = |holder: &Value, field: &str| {
        let service = holder.get(field)?.get("service")?;
        // An annotation of the load balancer stands behind such a name: not a service.
        let action =
            service.pointer("/port/name").and_then(Value::as_str) == Some("use-annotation");
        let name = text(service, "name").filter(|_| !action)?.to_owned();
        Some((name, Target::Service(service.get("port").and_then(Port::of))))
    };
    if let Some((name, target)) = backend(spec, "defaultBackend") {
        add("spec.defaultBackend.service.name".to_owned(), target, &name);
    }
    for (rule, value) in items(spec, "rules") {
        let Some(http) = value.get("http") else { continue };
        for (index, item) in items(http, "paths") {
            if let Some((name, target)) = backend(item, "backend") {
                let path = format!("spec.rules[{rule}].http.paths[{index}].backend.service.name");
                add(path, target, &name);
            }
        }
    }
    for (index, tls) in items(spec, "tls") {
        // An issuer named by annotation makes the secret.
        let made = |name: &str| name.starts_with("cert-manager.io/") && name.ends_with("issuer");
        let annotations =
            manifest.value().pointer("/metadata/annotations").and_then(Value::as_object);
        if let Some(name) = text(tls, "secretName")
            && !annotations.is_some_and(|annotations| annotations.keys().any(|name| made(name)))
        {
            add(format!("spec.tls[{index}].secretName"), Target::Secret(None), name);
        }
    }
}
