//! The native functions that Tanka has, in Go's semantics and error texts.

mod indent;

use std::fmt::Write as _;
use std::sync::Arc;

use renga_gojson as gojson;
use renga_regexp::{Regexp, quote_meta};
use renga_yaml::{Flavour, YamlError};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::native::{CallContext, Native, NativeError, Natives, Reach};

type Body = fn(&Arguments<'_>) -> Result<Value, NativeError>;

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
        (self.body)(&Arguments { function: self.name, values: arguments })
    }

    fn reach(&self) -> Reach {
        Reach::Arguments
    }
}

const FUNCTIONS: [Function; 9] = [
    Function { name: "parseJson", params: &["json"], body: parse_json },
    Function { name: "parseYaml", params: &["yaml"], body: parse_yaml },
    Function { name: "manifestJsonFromJson", params: &["json", "indent"], body: manifest_json },
    Function { name: "manifestYamlFromJson", params: &["json"], body: manifest_yaml },
    Function { name: "escapeStringRegex", params: &["str"], body: escape_regex },
    Function { name: "regexMatch", params: &["regex", "string"], body: regex_match },
    Function { name: "regexSubst", params: &["regex", "src", "repl"], body: regex_subst },
    Function { name: "sha256", params: &["str"], body: sha256 },
    Function { name: "kustomizeBuild", params: &["path", "opts"], body: missing },
];

/// The functions of Tanka that need nothing but their arguments, and `kustomizeBuild` as a function
/// that says that it is not there yet.
pub fn standard() -> Natives {
    Natives::new(FUNCTIONS.map(|function| -> Arc<dyn Native> { Arc::new(function) }))
}

struct Arguments<'a> {
    function: &'a str,
    values: &'a [Value],
}

impl Arguments<'_> {
    /// A string argument; anything else breaks Go's type assertion.
    fn string(&self, index: usize) -> Result<&str, NativeError> {
        self.values.get(index).and_then(Value::as_str).ok_or_else(|| self.wrong(index, "string"))
    }

    fn number(&self, index: usize) -> Result<f64, NativeError> {
        self.values.get(index).and_then(Value::as_f64).ok_or_else(|| self.wrong(index, "float64"))
    }

    fn wrong(&self, index: usize, wanted: &str) -> NativeError {
        let found = match self.values.get(index) {
            None | Some(Value::Null) => "nil",
            Some(Value::Bool(_)) => "bool",
            Some(Value::Number(_)) => "float64",
            Some(Value::String(_)) => "string",
            Some(Value::Array(_)) => "[]interface {}",
            Some(Value::Object(_)) => "map[string]interface {}",
        };
        self.panicked(&format!("interface conversion: interface {{}} is {found}, not {wanted}"))
    }

    /// What go-jsonnet makes of a native function that panics.
    fn panicked(&self, message: &str) -> NativeError {
        NativeError::new(format!("native function {:?} panicked: {message}", self.function))
    }
}

fn failed(error: impl std::fmt::Display) -> NativeError {
    NativeError::new(error.to_string())
}

fn missing(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    Err(failed(format_args!("{} is not available yet in this version", arguments.function)))
}

fn parse_json(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    gojson::parse(arguments.string(0)?.as_bytes()).map_err(failed)
}

fn parse_yaml(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let text = arguments.string(0)?.as_bytes();
    let documents = renga_yaml::read_documents(text, Flavour::GoYamlV3).map_err(|error| {
        let step = match error {
            YamlError::NotJson { .. } => "converting yaml to json",
            _ => "parsing yaml",
        };
        failed(format_args!("{step}: {error}"))
    })?;
    Ok(Value::Array(documents))
}

fn manifest_json(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let indent = arguments.number(1)?.trunc();
    let text = arguments.string(0)?.trim();
    if indent < 0.0 {
        return Err(arguments.panicked("strings: negative Repeat count"));
    }
    gojson::parse(text.as_bytes()).map_err(failed)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked, and a float saturates"
    )]
    let width = (indent as usize).min(1 << 10);
    Ok(Value::String(indent::indent(text, &" ".repeat(width)) + "\n"))
}

