package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
)

// bases are objects of our own, rich in lists of all sorts.
//
//go:embed bases.json
var basesText []byte

type generator struct {
	*rand.Rand
	bases []map[string]any
}

// generate answers cases whose three versions are the same object after a few random edits each.
func generate(seed uint64, count int) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
	check(json.Unmarshal(basesText, &g.bases))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for i := range count {
		base := g.bases[g.IntN(len(g.bases))]
		name := fmt.Sprintf("%v %d/%d", base["kind"], seed, i)
		version := func(edits int) json.RawMessage {
			object := clone(base).(map[string]any)
			for range edits {
				g.edit(object)
			}
			// The identity is what the library is chosen by.
			object["apiVersion"], object["kind"] = base["apiVersion"], base["kind"]
			data, err := json.Marshal(object)
			check(err)
			return data
		}
		if g.IntN(6) == 0 {
			patch := map[string]any{}
			check(json.Unmarshal(version(g.IntN(3)), &patch))
			g.direct(patch, 0)
			data, err := json.Marshal(patch)
			check(err)
			answer := answerApply(applyCase{Name: name, Object: version(g.IntN(4)), Patch: data})
			answer.Error = settled(answer.Error)
			write(out, answer)
			continue
		}
		c := patchCase{Name: name, Modified: version(g.IntN(6)), Current: version(g.IntN(5))}
		switch g.IntN(8) {
		case 0:
		case 1:
			c.Original = c.Modified
		default:
			c.Original = version(g.IntN(6))
		}
		answer := answerPatch(c)
		answer.Error, answer.ResultError = settled(answer.Error), settled(answer.ResultError)
		write(out, answer)
	}
}

// settled hides which of several errors the library found first: that changes from run to run.
func settled(text string) string {
	if text == "" {
		return ""
	}
	return "refused"
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, item := range v {
			copied[key] = clone(item)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = clone(item)
		}
		return copied
	default:
		return value
	}
}

// edit changes one random place of an object.
func (g *generator) edit(object map[string]any) {
	keys := slices.Sorted(maps.Keys(object))
	if len(keys) == 0 {
		object["added"] = g.scalar()
		return
	}
	key := keys[g.IntN(len(keys))]
	switch v := object[key].(type) {
	case map[string]any:
		if g.IntN(10) > 0 {
			g.edit(v)
			return
		}
	case []any:
		if g.IntN(12) > 0 {
			object[key] = g.editList(v)
			return
		}
	}
	switch g.IntN(12) {
	case 0, 1, 2:
		delete(object, key)
	case 3:
		object[key] = nil
	case 4:
		object[key] = map[string]any{}
	case 5:
		object[key] = []any{}
	case 6:
		object["added"] = g.scalar()
	default:
		switch object[key].(type) {
		case map[string]any, []any:
			if g.IntN(4) == 0 {
				object[key] = g.scalar()
			}
		default:
			object[key] = g.like(object[key])
		}
	}
}

func (g *generator) editList(list []any) []any {
	if len(list) == 0 {
		return []any{g.scalar()}
	}
	i := g.IntN(len(list))
	switch g.IntN(10) {
	case 0, 1:
		return slices.Delete(slices.Clone(list), i, i+1)
	case 2:
		return slices.Insert(slices.Clone(list), g.IntN(len(list)+1), clone(list[i]))
	case 3:
		list = slices.Clone(list)
		j := g.IntN(len(list))
		list[i], list[j] = list[j], list[i]
		return list
	case 4:
		list = slices.Clone(list)
		g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list
	case 5:
		// A new item like one that is there, under another key.
		item := clone(list[i])
		switch v := item.(type) {
		case map[string]any:
			for _, key := range []string{"name", "containerPort", "port", "mountPath", "topologyKey", "ip", "uid"} {
				if old, ok := v[key]; ok {
					v[key] = g.like(old)
				}
			}
		default:
			item = g.like(item)
		}
		return slices.Insert(slices.Clone(list), g.IntN(len(list)+1), item)
	case 6:
		if g.IntN(6) == 0 {
			list = slices.Clone(list)
			list[i] = g.odd()
			return list
		}
	}
	switch v := list[i].(type) {
	case map[string]any:
		g.edit(v)
	case []any:
		list[i] = g.editList(v)
	default:
		list[i] = g.like(v)
	}
	return list
}

func (g *generator) odd() any {
	return []any{nil, "text", 7.0, true, map[string]any{}, []any{}, map[string]any{"name": nil}}[g.IntN(7)]
}

func (g *generator) scalar() any {
	return []any{"a", "b", "80", 80.0, 8080.0, 1.5, true, "TCP", "UDP"}[g.IntN(9)]
}

func (g *generator) like(value any) any {
	switch value.(type) {
	case string:
		return []any{"a", "b", "web", "log", "TCP", "UDP", "example.com/hold"}[g.IntN(7)]
	case float64:
		return []any{1.0, 2.0, 80.0, 443.0, 8080.0, 9090.0}[g.IntN(6)]
	case bool:
		return g.IntN(2) == 0
	default:
		return g.scalar()
	}
}

// direct strews directives over a patch.
func (g *generator) direct(object map[string]any, depth int) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		switch v := object[key].(type) {
		case map[string]any:
			switch {
			case g.IntN(4) > 0:
				g.direct(v, depth+1)
			case g.IntN(6) == 0:
				v["$patch"] = []any{"replace", "delete", "merge", 1.0}[g.IntN(4)]
			case g.IntN(6) == 0:
				names := []any{}
				for _, name := range slices.Sorted(maps.Keys(v)) {
					if g.IntN(8) > 0 {
						names = append(names, name)
					}
				}
				v["$retainKeys"] = names
			}
		case []any:
			g.directList(object, key, v, depth)
		}
	}
}

func (g *generator) directList(object map[string]any, key string, list []any, depth int) {
	for i, item := range list {
		if v, ok := item.(map[string]any); ok {
			if g.IntN(5) == 0 {
				v["$patch"] = []any{"delete", "delete", "delete", "replace", "merge", "odd"}[g.IntN(6)]
			} else {
				g.direct(v, depth+1)
			}
			list[i] = v
		}
	}
	if len(list) == 0 {
		return
	}
	if _, ok := list[0].(map[string]any); !ok {
		if g.IntN(3) == 0 {
			object["$deleteFromPrimitiveList/"+key] = []any{list[g.IntN(len(list))], g.scalar()}
			delete(object, key)
		}
		return
	}
	if g.IntN(3) == 0 {
		order := []any{}
		for _, item := range list {
			v, ok := item.(map[string]any)
			if !ok {
				continue
			}
			for _, name := range []string{"name", "containerPort", "port", "mountPath", "topologyKey", "ip", "uid"} {
				if value, ok := v[name]; ok {
					order = append(order, map[string]any{name: value})
					break
				}
			}
		}
		if g.IntN(4) == 0 {
			g.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		object["$setElementOrder/"+key] = order
	}
}
