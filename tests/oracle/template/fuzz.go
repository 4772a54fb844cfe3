package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// generator writes random templates that mostly parse.
type generator struct {
	*rand.Rand
	vars  []string
	loops int
	defs  int
}

func pick[T any](g *generator, items ...T) T { return items[g.Intn(len(items))] }

var fields = []string{
	"str", "empty", "uni", "quoted", "lines", "num", "neg", "zero", "float", "big", "million", "tiny", "huge", "t", "f",
	"nil", "list", "nums", "mixed", "none", "nested", "map", "nomap", "nilmap", "users", "metadata", "numstr", "floatstr",
	"semver", "nope", "named", "map.a", "map.c", "map.c.d", "nilmap.n", "metadata.labels", "metadata.name.x", "named.a",
}

// signatures gives for each function a word per argument: s string, i int, f float, a any, d dict, l list, b bool, * more of the last.
var signatures = strings.Fields(`
and:a* or:a* not:a len:a index:aa index:da index:li eq:aa eq:aa* ne:aa lt:aa le:aa gt:aa ge:aa print:a* println:a* html:a* js:a*
urlquery:a* printf:p* printf:p* printf:p* hello: trim:s trimAll:ss trimall:ss trimPrefix:ss trimSuffix:ss upper:s lower:s title:s
untitle:s swapcase:s repeat:is substr:iis trunc:is abbrev:is abbrevboth:iis nospace:s initials:s snakecase:s kebabcase:s
camelcase:s wrap:is wrapWith:iss contains:ss hasPrefix:ss hasSuffix:ss quote:a* squote:a* cat:a* indent:is nindent:is
replace:sss plural:ssi toString:a splitList:ss split:ss splitn:sis join:sa join:sl sortAlpha:a toStrings:a atoi:s int:a int64:a
float64:a toDecimal:a add1:a add:a* sub:aa div:aa mod:aa mul:a* max:a* min:a* maxf:a* minf:a* ceil:a floor:a round:ai round:aif
add1f:a addf:a* subf:a* mulf:a* divf:a* until:i untilStep:iii seq:i* list:a* tuple:a* append:la prepend:la first:l last:l rest:l
initial:l reverse:l compact:l uniq:l without:la* has:al slice:lii slice:li concat:l* chunk:il dict:sa dict:sasa get:ds set:dsc
unset:ds hasKey:ds pluck:sd* keys:d values:d pick:ds* omit:ds* merge:mm* mergeOverwrite:mm* deepCopy:a dig:ssad dig:sad
default:aa empty:a coalesce:a* all:a* any:a* ternary:aab typeOf:a typeIs:sa typeIsLike:sa kindOf:a kindIs:sa deepEqual:aa
toJson:a toPrettyJson:a toRawJson:a mustToJson:a fromJson:s mustFromJson:s b64enc:s b64dec:s b32enc:s b32dec:s sha1sum:s
sha256sum:s adler32sum:s base:s dir:s clean:s ext:s isAbs:s osBase:s osDir:s osClean:s regexMatch:ss regexFind:ss
regexFindAll:ssi regexReplaceAll:sss regexReplaceAllLiteral:sss regexSplit:ssi regexQuoteMeta:s urlParse:s urlJoin:d semver:s
semverCompare:ss fail:s`)

func (g *generator) str() string {
	words := []string{
		"", "a", "hello", "Hello World", "fooBar", "HTTPServer2", "a-b_c d", "v1.2.3", "1.2.x", ">=1.0 <2", "^1.2", "x1y2Z3", "  pad ", "é€😀",
		"a,b,c", "12", "-3.5", "0x1F", "1e3", "true", "{\"a\":[1,2]}", "aGk=", "/a/b/../c.txt", "http://u:p@h:80/p?q#f", "a\\n\\tb",
		"[a-z]+", "(\\\\d+)-(x)", "$1x", "\\\\w*", "a|b", "string", "int", "map", "\\xff", "\\u200b", "_0", "k", "name", "%d %s", "\\\"q\\\"", "/",
		"ÀÉ straße", "K8sThing", "system:aggregate-to-admin", "a  b", "::", "1.2.3-alpha.1", "99999999999999999999", "ab=c", "\\x00",
	}
	s := words[g.Intn(len(words))]
	if g.Intn(4) == 0 {
		s += words[g.Intn(len(words))]
	}
	return "\"" + s + "\""
}

