package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// source is the module whose archive carries the OpenAPI documents that an API server publishes.
const source = "k8s.io/kubernetes@v1.36.3"

// apiSchema is what the table needs of an OpenAPI schema.
type apiSchema struct {
	Ref         string                `json:"$ref"`
	AllOf       []*apiSchema          `json:"allOf"`
	OneOf       []*apiSchema          `json:"oneOf"`
	Type        string                `json:"type"`
	Format      string                `json:"format"`
	Properties  map[string]*apiSchema `json:"properties"`
	Additional  *apiSchema            `json:"additionalProperties"`
	Items       *apiSchema            `json:"items"`
	MergeKey    string                `json:"x-kubernetes-patch-merge-key"`
	Strategy    string                `json:"x-kubernetes-patch-strategy"`
	ListType    string                `json:"x-kubernetes-list-type"`
	ListMapKeys []string              `json:"x-kubernetes-list-map-keys"`
	Kinds       []kind                `json:"x-kubernetes-group-version-kind"`
}

type kind struct{ Group, Version, Kind string }

type operation struct {
	Kind        kind `json:"x-kubernetes-group-version-kind"`
	RequestBody struct {
		Content map[string]any `json:"content"`
	} `json:"requestBody"`
}

type document struct {
	Paths map[string]struct {
		Patch *operation `json:"patch"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]*apiSchema `json:"schemas"`
	} `json:"components"`
}

// table collects structs by their text, so that equal ones of several documents are one.
type table struct {
	documents map[string]*document
	schemas   map[string]*apiSchema
	numbers   map[string]int
	names     []string
}

// documentFolder is where the documents lie in the module's folder.
var documentFolder = sync.OnceValue(func() string {
	output, err := exec.Command("go", "mod", "download", "-json", source).Output()
	check(err)
	var module struct{ Dir string }
	check(json.Unmarshal(output, &module))
	return filepath.Join(module.Dir, "api/openapi-spec/v3")
})

func readDocuments() map[string]*document {
	files, err := filepath.Glob(filepath.Join(documentFolder(), "*.json"))
	check(err)
	documents := map[string]*document{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		check(err)
		var d document
		check(json.Unmarshal(data, &d))
		documents[filepath.Base(file)] = &d
	}
	return documents
}

// writeTable writes the kinds that take strategic merge patches and the structs they are made of.
func writeTable(path string) {
	t := table{documents: readDocuments(), schemas: map[string]*apiSchema{}, numbers: map[string]int{}}
	roots := map[string]string{}
	for _, d := range t.documents {
		strategic := map[kind]bool{}
		for _, path := range d.Paths {
			if path.Patch != nil && path.Patch.RequestBody.Content["application/strategic-merge-patch+json"] != nil {
				strategic[path.Patch.Kind] = true
			}
		}
		for name, s := range d.Components.Schemas {
			if len(s.Properties) > 0 || t.schemas[name] == nil {
				t.schemas[name] = s
			}
			for _, k := range s.Kinds {
				if strategic[k] {
					version := k.Version
					if k.Group != "" {
						version = k.Group + "/" + k.Version
					}
					roots[version+" "+k.Kind] = name
				}
			}
		}
	}
	kinds := make([]string, 0, len(roots))
	for key := range roots {
		kinds = append(kinds, key)
	}
	slices.Sort(kinds)
	for _, key := range kinds {
		t.number(roots[key])
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	fmt.Fprintf(w, "# Recorded from the OpenAPI documents of %s; see src/table.rs for the format.\n", source)
	for _, key := range kinds {
		fmt.Fprintf(w, "%s %d\n", key, t.numbers[roots[key]])
	}
	fmt.Fprintln(w)
	// Naming a struct may find further ones.
	for i := 0; i < len(t.names); i++ {
		fmt.Fprintln(w, t.line(t.names[i]))
	}
	check(w.Flush())
	check(os.WriteFile(path, out.Bytes(), 0o644))
}

func (t *table) number(name string) int {
	if n, ok := t.numbers[name]; ok {
		return n
	}
	n := len(t.names)
	t.numbers[name] = n
	t.names = append(t.names, name)
	return n
}

func (t *table) line(name string) string {
	properties := t.schemas[name].Properties
	fields := make([]string, 0, len(properties))
	for field := range properties {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	for i, field := range fields {
		s := properties[field]
		text := field + t.shape(s)
		if s.Strategy != "" {
			text += "~" + s.Strategy
		}
		if s.MergeKey != "" {
			text += "!" + s.MergeKey
		}
		switch s.ListType {
		case "":
		case "map":
			text += "@" + strings.Join(s.ListMapKeys, "+")
		default:
			text += "%" + s.ListType
		}
		fields[i] = strings.ReplaceAll(text, ",", "+")
	}
	return strings.Join(fields, " ")
}

// shape is what a field holds: nothing for a scalar, `=7` a struct, `*` anything, `[` a list and `{`
// a map, followed by the shape of their items.
func (t *table) shape(s *apiSchema) string {
	if len(s.AllOf) > 0 {
		s = s.AllOf[0]
	}
	if s.Ref != "" {
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		target := t.schemas[name]
		if len(target.Properties) > 0 {
			return fmt.Sprintf("=%d", t.number(name))
		}
		s = target
	}
	switch {
	case s.Type == "array" && s.Items != nil:
		return "[" + t.shape(s.Items)
	case s.Type == "object" && s.Additional != nil:
		return "{" + t.shape(s.Additional)
	case len(s.Properties) > 0:
		log(fmt.Sprintf("a struct without a name: %v", s))
		return "*"
	case s.Type == "string" || s.Type == "integer" || s.Type == "number" || s.Type == "boolean" || len(s.OneOf) > 0 || s.Format == "int-or-string":
		return ""
	default:
		return "*"
	}
}
