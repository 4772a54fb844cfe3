//! Single objects: where they are, reading, creating, patching and deleting them.
//!
//! Knows paths and parameters of requests; what is sent, `apply`, `diff` and `delete` decide.

use std::time::{Duration, Instant};

use http::Method;
use renga_manifest::Manifest;
use serde_json::{Value, json};

use crate::discovery::Resource;
use crate::error::{ObjectError, RequestError};
use crate::object::ObjectId;
use crate::report::Propagation;
use crate::transport::{Call, JSON, Session};

/// The manager of server-side applies: tk's, so that both tools can be mixed.
pub(crate) const MANAGER: &str = "tanka";
/// The manager of client-side applies: kubectl's, for the same reason.
pub(crate) const CLIENT_MANAGER: &str = "kubectl-client-side-apply";
/// The media type of server-side apply.
pub(crate) const APPLY: &str = "application/apply-patch+yaml";
const JSON_PATCH: &str = "application/json-patch+json";

/// Where an object is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) resource: Resource,
    /// Empty for objects outside of namespaces.
    pub(crate) namespace: String,
    /// Empty where the server makes the name.
    pub(crate) name: String,
}

/// Parameters of a change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    pub(crate) manager: &'static str,
    pub(crate) dry_run: bool,
    pub(crate) force: bool,
    /// Whether unknown fields are refused, or ignored without a word; none leaves it to the server,
    /// which warns.
    pub(crate) validate: Option<bool>,
}

impl Change {
    fn query(self) -> String {
        let mut query = format!("?fieldManager={}", self.manager);
        if self.dry_run {
            query.push_str("&dryRun=All");
        }
        if self.force {
            query.push_str("&force=true");
        }
        match self.validate {
            Some(true) => query.push_str("&fieldValidation=Strict"),
            Some(false) => query.push_str("&fieldValidation=Ignore"),
            None => {}
        }
        query
    }
}

impl Place {
    /// Where the object of a manifest is.
    pub(crate) async fn find(
        session: &Session<'_>,
        manifest: &Manifest,
    ) -> Result<Self, ObjectError> {
        let resource = session.kinds.find(session, manifest).await?;
        Self::new(session, resource, manifest)
    }

