//! Defaults, choices and failures.

use super::{A, S, fixed, variadic};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::types::Type;
use crate::value::Value;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    variadic(f, "default", &[A, A], A, |_, a| {
        let given = a.rest(1).first().filter(|given| !empty(given));
        Ok(given.unwrap_or(a.any(0)).clone())
    });
    fixed(f, "empty", &[A], Type::Bool, |_, a| Ok(Value::Bool(empty(a.any(0)))));
    variadic(f, "coalesce", &[A], A, |_, a| {
        Ok(a.rest(0).iter().find(|value| !empty(value)).cloned().unwrap_or_default())
    });
    variadic(f, "all", &[A], Type::Bool, |_, a| Ok(Value::Bool(!a.rest(0).iter().any(empty))));
    variadic(f, "any", &[A], Type::Bool, |_, a| {
        Ok(Value::Bool(a.rest(0).iter().any(|value| !empty(value))))
    });
    fixed(f, "ternary", &[A, A, Type::Bool], A, |_, a| Ok(a.any(usize::from(!a.bool(2))).clone()));
    fixed(f, "fail", &[S], S, |_, a| {
        Err(FuncError::new(String::from_utf8_lossy(a.str(0)).into_owned()))
    });
    fixed(f, "env", &[S], S, |call, a| {
        let name = String::from_utf8_lossy(a.str(0)).into_owned();
        Ok(Value::from(call.world()?.variable(&name).unwrap_or_default()))
    });
    fixed(f, "expandenv", &[S], S, |call, a| {
        let world = call.world()?;
        Ok(Value::from(expand(a.str(0), |name| world.variable(name).unwrap_or_default())))
    });
}

/// Whether Sprig takes the value as empty: the zero value, or a collection without elements.
pub(super) fn empty(value: &Value) -> bool {
    !value.truth()
}

/// `os.Expand`: replaces `$name` and `${name}`.
fn expand(text: &[u8], lookup: impl Fn(&str) -> String) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
        if at + 1 >= rest.len() {
            break;
        }
        out.extend_from_slice(&rest[..at]);
        let (name, used) = shell_name(&rest[at + 1..]);
        if name.is_empty() && used == 0 {
            // A dollar sign without a name stays.
            out.push(b'$');
        } else if !name.is_empty() {
            out.extend_from_slice(lookup(&String::from_utf8_lossy(name)).as_bytes());
        }
        rest = &rest[at + 1 + used..];
    }
    out.extend_from_slice(rest);
    out
}

/// The name at the start of the text after a dollar sign, and the bytes it takes up.
fn shell_name(text: &[u8]) -> (&[u8], usize) {
    let special = |byte: u8| b"*#$@!?-0123456789".contains(&byte);
    match text {
        [b'{', byte, b'}', ..] if special(*byte) => (&text[1..2], 3),
        [b'{', rest @ ..] => match rest.iter().position(|&byte| byte == b'}') {
            // Bad syntax is eaten.
            Some(0) => (b"", 2),
            Some(end) => (&rest[..end], end + 2),
            None => (b"", 1),
        },
        [byte, ..] if special(*byte) => (&text[..1], 1),
        _ => {
            let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
            let end = text.iter().position(|&byte| !word(byte)).unwrap_or(text.len());
            (&text[..end], end)
        }
    }
}
