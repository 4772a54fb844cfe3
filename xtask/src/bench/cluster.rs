//! The environment that is compared with a live cluster: a fleet's applications, as far as any cluster
//! knows their kinds, in a namespace of their own; and a second one with ten of them changed.

use std::{
    error::Error,
    io,
    path::Path,
    process::{Command, Stdio},
};

use super::charts::File;

/// The environment that is in the cluster.
pub(super) const LIVE: &str = "environments/live";

/// The one with changes.
pub(super) const CHANGED: &str = "environments/changed";

/// The manifests of both as files.
pub(super) const LIVE_FILES: &str = "files-live";
pub(super) const CHANGED_FILES: &str = "files-changed";

/// Applications, with six objects each of kinds that every cluster knows.
pub(super) const APPS: u32 = 167;

/// All objects, with the namespace.
pub(super) const OBJECTS: u32 = APPS * 6 + 1;

const NAMESPACE: &str = "renga-bench";

/// The kinds that are left out: their definitions are not everywhere.
const MAIN: &str = "local kinds = ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Service', 'ServiceAccount'];
local keep(value) =
  if !std.isObject(value) then {}
  else if std.objectHas(value, 'kind') then (if std.member(kinds, value.kind) then value { metadata+: { namespace: 'renga-bench' } } else {})
  else { [name]: keep(value[name]) for name in std.objectFields(value) };

keep(import '../cluster-0/env-00000/main.jsonnet') + {
  namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'renga-bench' } },
}
";

/// Ten objects get another field.
const CHANGES: &str = "local live = import '../live/main.jsonnet';
local names = [NAMES];
local change(value, name) =
  if !std.isObject(value) then value
  else if std.objectHas(value, 'kind') then
    if value.kind == 'ConfigMap' && std.member(names, value.metadata.name) then value { data+: { changed: 'yes' } } else value
  else { [field]: change(value[field], field) for field in std.objectFields(value) };

change(live, '')
";

/// The files of both environments, which go to the cluster of a kubeconfig.
///
/// # Errors
///
/// When the kubeconfig cannot be read, or names no context.
pub(super) fn environments(kubeconfig: Option<&Path>) -> io::Result<Vec<File>> {
    let text = kubeconfig.map(fs_err::read_to_string).transpose()?.unwrap_or_default();
    let context = text.lines().find_map(|line| line.strip_prefix("current-context: "));
    let context =
        context.ok_or_else(|| io::Error::other("the kubeconfig has no current context"))?;
    let spec = format!(
        "{{ \"spec\": {{ \"contextNames\": [\"{}\"], \"namespace\": \"{NAMESPACE}\" }} }}\n",
        context.trim_matches('"')
    );
    let names: Vec<String> = (0..10).map(|app| format!("service-{app}-dev-0")).collect();
    let names = format!("'{}'", names.join("', '"));
    let changes = CHANGES.replace("NAMES", &names);
    Ok(vec![
        (format!("{LIVE}/spec.json"), spec.clone()),
        (format!("{LIVE}/main.jsonnet"), MAIN.to_owned()),
        (format!("{CHANGED}/spec.json"), spec),
        (format!("{CHANGED}/main.jsonnet"), changes),
    ])
}

/// Exports both environments, and applies the first one.
///
/// # Errors
///
/// When that fails.
pub(super) fn fill(renga: &Path, kubeconfig: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    for arguments in [
        &["export", "--skip-manifest", LIVE_FILES, LIVE][..],
        &["export", "--skip-manifest", CHANGED_FILES, CHANGED],
        &["apply", LIVE, "--auto-approve", "always", "--diff-strategy", "none"],
    ] {
        let mut command = Command::new(renga);
        command.args(arguments).current_dir(folder).env("KUBECONFIG", kubeconfig);
        let output = command.stdin(Stdio::null()).output()?;
        if !output.status.success() {
            let talk = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("{}: {talk}", arguments.join(" ")).into());
        }
    }
    Ok(())
}
