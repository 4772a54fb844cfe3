// Records what the Go YAML libraries write and read, for the goldens of the
// crate renga-yaml. Inputs and outputs are JSON lines.
//
// One command, run in tests/oracle, records everything:
//
//	go run ./yaml record yaml ../../crates/renga-yaml/tests/golden
//
// It reads yaml/values.jsonl (one value a line) and yaml/documents.jsonl (one
// text a line: a JSON string, or {"base64": "…"} for bytes that are not UTF-8)
// and writes writer.jsonl and reader.jsonl into the second folder.
//
// `go run ./yaml values` and `go run ./yaml documents` do the same from
// standard input to standard output, for comparisons with generated input.
//
// Inputs whose output depends on Go's random order of map entries have no place
// in these files (keys that version 2 orders in a circle, `1` beside `1.0`).
//
// Numbers in a value are floats if they are written with a point or an
// exponent, and integers otherwise.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	yamlv3next "go.yaml.in/yaml/v3"
	yamlv2 "gopkg.in/yaml.v2"
	yamlv3 "gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"
)

func main() {
	log.SetFlags(0)
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 3 && args[0] == "record":
		err = record(args[1], args[2])
	case len(args) == 1 && args[0] == "values":
		err = eachLine(os.Stdin, os.Stdout, writeValue)
	case len(args) == 1 && args[0] == "documents":
		err = eachLine(os.Stdin, os.Stdout, readText)
	default:
		err = errors.New("usage: yaml record INPUTS GOLDENS | values | documents")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func record(inputs, goldens string) error {
	for _, job := range []struct {
		from, to string
		run      func([]byte) (any, error)
	}{
		{"values.jsonl", "writer.jsonl", writeValue},
		{"documents.jsonl", "reader.jsonl", readText},
	} {
		in, err := os.Open(filepath.Join(inputs, job.from))
		if err != nil {
			return err
		}
		defer in.Close()
		var out bytes.Buffer
		if err := eachLine(in, &out, job.run); err != nil {
			return fmt.Errorf("%s: %w", job.from, err)
		}
		if err := os.WriteFile(filepath.Join(goldens, job.to), out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func eachLine(in io.Reader, out io.Writer, run func([]byte) (any, error)) error {
	reader := bufio.NewReader(in)
	writer := bufio.NewWriter(out)
	defer writer.Flush()
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, err := reader.ReadBytes('\n')
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			result, err := run(trimmed)
			if err != nil {
				return fmt.Errorf("%.80s: %w", trimmed, err)
			}
			if err := encoder.Encode(result); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Outcome is a result or the text of an error.
type Outcome struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

func attempt(run func() (any, error)) (outcome Outcome) {
	defer func() {
		if failure := recover(); failure != nil {
			outcome = Outcome{Error: fmt.Sprint("panic: ", failure)}
		}
	}()
	value, err := run()
	if err != nil {
		return Outcome{Error: err.Error()}
	}
	return Outcome{Value: value}
}

// Writing.

type written struct {
	Input     json.RawMessage `json:"input"`
	V2        string          `json:"v2"`
	V3        string          `json:"v3"`
	V3Indent2 string          `json:"v3indent2"`
	Sigs      Outcome         `json:"sigs"`
}

func writeValue(line []byte) (any, error) {
	value, err := decodeTyped(line)
	if err != nil {
		return nil, err
	}
	v2, err := yamlv2.Marshal(value)
	if err != nil {
		return nil, err
	}
	v3, err := yamlv3.Marshal(value)
	if err != nil {
		return nil, err
	}
	var pretty bytes.Buffer
	encoder := yamlv3next.NewEncoder(&pretty)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	viaJSON := attempt(func() (any, error) {
		text, err := sigs.Marshal(value)
		return string(text), err
	})
	return written{line, string(v2), string(v3), pretty.String(), viaJSON}, nil
}

func decodeTyped(line []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return typed(value)
}

func typed(value any) (any, error) {
	var err error
	switch value := value.(type) {
	case json.Number:
		text := value.String()
		if strings.ContainsAny(text, ".eE") {
			return strconv.ParseFloat(text, 64)
		}
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number, nil
		}
		return strconv.ParseUint(text, 10, 64)
	case []any:
		for i := range value {
			if value[i], err = typed(value[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range value {
			if value[key], err = typed(value[key]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// Reading.

type read struct {
	Input    json.RawMessage `json:"input"`
	V2       Outcome         `json:"v2"`
	V2Strict Outcome         `json:"v2strict"`
	V2All    Outcome         `json:"v2all"`
	V3       Outcome         `json:"v3"`
	V3All    Outcome         `json:"v3all"`
	Sigs     Outcome         `json:"sigs"`
}

func readText(line []byte) (any, error) {
	text, err := inputText(line)
	if err != nil {
		return nil, err
	}
	return read{
		Input: line,
		V2: attempt(func() (any, error) {
			return raw(sigs.YAMLToJSON(text))
		}),
		V2Strict: attempt(func() (any, error) {
			return raw(sigs.YAMLToJSONStrict(text))
		}),
		V2All: attempt(func() (any, error) {
			return all(yamlv2.NewDecoder(bytes.NewReader(text)).Decode, stringKeys)
		}),
		V3: attempt(func() (any, error) {
			var value any
			if err := yamlv3.Unmarshal(text, &value); err != nil {
				return nil, err
			}
			return raw(json.Marshal(value))
		}),
		V3All: attempt(func() (any, error) {
			return all(yamlv3.NewDecoder(bytes.NewReader(text)).Decode, unchanged)
		}),
		Sigs: attempt(func() (any, error) {
			var value any
			if err := sigs.Unmarshal(text, &value); err != nil {
				return nil, err
			}
			return value, nil
		}),
	}, nil
}

func inputText(line []byte) ([]byte, error) {
	var text string
	if err := json.Unmarshal(line, &text); err == nil {
		return []byte(text), nil
	}
	var encoded struct{ Base64 string }
	if err := json.Unmarshal(line, &encoded); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(encoded.Base64)
}

func raw(text []byte, err error) (any, error) {
	return json.RawMessage(text), err
}

// all reads documents until the end.
func all(decode func(any) error, convert func(any) (any, error)) (any, error) {
	documents := []json.RawMessage{}
	for {
		var value any
		if err := decode(&value); err == io.EOF {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		value, err := convert(value)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		documents = append(documents, text)
	}
}

func unchanged(value any) (any, error) { return value, nil }

// stringKeys spells the keys of version 2 as sigs.k8s.io/yaml does, which
// exports that step for single documents only.
func stringKeys(value any) (any, error) {
	switch value := value.(type) {
	case []any:
		converted := make([]any, len(value))
		for i, item := range value {
			item, err := stringKeys(item)
			if err != nil {
				return nil, err
			}
			converted[i] = item
		}
		return converted, nil
	case map[any]any:
		converted := make(map[string]any, len(value))
		for key, item := range value {
			original := item
			item, err := stringKeys(item)
			if err != nil {
				return nil, err
			}
			switch key := key.(type) {
			case string:
				converted[key] = item
			case int, bool:
				converted[fmt.Sprint(key)] = item
			case float64:
				text := strconv.FormatFloat(key, 'g', -1, 32)
				if special, ok := specialFloats[text]; ok {
					text = special
				}
				converted[text] = item
			default:
				return nil, fmt.Errorf("unsupported map key of type: %s, key: %+#v, value: %+#v",
					reflect.TypeOf(key), key, original)
			}
		}
		return converted, nil
	}
	return value, nil
}

var specialFloats = map[string]string{"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}
