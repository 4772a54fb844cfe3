//! Maps.
//!
//! `set`, `unset` and the merges change the map they are given, and every alias sees it. `keys`,
//! `values` and `pluck` return things in key order where Go's order is random.

use super::{A, D, Returned, S, fixed, strval, variadic};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::types::Type;
use crate::value::{List, Map, Value};

/// Nesting beyond which copies and merges stop: only endless values are that deep.
const MAX_DEPTH: usize = 5_000;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    variadic(f, "dict", &[A], D, |_, a| {
        let map = Map::empty();
        for pair in a.rest(0).chunks(2) {
            map.insert(strval(&pair[0]).into(), pair.get(1).cloned().unwrap_or(Value::from("")));
        }
        Ok(Value::Map(map))
    });
    fixed(f, "get", &[D, S], A, |_, a| {
        Ok(a.map(0).get(a.str(1)).unwrap_or_else(|| Value::from("")))
    });
    fixed(f, "set", &[D, S, A], D, |_, a| {
        if !a.map(0).insert(a.gostr(1), a.any(2).clone()) {
            return Err(FuncError::new("assignment to entry in nil map"));
        }
        Ok(plain(&a.map(0)))
    });
    fixed(f, "unset", &[D, S], D, |_, a| {
        a.map(0).remove(a.str(1));
        Ok(plain(&a.map(0)))
    });
    fixed(f, "hasKey", &[D, S], Type::Bool, |_, a| Ok(Value::Bool(a.map(0).contains(a.str(1)))));
    variadic(f, "pluck", &[S, D], Type::LIST, |_, a| {
        let found = a.rest(1).iter().filter_map(|dict| as_map(dict)?.get(a.str(0)));
        Ok(Value::list(found.collect()))
    });
    variadic(f, "keys", &[D], Type::STRINGS, |_, a| {
        Ok(Value::strings(a.rest(0).iter().filter_map(as_map).flat_map(Map::keys)))
    });
    fixed(f, "values", &[D], Type::LIST, |_, a| {
        Ok(Value::list(a.map(0).entries().into_iter().map(|(_, value)| value).collect()))
    });
    variadic(f, "pick", &[D, S], D, |_, a| {
        let (from, to) = (a.map(0), Map::empty());
        for index in 1..a.len() {
            if let Some(value) = from.get(a.str(index)) {
                to.insert(a.gostr(index), value);
            }
        }
        Ok(Value::Map(to))
    });
    variadic(f, "omit", &[D, S], D, |_, a| {
        let omitted: Vec<&[u8]> = (1..a.len()).map(|index| a.str(index)).collect();
        let entries = a.map(0).entries().into_iter();
        Ok(Value::dict(entries.filter(|(key, _)| !omitted.contains(&key.as_bytes()))))
    });
    for name in ["merge", "mustMerge"] {
        variadic(f, name, &[D, D], A, |_, a| Ok(merge_all(&a.map(0), a.rest(1), false)));
    }
    for name in ["mergeOverwrite", "mustMergeOverwrite"] {
        variadic(f, name, &[D, D], A, |_, a| Ok(merge_all(&a.map(0), a.rest(1), true)));
    }
    for name in ["deepCopy", "mustDeepCopy"] {
        fixed(f, name, &[A], A, |_, a| match a.any(0) {
            Value::Nil => Err(FuncError::new("reflect: call of reflect.Value.Type on zero Value")),
            value => Ok(deep_copy(value, 0)),
        });
    }
    variadic(f, "dig", &[A], A, |_, a| dig(a.rest(0)));
}

fn as_map(value: &Value) -> Option<&Map> {
    match value {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// The map as the plain map type the function returns.
fn plain(map: &Map) -> Value {
    Value::Map(map.retyped(Type::DICT))
}

fn merge_all(target: &Map, sources: &[Value], overwrite: bool) -> Value {
    let mut target = target.clone();
    for source in sources.iter().filter_map(as_map) {
        if target.is_nil() && !source.is_nil() {
            target = Map::empty();
        }
        merge(&target, source, overwrite, 0);
    }
    plain(&target)
}

/// Merges as `mergo` does: empty values of the target are filled in, or with `overwrite` all are
/// replaced; maps in both are merged in place.
fn merge(target: &Map, source: &Map, overwrite: bool, depth: usize) {
    if depth > MAX_DEPTH || target.is_same(source) {
        return;
    }
    for (key, new) in source.entries() {
        let old = target.get(&key);
        let old_is_empty = old.as_ref().is_none_or(is_empty);
        match (&new, &old) {
            (Value::Nil, _) if overwrite => {
                target.insert(key, Value::Nil);
            }
            (Value::Nil, _) => {}
            (Value::Map(new_map), Some(Value::Map(old_map))) => {
                if old_map.is_empty() {
                    // An empty map gives way to the source's own, which is shared from then on.
                    stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                        merge(old_map, new_map, overwrite, depth + 1);
                    });
                    target.insert(key, new);
                } else {
                    stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                        merge(old_map, new_map, overwrite, depth + 1);
                    });
                }
            }
            _ if overwrite || old_is_empty => {
                target.insert(key, new);
            }
            _ => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Complex(..) => false,
        other => !other.truth(),
    }
}

fn deep_copy(value: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || match value {
        Value::List(list) if !list.is_nil() => {
            let items = list.to_vec().iter().map(|item| deep_copy(item, depth + 1)).collect();
            Value::List(List::new(list.ty(), items))
        }
        Value::Map(map) if !map.is_nil() => {
            let entries = map.entries().into_iter();
            let entries = entries.map(|(key, item)| (key, deep_copy(&item, depth + 1)));
            Value::Map(Map::new(map.ty(), entries))
        }
        other => other.clone(),
    })
}

/// The text of Go's failed type assertion.
fn assertion(value: &Value, wanted: Type) -> FuncError {
    FuncError::new(match value {
        Value::Nil => format!("interface conversion: interface {{}} is nil, not {wanted}"),
        other => {
            let found = other.type_name();
            format!("interface conversion: interface {{}} is {found}, not {wanted}")
        }
    })
}

fn dig(arguments: &[Value]) -> Returned {
    let [keys @ .., default, dict] = arguments else {
        return Err(FuncError::new("dig needs at least three arguments"));
    };
    if keys.is_empty() {
        return Err(FuncError::new("dig needs at least three arguments"));
    }
    let plain_map = |value: &Value| match value {
        Value::Map(map) if map.ty() == Type::DICT => Ok(map.clone()),
        other => Err(assertion(other, Type::DICT)),
    };
    let mut map = plain_map(dict)?;
    let mut names = Vec::with_capacity(keys.len());
    for key in keys {
        match key {
            Value::Str(name) => names.push(name),
            other => return Err(assertion(other, Type::String)),
        }
    }
    let mut value = dict.clone();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            map = plain_map(&value)?;
        }
        match map.get(name) {
            Some(next) => value = next,
            None => return Ok(default.clone()),
        }
    }
    Ok(value)
}
