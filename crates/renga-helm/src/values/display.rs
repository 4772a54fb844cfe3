//! Values in messages, as Go's `fmt` prints them.

use std::fmt;

use renga_gotemplate::GoStr;

use crate::values::{Table, Value};

/// A value as `%v` prints it.
pub(crate) struct Plain<'a> {
    pub(crate) value: &'a Value,
    /// What shared tables stand for.
    pub(crate) shared: &'a [Table],
}

/// A value as a verb for another type prints it.
pub(crate) struct WrongVerb<'a> {
    pub(crate) verb: char,
    pub(crate) value: &'a Value,
    /// What shared tables stand for.
    pub(crate) shared: &'a [Table],
}

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nested = |f: &mut fmt::Formatter<'_>, value: &Value| {
            fmt::Display::fmt(&Plain { value, shared: self.shared }, f)
        };
        match self.value {
            Value::Null => f.write_str("<nil>"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => f.write_str(&float(*value)),
            Value::String(text) => write!(f, "{text}"),
            Value::List(items) => write_list(f, items, nested),
            Value::Table(table) => write_table(f, table, nested),
            Value::Shared(id) => {
                write_table(f, self.shared.get(id.0).unwrap_or(&Table::new()), nested)
            }
        }
    }
}

impl fmt::Display for WrongVerb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, value, shared } = *self;
        let nested = |f: &mut fmt::Formatter<'_>, value: &Value| match value {
            Value::Null => f.write_str("<nil>"),
            value => fmt::Display::fmt(&WrongVerb { verb, value, shared }, f),
        };
        let plain = Plain { value, shared };
        match value {
            Value::Null => write!(f, "%!{verb}(<nil>)"),
            Value::Bool(value) if verb == 't' => write!(f, "{value}"),
            Value::Bool(_) => write!(f, "%!{verb}(bool={plain})"),
            Value::Int(_) => write!(f, "%!{verb}(int64={plain})"),
            Value::Float(_) => write!(f, "%!{verb}(float64={plain})"),
            Value::String(_) => write!(f, "%!{verb}(string={plain})"),
            Value::List(items) => write_list(f, items, nested),
            Value::Table(table) => write_table(f, table, nested),
            Value::Shared(id) => write_table(f, shared.get(id.0).unwrap_or(&Table::new()), nested),
        }
    }
}

type Nested<'a> = &'a dyn Fn(&mut fmt::Formatter<'_>, &Value) -> fmt::Result;

fn write_list(
    f: &mut fmt::Formatter<'_>,
    items: &[Value],
    nested: impl Fn(&mut fmt::Formatter<'_>, &Value) -> fmt::Result,
) -> fmt::Result {
    f.write_str("[")?;
    write_separated(f, items.iter().map(|item| (None, item)), &nested)?;
    f.write_str("]")
}

fn write_table(
    f: &mut fmt::Formatter<'_>,
    table: &Table,
    nested: impl Fn(&mut fmt::Formatter<'_>, &Value) -> fmt::Result,
) -> fmt::Result {
    f.write_str("map[")?;
    write_separated(f, table.iter().map(|(key, value)| (Some(key), value)), &nested)?;
    f.write_str("]")
}

fn write_separated<'v>(
    f: &mut fmt::Formatter<'_>,
    entries: impl Iterator<Item = (Option<&'v GoStr>, &'v Value)>,
    nested: Nested<'_>,
) -> fmt::Result {
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            f.write_str(" ")?;
        }
        if let Some(key) = key {
            write!(f, "{key}:")?;
        }
        nested(f, value)?;
    }
    Ok(())
}

/// A float as `%v` prints it.
fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from_json(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn values_print_as_go_prints_them() {
        for (json, plain, wrong) in [
            ("null", "<nil>", "%!t(<nil>)"),
            ("true", "true", "true"),
            ("1", "1", "%!t(float64=1)"),
            ("1e21", "1e+21", "%!t(float64=1e+21)"),
            ("123456789", "1.23456789e+08", "%!t(float64=1.23456789e+08)"),
            ("\"x y\"", "x y", "%!t(string=x y)"),
            ("[1, null, \"a\"]", "[1 <nil> a]", "[%!t(float64=1) <nil> %!t(string=a)]"),
            ("{\"b\": [], \"a\": {}}", "map[a:map[] b:[]]", "map[a:map[] b:[]]"),
        ] {
            let value = value(json);
            assert_eq!(Plain { value: &value, shared: &[] }.to_string(), plain, "{json}");
            let wrong_verb = WrongVerb { verb: 't', value: &value, shared: &[] };
            assert_eq!(wrong_verb.to_string(), wrong, "{json}");
        }
    }
}
