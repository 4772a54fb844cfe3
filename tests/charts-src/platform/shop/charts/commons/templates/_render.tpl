{{/* Renders a value that may hold templates: (dict "value" … "context" $) */}}
{{- define "commons.render" -}}
{{- $value := typeIs "string" .value | ternary .value (.value | toYaml) }}
{{- if contains "{{" $value }}
{{- tpl $value .context }}
{{- else }}
{{- $value }}
{{- end }}
{{- end }}

{{/* image of (dict "image" … "root" $), with the registry of all */}}
{{- define "commons.image" -}}
{{- $registry := (.root.Values.global).registry | default .image.registry -}}
{{- $reference := printf "%s:%s" .image.repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $reference }}
{{- end }}
