{{/* Name of the chart, shortened to what a label can hold. */}}
{{- define "keda.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Name of everything in this release. A release called like the chart does not repeat the name.
*/}}
{{- define "keda.fullname" -}}
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

{{- define "keda.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "keda.labels" -}}
helm.sh/chart: {{ include "keda.chart" . }}
{{ include "keda.selectorLabels" . }}
{{- if .Chart.AppVersion }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "keda.selectorLabels" -}}
app.kubernetes.io/name: {{ include "keda.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "keda.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "keda.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Labels of one component: (dict "name" … "root" $) */}}
{{- define "keda.componentLabels" -}}
app: {{ .name }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: {{ include "keda.name" .root }}-operator
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ include "keda.chart" .root }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "keda.image" -}}
{{- $registry := default .image.registry ((.root.Values.global).image).registry -}}
{{- printf "%s/%s:%s" $registry .image.repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end }}

{{- define "keda.args" -}}
{{- range $name, $value := . }}
- --{{ $name }}={{ $value }}
{{- end }}
{{- end }}

{{/* One trigger, the same for objects and for jobs. */}}
{{- define "keda.triggerSchema" -}}
type: object
required: [type, metadata]
properties:
  type:
    type: string
  name:
    type: string
  useCachedMetrics:
    type: boolean
  metadata:
    type: object
    additionalProperties:
      type: string
  authenticationRef:
    type: object
    required: [name]
    properties:
      kind:
        type: string
      name:
        type: string
  metricType:
    type: string
{{- end }}

{{/* Who a scaler is for the cloud that it asks. */}}
{{- define "keda.podIdentitySchema" -}}
type: object
required: [provider]
properties:
  provider:
    type: string
    enum: [azure-workload, gcp, aws, aws-eks, none]
  identityId:
    type: string
  identityOwner:
    type: string
    enum: [keda, workload]
  identityTenantId:
    type: string
  roleArn:
    type: string
{{- end }}
