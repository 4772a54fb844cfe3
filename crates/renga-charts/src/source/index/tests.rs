//! The fast way through an index against the real parser, and the words about bad indexes.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::digest::Sha256;

const GO_WRITTEN: &str = r#"apiVersion: v1
entries:
  alpine:
  - apiVersion: v2
    appVersion: "1.0"
    created: "2026-01-02T03:04:05Z"
    dependencies:
    - name: common
      repository: oci://registry.example.com/charts
      version: 2.x.x
    description: A chart with a description that is so long that it folds over
      two lines, which no one wants
    digest: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    name: alpine
    urls:
    - https://charts.example.com/alpine-1.2.0.tgz
    version: 1.2.0
  - apiVersion: v2
    annotations:
      changes: |
        - kind: added
          description: "look-alikes"
      other: >-
          beta:
          - name: beta

            version: 9.9.9
    description: "quoted, with a line \
      break and \"beta:\"\n
  gamma:
  - name: gamma"
    name: alpine
    urls: []
    version: 1.10.0-rc.1
  - name: alpine
    deprecated: true
    kubeVersion: '>=1.20'
    urls:
    - alpine-1.10.0.tgz
    type: application
    version: 1.10.0 # the newest
  # beta is gone
  "quoted-name":
    - name: quoted-name
      version: 0.1.0
  empty: []
generated: "2026-01-02T03:04:05Z"
"#;

fn index(text: &str) -> Result<Index, IndexProblem> {
    let (table, text) = table_of(text.as_bytes().to_vec())?;
    Ok(Index::new(table, Body::Text(text)))
}

fn numbers(index: &Index, chart: &str) -> Option<Vec<String>> {
    let versions = index.versions(chart).unwrap()?;
    Some(versions.iter().map(|version| version.version.clone()).collect())
}

fn by_the_parser(text: &str) -> Option<BTreeMap<String, Vec<Entry>>> {
    entries_of_yaml(text.as_bytes()).ok()
}

#[test]
fn an_index_as_go_writes_it_needs_no_parser() {
    let parts = plain_parts(GO_WRITTEN).expect("it is plain");
    let found: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.line)).collect();
    assert_eq!(found, [("alpine", 2), ("empty", 45), ("quoted-name", 42)]);
    for part in &parts {
        let text = &GO_WRITTEN[part.start..part.start + part.length];
        let plain = entries::of_plain_yaml(text).expect("it is plain");
        let slow = &by_the_parser(GO_WRITTEN).unwrap()[&part.name];
        assert_eq!(&plain, slow, "{}", part.name);
    }
}

#[test]
fn versions_are_sorted_and_complete() {
    let index = index(GO_WRITTEN).unwrap();
    assert_eq!(numbers(&index, "alpine").unwrap(), ["1.10.0", "1.10.0-rc.1", "1.2.0"]);
    assert_eq!(numbers(&index, "quoted-name").unwrap(), ["0.1.0"]);
    assert_eq!(numbers(&index, "empty").unwrap(), Vec::<String>::new());
    assert_eq!(numbers(&index, "beta"), None);
    assert_eq!(numbers(&index, "gamma"), None);
    let versions = index.versions("alpine").unwrap().unwrap();
    assert_eq!(versions[2], ChartVersion {
        name: "alpine".to_owned(),
        version: "1.2.0".to_owned(),
        app_version: Some("1.0".to_owned()),
        description: Some(
            "A chart with a description that is so long that it folds over two lines, which no one wants"
                .to_owned()
        ),
        digest: Some(Sha256::of(b"abc")),
        urls: vec!["https://charts.example.com/alpine-1.2.0.tgz".to_owned()],
        deprecated: false,
        created: Some("2026-01-02T03:04:05Z".to_owned()),
        kube_version: None,
    });
    assert!(versions[0].deprecated);
    assert_eq!(versions[0].kube_version.as_deref(), Some(">=1.20"));
    let description = versions[1].description.as_deref();
    assert_eq!(description, Some("quoted, with a line break and \"beta:\"\n gamma: - name: gamma"));
}

#[test]
fn other_styles_mean_the_same() {
    let block = "apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, urls: [x.tgz]}\n";
    let brackets = "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    keywords: [b, 'c d']\n    urls: [ \"x.tgz\" ]\n";
    assert!(plain_parts(brackets).is_ok());
    let json = r#" {"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0","urls":["x.tgz"],"new":{}}]}}"#;
    let anchors = "apiVersion: v1\nx: &e\n  name: a\n  urls: [x.tgz]\nentries:\n  a:\n  - <<: *e\n    version: 1.0.0\n";
    let indented = "  apiVersion: v1\n  entries:\n    a:\n        -   name: a\n            version: 1.0.0\n            urls:\n              - x.tgz\n";
    let windows = indented.replace('\n', "\r\n");
    let marked = format!("---\n{block}");
    let byte_order = format!("\u{feff}{block}");
    for text in [block, brackets, json, anchors, indented, &windows, &marked, &byte_order] {
        let index = index(text).unwrap_or_else(|problem| panic!("{problem:?}: {text}"));
        let versions = index.versions("a").unwrap().unwrap();
        assert_eq!(versions.len(), 1, "{text}");
        assert_eq!(versions[0].urls, ["x.tgz"], "{text}");
    }
}

