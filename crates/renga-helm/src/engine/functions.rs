//! The functions Helm adds to those of Sprig, and the ones it takes away.
//!
//! Each line of Helm, with and without name look-ups, has one table that is built once. What
//! belongs to a rendering (counts of nested includes, texts given to `tpl`) is the [`Host`].

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use renga_gotemplate::{
    Args, Call, FuncError, FuncMap, GoStr, Map, Parsed, TemplateSet, Type, Value, quoted,
    sprig_functions_with_cast_1_7,
};
use rustc_hash::FxHashMap;

use super::convert::{self, UNMARSHALING};
use super::{durations, toml};
use crate::compat::Compat;

/// How often Helm lets a template include itself.
const MOST_INCLUDES: u32 = 1_000;

/// How deep includes and texts may nest altogether. Helm has no such limit and ends when its
/// stack does.
const MOST_NESTED: usize = 10_000;

/// How deep texts given to `tpl` may nest. They have no names that could be counted, and the error
/// of each repeats those of all within it.
const MOST_TEXTS: usize = 1_000;

/// How much text of `tpl` is kept parsed (bytes).
const MOST_CACHED: usize = 16 * 1024 * 1024;

/// The name that texts given to `tpl` have in errors, which is that of Helm's template set.
pub(super) const SET_NAME: &str = "gotpl";

type Returned = Result<Value, FuncError>;

/// The texts that `tpl` has parsed, shared by all renderings of a chart.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    parsed: Mutex<(usize, FxHashMap<GoStr, Parsed>)>,
}

impl Texts {
    fn parse(&self, text: &GoStr, funcs: &Arc<FuncMap>) -> Result<Parsed, FuncError> {
        let known = {
            let cache = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
            cache.1.get(text).cloned()
        };
        if let Some(parsed) = known {
            return Ok(parsed);
        }
        let parsed = Parsed::parse(SET_NAME, text, funcs).map_err(|error| {
            FuncError::new(format!("cannot parse template {}: {error}", quoted(text)))
        })?;
        let mut cache = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.0 + text.len() <= MOST_CACHED {
            cache.0 += text.len();
            cache.1.insert(text.clone(), parsed.clone());
        }
        Ok(parsed)
    }
}

/// What the functions of one rendering share.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) texts: Arc<Texts>,
    pub(super) funcs: Arc<FuncMap>,
    /// Whether `required` and `fail` let templates go on, as they do for `helm lint`.
    lenient: bool,
    included: RefCell<FxHashMap<GoStr, u32>>,
    nested: Cell<usize>,
    nested_texts: Cell<usize>,
}

impl Host {
    pub(super) fn new(texts: Arc<Texts>, funcs: Arc<FuncMap>, lenient: bool) -> Self {
        Host {
            texts,
            funcs,
            lenient,
            included: RefCell::default(),
            nested: Cell::new(0),
            nested_texts: Cell::new(0),
        }
    }

    fn of(call: &Call<'_, '_>) -> Result<Rc<Host>, FuncError> {
        call.host()
            .and_then(|host| Rc::clone(host).downcast::<Host>().ok())
            .ok_or_else(|| FuncError::new("not implemented"))
    }

    fn enter(&self) -> Result<(), FuncError> {
        let depth = self.nested.get() + 1;
        if depth > MOST_NESTED {
            return Err(FuncError::new(format!(
                "more than {MOST_NESTED} includes and tpl texts are nested in each other"
            )));
        }
        self.nested.set(depth);
        Ok(())
    }

    fn leave(&self) {
        self.nested.set(self.nested.get().saturating_sub(1));
    }
}

/// The table of functions.
pub(crate) fn table(compat: Compat, enable_dns: bool) -> &'static Arc<FuncMap> {
    static TABLES: [LazyLock<Arc<FuncMap>>; 4] = [
        LazyLock::new(|| build(Compat::V4, false)),
        LazyLock::new(|| build(Compat::V4, true)),
        LazyLock::new(|| build(Compat::V3, false)),
        LazyLock::new(|| build(Compat::V3, true)),
    ];
    &TABLES[usize::from(compat.is_v3()) * 2 + usize::from(enable_dns)]
}

