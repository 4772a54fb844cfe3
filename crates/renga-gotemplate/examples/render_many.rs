//! Renders a large set of templates again and again, for profilers: `render_many [ROUNDS]`.
//!
//! The set is shaped like that of a large chart: helpers, hundreds of manifests with labels, values,
//! loops and included texts. Prints how long parsing and a round took.
#![expect(clippy::print_stdout, reason = "a program for developers")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use renga_gotemplate::{
    MissingKey, Options, TemplateSet, Type, Value, sprig_functions_with_cast_1_7,
};

const HELPERS: &str = r#"
{{- define "app.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "app.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ include "app.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- with .Values.commonLabels }}
{{ toJson . }}
{{- end }}
{{- end -}}
"#;

const MANIFEST: &str = r#"{{- if and .Values.enabled (not .Values.off) (semverCompare ">=1.20-0" .Capabilities.Version) }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}-NUMBER
  namespace: {{ .Release.Namespace | quote }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas | int }}
  template:
    metadata:
      labels: {{- include "app.labels" $ | nindent 8 }}
    spec:
      containers:
      {{- range $index, $port := .Values.ports }}
        - name: {{ $port.name }}-{{ $index }}
          image: "{{ $.Values.image.repository }}:{{ $.Values.image.tag | default $.Chart.Version }}"
          {{- if gt (int $port.number) 1024 }}
          containerPort: {{ $port.number }}
          {{- end }}
          {{- range $key, $value := $.Values.env }}
          - name: {{ $key | upper }}
            value: {{ tpl $value $ | quote }}
          {{- end }}
      {{- end }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}
"#;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(20_u32);
    let mut funcs = (**sprig_functions_with_cast_1_7()).clone();
    funcs.add("include", &[Type::String, Type::Any], false, Type::String, |call, args| {
        let name = String::from_utf8_lossy(args.str(0)).into_owned();
        Ok(call.render(&name, args.any(1), |out| Value::from(out.to_vec()))?)
    });
    funcs.add("toYaml", &[Type::Any], false, Type::String, |_, args| {
        Ok(Value::from(args.any(0).encode_json().unwrap_or_default()))
    });
    funcs.add("tpl", &[Type::String, Type::Any], false, Type::String, |_, args| {
        Ok(args.any(0).clone())
    });
    let data = serde_json::json!({
        "Chart": {"Name": "app", "Version": "1.2.3+4"},
        "Release": {"Name": "release", "Namespace": "default"},
        "Capabilities": {"Version": "v1.30.0"},
        "Values": {
            "enabled": true, "off": false, "replicas": 3, "nameOverride": "",
            "image": {"repository": "registry.example/app", "tag": ""},
            "commonLabels": {"team": "a", "tier": "b"},
            "ports": [{"name": "http", "number": 8080}, {"name": "metrics", "number": 9090}],
            "env": {"one": "1", "two": "2", "three": "three"},
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}},
        },
    });
    let start = Instant::now();
    let mut set = TemplateSet::new(Arc::new(funcs));
    set.parse("_helpers.tpl", HELPERS).expect("the helpers parse");
    let names: Vec<String> = (0..300).map(|number| format!("t{number}.yaml")).collect();
    for (number, name) in names.iter().enumerate() {
        let text = MANIFEST.replace("NUMBER", &number.to_string());
        set.parse(name, text).expect("the manifest parses");
    }
    let set = Arc::new(set);
    let mut report = String::new();
    let _ = writeln!(report, "parsed in {:?}", start.elapsed());
    let options = Options { missing_key: MissingKey::Zero, ..Options::default() };
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..rounds {
        let data = Value::from_json(&data);
        for name in &names {
            let mut out = Vec::new();
            set.execute(name, &data, &mut out, &options).expect("the manifest renders");
            bytes += out.len();
        }
    }
    let _ = writeln!(report, "{:?} for a round, {bytes} bytes in all", start.elapsed() / rounds);
    print!("{report}");
}
