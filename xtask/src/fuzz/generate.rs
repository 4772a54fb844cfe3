//! Random templates that mostly parse, and random values for them.
//!
//! Owns the grammar. What a template asks for is small (ranges, repetitions) and the same in every
//! run: no function that is random, tells the time, or gives the keys of a map unsorted.

use serde_json::{Map, Value, json};

/// Random numbers: splitmix64, the same everywhere for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end as u64)).unwrap_or(0)
    }

    /// True once in `count` times.
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// What functions take, a letter per argument: `s`tring, `n`umber word, `i`nt literal, `a`nything,
/// `d`ict, `o`wn dict (may be changed), `l`ist, `b`ool, `p`rintf format, `r`egex, `y`aml, to`m`l,
/// d`e`fined name, `t`emplate, `x` the root; `*` repeats the last.
const FUNCTIONS: &str = "
and:a* or:a* not:a len:a index:aa index:da index:li eq:ss eq:ii eq:aa ne:ss lt:ii le:ii gt:ss ge:aa print:a* println:a* html:a* js:a*
urlquery:a* printf:p* printf:p* printf:p* hello: trim:s trimAll:ss trimall:ss trimPrefix:ss trimSuffix:ss upper:s lower:s title:s
untitle:s swapcase:s repeat:is substr:iis trunc:is trunc:is abbrev:is abbrevboth:iis nospace:s initials:s snakecase:s kebabcase:s
camelcase:s wrap:is wrapWith:iss contains:ss hasPrefix:ss hasSuffix:ss quote:a* quote:a squote:a* cat:a* indent:is nindent:is
replace:sss plural:ssi toString:a splitList:ss split:ss splitn:sis join:sa join:sl sortAlpha:a toStrings:a atoi:s int:a int64:a
float64:a toDecimal:a add1:a add:a* sub:aa div:aa mod:aa mul:a* max:a* min:a* maxf:a* minf:a* ceil:a floor:a round:ai round:aif
add1f:a addf:a* subf:a* mulf:a* divf:a* until:i untilStep:iii seq:i* list:a* tuple:a* append:la prepend:la first:l last:l rest:l
initial:l reverse:l compact:l uniq:l without:la* has:al slice:lii slice:li concat:l* chunk:il dict:sa dict:sasa get:ds set:osa
unset:os hasKey:ds pluck:sd* pick:ds* omit:ds* merge:oo* mergeOverwrite:oo* mustMerge:oo mustMergeOverwrite:oo deepCopy:a dig:ssad dig:sad
default:aa default:aa empty:a coalesce:a* all:a* any:a* ternary:aab typeOf:a typeIs:sa typeIsLike:sa kindOf:a kindIs:sa deepEqual:aa
toJson:a toPrettyJson:a toRawJson:a mustToJson:a fromJson:s mustFromJson:s fromJsonArray:s b64enc:s b64dec:s b32enc:s b32dec:s
sha1sum:s sha256sum:s adler32sum:s base:s dir:s clean:s ext:s isAbs:s osBase:s osDir:s osClean:s regexMatch:rs regexFind:rs
regexFindAll:rsi regexReplaceAll:rss regexReplaceAllLiteral:rss regexSplit:rsi regexQuoteMeta:s mustRegexMatch:rs urlParse:s
urlJoin:d semver:s semverCompare:ss fail:s required:sa toYaml:a toYaml:a toYaml:l toYaml:d toYamlPretty:a toYamlPretty:d fromYaml:y fromYaml:s fromYamlArray:y
toToml:d toToml:a fromToml:m tpl:ta tpl:tx include:ea include:ex mustToDuration:a durationSeconds:a durationRoundTo:aa
durationHours:a durationMinutes:a toDate:ss lookup:ssss mustFirst:l mustLast:l mustUniq:l mustSlice:li mustHas:al mustAppend:la mustCompact:l mustReverse:l
mustToYaml:a mustToPrettyJson:a getHostByName:s duration:a durationRound:a";

