//! Objects held against the built-in kinds and against definitions of custom resources.

use renga_schema::{CustomKinds, Release, validate};
use serde_json::{Value, json};

/// What is wrong with a built-in object, a line each.
fn built_in(object: &Value) -> Vec<String> {
    let release = Release::newest();
    let text = |key: &str| object[key].as_str().expect(key);
    let definition = release.definition(text("apiVersion"), text("kind")).expect("a kind");
    let mut found = Vec::new();
    validate(definition.schema, object, &release, &mut |violation| {
        found.push(violation.to_string());
    });
    found
}

/// What is wrong with the `spec` of a custom object whose schema is given.
fn custom(schema: &Value, spec: &Value) -> Vec<String> {
    let mut kinds = CustomKinds::default();
    kinds
        .add(&json!({
            "metadata": {"name": "widgets.example.com"},
            "spec": {
                "group": "example.com",
                "names": {"kind": "Widget", "plural": "widgets"},
                "scope": "Namespaced",
                "versions": [{
                    "name": "v1",
                    "served": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": schema}}},
                }],
            },
        }))
        .expect("a definition");
    let object = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec});
    let kind = kinds.get("example.com/v1", "Widget").expect("a kind");
    let mut found = Vec::new();
    validate(&kind.schema, &object, &Release::newest(), &mut |violation| {
        found.push(violation.to_string());
    });
    found
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "creationTimestamp": null, "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{
                    "name": "web",
                    "image": "web:1",
                    "ports": [{"containerPort": 80}, {"containerPort": 81}],
                    "env": [{"name": "A", "value": "1"}],
                    "resources": {"requests": {"cpu": "100m", "memory": 1024}, "limits": {"memory": "2Gi"}},
                }]},
            },
        },
    })
}

/// The object with another value at a place.
fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = object.pointer_mut(parent).expect("a parent");
    match parent {
        Value::Array(items) => items.push(value),
        parent => parent[key] = value,
    }
    object
}

#[test]
fn a_sound_object_breaks_nothing() {
    assert_eq!(built_in(&deployment()), [""; 0]);
}

#[test]
fn built_in_kinds_are_strict() {
    let container = "/spec/template/spec/containers/0";
    let at = |field: &str| format!("{container}/{field}");
    for (pointer, value, expected) in [
        (
            "/spec/replica".to_owned(),
            json!(1),
            "spec: unknown field `replica`, did you mean `replicas`?",
        ),
        ("/spec/zzz".to_owned(), json!(1), "spec: unknown field `zzz`"),
        (
            "/spec/replicas".to_owned(),
            json!("2"),
            "spec.replicas: expected a whole number, found a string",
        ),
        (
            "/spec/replicas".to_owned(),
            json!(1.5),
            "spec.replicas: expected a whole number, found a number",
        ),
        (
            "/spec/replicas".to_owned(),
            json!(5_000_000_000_i64),
            "spec.replicas: does not fit into 32 bits",
        ),
        (
            "/metadata/labels/n".to_owned(),
            json!(1),
            "metadata.labels.n: expected a string, found a whole number",
        ),
        (
            "/metadata/annotations".to_owned(),
            json!({"example.com/on": true}),
            "metadata.annotations[\"example.com/on\"]: expected a string, found a boolean",
        ),
        ("/spec/selector".to_owned(), json!(null), "spec: `selector` is missing"),
        (
            at("env/-"),
            json!({"name": "B", "value": 1}),
            "spec.template.spec.containers[0].env[1].value: expected a string, found a whole number",
        ),
        (
            at("env/-"),
            json!({"name": "A", "value": "2"}),
            "spec.template.spec.containers[0].env[1]: has the same name as item 0",
        ),
        (
            at("resources/limits/memory"),
            json!("2GB"),
            "spec.template.spec.containers[0].resources.limits.memory: expected a quantity such as 500m or 2Gi",
        ),
        (
            at("ports/-"),
            json!({"containerPort": "http"}),
            "spec.template.spec.containers[0].ports[2].containerPort: expected a whole number, found a string",
        ),
        (
            at("image"),
            json!(["web"]),
            "spec.template.spec.containers[0].image: expected a string, found a list",
        ),
        (
            "/spec/template/spec/containers/-".to_owned(),
            json!({"image": "x"}),
            "spec.template.spec.containers[1]: `name` is missing",
        ),
        (
            "/metadata/creationTimestamp".to_owned(),
            json!("yesterday"),
            "metadata.creationTimestamp: expected a time such as 2006-01-02T15:04:05Z",
        ),
    ] {
        assert_eq!(built_in(&with(deployment(), &pointer, value)), [expected], "{pointer}");
    }
}

