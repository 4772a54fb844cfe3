//! Regular expressions, in the syntax and with the errors of Go.
//!
//! Patterns are compiled once per thread and remembered.

use std::cell::RefCell;
use std::rc::Rc;

use renga_regexp::{Regexp, quote_meta};
use rustc_hash::FxHashMap;

use super::{I, Returned, S, fixed};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::text::GoStr;
use crate::types::Type;
use crate::value::{List, Value};

/// Patterns remembered per thread before the memory starts afresh.
const REMEMBERED: usize = 256;

/// A compiled pattern, or the text of its error.
type Compiled = Result<Rc<Regexp>, String>;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "regexMatch", &[S, S], Type::Bool, |_, a| {
        Ok(Value::Bool(compile(&a.gostr(0)).is_ok_and(|regexp| regexp.is_match(a.str(1)))))
    });
    fixed(f, "mustRegexMatch", &[S, S], Type::Bool, |_, a| {
        Ok(Value::Bool(must(&a.gostr(0), false)?.is_match(a.str(1))))
    });
    fixed(f, "regexQuoteMeta", &[S], S, |_, a| {
        // Texts that are no UTF-8 cannot be patterns, but they can be quoted: piece by piece.
        let mut out = Vec::with_capacity(a.str(0).len());
        for chunk in a.str(0).utf8_chunks() {
            out.extend_from_slice(quote_meta(chunk.valid()).as_bytes());
            out.extend_from_slice(chunk.invalid());
        }
        Ok(Value::from(out))
    });
    fixed(f, "regexFind", &[S, S], S, |_, a| find(&a.gostr(0), a.str(1), true));
    fixed(f, "mustRegexFind", &[S, S], S, |_, a| find(&a.gostr(0), a.str(1), false));
    fixed(f, "regexFindAll", &[S, S, I], Type::STRINGS, |_, a| {
        find_all(&a.gostr(0), a.str(1), a.int(2), true)
    });
    fixed(f, "mustRegexFindAll", &[S, S, I], Type::STRINGS, |_, a| {
        find_all(&a.gostr(0), a.str(1), a.int(2), false)
    });
    fixed(f, "regexReplaceAll", &[S, S, S], S, |_, a| {
        Ok(Value::from(must(&a.gostr(0), true)?.replace_all(a.str(1), a.str(2))))
    });
    fixed(f, "mustRegexReplaceAll", &[S, S, S], S, |_, a| {
        Ok(Value::from(must(&a.gostr(0), false)?.replace_all(a.str(1), a.str(2))))
    });
    fixed(f, "regexReplaceAllLiteral", &[S, S, S], S, |_, a| {
        Ok(Value::from(must(&a.gostr(0), true)?.replace_all_literal(a.str(1), a.str(2))))
    });
    fixed(f, "mustRegexReplaceAllLiteral", &[S, S, S], S, |_, a| {
        Ok(Value::from(must(&a.gostr(0), false)?.replace_all_literal(a.str(1), a.str(2))))
    });
    fixed(f, "regexSplit", &[S, S, I], Type::STRINGS, |_, a| {
        split(&a.gostr(0), a.str(1), a.int(2), true)
    });
    fixed(f, "mustRegexSplit", &[S, S, I], Type::STRINGS, |_, a| {
        split(&a.gostr(0), a.str(1), a.int(2), false)
    });
}

fn compile(pattern: &GoStr) -> Compiled {
    thread_local! {
        static KNOWN: RefCell<FxHashMap<GoStr, Compiled>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let make = || match pattern.as_str() {
            Some(text) => Regexp::new(text).map(Rc::new).map_err(|error| error.to_string()),
            None => Err(invalid_utf8(pattern)),
        };
        known.entry(pattern.clone()).or_insert_with(make).clone()
    })
}

/// Go shows the pattern from its first bad byte on.
fn invalid_utf8(pattern: &[u8]) -> String {
    let valid = std::str::from_utf8(pattern).map_or_else(|error| error.valid_up_to(), str::len);
    let rest = String::from_utf8_lossy(&pattern[valid..]);
    format!("error parsing regexp: invalid UTF-8: `{rest}`")
}

/// Compiles; Go's `MustCompile`, when it is the one that fails, says so.
fn must(pattern: &GoStr, panics: bool) -> Result<Rc<Regexp>, FuncError> {
    compile(pattern).map_err(|error| {
        if panics {
            let shown = if crate::text::quote::can_backquote(pattern) {
                format!("`{pattern}`")
            } else {
                crate::text::quote::quoted(pattern)
            };
            FuncError::new(format!("regexp: Compile({shown}): {error}"))
        } else {
            FuncError::new(error)
        }
    })
}

fn find(pattern: &GoStr, text: &[u8], panics: bool) -> Returned {
    let span = must(pattern, panics)?.find(text);
    Ok(Value::from(span.map(|span| text[span].to_vec()).unwrap_or_default()))
}

/// Go's count: negative for no limit.
fn limit(count: i64) -> Option<usize> {
    usize::try_from(count).ok()
}

fn find_all(pattern: &GoStr, text: &[u8], count: i64, panics: bool) -> Returned {
    let spans = must(pattern, panics)?.find_all(text, limit(count));
    if spans.is_empty() {
        return Ok(Value::List(List::nil(Type::STRINGS)));
    }
    Ok(Value::strings(spans.into_iter().map(|span| &text[span])))
}

fn split(pattern: &GoStr, text: &[u8], count: i64, panics: bool) -> Returned {
    let regexp = must(pattern, panics)?;
    if count == 0 {
        return Ok(Value::List(List::nil(Type::STRINGS)));
    }
    Ok(Value::strings(regexp.split(text, limit(count))))
}