fn manifest_yaml(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let value = gojson::parse(arguments.string(0)?.as_bytes()).map_err(failed)?;
    Ok(Value::String(renga_yaml::to_string(&value, Flavour::GoYamlV3)))
}

fn escape_regex(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    Ok(Value::String(quote_meta(arguments.string(0)?)))
}

fn regex_match(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let (pattern, text) = (arguments.string(0)?, arguments.string(1)?);
    let regex = Regexp::new(pattern).map_err(failed)?;
    Ok(Value::Bool(regex.is_match(text.as_bytes())))
}

fn regex_subst(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let (pattern, text) = (arguments.string(0)?, arguments.string(1)?);
    let template = arguments.string(2)?;
    let regex = Regexp::new(pattern).map_err(failed)?;
    let replaced = regex.replace_all(text.as_bytes(), template.as_bytes());
    Ok(Value::String(String::from_utf8_lossy(&replaced).into_owned()))
}

fn sha256(arguments: &Arguments<'_>) -> Result<Value, NativeError> {
    let hash = Sha256::digest(arguments.string(0)?.as_bytes());
    let mut text = String::with_capacity(64);
    for byte in hash {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Value::String(text))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
        let (reads, entrypoint) = (RefCell::default(), Path::new("/main.jsonnet"));
        let context = CallContext { file: None, entrypoint, reads: &reads };
        let natives = standard();
        let native = natives.get(name).unwrap();
        native.call(arguments, &context).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_gos() {
        for (name, arguments, expected) in [
            ("parseJson", vec![json!(r#"{"a": 1, "a": 2}"#)], json!({ "a": 2.0 })),
            ("parseYaml", vec![json!("")], json!([])),
            ("parseYaml", vec![json!("a: yes\n---\n- 1_000\n")], json!([{ "a": "yes" }, [1000]])),
            (
                "manifestJsonFromJson",
                vec![json!(" {\"b\":1.0,\"a\":[]} "), json!(2.0)],
                json!("{\n  \"b\": 1.0,\n  \"a\": []\n}\n"),
            ),
            ("manifestYamlFromJson", vec![json!("{\"a\":[1]}")], json!("a:\n    - 1\n")),
            ("escapeStringRegex", vec![json!("a.b$")], json!("a\\.b\\$")),
            ("regexMatch", vec![json!("^a+$"), json!("aa")], json!(true)),
            ("regexSubst", vec![json!("a*"), json!("baac"), json!("X")], json!("XbXcX")),
            ("regexSubst", vec![json!("(b)"), json!("abc"), json!("$1x")], json!("ac")),
        ] {
            assert_eq!(call(name, &arguments), Ok(expected), "{name} {arguments:?}");
        }
    }

    #[test]
    fn errors_are_gos() {
        for (name, arguments, expected) in [
            (
                "parseJson",
                vec![json!("{a")],
                "invalid character 'a' looking for beginning of object key string",
            ),
            (
                "parseYaml",
                vec![json!("{1: 2}")],
                "converting yaml to json: json: unsupported type: map[interface {}]interface {}",
            ),
            (
                "parseYaml",
                vec![json!(".inf")],
                "converting yaml to json: json: unsupported value: +Inf",
            ),
            (
                "regexMatch",
                vec![json!("("), json!("")],
                "error parsing regexp: missing closing ): `(`",
            ),
            (
                "sha256",
                vec![json!(1.0)],
                "native function \"sha256\" panicked: interface conversion: interface {} is float64, not string",
            ),
            (
                "manifestJsonFromJson",
                vec![json!("1"), json!("2")],
                "native function \"manifestJsonFromJson\" panicked: interface conversion: interface {} is string, not float64",
            ),
            ("kustomizeBuild", vec![], "kustomizeBuild is not available yet in this version"),
        ] {
            assert_eq!(call(name, &arguments), Err(expected.to_owned()), "{name} {arguments:?}");
        }
    }
}
