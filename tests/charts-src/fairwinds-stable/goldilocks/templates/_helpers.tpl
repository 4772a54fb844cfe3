{{/* Name of the chart, shortened to what a label can hold. */}}
{{- define "goldilocks.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A release called like the chart does not repeat the name. */}}
{{- define "goldilocks.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "goldilocks.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "goldilocks.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "goldilocks.selectorLabels" -}}
app.kubernetes.io/name: {{ include "goldilocks.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "goldilocks.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "goldilocks.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* For both halves: (dict "root" $ "half" "controller") */}}
{{- define "goldilocks.halfAccount" -}}
{{- $account := (index .root.Values .half).serviceAccount }}
{{- if $account.create }}
{{- $account.name | default (printf "%s-%s" (include "goldilocks.fullname" .root) .half) }}
{{- else }}
{{- $account.name | default "default" }}
{{- end }}
{{- end }}
