{{- define "n8n.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "n8n.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "n8n.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "n8n.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "n8n.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "n8n.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "n8n.selectorLabels" -}}
app.kubernetes.io/name: {{ include "n8n.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "n8n.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "n8n.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Name of what one role has: the main process has the name of the release. */}}
{{- define "n8n.roleName" -}}
{{- $name := include "n8n.fullname" .root }}
{{- ternary $name (printf "%s-%s" $name .role) (eq .role "main") }}
{{- end }}

{{/* The roles that run with these values, as JSON. */}}
{{- define "n8n.roles" -}}
{{- $roles := list "main" }}
{{- if eq .Values.mode "queue" }}
{{- $roles = append $roles "worker" }}
{{- if .Values.webhook.enabled }}
{{- $roles = append $roles "webhook" }}
{{- end }}
{{- else if ne .Values.mode "regular" }}
{{- fail (printf "mode must be regular or queue, not %q" .Values.mode) }}
{{- end }}
{{- toJson $roles }}
{{- end }}

{{/* A variable from a Secret: (dict "name" … "secret" … "key" …) */}}
{{- define "n8n.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end }}

{{/* What all roles must agree on. */}}
{{- define "n8n.env" -}}
{{- $name := include "n8n.fullname" . }}
{{ include "n8n.secretEnv" (dict "name" "N8N_ENCRYPTION_KEY" "key" "N8N_ENCRYPTION_KEY" "secret" (default (printf "%s-encryption-key" $name) .Values.existingEncryptionKeySecret)) }}
{{- if eq .Values.db.type "postgresdb" }}
{{- $secret := default (printf "%s-postgresql" $name) .Values.externalPostgresql.existingSecret }}
{{ include "n8n.secretEnv" (dict "name" "DB_POSTGRESDB_USER" "key" "username" "secret" $secret) }}
{{ include "n8n.secretEnv" (dict "name" "DB_POSTGRESDB_PASSWORD" "key" "password" "secret" $secret) }}
{{- end }}
{{- if eq .Values.mode "queue" }}
{{ include "n8n.secretEnv" (dict "name" "QUEUE_BULL_REDIS_PASSWORD" "key" "password" "secret" (default (printf "%s-redis" $name) .Values.externalRedis.existingSecret)) }}
{{- end }}
{{- end }}
