//! Patches, applied patches and moves of fields, as Kubernetes' own libraries answered them.
//!
//! The cases in `golden` are lines of JSON with their answers, recorded by `cargo xtask oracle` from
//! k8s.io/apimachinery and k8s.io/client-go 0.36.3 with the `OpenAPI` documents of Kubernetes 1.36.3.
//! `features.jsonl` is written by hand, `generated.jsonl` by the oracle's generator.

use std::path::Path;

use renga_patch::{
    Patch, PatchError, PatchKind, Schema, apply_merge_patch, apply_strategic_patch,
    client_side_managers, last_applied_value, migration_patch, three_way, with_last_applied,
};
use serde_json::{Value, json};

fn kind(case: &Value) -> PatchKind {
    if case["kind"] == "strategic" { PatchKind::Strategic } else { PatchKind::Merge }
}

/// Compares a result with the answer, where an error is an error in any words.
///
/// Where items are told apart by lists or objects, the library crashes or gets by, depending on which
/// of them it happens to compare; that is always an error here.
fn check(
    answer: &Value,
    error: &Value,
    found: Result<&Value, String>,
    what: &str,
) -> Option<String> {
    match (error.as_str(), found) {
        (Some(_), Err(_)) => None,
        (_, Err(error)) if error.starts_with("comparing uncomparable type") => None,
        (None, Ok(found)) if found == answer => None,
        (error, found) => Some(format!(
            "{what}\n  expected {}\n  found    {}",
            error.map_or_else(|| answer.to_string(), |error| format!("error: {error}")),
            match found {
                Ok(found) => found.to_string(),
                Err(error) => format!("error: {error}"),
            }
        )),
    }
}

fn replay_patch(case: &Value) -> Option<String> {
    let patch = three_way(case.get("original"), &case["modified"], &case["current"]);
    let wrong = check(
        &case["patch"],
        &case["error"],
        patch.as_ref().map(|patch| &patch.body).map_err(PatchError::to_string),
        "patch",
    );
    if wrong.is_some() {
        return wrong;
    }
    let patch = patch.ok()?;
    if patch.kind != kind(case) {
        return Some(format!("patch of kind {:?}", patch.kind));
    }
    let result = patch.apply(&case["current"]);
    check(
        &case["result"],
        &case["resultError"],
        result.as_ref().map_err(PatchError::to_string),
        "result",
    )
}

fn replay_apply(case: &Value) -> Option<String> {
    let (object, patch) = (&case["object"], &case["apply"]);
    let result = match kind(case) {
        PatchKind::Strategic => {
            apply_strategic_patch(object, patch, Schema::of(object).expect("a built-in kind"))
        }
        PatchKind::Merge => apply_merge_patch(object, patch),
    };
    check(&case["result"], &case["error"], result.as_ref().map_err(PatchError::to_string), "result")
}

fn replay_applied(case: &Value) -> Option<String> {
    let value = last_applied_value(&case["applied"]);
    if value != case["value"] {
        return Some(format!("value {value:?}, not {}", case["value"]));
    }
    let annotated = with_last_applied(&case["applied"]);
    // Encoded, as it is sent: the numbers of both sides are spelled alike then.
    let text: Value = serde_json::from_str(&renga_gojson::to_string(&annotated)).expect("JSON");
    check(&case["annotated"], &Value::Null, Ok(&text), "annotated")
}

fn replay_managed(case: &Value) -> Option<String> {
    let managers = Value::from(client_side_managers(&case["managed"]));
    if managers != case["managers"] {
        return Some(format!("managers {managers}, not {}", case["managers"]));
    }
    let manager = case["manager"].as_str().expect("a manager");
    let patch = migration_patch(&case["managed"], manager);
    let found = patch.map(Option::unwrap_or_default).map_err(|error| error.to_string());
    check(&case["patch"], &case["error"], found.as_ref().map_err(Clone::clone), "migration")
}

fn replay(file: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(file).expect("a file of cases");
    let mut wrong = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let found = if case.get("applied").is_some() {
            replay_applied(&case)
        } else if case.get("managed").is_some() {
            replay_managed(&case)
        } else if case.get("apply").is_some() {
            replay_apply(&case)
        } else {
            replay_patch(&case)
        };
        if let Some(found) = found {
            wrong.push(format!("{}:{}: {}: {found}", file.display(), index + 1, case["name"]));
        }
    }
    (text.lines().count(), wrong)
}

#[test]
fn answers_are_those_of_kubernetes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (mut count, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the goldens") {
        let (cases, mut found) = replay(&entry.expect("a golden").path());
        count += cases;
        wrong.append(&mut found);
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} differ\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    assert!(count >= 500, "{count} cases");
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/generated.jsonl");
    let text = std::fs::read_to_string(file).expect("the goldens");
    for line in text.lines().filter(|line| !line.contains("\"apply\"")).take(100) {
        let mut case: Value = serde_json::from_str(line).expect("a case");
        let json = |patch: Result<Patch, PatchError>| patch.map(|patch| patch.to_json()).ok();
        let patch = json(three_way(case.get("original"), &case["modified"], &case["current"]));
        reverse(&mut case);
        assert_eq!(
            json(three_way(case.get("original"), &case["modified"], &case["current"])),
            patch
        );
    }
}

fn reverse(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let entries: Vec<_> = std::mem::take(map).into_iter().collect();
            map.extend(entries.into_iter().rev());
            map.values_mut().for_each(reverse);
        }
        Value::Array(items) => items.iter_mut().for_each(reverse),
        _ => {}
    }
}

#[test]
fn long_lists_are_merged() {
    const COUNT: i64 = 5000;
    let pod = |names: &mut dyn Iterator<Item = i64>| {
        let env: Vec<Value> =
            names.map(|n| json!({"name": format!("N{n}"), "value": n.to_string()})).collect();
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
            "spec": {"containers": [{"name": "web", "env": env}]}})
    };
    let live = pod(&mut (0..COUNT));
    let wanted = pod(&mut (0..COUNT).rev().filter(|n| n % 3 > 0));
    let patch = three_way(Some(&live), &wanted, &live).expect("a patch");
    assert_eq!(patch.apply(&live).expect("a result"), wanted);
}
