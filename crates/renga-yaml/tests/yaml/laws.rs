//! Laws: what is written reads back as the same value, whatever the order of its entries.

use proptest::prelude::*;
use renga_yaml::{Flavour, read, read_documents, to_string};
use serde_json::{Map, Value};

const FLAVOURS: [Flavour; 4] =
    [Flavour::GoYamlV2, Flavour::GoYamlV3, Flavour::GoYamlV3Indent2, Flavour::SigsYaml];

/// Words that mean something to some YAML, and characters that need care.
fn tricky_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "yes",
        "~",
        "null",
        "1",
        "1.5",
        "0x1f",
        "012",
        "1e3",
        ".inf",
        "<<",
        "=",
        "12:30",
        "2001-01-01",
        ": ",
        " #",
        "- ",
        "? ",
        "'",
        "\"",
        "\\",
        "|",
        ">",
        "%",
        "@",
        "&a",
        "*a",
        "!",
        "---",
        "...",
        "[",
        "]",
        "{",
        "}",
        ",",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{FEFF}",
        "\0",
        "\u{1b}",
        "\u{7f}",
        "\u{9f}",
        "é",
        "日本",
        "😀",
        "lorem ipsum dolor sit amet ",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    prop_oneof![
        3 => prop::collection::vec(word, 0..8).prop_map(|words| words.concat()),
        1 => any::<String>(),
        1 => "[a-z ]{0,200}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => tricky_text().prop_map(Value::String),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_filter_map("finite", |float| {
            serde_json::Number::from_f64(float).map(Value::Number)
        }),
        1 => prop::sample::select(vec![Value::Null, true.into(), false.into()]),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((tricky_text(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_text(value: &Value, holds: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, holds)),
        Value::Object(map) => map.iter().any(|(key, item)| holds(key) || any_text(item, holds)),
        _ => false,
    }
}

/// Whether the library itself loses something of a value: these are its mistakes, kept.
fn is_lossy(value: &Value, flavour: Flavour) -> bool {
    let is_break = |c| matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}');
    any_text(value, &|text| match flavour {
        // Written plain, which makes it a merge key.
        _ if text == "<<" => true,
        // A literal block that begins with a break loses it, and in a sequence its indentation
        // hint says four where it is two.
        Flavour::GoYamlV3 if text.starts_with(|c| c == ' ' || is_break(c)) => {
            text.contains(is_break)
        }
        // A literal block must not begin with a tab.
        Flavour::GoYamlV3 | Flavour::GoYamlV3Indent2 if text.contains('\t') => text.contains('\n'),
        // Folding swallows a space before a break that is no line feed.
        _ if text.contains(['\u{2028}', '\u{2029}']) => true,
        // JSON keeps what YAML refuses or folds.
        Flavour::SigsYaml => {
            text.contains(|c| matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}'..='\u{FFFF}'))
        }
        _ => false,
    })
}

/// The value as it comes back: whole numbers may change between integer and float, and negative
/// zero loses its sign.
fn as_numbers_compare(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap() + 0.0),
        Value::Array(items) => items.iter().map(as_numbers_compare).collect(),
        Value::Object(map) => {
            let mut entries: Vec<_> =
                map.iter().map(|(key, item)| (key.clone(), as_numbers_compare(item))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.into_iter().collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reversed).collect(),
        Value::Object(map) => {
            let entries = map.iter().rev().map(|(key, item)| (key.clone(), reversed(item)));
            entries.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Texts built from pieces of YAML, mostly malformed.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        ":",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "\\",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        " ",
        "#c\n",
        "|",
        ">",
        "|-\n",
        ">2\n",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "!!int ",
        "!!binary ",
        "!t ",
        "!<",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "---\n",
        "...\n",
        "~",
        "1",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{1}",
        "é",
        "😀",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn written_values_read_back(value in value()) {
        for flavour in FLAVOURS {
            if is_lossy(&value, flavour) {
                continue;
            }
            let text = to_string(&value, flavour);
            let back = read(text.as_bytes(), flavour);
            prop_assert_eq!(
                back.as_ref().map(as_numbers_compare),
                Ok(as_numbers_compare(&value)),
                "{:?}: {}", flavour, text
            );
            let all = read_documents(text.as_bytes(), flavour).unwrap();
            prop_assert_eq!(all, vec![back.unwrap()]);
        }
    }

    #[test]
    fn the_order_of_entries_does_not_show(value in value()) {
        for flavour in FLAVOURS {
            prop_assert_eq!(to_string(&value, flavour), to_string(&reversed(&value), flavour));
        }
    }

    #[test]
    fn any_text_reads_or_fails(text in yaml_like()) {
        for flavour in FLAVOURS {
            if let Err(error) = read_documents(text.as_bytes(), flavour) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_read_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for flavour in FLAVOURS {
            let first = read(&bytes, flavour);
            let all = read_documents(&bytes, flavour);
            // What is wrong with the first document is wrong with all of them.
            prop_assert!(first.is_ok() || all.is_err());
        }
    }
}
