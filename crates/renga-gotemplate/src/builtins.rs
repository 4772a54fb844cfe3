//! The functions every template has: comparison, indexing, printing and escaping.
//!
//! They take slots rather than values, since some of them tell an untyped nil from a nil
//! interface. `and`, `or` and `call` need the evaluator and live in [`crate::exec`].

use crate::error::FuncError;
use crate::exec::Slot;
use crate::format;
use crate::func::Signature;
use crate::text::{GoStr, rune};
use crate::types::{Type, UintKind};
use crate::value::{List, Value};

/// A built-in function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Call,
    Html,
    Index,
    Slice,
    Js,
    Len,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Urlquery,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    Ne,
}

impl Builtin {
    pub(crate) fn find(name: &str) -> Option<Builtin> {
        Some(match name {
            "and" => Builtin::And,
            "call" => Builtin::Call,
            "html" => Builtin::Html,
            "index" => Builtin::Index,
            "slice" => Builtin::Slice,
            "js" => Builtin::Js,
            "len" => Builtin::Len,
            "not" => Builtin::Not,
            "or" => Builtin::Or,
            "print" => Builtin::Print,
            "printf" => Builtin::Printf,
            "println" => Builtin::Println,
            "urlquery" => Builtin::Urlquery,
            "eq" => Builtin::Eq,
            "ge" => Builtin::Ge,
            "gt" => Builtin::Gt,
            "le" => Builtin::Le,
            "lt" => Builtin::Lt,
            "ne" => Builtin::Ne,
            _ => return None,
        })
    }

    pub(crate) fn signature(self) -> Signature {
        const ONE_AND_MORE: &[Type] = &[Type::Reflect, Type::Reflect];
        let (params, variadic, result): (&'static [Type], bool, Type) = match self {
            Builtin::And
            | Builtin::Call
            | Builtin::Or
            | Builtin::Index
            | Builtin::Slice
            | Builtin::Eq => (ONE_AND_MORE, true, Type::Reflect),
            Builtin::Html | Builtin::Js | Builtin::Urlquery | Builtin::Print | Builtin::Println => {
                (&[Type::Any], true, Type::String)
            }
            Builtin::Printf => (&[Type::String, Type::Any], true, Type::String),
            Builtin::Len => (&[Type::Reflect], false, Type::INT),
            Builtin::Not => (&[Type::Reflect], false, Type::Bool),
            Builtin::Ge | Builtin::Gt | Builtin::Le | Builtin::Lt | Builtin::Ne => {
                (ONE_AND_MORE, false, Type::Bool)
            }
        };
        Signature { params, variadic, result }
    }

    /// Calls the function with checked arguments.
    pub(crate) fn call(self, argv: &[Slot]) -> Result<Slot, FuncError> {
        let values = || argv.iter().map(|slot| slot.value().clone()).collect::<Vec<_>>();
        let text = |bytes: Vec<u8>| Ok(Slot::Of(Value::from(bytes)));
        let truth = |value: bool| Ok(Slot::Of(Value::Bool(value)));
        let empty = Slot::Invalid;
        let first = argv.first().unwrap_or(&empty);
        let second = argv.get(1).unwrap_or(&empty);
        match self {
            Builtin::Html => text(escape_html(&printable(values()))),
            Builtin::Js => text(escape_js(&printable(values()))),
            Builtin::Urlquery => text(escape_query(&printable(values()))),
            Builtin::Print => text(format::sprint(&values())),
            Builtin::Println => text(format::sprintln(&values())),
            Builtin::Printf => {
                let values = values();
                let Some((Value::Str(format), rest)) = values.split_first() else {
                    return text(Vec::new());
                };
                text(format::sprintf(format, rest))
            }
            Builtin::Index => index(first, argv.get(1..).unwrap_or_default()),
            Builtin::Slice => slice(first, argv.get(1..).unwrap_or_default()),
            Builtin::Len => len(first),
            Builtin::Not => truth(!first.value().truth()),
            Builtin::Eq => truth(equal(first, argv.get(1..).unwrap_or_default())?),
            Builtin::Ne => truth(!equal(first, std::slice::from_ref(second))?),
            Builtin::Lt => truth(less(first, second)?),
            Builtin::Le => truth(less_or_equal(first, second)?),
            Builtin::Gt => truth(!less_or_equal(first, second)?),
            Builtin::Ge => truth(!less(first, second)?),
            Builtin::And | Builtin::Or | Builtin::Call => Ok(Slot::Invalid),
        }
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T, FuncError> {
    Err(FuncError::new(message))
}

/// The kinds that can be compared with `<` or by value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    None,
    Bool,
    Complex,
    Int,
    Float,
    Str,
    Uint,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(..) => Basic::Int,
        Value::Uint(..) => Basic::Uint,
        Value::Float(_) => Basic::Float,
        Value::Complex(..) => Basic::Complex,
        Value::Str(_) => Basic::Str,
        _ => Basic::None,
    }
}

