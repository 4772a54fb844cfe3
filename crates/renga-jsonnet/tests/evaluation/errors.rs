//! Errors as people and machines see them.

use miette::Diagnostic;
use renga_jsonnet::ErrorKind;

use crate::{Workspace, manifest, program};

#[test]
fn positions_are_those_of_the_file() {
    // The evaluator sees edited code: comments and probes must not move anything.
    let text = "/** é **/\nlocal e = { a: 1 };\n{\n  x: [e.a + 1, std.length('ö')],\n  y: error 'here',\n}\n";
    let error = program(text).unwrap_err();
    let frame = &error.frames()[0];
    assert_eq!((frame.start.line, frame.start.column), (5, 6));
    assert_eq!(&text[frame.start.offset..frame.end.offset], "error 'here'");
    assert!(error.to_string().starts_with("RUNTIME ERROR: here\n\t/w/main.jsonnet:5:6-18"));
    let label = error.labels().unwrap().next().unwrap();
    assert_eq!(&text[label.offset()..label.offset() + label.len()], "error 'here'");
}

#[test]
fn a_missing_import_names_the_paths_tried() {
    let workspace = Workspace::new(&[
        ("/w/environments/a/main.jsonnet", "import 'x.libsonnet'"),
        ("/w/lib/x.libsonnet", "{ a: import 'gone.libsonnet' }"),
    ]);
    let error = manifest(&mut *workspace.session(), &Workspace::request("a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Import);
    assert_eq!(
        error.message(),
        "couldn't open import \"gone.libsonnet\": no match locally or in the Jsonnet library paths"
    );
    let tried: Vec<_> = error.tried().iter().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(
        tried,
        [
            "/w/lib/gone.libsonnet",
            "/w/environments/a/gone.libsonnet",
            "/w/environments/a/vendor/gone.libsonnet",
            "/w/vendor/gone.libsonnet",
        ]
    );
    assert!(error.help().unwrap().to_string().contains("/w/vendor/gone.libsonnet"));
}

#[test]
fn hints_on_style_are_no_errors() {
    let error = program("local unused = 1;\nlocal id = function(x) x;\nmissing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Static);
    assert_eq!(error.to_string(), "/w/main.jsonnet:3:1-8 Unknown variable: missing\n\nmissing\n\n");
    assert!(program("local unused = 1; local x = 2; 3").is_ok());
}

#[test]
fn similar_names_are_told() {
    let error = program("{ replicas: 1 }.replica").unwrap_err();
    assert_eq!(error.message(), "Field does not exist: replica");
    assert_eq!(error.help().unwrap().to_string(), "there is `replicas`");
}

#[test]
fn text_that_is_no_utf8_is_an_error_when_it_is_looked_at() {
    let source: renga_project::MemorySource = [
        (
            "/w/environments/a/main.jsonnet",
            b"{ a: importstr 'bad', b:: importbin 'bad' }".as_slice(),
        ),
        ("/w/environments/a/bad", b"\xff"),
    ]
    .into_iter()
    .collect();
    let sources = renga_jsonnet::Sources::new(std::sync::Arc::new(source));
    let engine = renga_jsonnet::JrsonnetEngine::new(
        sources,
        renga_jsonnet::standard(),
        renga_jsonnet::Limits::default(),
        std::sync::Arc::new(renga_jsonnet::SilentLog),
    );
    let mut session = renga_jsonnet::Engine::session(&engine);
    let value = session.evaluate(&Workspace::request("a")).unwrap();
    assert_eq!(value.field("b").unwrap().unwrap().manifest().unwrap(), serde_json::json!([255.0]));
    let error = value.field("a").err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Import);
}
