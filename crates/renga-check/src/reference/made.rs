//! The Secrets that controllers make because of an object.

use serde_json::Value;

use crate::object::ObjectName;

/// A Secret that a controller makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) name: Box<str>,
    /// Its keys, where they are known.
    pub(crate) keys: Option<Vec<Box<str>>>,
}

impl Made {
    fn new<'k>(name: &str, keys: Option<impl Iterator<Item = &'k str>>) -> Self {
        Self { name: name.into(), keys: keys.map(|keys| keys.map(Into::into).collect()) }
    }
}

/// The Secrets that are made, in the object's namespace, where the controller of its kind runs.
pub(crate) fn made_by(name: &ObjectName, value: &Value) -> Vec<Made> {
    match (name.group(), name.kind.as_str()) {
        ("cert-manager.io", "Certificate") => certificate(value).into_iter().collect(),
        ("external-secrets.io", "ExternalSecret") => external(value).into_iter().collect(),
        ("bitnami.com", "SealedSecret") => sealed(value).into_iter().collect(),
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => synced(value),
        _ => Vec::new(),
    }
}

fn certificate(value: &Value) -> Option<Made> {
    let name = value.pointer("/spec/secretName")?.as_str()?;
    // Keystores and other formats add more.
    let more = ["keystores", "additionalOutputFormats"];
    let plain = more.iter().all(|field| value["spec"].get(*field).is_none());
    Some(Made::new(name, plain.then(|| ["tls.crt", "tls.key", "ca.crt"].into_iter())))
}

fn external(value: &Value) -> Option<Made> {
    let name = value.pointer("/spec/target/name").or_else(|| value.pointer("/metadata/name"))?;
    let whole = value.pointer("/spec/dataFrom").is_some()
        || value.pointer("/spec/target/template").is_some();
    let items = value.pointer("/spec/data").and_then(Value::as_array).filter(|_| !whole);
    Some(Made::new(name.as_str()?, items.map(|items| texts(items, "secretKey"))))
}

fn sealed(value: &Value) -> Option<Made> {
    let name = value
        .pointer("/spec/template/metadata/name")
        .or_else(|| value.pointer("/metadata/name"))?;
    let keys = value.pointer("/spec/encryptedData").and_then(Value::as_object);
    let keys = keys.filter(|_| value.pointer("/spec/template/data").is_none());
    Some(Made::new(name.as_str()?, keys.map(|keys| keys.keys().map(String::as_str))))
}

fn synced(value: &Value) -> Vec<Made> {
    let objects = value.pointer("/spec/secretObjects").and_then(Value::as_array);
    let objects = objects.into_iter().flatten();
    objects
        .filter_map(|object| {
            let items = object["data"].as_array();
            Some(Made::new(object["secretName"].as_str()?, items.map(|items| texts(items, "key"))))
        })
        .collect()
}

fn texts<'v>(items: &'v [Value], field: &'v str) -> impl Iterator<Item = &'v str> {
    items.iter().filter_map(move |item| item[field].as_str())
}
