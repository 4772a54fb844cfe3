//! Outcomes recorded from go-jsonnet 0.22.

use serde_json::Value;

use renga_diag::Report;

use crate::program;

struct Case {
    program: String,
    expected: (String, String),
}

/// Reads `== program`, `== value`, `== error` or `== trace`, and maybe `== renga` with our own outcome.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut section = String::new();
    let mut body = String::new();
    let mut finish = |section: &str, body: &str| match (section, cases.last_mut()) {
        ("program", _) => {
            let expected = (String::new(), String::new());
            cases.push(Case { program: body.to_owned(), expected });
        }
        ("", _) => {}
        ("renga", Some(case)) => {
            let (kind, outcome) = body.split_once('\n').unwrap();
            case.expected = (kind.to_owned(), outcome.trim_end().to_owned());
        }
        (kind, Some(case)) => {
            case.expected = (kind.to_owned(), body.trim_end().to_owned());
        }
        (_, None) => panic!("an outcome without a program"),
    };
    for line in text.lines() {
        let next = line.strip_prefix("== ");
        if let Some(next @ ("program" | "value" | "error" | "trace" | "renga")) = next {
            finish(&section, &body);
            next.clone_into(&mut section);
            body.clear();
        } else {
            body.push_str(line);
            body.push('\n');
        }
    }
    finish(&section, &body);
    cases
}

fn as_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        Value::Array(elements) => elements.into_iter().map(as_floats).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, as_floats(value))).collect()
        }
        other => other,
    }
}

fn check(text: &str, at_least: usize) {
    let cases = cases(text);
    assert!(cases.len() >= at_least, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for Case { program: code, expected: (kind, expected) } in cases {
        let found = program(&code);
        let same = match (&found, kind.as_str()) {
            (Ok(value), "value") => {
                let expected = as_floats(serde_json::from_str(&expected).unwrap());
                *value == expected
            }
            (Err(error), "error") => {
                let text = error.tk_text().replace("/w/main.jsonnet", "FILE");
                text.lines().next() == Some(expected.as_str())
            }
            (Err(error), "trace") => {
                let text = error.tk_text().replace("/w/main.jsonnet", "FILE");
                text.trim_end() == expected
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{code}expected {kind} {expected}\nfound {found:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn values_are_go_jsonnets() {
    check(include_str!("../golden/values.txt"), 150);
}

#[test]
fn errors_are_go_jsonnets() {
    check(include_str!("../golden/errors.txt"), 150);
}

#[test]
fn traces_are_go_jsonnets() {
    check(include_str!("../golden/traces.txt"), 80);
}
