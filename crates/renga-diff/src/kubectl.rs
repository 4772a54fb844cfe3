//! What `kubectl diff` shows of objects: two folders with a file per object, compared by
//! `diff -u -N`. The reference is kubectl 0.36.3.

use renga_yaml::Flavour;
use serde_json::Value;

use crate::{
    secret,
    unified::{Side, unified},
};

/// What of an object is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Show {
    /// `metadata.managedFields`, which are left out otherwise.
    pub managed_fields: bool,
    /// The data of Secrets, which is masked otherwise.
    pub secrets: bool,
}

/// Both versions of an object as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePair {
    /// The name of both files.
    pub name: String,
    /// What is live; empty if nothing is.
    pub live: String,
    /// What would be live after the change; empty if nothing would.
    pub merged: String,
}

impl FilePair {
    /// Writes both versions of an object.
    ///
    /// A Secret that is to be created has an empty file on the other side; kubectl writes `null`
    /// there.
    pub fn new(live: Option<&Value>, merged: Option<&Value>, show: Show) -> Self {
        let name = merged.or(live).map(object_file_name).unwrap_or_default();
        let [mut live, mut merged] = [live, merged].map(Option::<&Value>::cloned);
        if !show.managed_fields {
            for object in [&mut live, &mut merged].into_iter().flatten() {
                remove_managed_fields(object);
            }
        }
        if !show.secrets && [&live, &merged].into_iter().flatten().any(secret::is_secret) {
            secret::mask(live.as_mut(), merged.as_mut());
        }
        let [live, merged] =
            [live, merged].map(|object| object.as_ref().map(to_yaml).unwrap_or_default());
        Self { name, live, merged }
    }

    /// Whether both versions are shown alike.
    pub fn is_equal(&self) -> bool {
        self.live == self.merged
    }
}

/// A folder with one side of the files, such as `/tmp/LIVE-123`.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// Its path, without a slash at its end.
    pub path: &'a str,
    /// The time of its files, such as `2026-11-21 14:49:12.000000000 +0000`.
    pub time: &'a str,
}

/// The files that differ, one block each, in the order of their names; empty if none does.
pub fn folder_difference(files: &[FilePair], live: Folder<'_>, merged: Folder<'_>) -> String {
    let mut files: Vec<&FilePair> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out = String::new();
    for file in files {
        out.push_str(&file_difference(file, live, merged));
    }
    out
}

/// One block of [`folder_difference`]; empty if the files are equal.
pub fn file_difference(file: &FilePair, live: Folder<'_>, merged: Folder<'_>) -> String {
    let names = [live, merged].map(|folder| format!("{}/{}", folder.path, file.name));
    block(&names, [&file.live, &file.merged], [live.time, merged.time])
}

/// The command that compares two files, and its output.
pub(crate) fn block(names: &[String; 2], texts: [&str; 2], times: [&str; 2]) -> String {
    let [live, merged] = names;
    let difference = unified(
        &Side { name: live, time: Some(times[0]), text: texts[0] },
        &Side { name: merged, time: Some(times[1]), text: texts[1] },
    );
    difference.map(|text| format!("diff -u -N {live} {merged}\n{text}")).unwrap_or_default()
}

/// The name of an object's file: `apps.v1.Deployment.default.web`, `v1.Namespace..prod`.
pub fn object_file_name(object: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let metadata = |key: &str| text(object.get("metadata").and_then(|meta| meta.get(key)));
    let version = text(object.get("apiVersion")).replacen('/', ".", 1);
    let kind = text(object.get("kind"));
    format!("{version}.{kind}.{}.{}", metadata("namespace"), metadata("name"))
}

fn remove_managed_fields(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
}

/// The object as YAML, keys sorted.
fn to_yaml(object: &Value) -> String {
    let mut out = Vec::new();
    if renga_yaml::try_write(object, Flavour::SigsYaml, &mut out).is_err() {
        // kubectl ends with an error here. Nothing at all would read as "no object".
        out.clear();
        renga_yaml::write(object, Flavour::GoYamlV2, &mut out);
    }
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(name: &str, value: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}})
    }

    #[test]
    fn what_yaml_refuses_is_shown_all_the_same() {
        let (old, new) = (config("a", "\u{7f}1"), config("a", "\u{7f}2"));
        let files = FilePair::new(Some(&old), Some(&new), Show::default());
        assert!(!files.is_equal());
        assert!(files.live.contains("kind: ConfigMap"));
    }

    #[test]
    fn files_stand_in_the_order_of_their_names() {
        let pair = |name: &str, new: Option<&str>| {
            let new = new.map(|value| config(name, value));
            FilePair::new(Some(&config(name, "1")), new.as_ref(), Show::default())
        };
        let time = "2026-11-21 14:49:12.000000000 +0000";
        let text = folder_difference(
            &[pair("b", Some("2")), pair("same", Some("1")), pair("a", None)],
            Folder { path: "/tmp/LIVE-1", time },
            Folder { path: "/tmp/MERGED-2", time },
        );
        let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("diff ")).collect();
        assert_eq!(
            commands,
            [
                "diff -u -N /tmp/LIVE-1/v1.ConfigMap..a /tmp/MERGED-2/v1.ConfigMap..a",
                "diff -u -N /tmp/LIVE-1/v1.ConfigMap..b /tmp/MERGED-2/v1.ConfigMap..b",
            ]
        );
        assert!(text.contains("@@ -1,6 +0,0 @@\n-apiVersion: v1\n"));
    }

    #[test]
    fn secrets_and_managed_fields_are_shown_on_request() {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "eA=="},
            "metadata": {"name": "s", "managedFields": [{"manager": "x"}]}});
        let hidden = FilePair::new(Some(&secret), None, Show::default());
        assert!(!hidden.live.contains("eA==") && !hidden.live.contains("manager"));
        let shown =
            FilePair::new(Some(&secret), None, Show { managed_fields: true, secrets: true });
        assert!(shown.live.contains("eA==") && shown.live.contains("manager"));
    }
}
