//! Recordings of gopkg.in/yaml.v2 2.4.0, gopkg.in/yaml.v3 3.0.1, go.yaml.in/yaml/v3 3.0.5 and
//! sigs.k8s.io/yaml 1.6.0 (on go.yaml.in/yaml/v2 2.4.4), made by `tests/oracle/yaml`.

use std::fmt::Write as _;

use base64::Engine as _;
use renga_yaml::{Flavour, YamlError, read, read_documents, read_strict, try_write};
use serde_json::Value;

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// Collects what differs; a run shows the first few.
#[derive(Default)]
struct Differences {
    count: usize,
    shown: String,
}

impl Differences {
    fn check(&mut self, equal: bool, describe: impl FnOnce() -> String) {
        if !equal {
            self.count += 1;
            if self.count <= 5 {
                writeln!(self.shown, "{}\n", describe()).unwrap();
            }
        }
    }

    fn finish(self) {
        assert!(self.count == 0, "{} differ:\n{}", self.count, self.shown);
    }
}

#[test]
fn writes_what_the_libraries_write() {
    let mut differences = Differences::default();
    let mut values = 0;
    for line in lines(include_str!("../golden/writer.jsonl")) {
        values += 1;
        let input = &line["input"];
        for (name, flavour) in [
            ("v2", Flavour::GoYamlV2),
            ("v3", Flavour::GoYamlV3),
            ("v3indent2", Flavour::GoYamlV3Indent2),
            ("sigs", Flavour::SigsYaml),
        ] {
            let mut out = Vec::new();
            let written = try_write(input, flavour, &mut out);
            let written = written.map(|()| String::from_utf8(out).unwrap());
            let expected = match (&line[name], line[name].get("error")) {
                (_, Some(error)) => Err(error.as_str().unwrap()),
                (Value::String(text), _) => Ok(text.as_str()),
                (outcome, _) => Ok(outcome["value"].as_str().unwrap()),
            };
            let equal = match (&written, expected) {
                (Ok(written), Ok(expected)) => written == expected,
                // `error marshaling into JSON` and the like never occur: these come from YAML.
                (Err(error), Err(expected)) => error.to_string() == expected,
                _ => false,
            };
            differences.check(equal, || {
                format!("{name} {input}\nexpected {expected:?}\nwritten  {written:?}")
            });
        }
    }
    differences.finish();
    assert!(values >= 400, "{values} recorded values");
}

/// Whether two values are equal, where a whole float equals an integer: JSON text, in which the
/// recordings are, does not tell them apart.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            #[expect(clippy::float_cmp, reason = "exactly equal is meant")]
            _ => a.as_f64().unwrap() == b.as_f64().unwrap(),
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn text_of(input: &Value) -> Vec<u8> {
    match input {
        Value::String(text) => text.clone().into_bytes(),
        encoded => base64::engine::general_purpose::STANDARD
            .decode(encoded["base64"].as_str().unwrap())
            .unwrap(),
    }
}

type Reader = fn(&[u8]) -> Result<Value, YamlError>;

#[test]
fn reads_what_the_libraries_read() {
    let readers: [(&str, Reader); 6] = [
        ("v2", |text| read(text, Flavour::GoYamlV2)),
        ("v2strict", |text| read_strict(text, Flavour::GoYamlV2)),
        ("v2all", |text| read_documents(text, Flavour::GoYamlV2).map(Value::Array)),
        ("v3", |text| read(text, Flavour::GoYamlV3)),
        ("v3all", |text| read_documents(text, Flavour::GoYamlV3).map(Value::Array)),
        ("sigs", |text| read(text, Flavour::SigsYaml)),
    ];
    let mut differences = Differences::default();
    let mut documents = 0;
    let mut malformed = 0;
    for line in lines(include_str!("../golden/reader.jsonl")) {
        documents += 1;
        let text = text_of(&line["input"]);
        for (name, reader) in readers {
            let result = reader(&text);
            let expected = &line[name];
            let equal = match (&result, expected.get("error").and_then(Value::as_str)) {
                (_, Some(error)) if error.starts_with("panic: ") => result.is_err(),
                (Err(error), Some(expected)) => {
                    malformed += 1;
                    error.to_string() == expected
                }
                (Ok(value), None) => same(value, &expected["value"]),
                _ => false,
            };
            differences.check(equal, || {
                let read = result.map_err(|error| error.to_string());
                format!("{name} {}\nexpected {expected}\nread     {read:?}", line["input"])
            });
        }
    }
    differences.finish();
    assert!(documents >= 300, "{documents} recorded documents");
    assert!(malformed >= 600, "{malformed} recorded errors");
}