const WORDS: &[&str] = &[
    "",
    "a",
    "hello",
    "Hello World",
    "fooBar",
    "HTTPServer2",
    "a-b_c d",
    "v1.2.3",
    "1.2.x",
    ">=1.0 <2",
    "^1.2",
    "x1y2Z3",
    "  pad ",
    "é€😀",
    "a,b,c",
    "12",
    "-3.5",
    "0x1F",
    "1e3",
    "true",
    "no",
    "null",
    "~",
    "{\\\"a\\\":[1,2]}",
    "aGk=",
    "/a/b/../c.txt",
    "http://u:p@h:80/p?q#f",
    "a\\n\\tb",
    "$1x",
    "a|b",
    "string",
    "int",
    "map",
    "\\xff",
    "\\u200b",
    "_0",
    "k",
    "name",
    "%d %s",
    "\\\"q\\\"",
    "/",
    "ÀÉ straße",
    "a  b",
    "::",
    "1.2.3-alpha.1",
    "99999999999999999999",
    "ab=c",
    "\\x00",
    "a: b",
    "- x",
    "#c",
    "1h30m",
    "90",
    "2006-01-02",
    "2024-02-30",
    "<no value>",
    "line\\n",
    "\\n lead",
    "trail ",
    "key: 'v'",
    "[1",
    "010",
    "1_000",
];

const REGEXES: &[&str] = &[
    "[a-z]+",
    "(\\\\d+)-(x)",
    "\\\\w*",
    "a|b",
    "",
    "^",
    "(?i)H",
    "[",
    "(?P<n>.)",
    "\\\\s+$",
    "[^a-z0-9-]",
    "(a)(b)?",
    ".",
    "\\\\p{L}",
];

const YAMLS: &[&str] = &[
    "a: 1",
    "a: {b: [1, x]}",
    "- 1\\n- a",
    "a: |\\n  x\\n",
    "a: b: c",
    "x",
    "",
    "null",
    "a: yes\\nb: 010\\nc: 1e3",
    "{a: 1",
    "[1, ~]",
    "a: &x 1\\nb: *x",
    "1: 2",
    "a: 'q'\\nb: \\\"\\\\u00e9\\\"",
    "? a\\n: b",
    "a: 2020-01-01",
    "# c",
    "a: 1\\na: 2",
    "a: !!str 1",
];

const TOMLS: &[&str] = &[
    "",
    "a = 1",
    "a = 1.5\\n[b]\\nc = 'x'",
    "a.b = [1, 2]",
    "[[a]]\\nb = true",
    "d = 2024-01-02",
    "# c",
];

const DEFINED: &[&str] = &[
    "echo", "json", "type", "deep", "c.name", "c.labels", "yaml", "true", "empty", "nope", "needs",
    "own",
];

/// A template and values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    pub(super) template: String,
    pub(super) values: Value,
}

struct Generator<'r> {
    random: &'r mut Random,
    functions: Vec<(&'static str, &'static str)>,
    variables: Vec<String>,
    loops: usize,
    names: usize,
}

/// A new case.
pub(super) fn case(random: &mut Random) -> Case {
    let functions = FUNCTIONS.split_whitespace().filter_map(|word| word.split_once(':')).collect();
    let mut generator = Generator { random, functions, variables: Vec::new(), loops: 0, names: 0 };
    let values = generator.values();
    let mut template = String::new();
    if generator.random.one_in(6) {
        template = format!("{{{{ define \"own\" }}}}{}{{{{ end }}}}", generator.body(1));
    }
    template.push_str(&generator.body(3));
    Case { template, values }
}

