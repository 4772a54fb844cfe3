{{- define "kube-prometheus-stack.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* At most 26 characters: the operator puts its own words before and after it. */}}
{{- define "kube-prometheus-stack.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 26 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 26 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 26 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* The labels of an object: of the component that is the first of the list. */}}
{{- define "kube-prometheus-stack.labels" -}}
{{- $component := index . 0 }}
{{- with index . 1 }}
app: {{ include "kube-prometheus-stack.name" . }}{{ with $component }}-{{ . }}{{ end }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.Version | replace "+" "_" | quote }}
app.kubernetes.io/part-of: {{ include "kube-prometheus-stack.name" . }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
release: {{ .Release.Name | quote }}
heritage: {{ .Release.Service | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "kube-prometheus-stack.image" -}}
{{- $image := index . 0 }}
{{- $root := index . 1 }}
{{- printf "%s/%s:%s" ($root.Values.global.imageRegistry | default $image.registry) $image.repository ($image.tag | default $root.Chart.AppVersion) }}
{{- end }}

{{- define "kube-prometheus-stack.serviceAccount" -}}
{{- $component := index . 0 }}
{{- $values := index . 1 }}
{{- $root := index . 2 }}
{{- if $values.serviceAccount.create }}
{{- $values.serviceAccount.name | default (printf "%s-%s" (include "kube-prometheus-stack.fullname" $root) $component) }}
{{- else }}
{{- $values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/*
A selector of Prometheus: what is set; else everything if nil is not to mean this release; else
the objects of this release.
*/}}
{{- define "kube-prometheus-stack.selector" -}}
{{- $field := index . 0 }}
{{- $root := index . 1 }}
{{- $spec := $root.Values.prometheus.prometheusSpec }}
{{- with index $spec $field }}
{{ $field }}:
{{ toYaml . | indent 2 }}
{{- else }}
{{- if index $spec (printf "%sNilUsesHelmValues" $field) }}
{{ $field }}:
  matchLabels:
    release: {{ $root.Release.Name | quote }}
{{- else }}
{{ $field }}: {}
{{- end }}
{{- end }}
{{- end }}

{{- define "kube-prometheus-stack.antiAffinity" -}}
{{- $spec := index . 0 }}
{{- $name := index . 1 }}
{{- $app := index . 2 }}
{{- if eq $spec.podAntiAffinity "hard" }}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: {{ $spec.podAntiAffinityTopologyKey }}
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: {{ $app }}
            {{ $app }}: {{ $name }}
{{- else if eq $spec.podAntiAffinity "soft" }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: {{ $spec.podAntiAffinityTopologyKey }}
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: {{ $app }}
              {{ $app }}: {{ $name }}
{{- end }}
{{- end }}

{{- define "kube-prometheus-stack.ingress" -}}
{{- $component := index . 0 }}
{{- $values := index . 1 }}
{{- $root := index . 2 }}
{{- $name := printf "%s-%s" (include "kube-prometheus-stack.fullname" $root) $component }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "kube-prometheus-stack.labels" (list $component $root) | trim | nindent 4 }}
  {{- with $values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $values.ingress.ingressClassName }}
  ingressClassName: {{ . }}
  {{- end }}
  rules:
    {{- range $values.ingress.hosts }}
    - host: {{ tpl . $root | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $name }}
                port:
                  number: {{ $values.service.port }}
    {{- end }}
  {{- with $values.ingress.tls }}
  tls:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
