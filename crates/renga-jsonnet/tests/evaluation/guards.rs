//! No input takes the process down.

use renga_jsonnet::ErrorKind;
use serde_json::json;

use crate::program;

fn kind(text: &str) -> ErrorKind {
    match program(text) {
        Ok(_) => panic!("no error: {}", &text[..text.len().min(80)]),
        Err(error) => error.kind(),
    }
}

#[test]
fn endless_recursion_is_an_error() {
    for text in [
        "local f(x) = f(x + 1); f(0)",
        "local f(x) = 1 + f(x + 1); f(0)",
        "local a = { x: a { y: 1 }.x }; a.x",
        "local a = { x: (a + { y: 1 }).x }; a.x",
        "local a = { local b = (self + { y: 1 }).x, x: b }; a.x",
        "local f(x) = { a: f(x + 1) }; f(0)",
        "local f(x) = [f(x + 1)]; f(0)",
        "local a = [a]; a",
        "local a = { x: a }; a",
        "local x = x; x",
        "local x = y, y = x; x",
        "{ a: self.a }",
        "{ a: self.b, b: self.a }.a",
        "local a = { x: a }; std.toString(a)",
        "local a = { x: a }; '' + a",
        "local a = { x: a }; std.manifestJsonEx(a, ' ')",
        "local f(n) = local o = f(n + 1), y = o.a; { a: y }; f(0).a",
        "local f(n) = local y = f(n + 1)[0]; [y]; f(0)[0]",
        "local f(x) = std.map(f, [x])[0]; f(1)",
        "local w = function(f) std.map(f, [f])[0]; w(w)",
        "(function(f) f(f))(function(f) f(f))",
        "local f(x) = { a: f(x + 1) }; f(0) == f(0)",
        "local f(x) = { a: f(x + 1) }; std.prune(f(0))",
        "local a = [a]; std.flattenDeepArray(a)",
        "local a = [a]; std.deepJoin(a)",
        "local a = { x: a }; std.prune(a)",
        "local f = { assert (f { y: 1 }).x == 1, x: 1 }; f.x",
        "local f(x) = std.foldl(function(a, b) f(a), [1], x); f(1)",
        "import '/w/main.jsonnet'",
    ] {
        assert_eq!(kind(text), ErrorKind::Limit, "{text}");
    }
}

#[test]
fn deep_code_is_an_error_or_a_value() {
    for text in ["[", "(", "{ a: ", "-", "!", "local a = 1; ", "if true then ", "1 + ", "f("] {
        let kind = kind(&text.repeat(100_000));
        assert!(matches!(kind, ErrorKind::Limit | ErrorKind::Static), "{text} {kind:?}");
    }
    let nested = format!("{}1{}", "(".repeat(3_000), ")".repeat(3_000));
    assert_eq!(program(&nested).unwrap(), json!(1.0));
    assert_eq!(program(&vec!["1"; 10_000].join(" + ")).unwrap(), json!(10_000.0));
    let chain = format!("std.length({})", vec!["'a long enough piece of text'"; 5_000].join(" + "));
    assert_eq!(program(&chain).unwrap(), json!(135_000.0));
    let locals = format!("{}a", "local a = 1; ".repeat(3_000));
    assert_eq!(program(&locals).unwrap(), json!(1.0));
}

#[test]
fn deep_data_is_fine_as_long_as_it_is_not_the_result() {
    let text = "std.length(std.foldl(function(acc, i) { prev: acc }, std.range(1, 50000), null))";
    assert_eq!(program(text).unwrap(), json!(1.0));
    assert_eq!(kind(&format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000))), ErrorKind::Limit);
}

#[test]
fn big_data_passes() {
    let array = format!("std.length([{}])", "{ a: 1, b: 'x' }, ".repeat(50_000));
    assert_eq!(program(&array).unwrap(), json!(50_000.0));
}
