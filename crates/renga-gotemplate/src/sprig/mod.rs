//! The Sprig functions, version 3.3.0.
//!
//! One file per subject; each registers its functions with the Go signatures that decide which
//! arguments are accepted. Functions that need a clock, time zones, randomness, the environment or
//! the network ask the [`World`](crate::World) of the run.

mod cast;
mod conversion;
mod crypto;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod lists;
mod math;
mod network;
mod paths;
mod regex;
mod semver;
mod strings;
mod urls;
mod words;
mod wrap;

use std::sync::{Arc, LazyLock};

use crate::error::FuncError;
use crate::func::{Args, Call, FuncMap};
use crate::types::Type;
use crate::value::Value;

/// What a library function returns.
type Returned = Result<Value, FuncError>;

/// A library function.
type Code = fn(&mut Call<'_, '_>, &Args<'_>) -> Returned;

const S: Type = Type::String;
const I: Type = Type::INT;
const A: Type = Type::Any;
const D: Type = Type::DICT;

/// Returns the Sprig text functions, as `sprig.TxtFuncMap` does in Go.
///
/// Texts become numbers by the rules of `spf13/cast` 1.10, which programs built lately use. Built
/// once; clone it to add to it.
pub fn functions() -> &'static Arc<FuncMap> {
    static FUNCTIONS: LazyLock<Arc<FuncMap>> = LazyLock::new(|| Arc::new(all::<false>()));
    &FUNCTIONS
}

/// Returns the Sprig text functions over `spf13/cast` 1.7, as Helm 3 and 4 are built.
///
/// A text with a fraction, such as `1.5`, is no whole number there.
pub fn functions_with_cast_1_7() -> &'static Arc<FuncMap> {
    static FUNCTIONS: LazyLock<Arc<FuncMap>> = LazyLock::new(|| Arc::new(all::<true>()));
    &FUNCTIONS
}

/// All functions; `OLD` chooses the older rules of [`cast`].
fn all<const OLD: bool>() -> FuncMap {
    let mut funcs = FuncMap::new();
    strings::register(&mut funcs);
    conversion::register(&mut funcs);
    math::register::<OLD>(&mut funcs);
    lists::register::<OLD>(&mut funcs);
    dicts::register(&mut funcs);
    defaults::register(&mut funcs);
    regex::register(&mut funcs);
    encoding::register(&mut funcs);
    crypto::register(&mut funcs);
    dates::register(&mut funcs);
    network::register(&mut funcs);
    paths::register(&mut funcs);
    semver::register(&mut funcs);
    urls::register(&mut funcs);
    funcs
}

fn fixed(funcs: &mut FuncMap, name: &str, params: &'static [Type], result: Type, code: Code) {
    funcs.add(name, params, false, result, code);
}

fn variadic(funcs: &mut FuncMap, name: &str, params: &'static [Type], result: Type, code: Code) {
    funcs.add(name, params, true, result, code);
}

/// A value as Sprig turns it into a string: `String` methods, otherwise `%v`.
fn strval(value: &Value) -> Vec<u8> {
    match value {
        Value::Str(text) | Value::Bytes(text) => text.to_vec(),
        other => {
            let mut out = Vec::new();
            crate::format::print_value(&mut out, other);
            out
        }
    }
}

/// The text of the Go run-time error for a slice expression out of bounds.
fn slice_bounds(start: i64, end: i64, length: usize) -> FuncError {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    FuncError::new(if end < 0 || end > length {
        if end < 0 {
            format!("runtime error: slice bounds out of range [:{end}]")
        } else {
            format!("runtime error: slice bounds out of range [:{end}] with length {length}")
        }
    } else if start < 0 {
        format!("runtime error: slice bounds out of range [{start}:]")
    } else {
        format!("runtime error: slice bounds out of range [{start}:{end}]")
    })
}

/// `text[start..end]` with Go's run-time error when the bounds are wrong.
fn byte_range(text: &[u8], start: i64, end: i64) -> Result<&[u8], FuncError> {
    let bounds = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    bounds
        .and_then(|(start, end)| text.get(start..end))
        .ok_or_else(|| slice_bounds(start, end, text.len()))
}
