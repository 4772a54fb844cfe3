package main

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// answerManaged moves the fields of an object to server-side apply as kubectl does.
func answerManaged(shape map[string]json.RawMessage) map[string]any {
	answer := map[string]any{}
	for key, value := range shape {
		answer[key] = value
	}
	delete(answer, "managers")
	delete(answer, "patch")
	delete(answer, "error")
	var object unstructured.Unstructured
	check(json.Unmarshal(encoded(shape["managed"]), &object.Object))
	var manager string
	check(json.Unmarshal(shape["manager"], &manager))
	annotation := fieldpath.NewSet(fieldpath.MakePathOrDie(
		"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"))
	names := sets.New[string]()
	for _, entry := range csaupgrade.FindFieldsOwners(
		object.GetManagedFields(), metav1.ManagedFieldsOperationUpdate, annotation) {
		names.Insert(entry.Manager)
	}
	answer["managers"] = sets.List(names)
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(&object, names, manager)
	if err != nil {
		answer["error"] = err.Error()
	} else if patch != nil {
		answer["patch"] = json.RawMessage(patch)
	}
	return answer
}
