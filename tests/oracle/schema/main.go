// Command schema records what jsonschema v6 says of values, for the crate renga-helm.
//
//	go run ./schema < CASES
//
// A case is {"schema", "values", "files"}, one a line: the text of values.schema.json, the values,
// and the texts of the files the schema may refer to, by path. The answer adds "lines": what Helm
// would print of the chart, in byte order, for the library walks maps and prints in random order.
// A case whose lines themselves depend on chance is refused.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

type testCase struct {
	Schema string            `json:"schema"`
	Values json.RawMessage   `json:"values"`
	Files  map[string]string `json:"files,omitempty"`
	Lines  []string          `json:"lines"`
}

const address = "file:///values.schema.json"

// runs is how often a case is judged before its answer counts as certain.
const runs = 24

// fileLoader reads the files of a case, and fails as the file system would.
type fileLoader map[string]string

func (files fileLoader) Load(url string) (any, error) {
	path, err := jsonschema.FileLoader{}.ToFile(url)
	if err != nil {
		return nil, err
	}
	text, ok := files[path]
	if !ok {
		return nil, fmt.Errorf("open %s: no such file or directory", path)
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(text))
}

// urnLoader allows everything, as Helm's does for references it cannot resolve.
type urnLoader struct{}

func (urnLoader) Load(string) (any, error) { return true, nil }

func judge(c testCase) (text string) {
	defer func() {
		if problem := recover(); problem != nil {
			text = fmt.Sprintf("unable to validate schema: %s", problem)
		}
	}()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(c.Schema))
	if err != nil {
		return err.Error()
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{"file": fileLoader(c.Files), "urn": urnLoader{}})
	if err := compiler.AddResource(address, document); err != nil {
		return err.Error()
	}
	schema, err := compiler.Compile(address)
	if err != nil {
		return err.Error()
	}
	// Helm's values hold floats.
	var values map[string]any
	if err := json.Unmarshal(c.Values, &values); err != nil {
		log.Fatal(err)
	}
	if err := schema.Validate(values); err != nil {
		return strings.TrimPrefix(err.Error(), "jsonschema validation failed with '"+address+"#'\n") + "\n"
	}
	return ""
}

// ordered puts the lines, and the names within a line of additional properties, in byte order.
func ordered(text string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		before, rest, found := strings.Cut(line, ": additional properties ")
		names, after, closed := strings.Cut(rest, " not allowed")
		if found && closed {
			list := strings.Split(names, ", ")
			slices.Sort(list)
			lines[i] = before + ": additional properties " + strings.Join(list, ", ") + " not allowed" + after
		}
	}
	slices.Sort(lines)
	return lines
}

func main() {
	log.SetFlags(0)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	cases := bufio.NewScanner(os.Stdin)
	cases.Buffer(nil, 16<<20)
	for cases.Scan() {
		var c testCase
		if err := json.Unmarshal(cases.Bytes(), &c); err != nil {
			log.Fatal(err)
		}
		c.Lines = ordered(judge(c))
		for range runs {
			if again := ordered(judge(c)); !slices.Equal(again, c.Lines) {
				log.Fatalf("the answer to %s depends on chance:\n%q\n%q", c.Schema, c.Lines, again)
			}
		}
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(c); err != nil {
			log.Fatal(err)
		}
		out.Write(line.Bytes())
	}
	if err := cases.Err(); err != nil {
		log.Fatal(err)
	}
}
