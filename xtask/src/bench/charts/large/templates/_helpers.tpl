{{/* Names are cut to 26 characters, since the longest suffix has 37. */}}
{{- define "observatory.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "observatory.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 26 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 26 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 26 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "observatory.chartref" -}}
{{- replace "+" "_" .Chart.Version | printf "%s-%s" .Chart.Name -}}
{{- end }}

{{- define "observatory.labels" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/version: "{{ replace "+" "_" .Chart.Version }}"
app.kubernetes.io/part-of: {{ template "observatory.name" . }}
chart: {{ template "observatory.chartref" . }}
release: {{ $.Release.Name | quote }}
heritage: {{ $.Release.Service | quote }}
{{- if .Values.commonLabels }}
{{ toYaml .Values.commonLabels }}
{{- end }}
{{- end }}

{{/* Where it goes: what the user says, or the namespace of the release. */}}
{{- define "observatory.namespace" -}}
{{- if .Values.namespaceOverride -}}
{{- .Values.namespaceOverride -}}
{{- else -}}
{{- .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{- define "observatory.account" -}}
{{- if .collector.serviceAccount.create -}}
{{- default (printf "%s-%s" (include "observatory.fullname" .root) .name) .collector.serviceAccount.name -}}
{{- else -}}
{{- default "default" .collector.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Whether the rules of a group are wanted. */}}
{{- define "observatory.wanted" -}}
{{- $groups := .root.Values.rules.groups | default dict -}}
{{- if and .root.Values.rules.create (ne (get $groups .group | toString) "false") -}}
true
{{- end -}}
{{- end -}}

{{- define "observatory.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- if .image.digest -}}
{{- printf "%s/%s@%s" $registry .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s/%s:%s" $registry .image.repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "observatory.ingress.apiVersion" -}}
{{- if and (.Capabilities.APIVersions.Has "networking.k8s.io/v1") (semverCompare ">= 1.19-0" (default .Capabilities.KubeVersion.Version .Values.kubeTargetVersionOverride)) -}}
networking.k8s.io/v1
{{- else -}}
networking.k8s.io/v1beta1
{{- end -}}
{{- end -}}
