//! Types, kinds, equality and JSON.

use super::{A, Returned, S, fixed};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::json::{self, Style};
use crate::types::Type;
use crate::value::Value;

/// Nesting beyond which values count as different: only endless ones are that deep.
const MAX_DEPTH: usize = 5_000;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "typeOf", &[A], S, |_, a| Ok(Value::from(a.any(0).type_name())));
    fixed(f, "typeIs", &[S, A], Type::Bool, |_, a| {
        Ok(Value::Bool(a.str(0) == a.any(1).type_name().as_bytes()))
    });
    fixed(f, "typeIsLike", &[S, A], Type::Bool, |_, a| {
        let found = a.any(1).type_name();
        let found = found.as_bytes();
        Ok(Value::Bool(a.str(0) == found || found.strip_prefix(b"*") == Some(a.str(0))))
    });
    fixed(f, "kindOf", &[A], S, |_, a| Ok(Value::from(a.any(0).kind_name())));
    fixed(f, "kindIs", &[S, A], Type::Bool, |_, a| {
        Ok(Value::Bool(a.str(0) == a.any(1).kind_name().as_bytes()))
    });
    fixed(f, "deepEqual", &[A, A], Type::Bool, |_, a| {
        Ok(Value::Bool(deep_equal(a.any(0), a.any(1))))
    });
    fixed(f, "toJson", &[A], S, |_, a| Ok(encode_or_empty(a.any(0), Style::Html)));
    fixed(f, "toPrettyJson", &[A], S, |_, a| Ok(encode_or_empty(a.any(0), Style::Pretty)));
    fixed(f, "toRawJson", &[A], S, |_, a| encode(a.any(0), Style::Raw));
    fixed(f, "mustToJson", &[A], S, |_, a| encode(a.any(0), Style::Html));
    fixed(f, "mustToPrettyJson", &[A], S, |_, a| encode(a.any(0), Style::Pretty));
    fixed(f, "mustToRawJson", &[A], S, |_, a| encode(a.any(0), Style::Raw));
    fixed(f, "fromJson", &[S], A, |_, a| Ok(json::decode(a.str(0)).unwrap_or_default()));
    fixed(f, "mustFromJson", &[S], A, |_, a| json::decode(a.str(0)).map_err(FuncError::new));
}

fn encode(value: &Value, style: Style) -> Returned {
    json::encode(value, style).map(Value::from).map_err(FuncError::new)
}

fn encode_or_empty(value: &Value, style: Style) -> Value {
    Value::from(json::encode(value, style).unwrap_or_default())
}

/// `reflect.DeepEqual`: the same types and the same content.
pub(super) fn deep_equal(a: &Value, b: &Value) -> bool {
    equal_at(a, b, 0)
}

#[expect(clippy::float_cmp, reason = "Go compares floats exactly")]
fn equal_at(a: &Value, b: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH || a.ty() != b.ty() {
        return false;
    }
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(_, a), Value::Int(_, b)) => a == b,
        (Value::Uint(_, a), Value::Uint(_, b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Complex(a, b), Value::Complex(c, d)) => a == c && b == d,
        (Value::Str(a), Value::Str(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            if a.address() == b.address() && a.is_nil() == b.is_nil() {
                return true;
            }
            let (a_items, b_items) = (a.to_vec(), b.to_vec());
            a.is_nil() == b.is_nil()
                && a_items.len() == b_items.len()
                && stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                    a_items.iter().zip(&b_items).all(|(a, b)| equal_at(a, b, depth + 1))
                })
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.is_same(b) {
                return true;
            }
            let (a_items, b_items) = (a.entries(), b.entries());
            a.is_nil() == b.is_nil()
                && a_items.len() == b_items.len()
                && stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                    a_items
                        .iter()
                        .zip(&b_items)
                        .all(|((a_key, a), (b_key, b))| a_key == b_key && equal_at(a, b, depth + 1))
                })
        }
        (Value::Object(a), Value::Object(b)) => {
            std::rc::Rc::ptr_eq(a, b)
                || a.fields()
                    .iter()
                    .zip(&b.fields())
                    .all(|((_, a), (_, b))| equal_at(a, b, depth + 1))
        }
        _ => false,
    }
}
