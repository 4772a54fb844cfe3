package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// A chart file holds a tree in one text:
//
//	# any comment before the first entry
//	$ template rel chart -f more.yaml        a run: the words after "helm"
//	==> chart/Chart.yaml                     a file and, up to the next entry, its text
//	==> chart/charts/sub.tgz!sub/Chart.yaml  a file in an archive
//	==> chart/a -> b                         a symbolic link
//	==> chart/empty.yaml (no newline)        a file without its last newline
//
// The golden has one part per run and program: the exit status, what stdout held, and from stderr
// the error. Warnings are not compared.

type entry struct{ name, link, text string }

type chartFile struct {
	runs    []string
	entries []entry
}

func parseChart(text string) chartFile {
	var c chartFile
	var bare []bool
	for _, line := range strings.SplitAfter(text, "\n") {
		if name, ok := strings.CutPrefix(line, "==> "); ok {
			name = strings.TrimSuffix(name, "\n")
			name, noNewline := strings.CutSuffix(name, " (no newline)")
			name, link, _ := strings.Cut(name, " -> ")
			c.entries = append(c.entries, entry{name: name, link: link})
			bare = append(bare, noNewline)
			continue
		}
		if n := len(c.entries); n > 0 {
			c.entries[n-1].text += line
		} else if run, ok := strings.CutPrefix(line, "$ "); ok {
			c.runs = append(c.runs, strings.TrimSuffix(run, "\n"))
		}
	}
	for i := range c.entries {
		if bare[i] {
			c.entries[i].text = strings.TrimSuffix(c.entries[i].text, "\n")
		}
	}
	return c
}

func (c chartFile) unpack(root string) {
	archives := map[string][]entry{}
	for _, e := range c.entries {
		if outer, inner, ok := strings.Cut(e.name, "!"); ok {
			archives[outer] = append(archives[outer], entry{name: inner, text: e.text})
			continue
		}
		path := filepath.Join(root, filepath.FromSlash(e.name))
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		if e.link != "" {
			check(os.Symlink(e.link, path))
		} else {
			check(os.WriteFile(path, []byte(e.text), 0o644))
		}
	}
	for name, entries := range archives {
		var out bytes.Buffer
		zip := gzip.NewWriter(&out)
		writer := tar.NewWriter(zip)
		for _, e := range entries {
			check(writer.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text))}))
			_, err := writer.Write([]byte(e.text))
			check(err)
		}
		check(writer.Close())
		check(zip.Close())
		path := filepath.Join(root, filepath.FromSlash(name))
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, out.Bytes(), 0o644))
	}
}

// words splits a run at spaces; single quotes keep them.
func words(run string) []string {
	var result []string
	var word strings.Builder
	begun, quoted := false, false
	for _, r := range run + " " {
		switch {
		case r == '\'':
			begun, quoted = true, !quoted
		case r == ' ' && !quoted:
			if begun {
				result = append(result, word.String())
			}
			begun = false
			word.Reset()
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	return result
}

// programs builds both Helms; the second as its releases are, which know their Kubernetes.
func programs(folder string) [2]string {
	build := func(name, version string, flags ...string) string {
		binary := filepath.Join(folder, name)
		args := append([]string{"build"}, flags...)
		command := exec.Command("go", append(args, "-o", binary, "helm.sh/helm/"+version+"/cmd/helm")...)
		command.Stderr = os.Stderr
		check(command.Run())
		return binary
	}
	minor := "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37"
	return [2]string{build("helm4", "v4"), build("helm3", "v3", "-ldflags", minor)}
}

// execute runs one program in a fresh copy of the tree and words what it did.
func execute(binary string, c chartFile, run string) string {
	root, err := os.MkdirTemp("", "chart")
	check(err)
	defer os.RemoveAll(root)
	c.unpack(root)
	command := exec.Command(binary, words(run)...)
	command.Dir = root
	command.Env = []string{"HOME=" + filepath.Join(root, ".home"), "PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	status := 0
	if err := command.Run(); err != nil {
		status = command.ProcessState.ExitCode()
	}
	result := fmt.Sprintf("exit %d\n", status)
	if stdout.Len() > 0 {
		result += "--- stdout\n" + strings.ReplaceAll(stdout.String(), root, "[ROOT]")
	}
	if status != 0 {
		text := "\n" + stderr.String()
		if at := strings.Index(text, "\nError: "); at >= 0 {
			text = text[at+1:]
		}
		result += "--- stderr\n" + strings.ReplaceAll(text, root, "[ROOT]")
	}
	return result
}

func recordCharts(root string) (charts, runs int) {
	files, err := filepath.Glob(filepath.Join(root, "charts", "*.txt"))
	check(err)
	sort.Strings(files)
	folder, err := os.MkdirTemp("", "helm")
	check(err)
	defer os.RemoveAll(folder)
	binaries := programs(folder)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		c := parseChart(string(text))
		var out strings.Builder
		for _, run := range c.runs {
			four, three := execute(binaries[0], c, run), execute(binaries[1], c, run)
			if four == three {
				fmt.Fprintf(&out, "$ %s\n=== v4 v3\n%s", run, four)
			} else {
				fmt.Fprintf(&out, "$ %s\n=== v4\n%s=== v3\n%s", run, four, three)
			}
			runs++
		}
		check(os.WriteFile(filepath.Join(root, "golden", "charts", filepath.Base(file)), []byte(out.String()), 0o644))
		charts++
	}
	return charts, runs
}
