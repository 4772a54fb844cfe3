//! Errors as people and machines see them.

use std::fmt::Write as _;

use miette::Diagnostic;
use renga_diag::Report;
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
    assert!(error.tk_text().starts_with("RUNTIME ERROR: here\n\t/w/main.jsonnet:5:6-18"));
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
    assert_eq!(
        error.help().unwrap().to_string(),
        "tried\n  lib/gone.libsonnet\n  environments/a/gone.libsonnet\n  \
         environments/a/vendor/gone.libsonnet\n  vendor/gone.libsonnet\n\
         in the result this is `.a`"
    );
}

#[test]
fn hints_on_style_are_no_errors() {
    let error = program("local unused = 1;\nlocal id = function(x) x;\nmissing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Static);
    assert_eq!(error.tk_text(), "/w/main.jsonnet:3:1-8 Unknown variable: missing\n\nmissing\n\n");
    assert!(program("local unused = 1; local x = 2; 3").is_ok());
}

#[test]
fn similar_names_are_told() {
    let error = program("{ replicas: 1 }.replica").unwrap_err();
    assert_eq!(error.message(), "Field does not exist: replica");
    assert_eq!(error.help().unwrap().to_string(), "did you mean `replicas`?");
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

/// All that a terminal gets to see of an error.
fn told(error: &renga_jsonnet::EvalError) -> String {
    fn part(error: &dyn Diagnostic, indent: &str, out: &mut String) {
        let _ = writeln!(out, "{indent}{error}");
        for label in error.labels().into_iter().flatten() {
            let contents = error.source_code().unwrap().read_span(label.inner(), 0, 0).unwrap();
            let (line, column) = (contents.line() + 1, contents.column() + 1);
            let code = String::from_utf8_lossy(contents.data());
            let (file, text) = (contents.name().unwrap(), label.label().unwrap_or_default());
            let mark = if label.primary() { "-->" } else { "   " };
            let _ = writeln!(out, "{indent}{mark} {file}:{line}:{column} `{code}` {text}");
        }
        for help in error
            .help()
            .iter()
            .flat_map(|help| help.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
        {
            let _ = writeln!(out, "{indent}help: {help}");
        }
        for related in error.related().into_iter().flatten() {
            part(related, "  ", out);
        }
    }
    let mut out = String::new();
    part(error, "", &mut out);
    out
}

fn environment(files: &[(&str, &str)]) -> String {
    let workspace = Workspace::new(files);
    told(&manifest(&mut *workspace.session(), &Workspace::request("a")).unwrap_err())
}

#[test]
fn an_error_points_at_the_line_and_at_the_calls_that_led_there() {
    let library = "{\n  image(c)::\n    c.repository + ':' + c.tagg,\n}\n";
    let main = "local k = import 'k.libsonnet';\n{ web: { image: k.image({ repository: 'r', tag: '1' }) } }\n";
    insta::assert_snapshot!(
        environment(&[("/w/environments/a/main.jsonnet", main), ("/w/lib/k.libsonnet", library)]),
        @r"
        field `tagg` does not exist
        --> lib/k.libsonnet:3:26 `c.tagg` no such field
        help: did you mean `tag`?
        help: in the result this is `.web.image`
          called here
              environments/a/main.jsonnet:2:17 `k.image({ repository: 'r', tag: '1' })` 
        "
    );
}

#[test]
fn the_programs_own_words_stay() {
    insta::assert_snapshot!(
        environment(&[(
            "/w/environments/a/main.jsonnet",
            "local check(x) =\n  assert x > 0 : 'Replicas of %s' % x;\n  x;\n[{ 'a-b': check(-1) }]",
        )]),
        @r#"
        Replicas of -1
        --> environments/a/main.jsonnet:2:3 `assert x > 0 : 'Replicas of %s' % x` this does not hold
            environments/a/main.jsonnet:4:11 `check(-1)` needed here
        help: in the result this is `[0]["a-b"]`
        "#
    );
    insta::assert_snapshot!(
        environment(&[(
            "/w/environments/a/main.jsonnet",
            "local f(n) = if n == 0 then error 'Bottom.' else f(n - 1);\nf(3)",
        )]),
        @r"
        Bottom.
        --> environments/a/main.jsonnet:1:29 `error 'Bottom.'` raised here
            environments/a/main.jsonnet:1:50 `f(n - 1)` `f` is called here
            environments/a/main.jsonnet:2:1 `f(3)` `f` is called here
        "
    );
}

#[test]
fn mistyped_names_are_recognised() {
    insta::assert_snapshot!(
        environment(&[("/w/environments/a/main.jsonnet", "local image = 'x';\n{ a: imgae }")]),
        @r"
        unknown variable `imgae`
        --> environments/a/main.jsonnet:2:6 `imgae` here
        help: did you mean `image`?
        "
    );
    insta::assert_snapshot!(
        environment(&[("/w/environments/a/main.jsonnet", "std.lenght('x')")]),
        @r"
        field `lenght` does not exist
        --> environments/a/main.jsonnet:1:1 `std.lenght` no such field
        help: did you mean `length`?
        "
    );
    insta::assert_snapshot!(
        environment(&[
            ("/w/environments/a/main.jsonnet", "{ a: import 'konfig.libsonnet' }"),
            ("/w/lib/config.libsonnet", "{}"),
        ]),
        @r"
        cannot find the import `konfig.libsonnet`
        --> environments/a/main.jsonnet:1:6 `import 'konfig.libsonnet'` imported here
        help: did you mean `config.libsonnet`?
        help: tried
        help:   environments/a/konfig.libsonnet
        help:   lib/konfig.libsonnet
        help:   environments/a/vendor/konfig.libsonnet
        help:   vendor/konfig.libsonnet
        help: in the result this is `.a`
        "
    );
    insta::assert_snapshot!(
        environment(&[
            ("/w/environments/a/main.jsonnet", "import 'k.libsonnet'"),
            ("/w/lib/k/k.libsonnet", "{}"),
        ]),
        @r"
        cannot find the import `k.libsonnet`
        --> environments/a/main.jsonnet:1:1 `import 'k.libsonnet'` imported here
        help: did you mean `k/k.libsonnet`?
        help: tried
        help:   environments/a/k.libsonnet
        help:   lib/k.libsonnet
        help:   environments/a/vendor/k.libsonnet
        help:   vendor/k.libsonnet
        "
    );
}

#[test]
fn steps_that_repeat_are_counted() {
    let error = program("local f(n) = 1 + f(n + 1);\nf(0)").unwrap_err();
    let folded: Vec<_> = error
        .folded_frames()
        .iter()
        .map(|(frame, count)| (frame.description.clone(), *count))
        .collect();
    let expected = [("function <f>", 499), ("$", 1), ("During evaluation", 1)];
    assert_eq!(folded, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn files_that_are_too_long_for_a_second_look_keep_the_message() {
    let text = format!("local a = '{}';\n{{ b: a.c }}", "x".repeat(1 << 20));
    let error = program(&text).unwrap_err();
    assert_eq!(error.message(), "Unexpected type string, expected number");
}

#[test]
fn a_result_without_end_shows_the_way_into_it() {
    let error = program("local a = { x: [a] }; { app: a }").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let help = error.help().unwrap().to_string();
    assert!(help.contains("in the result this is `.app.x[0].x[0].x[0]"), "{help}");
}
