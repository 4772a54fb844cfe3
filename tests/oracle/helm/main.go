// Command helm records what Helm 4 and Helm 3 make of our templates and charts.
//
//	go run . record TESTS   answers TESTS/cases and TESTS/charts into TESTS/golden
//	go run . eval           answers cases given as JSON lines on stdin, one line each
//
// A case file holds one template per line, rendered in the chart of cases/chart; "⏎" stands for a
// newline, "#" begins a comment line, and a line may begin with "@{…} ", values merged over the
// chart's. The format of the charts is described in charts.go.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Case is one template and what came of it.
type Case struct {
	// Chart replaces files of the common chart, or is all of it when it has a Chart.yaml.
	Chart    map[string]string `json:"chart,omitempty"`
	Template string            `json:"template"`
	Values   map[string]any    `json:"values,omitempty"`
	Answer
	// V3 is Helm 3's answer where it is another one.
	V3 *Answer `json:"v3,omitempty"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readTree reads a folder into a map from slash-separated paths.
func readTree(root string) map[string]string {
	files := map[string]string{}
	check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	}))
	return files
}

// parse reads a line of a case file.
func parse(line string) Case {
	c := Case{Template: line}
	if strings.HasPrefix(line, "@{") {
		decoder := json.NewDecoder(strings.NewReader(line[1:]))
		check(decoder.Decode(&c.Values))
		c.Template = strings.TrimPrefix(line[1+int(decoder.InputOffset()):], " ")
	}
	c.Template = strings.ReplaceAll(c.Template, "⏎", "\n")
	return c
}

func write(w io.Writer, c *Case) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(c))
}

func recordCases(root string) int {
	chart := readTree(filepath.Join(root, "cases", "chart"))
	files, err := filepath.Glob(filepath.Join(root, "cases", "*.txt"))
	check(err)
	sort.Strings(files)
	total := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		var out bytes.Buffer
		for _, line := range strings.Split(string(text), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			c := parse(line)
			answer(&c, chart)
			write(&out, &c)
			total++
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt") + ".jsonl"
		check(os.WriteFile(filepath.Join(root, "golden", name), out.Bytes(), 0o644))
	}
	return total
}

func main() {
	check(os.Setenv("TZ", "UTC"))
	silence()
	if len(os.Args) == 3 && os.Args[1] == "record" {
		root := os.Args[2]
		cases := recordCases(root)
		charts, runs := recordCharts(root)
		fmt.Printf("%d cases, %d charts, %d runs\n", cases, charts, runs)
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "eval" {
		chart := readTree(filepath.Join(os.Args[2], "cases", "chart"))
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Buffer(nil, 1<<26)
		for scanner.Scan() {
			var c Case
			check(json.Unmarshal(scanner.Bytes(), &c))
			answer(&c, chart)
			write(os.Stdout, &c)
		}
		check(scanner.Err())
		return
	}
	check(fmt.Errorf("usage: helm record TESTS | eval TESTS"))
}
