//! Lists.
//!
//! Every function makes a new list, except `sortAlpha`, which sorts a `[]string` in place as Go
//! does. Functions without `must` panic in Go where the others return an error; templates see the
//! same text either way.

use super::conversion::deep_equal;
use super::defaults::empty;
use super::{A, I, Returned, S, cast, fixed, strval, variadic};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::types::Type;
use crate::value::{List, Value};

const L: Type = Type::LIST;

pub(super) fn register<const OLD: bool>(funcs: &mut FuncMap) {
    let f = funcs;
    for name in ["list", "tuple"] {
        variadic(f, name, &[A], L, |_, a| Ok(Value::list(a.rest(0).to_vec())));
    }
    for name in ["append", "mustAppend", "push", "mustPush"] {
        fixed(f, name, &[A, A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot push on type")?;
            items.push(a.any(1).clone());
            Ok(Value::list(items))
        });
    }
    for name in ["prepend", "mustPrepend"] {
        fixed(f, name, &[A, A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot prepend on type")?;
            items.insert(0, a.any(1).clone());
            Ok(Value::list(items))
        });
    }
    for name in ["chunk", "mustChunk"] {
        fixed(f, name, &[I, A], Type::Slice(&Type::LIST), |_, a| chunk(a.int(0), a.any(1)));
    }
    for name in ["last", "mustLast"] {
        fixed(f, name, &[A], A, |_, a| {
            Ok(items(a.any(0), "Cannot find last on type")?.pop().unwrap_or_default())
        });
    }
    for name in ["first", "mustFirst"] {
        fixed(f, name, &[A], A, |_, a| {
            let items = items(a.any(0), "Cannot find first on type")?;
            Ok(items.into_iter().next().unwrap_or_default())
        });
    }
    for name in ["rest", "mustRest"] {
        fixed(f, name, &[A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot find rest on type")?;
            if items.is_empty() {
                return Ok(Value::List(List::nil(L)));
            }
            items.remove(0);
            Ok(Value::list(items))
        });
    }
    for name in ["initial", "mustInitial"] {
        fixed(f, name, &[A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot find initial on type")?;
            if items.pop().is_none() {
                return Ok(Value::List(List::nil(L)));
            }
            Ok(Value::list(items))
        });
    }
    for name in ["reverse", "mustReverse"] {
        fixed(f, name, &[A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot find reverse on type")?;
            items.reverse();
            Ok(Value::list(items))
        });
    }
    for name in ["compact", "mustCompact"] {
        fixed(f, name, &[A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot compact on type")?;
            items.retain(|item| !empty(item));
            Ok(Value::list(items))
        });
    }
    for name in ["uniq", "mustUniq"] {
        fixed(f, name, &[A], L, |_, a| {
            let mut kept: Vec<Value> = Vec::new();
            for item in items(a.any(0), "Cannot find uniq on type")? {
                if !kept.iter().any(|known| deep_equal(&item, known)) {
                    kept.push(item);
                }
            }
            Ok(Value::list(kept))
        });
    }
    for name in ["without", "mustWithout"] {
        variadic(f, name, &[A, A], L, |_, a| {
            let mut items = items(a.any(0), "Cannot find without on type")?;
            items.retain(|item| !a.rest(1).iter().any(|omitted| deep_equal(item, omitted)));
            Ok(Value::list(items))
        });
    }
    for name in ["has", "mustHas"] {
        fixed(f, name, &[A, A], Type::Bool, |_, a| {
            if matches!(a.any(1), Value::Nil) {
                return Ok(Value::Bool(false));
            }
            let items = items(a.any(1), "Cannot find has on type")?;
            Ok(Value::Bool(items.iter().any(|item| deep_equal(a.any(0), item))))
        });
    }
    for name in ["slice", "mustSlice"] {
        variadic(f, name, &[A, A], A, |_, a| slice::<OLD>(a.any(0), a.rest(1)));
    }
    variadic(f, "concat", &[A], A, |_, a| {
        let mut joined = Vec::new();
        for list in a.rest(0) {
            let Some(items) = list_items(list)? else {
                let kind = list.kind_name();
                return Err(FuncError::new(format!("Cannot concat type {kind} as list")));
            };
            joined.extend(items);
        }
        if joined.is_empty() {
            return Ok(Value::List(List::nil(L)));
        }
        Ok(Value::list(joined))
    });
    fixed(f, "toStrings", &[A], Type::STRINGS, |_, a| {
        Ok(match a.any(0) {
            list @ Value::List(items) if items.ty() == Type::STRINGS => list.clone(),
            other => Value::strings(strings(other)),
        })
    });
    fixed(f, "join", &[S, A], S, |_, a| Ok(Value::from(strings(a.any(1)).join(a.str(0)))));
    fixed(f, "sortAlpha", &[A], Type::STRINGS, |_, a| {
        let mut sorted = strings(a.any(0));
        if !matches!(a.any(0), Value::List(_) | Value::Bytes(_)) {
            return Ok(Value::strings([strval(a.any(0))]));
        }
        sorted.sort();
        if let Value::List(list) = a.any(0)
            && list.ty() == Type::STRINGS
        {
            list.replace(sorted.into_iter().map(Value::from).collect());
            return Ok(a.any(0).clone());
        }
        Ok(Value::strings(sorted))
    });
    fixed(f, "until", &[I], Type::Slice(&Type::INT), |_, a| {
        let count = a.int(0);
        until_step(0, count, if count < 0 { -1 } else { 1 }).map(ints)
    });
    fixed(f, "untilStep", &[I, I, I], Type::Slice(&Type::INT), |_, a| {
        until_step(a.int(0), a.int(1), a.int(2)).map(ints)
    });
    variadic(f, "seq", &[I], S, |_, a| {
        let params: Vec<i64> = (0..a.len()).map(|index| a.int(index)).collect();
        let numbers = match params.as_slice() {
            [end] => {
                let step = if *end < 1 { -1 } else { 1 };
                until_step(1, end + step, step)?
            }
            [start, end] => {
                let step = if end < start { -1 } else { 1 };
                until_step(*start, end + step, step)?
            }
            [start, step, end] => {
                let towards = if end < start { -1 } else { 1 };
                if end < start && *step > 0 {
                    return Ok(Value::from(""));
                }
                until_step(*start, end + towards, *step)?
            }
            _ => Vec::new(),
        };
        let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
        Ok(Value::from(words.join(" ")))
    });
}

