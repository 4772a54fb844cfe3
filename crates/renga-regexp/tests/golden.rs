//! Compares this crate with what Go 1.26.8 answered to the cases in `golden/`.
//!
//! A file holds one case a line, input and answer together. To add one, append its input and record
//! the file again: `go run ./regexp record` in `tests/oracle`, from the old file into the new one.

mod recorded;

use recorded::Case;

fn check(name: &str, at_least: usize) {
    let path = format!("{}/tests/golden/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(path).expect("a recorded file");
    let mut compared = 0;
    let mut report = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).expect("a recorded case");
        compared += usize::from(case.error.is_some());
        for difference in case.compare(&mut compared) {
            report.push(format!("{:?}: {difference}", case.pattern));
        }
    }
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert!(compared >= at_least, "only {compared} comparisons in {name}");
}

#[test]
fn patterns_are_refused_in_the_words_of_go() {
    check("errors", 200);
}

#[test]
fn characters_escapes_and_classes_mean_what_they_mean_in_go() {
    check("syntax", 100);
}

#[test]
fn unicode_classes_are_those_of_go() {
    check("unicode", 50);
}

#[test]
fn case_folds_as_in_go() {
    check("folding", 50);
}

#[test]
fn repetitions_and_empty_matches_agree() {
    check("repetition", 600);
}

#[test]
fn assertions_and_flags_agree() {
    check("assertions", 50);
}

#[test]
fn invalid_bytes_are_replacement_characters() {
    check("invalid-utf8", 180);
}

#[test]
fn templates_are_expanded_as_in_go() {
    check("replacement", 25);
}

#[test]
fn texts_are_split_as_in_go() {
    check("splitting", 100);
}

#[test]
fn patterns_seen_around_manifests_agree() {
    check("manifests", 20);
}
