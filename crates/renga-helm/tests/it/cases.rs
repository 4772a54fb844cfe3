//! Cases recorded from helm 4.3.1 and 3.22.0.
//!
//! `cases/NAME.txt` has a chart, file by file, and runs of it: `-- one: TITLE --` adds the text as
//! `templates/t.yaml`, `-- args: TITLE --` has flags. `NAME.v4.out` and `NAME.v3.out` have, per
//! run, what `helm template rel CHART` wrote to stdout, or `FAILS` and its error.

use std::fmt::Write as _;
use std::path::Path;

use renga_helm::{Compat, PrintOptions, RenderOptions, Renderer, Setting, user_values};

use crate::chart;

fn sections(text: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let title = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push((title, String::new())),
            (None, Some((_, section))) => section.push_str(line),
            (None, None) => panic!("a line before the first section"),
        }
    }
    sections
}

fn render(files: &[(&str, &str)], args: &str, compat: Compat) -> String {
    let mut options = RenderOptions::new(compat);
    "rel".clone_into(&mut options.release.name);
    let mut print = PrintOptions::default();
    let mut settings = Vec::new();
    let mut args = args.split_whitespace();
    while let Some(arg) = args.next() {
        match arg {
            "--set" => settings.push(Setting::Typed(args.next().unwrap().to_owned())),
            "--namespace" => args.next().unwrap().clone_into(&mut options.release.namespace),
            "--is-upgrade" => options.release.is_upgrade = true,
            "--include-crds" => print.include_crds = true,
            "--no-hooks" => print.no_hooks = true,
            "--skip-tests" => print.skip_tests = true,
            "-s" => print.show_only.push(args.next().unwrap().to_owned()),
            other => panic!("unknown flag {other}"),
        }
    }
    let mut read = |_: &str| unreachable!("no files are given");
    let values = user_values(&settings, &mut read, compat).unwrap();
    let chart = chart(files.iter().copied(), compat);
    match Renderer::new().render_once(&chart, &values, &options) {
        Ok(rendered) => match rendered.template_output(&print) {
            Ok(out) => String::from_utf8_lossy(&out).into_owned(),
            Err(error) => format!("FAILS Error: {error}\n"),
        },
        Err(error) => format!("FAILS Error: {}\n", error.helm_text()),
    }
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let read = |file: String| std::fs::read_to_string(folder.join(file)).unwrap();
    let text = read(format!("{name}.txt"));
    let sections = sections(&text);
    let is_run = |title: &str| title.starts_with("one: ") || title.starts_with("args: ");
    let mut files: Vec<(&str, &str)> =
        sections.iter().filter(|(title, _)| !is_run(title)).map(|(n, t)| (*n, &**t)).collect();
    // In the order in which a directory is read.
    files.sort_unstable();
    for (compat, suffix) in [(Compat::V4, "v4"), (Compat::V3, "v3")] {
        let mut got = String::new();
        for (title, text) in &sections {
            let output = if let Some(title) = title.strip_prefix("one: ") {
                writeln!(got, "== {title}").unwrap();
                let mut files = files.clone();
                files.push(("templates/t.yaml", text));
                render(&files, "", compat)
            } else if let Some(title) = title.strip_prefix("args: ") {
                writeln!(got, "== {title}").unwrap();
                render(&files, text, compat)
            } else {
                continue;
            };
            got.push_str(&output);
            if !output.ends_with('\n') {
                got.push('\n');
            }
        }
        let expected = read(format!("{name}.{suffix}.out"));
        for (expected, got) in expected.split("\n== ").zip(got.split("\n== ")) {
            assert_eq!(expected, got, "{name} {suffix}");
        }
        assert_eq!(expected.len(), got.len(), "{name} {suffix}: as many runs");
    }
}

#[test]
fn errors_have_helms_words() {
    check("errors");
}

#[test]
fn functions_return_what_helms_return() {
    check("functions");
}

#[test]
fn files_have_their_methods() {
    check("files");
}

#[test]
fn subcharts_share_templates_and_values() {
    check("tree");
}

#[test]
fn documents_are_sorted_and_printed() {
    check("output");
}
