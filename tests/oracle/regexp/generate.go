package main

import (
	"math/rand/v2"
	"strings"
)

// generator makes patterns of three kinds (well formed; a few edits away from that; tokens in any
// order), with texts that have a chance to match and templates of all sorts.
type generator struct {
	*rand.Rand
	// narrow makes patterns and texts of two letters, in which groups, repetitions and empty
	// matches meet more often.
	narrow bool
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
}

var (
	characters = []string{"a", "b", "c", "A", "B", "k", "K", "s", "S", "ſ", "K", "é", "É", "σ", "ς", "Σ", "ǅ", "1", "0", "_", "-", " ", "\n", "\t", "日", "😀", "�", "\x00", "{", "}", "]", ",", ":", "&", "~", "<", ">", "=", "!", "#", "/"}
	quoted     = []string{`\.`, `\\`, `\[`, `\]`, `\(`, `\)`, `\*`, `\+`, `\?`, `\{`, `\}`, `\|`, `\^`, `\$`, `\-`, `\_`, `\<`, `\>`, `\ `, `\#`, `\n`, `\t`, `\r`, `\f`, `\v`, `\a`, `\0`, `\141`, `\08`, `\12`, `\x41`, `\x{e9}`, `\x{1F600}`, `\x{D800}`, `\Qa.b*\E`, `\Q\E`, `\Q[k`}
	classes    = []string{`\d`, `\D`, `\s`, `\S`, `\w`, `\W`, `\pL`, `\pl`, `\PL`, `\p{Lu}`, `\p{^Lu}`, `\P{^Greek}`, `\p{greek}`, `\p{Any}`, `\P{Any}`, `\p{ASCII}`, `\P{Ascii}`, `\p{Assigned}`, `\p{Letter}`, `\p{LC}`, `\pN`, `\pZ`, `\pC`, `\p{Cn}`, `\p{Han}`, `\p{Common}`, `\p{Inherited}`, `\p{Mn}`, `\p{Lt}`}
	posix      = []string{"[:alpha:]", "[:^alpha:]", "[:word:]", "[:^word:]", "[:digit:]", "[:space:]", "[:punct:]", "[:ascii:]", "[:^ascii:]", "[:upper:]", "[:lower:]", "[:xdigit:]", "[:cntrl:]", "[:graph:]", "[:print:]", "[:blank:]", "[:alnum:]"}
	assertions = []string{"^", "$", `\A`, `\z`, `\b`, `\B`}
	repeats    = []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{0,}", "{1,}", "{2,}", "{0,1}", "{0,2}", "{1,3}", "{2,3}?", "{0,3}?", "{1}?", "{,2}", "{2,1}", "{1001}", "{01}", "{1", "{x}"}
	flags      = []string{"i", "s", "m", "U", "-i", "-s", "-m", "-U", "is", "im-s", "i-U", "sU", "", "i-", "-", "--i", "x", "iP"}
	names      = []string{"a", "b", "name", "n1", "1", "_x", "A"}
	soup       = []string{"(", ")", "[", "]", "[^", "(?", "(?:", "(?i)", "(?i:", "(?P<a>", "(?<b>", "(?P<", "(?<>", "(?P=a)", "(?=", "(?!", "(?<=", "(?#", "|", "||", ".", `\`, `\8`, `\1`, `\x`, `\x{`, `\x{110000}`, `\xg`, `\C`, `\Z`, `\G`, `\E`, `\Q`, `\p`, `\p{`, `\p{Nope}`, `\pX`, `\p{Old_Italic}`, `\é`, `\k`, `[:alpha:]`, `[:nope:]`, `[[:nope:]]`, `[b-a]`, `[a-\d]`, `[\d-z]`, `[]a]`, `[^]a]`, `[]`, `[a`, `[--a]`, `[a-`, `[a&&b]`, `[a~~b]`, `[[a]b]`, `**`, `a**`, `(*`, `{`, `{2}{3}`, "(?P<n>", "(?U)", "(?s)", "(?m)", "\\x4", "\\777"}
	templates  = []string{"", "-", "$0", "$1", "${1}", "$1x", "${1}x", "$name", "${name}", "$a$b", "$$", "$$1", "$", "$ ", "${", "${1", "${}", "${a b}", "$01", "$10", "$2", "$_x", "é$1é", "$1é", "$n1-", "<$0>", "$A", "$999999999", "$1000000000"}
)

func pick(g *generator, from []string) string { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) next() testCase {
	var pattern string
	g.narrow = g.chance(30)
	switch kind := g.IntN(10); {
	case kind < 6:
		pattern = g.alternation(3)
	case kind < 8:
		pattern = g.edit(g.alternation(2))
	default:
		pattern = g.tokens()
	}
	c := testCase{Pattern: pattern}
	for range 3 {
		c.Texts = append(c.Texts, g.text())
	}
	if g.chance(25) {
		c.Texts = append(c.Texts, "")
	}
	c.Templates = append(c.Templates, text(g.template()), text(g.template()))
	return c
}

func (g *generator) alternation(depth int) string {
	branches := []string{g.sequence(depth)}
	for g.chance(25) && len(branches) < 4 {
		branches = append(branches, g.sequence(depth))
	}
	return strings.Join(branches, "|")
}

func (g *generator) sequence(depth int) string {
	var out strings.Builder
	for range g.IntN(5) {
		out.WriteString(g.piece(depth))
		switch {
		case g.chance(30):
			// The first entries are the ones that are well formed.
			out.WriteString(repeats[g.IntN(17)])
		case g.chance(1):
			out.WriteString(pick(g, repeats))
		}
	}
	return out.String()
}

func (g *generator) piece(depth int) string {
	switch kind := g.IntN(20); {
	case g.narrow && depth > 0 && kind < 12:
	case g.narrow && kind < 18:
		return pick(g, []string{"a", "b", "a", "b", "b", ".", "(?:)", "()", "^", "$", `\b`, `\B`})
	case kind < 7:
		return pick(g, characters)
	case kind < 8:
		return pick(g, quoted)
	case kind < 9:
		return pick(g, classes)
	case kind < 11:
		return pick(g, assertions)
	case kind < 12:
		return "."
	case kind < 14:
		return g.class()
	case kind < 15:
		return "(?" + flags[g.IntN(13)] + ")"
	case depth == 0:
		return "a"
	}
	inner := g.alternation(depth - 1)
	switch g.IntN(6) {
	case 0:
		return "(?:" + inner + ")"
	case 1:
		return "(?" + flags[g.IntN(13)] + ":" + inner + ")"
	case 2:
		return "(?P<" + pick(g, names) + ">" + inner + ")"
	case 3:
		return "(?<" + pick(g, names) + ">" + inner + ")"
	}
	return "(" + inner + ")"
}

func (g *generator) class() string {
	var out strings.Builder
	out.WriteString("[")
	if g.chance(35) {
		out.WriteString("^")
	}
	for i := range 1 + g.IntN(4) {
		switch kind := g.IntN(10); {
		case kind < 3:
			out.WriteString([]string{"a-c", "A-Z", "a-z", "0-9", "k-s", "α-ω", "!-/", `\x00-\x1f`, `\x{80}-\x{10FFFF}`, "À-ÿ", `\x{d000}-\x{e000}`, `+--`, "Z-a"}[g.IntN(13)])
		case kind < 4:
			out.WriteString(pick(g, classes))
		case kind < 5:
			out.WriteString(pick(g, posix))
		case kind < 6:
			out.WriteString(pick(g, quoted))
		default:
			if c := pick(g, characters); c != "]" || i == 0 {
				out.WriteString(c)
			}
		}
	}
	out.WriteString("]")
	return out.String()
}

func (g *generator) edit(pattern string) string {
	runes := []rune(pattern)
	for range 1 + g.IntN(3) {
		at := g.IntN(len(runes) + 1)
		switch g.IntN(3) {
		case 0:
			if at < len(runes) {
				runes = append(runes[:at:at], runes[at+1:]...)
			}
		case 1:
			insert := []rune(pick(g, [][]string{soup, repeats, characters}[g.IntN(3)]))
			runes = append(runes[:at:at], append(insert, runes[at:]...)...)
		default:
			if at < len(runes) {
				other := g.IntN(len(runes))
				runes[at], runes[other] = runes[other], runes[at]
			}
		}
	}
	return string(runes)
}

func (g *generator) tokens() string {
	var out strings.Builder
	for range 1 + g.IntN(7) {
		switch g.IntN(6) {
		case 0, 1:
			out.WriteString(pick(g, soup))
		case 2:
			out.WriteString(pick(g, repeats))
		case 3:
			out.WriteString(pick(g, quoted))
		case 4:
			out.WriteString("(?" + pick(g, flags) + pick(g, []string{")", ":", ""}))
		default:
			out.WriteString(pick(g, characters))
		}
	}
	return out.String()
}

func (g *generator) text() text {
	var out strings.Builder
	for range g.IntN(9) {
		if g.narrow {
			out.WriteString(pick(g, []string{"a", "b", "a", "b", "a", " "}))
			continue
		}
		switch g.IntN(12) {
		case 0:
			out.WriteString(pick(g, []string{"\xff", "\xe2\x82", "\xc3", "\xf0\x9f\x98", "\xed\xa0\x80", "\x80"}))
		case 1, 2, 3:
			out.WriteString(pick(g, characters))
		case 4:
			out.WriteString(pick(g, []string{"aaa", "abab", "a b", "ab\nab", "KkK", "α", "Ab1_", "a.b*"}))
		default:
			out.WriteString(characters[g.IntN(10)])
		}
	}
	return text(out.String())
}

func (g *generator) template() string {
	out := pick(g, templates)
	if g.chance(40) {
		out += pick(g, templates)
	}
	return out
}
