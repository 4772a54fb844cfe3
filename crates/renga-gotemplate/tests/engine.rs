//! The engine as hosts use it: sets of templates, functions and objects of their own, limits.

use std::rc::Rc;
use std::sync::Arc;

use renga_gotemplate::{
    Closure, FuncError, FuncMap, GoStr, Limits, List, Map, NamedType, Object, Options, Parsed,
    Signature, Template, TemplateSet, Type, Value, World, Zone, sprig_functions,
};

fn render_with(text: &str, data: &Value, options: &Options<'_>) -> Result<String, String> {
    let template =
        Template::parse("t", text, sprig_functions()).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    template.execute(data, &mut out, options).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).expect("UTF-8"))
}

fn render(text: &str) -> Result<String, String> {
    render_with(text, &Value::Nil, &Options::default())
}

fn limited(limits: Limits) -> Options<'static> {
    Options { limits, ..Options::default() }
}

#[test]
fn templates_are_shared_between_threads() {
    fn assert_shared<T: Send + Sync>() {}
    assert_shared::<Template>();
    assert_shared::<TemplateSet>();
    assert_shared::<FuncMap>();
}

#[test]
fn endless_recursion_ends_with_the_words_of_go() {
    let text = r#"{{define "r"}}{{template "r" .}}{{end}}{{template "r" .}}"#;
    let error = render(text).unwrap_err();
    assert_eq!(
        error,
        "template: t:1:25: executing \"r\" at <{{template \"r\" .}}>: exceeded maximum template \
         depth (100000)"
    );
}

#[test]
fn recursion_through_variables_and_branches_does_not_overflow() {
    let text = r#"{{define "r"}}{{with $x := .}}{{if .}}{{template "r" (add . -1)}}{{end}}{{end}}{{end}}{{template "r" 20000}}done"#;
    assert_eq!(render(text).as_deref(), Ok("done"));
}

#[test]
fn deep_syntax_does_not_overflow() {
    let parens = format!("{{{{{}1{}}}}}", "(".repeat(9_000), ")".repeat(9_000));
    assert_eq!(render(&parens).as_deref(), Ok("1"));
    let parens = format!("{{{{{}1{}}}}}", "(".repeat(10_001), ")".repeat(10_001));
    assert_eq!(render(&parens).unwrap_err(), "template: t:1: max expression depth exceeded");
    let ifs = format!("{}x{}", "{{if true}}".repeat(30_000), "{{end}}".repeat(30_000));
    assert_eq!(render(&ifs).as_deref(), Ok("x"));
}

#[test]
fn deep_values_print_and_compare_without_overflow() {
    let grow = "{{$d := dict}}{{range until 20000}}{{$d = list $d}}{{end}}";
    let printed = render(&format!("{grow}{{{{$d | toString | len}}}}"));
    assert_eq!(printed.as_deref(), Ok("40005"));
    assert_eq!(render(&format!("{grow}{{{{deepEqual $d 1}}}}")).as_deref(), Ok("false"));
    assert!(render(&format!("{grow}{{{{mustToJson $d}}}}")).is_err());
}

#[test]
fn a_map_within_itself_prints_and_ends() {
    let cycle = r#"{{$d := dict "a" 1}}{{$_ := set $d "self" $d}}"#;
    assert_eq!(render(&format!("{cycle}{{{{$d}}}}")).as_deref(), Ok("map[a:1 self:map[...]]"));
    assert_eq!(
        render(&format!("{cycle}{{{{mustToJson $d}}}}")).unwrap_err(),
        "template: t:1:48: executing \"t\" at <mustToJson $d>: error calling mustToJson: json: \
         unsupported value: encountered a cycle via map[string]interface {}"
    );
    for call in ["deepCopy $d", "merge (dict) $d", "merge $d (dict \"self\" $d)", "toJson $d"] {
        assert!(render(&format!("{cycle}{{{{$x := {call}}}}}")).is_ok(), "{call}");
    }
}

#[test]
fn steps_and_output_are_limited() {
    let steps = limited(Limits { steps: Some(1_000), ..Limits::default() });
    let error = render_with("{{range 1000000}}x{{end}}", &Value::Nil, &steps).unwrap_err();
    assert!(error.ends_with(": exceeded the limit of 1000 steps"), "{error}");
    let output = limited(Limits { output: Some(10), ..Limits::default() });
    let error = render_with("{{range 100}}ab{{end}}", &Value::Nil, &output).unwrap_err();
    assert!(error.ends_with(": exceeded the limit of 10 bytes of output"), "{error}");
    assert_eq!(
        render_with("{{print 12345}}67890", &Value::Nil, &output).as_deref(),
        Ok("1234567890")
    );
}