func (g *generator) format() string {
	var b strings.Builder
	b.WriteByte('"')
	for n := 1 + g.Intn(3); n > 0; n-- {
		b.WriteString(pick(g, "", "x", "é ", ":"))
		b.WriteByte('%')
		for g.Intn(3) == 0 {
			b.WriteByte(pick(g, []byte("+-# 0")...))
		}
		if g.Intn(12) == 0 {
			fmt.Fprintf(&b, "[%d]", g.Intn(4))
		}
		switch g.Intn(6) {
		case 0:
			fmt.Fprintf(&b, "%d", g.Intn(15))
		case 1:
			if g.Intn(3) == 0 {
				b.WriteByte('*')
			}
		}
		switch g.Intn(6) {
		case 0:
			fmt.Fprintf(&b, ".%d", g.Intn(9))
		case 1:
			if g.Intn(3) == 0 {
				b.WriteString(pick(g, ".*", "."))
			}
		}
		b.WriteByte(pick(g, []byte("vvvvTtdsqxXobcUOeEfFgGwz%!y")...))
	}
	b.WriteByte('"')
	return b.String()
}

func (g *generator) number() string {
	return pick(g, "0", "1", "2", "3", "-1", "-5", "7", "10", "42", "255", "65", "0x1F", "'a'", "1000000", "128512", "9223372036854775807",
		"1.5", "-2.5", "0.1", "1e6", "1e21", "3.0", "0.00001", "123456.789", "1e-7", "2i", "0.5", "100.0", "-0.0", "1e100", "2.675")
}

func (g *generator) arg(kind byte, depth int) string {
	if kind != 'c' && kind != 'm' && g.Intn(12) == 0 {
		kind = pick(g, []byte("sifadlb")...)
	}
	if depth > 0 && kind != 'c' && kind != 'm' && g.Intn(4) == 0 {
		return "(" + g.pipeline(depth-1) + ")"
	}
	if kind != 'c' && kind != 'm' && g.Intn(10) == 0 && len(g.vars) > 0 {
		return g.variable()
	}
	switch kind {
	case 's':
		return pick(g, g.str(), g.str(), g.str(), ".str", ".uni", ".numstr", ".lines", ".quoted")
	case 'p':
		return g.format()
	case 'i':
		return pick(g, "0", "1", "2", "3", "5", "-1", "-2", "10", "4", "7", "(int .num)", "(len .list)")
	case 'f':
		return pick(g, "0.5", "1.5", "0.1", "1", ".float")
	case 'b':
		return pick(g, "true", "false", ".t", ".f")
	case 'd':
		return pick(g, ".map", ".nomap", ".nilmap", ".metadata", "(dict "+g.str()+" "+g.number()+")", "(dict \"a\" (dict \"b\" 1))", "(index .users 0)", ".named", ".map.c", "(dict \"a\" nil)", "nil")
	case 'm':
		return pick(g, ".nomap", ".nilmap", "(dict "+g.str()+" "+g.number()+")", "(dict \"a\" (dict \"b\" 1))", "(dict \"a\" nil)", "(dict \"a\" (dict \"b\" 2 \"c\" 3))", "(dict \"a\" (list 1) \"b\" \"\")", "(dict \"a\" \"x\" \"b\" 5)", "nil", "(dict \"a\" (dict))", "(dict \"b\" (list))", "(dict \"k\" (dict \"x\" (dict \"y\" 0)))", "(dict \"k\" (dict \"x\" (dict \"y\" 1 \"z\" 2)))")
	case 'c':
		return pick(g, g.number(), g.str(), "(list 1 2)", "(dict \"n\" 1)", "nil", "true")
	case 'l':
		return pick(g, ".list", ".nums", ".mixed", ".none", ".nested", "(list 1 \"a\" nil)", "(splitList \",\" \"b,a,c\")", "(until 4)", "(list)", ".users", "(rest (list))")
	}
	switch g.Intn(9) {
	case 0, 1:
		return g.number()
	case 2:
		return g.str()
	case 3:
		return pick(g, "true", "false", "nil", ".", "$")
	case 4:
		return pick(g, g.arg('l', depth), g.arg('d', depth))
	default:
		return g.field()
	}
}

