//! Rules `schema/*`: objects are what the schema of their kind says.

use renga_schema::{Lifecycle, Problem, Release, Schema, nearest, validate};
use serde_json::Value;

use crate::cluster::Cluster;
use crate::finding::Remark;
use crate::object::ObjectName;
use crate::rule::Rule;
use crate::survey::Surveyed;

/// Looks at an object of a kind that the release serves; says whether it is one.
pub(crate) fn check_built_in(
    name: &ObjectName,
    value: &Value,
    release: &Release,
    remarks: &mut Vec<Remark>,
) -> bool {
    let definition = release.definition(&name.api_version, &name.kind);
    if let Some(definition) = definition {
        compare(definition.schema, value, release, remarks);
    }
    definition.is_some()
}

/// Looks at an object of any other kind, with the definitions of its cluster.
pub(crate) fn check_custom(
    cluster: &Cluster<'_>,
    object: &Surveyed,
    release: &Release,
    remarks: &mut Vec<Remark>,
) {
    if let Some(fault) = cluster.fault_of(object) {
        remarks.push(Remark::new(Rule::SchemaBrokenDefinition, "", fault.to_owned()));
    }
    let name = &object.name;
    let Some(manifest) = &object.manifest else {
        return;
    };
    if let Some(kind) = cluster.custom.get(&name.api_version, &name.kind) {
        compare(&kind.schema, manifest.value(), release, remarks);
    } else if release.definition(&name.api_version, &name.kind).is_none()
        // `api/removed` says it better.
        && Lifecycle::of(&name.api_version, &name.kind).is_none()
    {
        remarks.push(unknown_kind(cluster, name, release));
    }
}

fn compare(schema: &Schema, value: &Value, release: &Release, remarks: &mut Vec<Remark>) {
    validate(schema, value, release, &mut |violation| {
        let rule = match violation.problem {
            Problem::Unknown { .. } => Rule::SchemaUnknownField,
            _ => Rule::SchemaInvalid,
        };
        remarks.push(Remark::new(rule, &violation.path, violation.problem.to_string()));
    });
}

fn unknown_kind(cluster: &Cluster<'_>, name: &ObjectName, release: &Release) -> Remark {
    let ObjectName { api_version, kind, .. } = name;
    let message = format!("no schema of {kind} in {api_version}");
    let remark = Remark::new(Rule::SchemaUnknownKind, "", message);
    let kinds = || release.kinds().chain(cluster.custom.kinds());
    let mut versions: Vec<&str> =
        kinds().filter(|(_, known)| known == kind).map(|(version, _)| version).collect();
    versions.sort_unstable();
    if !versions.is_empty() {
        return remark.help(format!("{kind} is known in {}", versions.join(", ")));
    }
    let mut names: Vec<&str> =
        kinds().filter(|(version, _)| version == api_version).map(|(_, name)| name).collect();
    names.sort_unstable();
    match nearest(kind, names) {
        Some(name) => remark.help(format!("did you mean {name}?")),
        None => remark.help(
            "render its CustomResourceDefinition into the same cluster, or name a folder of definitions",
        ),
    }
}
