//! Variables, arguments, expressions, lazy access.

use std::path::PathBuf;
use std::sync::Arc;

use renga_jsonnet::{Kind, Request, Segment, Variable, Variables};
use serde_json::{Value, json};

use crate::{Workspace, manifest};

fn variables(list: &[(&str, Variable)]) -> Arc<Variables> {
    Arc::new(list.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn evaluate(files: &[(&str, &str)], change: impl FnOnce(&mut Request)) -> Value {
    let workspace = Workspace::new(files);
    let mut request = Workspace::request("a");
    change(&mut request);
    match manifest(&mut *workspace.session(), &request) {
        Ok(value) => value,
        Err(error) => Value::String(error.message().to_owned()),
    }
}

#[test]
fn variables_of_every_kind() {
    let files = [
        (
            "/w/environments/a/main.jsonnet",
            "function(x, y='default') [x, y, std.extVar('s'), std.extVar('c'), std.extVar('f'), std.extVar('t')]",
        ),
        ("/w/work/f.jsonnet", "{ f: std.thisFile }"),
        ("/w/lib/t.txt", "text"),
    ];
    let value = evaluate(&files, |request| {
        request.working_dir = Some("/w/work".into());
        request.ext_vars = variables(&[
            ("s", Variable::String("1 + 1".to_owned())),
            ("c", Variable::Code("1 + 1".to_owned())),
            ("f", Variable::CodeFile("f.jsonnet".into())),
            ("t", Variable::StringFile(PathBuf::from("t.txt"))),
            ("unused", Variable::Code("error 'not looked at'".to_owned())),
        ]);
        request.tlas = variables(&[("x", Variable::Code("{ a: 1 }".to_owned()))]);
    });
    let expected =
        json!([{ "a": 1.0 }, "default", "1 + 1", 2.0, { "f": "/w/work/f.jsonnet" }, "text"]);
    assert_eq!(value, expected);
}

#[test]
fn arguments_are_for_functions_only() {
    let arguments = variables(&[("x", Variable::String("1".to_owned()))]);
    let file = |text| [("/w/environments/a/main.jsonnet", text)];
    let call = |text| evaluate(&file(text), |request| request.tlas = arguments.clone());
    assert_eq!(call("{ a: 1 }"), json!({ "a": 1.0 }));
    assert_eq!(call("function(x) x"), json!("1"));
    assert_eq!(call("function(y) y"), json!("function has no parameter x"));
    assert_eq!(call("function(x, y) y"), json!("Missing argument: y"));
}

#[test]
fn expressions_see_main() {
    let files = [(
        "/w/environments/a/main.jsonnet",
        "function(n=2) { a: { b: [n, n * 2] }, c: error 'no' }",
    )];
    let value = evaluate(&files, |request| {
        request.expression = Some("main.a.b[1]".to_owned());
        request.tlas = variables(&[("n", Variable::Code("4".to_owned()))]);
    });
    assert_eq!(value, json!(8.0));
    let value = evaluate(&files, |request| request.expression = Some("main.c".to_owned()));
    assert_eq!(value, json!("no"));
}

#[test]
fn looking_at_a_field_leaves_the_others_alone() {
    let workspace = Workspace::new(&[(
        "/w/environments/a/main.jsonnet",
        "{ metadata: { name: 'n' }, data: error 'too early', list: [1, error 'no'], hidden:: 3, f: function() 1 }",
    )]);
    let mut session = workspace.session();
    let value = session.evaluate(&Workspace::request("a")).unwrap();
    assert_eq!(value.kind(), Kind::Object);
    let names = value.fields();
    assert_eq!(names, ["data", "f", "list", "metadata"].map(Arc::from));
    let name = value.get(&[Segment::Field("metadata".into()), Segment::Field("name".into())]);
    assert_eq!(name.unwrap().unwrap().as_str().as_deref(), Some("n"));
    assert_eq!(value.field("hidden").unwrap().unwrap().manifest().unwrap(), json!(3.0));
    assert_eq!(value.field("f").unwrap().unwrap().kind(), Kind::Function);
    assert!(value.field("gone").unwrap().is_none());
    let list = value.field("list").unwrap().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list.element(0).unwrap().unwrap().manifest().unwrap(), json!(1.0));
    assert!(list.element(2).unwrap().is_none());
    assert_eq!(value.field("data").err().unwrap().message(), "too early");
}

#[test]
fn a_value_ends_with_its_request() {
    let workspace = Workspace::new(&[("/w/environments/a/main.jsonnet", "{ a: std.extVar('x') }")]);
    let mut session = workspace.session();
    let mut request = Workspace::request("a");
    request.ext_vars = variables(&[("x", Variable::String("1".to_owned()))]);
    let first = session.evaluate(&request).unwrap();
    request.ext_vars = variables(&[("x", Variable::String("2".to_owned()))]);
    let second = session.evaluate(&request).unwrap();
    assert!(first.field("a").is_err());
    assert_eq!(second.manifest().unwrap(), json!({ "a": "2" }));
}

#[test]
fn natives_get_and_give_json() {
    let files = [(
        "/w/environments/a/main.jsonnet",
        "local n(f) = std.native(f); [n('parseYaml')('a: 1\\n---\\nb: [x]'), n('regexSubst')('a+', 'baab', 'X'), n('manifestYamlFromJson')(std.manifestJsonMinified({ a: [1] })), n('none')]",
    )];
    let expected = json!([[{ "a": 1.0 }, { "b": ["x"] }], "bXb", "a:\n    - 1\n", null]);
    assert_eq!(evaluate(&files, |_| {}), expected);
}