func (g *generator) field() string {
	f := fields[g.Intn(len(fields))]
	if g.Intn(3) == 0 {
		return "$." + f
	}
	return "." + f
}

func (g *generator) variable() string {
	v := g.vars[g.Intn(len(g.vars))]
	if g.Intn(5) == 0 {
		v += pick(g, ".a", ".c.d", ".nope", ".x.y")
	}
	return v
}

func (g *generator) call(depth int, piped bool) string {
	name, kinds, _ := strings.Cut(signatures[g.Intn(len(signatures))], ":")
	var args []string
	for i := 0; i < len(kinds); i++ {
		if kinds[i] == '*' {
			last := kinds[i-1]
			if name == "printf" {
				last = 'a'
			}
			for g.Intn(3) > 0 {
				args = append(args, g.arg(last, depth))
			}
			continue
		}
		args = append(args, g.arg(kinds[i], depth))
	}
	if piped && len(args) > 0 {
		args = args[:len(args)-1]
	}
	if g.Intn(40) == 0 && len(args) > 0 {
		args = args[:len(args)-1]
	}
	if g.Intn(40) == 0 {
		args = append(args, g.arg('a', depth))
	}
	return strings.Join(append([]string{name}, args...), " ")
}

func (g *generator) pipeline(depth int) string {
	var b strings.Builder
	switch g.Intn(6) {
	case 0:
		b.WriteString(g.arg('a', depth))
	case 1:
		b.WriteString(g.field())
	default:
		b.WriteString(g.call(depth, false))
	}
	for g.Intn(3) == 0 {
		b.WriteString(" | ")
		b.WriteString(g.call(depth, true))
	}
	return b.String()
}

func (g *generator) open() string  { return pick(g, "{{", "{{", "{{ ", "{{- ") }
func (g *generator) close() string { return pick(g, "}}", "}}", " }}", " -}}") }

func (g *generator) action(body string) string { return g.open() + body + g.close() }

func (g *generator) block(depth int) string {
	mark := len(g.vars)
	defer func() { g.vars = g.vars[:mark] }()
	var b strings.Builder
	for n := 1 + g.Intn(3); n > 0; n-- {
		b.WriteString(g.statement(depth))
	}
	return b.String()
}