/// The elements, if the value is a list; nil makes Go's reflection fail.
fn list_items(value: &Value) -> Result<Option<Vec<Value>>, FuncError> {
    Ok(Some(match value {
        Value::List(list) => list.to_vec(),
        Value::Bytes(bytes) => bytes
            .iter()
            .map(|&byte| Value::Uint(crate::types::UintKind::Uint8, byte.into()))
            .collect(),
        Value::Nil => {
            return Err(FuncError::new(
                "runtime error: invalid memory address or nil pointer dereference",
            ));
        }
        _ => return Ok(None),
    }))
}

/// The elements of a list, or the message with the kind of what it was instead.
fn items(value: &Value, message: &str) -> Result<Vec<Value>, FuncError> {
    let items = list_items(value)?;
    items.ok_or_else(|| FuncError::new(format!("{message} {}", value.kind_name())))
}

/// The elements as strings, without nils; a single value counts as a list of one.
pub(super) fn strings(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => {
            let present = |item: &Value| !matches!(item, Value::Nil);
            list.to_vec().iter().filter(|item| present(item)).map(strval).collect()
        }
        Value::Bytes(bytes) => bytes.iter().map(|byte| byte.to_string().into_bytes()).collect(),
        other => vec![strval(other)],
    }
}

fn chunk(size: i64, list: &Value) -> Returned {
    let items = items(list, "Cannot chunk type")?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if size <= 0 {
        // Go counts the chunks in floats: none, or a number that no slice can have.
        if length == 1 && size < -1 {
            return Ok(Value::List(List::new(Type::Slice(&Type::LIST), vec![Value::list(items)])));
        }
        let count = if size == 0 { -1 } else { (length - 1).div_euclid(size) };
        let rounded_up = size < 0 && (length - 1).rem_euclid(size) != 0;
        if size == 0 || count - i64::from(rounded_up) + 1 != 0 {
            return Err(FuncError::new("runtime error: makeslice: len out of range"));
        }
        return Ok(Value::List(List::new(Type::Slice(&Type::LIST), Vec::new())));
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let chunks = items.chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect();
    Ok(Value::List(List::new(Type::Slice(&Type::LIST), chunks)))
}

fn slice<const OLD: bool>(list: &Value, indices: &[Value]) -> Returned {
    let items = items(list, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start =
        indices.first().map_or(Some(0), |index| usize::try_from(cast::to_int::<OLD>(index)).ok());
    let end = match indices.get(1) {
        Some(index) => usize::try_from(cast::to_int::<OLD>(index)).ok(),
        None => Some(items.len()),
    };
    let cut = start.zip(end).and_then(|(start, end)| items.get(start..end));
    let Some(cut) = cut else {
        return Err(FuncError::new("reflect.Value.Slice: slice index out of bounds"));
    };
    Ok(match list {
        Value::List(list) => Value::List(List::new(list.ty(), cut.to_vec())),
        Value::Bytes(bytes) => {
            let start = start.unwrap_or(0);
            Value::Bytes(bytes[start..start + cut.len()].into())
        }
        _ => Value::Nil,
    })
}

fn until_step(start: i64, end: i64, step: i64) -> Result<Vec<i64>, FuncError> {
    let forward = end >= start;
    if forward && step <= 0 || !forward && step >= 0 {
        return Ok(Vec::new());
    }
    if end.abs_diff(start) / step.unsigned_abs() > crate::LONGEST_LIST as u64 {
        return Err(FuncError::new("the list would be too long"));
    }
    let mut numbers = Vec::new();
    let mut number = start;
    while forward && number < end || !forward && number > end {
        numbers.push(number);
        let Some(next) = number.checked_add(step) else { break };
        number = next;
    }
    Ok(numbers)
}

fn ints(numbers: Vec<i64>) -> Value {
    let items = numbers.into_iter().map(Value::int).collect();
    Value::List(List::new(Type::Slice(&Type::INT), items))
}
