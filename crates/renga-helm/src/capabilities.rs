//! What a chart may ask of the cluster and of Helm: `.Capabilities`.
//!
//! Owns the tables that Helm renders with when it has no cluster, the reading of `--kube-version`
//! and the check of a chart's `kubeVersion`. Never asks a cluster.

use renga_gotemplate::quoted;
use renga_semver::{Constraint, Version};

use crate::compat::Compat;

/// The API versions that Helm 3.22 and 4.3 know by themselves, in their order.
///
/// Those of the Kubernetes client library 0.37, and the two of custom resource definitions.
const API_VERSIONS: [&str; 57] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// What templates see as `.Capabilities`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// Group versions, and whatever `--api-versions` added.
    pub api_versions: Vec<String>,
    /// The Helm that is stood in for.
    pub helm_version: HelmVersion,
}

impl Capabilities {
    /// What a released Helm has without a cluster and without flags.
    pub fn defaults(compat: Compat) -> Self {
        Self {
            kube_version: KubeVersion::default_of(compat),
            api_versions: API_VERSIONS.iter().map(|&version| version.to_owned()).collect(),
            helm_version: HelmVersion::of(compat),
        }
    }
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KubeVersion {
    /// What `.Version` and `.GitVersion` give.
    pub version: String,
    /// What printing it gives and constraints are checked against, without suffixes.
    pub normalized: String,
    /// The first number.
    pub major: String,
    /// The second number.
    pub minor: String,
}

/// Why a text is not a version of Kubernetes. The words are those of the Kubernetes library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("invalid kube version '{text}': {problem}")]
#[diagnostic(code(helm::kube_version), help("write it as `1.37` or `v1.37.0`"))]
pub struct KubeVersionError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

impl KubeVersion {
    /// The version Helm takes when none is given.
    pub fn default_of(_compat: Compat) -> Self {
        let version = "v1.37.0".to_owned();
        Self { normalized: version.clone(), version, major: "1".to_owned(), minor: "37".to_owned() }
    }

    /// Reads what `--kube-version` gives.
    ///
    /// # Errors
    ///
    /// [`KubeVersionError`] for a text that does not begin with two numbers.
    pub fn parse(text: &str, compat: Compat) -> Result<Self, KubeVersionError> {
        let fail = |problem: String| Err(KubeVersionError { text: text.to_owned(), problem });
        let is_space = |c: char| matches!(c, '\t' | '\n' | '\u{C}' | '\r' | ' ');
        let rest = text.trim_start_matches(is_space);
        let rest = rest.strip_prefix('v').unwrap_or(rest);
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        let mut numbers = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        // Dots count only between digits; the rest of the line is free.
        if let Some(gap) = numbers.find("..") {
            numbers = &numbers[..gap];
        }
        numbers = numbers.strip_suffix('.').unwrap_or(numbers);
        let free = &rest[numbers.len()..];
        let quote = |text: &str| quoted(text.as_bytes());
        if numbers.is_empty() || numbers.starts_with('.') || free.contains('\n') {
            return fail(format!("could not parse {} as version", quote(text)));
        }
        let components: Vec<&str> = numbers.split('.').collect();
        if components.len() < 2 {
            return fail(format!("illegal version string {}", quote(text)));
        }
        if components[0].starts_with('0') && components[0] != "0" {
            return fail(format!(
                "illegal zero-prefixed version component {} in {}",
                quote(components[0]),
                quote(text)
            ));
        }
        let mut parsed = Vec::with_capacity(components.len());
        for component in components {
            let Ok(number) = component.parse::<u64>() else {
                let component = quote(component);
                return fail(format!(
                    "illegal non-numeric version component {component} in {}: \
                     strconv.ParseUint: parsing {component}: value out of range",
                    quote(text)
                ));
            };
            parsed.push(number.to_string());
        }
        let normalized = format!("v{}", parsed.join("."));
        let version = if compat.is_v3() {
            normalized.clone()
        } else if text.starts_with('v') {
            text.to_owned()
        } else {
            format!("v{text}")
        };
        let minor = parsed.swap_remove(1);
        Ok(Self { version, normalized, major: parsed.swap_remove(0), minor })
    }
}

/// What templates see as `.Capabilities.HelmVersion`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HelmVersion {
    /// The release.
    pub version: String,
    /// The commit it was built from; empty where it does not say.
    pub git_commit: String,
    /// Whether the working tree was clean; empty where it does not say.
    pub git_tree_state: String,
    /// The compiler it was built with.
    pub go_version: String,
    /// The minor release of the Kubernetes client library; Helm 4 alone has it.
    pub kube_client_version: String,
}

