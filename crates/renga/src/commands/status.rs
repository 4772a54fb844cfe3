//! `status`: where an environment goes, and what it has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use renga_diag::ExitStatus;
use renga_env::Spec;
use renga_manifest::Manifest;

use super::live::{self, NoAnswer, Talk};
use super::{Outcome, workflow};
use crate::args::{StatusArgs, WorkflowArgs};
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga status`.
pub(super) fn status(args: &StatusArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let workflow = match settings.dialect {
        // tk takes targets here, and does not look at them.
        Dialect::Tk => WorkflowArgs { targets: Vec::new(), ..args.workflow.clone() },
        Dialect::Renga => args.workflow.clone(),
    };
    let workload = workflow::load(&args.path, &workflow, &args.variables, settings, printer)?;
    let mut spec = workload.found.environment.spec.clone();
    let connection = live::connect(&spec, Some(&args.connection), settings)?;
    let version =
        connection.cluster.version(&Talk::new(settings, printer)).map_err(NoAnswer::from)?;
    if spec.diff_strategy.is_empty() {
        let server = spec.apply_strategy == "server";
        if server { "server" } else { "native" }.clone_into(&mut spec.diff_strategy);
    }
    let target = connection.cluster.target();
    let mut text = format!("Context: {}\nCluster: {}\n", target.context, target.cluster);
    if settings.dialect == Dialect::Renga {
        let _ = writeln!(text, "Server: {} at {}", version.git_version, target.server);
    }
    text.push_str("Environment:\n");
    for (name, value) in fields(&spec) {
        let _ = writeln!(text, "  {name}: {value}");
    }
    text.push_str("Resources:\n");
    text.push_str(&table(&workload.manifests));
    printer.data_bytes(text.as_bytes())?;
    Ok(ExitStatus::Success)
}

/// The fields of a spec by their names in Go, sorted, with values as Go's `%v` shows them.
fn fields(spec: &Spec) -> [(&'static str, String); 10] {
    [
        ("APIServer", spec.api_server.clone()),
        ("ApplyStrategy", spec.apply_strategy.clone()),
        ("ContextNames", list(&spec.context_names)),
        ("DiffStrategy", spec.diff_strategy.clone()),
        ("ExpectVersions", format!("map[Tanka:{}]", spec.expect_versions.tanka)),
        ("ExportJsonnetImplementation", spec.export_jsonnet_implementation.clone()),
        ("InjectLabels", spec.inject_labels.to_string()),
        ("Namespace", spec.namespace.clone()),
        (
            "ResourceDefaults",
            format!(
                "map[Annotations:{} Labels:{}]",
                map(&spec.resource_defaults.annotations),
                map(&spec.resource_defaults.labels)
            ),
        ),
        ("TankaEnvLabelFromFields", list(&spec.tanka_env_label_from_fields)),
    ]
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(" "))
}

fn map(entries: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> =
        entries.iter().map(|(key, value)| format!("{key}:{value}")).collect();
    format!("map[{}]", entries.join(" "))
}

/// Two columns, the first as wide as its widest cell and four blanks.
fn table(manifests: &[Manifest]) -> String {
    let head = ("NAMESPACE", "OBJECTSPEC".to_owned());
    let rows = manifests
        .iter()
        .map(|manifest| (manifest.namespace(), format!("{}/{}", manifest.kind(), manifest.name())));
    let rows: Vec<(&str, String)> = std::iter::once(head).chain(rows).collect();
    let width = rows.iter().map(|(cell, _)| cell.chars().count()).max().unwrap_or(0) + 4;
    let mut text = String::new();
    for (namespace, object) in rows {
        let _ = writeln!(text, "  {namespace:width$}{object}");
    }
    text
}