fn build(compat: Compat, enable_dns: bool) -> Arc<FuncMap> {
    const ANY: &[Type] = &[Type::Any];
    const TEXT: &[Type] = &[Type::String];
    const TEXT_AND_ANY: &[Type] = &[Type::String, Type::Any];
    const FOUR_TEXTS: &[Type] = &[Type::String, Type::String, Type::String, Type::String];
    let mut funcs = FuncMap::clone(sprig_functions_with_cast_1_7());
    funcs.remove("env");
    funcs.remove("expandenv");
    funcs.add("include", TEXT_AND_ANY, false, Type::String, include);
    funcs.add("tpl", TEXT_AND_ANY, false, Type::String, tpl);
    funcs.add("required", TEXT_AND_ANY, false, Type::Any, required);
    funcs.add("fail", TEXT, false, Type::String, fail);
    funcs.add("lookup", FOUR_TEXTS, false, Type::DICT, |_, _| Ok(Value::Map(Map::empty())));
    if !enable_dns {
        funcs.add("getHostByName", TEXT, false, Type::String, |_, _| Ok(Value::from("")));
    }
    funcs.add("toYaml", ANY, false, Type::String, |_, args| {
        Ok(Value::from(convert::to_yaml(args.any(0)).unwrap_or_default()))
    });
    funcs.add("toYamlPretty", ANY, false, Type::String, |_, args| {
        Ok(Value::from(convert::to_yaml_pretty(args.any(0))))
    });
    funcs.add("fromYaml", TEXT, false, Type::DICT, |_, args| {
        Ok(convert::decoded_map(convert::read_yaml(args.str(0)), UNMARSHALING))
    });
    funcs.add("fromYamlArray", TEXT, false, Type::LIST, |_, args| {
        Ok(convert::decoded_list(convert::read_yaml(args.str(0)), UNMARSHALING))
    });
    funcs.add("fromJson", TEXT, false, Type::DICT, |_, args| {
        Ok(convert::decoded_map(convert::read_json(args.str(0)), ""))
    });
    funcs.add("fromJsonArray", TEXT, false, Type::LIST, |_, args| {
        Ok(convert::decoded_list(convert::read_json(args.str(0)), ""))
    });
    funcs.add("toToml", ANY, false, Type::String, |_, args| {
        let value = toml_value(args)?;
        Ok(Value::from(toml::encode(value).unwrap_or_else(String::into_bytes)))
    });
    funcs.add("fromToml", TEXT, false, Type::DICT, |_, args| Ok(convert::from_toml(args.str(0))));
    if compat.is_v4() {
        funcs.add("mustToYaml", ANY, false, Type::String, |_, args| {
            convert::to_yaml(args.any(0)).map(Value::from).map_err(FuncError::new)
        });
        funcs.add("mustToToml", ANY, false, Type::String, |_, args| {
            toml::encode(toml_value(args)?).map(Value::from).map_err(FuncError::new)
        });
        durations::register(&mut funcs);
    }
    Arc::new(funcs)
}

/// The TOML library does not expect nil and panics.
fn toml_value<'a>(args: &Args<'a>) -> Result<&'a Value, FuncError> {
    match args.any(0) {
        Value::Nil => Err(FuncError::new("reflect: call of reflect.Value.Type on zero Value")),
        value => Ok(value),
    }
}

fn marked(message: &[u8]) -> FuncError {
    let message = convert::valid(message);
    FuncError::new(format!("{}{message}{}", super::error::MARK_START, super::error::MARK_END))
}

fn fail(call: &mut Call<'_, '_>, args: &Args<'_>) -> Returned {
    if Host::of(call)?.lenient { Ok(Value::from("")) } else { Err(marked(args.str(0))) }
}

