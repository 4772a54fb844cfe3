//! What environments share, and above all what they do not.

use std::sync::Arc;

use renga_jsonnet::{Variable, Variables};
use serde_json::{Value, json};

use crate::{Memory, Workspace, manifest};

fn variables(name: &str, value: &str) -> Arc<Variables> {
    Arc::new([(name.to_owned(), Variable::String(value.to_owned()))].into())
}

/// Evaluates the environments in this order in one session, each with the ext var `cluster` set to
/// its name, and gives the values by name.
fn evaluate(workspace: &Workspace, order: &[&str]) -> Vec<(String, Value)> {
    let mut session = workspace.session();
    let mut values: Vec<_> = order
        .iter()
        .map(|name| {
            let mut request = Workspace::request(name);
            request.ext_vars = variables("cluster", name);
            ((*name).to_owned(), manifest(&mut *session, &request).unwrap())
        })
        .collect();
    values.sort_by(|a, b| a.0.cmp(&b.0));
    values
}

const FILES: [(&str, &str); 9] = [
    ("/w/environments/a/main.jsonnet", "(import 'app.libsonnet') { own: (import 'data.json').x }"),
    ("/w/environments/b/main.jsonnet", "(import 'app.libsonnet') { own: (import 'data.json').x }"),
    ("/w/environments/b/names.libsonnet", "{ name: 'overridden by b' }"),
    ("/w/environments/c/main.jsonnet", "(import 'app.libsonnet') { own: importstr 'data.json' }"),
    ("/w/environments/c/vendor/data.json", "{\"x\": \"of c\"}"),
    (
        "/w/lib/app.libsonnet",
        "{ cluster: (import 'cluster.libsonnet').name, name: (import 'names.libsonnet').name, pure: import 'pure.libsonnet' }",
    ),
    ("/w/lib/cluster.libsonnet", "{ name: std.extVar('cluster') }"),
    ("/w/vendor/names.libsonnet", "{ name: 'common' }"),
    ("/w/vendor/data.json", "{\"x\": 1}"),
];

fn workspace() -> Workspace {
    let mut files = FILES.to_vec();
    files.push(("/w/vendor/pure.libsonnet", "{ sum: std.foldl(function(a, b) a + b, [1, 2], 0) }"));
    Workspace::new(&files)
}

#[test]
fn an_environment_sees_its_own_variables_and_files_in_any_order() {
    let workspace = workspace();
    let expected = vec![
        (
            "a".to_owned(),
            json!({ "cluster": "a", "name": "common", "own": 1.0, "pure": { "sum": 3.0 } }),
        ),
        (
            "b".to_owned(),
            json!({ "cluster": "b", "name": "overridden by b", "own": 1.0, "pure": { "sum": 3.0 } }),
        ),
        (
            "c".to_owned(),
            json!({ "cluster": "c", "name": "common", "own": "{\"x\": \"of c\"}", "pure": { "sum": 3.0 } }),
        ),
    ];
    for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["b", "c", "a"]] {
        assert_eq!(evaluate(&workspace, &order), expected, "{order:?}");
    }
    // The same values again, now that everything that can be shared is.
    let mut session = workspace.session();
    for _ in 0..3 {
        for (name, value) in &expected {
            let mut request = Workspace::request(name);
            request.ext_vars = variables("cluster", name);
            assert_eq!(&manifest(&mut *session, &request).unwrap(), value);
        }
    }
}

#[test]
fn a_file_can_be_read_as_code_and_as_text() {
    let workspace = Workspace::new(&[
        (
            "/w/environments/a/main.jsonnet",
            "[import 'x.libsonnet', importstr 'x.libsonnet', importbin 'x.libsonnet']",
        ),
        ("/w/environments/a/x.libsonnet", "{ /** **/ a: 1 + 1 }"),
    ]);
    let value = manifest(&mut *workspace.session(), &Workspace::request("a")).unwrap();
    assert_eq!(value[0], json!({ "a": 2.0 }));
    assert_eq!(value[1], json!("{ /** **/ a: 1 + 1 }"));
    assert_eq!(value[2].as_array().map(Vec::len), Some(20));
}

#[test]
fn the_built_in_library_gives_each_environment_its_own_spec() {
    let workspace = Workspace::new(&[
        ("/w/environments/a/main.jsonnet", "(import 'x.libsonnet').name"),
        ("/w/environments/b/main.jsonnet", "(import 'x.libsonnet').name"),
        ("/w/lib/x.libsonnet", "{ name: (import 'tk').env.metadata.name }"),
    ]);
    let mut session = workspace.session();
    for name in ["a", "b", "a"] {
        let mut request = Workspace::request(name);
        let spec = format!("{{\"metadata\": {{\"name\": \"{name}\"}}}}");
        request.ext_vars =
            Arc::new([("tanka.dev/environment".to_owned(), Variable::Code(spec))].into());
        assert_eq!(manifest(&mut *session, &request).unwrap(), json!(name));
    }
}

#[test]
fn a_failure_does_not_spill_over() {
    let workspace = Workspace::new(&[
        ("/w/environments/bad/main.jsonnet", "(import 'x.libsonnet').deep(100000)"),
        ("/w/environments/worse/main.jsonnet", "(import 'x.libsonnet').fail"),
        ("/w/environments/good/main.jsonnet", "(import 'x.libsonnet').deep(3)"),
        (
            "/w/lib/x.libsonnet",
            "{ local f(n) = if n == 0 then 0 else 1 + f(n - 1), deep(n):: f(n), fail: error 'no' }",
        ),
    ]);
    let mut session = workspace.session();
    for _ in 0..3 {
        assert!(manifest(&mut *session, &Workspace::request("bad")).is_err());
        assert!(manifest(&mut *session, &Workspace::request("worse")).is_err());
        let value = manifest(&mut *session, &Workspace::request("good")).unwrap();
        assert_eq!(value, json!(3.0));
    }
}

#[test]
fn traces_come_with_every_environment() {
    let log = Arc::new(Memory::default());
    let workspace = Workspace::with_log(
        &[
            ("/w/environments/a/main.jsonnet", "import 'x.libsonnet'"),
            ("/w/environments/b/main.jsonnet", "import 'x.libsonnet'"),
            ("/w/lib/x.libsonnet", "\nstd.trace('seen', 1)"),
        ],
        log.clone(),
    );
    let mut session = workspace.session();
    for name in ["a", "b"] {
        assert_eq!(manifest(&mut *session, &Workspace::request(name)).unwrap(), json!(1.0));
    }
    assert_eq!(*log.0.lock().unwrap(), ["/w/lib/x.libsonnet:2 seen"; 2]);
}

#[test]
fn threads_agree() {
    let workspace = workspace();
    let expected = evaluate(&workspace, &["a", "b", "c"]);
    std::thread::scope(|scope| {
        for order in [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"], ["c", "b", "a"]] {
            let (workspace, expected) = (&workspace, &expected);
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(&evaluate(workspace, &order), expected);
                }
            });
        }
    });
}
