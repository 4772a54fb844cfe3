//! What Tanka 0.38 (with Helm 4.3) does and says, command by command.
//!
//! Where a command succeeded for Tanka, the files are compared as well. Differences on purpose
//! stand beside the scenario's name.

use std::path::PathBuf;

use renga_charts::{
    LockMode, Prune, Repository, VendorOptions, add, add_repository, init, vendor, version_check,
};
use renga_diag::Report as _;
use serde_json::Value;

use crate::support::{Fixture, snapshot};

/// Scenarios whose files differ, because renga changes all or nothing.
const ALL_OR_NOTHING: [&str; 1] = ["an unknown repository after a good one"];

#[test]
fn dialogues_are_those_of_tanka() {
    let scenarios: Vec<Value> =
        serde_json::from_str(include_str!("../golden/dialogues.json")).unwrap();
    assert!(scenarios.len() >= 20);
    for scenario in &scenarios {
        let name = scenario["name"].as_str().unwrap();
        let fixture = Fixture::new("");
        std::fs::remove_file(fixture.path("chartfile.yaml")).unwrap();
        std::fs::create_dir(fixture.path("ws")).unwrap();
        for (path, text) in scenario["files"].as_object().unwrap() {
            fixture.write(&format!("ws/{path}"), text.as_str().unwrap());
        }
        for command in scenario["commands"].as_array().unwrap() {
            let words: Vec<&str> = command["command"]
                .as_array()
                .unwrap()
                .iter()
                .map(|w| w.as_str().unwrap())
                .collect();
            let outcome = run(&fixture, &words);
            let what = format!("{name}: {words:?}");
            let (out, err) = match outcome {
                Ok(done) => (done.0, done.1),
                Err(text) => (String::new(), format!("Error: {text}\n")),
            };
            let root = fixture.path("ws").display().to_string();
            let err = err.replace(&root, "$WORKSPACE");
            let log: Vec<Value> = fixture.log.take().into_iter().map(Value::from).collect();
            let expected_log = command.get("log").cloned().unwrap_or(Value::Array(Vec::new()));
            assert_eq!(Value::Array(log), expected_log, "{what}");
            assert_eq!(out, command.get("stdout").and_then(Value::as_str).unwrap_or(""), "{what}");
            assert_eq!(err, command.get("stderr").and_then(Value::as_str).unwrap_or(""), "{what}");
        }
        assert_eq!(fixture.read("ws/chartfile.yaml"), scenario["chartfile"], "{name}");
        let files: Vec<String> = snapshot(fixture.folder.path())
            .into_keys()
            .filter(|path| !path.ends_with("chartfile.yaml") && !path.ends_with("rc.yaml"))
            .map(|path| match path.strip_prefix("ws/") {
                Some(path) => path.to_owned(),
                None => format!("../{path}"),
            })
            .collect();
        if !ALL_OR_NOTHING.contains(&name) {
            let expected: Vec<_> = scenario["charts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f.as_str().unwrap())
                .collect();
            let mut files = files;
            files.sort();
            assert_eq!(files, expected, "{name}");
        }
    }
}

/// What goes to the two outputs, or the error.
fn run(fixture: &Fixture, words: &[&str]) -> Result<(String, String), String> {
    let workspace = renga_charts::Workspace::new(fixture.path("ws"));
    let config = words.iter().position(|word| *word == "--repository-config");
    let repository_config = config.map(|index| PathBuf::from(words[index + 1]));
    let prune = words.contains(&"--prune");
    let options = VendorOptions {
        lock: LockMode::IfPresent,
        prune: if prune { Prune::Everything } else { Prune::No },
        repository_config: repository_config.clone(),
        ..VendorOptions::default()
    };
    let arguments: Vec<String> = words
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(index, word)| {
            !word.starts_with("--") && config.is_none_or(|config| *index != config + 1)
        })
        .map(|(_, word)| (*word).to_owned())
        .collect();
    let silent = (String::new(), String::new());
    match words[0] {
        "init" => match init(&workspace) {
            Ok(path) => {
                let text = format!("Success! New Chartfile created at '{}'", path.display());
                Ok((String::new(), text))
            }
            Err(error) => Err(error.tk_text()),
        },
        "config" => match workspace.chartfile() {
            Ok(chartfile) => Ok((chartfile.config_text(), String::new())),
            Err(error) => Err(error.tk_text()),
        },
        "add-repo" => {
            let repository = Repository::new(&arguments[0], &arguments[1]);
            add_repository(&workspace, repository, &fixture.log)
                .map(|()| silent)
                .map_err(|error| error.tk_text())
        }
        "add" => add(&workspace, &arguments, &fixture.source, &options, &fixture.log)
            .map(|_| silent)
            .map_err(|error| error.tk_text()),
        "vendor" => vendor(&workspace, &fixture.source, &options, &fixture.log)
            .map(|_| silent)
            .map_err(|error| error.tk_text()),
        "version-check" => {
            let pretty = words.contains(&"--pretty-print");
            version_check(&workspace, &fixture.source, repository_config.as_deref(), pretty)
                .map(|json| (json, String::new()))
                .map_err(|error| error.tk_text())
        }
        other => panic!("unknown command {other}"),
    }
}
