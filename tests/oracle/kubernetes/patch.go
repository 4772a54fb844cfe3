package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// patchCase is three versions of an object; the answer adds the patch and the object it leads to.
type patchCase struct {
	Name     string          `json:"name,omitempty"`
	Original json.RawMessage `json:"original,omitempty"`
	Modified json.RawMessage `json:"modified"`
	Current  json.RawMessage `json:"current"`
}

type patchAnswer struct {
	patchCase
	Kind        string          `json:"kind"`
	Patch       json.RawMessage `json:"patch,omitempty"`
	Error       string          `json:"error,omitempty"`
	Result      json.RawMessage `json:"result,omitempty"`
	ResultError string          `json:"resultError,omitempty"`
}

// openAPI is the documents as kubectl reads them, one per group and version, read when asked for.
var openAPI = struct {
	sync.Mutex
	documents map[string]*spec3.OpenAPI
}{documents: map[string]*spec3.OpenAPI{}}

func lookup(object map[string]any) (strategicpatch.LookupPatchMeta, bool) {
	apiVersion, _ := object["apiVersion"].(string)
	kindName, _ := object["kind"].(string)
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return nil, false
	}
	file := "api__" + gv.Version + "_openapi.json"
	if gv.Group != "" {
		file = "apis__" + gv.Group + "__" + gv.Version + "_openapi.json"
	}
	openAPI.Lock()
	defer openAPI.Unlock()
	document, ok := openAPI.documents[file]
	if !ok {
		document = &spec3.OpenAPI{}
		data, err := os.ReadFile(filepath.Join(documentFolder(), file))
		if err == nil {
			check(json.Unmarshal(data, document))
		} else {
			document = nil
		}
		openAPI.documents[file] = document
	}
	if document == nil {
		return nil, false
	}
	for _, s := range document.Components.Schemas {
		var kinds []kind
		if s.Extensions.GetObject("x-kubernetes-group-version-kind", &kinds) != nil {
			continue
		}
		for _, k := range kinds {
			if k.Group == gv.Group && k.Version == gv.Version && k.Kind == kindName {
				var list map[string]*spec.Schema = document.Components.Schemas
				return strategicpatch.PatchMetaFromOpenAPIV3{Schema: s, SchemaList: list}, true
			}
		}
	}
	return nil, false
}

// encoded passes a document through Kubernetes' decoder and encoder, as kubectl does before it compares.
func encoded(document json.RawMessage) []byte {
	if len(document) == 0 || string(document) == "null" {
		return nil
	}
	var value any
	check(kjson.Unmarshal(document, &value))
	data, err := kjson.Marshal(value)
	check(err)
	return data
}

func answerPatch(c patchCase) (a patchAnswer) {
	a.patchCase = c
	original, modified, current := encoded(c.Original), encoded(c.Modified), encoded(c.Current)
	var object map[string]any
	check(json.Unmarshal(modified, &object))
	meta, builtin := lookup(object)
	a.Kind = "merge"
	if builtin {
		a.Kind = "strategic"
	}
	patch, err := guarded(func() ([]byte, error) {
		if builtin {
			return strategicpatch.CreateThreeWayMergePatch(original, modified, current, meta, true)
		}
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(original, modified, current,
			mergepatch.RequireKeyUnchanged("apiVersion"), mergepatch.RequireKeyUnchanged("kind"),
			mergepatch.RequireMetadataKeyUnchanged("name"))
		return patch, err
	})
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Patch = patch
	result, err := guarded(func() ([]byte, error) {
		if builtin {
			return strategicpatch.StrategicMergePatchUsingLookupPatchMeta(current, patch, meta)
		}
		return jsonpatch.MergePatch(current, patch)
	})
	if err != nil {
		a.ResultError = err.Error()
		return a
	}
	// The merge library writes what it did not touch as it was.
	a.Result = encoded(result)
	return a
}

// guarded turns a crash of the library into an error.
func guarded(f func() ([]byte, error)) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// applyCase is an object and a patch written by hand, with directives of all sorts.
type applyCase struct {
	Name   string          `json:"name,omitempty"`
	Object json.RawMessage `json:"object"`
	Patch  json.RawMessage `json:"apply"`
	Kind   string          `json:"kind"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

func answerApply(c applyCase) applyCase {
	c.Result, c.Error = nil, ""
	object, patch := encoded(c.Object), encoded(c.Patch)
	var decoded map[string]any
	check(json.Unmarshal(object, &decoded))
	meta, builtin := lookup(decoded)
	c.Kind = "merge"
	if builtin {
		c.Kind = "strategic"
	}
	result, err := guarded(func() ([]byte, error) {
		if builtin {
			return strategicpatch.StrategicMergePatchUsingLookupPatchMeta(object, patch, meta)
		}
		return jsonpatch.MergePatch(object, patch)
	})
	if err != nil {
		c.Error = err.Error()
	} else {
		c.Result = encoded(result)
	}
	return c
}

// record answers the cases on stdin, a JSON object a line.
func record() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		line := lines.Bytes()
		if len(strings.TrimSpace(string(line))) == 0 {
			continue
		}
		var shape map[string]json.RawMessage
		check(json.Unmarshal(line, &shape))
		switch {
		case shape["apply"] != nil:
			var c applyCase
			check(json.Unmarshal(line, &c))
			write(out, answerApply(c))
		case shape["applied"] != nil:
			write(out, answerApplied(shape))
		case shape["managed"] != nil:
			write(out, answerManaged(shape))
		case shape["diff"] != nil:
			write(out, answerDiff(shape))
		default:
			var c patchCase
			check(json.Unmarshal(line, &c))
			write(out, answerPatch(c))
		}
	}
	check(lines.Err())
}

func write(out *bufio.Writer, value any) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
}
