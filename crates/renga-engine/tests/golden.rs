//! Our programs against what go-jsonnet answers.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::rc::Rc;
use std::sync::Arc;

use renga_engine::{Evaluation, Host, Output, Settings, Source};
use serde_json::Value;

/// A world without files.
struct Nothing;

impl Host for Nothing {
    fn import(&self, _from: &str, path: &str) -> Result<Arc<Source>, String> {
        Err(format!(
            "couldn't open import {path:?}: no match locally or in the Jsonnet library paths"
        ))
    }

    fn trace(&self, _file: &str, _line: u32, _message: &str) {}

    fn native(&self, _name: &str) -> Option<Vec<String>> {
        None
    }

    fn call_native(&self, name: &str, _arguments: &[Value]) -> Result<Value, String> {
        Err(name.to_owned())
    }
}

fn evaluate(code: &str, settings: &Settings) -> Result<String, String> {
    let source = Arc::new(Source::snippet("<cmdline>", code.as_bytes()));
    let mut evaluation =
        Evaluation::new(Rc::new(Nothing), settings, &source).map_err(|error| error.text(20))?;
    let pieces = evaluation.manifest(Output::Json).map_err(|error| error.text(20))?;
    Ok(pieces.into_iter().map(|(_, text)| text + "\n").collect())
}

/// What differs, if anything.
fn difference(code: &str, answer: &Value, settings: &Settings) -> Option<String> {
    let got = evaluate(code, settings);
    let same = match (answer["ok"].as_str(), answer["error"].as_str(), &got) {
        (Some(wanted), _, Ok(got)) => wanted == got,
        (_, Some(wanted), Err(got)) => {
            // `std.trace` writes there as well.
            let wanted: Vec<&str> =
                wanted.trim_end().lines().filter(|line| !line.starts_with("TRACE:")).collect();
            let got: Vec<&str> = got.trim_end().lines().collect();
            let library = wanted.iter().any(|line| line.contains("<std>"));
            if library { wanted.first() == got.first() } else { wanted == got }
        }
        _ => false,
    };
    (!same).then(|| format!("{code}\n  wanted {answer}\n  got    {got:?}"))
}

fn cases() -> Vec<(String, Value)> {
    let programs = include_str!("golden/programs.txt").lines().map(|code| code.replace('⏎', "\n"));
    let answers =
        include_str!("golden/answers.txt").lines().map(|line| serde_json::from_str(line).unwrap());
    programs.zip(answers).collect()
}

#[test]
fn programs_answer_as_go_jsonnet() {
    let cases = cases();
    assert!(cases.len() > 1000);
    let settings = Settings::default();
    let wrong: Vec<String> =
        cases.iter().filter_map(|(code, answer)| difference(code, answer, &settings)).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_collection_at_every_step_changes_nothing() {
    let settings = Settings { stress: true, ..Settings::default() };
    let cases = cases();
    let wrong: Vec<String> = cases
        .iter()
        .step_by(5)
        .filter_map(|(code, answer)| difference(code, answer, &settings))
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn garbage_of_a_long_loop_is_collected() {
    let code = "local loop(n, acc) = if n == 0 then acc else loop(n - 1, (acc + n) % 1000) tailstrict; loop(300000, 0)";
    let settings = Settings { memory: 64 << 20, ..Settings::default() };
    let source = Arc::new(Source::snippet("<cmdline>", code.as_bytes()));
    let evaluation = Evaluation::new(Rc::new(Nothing), &settings, &source).unwrap();
    assert!(evaluation.memory() < 32 << 20, "{}", evaluation.memory());
}

#[test]
fn deep_nesting_is_an_error_or_a_value() {
    for code in
        ["[".repeat(200_000), "{a:".repeat(100_000), "(".repeat(100_000), "-".repeat(100_000)]
    {
        assert!(evaluate(&code, &Settings::default()).is_err());
    }
    let sum = vec!["1"; 20_000].join("+");
    assert_eq!(evaluate(&sum, &Settings::default()).unwrap(), "20000\n");
    let settings = Settings { max_stack: 100_000, ..Settings::default() };
    let deep = "local f(n) = if n == 0 then 0 else 1 + f(n - 1); f(20000)";
    assert_eq!(evaluate(deep, &settings).unwrap(), "20000\n");
}

#[test]
fn values_are_evaluated_as_they_are_looked_at() {
    let code = "{ a: [1, error 'late'], b:: 'x', c: { d: true } }";
    let source = Arc::new(Source::snippet("<cmdline>", code.as_bytes()));
    let settings = Settings { stress: true, ..Settings::default() };
    let mut evaluation = Evaluation::new(Rc::new(Nothing), &settings, &source).unwrap();
    let root = evaluation.root();
    assert_eq!(evaluation.fields(root), ["a".into(), "c".into()]);
    let list = evaluation.field(root, "a").unwrap().unwrap();
    assert_eq!(evaluation.count(list), 2);
    assert_eq!(evaluation.element(list, 1).unwrap_err().message(), "late");
    let hidden = evaluation.field(root, "b").unwrap().unwrap();
    assert_eq!(evaluation.text(hidden).as_deref(), Some("x"));
    let one = evaluation.element(list, 0).unwrap().unwrap();
    assert_eq!(evaluation.kind(one), renga_engine::Kind::Number);
    assert!(evaluation.field(root, "z").unwrap().is_none());
}

#[test]
fn a_source_is_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let source = Arc::new(Source::new("a.jsonnet", "{ a: 1 + 1 }".as_bytes()));
    shared(&source);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let source = source.clone();
            std::thread::spawn(move || {
                let mut evaluation =
                    Evaluation::new(Rc::new(Nothing), &Settings::default(), &source).unwrap();
                evaluation.manifest(Output::Text).map_err(|error| error.to_string())
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Err("expected string result, got: object".to_owned()));
    }
}
