//! The differences that Tanka makes by itself: of objects that are created or deleted as a whole, and
//! of those fields only that the manifest has (strategy `subset`).

use renga_yaml::Flavour;
use serde_json::{Map, Value};

use crate::{kubectl::block, secret};

/// What a manifest is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Against<'a> {
    /// The manifest is created.
    Nothing,
    /// The manifest is the live object, which is deleted.
    Deletion,
    /// The live object, or those of its fields that [`subset`] leaves.
    Live(&'a Value),
}

/// Where Tanka puts the files that it compares, and when.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The folder, such as `/tmp/diff123`.
    pub folder: &'a str,
    /// The time of the files, such as `2026-11-21 14:49:12.000000000 +0000`.
    pub time: &'a str,
    /// Whether to show the data of Secrets, as Tanka does.
    pub secrets: bool,
}

/// The difference in Tanka's form: the command, and what `diff -u -N` prints; empty if there is none.
pub fn static_difference(manifest: &Value, against: Against<'_>, place: Place<'_>) -> String {
    let (mut live, mut merged) = match against {
        Against::Nothing => (None, Some(manifest.clone())),
        Against::Deletion => (Some(manifest.clone()), None),
        Against::Live(live) => (Some(live.clone()), Some(manifest.clone())),
    };
    if !place.secrets && secret::is_secret(manifest) {
        secret::mask(live.as_mut(), merged.as_mut());
    }
    let [live, merged] = [live, merged].map(|object| match object {
        // What nothing is left of does not exist.
        Some(Value::Object(map)) if map.is_empty() => String::new(),
        Some(object) => renga_yaml::to_string(&object, Flavour::GoYamlV2),
        None => String::new(),
    });
    let name = static_file_name(manifest);
    let names = ["LIVE", "MERGED"].map(|side| format!("{}/{side}-{name}", place.folder));
    block(&names, [&live, &merged], [place.time; 2])
}

/// The name of an object's file in Tanka's differences: `apps-v1.Deployment.default.web`.
pub fn static_file_name(object: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let metadata = |key: &str| text(object.get("metadata").and_then(|meta| meta.get(key)));
    format!(
        "{}.{}.{}.{}",
        text(object.get("apiVersion")),
        text(object.get("kind")),
        metadata("namespace"),
        metadata("name")
    )
    .replace('/', "-")
}

/// Those fields of `live` that `manifest` has, too: what the strategy `subset` compares.
///
/// Items of lists are taken by their position. As in Tanka `apiVersion` and `namespace` are those of
/// the manifest, so that they never differ.
pub fn subset(manifest: &Value, live: &Value) -> Value {
    match (manifest, live) {
        (Value::Object(manifest), Value::Object(live)) => {
            let mut kept: Map<String, Value> = live
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), subset(manifest.get(key)?, value))))
                .collect();
            for (key, needs_live) in [("namespace", false), ("apiVersion", true)] {
                let wanted = manifest.get(key).filter(|value| !value.is_null());
                let found = kept.get(key).is_some_and(|value| !value.is_null());
                if let Some(wanted) = wanted.filter(|_| found || !needs_live) {
                    kept.insert(key.to_owned(), wanted.clone());
                }
            }
            Value::Object(kept)
        }
        (Value::Array(manifest), Value::Array(live)) => Value::Array(
            live.iter()
                .enumerate()
                .map(|(index, item)| match manifest.get(index) {
                    Some(wanted @ Value::Object(_)) if item.is_object() => subset(wanted, item),
                    _ => item.clone(),
                })
                .collect(),
        ),
        (_, live) => live.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLACE: Place<'_> =
        Place { folder: "/tmp/diff1", time: "2026-11-21 14:49:12.000000000 +0000", secrets: false };

    #[test]
    fn a_new_object_is_added_as_a_whole() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "prod"}});
        assert_eq!(
            static_difference(&object, Against::Nothing, PLACE),
            "diff -u -N /tmp/diff1/LIVE-apps-v1.Deployment.prod.web /tmp/diff1/MERGED-apps-v1.Deployment.prod.web\n\
             --- /tmp/diff1/LIVE-apps-v1.Deployment.prod.web\t2026-11-21 14:49:12.000000000 +0000\n\
             +++ /tmp/diff1/MERGED-apps-v1.Deployment.prod.web\t2026-11-21 14:49:12.000000000 +0000\n\
             @@ -0,0 +1,5 @@\n+apiVersion: apps/v1\n+kind: Deployment\n+metadata:\n+  name: web\n+  namespace: prod\n"
        );
        assert_eq!(static_difference(&object, Against::Live(&object), PLACE), "");
    }

    #[test]
    fn a_subset_has_the_fields_of_the_manifest() {
        let manifest = json!({"spec": {"ports": [{"port": 1}, 2], "replicas": 1}});
        let live = json!({
            "spec": {"ports": [{"port": 3, "node": 4}, 5, {"port": 6, "node": 7}], "extra": 1},
            "status": {},
        });
        assert_eq!(
            subset(&manifest, &live),
            json!({"spec": {"ports": [{"port": 3}, 5, {"port": 6, "node": 7}]}})
        );
    }
}
