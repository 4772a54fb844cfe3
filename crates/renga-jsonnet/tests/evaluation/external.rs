//! The external engine, with shell scripts in the place of the program.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_jsonnet::{Engine, ExternalEngine, Request, SearchPath, Variable};
use serde_json::json;

use crate::{Memory, manifest};

fn script(directory: &Path, body: &str) -> PathBuf {
    let path = directory.join("jsonnet");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn request() -> Request {
    let mut request = Request::new(
        "/w/main.jsonnet",
        SearchPath::new(["/w/lib", "/w/vendor"].map(PathBuf::from)),
    );
    request.ext_vars = Arc::new([("a".to_owned(), Variable::String("x\"".to_owned()))].into());
    request.tlas = Arc::new([("b".to_owned(), Variable::Code("1".to_owned()))].into());
    request.max_stack = 9;
    request
}

#[test]
fn the_program_gets_jsonnets_flags() {
    let directory = tempfile::tempdir().unwrap();
    let body = r#"for a in "$@"; do printf '%s\n' "$a" | sed 's/["\\]/\\&/g; s/.*/"&"/'; done | paste -sd, | sed 's/.*/[&]/'"#;
    let engine = ExternalEngine::new(script(directory.path(), body), Arc::new(Memory::default()));
    let value = manifest(&mut *engine.session(), &request()).unwrap();
    let expected = json!([
        "-J",
        "/w/vendor",
        "-J",
        "/w/lib",
        "--max-stack",
        "9",
        "--ext-code",
        "a=\"x\\\"\"",
        "--tla-code",
        "b=1",
        "/w/main.jsonnet"
    ]);
    assert_eq!(value, expected);
}

#[test]
fn what_it_says_is_passed_on_and_its_failure_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let log = Arc::new(Memory::default());
    let body = "printf 'one\\n\\ntwo\\n' >&2; echo printed; exit 3";
    let engine = ExternalEngine::new(script(directory.path(), body), log.clone());
    let error = manifest(&mut *engine.session(), &request()).unwrap_err();
    assert_eq!(error.to_string(), "error running file /w/main.jsonnet: exit status 3\nprinted\n");
    assert_eq!(*log.0.lock().unwrap(), ["one", "two\n"]);
}