impl HelmVersion {
    /// The release that is stood in for.
    pub fn of(compat: Compat) -> Self {
        let version = match compat {
            Compat::V4 => "v4.3.1",
            Compat::V3 => "v3.22.0",
        };
        let kube_client_version = if compat.is_v4() { "v1.37" } else { "" };
        Self {
            version: version.to_owned(),
            git_commit: String::new(),
            git_tree_state: String::new(),
            go_version: "go1.26".to_owned(),
            kube_client_version: kube_client_version.to_owned(),
        }
    }
}

/// A chart that does not fit the version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("chart requires kubeVersion: {constraint} which is incompatible with Kubernetes {version}")]
#[diagnostic(
    code(helm::incompatible_kube_version),
    help("say which version the manifests are for, with `--kube-version`")
)]
pub struct IncompatibleKubeVersion {
    /// What the chart asks for.
    pub constraint: String,
    /// What there is.
    pub version: String,
}

/// Checks the `kubeVersion` of a chart (empty: any) against the version there is.
///
/// # Errors
///
/// [`IncompatibleKubeVersion`] when the version does not match, or the constraint has no meaning.
pub fn check_kube_version(
    constraint: &str,
    version: &KubeVersion,
) -> Result<(), IncompatibleKubeVersion> {
    if constraint.is_empty() || is_compatible(constraint, &version.normalized) {
        return Ok(());
    }
    Err(IncompatibleKubeVersion {
        constraint: constraint.to_owned(),
        version: version.version.clone(),
    })
}

/// Whether a version matches a constraint; false when either cannot be read.
pub(crate) fn is_compatible(constraint: &str, version: &str) -> bool {
    let (Ok(version), Ok(constraint)) = (Version::parse(version), Constraint::parse(constraint))
    else {
        return false;
    };
    constraint.check(&version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, compat: Compat) -> String {
        match KubeVersion::parse(text, compat) {
            Ok(v) => format!("{} {} {} {}", v.version, v.normalized, v.major, v.minor),
            Err(error) => error.problem,
        }
    }

    #[test]
    fn kube_versions_are_read_generously() {
        for (text, v4, v3) in [
            ("1.25", "v1.25 v1.25 1 25", "v1.25 v1.25 1 25"),
            ("v1.25.3-gke.100", "v1.25.3-gke.100 v1.25.3 1 25", "v1.25.3 v1.25.3 1 25"),
            ("1.2.3.4", "v1.2.3.4 v1.2.3.4 1 2", "v1.2.3.4 v1.2.3.4 1 2"),
            (" v1.28.0 ", "v v1.28.0  v1.28.0 1 28", "v1.28.0 v1.28.0 1 28"),
            ("1.25.03", "v1.25.03 v1.25.3 1 25", "v1.25.3 v1.25.3 1 25"),
            ("1.2..3", "v1.2..3 v1.2 1 2", "v1.2 v1.2 1 2"),
        ] {
            assert_eq!(parse(text, Compat::V4), v4, "{text}");
            assert_eq!(parse(text, Compat::V3), v3, "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused_in_the_words_of_kubernetes() {
        for (text, problem) in [
            ("1", "illegal version string \"1\""),
            ("1.x", "illegal version string \"1.x\""),
            ("abc", "could not parse \"abc\" as version"),
            ("V1.2", "could not parse \"V1.2\" as version"),
            ("01.2", "illegal zero-prefixed version component \"01\" in \"01.2\""),
            ("", "could not parse \"\" as version"),
        ] {
            assert_eq!(parse(text, Compat::V4), problem, "{text}");
        }
    }

    #[test]
    fn a_chart_may_ask_for_a_version() {
        let version = KubeVersion::parse("v1.25.3-gke.100", Compat::V4).unwrap();
        assert_eq!(check_kube_version("", &version), Ok(()));
        assert_eq!(check_kube_version(">=1.20.0", &version), Ok(()));
        assert_eq!(
            check_kube_version("<1.20.0", &version).unwrap_err().to_string(),
            "chart requires kubeVersion: <1.20.0 which is incompatible with Kubernetes v1.25.3-gke.100"
        );
        assert!(check_kube_version("nonsense", &version).is_err());
    }
}
