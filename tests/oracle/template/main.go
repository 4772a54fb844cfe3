// Command template records what Go's text/template and Sprig make of our test cases.
//
//	go run ./template record   reads crates/renga-gotemplate/tests/cases, writes tests/golden
//	go run ./template eval     reads cases as JSON lines, writes them back with their results
//	go run ./template fuzz N SEED   writes N random cases with their results
//
// A case file holds one template per line; "⏎" stands for a newline, "#" begins a comment line,
// and a line may begin with "@zero " or "@error " to choose the missingkey option.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// Case is one template and what came of it.
type Case struct {
	Template string `json:"template"`
	Option   string `json:"option,omitempty"`
	Output   string `json:"output,omitempty"`
	Hex      string `json:"hex,omitempty"`
	Error    string `json:"error,omitempty"`
}

// named is the type of tk's manifests: a defined map type.
type named map[string]interface{}

func run(c *Case, data []byte) {
	var root map[string]interface{}
	if err := json.Unmarshal(data, &root); err != nil {
		fail(err)
	}
	root["named"] = named{"a": "x"}
	t := template.New("t").Funcs(sprig.TxtFuncMap())
	if c.Option != "" {
		t = t.Option("missingkey=" + c.Option)
	}
	var out bytes.Buffer
	t, err := t.Parse(c.Template)
	if err == nil {
		err = func() (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("PANIC %v", r)
				}
			}()
			return t.Execute(&out, root)
		}()
	}
	if err != nil {
		c.Error = err.Error()
	}
	if utf8.Valid(out.Bytes()) {
		c.Output = out.String()
	} else {
		c.Hex = hex.EncodeToString(out.Bytes())
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func write(w io.Writer, c *Case) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		fail(err)
	}
}

func record(data []byte, root string) {
	files, err := filepath.Glob(filepath.Join(root, "cases", "*.txt"))
	if err != nil {
		fail(err)
	}
	sort.Strings(files)
	total := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			fail(err)
		}
		var out bytes.Buffer
		for _, line := range strings.Split(string(text), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			c := Case{}
			for _, option := range []string{"zero", "error"} {
				if rest, ok := strings.CutPrefix(line, "@"+option+" "); ok {
					c.Option, line = option, rest
				}
			}
			c.Template = strings.ReplaceAll(line, "⏎", "\n")
			run(&c, data)
			write(&out, &c)
			total++
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt") + ".jsonl"
		if err := os.WriteFile(filepath.Join(root, "golden", name), out.Bytes(), 0o644); err != nil {
			fail(err)
		}
	}
	fmt.Println(total, "cases")
}

func main() {
	root := "../../crates/renga-gotemplate/tests"
	// The local zone of every machine, as far as templates can see.
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fail(err)
	}
	time.Local = berlin
	data, err := os.ReadFile(filepath.Join(root, "cases", "data.json"))
	if err != nil {
		fail(err)
	}
	mode := "record"
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	switch mode {
	case "record":
		record(data, root)
	case "eval":
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Buffer(nil, 1<<24)
		for scanner.Scan() {
			var c Case
			if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
				fail(err)
			}
			run(&c, data)
			write(out, &c)
		}
	case "fuzz":
		n, _ := strconv.Atoi(os.Args[2])
		seed, _ := strconv.ParseInt(os.Args[3], 10, 64)
		fuzz(n, seed, func(c *Case) {
			// Some templates never end in Go; give up on the rest of the seed.
			watchdog := time.AfterFunc(3*time.Second, func() {
				fail(fmt.Errorf("no end in sight: %s", c.Template))
			})
			run(c, data)
			watchdog.Stop()
			write(out, c)
			out.Flush()
		})
	default:
		fail(fmt.Errorf("unknown mode %q", mode))
	}
}
