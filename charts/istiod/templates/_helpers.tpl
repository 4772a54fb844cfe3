{{- define "istiod.labels" -}}
app: istiod
app.kubernetes.io/name: istiod
app.kubernetes.io/part-of: istio
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
istio.io/rev: {{ .Values.revision | default "default" | quote }}
{{- end }}

{{- define "istiod.image" -}}
{{- if contains "/" .Values.image }}
{{- .Values.image }}
{{- else }}
{{- .Values.hub }}/{{ .Values.image }}:{{ .Values.tag | default .Chart.AppVersion }}{{ with .Values.variant }}-{{ . }}{{ end }}
{{- end }}
{{- end }}

{{- define "istiod.name" -}}
istiod{{ if not (eq (.Values.revision | default "") "") }}-{{ .Values.revision }}{{ end }}
{{- end }}

{{/* The mesh configuration: the defaults are templates, what the user set wins. */}}
{{- define "istiod.mesh" -}}
{{- tpl (toYaml .Values.meshConfig) . }}
{{- if not .Values.meshConfig.rootNamespace }}
rootNamespace: {{ .Values.global.istioNamespace }}
{{- end }}
{{- end }}
