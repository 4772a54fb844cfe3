package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// writeTables writes the classes that \p{…} can name and the folding orbits, after checking the
// laws that the reader of these files relies on.
func writeTables(dir string) {
	checkLaws()

	var classes strings.Builder
	fmt.Fprintf(&classes, "# Unicode %s as in Go's package unicode: name, then ranges low-high/stride.\n", unicode.Version)
	for _, name := range sortedKeys(unicode.Categories) {
		if len(name) == 2 && name != "LC" && name != "Cn" {
			writeTable(&classes, name, unicode.Categories[name])
		}
	}
	for _, name := range sortedKeys(unicode.Scripts) {
		// Go 1.25 looks names up without underscores, and so no longer finds some of its scripts.
		if _, err := regexp.Compile(`\p{` + name + `}`); err == nil {
			writeTable(&classes, name, unicode.Scripts[name])
		}
	}
	check(os.WriteFile(filepath.Join(dir, "classes.txt"), []byte(classes.String()), 0o644))

	var aliases strings.Builder
	fmt.Fprintf(&aliases, "# Unicode %s: long names of categories.\n", unicode.Version)
	for _, name := range sortedKeys(unicode.CategoryAliases) {
		fmt.Fprintf(&aliases, "%s %s\n", name, unicode.CategoryAliases[name])
	}
	check(os.WriteFile(filepath.Join(dir, "aliases.txt"), []byte(aliases.String()), 0o644))

	var orbits strings.Builder
	fmt.Fprintf(&orbits, "# Unicode %s: characters that are equal under simple case folding.\n", unicode.Version)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		orbit := []string{fmt.Sprintf("%x", r)}
		for other := unicode.SimpleFold(r); other != r && orbit != nil; other = unicode.SimpleFold(other) {
			if other < r {
				orbit = nil
				break
			}
			orbit = append(orbit, fmt.Sprintf("%x", other))
		}
		if len(orbit) > 1 {
			fmt.Fprintln(&orbits, strings.Join(orbit, " "))
		}
	}
	check(os.WriteFile(filepath.Join(dir, "orbits.txt"), []byte(orbits.String()), 0o644))
}

func writeTable(out *strings.Builder, name string, table *unicode.RangeTable) {
	out.WriteString(name)
	add := func(lo, hi, stride uint32) {
		switch {
		case lo == hi:
			fmt.Fprintf(out, " %x", lo)
		case stride == 1:
			fmt.Fprintf(out, " %x-%x", lo, hi)
		default:
			fmt.Fprintf(out, " %x-%x/%x", lo, hi, stride)
		}
	}
	for _, r := range table.R16 {
		add(uint32(r.Lo), uint32(r.Hi), uint32(r.Stride))
	}
	for _, r := range table.R32 {
		add(r.Lo, r.Hi, r.Stride)
	}
	out.WriteString("\n")
}

// checkLaws stops the program unless, in this Go: a category of one letter is the union of those
// that begin with it, LC is Lu, Ll and Lt, Cn is what is in no other category, and the fold tables
// hold what simple folding adds (but there is none for LC).
func checkLaws() {
	union := func(r rune, member func(name string) bool) bool {
		for name, table := range unicode.Categories {
			if len(name) == 2 && name != "LC" && member(name) && unicode.Is(table, r) {
				return true
			}
		}
		return false
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for name, table := range unicode.Categories {
			expected := unicode.Is(table, r)
			switch {
			case len(name) == 1:
				expected = union(r, func(other string) bool { return other[0] == name[0] })
			case name == "LC":
				expected = unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt)
			case name == "Cn":
				expected = !union(r, func(other string) bool { return other != "Cn" })
			}
			if expected != unicode.Is(table, r) {
				log.Fatalf("category %s does not follow its law at %U", name, r)
			}
		}
		for name, table := range unicode.Categories {
			if name != "LC" {
				checkFold(name, r, table, unicode.FoldCategory[name])
			}
		}
		for name, table := range unicode.Scripts {
			checkFold(name, r, table, unicode.FoldScript[name])
		}
	}
	if unicode.FoldCategory["LC"] != nil {
		log.Fatal("LC has a fold table now")
	}
}

func checkFold(name string, r rune, table, fold *unicode.RangeTable) {
	if fold == nil && unicode.SimpleFold(r) == r {
		return
	}
	folded := unicode.Is(table, r)
	recorded := folded || fold != nil && unicode.Is(fold, r)
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		folded = folded || unicode.Is(table, other)
	}
	if folded != recorded {
		log.Fatalf("folding of %s does not follow its law at %U", name, r)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
