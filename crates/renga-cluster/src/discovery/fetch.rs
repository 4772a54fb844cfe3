//! Asking the server for its kinds: two requests where it can aggregate (since 1.26), else one per
//! group and version.

use serde_json::Value;

use super::catalogue::{Catalogue, Resource};
use crate::error::RequestError;
use crate::transport::{Call, Session};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

pub(super) async fn fetch(session: &Session<'_>) -> Result<Catalogue, RequestError> {
    let (core_call, groups_call) =
        (Call::get("/api").accept(AGGREGATED), Call::get("/apis").accept(AGGREGATED));
    let core = session.json(&core_call);
    let groups = session.json(&groups_call);
    let (core, groups) = tokio::join!(core, groups);
    let (core, groups) = (core?, groups?);
    let mut catalogue = Catalogue::default();
    let mut pending = Vec::new();
    for (document, is_core) in [(&core, true), (&groups, false)] {
        match document["kind"].as_str() {
            Some("APIGroupDiscoveryList") => aggregated(document, &mut catalogue),
            Some("APIVersions") if is_core => {
                for version in strings(&document["versions"]) {
                    pending.push((String::new(), version.to_owned(), version == "v1"));
                }
            }
            Some("APIGroupList") if !is_core => {
                for group in items(&document["groups"]) {
                    let name = text(&group["name"]);
                    let preferred = text(&group["preferredVersion"]["version"]);
                    for version in items(&group["versions"]) {
                        let version = text(&version["version"]);
                        pending.push((name.to_owned(), version.to_owned(), version == preferred));
                    }
                }
            }
            other => {
                let problem = match other {
                    Some(kind) => format!("discovery gives `{kind}`"),
                    None => "discovery gives no kind".into(),
                };
                let server = session.transport.target().server.clone();
                return Err(RequestError::Answer { server, problem });
            }
        }
    }
    let answers = session
        .each(pending, async |(group, version, preferred)| {
            let path = if group.is_empty() {
                format!("/api/{version}")
            } else {
                format!("/apis/{group}/{version}")
            };
            let answer = session.json(&Call::get(path)).await;
            (group, version, preferred, answer)
        })
        .await;
    for (group, version, preferred, answer) in answers {
        match answer {
            Ok(list) => legacy(&list, &group, &version, preferred, &mut catalogue),
            Err(error) if error.is_fatal() || matches!(error, RequestError::Interrupted) => {
                return Err(error);
            }
            // One broken API service is no reason to do nothing.
            Err(_) => catalogue.incomplete.push(if group.is_empty() {
                version
            } else {
                format!("{group}/{version}")
            }),
        }
    }
    Ok(catalogue)
}

fn aggregated(document: &Value, catalogue: &mut Catalogue) {
    for group in items(&document["items"]) {
        let name = text(&group["metadata"]["name"]);
        for (index, version) in items(&group["versions"]).enumerate() {
            let version_name = text(&version["version"]);
            if text(&version["freshness"]) == "Stale" {
                let group_version = if name.is_empty() {
                    version_name.to_owned()
                } else {
                    format!("{name}/{version_name}")
                };
                catalogue.incomplete.push(group_version);
            }
            for resource in items(&version["resources"]) {
                let kind = &resource["responseKind"];
                if text(&kind["kind"]).is_empty() {
                    continue;
                }
                catalogue.resources.push(Resource {
                    group: name.to_owned(),
                    version: version_name.to_owned(),
                    kind: text(&kind["kind"]).to_owned(),
                    plural: text(&resource["resource"]).to_owned(),
                    namespaced: text(&resource["scope"]) == "Namespaced",
                    verbs: strings(&resource["verbs"]).map(str::to_owned).collect(),
                    // The server lists the versions in its order of preference.
                    preferred: index == 0,
                });
            }
        }
    }
}

fn legacy(list: &Value, group: &str, version: &str, preferred: bool, catalogue: &mut Catalogue) {
    for resource in items(&list["resources"]) {
        let plural = text(&resource["name"]);
        // Those of sub-resources have a slash.
        if plural.is_empty() || plural.contains('/') {
            continue;
        }
        catalogue.resources.push(Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: text(&resource["kind"]).to_owned(),
            plural: plural.to_owned(),
            namespaced: resource["namespaced"].as_bool().unwrap_or_default(),
            verbs: strings(&resource["verbs"]).map(str::to_owned).collect(),
            preferred,
        });
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