#[test]
fn the_value_of_a_secret_is_never_shown() {
    let secret = |data: Value| {
        built_in(
            &json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}),
        )
    };
    assert_eq!(secret(json!({"a": "aHVudGVyMg=="})), [""; 0]);
    assert_eq!(secret(json!({"a": "hunter2!"})), ["data.a: expected base64"]);
    assert_eq!(
        secret(json!({"a": {"b": "hunter2"}})),
        ["data.a: expected a string, found an object"]
    );
}

#[test]
fn null_is_no_value_in_built_in_kinds_and_an_error_in_others() {
    assert_eq!(built_in(&with(deployment(), "/spec/paused", json!(null))), [""; 0]);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "nullable": true}}});
    assert_eq!(custom(&schema, &json!({"a": null})), ["spec.a: expected a string, found null"]);
    assert_eq!(custom(&schema, &json!({"b": null})), [""; 0]);
}

#[test]
fn custom_resources_follow_their_definition() {
    for (schema, spec, expected) in [
        (
            json!({"type": "object", "properties": {"size": {"type": "integer"}}}),
            json!({"siz": 1}),
            vec!["spec: unknown field `siz`, did you mean `size`?"],
        ),
        (
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"a": {"type": "integer"}}}),
            json!({"b": 1, "a": "x"}),
            vec!["spec.a: expected a whole number, found a string"],
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"b": 1}),
            vec!["spec.b: expected a string, found a whole number"],
        ),
        (
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}),
            json!({}),
            vec!["spec: `a` is missing"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string", "enum": ["x", "y"]}}}),
            json!({"a": "z"}),
            vec!["spec.a: expected one of \"x\", \"y\""],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}}),
            json!({"a": "A"}),
            vec!["spec.a: expected a text that matches ^[a-z]+$"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "maxLength": 3}}}),
            json!({"a": "äöüß"}),
            vec!["spec.a: expected 2 to 3 characters, found 4"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "integer", "minimum": 1, "maximum": 5, "exclusiveMaximum": true}}}),
            json!({"a": 5}),
            vec!["spec.a: expected less than 5"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0.5}}}),
            json!({"a": 0.7}),
            vec!["spec.a: expected a multiple of 0.5"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "integer"}}}),
            json!({"a": 5.0}),
            vec![],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "array", "minItems": 1, "items": {"type": "string"}}}}),
            json!({"a": []}),
            vec!["spec.a: expected at least 1 items, found 0"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}}}),
            json!({"a": ["x", "y", "x"]}),
            vec!["spec.a[2]: is the same as item 0"],
        ),
        (
            json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
            json!("10%"),
            vec![],
        ),
        (
            json!({"x-kubernetes-int-or-string": true}),
            json!(true),
            vec!["spec: expected a whole number or a string, found a boolean"],
        ),
        (
            json!({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
            json!({"a": "x", "b": "y"}),
            vec![
                "spec: fits more than one of the alternatives of its schema, which exclude each other",
            ],
        ),
        (
            json!({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
            json!({}),
            vec!["spec: fits none of the alternatives of its schema"],
        ),
        (
            json!({"type": "object", "not": {"required": ["a"]}, "properties": {"a": {"type": "string"}}}),
            json!({"a": "x"}),
            vec!["spec: is what its schema excludes"],
        ),
        (
            json!({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "ip": {"type": "string", "format": "ipv4"}}}),
            json!({"at": "now", "ip": "::1"}),
            vec![
                "spec.at: expected a time such as 2006-01-02T15:04:05Z",
                "spec.ip: expected a text of the format ipv4",
            ],
        ),
        (
            json!({"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}),
            json!({"kind": "X", "metadata": {"nam": "x"}, "other": 1}),
            vec![
                "spec: `apiVersion` is missing",
                "spec.metadata: unknown field `nam`, did you mean `name`?",
            ],
        ),
        (json!({"x-kubernetes-preserve-unknown-fields": true}), json!(["anything", null]), vec![]),
    ] {
        assert_eq!(custom(&schema, &spec), expected, "{schema} {spec}");
    }
}

#[test]
fn a_definition_that_refers_to_itself_ends() {
    let mut schema = json!({"type": "string"});
    for _ in 0..2_000 {
        schema = json!({"not": schema});
    }
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
        },
    });
    assert!(built_in(&definition).iter().any(|line| line.ends_with("nested too deeply")));
}

proptest::proptest! {
    /// Any JSON is a legal input, as an object and as a definition.
    #[test]
    fn nothing_panics(text in r#"(\{"(spec|metadata|a)":)?(\[|\{"(type|items|properties|a|versions)":)*("x"|1|null|true|\{\}|\[\])?[\]\}]*"#) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let release = Release::newest();
            let schema = release.definition("v1", "Pod").expect("a kind").schema;
            validate(schema, &value, &release, &mut |_| {});
            _ = CustomKinds::default().add(&value);
        }
    }
}
