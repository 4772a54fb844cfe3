//! The kinds of a server as data.

use serde::{Deserialize, Serialize};

/// A kind, and where its objects are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// Empty for the core group.
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) namespaced: bool,
    pub(crate) verbs: Vec<String>,
    /// Whether this is the version of the group that the server prefers.
    pub(crate) preferred: bool,
}

impl Resource {
    /// `group/version`, or the version alone.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `plural.group`, or the plural alone.
    pub(crate) fn name(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// The path of all objects, of one namespace where one is given.
    pub(crate) fn collection(&self, namespace: &str) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let api_version = self.api_version();
        if self.namespaced && !namespace.is_empty() {
            format!("{root}/{api_version}/namespaces/{}/{}", segment(namespace), self.plural)
        } else {
            format!("{root}/{api_version}/{}", self.plural)
        }
    }

    /// The path of one object.
    pub(crate) fn object(&self, namespace: &str, name: &str) -> String {
        format!("{}/{}", self.collection(namespace), segment(name))
    }

    pub(crate) fn can(&self, verb: &str) -> bool {
        self.verbs.iter().any(|v| v == verb)
    }
}

/// A name as part of a path.
fn segment(name: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(name, &KEPT).to_string()
}

/// All kinds of a server.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Catalogue {
    /// In the server's order.
    pub(crate) resources: Vec<Resource>,
    /// Groups and versions that did not say what they have.
    pub(crate) incomplete: Vec<String>,
}

impl Catalogue {
    pub(crate) fn find(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.resources.iter().find(|r| r.kind == kind && r.version == version && r.group == group)
    }

    /// What to do about a kind that is not there.
    pub(crate) fn advice(&self, api_version: &str, kind: &str) -> String {
        let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
        let mut elsewhere: Vec<&Resource> =
            self.resources.iter().filter(|r| r.kind == kind).collect();
        elsewhere.sort_by_key(|r| (r.group != group, !r.preferred));
        if self.incomplete.iter().any(|known| known == api_version) {
            return format!(
                "the part of the API that has `{api_version}` does not answer: see its APIService"
            );
        }
        if let Some(other) = elsewhere.first() {
            let mut versions: Vec<_> = elsewhere.iter().map(|r| r.api_version()).collect();
            versions.dedup();
            let known_group = other.group == group || !group.contains('.');
            if known_group || is_built_in(group) {
                return format!("the cluster has `{kind}` in {}", quoted(&versions));
            }
        }
        if is_built_in(group) {
            return format!(
                "`{api_version}` belongs to Kubernetes itself: this server is too old or too new for it"
            );
        }
        format!(
            "a CustomResourceDefinition of the group `{group}` has to bring it: apply that first, \
             with the environment or the chart it comes from, or put it into this one"
        )
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Whether a group is one of Kubernetes' own.
fn is_built_in(group: &str) -> bool {
    !group.contains('.')
        || (group.ends_with(".k8s.io")
            && matches!(
                group.split('.').next(),
                Some(
                    "admissionregistration"
                        | "apiextensions"
                        | "apiregistration"
                        | "authentication"
                        | "authorization"
                        | "certificates"
                        | "coordination"
                        | "discovery"
                        | "events"
                        | "flowcontrol"
                        | "internal"
                        | "networking"
                        | "node"
                        | "policy"
                        | "rbac"
                        | "resource"
                        | "scheduling"
                        | "storage"
                )
            ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(group: &str, version: &str, kind: &str, namespaced: bool) -> Resource {
        Resource {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
            plural: format!("{}s", kind.to_lowercase()),
            namespaced,
            verbs: vec!["list".into()],
            preferred: true,
        }
    }

    #[test]
    fn paths_are_the_apis() {
        let pods = resource("", "v1", "Pod", true);
        assert_eq!(pods.object("a", "b"), "/api/v1/namespaces/a/pods/b");
        assert_eq!(pods.collection(""), "/api/v1/pods");
        let roles = resource("rbac.authorization.k8s.io", "v1", "ClusterRole", false);
        assert_eq!(
            roles.object("ignored", "system:a/b"),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%2Fb"
        );
    }

    #[test]
    fn advice_tells_what_is_missing() {
        let catalogue = Catalogue {
            resources: vec![
                resource("networking.k8s.io", "v1", "Ingress", true),
                resource("example.com", "v2", "Widget", true),
            ],
            incomplete: vec!["metrics.k8s.io/v1beta1".into()],
        };
        let advice = |api_version, kind| catalogue.advice(api_version, kind);
        assert_eq!(
            advice("extensions/v1beta1", "Ingress"),
            "the cluster has `Ingress` in `networking.k8s.io/v1`"
        );
        assert_eq!(
            advice("example.com/v1", "Widget"),
            "the cluster has `Widget` in `example.com/v2`"
        );
        assert!(advice("batch/v9", "Job").contains("too old or too new"));
        assert!(advice("metrics.k8s.io/v1beta1", "PodMetrics").contains("does not answer"));
        let missing = advice("monitoring.example.com/v1", "Rule");
        assert!(missing.contains("CustomResourceDefinition of the group `monitoring.example.com`"));
    }
}
