//! From a definition of Kubernetes' `OpenAPI` v3 documents to a type.
//!
//! Those documents use a small part of `OpenAPI`, always in the same way; anything else is an error,
//! so that a new release cannot lose a rule unseen. Schemas of custom resources are read by
//! [`crate::structural`].

use serde_json::{Map, Value};
use thiserror::Error;

use crate::schema::{Field, Fields, List, Merge, Schema, Shape, Text, Width};

/// A definition that says something this crate does not know.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{definition}: {fault}")]
pub struct OpenApiError {
    /// The definition, and the fields down to the fault.
    pub definition: String,
    /// What is unknown there.
    pub fault: String,
}

/// The type of the definition `name`, such as `io.k8s.api.apps.v1.Deployment`.
///
/// # Errors
/// When it uses a part of `OpenAPI` that Kubernetes did not use so far.
pub fn type_of_definition(name: &str, definition: &Value) -> Result<Schema, OpenApiError> {
    if let Some(shape) = special(name) {
        return Ok(shape.into());
    }
    schema(definition).map_err(|fault| OpenApiError { definition: name.to_owned(), fault })
}

/// The name of a definition as it stands in our own data, without what all have in common:
/// `api.apps.v1.Deployment` for `io.k8s.api.apps.v1.Deployment`.
pub fn short_name(name: &str) -> String {
    name.strip_prefix("io.k8s.").unwrap_or(name).replace(".pkg.", ".")
}

/// The definitions whose form in JSON is decided by code of Go, not by their definition.
fn special(name: &str) -> Option<Shape> {
    let short = short_name(name);
    Some(match short.as_str() {
        "apimachinery.api.resource.Quantity" => Shape::Quantity,
        "apimachinery.util.intstr.IntOrString" => Shape::IntOrString,
        "apimachinery.apis.meta.v1.Time" | "apimachinery.apis.meta.v1.MicroTime" => {
            Shape::String(Text::DateTime)
        }
        "apimachinery.runtime.RawExtension"
        | "apimachinery.apis.meta.v1.FieldsV1"
        | "apimachinery.apis.meta.v1.Patch" => open_object(),
        short => {
            let rest = short.strip_prefix("apiextensions-apiserver.apis.apiextensions.v1.JSON")?;
            match rest {
                "" | "SchemaPropsOrArray" | "SchemaPropsOrBool" | "SchemaPropsOrStringArray" => {
                    Shape::Any
                }
                _ => return None,
            }
        }
    })
}

fn open_object() -> Shape {
    Shape::Object(Box::new(Fields { fields: Vec::new(), open: true }))
}

/// What may stand in a schema. The extensions of the last lines say nothing about single values.
const KNOWN: [&str; 19] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "format",
    "items",
    "properties",
    "required",
    "type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "default",
    "description",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-unions",
    "x-kubernetes-selectable-fields",
    "enum",
];

fn schema(value: &Value) -> Result<Schema, String> {
    let object = value.as_object().ok_or("a schema that is no object")?;
    if let Some(unknown) = object.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("`{unknown}` is not known"));
    }
    let mut schema = Schema::from(shape(object)?);
    schema.merge = merge(object);
    Ok(schema)
}

fn shape(object: &Map<String, Value>) -> Result<Shape, String> {
    if let Some(target) = reference(object) {
        let name = target.rsplit('/').next().unwrap_or(target);
        return Ok(special(name).unwrap_or_else(|| Shape::Reference(short_name(name).into())));
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
            let items = object.get("items").ok_or("a list without a type of its items")?;
            let keys = object.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            Shape::List(Box::new(List {
                items: self::schema(items)?,
                keys: keys
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(Into::into)
                    .collect(),
                set: object.get("x-kubernetes-list-type").and_then(Value::as_str) == Some("set"),
            }))
        }
        Some("object") => match object.get("additionalProperties") {
            Some(values) => Shape::Map(Box::new(self::schema(values)?)),
            None => match object.get("properties").and_then(Value::as_object) {
                Some(properties) => Shape::Object(Box::new(fields(properties, object)?)),
                None => open_object(),
            },
        },
        Some(other) => return Err(format!("the type `{other}` is not known")),
        None => Shape::Any,
    })
}

/// The definition that a schema is another name of, written plainly or as the only part of `allOf`.
fn reference(object: &Map<String, Value>) -> Option<&str> {
    let holder = match object.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.as_object()?,
        _ => object,
    };
    holder.get("$ref").and_then(Value::as_str)
}

fn fields(properties: &Map<String, Value>, object: &Map<String, Value>) -> Result<Fields, String> {
    let required = object.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    let mut fields = Vec::with_capacity(properties.len());
    for (name, value) in properties {
        let schema = schema(value).map_err(|fault| format!("{name}: {fault}"))?;
        fields.push(Field {
            required: required.contains(&name.as_str()),
            name: name.as_str().into(),
            schema,
        });
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Fields { fields, open: false })
}

fn merge(object: &Map<String, Value>) -> Option<Merge> {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let strategy = text("x-kubernetes-patch-strategy").unwrap_or_default();
    let merge = Merge {
        items: strategy.split(',').any(|word| word == "merge"),
        retain_keys: strategy.split(',').any(|word| word == "retainKeys"),
        key: text("x-kubernetes-patch-merge-key").map(Into::into),
    };
    (merge != Merge::default()).then_some(merge)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::type_of_definition;
    use crate::notation::write_type;

    #[test]
    fn definitions_become_types() {
        let definition = json!({
            "description": "words",
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "default": ""},
                "count": {"type": "integer", "format": "int32"},
                "size": {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity"},
                "meta": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}], "default": {}},
                "parts": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}},
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["a", "b"],
                    "x-kubernetes-patch-merge-key": "a",
                    "x-kubernetes-patch-strategy": "merge,retainKeys",
                },
            },
        });
        let schema = type_of_definition("io.k8s.api.x.v1.Thing", &definition).expect("a type");
        assert_eq!(
            write_type(&schema),
            "{count:i,meta:@apimachinery.apis.meta.v1.ObjectMeta;,name!:s,parts:[<y>](a,b)^mr=a;,size:q}"
        );
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let fault = type_of_definition(
            "io.k8s.api.x.v1.Thing",
            &json!({
                "type": "object",
                "properties": {"a": {"type": "string", "pattern": "^x"}},
            }),
        );
        assert_eq!(
            fault.expect_err("an error").to_string(),
            "io.k8s.api.x.v1.Thing: a: `pattern` is not known"
        );
    }
}
