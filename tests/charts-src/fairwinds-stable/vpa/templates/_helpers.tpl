{{/* Name of the chart, shortened to what a label can hold. */}}
{{- define "vpa.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A release called like the chart does not repeat the name. */}}
{{- define "vpa.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "vpa.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "vpa.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "vpa.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vpa.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vpa.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "vpa.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What belongs to one component: (dict "root" $ "component" "recommender") */}}
{{- define "vpa.componentName" -}}
{{ include "vpa.fullname" .root }}-{{ .component | kebabcase }}
{{- end }}

{{- define "vpa.componentSelector" -}}
{{ include "vpa.selectorLabels" .root }}
app.kubernetes.io/component: {{ .component | kebabcase }}
{{- end }}

{{- define "vpa.componentAccount" -}}
{{- $account := (index .root.Values .component).serviceAccount }}
{{- if $account.create }}
{{- $account.name | default (include "vpa.componentName" .) }}
{{- else }}
{{- $account.name | default "default" }}
{{- end }}
{{- end }}

{{/* Metadata of what makes the certificate, but for the name: (dict "root" $ "weight" 0) */}}
{{- define "vpa.certgenMeta" }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "vpa.labels" .root | nindent 4 }}
  {{- if .root.Values.admissionController.certGen.asHooks }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
{{- end }}
