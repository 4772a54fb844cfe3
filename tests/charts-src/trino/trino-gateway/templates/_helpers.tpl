{{- define "trino-gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "trino-gateway.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "trino-gateway.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "trino-gateway.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "trino-gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "trino-gateway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "trino-gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "trino-gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "trino-gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "trino-gateway.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The port that the server's own configuration names. */}}
{{- define "trino-gateway.port" -}}
{{- index .Values.config.serverConfig "http-server.http.port" | default 8080 | int }}
{{- end }}

{{/* A probe: the values, and where to ask. */}}
{{- define "trino-gateway.probe" -}}
{{- merge (dict "httpGet" (dict "path" .path "port" "http")) .values | toYaml }}
{{- end }}
