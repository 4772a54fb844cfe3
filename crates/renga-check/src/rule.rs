//! The rules: what they are called and how grave it is to break them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Works today, and should be looked at.
    Warning,
    /// The cluster refuses it, or it does not work there.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! rules {
    ($($variant:ident $id:literal $severity:ident $title:literal,)+) => {
        /// A rule that findings refer to.
        #[expect(clippy::doc_markdown, reason = "titles are shown to people, who read no backticks")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $title] $variant,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in reports and settings.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// How grave it is to break it, unless the settings say otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// What it demands, in one line.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

rules! {
    SchemaInvalid "schema/invalid" Error "Values are of the types and within the bounds that the schema of their kind sets",
    SchemaUnknownField "schema/unknown-field" Error "Fields are named in the schema of their kind",
    SchemaUnknownKind "schema/unknown-kind" Error "Kinds are built in, or brought by a definition in the same cluster",
    SchemaBrokenDefinition "schema/broken-definition" Error "Definitions of custom resources have a schema that can be read",
    ApiRemoved "api/removed" Error "API versions are served by the release of the cluster",
    ApiDeprecated "api/deprecated" Warning "API versions are not about to be removed",
    ObjectDuplicate "object/duplicate" Error "An object is rendered once for a cluster",
    ObjectNamespace "object/namespace" Error "Objects name a namespace if and only if their kind lives in one",
    ReferenceNamespace "reference/namespace" Error "Namespaces of objects exist",
    ReferenceServiceAccount "reference/service-account" Error "ServiceAccounts that are used exist",
    ReferenceConfigMap "reference/config-map" Error "ConfigMaps that are used exist and have the keys that are asked for",
    ReferenceSecret "reference/secret" Error "Secrets that are used exist and have the keys that are asked for",
    ReferenceVolumeClaim "reference/volume-claim" Error "PersistentVolumeClaims that are mounted exist",
    ReferenceRole "reference/role" Error "Roles that are bound exist",
    ReferenceService "reference/service" Error "Services that traffic is sent to exist",
    ReferencePort "reference/port" Error "Ports that traffic is sent to exist",
    ReferencePods "reference/pods" Warning "Selectors and ports of Services, and selectors of PodDisruptionBudgets, match pods",
    ReferenceScaleTarget "reference/scale-target" Error "What is to be scaled exists",
    ReferenceClass "reference/class" Error "Classes of priority, storage and container runtime exist",
    WorkloadDisruption "workload/disruption" Warning "PodDisruptionBudgets let nodes be drained",
    SecretPlain "secret/plain" Error "Secrets stand in no other kind than Secret",
    ChartsLock "charts/lock" Error "The lockfile of the charts is that of the chartfile",
    ExportStale "export/stale" Error "The exported files are what an export would write",
    PolicyBroken "policy/broken" Error "Policies of the workspace can be evaluated",
    SuppressionExpired "suppression/expired" Error "Suppressions are in force",
    SuppressionUnused "suppression/unused" Warning "Suppressions suppress something",
    SuppressionInvalid "suppression/invalid" Error "Suppressions on objects name rules and a reason",
}

/// What begins the names of the policies of a workspace.
const POLICY: &str = "policy/";

/// The name of a rule: one of [`Rule`], or `policy/NAME` for a policy of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(Cow<'static, str>);

impl RuleId {
    /// The name of a policy of the workspace.
    pub fn policy(name: &str) -> Self {
        Self(Cow::Owned(format!("{POLICY}{name}")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rule, unless it is a policy of the workspace.
    pub fn rule(&self) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id() == self.0)
    }

    /// Whether a name, perhaps with `*`, can mean a rule: policies have names of their own.
    pub fn is_known(pattern: &str) -> bool {
        pattern.starts_with(POLICY)
            || Rule::ALL.iter().any(|rule| crate::provided::matches(pattern, rule.id()))
    }

    /// The known name that is nearest to one that is not.
    pub fn nearest(name: &str) -> Option<&'static str> {
        renga_schema::nearest(name, Rule::ALL.iter().map(|rule| rule.id()))
    }
}

impl From<Rule> for RuleId {
    fn from(rule: Rule) -> Self {
        Self(Cow::Borrowed(rule.id()))
    }
}

impl PartialEq<Rule> for RuleId {
    fn eq(&self, rule: &Rule) -> bool {
        self.0 == rule.id()
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Rule;

    #[test]
    fn names_are_unique() {
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
    }
}
