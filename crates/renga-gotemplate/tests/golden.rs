//! Results recorded from Go's `text/template` 1.26 with Sprig 3.3.0, on our own cases.
//!
//! `tests/oracle/template` records them: `cd tests/oracle && go run ./template record`.

#[path = "cases/run.rs"]
mod case;

use std::fmt::Write as _;
use std::path::Path;

use case::{recorded_output, run};

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

#[test]
fn dates_and_durations() {
    assert!(check("dates.jsonl") >= 70);
}

#[test]
fn keys_certificates_and_passwords() {
    assert!(check("secrets.jsonl") >= 34);
}
