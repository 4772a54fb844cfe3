//! Hostile input on the 2 MB stack of a thread: deep, cyclic, expanding, huge.

use std::fmt::Write as _;
use std::thread;

use renga_yaml::{Flavour, MAX_DEPTH, YamlError, read, to_string};
use serde_json::Value;

const FLAVOURS: [Flavour; 4] =
    [Flavour::GoYamlV2, Flavour::GoYamlV3, Flavour::GoYamlV3Indent2, Flavour::SigsYaml];

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

fn error(text: &str, flavour: Flavour) -> String {
    read(text.as_bytes(), flavour).unwrap_err().to_string()
}

#[test]
fn documents_up_to_the_limit_are_read() {
    on_a_small_stack(|| {
        for flavour in FLAVOURS {
            let flow = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
            assert!(read(flow.as_bytes(), flavour).unwrap().is_array());
            let block = "- ".repeat(MAX_DEPTH - 1) + "- a";
            assert!(read(block.as_bytes(), flavour).unwrap().is_array());
            let maps = "{a: ".repeat(MAX_DEPTH) + &"}".repeat(MAX_DEPTH);
            assert!(read(maps.as_bytes(), flavour).unwrap().is_object());
        }
    });
}

#[test]
fn deeper_documents_are_refused() {
    on_a_small_stack(|| {
        for flavour in [Flavour::GoYamlV2, Flavour::GoYamlV3] {
            for depth in [MAX_DEPTH + 1, 10_000] {
                let flow = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
                let error = read(flow.as_bytes(), flavour).unwrap_err();
                assert_eq!(error, YamlError::TooDeep { limit: MAX_DEPTH });
            }
            let pairs = "[a: ".repeat(10_000) + &"]".repeat(10_000);
            let error = read(pairs.as_bytes(), flavour).unwrap_err();
            assert_eq!(error, YamlError::TooDeep { limit: MAX_DEPTH });
        }
    });
}

#[test]
fn the_scanner_has_the_limit_of_the_libraries() {
    on_a_small_stack(|| {
        for text in ["[".repeat(200_000), "- ".repeat(200_000), "? ".repeat(200_000)] {
            assert_eq!(error(&text, Flavour::GoYamlV2), "yaml: exceeded max depth of 10000");
            assert_eq!(error(&text, Flavour::GoYamlV3), "yaml: exceeded max depth of 10000");
        }
    });
}

#[test]
fn chains_of_aliases_count_as_depth() {
    on_a_small_stack(|| {
        let mut text = "a0: &a0 [x]\n".to_owned();
        for n in 1..3000 {
            let before = n - 1;
            writeln!(text, "a{n}: &a{n} [*a{before}]").unwrap();
        }
        for flavour in FLAVOURS {
            assert!(read(text.as_bytes(), flavour).is_err());
        }
    });
}

#[test]
fn aliases_do_not_expand_without_bounds() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
        writeln!(text, "a{n}: &a{n} [{aliases}]").unwrap();
    }
    for flavour in FLAVOURS {
        assert!(error(&text, flavour).ends_with("yaml: document contains excessive aliasing"));
    }
}

#[test]
fn cycles_are_refused() {
    for text in ["a: &x [*x]", "a: &x {b: *x}", "a: &x {b: [1, {c: *x}]}"] {
        for flavour in FLAVOURS {
            assert!(error(text, flavour).ends_with("yaml: anchor 'x' value contains itself"));
        }
    }
    let merged = "a: &x {<<: *x}";
    assert_eq!(error(merged, Flavour::GoYamlV2), "yaml: anchor 'x' value contains itself");
}

#[test]
fn any_depth_is_written() {
    on_a_small_stack(|| {
        let mut value = Value::Null;
        for level in 0..20_000 {
            value = if level % 2 == 0 {
                Value::Array(vec![value])
            } else {
                Value::Object([("k".to_owned(), value)].into_iter().collect())
            };
        }
        for flavour in FLAVOURS {
            // Every other line goes one level deeper; indentation makes the text quadratic, so
            // only the first lines are looked at.
            let text = to_string(&value, flavour);
            assert!(text.starts_with("k:\n"));
            assert!(text.ends_with("null\n"));
        }
        // Dropping the value would recurse; that is its owner's business.
        std::mem::forget(value);
    });
}

#[test]
fn many_equal_keys_are_listed_up_to_a_point() {
    let text = "k: 1\n".repeat(50_000);
    let Err(YamlError::Unmarshal { problems }) = read(text.as_bytes(), Flavour::GoYamlV3) else {
        panic!("equal keys are an error");
    };
    assert_eq!(problems.len(), 10_000);
}

#[test]
fn large_documents_are_read_in_linear_time() {
    let text = "- a: 'b c'\n  \"d\": [e, {f: g}]\n".repeat(40_000);
    for flavour in [Flavour::GoYamlV2, Flavour::GoYamlV3] {
        assert_eq!(read(text.as_bytes(), flavour).unwrap().as_array().unwrap().len(), 40_000);
    }
    let keys: Vec<String> = (0..100_000).map(|n| format!("k{n}: {n}")).collect();
    let keys = keys.join("\n");
    for flavour in [Flavour::GoYamlV2, Flavour::GoYamlV3] {
        let value = read(keys.as_bytes(), flavour).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 100_000);
        assert_eq!(value["k99999"], 99_999);
    }
}
