{{- define "loki.fullname" -}}
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

{{- define "loki.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "loki.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "loki.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "loki.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "loki.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* The parts that Loki runs in, by the mode. */}}
{{- define "loki.targets" -}}
{{- if eq .Values.deploymentMode "SingleBinary" -}}
single-binary
{{- else if eq .Values.deploymentMode "SimpleScalable" -}}
backend read write
{{- else -}}
{{- fail (printf "deploymentMode is SingleBinary or SimpleScalable, not %s" .Values.deploymentMode) }}
{{- end }}
{{- end }}

{{/* The name of a part: that of the release where there is only one. */}}
{{- define "loki.targetName" -}}
{{- $name := include "loki.fullname" (index . 1) }}
{{- ternary $name (printf "%s-%s" $name (index . 0)) (eq (index . 0) "single-binary") }}
{{- end }}

{{/* What a part is reached by: the service that a client of it should use. */}}
{{- define "loki.address" -}}
{{- $target := ternary "single-binary" (index . 0) (eq (index . 1).Values.deploymentMode "SingleBinary") }}
{{- printf "http://%s.%s.svc.cluster.local:3100" (include "loki.targetName" (list $target (index . 1))) (index . 1).Release.Namespace }}
{{- end }}

{{- define "loki.config" -}}
{{- $loki := .Values.loki }}
auth_enabled: {{ $loki.auth_enabled }}
common:
  path_prefix: /var/loki
  {{- with $loki.commonConfig }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  compactor_address: {{ include "loki.address" (list "backend" .) }}
  storage:
    {{- if eq $loki.storage.type "s3" }}
    s3:
      bucketnames: {{ $loki.storage.bucketNames.chunks }}
      {{- range $key, $value := dict "endpoint" $loki.storage.s3.endpoint "region" $loki.storage.s3.region }}
      {{- with $value }}
      {{ $key }}: {{ . }}
      {{- end }}
      {{- end }}
      access_key_id: ${AWS_ACCESS_KEY_ID}
      secret_access_key: ${AWS_SECRET_ACCESS_KEY}
      s3forcepathstyle: {{ $loki.storage.s3.s3ForcePathStyle }}
      insecure: {{ $loki.storage.s3.insecure }}
    {{- else }}
    filesystem:
      chunks_directory: /var/loki/chunks
      rules_directory: /var/loki/rules
    {{- end }}
frontend:
  scheduler_address: ""
  tail_proxy_url: {{ include "loki.address" (list "read" .) }}
limits_config:
  {{- toYaml $loki.limits_config | nindent 2 }}
memberlist:
  join_members:
    - {{ include "loki.fullname" . }}-memberlist
schema_config:
  configs:
    {{- if not $loki.schemaConfig.configs }}
    {{- fail "loki.schemaConfig.configs: at least one period is needed" }}
    {{- end }}
    {{- toYaml $loki.schemaConfig.configs | nindent 4 }}
server:
  http_listen_port: 3100
  grpc_listen_port: 9095
{{- with $loki.compactor }}
compactor:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $loki.rulerConfig }}
ruler:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
