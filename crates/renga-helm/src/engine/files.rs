//! `.Files`: the files of a chart that are not templates, with the methods Helm gives them.

use renga_gotemplate::{Closure, FuncError, GoStr, List, Map, NamedType, Signature, Type, Value};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::convert;
use super::glob::Glob;
use crate::chart::File;

static FILES: NamedType = NamedType {
    name: "engine.files",
    underlying: Type::Map(&Type::BYTES),
    method,
    list_method: NamedType::no_list_methods,
    display: None,
};

const FILES_TYPE: Type = Type::Named(&FILES);

/// The `.Files` of a chart. Nothing is copied.
pub(super) fn object(files: &[File]) -> Value {
    let entries = files.iter().map(|file| {
        (GoStr::from(&*file.name), Value::Bytes(GoStr::from(std::sync::Arc::clone(&file.data))))
    });
    Value::Map(Map::new(FILES_TYPE, entries))
}

type Method = fn(&Map, &[u8]) -> Result<Value, FuncError>;

fn method(map: &Map, name: &str) -> Option<Closure> {
    const ONE: &[Type] = &[Type::String];
    let (params, result, type_name, code): (_, _, _, Method) = match name {
        "Get" => (ONE, Type::String, "func(string) string", get),
        "GetBytes" => (ONE, Type::BYTES, "func(string) []uint8", get_bytes),
        "Glob" => (ONE, FILES_TYPE, "func(string) engine.files", glob),
        "Lines" => (ONE, Type::STRINGS, "func(string) []string", lines),
        "AsConfig" => (&[][..], Type::String, "func() string", as_config),
        "AsSecrets" => (&[][..], Type::String, "func() string", as_secrets),
        _ => return None,
    };
    let map = map.clone();
    Some(Closure {
        signature: Signature { params, variadic: false, result },
        type_name,
        body: Box::new(move |_, args| code(&map, args.str(0))),
    })
}

fn content(map: &Map, name: &[u8]) -> GoStr {
    match map.get(name) {
        Some(Value::Bytes(data) | Value::Str(data)) => data,
        _ => GoStr::default(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn get(map: &Map, name: &[u8]) -> Result<Value, FuncError> {
    Ok(Value::Str(content(map, name)))
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn get_bytes(map: &Map, name: &[u8]) -> Result<Value, FuncError> {
    Ok(Value::Bytes(content(map, name)))
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn glob(map: &Map, pattern: &[u8]) -> Result<Value, FuncError> {
    // Of a malformed pattern Helm makes one that matches everything.
    let glob = std::str::from_utf8(pattern).ok().and_then(Glob::compile);
    let mut entries = map.entries();
    entries.retain(|(name, _)| glob.as_ref().is_none_or(|glob| glob.matches(&name.to_text())));
    Ok(Value::Map(Map::new(FILES_TYPE, entries)))
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn lines(map: &Map, name: &[u8]) -> Result<Value, FuncError> {
    let data = content(map, name);
    if data.is_empty() {
        return Ok(Value::List(List::new(Type::STRINGS, Vec::new())));
    }
    let text = data.strip_suffix(b"\n").unwrap_or(&data);
    Ok(Value::strings(text.split(|&byte| byte == b'\n')))
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn as_config(map: &Map, _: &[u8]) -> Result<Value, FuncError> {
    Ok(by_base_name(map, Value::Str))
}

#[expect(clippy::unnecessary_wraps, reason = "methods may fail")]
fn as_secrets(map: &Map, _: &[u8]) -> Result<Value, FuncError> {
    Ok(by_base_name(map, |data| Value::from(STANDARD.encode(&data[..]))))
}

/// The files as YAML by base name; of several with the same, Go keeps any and this the last.
fn by_base_name(map: &Map, written: impl Fn(GoStr) -> Value) -> Value {
    if map.is_nil() {
        return Value::from("");
    }
    let base = |name: &[u8]| {
        let end = name.len() - name.iter().rev().take_while(|&&byte| byte == b'/').count();
        let start = name[..end].iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        GoStr::from(&name[start..end])
    };
    let entries = map.entries().into_iter().map(|(name, data)| {
        let data = match data {
            Value::Bytes(data) | Value::Str(data) => data,
            _ => GoStr::default(),
        };
        (base(&name), written(data))
    });
    let map = Value::Map(Map::new(Type::Map(&Type::String), entries));
    Value::from(convert::to_yaml(&map).unwrap_or_default())
}
