//! Charts linted by Helm v4.3.1 and v3.22.0, and by us.

use std::collections::BTreeMap;

use renga_project::MemorySource;
use serde::Deserialize;

use super::*;
use crate::values::Value;

#[derive(Deserialize)]
struct Case {
    name: String,
    files: BTreeMap<String, String>,
    #[serde(default)]
    set: Option<String>,
    #[serde(default)]
    kube: Option<String>,
    v4: String,
    v3: String,
}

/// The values of `--set`, which the cases use for plain numbers and null only.
fn set(text: &str) -> Table {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap();
        let value = value.parse().map_or(Value::Null, Value::Int);
        (renga_gotemplate::GoStr::from(key), value)
    };
    text.split(',').map(pair).collect()
}

fn options(case: &Case, compat: Compat) -> LintOptions {
    LintOptions {
        compat,
        namespace: "default".to_owned(),
        kube_version: case.kube.as_ref().map(|text| KubeVersion::parse(text, compat).unwrap()),
        skip_schema_validation: false,
        values: case.set.as_deref().map(set).unwrap_or_default(),
        world: World::fixed(),
    }
}

fn source(case: &Case) -> MemorySource {
    case.files.iter().map(|(path, text)| (format!("/chart/{path}"), text)).collect()
}

/// The lines in byte order: a finding of a schema has lines in random order in Go.
fn ordered(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.trim_end().split('\n').collect();
    lines.sort_unstable();
    lines
}

#[test]
fn findings_are_those_of_helm() {
    let path = format!("{}/tests/golden/lint.jsonl", env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(path).expect("the recorded file");
    let mut report = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).expect("a recorded case");
        for (compat, expected) in [(Compat::V4, &case.v4), (Compat::V3, &case.v3)] {
            let found = lint(&source(&case), Path::new("/chart"), &options(&case, compat)).unwrap();
            let found: Vec<String> = found.iter().map(Finding::to_string).collect();
            let found = found.join("\n");
            if ordered(&found) != ordered(expected) {
                let name = &case.name;
                report.push(format!(
                    "{name} {compat:?}\n--- expected\n{expected}\n--- found\n{found}"
                ));
            }
        }
    }
    assert!(cases.lines().count() >= 30);
    assert!(report.is_empty(), "{}", report.join("\n\n"));
}
