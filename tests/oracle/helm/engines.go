package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sort"
	"unicode/utf8"

	loader3 "helm.sh/helm/v3/pkg/chart/loader"
	chartutil3 "helm.sh/helm/v3/pkg/chartutil"
	engine3 "helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	loader4 "helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil4 "helm.sh/helm/v4/pkg/chart/v2/util"
	engine4 "helm.sh/helm/v4/pkg/engine"
)

// The template of a case is the chart's notes: rendered like every file, but never read as YAML.
const notes = "templates/NOTES.txt"

// Answer is what one Helm made of a case.
type Answer struct {
	Output string `json:"output,omitempty"`
	// Hex is the output where it is not UTF-8.
	Hex   string `json:"hex,omitempty"`
	Error string `json:"error,omitempty"`
}

// silence drops the warnings about values, which go to the logs of both programs.
func silence() {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	log.SetOutput(io.Discard)
}

// answer renders a case with both programs.
func answer(c *Case, chart map[string]string) {
	files := c.Chart
	if _, whole := files["Chart.yaml"]; !whole {
		files = map[string]string{}
		for name, text := range chart {
			files[name] = text
		}
		for name, text := range c.Chart {
			files[name] = text
		}
	}
	files[notes] = c.Template
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)

	c.Answer = outcome(render4(names, files, c.Values))
	if v3 := outcome(render3(names, files, c.Values)); v3 != c.Answer {
		c.V3 = &v3
	}
}

func outcome(output string, err error) Answer {
	switch {
	case err != nil && utf8.ValidString(err.Error()):
		return Answer{Error: err.Error()}
	case err != nil:
		return Answer{Error: fmt.Sprintf("%q", err.Error())}
	case utf8.ValidString(output):
		return Answer{Output: output}
	}
	return Answer{Hex: hex.EncodeToString([]byte(output))}
}

// copied is a deep copy: rendering changes values in place.
func copied(values map[string]any) map[string]any {
	text, err := json.Marshal(values)
	check(err)
	result := map[string]any{}
	check(json.Unmarshal(text, &result))
	return result
}

func render4(names []string, files map[string]string, user map[string]any) (string, error) {
	var buffered []*archive.BufferedFile
	for _, name := range names {
		buffered = append(buffered, &archive.BufferedFile{Name: name, Data: []byte(files[name])})
	}
	chart, err := loader4.LoadFiles(buffered)
	if err != nil {
		return "", err
	}
	values := copied(user)
	if err := chartutil4.ProcessDependencies(chart, values); err != nil {
		return "", err
	}
	release := common.ReleaseOptions{Name: "rel", Namespace: "space", Revision: 1, IsInstall: true}
	top, err := util.ToRenderValues(chart, values, release, nil)
	if err != nil {
		return "", err
	}
	rendered, err := engine4.Render(chart, top)
	return rendered[chart.Name()+"/"+notes], err
}

func render3(names []string, files map[string]string, user map[string]any) (string, error) {
	var buffered []*loader3.BufferedFile
	for _, name := range names {
		buffered = append(buffered, &loader3.BufferedFile{Name: name, Data: []byte(files[name])})
	}
	chart, err := loader3.LoadFiles(buffered)
	if err != nil {
		return "", err
	}
	values := copied(user)
	if err := chartutil3.ProcessDependenciesWithMerge(chart, values); err != nil {
		return "", err
	}
	release := chartutil3.ReleaseOptions{Name: "rel", Namespace: "space", Revision: 1, IsInstall: true}
	// A released Helm 3 knows the Kubernetes of its libraries; a plain build does not.
	capabilities := chartutil3.DefaultCapabilities.Copy()
	capabilities.KubeVersion = chartutil3.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	top, err := chartutil3.ToRenderValues(chart, values, release, capabilities)
	if err != nil {
		return "", err
	}
	rendered, err := engine3.Render(chart, top)
	return rendered[chart.Name()+"/"+notes], err
}
