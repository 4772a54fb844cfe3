//! The native function `helmTemplate`, on charts held in memory.
//!
//! What is expected here is what Tanka 0.38 makes of the same charts with Helm v4.3.1.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_env::HelmTemplate;
use renga_helm::World;
use renga_jsonnet::{CallContext, Native as _, SilentLog};
use renga_project::{MemorySource, SourceRecord};
use serde_json::{Value, json};

const TEMPLATE: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-My_Conf.x
  namespace: {{ .Release.Namespace }}
data:
  values: {{ toJson .Values | quote }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has "x/v1" | quote }}
  yes: y
  octal: 012
---
apiVersion: batch/v1
kind: Job
metadata: {name: hook, annotations: {"helm.sh/hook": pre-install}}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, annotations: {"helm.sh/hook": test}}
---
# nothing
{{- with .Values.fail }}{{ fail . }}{{ end }}
{{- with .Values.raw }}
---
{{ . }}
{{- end }}
"#;

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n";

/// What a call returned, and what it read.
struct Called {
    result: Result<Value, String>,
    reads: SourceRecord,
}

fn function(more: &[(&str, &str)]) -> HelmTemplate {
    let files = [
        ("/w/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("/w/charts/web/values.yaml", "x: 1\nlist: [1, 2.5]\n"),
        ("/w/charts/web/templates/all.yaml", TEMPLATE),
        ("/w/charts/web/crds/crd.yaml", CRD),
    ];
    let source: MemorySource = files.iter().chain(more).copied().collect();
    HelmTemplate::new(Arc::new(source), PathBuf::from("/w"), World::fixed(), Arc::new(SilentLog))
}

fn call(function: &HelmTemplate, arguments: &[Value]) -> Called {
    let reads = RefCell::new(SourceRecord::default());
    let context =
        CallContext { file: None, entrypoint: Path::new("/w/e/main.jsonnet"), reads: &reads };
    let result = function.call(arguments, &context).map_err(|error| error.to_string());
    Called { result, reads: reads.into_inner() }
}

/// Renders the chart with these options, of which `calledFrom` need not be given.
fn render(mut opts: Value) -> Result<Value, String> {
    let fields = opts.as_object_mut().unwrap();
    fields.entry("calledFrom").or_insert_with(|| "/w/e/main.jsonnet".into());
    call(&function(&[]), &["rel".into(), "../charts/web".into(), opts]).result
}

fn names(rendered: Result<Value, String>) -> Vec<String> {
    let mut names: Vec<String> = rendered.unwrap().as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    names
}

const CONF: &str = "config_map_rel_my_conf.x";
const CUSTOM: &str = "custom_resource_definition_things.example.com";

#[test]
fn objects_are_called_by_kind_and_name() {
    assert_eq!(names(render(json!({}))), [CONF, CUSTOM, "job_hook", "pod_probe"]);
    let own = render(json!({"NAMEFORMAT": "{{ .metadata.name | upper }}.{{ .kind }}"}));
    assert_eq!(
        names(own),
        [
            "HOOK.Job",
            "PROBE.Pod",
            "REL-MY_CONF.X.ConfigMap",
            "THINGS.EXAMPLE.COM.CustomResourceDefinition"
        ]
    );
    assert_eq!(
        render(json!({"nameFormat": "same"})).unwrap_err(),
        "Two resources share the same name 'same'. Please adapt the name template 'same'."
    );
}

#[test]
fn options_choose_what_is_there() {
    assert_eq!(names(render(json!({"includeCRDs": false}))), [CONF, "job_hook", "pod_probe"]);
    assert_eq!(names(render(json!({"skipTests": true}))), [CONF, CUSTOM, "job_hook"]);
    assert_eq!(names(render(json!({"noHooks": true}))), [CONF, CUSTOM]);
}

#[test]
fn charts_see_what_helm_reads_and_jsonnet_what_tanka_reads() {
    let rendered = render(json!({
        "values": {"x": null, "big": 12_345_678_901_234_u64, "text": "012"},
        "namespace": "apps",
        "kubeVersion": "1.25.3",
        "apiVersions": ["x/v1"],
    }));
    let conf = &rendered.unwrap()[CONF];
    assert_eq!(conf["metadata"]["namespace"], "apps");
    assert_eq!(
        conf["data"],
        json!({
            "values": "{\"big\":12345678901234,\"list\":[1,2.5],\"text\":\"012\"}",
            "kube": "v1.25.3",
            "has": "true",
            "yes": "y",
            "octal": 10,
        })
    );
}

#[test]
fn failures_are_told_in_helms_words() {
    assert_eq!(
        render(json!({"values": {"fail": "boom"}})).unwrap_err(),
        "Expanding Helm Chart: execution error at (web/templates/all.yaml:22:27): boom\n\n\
         Use --debug flag to render out invalid YAML"
    );
    let bad = render(json!({"values": {"raw": "- a"}})).unwrap_err();
    assert!(
        bad.ends_with(
            "cannot unmarshal array into Go value of type util.SimpleHead\n\n\
             Use --debug flag to render out invalid YAML"
        ),
        "{bad}"
    );
    for raw in ["{}", "a: 1"] {
        let bad = render(json!({"values": {"raw": raw}})).unwrap_err();
        let start = "Parsing Helm output: Resource has missing or invalid fields:\n";
        assert!(bad.starts_with(start), "{bad}");
    }
    assert_eq!(
        render(json!({"kubeVersion": "abc"})).unwrap_err(),
        "Expanding Helm Chart: invalid kube version 'abc': could not parse \"abc\" as version"
    );
}

#[test]
fn arguments_have_types() {
    let here = json!({"calledFrom": "/w/e/main.jsonnet"});
    let fault = |arguments: &[Value]| call(&function(&[]), arguments).result.unwrap_err();
    assert_eq!(
        fault(&[json!(5), "x".into(), here.clone()]),
        "first argument 'name' must be of 'string' type, got 'float64' instead"
    );
    assert_eq!(
        fault(&["rel".into(), Value::Null, here]),
        "second argument 'chart' must be of 'string' type, got '<nil>' instead"
    );
    assert!(fault(&["rel".into(), "x".into(), json!({})]).contains("'opts.calledFrom' is unset"));
    assert_eq!(
        render(json!({"values": []})).unwrap_err(),
        "json: cannot unmarshal array into Go struct field JsonnetOpts.TemplateOpts.Values of type map[string]interface {}"
    );
}

#[test]
fn a_path_with_a_slash_in_front_is_below_the_folder() {
    let opts = json!({"calledFrom": "e/main.jsonnet"});
    let called = call(&function(&[]), &["rel".into(), "/w/charts/web".into(), opts]);
    let error = called.result.unwrap_err();
    assert!(error.contains("stat /w/e/w/charts/web: no such file or directory"), "{error}");
    let missing = Path::new("/w/e/w/charts/web");
    assert_eq!(called.reads.probes.get(missing), Some(&None));
}

#[test]
fn every_call_notes_what_was_read() {
    let schema = r#"{"properties": {"x": {"$ref": "file:///schemas/x.json"}}}"#;
    let function = function(&[
        ("/w/charts/web/values.schema.json", schema),
        ("/schemas/x.json", r#"{"type": "integer"}"#),
    ]);
    let opts = |values: Value| json!({"calledFrom": "/w/e/main.jsonnet", "values": values});
    let arguments = |values| ["rel".into(), "../charts/web".into(), opts(values)];
    for _ in 0..2 {
        let called = call(&function, &arguments(json!({})));
        assert!(called.result.is_ok());
        for file in ["/w/charts/web/templates/all.yaml", "/schemas/x.json"] {
            assert!(called.reads.files.contains_key(Path::new(file)), "{file}");
        }
    }
    let error = call(&function, &arguments(json!({"x": "text"}))).result.unwrap_err();
    assert!(error.contains("- at '/x': got string, want integer"), "{error}");
}
