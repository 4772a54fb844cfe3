//! Finding manifests in evaluated data.
//!
//! The data is a tree of objects and arrays in which manifests hang at any depth. Paths are reported
//! as `tk` reports them: `.a.b.[0]`, with `.items[0]` for the elements of a list object.

use renga_yaml::Flavour;
use serde_json::{Map, Value};

use crate::manifest::{Located, Manifest};
use crate::schema::{SchemaError, hidden, is_secret, masked, verify};

/// A hidden marker that old ksonnet libraries leave in their output.
const KSONNET_MARKER: &str = "__ksonnet";

/// Why data holds something that is no manifest.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ExtractError {
    /// The walk ended at a plain value: the object around it is neither a manifest nor a container
    /// of manifests. Worded as `tk` words it.
    #[error("found invalid Kubernetes object (at {path}): {reason}\n\n{container}")]
    #[diagnostic(
        code(manifest::not_a_manifest),
        help(
            "every value must be a manifest (`apiVersion` and `kind`) or an object or array of manifests; hide helpers with `::`"
        )
    )]
    NotAManifest {
        /// The path of the object that holds the value.
        path: String,
        /// Which attribute keeps that object from being a manifest.
        reason: String,
        /// The object as YAML.
        container: String,
    },
    /// A manifest with missing or invalid fields.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Schema(#[from] SchemaError),
    /// A list object holds something that is no object.
    #[error("unwrapped list item is not an object, but 'map[string]interface {{}}'")]
    #[diagnostic(
        code(manifest::list_item),
        help("the element `{path}` of the list is a {found}; remove it or make it a manifest")
    )]
    ListItem {
        /// The path of the element.
        path: String,
        /// What it is, as a Go type.
        found: &'static str,
    },
}

impl renga_diag::Report for ExtractError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Finds the manifests in `data`, in the order of their paths: keys sorted bytewise, arrays in order.
///
/// Null values of objects are passed over: they come from an `if` without `else`.
///
/// # Errors
///
/// [`ExtractError`] for the first value that is neither a manifest nor a container of manifests.
pub fn extract(data: Value) -> Result<Vec<Located>, ExtractError> {
    // Errors show the object around a value, so all is checked before anything is taken apart.
    check(&data, &mut Vec::new(), Around::default())?;
    let mut found = Vec::new();
    take(data, &mut Vec::new(), &mut found);
    Ok(found)
}

/// Replaces list objects, however nested, by their elements.
///
/// # Errors
///
/// [`ExtractError`] for an element that is no manifest.
pub fn unwrap_lists(found: Vec<Located>) -> Result<Vec<Located>, ExtractError> {
    let mut out = Vec::with_capacity(found.len());
    for located in found {
        unwrap_into(located, &mut out)?;
    }
    Ok(out)
}

fn unwrap_into(located: Located, out: &mut Vec<Located>) -> Result<(), ExtractError> {
    if located.manifest.items().is_none() {
        out.push(located);
        return Ok(());
    }
    let Value::Object(mut list) = located.manifest.into_value() else { return Ok(()) };
    let Some(Value::Array(items)) = list.shift_remove("items") else { return Ok(()) };
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{}.items[{index}]", located.path);
        if !item.is_object() {
            return Err(ExtractError::ListItem { path, found: renga_gojson::go_type(&item) });
        }
        let manifest = Manifest::new(item, &path)?;
        unwrap_into(Located { path, manifest }, out)?;
    }
    Ok(())
}

/// Where a walk is: the nearest object around a value, and whether a Secret is around it.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    container: Option<&'a Map<String, Value>>,
    in_secret: bool,
}

fn check(value: &Value, trace: &mut Vec<String>, around: Around<'_>) -> Result<(), ExtractError> {
    match value {
        Value::Object(map) => {
            if why_no_manifest(map).is_none() {
                return Ok(verify(value, &path_of(trace))?);
            }
            let around =
                Around { container: Some(map), in_secret: around.in_secret || is_secret(value) };
            for key in sorted_keys(map) {
                if !map[key].is_null() {
                    trace.push(key.to_owned());
                    check(&map[key], trace, around)?;
                    trace.pop();
                }
            }
            Ok(())
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                trace.push(format!("[{index}]"));
                check(item, trace, around)?;
                trace.pop();
            }
            Ok(())
        }
        _ => Err(not_a_manifest(path_of(&trace[..trace.len().saturating_sub(1)]), around)),
    }
}

fn take(value: Value, trace: &mut Vec<String>, found: &mut Vec<Located>) {
    match value {
        Value::Object(mut map) => {
            map.shift_remove(KSONNET_MARKER);
            if why_no_manifest(&map).is_none() {
                let path = path_of(trace);
                found.push(Located { path, manifest: Manifest::verified(Value::Object(map)) });
                return;
            }
            let keys: Vec<String> = sorted_keys(&map).into_iter().map(str::to_owned).collect();
            for key in keys {
                let child = map.get_mut(&key).map_or(Value::Null, Value::take);
                trace.push(key);
                take(child, trace, found);
                trace.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                trace.push(format!("[{index}]"));
                take(item, trace, found);
                trace.pop();
            }
        }
        _ => {}
    }
}

