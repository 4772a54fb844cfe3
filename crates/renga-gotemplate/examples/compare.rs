//! Compares recorded results of Go with ours: `compare FILE.jsonl [DATA.json]`.
//!
//! Prints every difference and the counts. The recorder is `tests/oracle/template`.

use std::sync::Arc;

use renga_gotemplate::{MissingKey, NamedType, Options, TemplateSet, Type, Value, sprig_functions};

static NAMED: NamedType =
    NamedType { name: "main.named", underlying: Type::DICT, method: NamedType::no_methods };

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let data = arguments.get(2).map_or("crates/renga-gotemplate/tests/cases/data.json", |d| d);
    let data = std::fs::read_to_string(data).expect("the data file");
    let cases = std::fs::read_to_string(&arguments[1]).expect("the case file");
    let (mut same, mut different) = (0, 0);
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case");
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let wanted = match case["hex"].as_str() {
            Some(hex) => (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex"))
                .collect(),
            None => text("output").into_bytes(),
        };
        let (output, error) = run(&text("template"), &text("option"), &data);
        if output == wanted && error == text("error") {
            same += 1;
            continue;
        }
        different += 1;
        println!("template: {}", text("template"));
        println!("  go:   {} | {}", String::from_utf8_lossy(&wanted), text("error"));
        println!("  ours: {} | {error}", String::from_utf8_lossy(&output));
    }
    println!("{same} same, {different} different");
}

fn run(template: &str, option: &str, data: &str) -> (Vec<u8>, String) {
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    let data = Value::from_json(&data);
    if let Value::Map(root) = &data {
        let named = Value::dict([("a", Value::from("x"))]);
        if let Value::Map(named) = named {
            root.insert("named".into(), Value::Map(named.retyped(Type::Named(&NAMED))));
        }
    }
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
    let error = Arc::new(set).execute("t", &data, &mut out, &options).err();
    (out, error.map(|error| error.to_string()).unwrap_or_default())
}