#[test]
fn huge_requests_fail_instead_of_filling_memory() {
    for call in [
        "repeat 4611686018427387904 \"ab\"",
        "repeat 2000000000 \"a\"",
        "until 9000000000000000000",
        "untilStep 0 9000000000000000000 2",
        "seq 1 9000000000000000000",
        "indent 9000000000 \"a\"",
        "printf \"%9999999d\" 1 | len | fail",
    ] {
        assert!(render(&format!("{{{{{call}}}}}")).is_err(), "{call}");
    }
}

#[test]
fn doubling_ends_before_the_memory_does() {
    let options = limited(Limits { output: Some(1 << 20), ..Limits::default() });
    let double = r#"{{$s := "ab"}}{{range 60}}{{$s = print $s $s}}{{end}}"#;
    let error = render_with(double, &Value::Nil, &options).unwrap_err();
    assert!(error.ends_with(": exceeded the limit of 1048576 bytes of output"), "{error}");
    let double = "{{$l := list 1}}{{range 60}}{{$l = concat $l $l}}{{end}}";
    assert!(render_with(double, &Value::Nil, &options).is_err());
    let shared = "{{$l := list}}{{range 60}}{{$l = list $l $l}}{{end}}{{deepEqual $l $l}}";
    assert_eq!(render(shared).as_deref(), Ok("true"));
}