/// The keys that are walked, bytewise sorted.
fn sorted_keys(map: &Map<String, Value>) -> Vec<&str> {
    let mut keys: Vec<&str> =
        map.keys().map(String::as_str).filter(|key| *key != KSONNET_MARKER).collect();
    keys.sort_unstable();
    keys
}

fn not_a_manifest(path: String, around: Around<'_>) -> ExtractError {
    let mut shown = around.container.cloned().unwrap_or_default();
    shown.shift_remove(KSONNET_MARKER);
    // Go prints a missing error this way: there is no object around the value at all.
    let reason =
        around.container.and_then(why_no_manifest).unwrap_or_else(|| "%!s(<nil>)".to_owned());
    let shown = Value::Object(shown);
    // Below a malformed Secret every value may be one of its own.
    let shown =
        if around.in_secret && !is_secret(&shown) { hidden(&shown) } else { masked(&shown) };
    let container = renga_yaml::to_string(&shown, Flavour::GoYamlV3);
    ExtractError::NotAManifest { path, reason, container }
}

/// `None` for a manifest: non-empty strings under `apiVersion` and `kind`.
fn why_no_manifest(map: &Map<String, Value>) -> Option<String> {
    ["apiVersion", "kind"].into_iter().find_map(|key| match map.get(key) {
        None | Some(Value::Null) => Some(format!("missing attribute \"{key}\"")),
        Some(Value::String(text)) if text.is_empty() => {
            Some(format!("attribute \"{key}\" is empty"))
        }
        Some(Value::String(_)) => None,
        Some(other) => Some(format!(
            "attribute \"{key}\" is not a string, it is a {}",
            renga_gojson::go_type(other)
        )),
    })
}

fn path_of(trace: &[String]) -> String {
    format!(".{}", trace.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config_map(name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
    }

    fn paths(data: Value) -> Vec<String> {
        let found = unwrap_lists(extract(data).unwrap()).unwrap();
        found
            .into_iter()
            .map(|located| format!("{} {}", located.path, located.manifest.name()))
            .collect()
    }

    #[test]
    fn manifests_are_found_at_any_depth_in_the_order_of_their_paths() {
        let data = json!({"b": config_map("b"), "a": {"y": [config_map("0"), [config_map("1")]], "x": null}, "__ksonnet": 1});
        assert_eq!(paths(data), [".a.y.[0] 0", ".a.y.[1].[0] 1", ".b b"]);
        assert!(paths(json!({})).is_empty() && paths(json!([])).is_empty());
    }

    #[test]
    fn lists_give_way_to_their_items_even_in_lists() {
        let inner = json!({"apiVersion": "v1", "kind": "List", "items": [config_map("1")]});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [config_map("0"), inner]});
        assert_eq!(paths(json!({"l": list})), [".l.items[0] 0", ".l.items[1].items[0] 1"]);
    }

    #[test]
    fn a_plain_value_is_shown_with_all_of_the_object_around_it() {
        let error =
            extract(json!({"a": {"first": config_map("x"), "kind": 1, "apiVersion": "v1"}}))
                .unwrap_err();
        assert!(error.to_string().starts_with(
            "found invalid Kubernetes object (at .a): attribute \"kind\" is not a string, it is a float64\n\n"
        ));
        assert!(error.to_string().contains("        name: x\n"), "{error}");
        let error = extract(json!([1])).unwrap_err();
        assert_eq!(error.to_string(), "found invalid Kubernetes object (at .): %!s(<nil>)\n\n{}\n");
    }

    #[test]
    fn missing_fields_are_listed_with_a_sample() {
        let error = extract(
            json!({"a": {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"x": 1}}}}),
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "\
.a has missing or invalid fields:
  - metadata.labels: contains non-string field 'x' of type 'float64'
  - metadata.name: missing or not of string type

Please check below object:
  apiVersion: v1
  kind: Pod
  metadata:
    labels:
      x: 1"
        );
    }

    #[test]
    fn messages_show_no_secret() {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}, "stringData": {"key": "hunter2"}});
        let text = extract(json!({"a": secret})).unwrap_err().to_string();
        assert!(text.contains("key: '***'") && !text.contains("hunter2"), "{text}");
        let secret = json!({"kind": "Secret", "data": {"key": "aHVudGVyMg=="}});
        let text = extract(secret).unwrap_err().to_string();
        assert!(text.contains("***") && !text.contains("aHVu"), "{text}");
    }

    #[test]
    fn a_list_item_must_be_an_object() {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [1]});
        let error = unwrap_lists(extract(list).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unwrapped list item is not an object, but 'map[string]interface {}'"
        );
    }
}
