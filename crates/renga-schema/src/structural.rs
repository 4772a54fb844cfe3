//! The schemas that `CustomResourceDefinition`s bring.
//!
//! Structural schemas as `apiextensions.k8s.io/v1` demands them; rules in CEL are not looked at.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::kubernetes::OBJECT_META;
use crate::rules::Rules;
use crate::schema::{Field, Fields, List, Null, Schema, Shape, Text, Width};

/// A definition that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{definition}: {path}: {fault}")]
pub struct DefinitionError {
    /// The name of the `CustomResourceDefinition`.
    pub definition: String,
    /// The field at fault.
    pub path: String,
    /// What is wrong with it.
    pub fault: String,
}

/// A version of a kind that a definition brings.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomKind {
    /// What its objects may be.
    pub schema: Schema,
    /// The name of its resource: lower case, plural.
    pub resource: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether the definition warns of this version.
    pub deprecated: bool,
}

/// The kinds of a set of definitions.
#[derive(Debug, Clone, Default)]
pub struct CustomKinds {
    /// By API version and kind.
    kinds: FxHashMap<(String, String), CustomKind>,
}

impl CustomKinds {
    /// Adds the served versions of a `CustomResourceDefinition`. A kind that is there already is
    /// replaced.
    ///
    /// # Errors
    /// When the manifest is none that can be read. Versions before the fault stay.
    pub fn add(&mut self, definition: &Value) -> Result<(), DefinitionError> {
        let name = definition.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let fault = |path: &str, fault: &str| DefinitionError {
            definition: name.to_owned(),
            path: path.to_owned(),
            fault: fault.to_owned(),
        };
        let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str);
        let group = text("/spec/group").ok_or_else(|| fault("spec.group", "expected a string"))?;
        let kind = text("/spec/names/kind")
            .ok_or_else(|| fault("spec.names.kind", "expected a string"))?;
        let resource = text("/spec/names/plural").unwrap_or_default();
        let namespaced = text("/spec/scope") == Some("Namespaced");
        let versions = definition
            .pointer("/spec/versions")
            .and_then(Value::as_array)
            .ok_or_else(|| fault("spec.versions", "expected a list"))?;
        for (index, version) in versions.iter().enumerate() {
            let place = format!("spec.versions[{index}]");
            let set = |key: &str| version.get(key).and_then(Value::as_bool) == Some(true);
            let Some(word) = version.get("name").and_then(Value::as_str) else {
                return Err(fault(&format!("{place}.name"), "expected a string"));
            };
            if !set("served") {
                continue;
            }
            let place = format!("{place}.schema.openAPIV3Schema");
            let schema = version
                .pointer("/schema/openAPIV3Schema")
                .ok_or_else(|| fault(&place, "every version needs a schema"))?;
            let mut schema = read(schema, 0).map_err(|at| {
                let (path, words) = at.under(&place);
                fault(&path, &words)
            })?;
            make_resource(&mut schema);
            let brought = CustomKind {
                schema,
                resource: resource.to_owned(),
                namespaced,
                deprecated: set("deprecated"),
            };
            self.kinds.insert((format!("{group}/{word}"), kind.to_owned()), brought);
        }
        Ok(())
    }

    /// The kind, where one of the definitions brings it.
    pub fn get(&self, api_version: &str, kind: &str) -> Option<&CustomKind> {
        self.kinds.get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// The API versions and kinds, in no order.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kinds.keys().map(|(api_version, kind)| (api_version.as_str(), kind.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}

/// What is wrong, and the steps to it, innermost first.
struct At {
    steps: Vec<String>,
    fault: String,
}

impl At {
    fn new(fault: impl Into<String>) -> Self {
        Self { steps: Vec::new(), fault: fault.into() }
    }

    fn within(mut self, step: &str) -> Self {
        self.steps.push(step.to_owned());
        self
    }

    fn under(self, top: &str) -> (String, String) {
        let mut path = top.to_owned();
        for step in self.steps.iter().rev() {
            path.push('.');
            path.push_str(step);
        }
        (path, self.fault)
    }
}

/// Schemas nest this deep at most.
const DEEPEST: usize = 100;

fn read(value: &Value, depth: usize) -> Result<Schema, At> {
    if depth > DEEPEST {
        return Err(At::new("nested too deeply"));
    }
    let object = value.as_object().ok_or_else(|| At::new("expected an object"))?;
    let set = |key: &str| object.get(key).and_then(Value::as_bool) == Some(true);
    let shape = shape(object, depth)?;
    let mut schema = Schema {
        null: if set("nullable") { Null::Value } else { Null::Refused },
        rules: rules(object, depth)?.map(Box::new),
        merge: None,
        shape,
    };
    if set("x-kubernetes-embedded-resource") {
        make_resource(&mut schema);
    }
    Ok(schema)
}

fn shape(object: &Map<String, Value>, depth: usize) -> Result<Shape, At> {
    let set = |key: &str| object.get(key).and_then(Value::as_bool) == Some(true);
    if set("x-kubernetes-int-or-string") {
        return Ok(Shape::IntOrString);
    }
    let format = object.get("format").and_then(Value::as_str);
    Ok(match object.get("type").and_then(Value::as_str) {
        Some("string") => Shape::String(match format {
            None => Text::Plain,
            Some("date-time") => Text::DateTime,
            Some("byte") => Text::Bytes,
            Some(format) => Text::Format(format.into()),
        }),
        Some("integer") => {
            Shape::Integer(if format == Some("int32") { Width::Int32 } else { Width::Int64 })
        }
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Boolean,
        Some("array") => {
            let items = match object.get("items") {
                Some(items) => read(items, depth + 1).map_err(|at| at.within("items"))?,
                None => Shape::Any.into(),
            };
            let keys = object.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            Shape::List(Box::new(List {
                items,
                keys: keys
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(Into::into)
                    .collect(),
                set: object.get("x-kubernetes-list-type").and_then(Value::as_str) == Some("set"),
            }))
        }
        Some("object") => fields(object, depth)?,
        Some(other) => return Err(At::new(format!("no type is called `{other}`")).within("type")),
        // Parts of `allOf` and its like speak of fields without saying that they do.
        None if object.contains_key("properties") || object.contains_key("required") => {
            let mut shape = fields(object, depth)?;
            if let Shape::Object(fields) = &mut shape {
                fields.open = true;
            }
            shape
        }
        None => Shape::Any,
    })
}

fn fields(object: &Map<String, Value>, depth: usize) -> Result<Shape, At> {
    let keeps =
        object.get("x-kubernetes-preserve-unknown-fields").and_then(Value::as_bool) == Some(true);
    match object.get("additionalProperties") {
        Some(Value::Bool(true)) => return Ok(Shape::Map(Box::new(Shape::Any.into()))),
        Some(Value::Object(values)) if !object.contains_key("properties") => {
            let values = read(&Value::Object(values.clone()), depth + 1);
            return Ok(Shape::Map(Box::new(
                values.map_err(|at| at.within("additionalProperties"))?,
            )));
        }
        _ => {}
    }
    let required = object.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    let mut fields = Vec::new();
    match object.get("properties") {
        None => {}
        Some(Value::Object(properties)) => {
            for (name, value) in properties {
                let schema =
                    read(value, depth + 1).map_err(|at| at.within(name).within("properties"))?;
                let required = required.contains(&name.as_str());
                fields.push(Field { name: name.as_str().into(), required, schema });
            }
        }
        Some(_) => return Err(At::new("expected an object").within("properties")),
    }
    for name in required {
        if !fields.iter().any(|field| &*field.name == name) {
            let schema = Shape::Any.into();
            fields.push(Field { name: name.into(), required: true, schema });
        }
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Shape::Object(Box::new(Fields { fields, open: keeps })))
}

/// Rules, those of other schemas included. Inside of them a schema only looks: fields that it does
/// not name are named elsewhere.
fn rules(object: &Map<String, Value>, depth: usize) -> Result<Option<Rules>, At> {
    let mut rules = Rules::of(object).map_err(At::new)?;
    // What `x-kubernetes-int-or-string` says already.
    let spelled_out = object.contains_key("x-kubernetes-int-or-string");
    for key in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(parts)) = object.get(key).filter(|_| !spelled_out || key == "allOf")
        else {
            continue;
        };
        let mut schemas = Vec::with_capacity(parts.len());
        for part in parts {
            schemas.push(part_of(part, depth + 1).map_err(|at| at.within(key))?);
        }
        let rules = rules.get_or_insert_with(Rules::default);
        match key {
            "allOf" => rules.all_of = schemas,
            "anyOf" => rules.any_of = schemas,
            _ => rules.one_of = schemas,
        }
    }
    if let Some(part) = object.get("not") {
        let schema = part_of(part, depth + 1).map_err(|at| at.within("not"))?;
        rules.get_or_insert_with(Rules::default).not = Some(Box::new(schema));
    }
    Ok(rules)
}

