//! All rules on all environments.

use renga_project::Provided;
use renga_schema::Release;

use crate::cluster::Cluster;
use crate::definitions::Definitions;
use crate::finding::{Finding, Remark};
use crate::rule::Rule;
use crate::survey::{Survey, Surveyed};
use crate::{namespace, reference, running, schema};

/// What environments are held against.
#[derive(Debug)]
pub struct CheckOptions {
    /// The Kubernetes release of the clusters: the one that the surveys were made with.
    pub release: Release,
    /// What the clusters have from elsewhere.
    pub provided: Vec<Provided>,
    /// Definitions of kinds that nothing renders.
    pub definitions: Definitions,
}

/// Everything that breaks a rule, cluster by cluster, in the order of surveys and manifests.
pub fn check(surveys: &[Survey], options: &CheckOptions) -> Vec<Finding> {
    let mut findings = options.definitions.faults().to_vec();
    for cluster in Cluster::of(surveys, &options.definitions.kinds) {
        for (environment, object) in cluster.objects() {
            let mut remarks = object.remarks.clone();
            schema::check_custom(&cluster, object, &options.release, &mut remarks);
            duplicate(&cluster, environment, object, &mut remarks);
            namespace::check(&cluster, object, options, &mut remarks);
            reference::check(&cluster, object, options, &mut remarks);
            running::check(&cluster, object, &mut remarks);
            findings.extend(remarks.into_iter().map(|remark| remark.of(environment, &object.name)));
        }
    }
    findings
}

/// Rule `object/duplicate`: an object is rendered once for a cluster.
fn duplicate(
    cluster: &Cluster<'_>,
    environment: &str,
    object: &Surveyed,
    remarks: &mut Vec<Remark>,
) {
    let Some(other) = cluster.earlier(object).filter(|_| !object.name.is_generated()) else {
        return;
    };
    let message = if other == environment {
        format!("{} is rendered twice", object.name)
    } else {
        format!("{} is also rendered by {other}", object.name)
    };
    remarks.push(Remark::new(Rule::ObjectDuplicate, "metadata.name", message));
}