fn incompatible<T>(a: &Value, b: &Value) -> Result<T, FuncError> {
    let (a, b) = (a.type_name(), b.type_name());
    fail(format!("incompatible types for comparison: {a} and {b}"))
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// A value of a defined integer type, as the integer it is.
fn as_integer(value: &Value) -> std::borrow::Cow<'_, Value> {
    match value {
        Value::Object(object) => match object.number() {
            Some(number) => std::borrow::Cow::Owned(Value::int(number)),
            None => std::borrow::Cow::Borrowed(value),
        },
        other => std::borrow::Cow::Borrowed(other),
    }
}

#[expect(clippy::float_cmp, reason = "Go compares floats exactly")]
fn equal(first: &Slot, others: &[Slot]) -> Result<bool, FuncError> {
    let named_first = first.value();
    let first = &*as_integer(named_first);
    if others.is_empty() {
        return fail("missing argument for comparison");
    }
    for other in others {
        let named_other = other.value();
        let other = &*as_integer(named_other);
        let truth = match (first, other) {
            (Value::Int(_, a), Value::Uint(_, b)) => u64::try_from(*a) == Ok(*b),
            (Value::Uint(_, a), Value::Int(_, b)) => u64::try_from(*b) == Ok(*a),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Complex(a, b), Value::Complex(c, d)) => a == c && b == d,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Int(_, a), Value::Int(_, b)) => a == b,
            (Value::Uint(_, a), Value::Uint(_, b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            _ if basic(first) != basic(other) => {
                if !matches!(first, Value::Nil) && !matches!(other, Value::Nil) {
                    return incompatible(named_first, named_other);
                }
                false
            }
            _ => {
                let (a, b) = (first.kind_name(), other.kind_name());
                if a != b && a != "invalid" && b != "invalid" {
                    let (shown_a, shown_b) = (shown(first), format::display(other));
                    let (a, b) = (first.type_name(), other.type_name());
                    return fail(format!("non-comparable types {shown_a}: {a}, {b}: {shown_b}"));
                }
                if is_nil(first) || is_nil(other) {
                    is_nil(first) == is_nil(other)
                } else if let (Value::Object(a), Value::Object(b)) = (first, other) {
                    std::rc::Rc::ptr_eq(a, b)
                } else {
                    let ty = other.type_name();
                    return fail(format!("non-comparable type {}: {ty}", shown(other)));
                }
            }
        };
        if truth {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A value as `%s` writes it.
fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&format::sprintf(b"%s", std::slice::from_ref(value))).into_owned()
}

fn less(a: &Slot, b: &Slot) -> Result<bool, FuncError> {
    let (named_a, named_b) = (a.value(), b.value());
    let (a, b) = (&*as_integer(named_a), &*as_integer(named_b));
    if basic(a) == Basic::None || basic(b) == Basic::None {
        return fail("invalid type for comparison");
    }
    Ok(match (a, b) {
        (Value::Int(_, a), Value::Uint(_, b)) => u64::try_from(*a).is_ok_and(|a| a < *b) || *a < 0,
        (Value::Uint(_, a), Value::Int(_, b)) => u64::try_from(*b).is_ok_and(|b| *a < b),
        (Value::Float(a), Value::Float(b)) => a < b,
        (Value::Int(_, a), Value::Int(_, b)) => a < b,
        (Value::Uint(_, a), Value::Uint(_, b)) => a < b,
        (Value::Str(a), Value::Str(b)) => a < b,
        _ if basic(a) != basic(b) => return incompatible(named_a, named_b),
        _ => return fail("invalid type for comparison"),
    })
}

fn less_or_equal(a: &Slot, b: &Slot) -> Result<bool, FuncError> {
    Ok(less(a, b)? || equal(a, std::slice::from_ref(b))?)
}

/// An index into something with `limit` elements.
fn index_arg(value: &Value, limit: usize) -> Result<usize, FuncError> {
    let index = match &*as_integer(value) {
        Value::Int(_, index) => *index,
        Value::Uint(_, index) => index.cast_signed(),
        Value::Nil => return fail("cannot index slice/array with nil"),
        other => {
            return fail(format!("cannot index slice/array with type {}", other.type_name()));
        }
    };
    match usize::try_from(index) {
        Ok(position) if position <= limit => Ok(position),
        _ => fail(format!("index out of range: {index}")),
    }
}

fn index(item: &Slot, indexes: &[Slot]) -> Result<Slot, FuncError> {
    let mut item = item.clone().concrete();
    if matches!(item, Slot::Invalid) {
        return fail("index of untyped nil");
    }
    for slot in indexes {
        let key = slot.value();
        let value = match item.value() {
            Value::Nil => return fail("index of nil pointer"),
            Value::Object(object) => object.as_collection().unwrap_or_else(|| item.value().clone()),
            other => other.clone(),
        };
        item = match &value {
            Value::Str(text) | Value::Bytes(text) => {
                let position = index_arg(key, text.len())?;
                let Some(&byte) = text.get(position) else {
                    let kind = if matches!(value, Value::Str(_)) { "string" } else { "slice" };
                    return fail(format!("reflect: {kind} index out of range"));
                };
                Slot::Of(Value::Uint(UintKind::Uint8, byte.into()))
            }
            Value::List(list) => {
                let position = index_arg(key, list.len())?;
                match list.get(position) {
                    Some(element) => Slot::typed(element, list.element()),
                    None => return fail("reflect: slice index out of range"),
                }
            }
            Value::Map(map) => {
                let key = match key {
                    Value::Str(key) => key,
                    Value::Nil => return fail("value is nil; should be of type string"),
                    other => {
                        let ty = other.type_name();
                        return fail(format!("value has type {ty}; should be string"));
                    }
                };
                let element = map.element();
                Slot::typed(map.get(key).unwrap_or_else(|| element.zero()), element)
            }
            other => return fail(format!("can't index item of type {}", pointee_name(other))),
        };
    }
    Ok(item)
}

fn slice(item: &Slot, indexes: &[Slot]) -> Result<Slot, FuncError> {
    let value = match item.clone().concrete() {
        Slot::Invalid => return fail("slice of untyped nil"),
        slot => slot.into_value(),
    };
    if indexes.len() > 3 {
        return fail(format!("too many slice indexes: {}", indexes.len()));
    }
    let limit = match &value {
        Value::Str(_) if indexes.len() == 3 => return fail("cannot 3-index slice a string"),
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        other => return fail(format!("can't slice item of type {}", pointee_name(other))),
    };
    let mut bounds = [0, limit, 0];
    for (bound, slot) in bounds.iter_mut().zip(indexes) {
        *bound = index_arg(slot.value(), limit)?;
    }
    let [from, to, end] = bounds;
    if from > to {
        return fail(format!("invalid slice index: {from} > {to}"));
    }
    if indexes.len() == 3 && to > end {
        return fail(format!("invalid slice index: {to} > {end}"));
    }
    Ok(Slot::Of(match value {
        Value::Str(text) => Value::Str(GoStr::from(&text[from..to])),
        Value::Bytes(text) => Value::Bytes(GoStr::from(&text[from..to])),
        Value::List(list) => {
            let items = list.to_vec().drain(from..to).collect();
            Value::List(List::new(list.ty(), items))
        }
        other => other,
    }))
}

/// The name of the type, or of what a pointer points to.
fn pointee_name(value: &Value) -> String {
    match value.ty() {
        Some(Type::Pointer(name)) => name.to_owned(),
        _ => value.type_name(),
    }
}

fn len(item: &Slot) -> Result<Slot, FuncError> {
    let value = match item {
        Slot::Invalid => return fail("reflect: call of reflect.Value.Type on zero Value"),
        Slot::Iface(Value::Nil) => return fail("len of nil pointer"),
        Slot::Iface(value) | Slot::Of(value) => value,
    };
    let collection = match value {
        Value::Object(object) => object.as_collection(),
        _ => None,
    };
    let count = match collection.as_ref().unwrap_or(value) {
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        other => return fail(format!("len of type {}", pointee_name(other))),
    };
    Ok(Slot::Of(Value::int(i64::try_from(count).unwrap_or(i64::MAX))))
}

/// The text of the arguments of an escaping function.
fn printable(mut values: Vec<Value>) -> Vec<u8> {
    if let [Value::Str(text)] = values.as_slice() {
        return text.to_vec();
    }
    for value in &mut values {
        if matches!(value, Value::Nil) {
            *value = Value::from("<no value>");
        }
    }
    format::sprint(&values)
}

fn escape_html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            0 => out.extend_from_slice("\u{FFFD}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    out
}

fn escape_js(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (at, rune, width) in rune::runes(text) {
        match rune {
            '\\' => out.extend_from_slice(br"\\"),
            '\'' => out.extend_from_slice(br"\'"),
            '"' => out.extend_from_slice(br#"\""#),
            '<' | '>' | '&' | '=' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes());
            }
            _ if rune.is_ascii() && rune >= ' ' => out.push(text[at]),
            _ if !rune.is_ascii() && rune::is_print(rune) => {
                out.extend_from_slice(&text[at..at + width]);
            }
            _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes()),
        }
    }
    out
}

fn escape_query(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