    fn new(
        session: &Session<'_>,
        resource: Resource,
        manifest: &Manifest,
    ) -> Result<Self, ObjectError> {
        let name = manifest.name();
        if name.is_empty() && manifest.generate_name().is_empty() {
            return Err(ObjectError::Nameless);
        }
        // As kubectl: what names no namespace goes to that of the context.
        let namespace = match (resource.namespaced, manifest.namespace()) {
            (false, _) => "",
            (true, "") => match session.transport.target().namespace.as_str() {
                "" => "default",
                namespace => namespace,
            },
            (true, namespace) => namespace,
        };
        for part in [name, namespace] {
            // These would change the path.
            if matches!(part, "." | "..") || part.contains('/') || part.contains('%') {
                return Err(ObjectError::Name { name: part.to_owned() });
            }
        }
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned(), resource })
    }

    fn path(&self) -> String {
        self.resource.object(&self.namespace, &self.name)
    }

    /// How the object is named in reports.
    pub(crate) fn id(&self) -> ObjectId {
        ObjectId {
            api_version: self.resource.api_version(),
            kind: self.resource.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

/// Where the object of a manifest is, and the object itself if it is there.
pub(crate) async fn locate(
    session: &Session<'_>,
    manifest: &Manifest,
) -> Result<(Place, Option<Value>), ObjectError> {
    let mut place = Place::find(session, manifest).await?;
    if place.name.is_empty() {
        return Ok((place, None));
    }
    let mut pause = Duration::from_millis(50);
    loop {
        match read(session, &place).await {
            Ok(live) => return Ok((place, live)),
            // The path itself is not there: the kind is gone, or so new that the server has not
            // got around to it.
            Err(RequestError::NotFound { kind, .. }) if kind.is_empty() => {
                let catalogue = session.kinds.fresh(session).await?;
                let known = catalogue.find(manifest.api_version(), manifest.kind()).cloned();
                match known {
                    Some(resource) if pause < Duration::from_secs(2) => {
                        place = Place::new(session, resource, manifest)?;
                        tokio::time::sleep(pause).await;
                        pause *= 2;
                    }
                    _ => {
                        return Err(ObjectError::UnknownKind {
                            api_version: manifest.api_version().to_owned(),
                            kind: manifest.kind().to_owned(),
                            help: catalogue.advice(manifest.api_version(), manifest.kind()),
                        });
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The object, if it is there.
pub(crate) async fn read(
    session: &Session<'_>,
    place: &Place,
) -> Result<Option<Value>, RequestError> {
    match session.json(&Call::get(place.path())).await {
        Ok(live) => Ok(Some(live)),
        Err(RequestError::NotFound { kind, .. }) if !kind.is_empty() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates an object.
pub(crate) async fn create(
    session: &Session<'_>,
    place: &Place,
    object: &Value,
    change: Change,
) -> Result<Value, RequestError> {
    let call = Call {
        method: Method::POST,
        path: place.resource.collection(&place.namespace) + &change.query(),
        body: renga_gojson::to_string(object).into_bytes(),
        content_type: JSON,
        accept: JSON,
        // With a name, a second try finds the object of the first.
        repeatable: !place.name.is_empty() || change.dry_run,
    };
    session.json(&call).await
}

/// Patches an object.
pub(crate) async fn patch(
    session: &Session<'_>,
    place: &Place,
    content_type: &'static str,
    body: String,
    change: Change,
) -> Result<Value, RequestError> {
    let call = Call {
        method: Method::PATCH,
        path: place.path() + &change.query(),
        body: body.into_bytes(),
        content_type,
        accept: JSON,
        repeatable: true,
    };
    session.json(&call).await
}

/// Sends a server-side apply.
pub(crate) async fn apply_patch(
    session: &Session<'_>,
    place: &Place,
    manifest: &Manifest,
    change: Change,
) -> Result<Value, RequestError> {
    // The server refuses an apply patch that brings entries of its own, and kubectl takes the
    // annotation out of what it applies.
    let mut object = manifest.value().clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    patch(session, place, APPLY, renga_gojson::to_string(&object), change).await
}

/// Sends a JSON patch.
pub(crate) async fn json_patch(
    session: &Session<'_>,
    place: &Place,
    body: &Value,
    change: Change,
) -> Result<Value, RequestError> {
    patch(session, place, JSON_PATCH, renga_gojson::to_string(body), change).await
}

/// How an object is deleted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Removal {
    pub(crate) propagation: Propagation,
    pub(crate) without_grace: bool,
    pub(crate) dry_run: bool,
    /// Only the object with this id; empty for whichever it is.
    pub(crate) uid: String,
}

/// Deletes an object; whether it was there.
pub(crate) async fn remove(
    session: &Session<'_>,
    place: &Place,
    removal: &Removal,
) -> Result<bool, RequestError> {
    let propagation = match removal.propagation {
        Propagation::Background => "Background",
        Propagation::Foreground => "Foreground",
        Propagation::Orphan => "Orphan",
    };
    let mut body = json!({
        "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation,
    });
    if removal.without_grace {
        body["gracePeriodSeconds"] = 0.into();
    }
    if removal.dry_run {
        body["dryRun"] = json!(["All"]);
    }
    if !removal.uid.is_empty() {
        body["preconditions"] = json!({"uid": removal.uid});
    }
    let call = Call {
        method: Method::DELETE,
        path: place.path(),
        body: body.to_string().into_bytes(),
        content_type: JSON,
        accept: JSON,
        repeatable: true,
    };
    match session.send(&call).await {
        Ok(_) => Ok(true),
        Err(RequestError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits until an object is gone, or another one has its name; else its finalizers.
pub(crate) async fn gone(
    session: &Session<'_>,
    place: &Place,
    uid: &str,
    limit: Duration,
) -> Result<Result<(), Vec<String>>, RequestError> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(25);
    loop {
        let Some(live) = read(session, place).await? else { return Ok(Ok(())) };
        if !uid.is_empty() && text(&live, "/metadata/uid") != uid {
            return Ok(Ok(()));
        }
        if started.elapsed() >= limit {
            return Ok(Err(finalizers(&live)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// The finalizers of an object, those of a namespace's spec as well.
pub(crate) fn finalizers(live: &Value) -> Vec<String> {
    ["/metadata/finalizers", "/spec/finalizers"]
        .iter()
        .filter_map(|pointer| live.pointer(pointer).and_then(Value::as_array))
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// A text inside of an object; empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What a refused change means for the object.
pub(crate) fn classified(error: ObjectError, manifest: &Manifest) -> ObjectError {
    let error = match error {
        ObjectError::Request(RequestError::Invalid { message, fields }) => {
            if message.contains("metadata.annotations: Too long") {
                ObjectError::AnnotationTooLarge {
                    bytes: renga_patch::last_applied_value(manifest.value()).len(),
                }
            } else if !fields.is_empty() && fields.iter().all(|field| field.immutable) {
                ObjectError::Immutable { fields }
            } else {
                RequestError::Invalid { message, fields }.into()
            }
        }
        other => other,
    };
    without_secrets(error, manifest)
}

/// The text without what the manifest of a Secret holds, for messages of the server may cite it.
fn redacted(text: &str, manifest: &Manifest) -> String {
    let mut out = text.to_owned();
    let mut values: Vec<&str> = ["data", "stringData"]
        .iter()
        .filter_map(|key| manifest.value().get(key).and_then(Value::as_object))
        .flat_map(|map| map.values().filter_map(Value::as_str))
        // Shorter ones are in every text.
        .filter(|value| value.len() > 2)
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values {
        out = out.replace(value, "***");
        // Go quotes what it cites.
        let quoted = renga_gojson::to_string(&Value::String(value.to_owned()));
        out = out.replace(quoted.trim_matches('"'), "***");
    }
    out
}

/// The error of an object, without the data of a Secret.
fn without_secrets(error: ObjectError, manifest: &Manifest) -> ObjectError {
    if manifest.kind() != "Secret" {
        return error;
    }
    let clean = |text: &str| redacted(text, manifest);
    let clean_fields = |fields: Vec<crate::error::FieldProblem>| {
        fields
            .into_iter()
            .map(|mut field| {
                field.message = clean(&field.message);
                field
            })
            .collect::<Vec<_>>()
    };
    match error {
        ObjectError::Request(RequestError::Invalid { message, fields }) => {
            RequestError::Invalid { message: clean(&message), fields: clean_fields(fields) }.into()
        }
        ObjectError::Request(RequestError::Rejected { message }) => {
            RequestError::Rejected { message: clean(&message) }.into()
        }
        ObjectError::Request(RequestError::Server { server, code, message }) => {
            RequestError::Server { server, code, message: clean(&message) }.into()
        }
        ObjectError::Request(RequestError::Status { server, code, message }) => {
            RequestError::Status { server, code, message: clean(&message) }.into()
        }
        ObjectError::Immutable { fields } => {
            ObjectError::Immutable { fields: clean_fields(fields) }
        }
        // Cites the values that do not fit together.
        ObjectError::Merge { .. } => ObjectError::Merge {
            message: "its fields cannot be merged with those of the live object".into(),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_about_secrets_do_not_cite_them() {
        let manifest = Manifest::new(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
                "data": {"a": "c2VjcmV0", "n": 12}, "stringData": {"b": "pass\"word"}}),
            ".",
        )
        .unwrap();
        let message = r#"data[a]: Invalid value: "c2VjcmV0", "pass\"word""#.to_owned();
        let error = RequestError::Invalid { message, fields: Vec::new() };
        assert_eq!(
            without_secrets(error.into(), &manifest).to_string(),
            r#"data[a]: Invalid value: "***", "***""#
        );
    }
}
