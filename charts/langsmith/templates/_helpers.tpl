{{- define "langsmith.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "langsmith.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "langsmith.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "langsmith.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "langsmith.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "langsmith.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "langsmith.selectorLabels" -}}
app.kubernetes.io/name: {{ include "langsmith.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "langsmith.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "langsmith.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Names of the Secrets: one for each of config, postgres, redis, clickhouse. */}}
{{- define "langsmith.secretName" -}}
{{- $name := include "langsmith.fullname" .root }}
{{- $existing := dict
  "config" .root.Values.config.existingSecretName
  "postgres" .root.Values.postgres.external.existingSecretName
  "redis" .root.Values.redis.external.existingSecretName
  "clickhouse" .root.Values.clickhouse.existingSecretName }}
{{- default (printf "%s-%s" $name .of | trimSuffix "-config") (index $existing .of) }}
{{- end }}

{{- define "langsmith.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "langsmith.secretName" . }}
      key: {{ .key }}
{{- end }}

{{/* What all parts that speak to databases have. */}}
{{- define "langsmith.commonEnv" -}}
{{ include "langsmith.secretEnv" (dict "root" . "of" "postgres" "name" "POSTGRES_DATABASE_URI" "key" "connection_url") }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "redis" "name" "REDIS_DATABASE_URI" "key" "connection_url") }}
- name: CLICKHOUSE_HOST
  value: {{ include "langsmith.fullname" . }}-clickhouse
- name: CLICKHOUSE_PORT
  value: "8123"
- name: CLICKHOUSE_DB
  value: {{ .Values.clickhouse.database }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "clickhouse" "name" "CLICKHOUSE_USER" "key" "user") }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "clickhouse" "name" "CLICKHOUSE_PASSWORD" "key" "password") }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "config" "name" "LANGSMITH_LICENSE_KEY" "key" "langsmith_license_key") }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "config" "name" "API_KEY_SALT" "key" "api_key_salt") }}
{{- if .Values.config.oauth.enabled }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "config" "name" "OAUTH_CLIENT_ID" "key" "oauth_client_id") }}
{{ include "langsmith.secretEnv" (dict "root" . "of" "config" "name" "OAUTH_CLIENT_SECRET" "key" "oauth_client_secret") }}
{{- end }}
{{- with .Values.commonEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
