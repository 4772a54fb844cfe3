//! Texts as other programs wrote them for our inputs.
//!
//! `unified.jsonl` holds what `diff -u` of GNU diffutils 3.8 answers; `objects.jsonl` what kubectl
//! 0.36.3 writes of two versions of an object, recorded by `cargo xtask oracle`.

use std::path::Path;

use renga_diff::{FilePair, Show, Side, unified};
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = std::fs::read_to_string(file).expect("a golden");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

#[test]
fn differences_are_those_of_diff() {
    let cases = cases("unified.jsonl");
    assert!(cases.len() > 120);
    for case in cases {
        let side = |name, key: &str| Side { name, time: None, text: case[key].as_str().unwrap() };
        let found = unified(&side("a", "old"), &side("b", "new")).unwrap_or_default();
        assert_eq!(found, case["diff"].as_str().unwrap(), "{case}");
    }
}

#[test]
fn objects_are_shown_as_by_kubectl() {
    let cases = cases("objects.jsonl");
    assert!(cases.len() >= 20);
    for case in cases {
        let side = |key: &str| case["diff"].get(key).filter(|object| !object.is_null());
        let files = FilePair::new(side("live"), side("merged"), Show::default());
        // kubectl writes `null` for a Secret that is not there.
        let live = if side("live").is_none() { "" } else { case["live"].as_str().unwrap() };
        assert_eq!(files.live, live, "{}", case["name"]);
        assert_eq!(files.merged, case["merged"].as_str().unwrap(), "{}", case["name"]);
    }
}
