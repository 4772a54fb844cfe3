//! What a renderer keeps, what it reports, and what it does not print.

use std::sync::Arc;

use miette::Diagnostic as _;
use renga_helm::{Compat, RenderError, RenderOptions, Renderer, Table};

use crate::{chart, chart_of};

fn options() -> RenderOptions {
    RenderOptions::new(Compat::V4)
}

#[test]
fn the_same_rendering_is_made_once() {
    let chart = chart_of(&[("templates/a.yaml", "a: {{ randAlphaNum 20 }}\nkind: A\n")]);
    let renderer = Renderer::new();
    let mut options = options();
    options.world.entropy = Some([7; 32]);
    let first = renderer.render(&chart, &Table::new(), &options).unwrap();
    options.world.entropy = Some([8; 32]);
    let second = renderer.render(&chart, &Table::new(), &options).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    options.release.name = "other".to_owned();
    let third = renderer.render(&chart, &Table::new(), &options).unwrap();
    assert_ne!(first.manifests[0].text, third.manifests[0].text);
}

#[test]
fn threads_share_what_is_parsed() {
    let chart = chart_of(&[(
        "templates/a.yaml",
        "a: {{ .Release.Name }} {{ tpl \"{{ .Release.Name }}\" . }}\n",
    )]);
    let renderer = Renderer::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (renderer, chart) = (&renderer, &chart);
            scope.spawn(move || {
                let mut options = options();
                options.release.name = format!("r{thread}");
                let rendered = renderer.render(chart, &Table::new(), &options).unwrap();
                assert_eq!(rendered.manifests[0].text, format!("a: r{thread} r{thread}\n"));
            });
        }
    });
}

#[test]
fn random_values_are_the_same_each_time_and_reported() {
    let chart = chart_of(&[
        ("templates/a.yaml", "kind: A\nname: {{ uuidv4 }}\n"),
        ("templates/b.yaml", "kind: B\nname: fixed\n"),
        ("templates/c.yaml", "kind: C\nname: {{ now | unixEpoch }}\n"),
    ]);
    let once = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap();
    let again = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap();
    assert_eq!(once.manifests, again.manifests);
    let kinds: Vec<&str> =
        once.nondeterministic_manifests().map(|manifest| &*manifest.kind).collect();
    assert_eq!(kinds, ["A", "C"]);
}

#[test]
fn a_failure_knows_its_place_and_the_value_that_is_missing() {
    let chart = chart(
        [
            ("Chart.yaml", "apiVersion: v2\nname: top\nversion: 0.1.0\n"),
            ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
            ("charts/sub/templates/_h.tpl", "{{ define \"h\" }}\n  {{ .Values.a.b.c }}{{ end }}"),
            ("charts/sub/templates/a.yaml", "x: {{ include \"h\" . }}\n"),
            ("charts/sub/values.yaml", "a: {}\n"),
        ],
        Compat::V4,
    );
    let error = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap_err();
    assert_eq!(
        error.help().unwrap().to_string(),
        "`sub.a.b` has no value: set it in a values file or with `--set`\n\
         included by way of top/charts/sub/templates/a.yaml:1 in `top/charts/sub/templates/a.yaml`, \
         top/charts/sub/templates/_h.tpl:2 in `h`"
    );
    let RenderError::Template(template, place) = error else { panic!("a template fails") };
    assert_eq!(template.frames().len(), 2);
    assert_eq!(place.path, "top/charts/sub/templates/_h.tpl");
    // As in Go, the column is that of the second name.
    assert_eq!(&place.text[place.offset..][..6], ".a.b.c");
}

#[test]
fn a_document_that_is_no_yaml_is_shown() {
    let chart = chart_of(&[("templates/a.yaml", "a: 1\n---\nb: {{ \"[\" }}\nc: 1\n")]);
    let error = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap_err();
    let RenderError::Document(document) = &error else { panic!("a document fails") };
    assert_eq!(document.document, "b: [\nc: 1\n");
    assert!(document.line.is_some());
    assert!(error.labels().unwrap().next().is_some());
}

#[test]
fn notes_are_kept_apart() {
    let chart = chart_of(&[("templates/NOTES.txt", "Hello {{ .Release.Name }}")]);
    let rendered = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap();
    assert_eq!(rendered.notes.as_deref(), Some("Hello release-name"));
    assert!(rendered.manifests.is_empty());
}

#[test]
fn files_to_write_are_planned() {
    let chart = chart_of(&[
        ("templates/a.yaml", "kind: A\n---\nkind: B\n"),
        ("templates/t.yaml", "kind: T\nmetadata: {annotations: {helm.sh/hook: test}}\n"),
        ("crds/c.yaml", "kind: CRD\n"),
    ]);
    let rendered = Renderer::new().render_once(&chart, &Table::new(), &options()).unwrap();
    let print = renga_helm::PrintOptions { include_crds: true, ..Default::default() };
    let plan: Vec<String> = rendered
        .output_files(&print)
        .iter()
        .map(|file| format!("{} {} {}", file.path, file.append, file.in_release))
        .collect();
    assert_eq!(
        plan,
        [
            "c/crds/c.yaml false false",
            "c/templates/a.yaml false true",
            "c/templates/a.yaml true true",
            "c/templates/t.yaml false true",
        ]
    );
}
