//! Manifests as templates see them: a map of the Go type `manifest.Manifest`.
//!
//! In Tanka a manifest is a map with methods. They hide keys of the same name, take part in field
//! chains (`{{.Metadata.Name}}`), and printing the whole manifest gives YAML.

use renga_gotemplate::{
    Closure, FuncError, FuncMap, GoStr, Map, NamedType, Signature, Type, Value, sprig_functions,
};
use renga_yaml::Flavour;

/// `manifest.Manifest`.
static MANIFEST: NamedType = NamedType {
    name: "manifest.Manifest",
    underlying: Type::DICT,
    method: manifest_method,
    list_method: NamedType::no_list_methods,
    display: Some(yaml),
};

/// `manifest.Metadata`.
static METADATA: NamedType = NamedType {
    name: "manifest.Metadata",
    underlying: Type::DICT,
    method: metadata_method,
    list_method: NamedType::no_list_methods,
    display: None,
};

/// Functions that would make a name depend on time, chance or machine.
const WORLDLY: [&str; 35] = [
    "ago",
    "bcrypt",
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "encryptAES",
    "env",
    "expandenv",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "htmlDate",
    "htmlDateInZone",
    "htpasswd",
    "mustDateModify",
    "mustToDate",
    "must_date_modify",
    "now",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "shuffle",
    "toDate",
    "unixEpoch",
    "uuidv4",
];

/// The functions of templates that name things: those of Sprig that depend on their arguments alone.
pub fn name_functions() -> FuncMap {
    let mut functions = FuncMap::clone(sprig_functions());
    for name in WORLDLY {
        functions.remove(name);
    }
    functions
}

/// The type of the data, and of what `env` gives.
pub const MANIFEST_TYPE: Type = Type::Named(&MANIFEST);

/// An object as a `manifest.Manifest`.
pub fn manifest_value(object: &serde_json::Value) -> Value {
    retyped(Value::from_json(object), MANIFEST_TYPE)
}

fn retyped(value: Value, ty: Type) -> Value {
    match value {
        Value::Map(map) => Value::Map(map.retyped(ty)),
        other => other,
    }
}

fn yaml(map: &Map) -> GoStr {
    let value = Value::Map(map.retyped(Type::DICT)).to_json().unwrap_or_default();
    GoStr::from(renga_yaml::to_string(&value, Flavour::GoYamlV2))
}

fn manifest_method(map: &Map, name: &str) -> Option<Closure> {
    let text = |key: &str| text_of(map, key);
    match name {
        "Kind" => Some(string_method(text("kind"))),
        "APIVersion" => Some(string_method(text("apiVersion"))),
        "KindName" => {
            let mut kind_name = text("kind").as_bytes().to_vec();
            kind_name.push(b'/');
            kind_name.extend_from_slice(text_of(&metadata_of(map), "name").as_bytes());
            Some(string_method(GoStr::from(kind_name)))
        }
        "Metadata" => {
            let metadata = Value::Map(metadata_of(map));
            Some(method(Type::Named(&METADATA), "func() manifest.Metadata", metadata))
        }
        "IsList" => {
            let is_list = matches!(map.get(b"items"), Some(Value::List(_)));
            Some(method(Type::Bool, "func() bool", Value::from(is_list)))
        }
        "String" => Some(method(Type::String, "func() string", Value::from(yaml(map)))),
        _ => None,
    }
}

fn metadata_method(map: &Map, name: &str) -> Option<Closure> {
    let object = |key: &str| match map.get(key.as_bytes()) {
        Some(Value::Map(map)) => Value::Map(map),
        _ => Value::Map(Map::empty()),
    };
    match name {
        "Name" => Some(string_method(text_of(map, "name"))),
        "GenerateName" => Some(string_method(text_of(map, "generateName"))),
        "Namespace" => Some(string_method(text_of(map, "namespace"))),
        "UID" => Some(string_method(text_of(map, "uid"))),
        "HasNamespace" => {
            let has = matches!(map.get(b"namespace"), Some(Value::Str(_)));
            Some(method(Type::Bool, "func() bool", Value::from(has)))
        }
        "Labels" => Some(method(Type::DICT, "func() map[string]interface {}", object("labels"))),
        "Annotations" => {
            Some(method(Type::DICT, "func() map[string]interface {}", object("annotations")))
        }
        _ => None,
    }
}

fn metadata_of(map: &Map) -> Map {
    match map.get(b"metadata") {
        Some(Value::Map(metadata)) => metadata.retyped(Type::Named(&METADATA)),
        _ => Map::empty().retyped(Type::Named(&METADATA)),
    }
}

/// The text under a key; empty where there is none.
fn text_of(map: &Map, key: &str) -> GoStr {
    match map.get(key.as_bytes()) {
        Some(Value::Str(text)) => text,
        _ => GoStr::from(String::new()),
    }
}

fn string_method(text: GoStr) -> Closure {
    method(Type::String, "func() string", Value::Str(text))
}

/// A method without parameters whose result is known.
fn method(result: Type, type_name: &'static str, value: Value) -> Closure {
    Closure {
        signature: Signature { params: &[], variadic: false, result },
        type_name,
        body: Box::new(move |_, _| Ok::<_, FuncError>(value.clone())),
    }
}
