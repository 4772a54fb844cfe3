//! Runs one recorded case. Shared by the golden tests and the `compare` example.

use std::sync::Arc;

use renga_gotemplate::{MissingKey, NamedType, Options, TemplateSet, Type, Value, sprig_functions};

static NAMED: NamedType = NamedType {
    name: "main.named",
    underlying: Type::DICT,
    method: NamedType::no_methods,
    list_method: NamedType::no_list_methods,
    display: None,
};

/// The data every case runs on.
pub(crate) fn data() -> Value {
    let json = serde_json::from_str(include_str!("data.json")).expect("data.json is JSON");
    let data = Value::from_json(&json);
    if let (Value::Map(root), Value::Map(named)) = (&data, Value::dict([("a", Value::from("x"))])) {
        root.insert("named".into(), Value::Map(named.retyped(Type::Named(&NAMED))));
    }
    data
}

/// Runs a template; returns what it printed and its error, empty for none.
pub(crate) fn run(template: &str, option: &str) -> (Vec<u8>, String) {
    let missing_key = match option {
        "zero" => MissingKey::Zero,
        "error" => MissingKey::Error,
        _ => MissingKey::Default,
    };
    let mut set = TemplateSet::new(Arc::clone(sprig_functions()));
    if let Err(error) = set.parse("t", template) {
        return (Vec::new(), error.to_string());
    }
    let mut out = Vec::new();
    let options = Options { missing_key, ..Options::default() };
    let error = Arc::new(set).execute("t", &data(), &mut out, &options).err();
    (out, error.map(|error| error.to_string()).unwrap_or_default())
}

/// What Go printed.
pub(crate) fn recorded_output(case: &serde_json::Value) -> Vec<u8> {
    match case["hex"].as_str() {
        Some(hex) => hex
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let digits = std::str::from_utf8(pair).expect("hex digits");
                u8::from_str_radix(digits, 16).expect("hex digits")
            })
            .collect(),
        None => case["output"].as_str().unwrap_or_default().into(),
    }
}
