//! Whole validations, as jsonschema v6.0.3 answered them.
//!
//! A file below `tests/golden/schema` holds one case a line, input and answer together. To add one,
//! append its input and record the file again with `cargo xtask oracle`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Deserialize)]
struct Case {
    schema: String,
    values: serde_json::Value,
    #[serde(default)]
    files: BTreeMap<String, String>,
    lines: Vec<String>,
}

impl SchemaFiles for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => NoFiles.read(path),
        }
    }
}

/// The order of lines is random in Go; that of names in one line is sorted in both.
fn ordered(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.sort_unstable();
    lines
}

fn check(name: &str, at_least: usize) {
    let path = format!("{}/tests/golden/schema/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(path).expect("a recorded file");
    let mut report = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).expect("a recorded case");
        let text = validate_values(case.schema.as_bytes(), &case.values, &case.files)
            .err()
            .map(|fault| fault.text)
            .unwrap_or_default();
        if ordered(&text) != case.lines {
            let (schema, values, lines) = (case.schema, case.values, case.lines.join("\n"));
            report.push(format!("{schema}\n{values}\n--- expected\n{lines}\n--- found\n{text}"));
        }
    }
    assert!(report.is_empty(), "{}", report.join("\n\n"));
    assert!(cases.lines().count() >= at_least, "only {} cases", cases.lines().count());
}

#[test]
fn types_agree() {
    check("types", 75);
}

#[test]
fn enumerations_and_constants_agree() {
    check("enum", 35);
}

#[test]
fn numbers_agree() {
    check("numbers", 60);
}

#[test]
fn strings_and_patterns_agree() {
    check("strings", 40);
}

#[test]
fn formats_agree() {
    check("formats", 240);
}

#[test]
fn arrays_agree() {
    check("arrays", 120);
}

#[test]
fn objects_agree() {
    check("objects", 90);
}

#[test]
fn combinations_nest_alike() {
    check("combinations", 80);
}

#[test]
fn references_lead_to_the_same_schemas() {
    check("references", 125);
}

#[test]
fn drafts_and_vocabularies_agree() {
    check("dialects", 25);
}

#[test]
fn leftovers_agree() {
    check("unevaluated", 120);
}

#[test]
fn documents_are_refused_in_the_same_words() {
    check("documents", 23);
}

#[test]
fn bad_schemas_are_refused_in_the_same_words() {
    check("metaschema", 250);
}

fn fault(schema: &str, values: &serde_json::Value) -> SchemaFault {
    validate_values(schema.as_bytes(), values, &NoFiles).unwrap_err()
}

#[test]
fn lines_come_in_a_fixed_order() {
    let schema = r#"{"required": ["z"], "properties": {"b": {"type": "integer"}, "a": {"type": "null"}},
        "additionalProperties": false}"#;
    let found = fault(schema, &json!({"b": "", "d": 1, "c": 1, "a": 1}));
    assert_eq!(
        found.text,
        "- at '': missing property 'z'\n\
         - at '/a': got number, want null\n\
         - at '/b': got string, want integer\n\
         - at '': additional properties 'c', 'd' not allowed\n"
    );
    assert_eq!(found.findings[1], ("/a".to_owned(), "got number, want null".to_owned()));
}

#[test]
fn a_bad_property_name_is_reported_where_it_stands() {
    let schema = r#"{"additionalProperties": {"propertyNames": {"maxLength": 1}}}"#;
    let found = fault(schema, &json!({"a": {"xx": 1}, "b": {}, "c": {}}));
    assert!(found.text.starts_with("- at '/a': invalid propertyName 'xx'\n"), "{}", found.text);
}

#[test]
fn nothing_is_fetched() {
    let found =
        fault(r#"{"properties": {"a": {"$ref": "https://example.test/x.json#/y"}}}"#, &json!({}));
    assert_eq!(
        found.text,
        "failing loading \"https://example.test/x.json\": renga fetches no schemas: \
         copy it into the chart's schema"
    );
    assert!(found.findings.is_empty());
}

#[test]
fn unresolved_urns_are_named() {
    let schema = br#"{"properties": {"a": {"$ref": "urn:example:x"}}}"#;
    let urns = validate_values(schema, &json!({"a": 1}), &NoFiles).unwrap();
    assert_eq!(urns, ["urn:example:x"]);
}

#[test]
fn deep_values_and_schemas_end() {
    let deep = |levels: usize, open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let schema = deep(1001, "{\"not\":", "{}", "}");
    assert!(validate_values(schema.as_bytes(), &json!({}), &NoFiles).is_err());
    let schema = r##"{"$defs": {"l": {"items": {"$ref": "#/$defs/l"}, "type": "array"}},
        "properties": {"v": {"$ref": "#/$defs/l"}}}"##;
    let values = (0..1000).fold(json!(1), |inner, _| json!([inner]));
    assert!(validate_values(schema.as_bytes(), &json!({"v": values}), &NoFiles).is_err());
}
