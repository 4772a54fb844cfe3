{{- define "sub.colour" }}{{ .Values.colour }}{{ end }}
{{- define "c.name" }}never, the parent's is later{{ end }}
{{- define "echo" }}{{/* nothing */}}{{ end }}