fn required(call: &mut Call<'_, '_>, args: &Args<'_>) -> Returned {
    let value = args.any(1);
    let is_missing = match value {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    if !is_missing {
        return Ok(value.clone());
    }
    if Host::of(call)?.lenient { Ok(Value::from("")) } else { Err(marked(args.str(0))) }
}

fn include(call: &mut Call<'_, '_>, args: &Args<'_>) -> Returned {
    let host = Host::of(call)?;
    let name = args.gostr(0);
    let text = name.to_text();
    {
        let mut included = host.included.borrow_mut();
        let count = included.entry(name.clone()).or_insert(0);
        if *count > MOST_INCLUDES {
            return Err(FuncError::new(format!(
                "rendering template has a nested reference name: {text}: unable to execute template"
            )));
        }
        *count += 1;
    }
    let result = if call.set().contains(&text) {
        host.enter().and_then(|()| {
            let result = call.render(&text, args.any(1), |out| Value::Str(GoStr::from(out)));
            host.leave();
            result.map_err(FuncError::from)
        })
    } else {
        Err(FuncError::new(format!(
            "template: no template {} associated with template \"{SET_NAME}\"",
            quoted(&name)
        )))
    };
    if let Some(count) = host.included.borrow_mut().get_mut(&name) {
        *count -= 1;
    }
    result
}

fn tpl(call: &mut Call<'_, '_>, args: &Args<'_>) -> Returned {
    let text = args.gostr(0);
    if !text.windows(2).any(|pair| pair == b"{{") {
        return Ok(Value::Str(without_no_value_shared(text)));
    }
    let host = Host::of(call)?;
    let parsed = host.texts.parse(&text, &host.funcs)?;
    let set = if parsed.defines_others() {
        let mut set = TemplateSet::extending(call.set());
        set.add(&parsed);
        Arc::new(set)
    } else {
        Arc::clone(call.set())
    };
    let depth = host.nested_texts.get() + 1;
    if depth > MOST_TEXTS {
        return Err(FuncError::new(format!(
            "more than {MOST_TEXTS} texts given to tpl are nested in each other"
        )));
    }
    host.enter()?;
    host.nested_texts.set(depth);
    let result = call.render_parsed(&set, &parsed, args.any(1), |out| {
        Value::Str(GoStr::from(&*without_no_value(out)))
    });
    host.nested_texts.set(depth - 1);
    host.leave();
    match result {
        Ok(out) => Ok(out),
        Err(error) => Err(FuncError {
            message: format!("error during tpl function execution for {}: {error}", quoted(&text)),
            cause: Some(Box::new(error)),
        }),
    }
}

const NO_VALUE: &[u8] = b"<no value>";

fn find_no_value(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'<', &text[from..]) {
        if text[from + at..].starts_with(NO_VALUE) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The text without what Go prints for a missing value, wherever that came from.
pub(super) fn without_no_value(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut at) = find_no_value(text) else { return Cow::Borrowed(text) };
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + NO_VALUE.len()..];
        match find_no_value(rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

fn without_no_value_shared(text: GoStr) -> GoStr {
    match without_no_value(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(text) => GoStr::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_leave_no_trace() {
        let clean = |text: &str| without_no_value(text.as_bytes()).into_owned();
        assert_eq!(clean("a<no value>b<<no value><no value"), b"ab<<no value");
        assert_eq!(clean("<no <no value>value>"), b"<no value>");
    }

    #[test]
    fn the_lines_have_their_functions() {
        let four = table(Compat::V4, false).names();
        let three = table(Compat::V3, false).names();
        assert!(four.contains(&"mustToYaml") && four.contains(&"durationWeeks"));
        assert!(!three.contains(&"mustToYaml") && !three.contains(&"durationWeeks"));
        for names in [&four, &three] {
            assert!(names.contains(&"toYamlPretty") && !names.contains(&"env"));
        }
    }
}