func (g *generator) statement(depth int) string {
	if depth <= 0 {
		return g.action(g.pipeline(1))
	}
	mark := len(g.vars)
	switch g.Intn(14) {
	case 0, 1, 2:
		return pick(g, "text ", "\n", " \n ", "é", "a{b}", "x\n\n")
	case 3:
		v := pick(g, "$a", "$b", "$c")
		s := g.action(v + " := " + g.pipeline(2))
		g.vars = append(g.vars, v)
		return s
	case 4:
		if len(g.vars) > 0 {
			return g.action(g.vars[g.Intn(len(g.vars))] + " = " + g.pipeline(1))
		}
		return g.action(g.pipeline(2))
	case 5:
		s := g.action("if "+g.pipeline(1)) + g.block(depth-1)
		if g.Intn(2) == 0 {
			s += g.action("else if "+g.pipeline(1)) + g.block(depth-1)
		}
		if g.Intn(2) == 0 {
			s += g.action("else") + g.block(depth-1)
		}
		return s + g.action("end")
	case 6, 7:
		head := "range "
		switch g.Intn(4) {
		case 0:
			head += "$v := "
			g.vars = append(g.vars, "$v")
		case 1:
			head += "$k, $v := "
			g.vars = append(g.vars, "$k", "$v")
		}
		subject := pick(g, ".list", ".map", ".nums", ".mixed", ".users", ".none", ".nope", "until 3", "3", g.pipeline(1), ".nested")
		g.loops++
		s := g.action(head+subject) + g.block(depth-1)
		g.loops--
		if g.Intn(3) == 0 {
			s += g.action("else") + g.block(depth-1)
		}
		g.vars = g.vars[:mark]
		return s + g.action("end")
	case 8:
		s := g.action("with "+g.pipeline(1)) + g.block(depth-1)
		if g.Intn(2) == 0 {
			s += g.action("else") + g.block(depth-1)
		}
		return s + g.action("end")
	case 9:
		if g.loops > 0 {
			return g.action("if "+g.pipeline(1)) + g.action(pick(g, "break", "continue")) + g.action("end")
		}
		return g.action(g.pipeline(2))
	case 10:
		g.defs++
		name := fmt.Sprintf("\"d%d\"", g.defs)
		return g.action("block "+name+" "+g.pipeline(1)) + g.fresh(func() string { return g.block(depth - 1) }) + g.action("end") +
			g.action("template "+name+" "+g.arg('a', 1))
	case 11:
		return pick(g, "{{/* c */}}", "{{- /* c\n */ -}}", g.action(g.str()))
	}
	return g.action(g.pipeline(2))
}

func (g *generator) fresh(f func() string) string {
	vars, loops := g.vars, g.loops
	g.vars, g.loops = nil, 0
	s := f()
	g.vars, g.loops = vars, loops
	return s
}

// damage breaks a template so that the parser has something to complain about.
func (g *generator) damage(s string) string {
	b := []byte(s)
	for n := 1 + g.Intn(2); n > 0 && len(b) > 2; n-- {
		at := g.Intn(len(b))
		switch g.Intn(4) {
		case 0:
			b = append(b[:at], b[at+1:]...)
		case 1:
			b[at] = pick(g, []byte("{}()|.$:=\"'`-, \n1aé#")...)
		case 2:
			b = append(b[:at], append([]byte{pick(g, []byte("{}()|.$:=\"'`-, \n1a")...)}, b[at:]...)...)
		case 3:
			b = b[:at]
		}
	}
	return strings.ToValidUTF8(string(b), "?")
}

func fuzz(n int, seed int64, emit func(*Case)) {
	g := &generator{Rand: rand.New(rand.NewSource(seed))}
	for i := 0; i < n; i++ {
		g.vars, g.loops, g.defs = nil, 0, 0
		var s string
		switch g.Intn(4) {
		case 0:
			s = g.block(3)
		default:
			s = "{{" + g.pipeline(2) + "}}"
		}
		if g.Intn(6) == 0 {
			s = g.damage(s)
		}
		c := &Case{Template: s, Option: pick(g, "", "", "", "zero", "error")}
		if skip(s) {
			continue
		}
		emit(c)
	}
}

// skip leaves out what is random or has no end in Go.
func skip(s string) bool {
	for _, word := range []string{"99999999", "until 10000", "1000000", "9223372036854775807", "128512", "1e21", "1e100", "1e6"} {
		if strings.Contains(s, word) && (strings.Contains(s, "until") || strings.Contains(s, "range") || strings.Contains(s, "seq") || strings.Contains(s, "repeat") || strings.Contains(s, "indent") || strings.Contains(s, "chunk") || strings.Contains(s, "%p")) {
			return true
		}
	}
	// A map within itself ends Go's process.
	if strings.Contains(s, "| set ") || strings.Contains(s, "| merge") || strings.Contains(s, "set ") && strings.Contains(s, "merge") {
		return true
	}
	return strings.Contains(s, "keys") || strings.Contains(s, "values") || strings.Contains(s, "%p")
}
