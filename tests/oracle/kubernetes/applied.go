package main

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/kubectl/pkg/util"
)

// answerApplied gives the text in which kubectl remembers a manifest, and the manifest with it.
func answerApplied(shape map[string]json.RawMessage) map[string]any {
	var object unstructured.Unstructured
	check(kjson.Unmarshal(shape["applied"], &object.Object))
	value, err := util.GetModifiedConfiguration(&object, false, unstructured.UnstructuredJSONScheme)
	check(err)
	annotated, err := util.GetModifiedConfiguration(&object, true, unstructured.UnstructuredJSONScheme)
	check(err)
	return map[string]any{
		"name": shape["name"], "applied": shape["applied"],
		"value": string(value), "annotated": json.RawMessage(annotated),
	}
}
