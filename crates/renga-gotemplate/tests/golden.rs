//! Results recorded from Go's `text/template` 1.26 with Sprig 3.3.0, on our own cases.
//!
//! `tests/oracle/template` records them: `cd tests/oracle && go run ./template record`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use renga_gotemplate::{MissingKey, NamedType, Options, TemplateSet, Type, Value, sprig_functions};

static NAMED: NamedType =
    NamedType { name: "main.named", underlying: Type::DICT, method: NamedType::no_methods };

fn data() -> Value {
    let json = serde_json::from_str(include_str!("cases/data.json")).expect("data.json is JSON");
    let data = Value::from_json(&json);
    if let (Value::Map(root), Value::Map(named)) = (&data, Value::dict([("a", Value::from("x"))])) {
        root.insert("named".into(), Value::Map(named.retyped(Type::Named(&NAMED))));
    }
    data
}

fn run(template: &str, option: &str) -> (Vec<u8>, String) {
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

fn recorded_output(case: &serde_json::Value) -> Vec<u8> {
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

/// Compares all cases of a file; returns how many there were.
fn check(file: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let text = fs_read(&path);
    let mut report = String::new();
    let mut count = 0;
    for line in text.lines() {
        count += 1;
        let case: serde_json::Value = serde_json::from_str(line).expect("a case per line");
        let template = case["template"].as_str().expect("a template");
        let (output, error) = run(template, case["option"].as_str().unwrap_or_default());
        let (wanted, wanted_error) =
            (recorded_output(&case), case["error"].as_str().unwrap_or_default());
        if output != wanted || error != wanted_error {
            let (output, wanted) =
                (String::from_utf8_lossy(&output), String::from_utf8_lossy(&wanted));
            let _ = write!(
                report,
                "{template}\n  Go:   {wanted} | {wanted_error}\n  ours: {output} | {error}\n"
            );
        }
    }
    assert!(report.is_empty(), "{report}");
    count
}

fn fs_read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the recording exists")
}

#[test]
fn actions_and_parse_errors() {
    assert!(check("actions.jsonl") >= 260);
}

#[test]
fn builtin_functions_and_argument_errors() {
    assert!(check("builtins.jsonl") >= 170);
}

#[test]
fn printf_verbs_and_flags() {
    assert!(check("printf.jsonl") >= 48);
}

#[test]
fn sprig_on_strings() {
    assert!(check("strings.jsonl") >= 75);
}

#[test]
fn sprig_on_data() {
    assert!(check("data.jsonl") >= 145);
}
