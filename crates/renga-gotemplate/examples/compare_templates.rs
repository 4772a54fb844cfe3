//! Compares results of Go with ours: `compare FILE.jsonl`, where the file comes from
//! `go run ./template fuzz COUNT SEED` in `tests/oracle`.
//!
//! Prints every difference and the counts.
#![expect(clippy::print_stdout, reason = "a program for developers")]

#[path = "../tests/cases/run.rs"]
mod case;

use case::{recorded_output, run};

fn main() {
    let file = std::env::args().nth(1).expect("a file of cases");
    let cases = std::fs::read_to_string(file).expect("the cases");
    let (mut same, mut different) = (0, 0);
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case per line");
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let (output, error) = run(text("template"), text("option"));
        let wanted = recorded_output(&case);
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
