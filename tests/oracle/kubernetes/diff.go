package main

import (
	"bytes"
	"encoding/json"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/kubectl/pkg/cmd/diff"
)

// answerDiff writes both versions of an object as kubectl diff does.
func answerDiff(shape map[string]json.RawMessage) map[string]any {
	var pair struct {
		Live   map[string]any `json:"live"`
		Merged map[string]any `json:"merged"`
	}
	check(kjson.Unmarshal(encoded(shape["diff"]), &pair))
	object := func(content map[string]any) runtime.Object {
		if content == nil {
			return nil
		}
		u := &unstructured.Unstructured{Object: content}
		accessor, err := meta.Accessor(u)
		check(err)
		accessor.SetManagedFields(nil)
		return u
	}
	live, merged := object(pair.Live), object(pair.Merged)
	gvk := merged.GetObjectKind().GroupVersionKind()
	if gvk.Version == "v1" && gvk.Kind == "Secret" {
		masker, err := diff.NewMasker(live, merged)
		check(err)
		live, merged = masker.From(), masker.To()
	}
	print := func(o runtime.Object) string {
		var out bytes.Buffer
		check((&diff.Printer{}).Print(o, &out))
		return out.String()
	}
	return map[string]any{"name": shape["name"], "diff": shape["diff"], "live": print(live), "merged": print(merged)}
}