fn part_of(part: &Value, depth: usize) -> Result<Schema, At> {
    let mut schema = read(part, depth)?;
    open(&mut schema);
    Ok(schema)
}

/// Lets every object below have other fields, and every value be `null`.
fn open(schema: &mut Schema) {
    schema.null = Null::Value;
    match &mut schema.shape {
        Shape::Object(object) => {
            object.open = true;
            object.fields.iter_mut().for_each(|field| open(&mut field.schema));
        }
        Shape::List(list) => open(&mut list.items),
        Shape::Map(values) => open(values),
        _ => {}
    }
}

/// Gives an object the fields of every resource: the server looks after these itself.
fn make_resource(schema: &mut Schema) {
    let Shape::Object(object) = &mut schema.shape else {
        if schema.shape == Shape::Any {
            return;
        }
        // A map: as an object that is open, because its fields have names of the user's choice.
        schema.shape = Shape::Object(Box::new(Fields { fields: Vec::new(), open: true }));
        return make_resource(schema);
    };
    let standard = [
        ("apiVersion", Shape::String(Text::Plain)),
        ("kind", Shape::String(Text::Plain)),
        ("metadata", Shape::Reference(OBJECT_META.into())),
    ];
    for (name, shape) in standard {
        let required = object.get(name).is_some_and(|field| field.required) || name != "metadata";
        object.fields.retain(|field| &*field.name != name);
        object.fields.push(Field { name: name.into(), required, schema: shape.into() });
    }
    object.fields.sort_by(|a, b| a.name.cmp(&b.name));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CustomKinds;

    #[test]
    fn served_versions_are_known() {
        let mut kinds = CustomKinds::default();
        let schema = json!({"openAPIV3Schema": {"type": "object"}});
        kinds
            .add(&json!({
                "metadata": {"name": "widgets.example.com"},
                "spec": {
                    "group": "example.com",
                    "scope": "Namespaced",
                    "names": {"kind": "Widget", "plural": "widgets"},
                    "versions": [
                        {"name": "v1", "served": true, "storage": true, "schema": schema},
                        {"name": "v1beta1", "served": true, "deprecated": true, "schema": schema},
                        {"name": "v1alpha1", "served": false, "schema": schema},
                    ],
                },
            }))
            .expect("a definition");
        let widget = kinds.get("example.com/v1", "Widget").expect("a kind");
        assert!(widget.namespaced && !widget.deprecated);
        assert_eq!(widget.resource, "widgets");
        assert!(kinds.get("example.com/v1beta1", "Widget").is_some_and(|kind| kind.deprecated));
        assert!(kinds.get("example.com/v1alpha1", "Widget").is_none());
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let mut kinds = CustomKinds::default();
        let definition = |schema: serde_json::Value| {
            json!({
                "metadata": {"name": "widgets.example.com"},
                "spec": {
                    "group": "example.com",
                    "names": {"kind": "Widget"},
                    "versions": [{"name": "v1", "served": true, "schema": {"openAPIV3Schema": schema}}],
                },
            })
        };
        let mut deep = json!({"type": "string"});
        for _ in 0..200 {
            deep = json!({"type": "array", "items": deep});
        }
        for (schema, words) in [
            (json!({"type": "text"}), "openAPIV3Schema.type: no type is called `text`"),
            (
                json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}),
                "openAPIV3Schema.properties.a: pattern: ",
            ),
            (json!(true), "openAPIV3Schema: expected an object"),
            (json!({"type": "object", "properties": []}), "properties: expected an object"),
            (deep, "nested too deeply"),
        ] {
            let error = kinds.add(&definition(schema)).expect_err(words).to_string();
            assert!(error.starts_with("widgets.example.com: spec.versions[0].schema."), "{error}");
            assert!(error.contains(words), "{error}");
        }
        assert!(kinds.add(&json!({})).is_err());
    }
}
