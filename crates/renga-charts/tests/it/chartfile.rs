//! Chartfiles as Tanka 0.38 reads and writes them.

use std::path::Path;

use renga_charts::{Chartfile, Repository, Workspace, add_repository};
use serde_json::Value;

#[test]
fn chartfiles_are_read_and_rewritten_as_tanka_does() {
    let text = include_str!("../golden/chartfile.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(cases.len() > 90);
    let mut wrong = Vec::new();
    for case in &cases {
        let chartfile = case["chartfile"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chartfile.yaml");
        std::fs::write(&path, chartfile).unwrap();
        let workspace = Workspace::new(folder.path());
        let added = add_repository(&workspace, Repository::new("zz", "http://zz"), &());
        let mut check = |what: &str, found: &str, expected: &Value| {
            // Tanka prints passwords.
            let expected = expected.as_str().map(|text| {
                text.replace("password: p\n", "password: '***'\n")
                    .replace("password: \"123\"\n", "password: '***'\n")
            });
            let plain = what == "rewritten";
            let expected =
                if plain { case["rewritten"].as_str().map(str::to_owned) } else { expected };
            if expected.as_deref() != Some(found) {
                wrong.push(format!("{what} of {chartfile:?}:\n{found}\nshould be\n{expected:?}"));
            }
        };
        match Chartfile::parse(chartfile.as_bytes(), Path::new("chartfile.yaml")) {
            Ok(parsed) => {
                check("config", &parsed.config_text(), &case["config"]);
                check("rewritten", &std::fs::read_to_string(&path).unwrap(), &case["rewritten"]);
            }
            Err(error) => {
                check("error", &error.to_string(), &case["error"]);
                assert!(added.is_err());
                assert_eq!(std::fs::read_to_string(&path).unwrap(), chartfile);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn config_shows_no_password() {
    let text = b"repositories:\n- {name: a, url: 'https://me:hunter2@charts.example.com/x', password: swordfish}\n";
    let shown = Chartfile::parse(text, Path::new("chartfile.yaml")).unwrap().config_text();
    assert!(!shown.contains("hunter2") && !shown.contains("swordfish"), "{shown}");
    assert!(shown.contains("url: https://***@charts.example.com/x\n"), "{shown}");
    assert!(shown.contains("password: '***'\n"), "{shown}");
}
