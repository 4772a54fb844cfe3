{{- define "c.name" -}}
{{ .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "c.fullname" -}}
{{- printf "%s-%s" .Release.Name (include "c.name" .) -}}
{{- end -}}
{{- define "c.labels" -}}
app: {{ include "c.name" . }}
release: {{ .Release.Name }}
{{- end }}
{{- define "echo" }}{{ . }}{{ end }}
{{- define "json" }}{{ toJson . }}{{ end }}
{{- define "type" }}{{ printf "%T" . }}{{ end }}
{{- define "deep" }}{{ .a.b.c }}{{ end }}
{{- define "fails" }}{{ fail "on purpose" }}{{ end }}
{{- define "through" }}
{{ include "fails" . }}
{{ end }}
{{- define "needs" }}{{ required "a name is needed" .name }}{{ end }}
{{- define "sets" }}{{ $_ := set . "seen" true }}{{ end }}
{{- define "counts" }}{{ if gt (int .) 0 }}{{ . }}{{ include "counts" (sub . 1) }}{{ end }}{{ end }}
{{- define "blank" }}   {{ end }}
{{- define "yaml" }}
a: 1
b: [x, y]
{{- end }}
{{- define "true" }}true{{ end }}
{{- define "empty" }}{{ end }}