#[test]
fn what_helm_leaves_out_is_left_out() {
    let mut text = "apiVersion: v1\nentries:\n  a:\n".to_owned();
    for (name, version, kind) in [
        ("a", "1.0.0", "application"),
        ("a", "not-a-version", "application"),
        ("a", "1.0.1", "mystery"),
        ("a/b", "1.0.2", "library"),
        ("..", "1.0.3", "library"),
        ("a", "v1.1", "library"),
    ] {
        let _ = writeln!(text, "  - name: {name}\n    version: {version}\n    type: {kind}");
    }
    text.push_str("  - version: 2.0.0\n  - name: a\n");
    assert_eq!(numbers(&index(&text).unwrap(), "a").unwrap(), ["v1.1", "1.0.0"]);
}

#[test]
fn scalars_become_texts_as_in_helm() {
    let text = "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.10\n    appVersion: 2\n  - name: a\n    version: 1.2.3\n    appVersion: true\n    description: ~\n    digest: nonsense\n";
    let index = index(text).unwrap();
    let versions = index.versions("a").unwrap().unwrap();
    assert_eq!(versions[0].version, "1.2.3");
    assert_eq!(versions[0].app_version.as_deref(), Some("true"));
    assert_eq!(versions[0].description, None);
    assert_eq!(versions[0].digest, None);
    // A float, so that the nought is lost.
    assert_eq!(versions[1].version, "1.1");
    assert_eq!(versions[1].app_version.as_deref(), Some("2"));
}

#[test]
fn bad_indexes_are_explained() {
    let line = |text: &str| match table_of(text.as_bytes().to_vec()) {
        Err(IndexProblem::Malformed { line, problem }) => (line, problem),
        other => panic!("{other:?}: {text}"),
    };
    for (text, expected_line, words) in [
        ("", None, "empty"),
        ("\n  \n", None, "empty"),
        ("entries: {}\n", None, "`apiVersion`"),
        ("apiVersion: ''\nentries:\n  a: []\n", None, "`apiVersion`"),
        ("{\"entries\":{}}", None, "`apiVersion`"),
        ("404 page not found", None, "no mapping"),
        ("apiVersion: v1\nentries: [a]\n", None, "`entries` is no mapping"),
        ("apiVersion: v1\nentries:\n  a: b\n", None, "chart `a`"),
        ("apiVersion: v1\nentries:\n  a:\n  - b\n", None, "chart `a`"),
        ("apiVersion: v1\nentries:\n  a:\n  - name: a\n  b: [\n", Some(5), ""),
        ("apiVersion: v1\nentries:\n  a:\n  - name: a\n   version: 1\n", Some(4), ""),
        ("apiVersion: v1\nentries:\n  a:\n  - name: a\n  a:\n  - name: a\n", Some(5), "a"),
        ("apiVersion: v1\nentries:\n  a:\n  - name: a\n\t\tversion: 1\n", Some(5), ""),
    ] {
        let (line, problem) = line(text);
        assert!(problem.contains(words), "{problem}: {text}");
        assert_eq!(line.is_some(), expected_line.is_some(), "{line:?} {problem}: {text}");
        if let (Some(line), Some(expected)) = (line, expected_line) {
            assert!(line.abs_diff(expected) <= 1, "{line}: {problem}: {text}");
        }
    }
    for page in ["<html>", "  <!DOCTYPE html>\n<p>", "\u{feff}<a/>"] {
        assert_eq!(table_of(page.as_bytes().to_vec()).unwrap_err(), IndexProblem::WebPage);
    }
}

