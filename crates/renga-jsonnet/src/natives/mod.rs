//! The native functions that Tanka has, in Go's semantics and error texts.

mod regexp;

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::native::{CallContext, Native, NativeError, Natives};

type Body = fn(&[Value]) -> Result<Value, NativeError>;

struct Function {
    name: &'static str,
    params: &'static [&'static str],
    body: Body,
}

impl Native for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn params(&self) -> &[&str] {
        self.params
    }

    fn call(&self, arguments: &[Value], _context: &CallContext<'_>) -> Result<Value, NativeError> {
        (self.body)(arguments)
    }

    fn is_pure(&self) -> bool {
        true
    }
}

/// The functions of Tanka that need nothing but their arguments, and `helmTemplate` and
/// `kustomizeBuild` as functions that say that they are not there yet.
pub fn standard() -> Natives {
    let functions: [(&'static str, &'static [&'static str], Body); 6] = [
        ("escapeStringRegex", &["str"], regexp::escape),
        ("regexMatch", &["regex", "string"], regexp::is_match),
        ("regexSubst", &["regex", "src", "repl"], regexp::substitute),
        ("sha256", &["str"], sha256),
        ("helmTemplate", &["name", "chart", "opts"], |_| Err(missing("helmTemplate"))),
        ("kustomizeBuild", &["path", "opts"], |_| Err(missing("kustomizeBuild"))),
    ];
    Natives::new(functions.map(|(name, params, body)| -> Arc<dyn Native> {
        Arc::new(Function { name, params, body })
    }))
}

fn missing(name: &str) -> NativeError {
    NativeError::new(format!("{name} is not available yet in this version"))
}

/// A string argument; anything else breaks Go's type assertion.
fn string<'a>(
    function: &str,
    arguments: &'a [Value],
    index: usize,
) -> Result<&'a str, NativeError> {
    arguments
        .get(index)
        .and_then(Value::as_str)
        .ok_or_else(|| panicked(function, arguments.get(index), "string"))
}

/// What go-jsonnet makes of a native function that panics over the type of an argument.
fn panicked(function: &str, found: Option<&Value>, wanted: &str) -> NativeError {
    let found = match found {
        None | Some(Value::Null) => "nil",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Number(_)) => "float64",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "[]interface {}",
        Some(Value::Object(_)) => "map[string]interface {}",
    };
    NativeError::new(format!(
        "native function {function:?} panicked: interface conversion: interface {{}} is {found}, \
         not {wanted}"
    ))
}

fn sha256(arguments: &[Value]) -> Result<Value, NativeError> {
    let text = string("sha256", arguments, 0)?;
    let hash = Sha256::digest(text.as_bytes());
    Ok(Value::String(hash.iter().map(|byte| format!("{byte:02x}")).collect()))
}
