{{/* Name of the chart, shortened to what a label can hold. */}}
{{- define "vault-secrets-webhook.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A release called like the chart does not repeat the name. */}}
{{- define "vault-secrets-webhook.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "vault-secrets-webhook.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "vault-secrets-webhook.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "vault-secrets-webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vault-secrets-webhook.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vault-secrets-webhook.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "vault-secrets-webhook.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "vault-secrets-webhook.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "vault-secrets-webhook.fullname" .) }}
{{- else }}
{{- required "serviceAccount.name: whose account, when none is created?" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "vault-secrets-webhook.certificate" -}}
{{- .Values.certificate.secretName | default (include "vault-secrets-webhook.fullname" . | printf "%s-tls") }}
{{- end }}

{{/* One hook: (dict "root" $ "resource" "pods" "policy" "Fail") */}}
{{- define "vault-secrets-webhook.hook" }}
- name: {{ .resource }}.{{ include "vault-secrets-webhook.name" .root }}.admission.banzaicloud.com
  admissionReviewVersions: [v1beta1, v1]
  clientConfig:
    service:
      namespace: {{ .root.Release.Namespace }}
      name: {{ include "vault-secrets-webhook.fullname" .root }}
      path: /{{ .resource }}
    {{- with .root.Values.certificate.caBundle }}
    caBundle: {{ . }}
    {{- end }}
  rules:
    - operations: {{ eq .resource "pods" | ternary (list "CREATE") (list "CREATE" "UPDATE") | toJson }}
      apiGroups: ["*"]
      apiVersions: ["*"]
      resources: [{{ .resource }}]
  failurePolicy: {{ .policy }}
  reinvocationPolicy: {{ .root.Values.reinvocationPolicy }}
  timeoutSeconds: {{ .root.Values.timeoutSeconds }}
  sideEffects: NoneOnDryRun
  {{- with .root.Values.namespaceSelector }}
  namespaceSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  objectSelector:
    matchExpressions:
      - key: security.banzaicloud.io/mutate
        operator: NotIn
        values: [skip]
    {{- with .root.Values.objectSelector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if eq .resource "pods" }}
  {{- with .root.Values.matchConditions }}
  matchConditions:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end }}
