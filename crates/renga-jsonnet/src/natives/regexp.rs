//! `regexMatch`, `regexSubst` and `escapeStringRegex`: Go's package `regexp`.

use regex::{Captures, Regex};
use serde_json::Value;

use crate::native::NativeError;
use crate::natives::string;

fn compile(pattern: &str) -> Result<Regex, NativeError> {
    Regex::new(pattern)
        .map_err(|error| NativeError::new(format!("error parsing regexp: {error}: `{pattern}`")))
}

pub(super) fn escape(arguments: &[Value]) -> Result<Value, NativeError> {
    let text = string("escapeStringRegex", arguments, 0)?;
    let mut escaped = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if r"\.+*?()|[]{}^$".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    Ok(Value::String(escaped))
}

pub(super) fn is_match(arguments: &[Value]) -> Result<Value, NativeError> {
    let pattern = string("regexMatch", arguments, 0)?;
    let text = string("regexMatch", arguments, 1)?;
    Ok(Value::Bool(compile(pattern)?.is_match(text)))
}

pub(super) fn substitute(arguments: &[Value]) -> Result<Value, NativeError> {
    let pattern = string("regexSubst", arguments, 0)?;
    let text = string("regexSubst", arguments, 1)?;
    let template = string("regexSubst", arguments, 2)?;
    let regex = compile(pattern)?;
    let replaced = regex.replace_all(text, |captures: &Captures<'_>| expand(template, captures));
    Ok(Value::String(replaced.into_owned()))
}

/// Fills in a template: `$1`, `${1}`, `$name` (the longest name), `$$`. What is no reference is
/// text; a reference to no group is empty.
fn expand(template: &str, captures: &Captures<'_>) -> String {
    let mut expanded = String::new();
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        expanded.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = reference(rest) {
            let group = match name.parse::<usize>() {
                Ok(index) if name.len() == 1 || !name.starts_with('0') => captures.get(index),
                _ => captures.name(name),
            };
            expanded.push_str(group.map_or("", |group| group.as_str()));
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

/// The name at the start of `text` and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braced, body) = match text.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let end =
        body.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(body.len());
    if end == 0 {
        return None;
    }
    let (name, after) = body.split_at(end);
    if braced { Some((name, after.strip_prefix('}')?)) } else { Some((name, after)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_follow_go() {
        for (pattern, text, template, expected) in [
            ("a*", "baac", "X", "XbXcX"),
            ("(b)(c)", "abcd", "$2$1", "acbd"),
            ("(b)", "abc", "$1x", "ac"),
            ("(b)", "abc", "${1}x", "abxc"),
            ("(?P<n>b)", "abc", "[$n]", "a[b]c"),
            ("b", "abc", "$$1", "a$1c"),
            ("b", "abc", "$", "a$c"),
            ("b", "abc", "${", "a${c"),
            ("b", "abc", "${1 }", "a${1 }c"),
            ("b", "abc", "$0$0", "abbc"),
            ("(b)", "abc", "$01", "ac"),
            ("b", "abc", "$9", "ac"),
        ] {
            let result = substitute(&[json!(pattern), json!(text), json!(template)]).unwrap();
            assert_eq!(result, json!(expected), "{pattern} {text} {template}");
        }
    }

    #[test]
    fn wrong_types_are_go_panics() {
        let error = is_match(&[json!("a"), json!(1.0)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "native function \"regexMatch\" panicked: interface conversion: interface {} is \
             float64, not string"
        );
    }
}