impl Generator<'_> {
    fn values(&mut self) -> Value {
        let mut map = Map::new();
        for name in ["x", "y", "z"] {
            if !self.random.one_in(5) {
                map.insert(name.to_owned(), self.value(2));
            }
        }
        Value::Object(map)
    }

    fn value(&mut self, depth: usize) -> Value {
        let text = |random: &mut Random| {
            let word = random.pick(WORDS);
            word.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace('\\', "")
        };
        match self.random.below(if depth == 0 { 7 } else { 11 }) {
            0 => Value::Null,
            1 => json!(self.random.one_in(2)),
            2 => {
                json!([0, 1, 3, -7, 80, 65535, 1_000_000, 12_345_678_901_i64][self.random.below(8)])
            }
            3 => json!([0.5, -2.25, 3.0, 1e21, 1e-7, 0.1, 1e6, 123_456.789][self.random.below(8)]),
            4..=6 => json!(text(self.random)),
            7 | 8 => {
                let count = self.random.below(4);
                Value::Array((0..count).map(|_| self.value(depth - 1)).collect())
            }
            _ => {
                let count = self.random.below(4);
                let mut map = Map::new();
                for _ in 0..count {
                    let key =
                        self.random.pick(&["a", "b", "c", "a10", "a2", "k.x", "é", "1", "name"]);
                    map.insert(key.to_owned(), self.value(depth - 1));
                }
                Value::Object(map)
            }
        }
    }

    fn body(&mut self, depth: usize) -> String {
        let count = 1 + self.random.below(3);
        (0..count).map(|_| self.piece(depth)).collect()
    }

    fn open(&mut self) -> &'static str {
        if self.random.one_in(6) { "{{- " } else { "{{ " }
    }

    fn close(&mut self) -> &'static str {
        if self.random.one_in(6) { " -}}" } else { " }}" }
    }

    fn action(&mut self, inner: &str) -> String {
        format!("{}{inner}{}", self.open(), self.close())
    }

    fn piece(&mut self, depth: usize) -> String {
        let kind = if depth == 0 { self.random.below(5) } else { self.random.below(12) };
        match kind {
            0 => {
                self.random.pick(&["x", "\n", "  \n a: ", " ", "é", "- ", "<no value>"]).to_owned()
            }
            1..=4 | 11 => {
                let pipeline = self.pipeline(2);
                self.action(&pipeline)
            }
            5 => {
                let pipeline = self.pipeline(2);
                self.names += 1;
                let name = format!("$v{}", self.names);
                let text = self.action(&format!("{name} := {pipeline}"));
                self.variables.push(name);
                text
            }
            6 if !self.variables.is_empty() => {
                let name = self.variable();
                let pipeline = self.pipeline(1);
                self.action(&format!("{name} = {pipeline}"))
            }
            6 | 7 => {
                let name = self.random.pick(DEFINED);
                let data = self.argument('a', 1);
                self.action(&format!("template \"{name}\" {data}"))
            }
            8 => self.block("if", depth),
            9 => self.block("with", depth),
            _ => self.block("range", depth),
        }
    }

    fn block(&mut self, word: &str, depth: usize) -> String {
        let pipeline = match word {
            "range" if self.random.one_in(2) => self.argument('l', 1),
            "range" if self.random.one_in(3) => self.argument('d', 1),
            _ => self.pipeline(1),
        };
        let scope = self.variables.len();
        self.names += 1;
        let (first, second) = (format!("$v{}", self.names), format!("$w{}", self.names));
        let head = match self.random.below(4) {
            0 if word == "range" => {
                self.variables.extend([first.clone(), second.clone()]);
                format!("{word} {first}, {second} := {pipeline}")
            }
            0 => {
                self.variables.push(first.clone());
                format!("{word} {first} := {pipeline}")
            }
            _ => format!("{word} {pipeline}"),
        };
        let head = self.action(&head);
        self.loops += usize::from(word == "range");
        let mut body = self.body(depth - 1);
        if word == "range" && self.random.one_in(6) {
            body.push_str(self.random.pick(&["{{ break }}", "{{ continue }}"]));
        }
        self.loops -= usize::from(word == "range");
        let mut otherwise = String::new();
        if self.random.one_in(3) {
            let head = if word != "range" && self.random.one_in(2) {
                format!("else {word} {}", self.pipeline(1))
            } else {
                "else".to_owned()
            };
            otherwise = self.action(&head) + &self.body(depth - 1);
        }
        self.variables.truncate(scope);
        head + &body + &otherwise + &self.action("end")
    }

    fn pipeline(&mut self, depth: usize) -> String {
        let mut text =
            if self.random.one_in(4) { self.argument('a', depth) } else { self.call(depth, false) };
        while self.random.one_in(4) {
            text.push_str(" | ");
            text.push_str(&self.call(depth, true));
        }
        text
    }

    /// A function with arguments; without the last one when a pipe brings it.
    fn call(&mut self, depth: usize, piped: bool) -> String {
        let (name, signature) = loop {
            let function = self.functions[self.random.below(self.functions.len())];
            // Few values fit where a pipe ends, but anything fits an `a`.
            if !piped || function.1.trim_end_matches('*').ends_with('a') || self.random.one_in(10) {
                break function;
            }
        };
        let mut letters: Vec<char> = signature.trim_end_matches('*').chars().collect();
        if signature.ends_with('*') {
            let last = letters.pop().unwrap_or('a');
            letters.extend(std::iter::repeat_n(last, self.random.below(4)));
        }
        if self.random.one_in(150) {
            letters.push('a');
        }
        if piped || self.random.one_in(150) {
            letters.pop();
        }
        let mut text = name.to_owned();
        for letter in letters {
            text.push(' ');
            text.push_str(&self.argument(letter, depth));
        }
        text
    }

    fn string(&mut self) -> String {
        let mut text = self.random.pick(WORDS).to_owned();
        if self.random.one_in(4) {
            text.push_str(self.random.pick(WORDS));
        }
        format!("\"{text}\"")
    }

    fn format(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(3) {
            text.push_str(self.random.pick(&["", "x", "é ", ":", "\\n"]));
            text.push('%');
            while self.random.one_in(3) {
                text.push_str(self.random.pick(&["+", "-", "#", " ", "0"]));
            }
            if self.random.one_in(12) {
                text.push_str(self.random.pick(&["[1]", "[2]", "[9]", "*"]));
            } else if self.random.one_in(5) {
                text.push_str(self.random.pick(&["1", "5", "12"]));
            }
            if self.random.one_in(5) {
                text.push_str(self.random.pick(&[".0", ".2", ".7", ".", ".*"]));
            }
            text.push_str(self.random.pick(&[
                "v", "v", "v", "s", "s", "d", "d", "q", "x", "X", "t", "T", "f", "g", "e", "c",
                "U", "o", "b", "%", "!", "z",
            ]));
        }
        format!("\"{text}\"")
    }

    fn number(&mut self) -> String {
        self.random
            .pick(&[
                "0",
                "1",
                "2",
                "3",
                "-1",
                "10",
                "42",
                "0x1F",
                "'a'",
                "1000000",
                "9223372036854775807",
                "1.5",
                "-2.5",
                "0.1",
                "1e6",
                "1e21",
                "3.0",
                "0.00001",
                "2i",
                "100.0",
            ])
            .to_owned()
    }

    fn field(&mut self) -> String {
        let root = self.random.pick(&[
            ".Values",
            "$.Values",
            "$.Values",
            ".",
            "$.Values.map",
            "$.Values.users",
        ]);
        let name = self.random.pick(&[
            "x", "y", "z", "x.a", "y.b", "z.c.a", "str", "num", "list", "map", "nil", "nope",
            "nope.x", "map.c", "map.c.d", "float", "mixed", "none", "nomap", "big", "lines",
            "quoted", "uni", "t", "f", "zero", "million", "tiny", "users", "image", "name",
        ]);
        if root == "." { format!(".{name}") } else { format!("{root}.{name}") }
    }

    fn variable(&mut self) -> String {
        let at = self.random.below(self.variables.len());
        self.variables[at].clone()
    }

    fn object(&mut self) -> String {
        self.random
            .pick(&[
                ".",
                "$",
                "$.Release.Name",
                "$.Release.Revision",
                "$.Chart.Name",
                "$.Chart.Maintainers",
                "$.Chart.Annotations",
                "$.Chart.nope",
                "$.Capabilities.KubeVersion",
                "$.Capabilities.KubeVersion.Minor",
                "$.Template.Name",
                "$.Values.sub",
                "$.Subcharts.sub.Values",
                "$.Values.global",
                "($.Files.Get \"files/plain.txt\")",
                "($.Files.Lines \"files/lines.txt\")",
                "($.Files.Glob \"files/conf/*\").AsConfig",
                "$.Values.nope",
                "(index $.Values.users 0)",
                "$.Values.labels",
            ])
            .to_owned()
    }

    fn argument(&mut self, kind: char, depth: usize) -> String {
        let kind = if !matches!(kind, 'o' | 'i') && self.random.one_in(40) {
            ['s', 'i', 'a', 'd', 'l', 'b'][self.random.below(6)]
        } else {
            kind
        };
        if depth > 0 && !matches!(kind, 'o' | 'i') && self.random.one_in(4) {
            let inner = self.pipeline(depth - 1);
            return format!("({inner})");
        }
        if kind != 'o' && kind != 'i' && !self.variables.is_empty() && self.random.one_in(8) {
            return self.variable();
        }
        match kind {
            's' => match self.random.below(6) {
                0 => self
                    .random
                    .pick(&[".Values.str", "$.Values.uni", "$.Values.numstr", "$.Values.lines"])
                    .to_owned(),
                1 => self.field(),
                _ => self.string(),
            },
            'r' => format!("\"{}\"", self.random.pick(REGEXES)),
            'y' => format!("\"{}\"", self.random.pick(YAMLS)),
            'm' => format!("\"{}\"", self.random.pick(TOMLS)),
            'e' => format!("\"{}\"", self.random.pick(DEFINED)),
            't' => self
                .random
                .pick(&[
                    "\"{{ . }}\"",
                    "\"{{ .Values.str }}\"",
                    "$.Values.tmpl",
                    "\"{{ .a }}\"",
                    "\"{{ define `own` }}1{{ end }}{{ include `own` . }}\"",
                    "\"{{ include \\\"echo\\\" . }}\"",
                    "\"{{ fail \\\"x\\\" }}\"",
                    "\"{{ toYaml . }}\"",
                    "\"{{\"",
                    "\"{{ upper . }}\"",
                ])
                .to_owned(),
            'x' => "$".to_owned(),
            'p' => self.format(),
            'i' => {
                self.random.pick(&["0", "1", "2", "3", "5", "-1", "-2", "10", "4", "7"]).to_owned()
            }
            'f' => self.random.pick(&["0.5", "1.5", "0.1", "1"]).to_owned(),
            'b' => self.random.pick(&["true", "false", "$.Values.t", "$.Values.f"]).to_owned(),
            'd' => match self.random.below(3) {
                0 => self.argument('o', depth),
                _ => self
                    .random
                    .pick(&[
                        "$.Values.map",
                        "$.Values.nomap",
                        "$.Values.labels",
                        "$.Values.image",
                        "$.Values.x",
                        "$.Values",
                        "$.Values.resources",
                        "(index $.Values.users 0)",
                        "$.Chart.Annotations",
                        "$.Release",
                    ])
                    .to_owned(),
            },
            'o' => self
                .random
                .pick(&[
                    "(dict)",
                    "(dict \"a\" 1)",
                    "(dict \"a\" (dict \"b\" 1))",
                    "(dict \"a\" nil)",
                    "(dict \"a\" (dict \"b\" 2 \"c\" 3))",
                    "(dict \"a\" (list 1) \"b\" \"\")",
                    "(dict \"a\" (dict))",
                    "(deepCopy $.Values.map)",
                    "(dict \"k\" $.Values.x)",
                    "(dict \"b\" false \"c\" 0 \"d\" (list))",
                    "$.Values.map",
                    "(dict \"a\" \"x\")",
                ])
                .to_owned(),
            'l' => match self.random.below(3) {
                0 => self
                    .random
                    .pick(&[
                        "(list 1 \"a\" nil)",
                        "(splitList \",\" \"b,a,c\")",
                        "(until 3)",
                        "(list)",
                        "(list (dict \"a\" 1))",
                        "(rest (list))",
                    ])
                    .to_owned(),
                _ => self
                    .random
                    .pick(&[
                        "$.Values.list",
                        "$.Values.nums",
                        "$.Values.mixed",
                        "$.Values.none",
                        "$.Values.nested",
                        "$.Values.users",
                        "$.Values.y",
                        "$.Chart.Keywords",
                        "$.Chart.Maintainers",
                    ])
                    .to_owned(),
            },
            _ => match self.random.below(10) {
                0 | 1 => self.number(),
                2 => self.string(),
                3 => self.random.pick(&["true", "false", "nil", "."]).to_owned(),
                4 => self.argument('l', depth),
                5 => self.argument('d', depth),
                6 => self.object(),
                _ => self.field(),
            },
        }
    }
}
