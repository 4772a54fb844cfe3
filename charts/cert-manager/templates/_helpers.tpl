{{- define "cert-manager.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* The name of a component: that of the release for the controller itself. */}}
{{- define "cert-manager.component" -}}
{{- $component := index . 0 }}
{{- $name := include "cert-manager.fullname" (index . 1) }}
{{- if eq $component "controller" }}{{ $name }}{{ else }}{{ printf "%s-%s" ($name | trunc 52 | trimSuffix "-") $component }}{{ end }}
{{- end }}

{{- define "cert-manager.selectorLabels" -}}
{{- $component := index . 0 }}
{{- with index . 1 -}}
app.kubernetes.io/name: {{ ternary .Chart.Name $component (eq $component "controller") }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ $component | quote }}
{{- end }}
{{- end }}

{{- define "cert-manager.labels" -}}
{{- $component := index . 0 }}
{{- $root := index . 1 -}}
app: {{ ternary $root.Chart.Name $component (eq $component "controller") }}
{{ include "cert-manager.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The values of a component; those of the controller are at the top. */}}
{{- define "cert-manager.serviceAccountName" -}}
{{- $component := index . 0 }}
{{- $root := index . 1 }}
{{- $values := ternary $root.Values (index $root.Values $component) (eq $component "controller") }}
{{- $values.serviceAccount.name | default (ternary (include "cert-manager.component" .) "default" $values.serviceAccount.create) }}
{{- end }}
