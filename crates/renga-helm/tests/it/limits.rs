//! Charts that would never end, or would fill the memory.

use renga_helm::{RenderError, RenderOptions, Renderer, Table};

use crate::chart_of;

fn fails(templates: &[(&str, &str)]) -> RenderError {
    let chart = chart_of(templates);
    let options = RenderOptions::new(renga_helm::Compat::V4);
    Renderer::new().render_once(&chart, &Table::new(), &options).unwrap_err()
}

#[test]
fn a_template_includes_itself_a_thousand_times_at_most() {
    let error = fails(&[
        ("templates/_h.tpl", r#"{{ define "self" }}{{ include "self" . }}{{ end }}"#),
        ("templates/a.yaml", r#"{{ include "self" . }}"#),
    ]);
    let text = error.helm_text();
    assert_eq!(text.matches("error calling include: ").count(), 1002);
    assert!(text.contains(
        "rendering template has a nested reference name: self: unable to execute template\n\nUse --debug"
    ));
}

#[test]
fn texts_that_render_themselves_end() {
    let error =
        fails(&[("templates/a.yaml", r#"{{ tpl "{{ tpl .t . }}" (dict "t" "{{ tpl .t . }}") }}"#)]);
    let RenderError::Template(error, _) = error else { panic!("{error}") };
    assert_eq!(
        error.message(),
        "error calling tpl: more than 1000 texts given to tpl are nested in each other"
    );
}

#[test]
fn output_has_a_limit() {
    let error = fails(&[(
        "templates/a.yaml",
        r"{{ range until 4000000 }}{{ range until 4000000 }}0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789{{ end }}{{ end }}",
    )]);
    let RenderError::Template(error, _) = error else { panic!("{error}") };
    assert!(error.message().starts_with("exceeded the limit of "), "{}", error.message());
}