#[test]
fn later_texts_replace_definitions_but_empty_ones_do_not() {
    let mut set = TemplateSet::new(Arc::clone(sprig_functions()));
    set.parse("a", r#"{{define "x"}}one{{end}}{{template "x"}}"#).unwrap();
    set.parse("b", r#"{{define "x"}}two{{end}}"#).unwrap();
    set.parse("c", r#"{{define "x"}} {{/* nothing */}} {{end}}"#).unwrap();
    let set = Arc::new(set);
    let mut out = Vec::new();
    set.execute("a", &Value::Nil, &mut out, &Options::default()).unwrap();
    assert_eq!(out, b"two");
    assert_eq!(set.names().iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "b", "c", "x"]);
}

#[test]
fn a_set_can_extend_another_without_changing_it() {
    let mut base = TemplateSet::new(Arc::clone(sprig_functions()));
    base.parse("main", r#"{{template "x"}}"#).unwrap();
    base.parse("lib", r#"{{define "x"}}base{{end}}"#).unwrap();
    let base = Arc::new(base);
    let mut child = TemplateSet::extending(&base);
    child.parse("extra", r#"{{define "x"}}child{{end}}"#).unwrap();
    let child = Arc::new(child);
    let run = |set: &Arc<TemplateSet>| {
        let mut out = Vec::new();
        set.execute("main", &Value::Nil, &mut out, &Options::default()).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(run(&child), "child");
    assert_eq!(run(&base), "base");
}

#[test]
fn delimiters_can_be_chosen() {
    let mut set = TemplateSet::new(Arc::clone(sprig_functions()));
    set.set_delimiters("<<", ">>");
    set.parse("t", "{{x}} << 1 ->>  y <</* c */>>z").unwrap();
    let mut out = Vec::new();
    Arc::new(set).execute("t", &Value::Nil, &mut out, &Options::default()).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "{{x}} 1y z");
}

#[test]
fn functions_of_the_host_see_the_run() {
    let mut funcs = FuncMap::clone(sprig_functions());
    funcs.add_constant("env", Type::DICT);
    funcs.add("include", &[Type::String, Type::Any], false, Type::String, |call, args| {
        Ok(call.render(&args.gostr(0).to_text(), args.any(1), |out| Value::from(out.to_vec()))?)
    });
    funcs.add("tpl", &[Type::String, Type::Any], false, Type::String, |call, args| {
        let set = Arc::clone(call.set());
        let parsed = Parsed::parse("gotpl", args.str(0), set.funcs())?;
        Ok(call.render_parsed(&set, &parsed, args.any(1), |out| Value::from(out.to_vec()))?)
    });
    let funcs = Arc::new(funcs);
    let text = r#"{{define "x"}}<{{.}}>{{end}}{{include "x" env.name | upper}} {{tpl "{{include \"x\" .}}!" 5}}"#;
    let template = Template::parse("t", text, &funcs).unwrap();
    let constants = [("env", Value::dict([("name", Value::from("dev"))]))];
    let options = Options { constants: &constants, ..Options::default() };
    let mut out = Vec::new();
    template.execute(&Value::Nil, &mut out, &options).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "<DEV> <5>!");

    let template = Template::parse("t", r#"{{tpl "{{fail \"no\"}}" .}}"#, &funcs).unwrap();
    let error = template.render(&Value::Nil).unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: t:1:2: executing \"t\" at <tpl \"{{fail \\\"no\\\"}}\" .>: error calling tpl: \
         template: gotpl:1:2: executing \"gotpl\" at <fail \"no\">: error calling fail: no"
    );
    let inner = error.cause.and_then(|cause| cause.cause).expect("the error of the inner run");
    assert_eq!(inner.location.expect("a location").node, "fail \"no\"");
}

#[derive(Debug)]
struct Release {
    name: &'static str,
}

impl Object for Release {
    fn ty(&self) -> Type {
        Type::Struct("chart.Release")
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Name").then(|| Value::from(self.name))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Name", Value::from(self.name))]
    }

    fn method(&self, name: &str) -> Option<Closure> {
        let own = self.name;
        (name == "Is").then(|| Closure {
            signature: Signature { params: &[Type::String], variadic: false, result: Type::Bool },
            type_name: "func(string) bool",
            body: Box::new(move |_, args| Ok(Value::Bool(args.str(0) == own.as_bytes()))),
        })
    }
}

#[test]
fn objects_of_the_host_have_fields_and_methods() {
    let data = Value::dict([("r", Value::Object(Rc::new(Release { name: "web" })))]);
    let run = |text: &str| render_with(text, &data, &Options::default());
    assert_eq!(
        run(r#"{{.r.Name}} {{.r.Is "web"}} {{"x" | .r.Is}} {{.r}} {{printf "%+v" .r}}"#).as_deref(),
        Ok("web true false {web} {Name:web}")
    );
    assert_eq!(
        run("{{.r.Nope}}").unwrap_err(),
        "template: t:1:4: executing \"t\" at <.r.Nope>: can't evaluate field Nope in type \
         interface {}"
    );
    assert_eq!(
        run("{{.r.Is 1}}").unwrap_err(),
        "template: t:1:8: executing \"t\" at <1>: expected string; found 1"
    );
    assert_eq!(
        run("{{.r.Name 1}}").unwrap_err(),
        "template: t:1:4: executing \"t\" at <.r.Name>: Name has arguments but cannot be invoked \
         as function"
    );
}

fn values_method(map: &Map, name: &str) -> Option<Closure> {
    let map = map.clone();
    (name == "Count").then(|| Closure {
        signature: Signature { params: &[], variadic: false, result: Type::INT },
        type_name: "func() int",
        body: Box::new(move |_, _| Ok(Value::int(i64::try_from(map.len()).unwrap_or(0)))),
    })
}

static VALUES: NamedType = NamedType {
    name: "common.Values",
    underlying: Type::DICT,
    method: values_method,
    list_method: NamedType::no_list_methods,
    display: Some(|map| GoStr::from(format!("{} values", map.len()))),
};

#[test]
fn named_maps_have_methods_that_hide_keys() {
    let Value::Map(map) = Value::dict([("Count", Value::from("key")), ("a", Value::from("x"))])
    else {
        unreachable!()
    };
    let data = Value::dict([("Values", Value::Map(map.retyped(Type::Named(&VALUES))))]);
    let run = |text: &str| render_with(text, &data, &Options::default());
    assert_eq!(
        run(r#"{{.Values.Count}} {{.Values.a}} {{get .Values "Count"}} {{typeOf .Values}} {{.Values}} {{list .Values}} {{printf "%5d" .Values}} {{.Values | toString}}"#)
            .as_deref(),
        Ok("2 x key common.Values 2 values [2 values] map[%!d(string=Count):%!d(string=  key) %!d(string=    a):%!d(string=    x)] 2 values")
    );
    assert_eq!(
        run(r#"{{dig "a" "" .Values}}"#).unwrap_err(),
        "template: t:1:2: executing \"t\" at <dig \"a\" \"\" .Values>: error calling dig: interface \
         conversion: interface {} is common.Values, not map[string]interface {}"
    );
}

#[test]
fn functions_can_be_values() {
    let double = Closure {
        signature: Signature { params: &[Type::INT], variadic: false, result: Type::INT },
        type_name: "func(int) int",
        body: Box::new(|_, args| Ok(Value::int(args.int(0) * 2))),
    };
    let data = Value::dict([("f", Value::Func(Rc::new(double)))]);
    let run = |text: &str| render_with(text, &data, &Options::default());
    assert_eq!(
        run("{{call .f 4}} {{call .f (int64 4)}} {{typeOf .f}} {{if .f}}y{{end}}").as_deref(),
        Ok("8 8 func(int) int y")
    );
    assert_eq!(
        run("{{call .f \"a\"}}").unwrap_err(),
        "template: t:1:2: executing \"t\" at <call .f \"a\">: error calling call: arg 0: value has \
         type string; should be int"
    );
    assert_eq!(
        run("{{call .f}}").unwrap_err(),
        "template: t:1:2: executing \"t\" at <call .f>: error calling call: wrong number of args \
         for .f: got 0 want 1"
    );
    assert_eq!(
        run("{{.f}}").unwrap_err(),
        "template: t:1:2: executing \"t\" at <{{.f}}>: can't print {{.f}} of type func(int) int"
    );
}

struct FixedWorld;

impl World for FixedWorld {
    fn fill_random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }

    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/me".to_owned())
    }

    fn now(&self) -> (i64, u32) {
        (0, 0)
    }

    fn zone(&self, _: &str) -> Option<Zone> {
        None
    }

    fn local_zone(&self) -> Zone {
        Zone::utc()
    }

    fn lookup_host(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn the_outside_world_is_the_callers() {
    let options = Options { world: Some(&FixedWorld), ..Options::default() };
    let text = r#"{{env "HOME"}} {{expandenv "$HOME/${HOME}x$NO$"}} {{uuidv4}} {{randNumeric 3 | len}} {{randInt 5 6}} {{randBytes 3}}"#;
    assert_eq!(
        render_with(text, &Value::Nil, &options).as_deref(),
        Ok("/home/me /home/me//home/mex$ 07070707-0707-4707-8707-070707070707 3 5 BwcH")
    );
    assert!(render("{{uuidv4}}").is_err());
}

#[test]
fn functions_that_are_not_there_are_refused_when_parsing() {
    for name in ["include", "toYaml", "genca", "Now"] {
        assert_eq!(
            render(&format!("{{{{{name}}}}}")).unwrap_err(),
            format!("template: t:1: function \"{name}\" not defined")
        );
    }
}

#[test]
fn values_convert_from_and_to_json() {
    let json = serde_json::json!({"b": [1, 2.5, null, true], "a": {"x": "é"}});
    let value = Value::from_json(&json);
    assert_eq!(
        value.to_json(),
        Some(serde_json::json!({"b": [1, 2.5, null, true], "a": {"x": "é"}}))
    );
    assert_eq!(Value::Float(f64::NAN).to_json(), None);
    let typed =
        Value::Map(Map::new(Type::Map(&Type::String), [(GoStr::from("k"), Value::from("v"))]));
    assert_eq!(typed.type_name(), "map[string]string");
    assert_eq!(Value::List(List::nil(Type::LIST)).to_json(), Some(serde_json::Value::Null));
}

#[test]
fn errors_of_functions_keep_their_place() {
    let error: FuncError = FuncError::new("bad");
    assert_eq!(error.to_string(), "bad");
    let template = Template::parse("n", "a\n  {{ .x.y.z }}", sprig_functions()).unwrap();
    let data = Value::dict([("x", Value::dict([("y", Value::Nil)]))]);
    let error = template.render(&data).unwrap_err();
    let location = error.location.clone().expect("a location");
    assert_eq!((location.line, location.column, location.node.as_str()), (2, 7, ".x.y.z"));
    assert_eq!(error.message, "nil pointer evaluating interface {}.z");
}

/// The functions of `sprig.TxtFuncMap`.
const SPRIG: &str = "
abbrev abbrevboth trunc trim trimAll trimall trimPrefix trimSuffix upper lower title untitle substr repeat nospace initials randAlphaNum randAlpha randAscii randNumeric swapcase shuffle snakecase camelcase kebabcase wrap wrapWith contains hasPrefix hasSuffix quote squote cat indent nindent replace plural toString hello sha1sum sha256sum sha512sum adler32sum
atoi int int64 float64 seq toDecimal until untilStep add1 add sub div mod mul randInt add1f addf subf divf mulf biggest max min maxf minf ceil floor round
split splitList splitn toStrings join sortAlpha tuple list append push prepend first rest last initial reverse uniq without has slice concat chunk compact mustAppend mustPush mustPrepend mustFirst mustRest mustLast mustInitial mustReverse mustUniq mustWithout mustHas mustSlice mustChunk mustCompact
default empty coalesce all any ternary fromJson toJson toPrettyJson toRawJson mustFromJson mustToJson mustToPrettyJson mustToRawJson deepCopy mustDeepCopy fail
typeOf typeIs typeIsLike kindOf kindIs deepEqual dict get set unset hasKey pluck keys pick omit merge mergeOverwrite mustMerge mustMergeOverwrite values dig
ago date date_in_zone date_modify dateInZone dateModify duration durationRound htmlDate htmlDateInZone must_date_modify mustDateModify mustToDate now toDate unixEpoch
base dir clean ext isAbs osBase osClean osDir osExt osIsAbs b64enc b64dec b32enc b32dec getHostByName urlParse urlJoin semver semverCompare uuidv4 env expandenv
regexMatch regexFind regexFindAll regexReplaceAll regexReplaceAllLiteral regexSplit mustRegexMatch mustRegexFind mustRegexFindAll mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit regexQuoteMeta
bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey encryptAES decryptAES randBytes
";

#[test]
fn sprig_is_complete_and_nothing_else() {
    let mut wanted: Vec<&str> = SPRIG.split_ascii_whitespace().collect();
    wanted.sort_unstable();
    assert_eq!(sprig_functions().names(), wanted);
    assert_eq!(renga_gotemplate::sprig_functions_with_cast_1_7().names(), wanted);
}

#[test]
fn a_parsed_text_runs_itself_and_defines_only_where_it_was_added() {
    let mut funcs = (**sprig_functions()).clone();
    funcs.add("tpl", &[Type::String, Type::Any], false, Type::String, |call, args| {
        let parsed = Parsed::parse("t", args.str(0), call.set().funcs())?;
        let mut set = TemplateSet::extending(call.set());
        set.add(&parsed);
        let set = Arc::new(set);
        Ok(call.render_parsed(&set, &parsed, args.any(1), |out| Value::from(out.to_vec()))?)
    });
    let funcs = Arc::new(funcs);
    let run = |text: &str| {
        let template = Template::parse("t", text, &funcs).map_err(|error| error.to_string())?;
        let out = template.render(&Value::Nil).map_err(|error| error.to_string())?;
        Ok::<_, String>(String::from_utf8(out).expect("UTF-8"))
    };
    let inner = r"{{define `x`}}in{{end}}{{template `x`}}";
    let text =
        format!(r#"{{{{define "x"}}}}out{{{{end}}}}{{{{tpl "{inner}" 1}}}} {{{{template "x"}}}}"#);
    assert_eq!(run(&text).as_deref(), Ok("in out"));
    // An empty text is empty, although the set keeps the fuller template of its name.
    assert_eq!(run(r#"a{{tpl "" 1}}b"#).as_deref(), Ok("ab"));
    let error = run(r#"{{tpl "\n{{fail `no`}}" 1}}"#).unwrap_err();
    assert!(error.contains("error calling tpl: template: t:2:2: executing"), "{error}");
}

static NAMES: NamedType = NamedType {
    name: "test.Names",
    underlying: Type::STRINGS,
    method: NamedType::no_methods,
    list_method: |list, name| {
        let count = i64::try_from(list.len()).unwrap_or(0);
        (name == "Count").then(|| Closure {
            signature: Signature { params: &[], variadic: false, result: Type::INT },
            type_name: "func() int",
            body: Box::new(move |_, _| Ok(Value::int(count))),
        })
    },
    display: None,
};

#[test]
fn named_slices_have_methods_and_are_still_slices() {
    let items = vec![Value::from("a"), Value::from("b")];
    let data = Value::List(List::new(Type::Named(&NAMES), items));
    let text = r#"{{.Count}} {{has "b" .}} {{join "-" .}} {{len .}} {{printf "%T" .}} {{range .}}<{{.}}>{{end}}"#;
    assert_eq!(
        render_with(text, &data, &Options::default()).as_deref(),
        Ok("2 true a-b 2 test.Names <a><b>")
    );
}
