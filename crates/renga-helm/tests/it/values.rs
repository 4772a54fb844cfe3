//! Loading, dependencies and values against what Helm v4.3.1 and v3.22.0 made of the same input.
//!
//! The recorded lines are in `tests/golden/values/`. Of `charts.jsonl` each is a chart, the values
//! of a user, and `.Values` of every chart that Helm rendered; of `settings.jsonl` flags and what
//! Helm's parsers make of them (integers with `i`, floats with `f` in front); of `loading.jsonl` a
//! chart in `/chart` and what `helm template` prints after `Error: `.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_helm::{
    Coalesced, Compat, File, Instance, Loaded, Setting, Table, Value, check_renderable, load,
    load_files, process, user_values,
};
use renga_project::MemorySource;
use serde_json::Value as Json;

fn golden(name: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/values").join(name);
    let text = fs_err::read_to_string(path).expect("a golden file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn compats() -> [(&'static str, Compat); 2] {
    [("v4", Compat::V4), ("v3", Compat::V3)]
}

/// A value with the type of its numbers in front of them.
fn typed(values: &Coalesced, value: &Value, out: &mut String) {
    let separated = |out: &mut String, at: usize| {
        if at > 0 {
            out.push(',');
        }
    };
    match value {
        Value::Int(number) => out.extend(["i", &number.to_string()]),
        Value::Float(number) => out.extend(["f", &format!("{number:?}")]),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                separated(out, at);
                typed(values, item, out);
            }
            out.push(']');
        }
        Value::Table(table) => typed_table(values, table, out),
        Value::Shared(id) => typed_table(values, values.shared(*id), out),
        other => out.push_str(&values.json(other).to_string()),
    }
}

fn typed_table(values: &Coalesced, table: &Table, out: &mut String) {
    out.push('{');
    for (at, (key, value)) in table.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&Json::from(key.to_string()).to_string());
        out.push(':');
        typed(values, value, out);
    }
    out.push('}');
}

#[test]
fn settings_are_understood_as_helm_understands_them() {
    let cases = golden("settings.jsonl");
    assert!(cases.len() > 300);
    for case in cases {
        let compat = if case["compat"] == "v3" { Compat::V3 } else { Compat::V4 };
        let settings: Vec<Setting> = case["settings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|setting| {
                let text = setting[1].as_str().unwrap().to_owned();
                match setting[0].as_str().unwrap() {
                    "f" => Setting::File(text),
                    "json" => Setting::Json(text),
                    "set" => Setting::Typed(text),
                    "string" => Setting::Text(text),
                    "file" => Setting::FromFile(text),
                    _ => Setting::Literal(text),
                }
            })
            .collect();
        let files = &case["files"];
        let mut read = |path: &str| match files.get(path).and_then(Json::as_str) {
            Some(text) => Ok(Arc::from(text.as_bytes())),
            None => Err(std::io::ErrorKind::NotFound.into()),
        };
        let result = match user_values(&settings, &mut read, compat) {
            Ok(values) => {
                let values = Coalesced::from(values);
                let mut out = String::new();
                typed_table(&values, values.root(), &mut out);
                out
            }
            Err(error) => format!("E {}", error.to_string().replace('\n', "\\n")),
        };
        assert_eq!(result, case["result"].as_str().unwrap(), "{}", case["settings"]);
    }
}

fn chart_of(files: &Json, compat: Compat) -> Loaded {
    let files = files.as_object().expect("an object").iter();
    let files = files.map(|(name, text)| File {
        name: Arc::from(name.as_str()),
        data: Arc::from(text.as_str().expect("a text").as_bytes()),
    });
    load_files(files.collect(), compat).expect("the chart loads")
}

/// `.Values` of a chart and of those below it, by their paths.
fn values_by_path(chart: &Instance, values: &Json, out: &mut BTreeMap<String, Json>) {
    out.insert(chart.path.clone(), values.clone());
    for subchart in &chart.dependencies {
        values_by_path(subchart, &values[subchart.name()], out);
    }
}

/// Every number as a float: Helm's JSON does not tell.
fn as_floats(value: &mut Json) {
    match value {
        Json::Number(number) => *value = Json::from(number.as_f64()),
        Json::Array(items) => items.iter_mut().for_each(as_floats),
        Json::Object(map) => map.values_mut().for_each(as_floats),
        _ => {}
    }
}

#[test]
fn subcharts_are_chosen_and_values_coalesced_as_helm_does() {
    let cases = golden("charts.jsonl");
    assert!(cases.len() > 20);
    for (number, case) in cases.into_iter().enumerate() {
        let Value::Table(user) = Value::from_json(&case["values"]) else { panic!("no table") };
        for (name, compat) in compats() {
            let chart = chart_of(&case["files"], compat).chart;
            let result = check_renderable(&chart, compat)
                .and_then(|_| process(&chart, &user, compat))
                .map(|processed| {
                    let values = processed.values.json_table(processed.values.root());
                    let mut charts = BTreeMap::new();
                    values_by_path(&processed.root, &Json::Object(values), &mut charts);
                    charts
                });
            let mut expected = case[name].clone();
            as_floats(&mut expected);
            let found = match result {
                Ok(charts) => serde_json::json!({ "charts": charts }),
                Err(error) => serde_json::json!({ "error": error.to_string() }),
            };
            assert_eq!(found, expected, "case {number} in {name}");
        }
    }
}

#[test]
fn charts_that_do_not_load_are_refused_in_the_words_of_helm() {
    let cases = golden("loading.jsonl");
    assert!(cases.len() > 40);
    for case in cases {
        let source: MemorySource = case["files"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, text)| (PathBuf::from("/chart").join(name), text.as_str().unwrap()))
            .collect();
        for (name, compat) in compats() {
            let result = load(&source, Path::new("/chart"), compat)
                .map_err(|error| error.to_string())
                .and_then(|loaded| {
                    check_renderable(&loaded.chart, compat).map_err(|error| error.to_string())
                });
            let found = result.map_or_else(|error| error, |_| String::new());
            assert_eq!(found, case[name].as_str().unwrap(), "{} in {name}", case["name"]);
        }
    }
}
