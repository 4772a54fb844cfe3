//! A `Chart.yaml` as Go's JSON encoder writes the fields: those that are empty are left out.

use serde_json::{Map, Value};

use super::{ChartMetadata, Dependency, Maintainer};

struct Fields(Map<String, Value>);

impl Fields {
    fn string(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.0.insert(key.to_owned(), Value::from(text));
        }
    }

    fn flag(&mut self, key: &str, flag: bool) {
        if flag {
            self.0.insert(key.to_owned(), Value::Bool(true));
        }
    }

    fn list(&mut self, key: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.0.insert(key.to_owned(), Value::Array(items));
        }
    }
}

/// The object that is written; the YAML writer sorts its keys.
pub(super) fn metadata(of: &ChartMetadata) -> Value {
    let mut fields = Fields(Map::new());
    for (key, text) in [
        ("name", &of.name),
        ("home", &of.home),
        ("version", &of.version),
        ("description", &of.description),
        ("icon", &of.icon),
        ("apiVersion", &of.api_version),
        ("condition", &of.condition),
        ("tags", &of.tags),
        ("appVersion", &of.app_version),
        ("kubeVersion", &of.kube_version),
        ("type", &of.kind),
    ] {
        fields.string(key, text);
    }
    fields.flag("deprecated", of.deprecated);
    let strings = |list: &[String]| list.iter().map(|text| Value::from(text.as_str())).collect();
    fields.list("sources", strings(&of.sources));
    fields.list("keywords", strings(&of.keywords));
    fields.list("maintainers", of.maintainers.iter().map(Option::as_ref).map(maintainer).collect());
    if !of.annotations.is_empty() {
        let map =
            of.annotations.iter().map(|(key, text)| (key.clone(), Value::from(text.as_str())));
        fields.0.insert("annotations".to_owned(), Value::Object(map.collect()));
    }
    if of.api_version != "v1" {
        fields.list(
            "dependencies",
            of.dependencies.iter().map(Option::as_ref).map(dependency).collect(),
        );
    }
    Value::Object(fields.0)
}

fn maintainer(of: Option<&Maintainer>) -> Value {
    let Some(of) = of else { return Value::Null };
    let mut fields = Fields(Map::new());
    fields.string("name", &of.name);
    fields.string("email", &of.email);
    fields.string("url", &of.url);
    Value::Object(fields.0)
}

/// A dependency with the fields that Helm writes, `name` and `repository` always.
fn dependency(of: Option<&Dependency>) -> Value {
    let Some(of) = of else { return Value::Null };
    let mut fields = Fields(Map::new());
    fields.0.insert("name".to_owned(), Value::from(of.name.as_str()));
    fields.string("version", &of.version);
    fields.0.insert("repository".to_owned(), Value::from(of.repository.as_str()));
    fields.string("condition", &of.condition);
    fields.list("tags", of.tags.iter().map(|tag| Value::from(tag.as_str())).collect());
    fields.flag("enabled", of.enabled);
    fields.list("import-values", of.import_values.clone());
    fields.string("alias", &of.alias);
    Value::Object(fields.0)
}