#[test]
fn a_bad_entry_of_another_chart_is_no_matter_until_it_is_asked_for() {
    let text = "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n  b:\n  - name: b\n    name: b\n";
    let index = index(text).unwrap();
    assert_eq!(numbers(&index, "a").unwrap(), ["1.0.0"]);
    match index.versions("b") {
        Err(IndexProblem::Malformed { line, .. }) => assert_eq!(line, Some(8)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn versions_are_picked_as_helm_picks_them() {
    let versions: Vec<_> = ["2.0.0-rc.1", "1.10.0", "1.9.1", "v1.9.0", "0.3.0"]
        .map(|number| ChartVersion { version: number.to_owned(), ..ChartVersion::default() })
        .to_vec();
    let repository = Repository::new("r", "https://me:secret@charts.example.com");
    let picked = |wanted: &str| {
        pick(&versions, &repository, "a", wanted).map(|version| version.version.clone())
    };
    for (wanted, expected) in [
        ("", "1.10.0"),
        ("1.9.1", "1.9.1"),
        ("v1.9.0", "v1.9.0"),
        ("1.9.0", "v1.9.0"),
        ("v1.9.1", "1.9.1"),
        ("^1", "1.10.0"),
        ("~1.9", "1.9.1"),
        (">0.0.0-0", "2.0.0-rc.1"),
        ("2.0.0-rc.1", "2.0.0-rc.1"),
        ("<1", "0.3.0"),
        ("1", "1.10.0"),
        ("^3 || 0.x", "0.3.0"),
    ] {
        assert_eq!(picked(wanted).unwrap(), expected, "{wanted}");
    }
    let error = picked("^3").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no version of chart `a` matches `^3` in repository `r` (https://charts.example.com)"
    );
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert_eq!(
        help,
        "the newest versions are `2.0.0-rc.1`, `1.10.0`, `1.9.1`, `v1.9.0` and `0.3.0`"
    );
    assert!(matches!(picked("one"), Err(SourceError::BadRange { .. })));
}

/// Pieces that are easily mistaken for one another, one per line.
const PIECES: &[&str] = &[
    "urls: [a.tgz, \"https://b/c.tgz\"]",
    "version: [a]",
    "c: ['a' , b c] # d",
    "- [a, 1.0]",
    "keywords: [a, ]",
    "a:",
    "b:",
    "a: b",
    "- a",
    "- name: a",
    "-",
    "- - a",
    "name: a",
    "version: 1.0.0",
    "urls:",
    "- x.tgz",
    "urls: []",
    "description: |",
    "description: >-",
    "description: word",
    "\"",
    "'",
    "description: \"open",
    "description: 'open",
    "close\"",
    "close'",
    "# comment",
    "a: b # c",
    "a: 'it''s'",
    "a: \"\\\"\"",
    "\"k\": v",
    "'k': v",
    "a: b: c",
    "text",
    "text: # c",
    "- # c",
    "",
    "  ",
    "a: &x b",
    "a: *x",
    "a: [b]",
    "a: {}",
    "? a",
    ": b",
    "---",
    "...",
    "a : b",
    "a:b",
    "- a: b",
    "- a:",
    "deprecated: true",
    "deprecated: yes",
    "version: 1.10",
    "version:",
    "|",
    ">",
    "a: | # c",
    "a: |2",
    "<<: a",
    "a: %b",
    "a: @b",
    "a: -",
    "a: - b",
    "a: -b",
    "#",
    "a: #",
    "a: b#c",
    "a: \"x\" y",
    "{}",
    "[]",
    "- []",
    "type: library",
    "created: 2020-01-01",
    "digest: 0x12",
    "a: !b c",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Whatever the fast way accepts, the parser reads in the same way.
    #[test]
    fn the_fast_way_is_the_parsers(
        lines in prop::collection::vec((0_usize..5, 0..PIECES.len()), 0..12),
        start in prop::sample::select(vec!["apiVersion: v1\nentries:\n", "apiVersion: v1\nentries:\n  c:\n", "apiVersion: v1\nentries:\n  c:\n  - name: c\n"]),
        step in 1_usize..3,
    ) {
        let mut text = start.to_owned();
        for (indent, piece) in lines {
            let _ = writeln!(text, "{:width$}{}", "", PIECES[piece], width = indent * step);
        }
        if let Ok(parts) = plain_parts(&text) {
            let parsed = renga_yaml::read(text.as_bytes(), Flavour::GoYamlV2);
            prop_assert!(parsed.is_ok(), "{:?}:\n{}", parsed, text);
            if let Some(slow) = by_the_parser(&text) {
                let names: Vec<_> = parts.iter().map(|part| &part.name).collect();
                prop_assert_eq!(names, slow.keys().collect::<Vec<_>>(), "{}", text);
                for part in &parts {
                    let source = &text[part.start..part.start + part.length];
                    if let Ok(plain) = entries::of_plain_yaml(source) {
                        prop_assert_eq!(&plain, &slow[&part.name], "{}", source);
                    }
                }
            }
        }
    }

    /// No text makes it panic.
    #[test]
    fn any_text_is_survived(text in "[a-z0-9:#'\"|>&*!%@`{}\\[\\], \n\\\\-]{0,60}") {
        let _ = table_of(text.clone().into_bytes());
        let _ = table_of(format!("apiVersion: v1\nentries:\n  a:\n{text}").into_bytes());
    }
}
