//! Template values to and from YAML, JSON and TOML, as Helm's functions convert them.
//!
//! `toYaml` walks the value and writes as it goes: no tree in between, unless a string in it would
//! not survive the pass through JSON text that Helm makes.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use renga_gotemplate::{GoStr, List, Map, Type, Value, Zone};
use renga_yaml::{DocumentWriter, Flavour};
use serde_json::Value as Json;

/// Nesting beyond which a value counts as endless, and native stack to keep free.
const MAX_DEPTH: usize = 5_000;
const RED_ZONE: usize = 64 * 1024;
const SEGMENT: usize = 1024 * 1024;

/// Converts values as charts and `--set` bring them: whole numbers that are not floats are `int64`.
pub(crate) fn from_json(json: &Json) -> Value {
    stacker::maybe_grow(RED_ZONE, SEGMENT, || match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) if !number.is_f64() => Value::int64(value),
            _ => Value::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(from_table(entries, Type::DICT)),
    })
}

/// Converts a table into a map of the given type.
pub(crate) fn from_table(entries: &serde_json::Map<String, Json>, ty: Type) -> Map {
    Map::new(ty, entries.iter().map(|(key, value)| (GoStr::from(key.as_str()), from_json(value))))
}

/// A value that has no YAML; the reason, in Go's words.
pub(crate) type Refusal = String;

/// `toYaml`: through JSON, then version 2 of the YAML library; without the last line feed.
pub(crate) fn to_yaml(value: &Value) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let mut walk = Walk {
        writer: DocumentWriter::new(Flavour::SigsYaml, &mut out),
        flavour: Flavour::SigsYaml,
        depth: 0,
    };
    match walk.value(value) {
        Ok(()) => walk.writer.finish(),
        Err(Stop::Refused(reason)) => return Err(reason),
        Err(Stop::Altered) => {
            // The long way, for what JSON text and a YAML reader do not keep.
            let json = to_json(value, 0)?;
            out.clear();
            renga_yaml::try_write(&json, Flavour::SigsYaml, &mut out)
                .map_err(|error| error.to_string())?;
        }
    }
    if out.last() == Some(&b'\n') {
        out.pop();
    }
    Ok(out)
}

/// `toYamlPretty`: version 3 of the library on the value itself.
pub(crate) fn to_yaml_pretty(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let flavour = Flavour::GoYamlV3Indent2;
    let mut walk = Walk { writer: DocumentWriter::new(flavour, &mut out), flavour, depth: 0 };
    match walk.value(value) {
        Ok(()) => walk.writer.finish(),
        Err(_) => return Vec::new(),
    }
    if out.last() == Some(&b'\n') {
        out.pop();
    }
    out
}

enum Stop {
    Refused(Refusal),
    Altered,
}

struct Walk<'o> {
    writer: DocumentWriter<'o>,
    flavour: Flavour,
    depth: usize,
}

impl Walk<'_> {
    fn goes_through_json(&self) -> bool {
        self.flavour == Flavour::SigsYaml
    }

    fn value(&mut self, value: &Value) -> Result<(), Stop> {
        match value {
            Value::Nil => self.writer.null(),
            Value::Bool(value) => self.writer.bool(*value),
            Value::Int(_, value) => self.writer.int(*value),
            Value::Uint(_, value) => self.writer.uint(*value),
            Value::Float(value) if value.is_finite() || !self.goes_through_json() => {
                self.writer.float(*value);
            }
            Value::Float(_) | Value::Complex(..) | Value::Func(_) => {
                return Err(Stop::Refused(unsupported(value)));
            }
            Value::Str(text) => {
                let text = valid(text);
                if self.goes_through_json() && renga_yaml::is_altered_by_json(&text, false) {
                    return Err(Stop::Altered);
                }
                self.writer.string(&text);
            }
            Value::Bytes(bytes) if self.goes_through_json() => {
                self.writer.string(&STANDARD.encode(&bytes[..]));
            }
            Value::Bytes(bytes) if bytes.is_empty() => self.writer.empty_sequence(),
            Value::Bytes(bytes) => {
                self.writer.begin_sequence();
                bytes.iter().for_each(|&byte| self.writer.uint(byte.into()));
                self.writer.end();
            }
            Value::List(list) if list.is_nil() && self.goes_through_json() => self.writer.null(),
            Value::List(list) if list.is_empty() => self.writer.empty_sequence(),
            Value::Map(map) if map.is_nil() && self.goes_through_json() => self.writer.null(),
            Value::Map(map) if map.is_empty() => self.writer.empty_mapping(),
            Value::List(_) | Value::Map(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Stop::Refused(cycle(value)));
                }
                stacker::maybe_grow(RED_ZONE, SEGMENT, || self.collection(value))?;
                self.depth -= 1;
            }
            Value::Object(_) => self.value(&plain(value))?,
        }
        Ok(())
    }

    fn collection(&mut self, value: &Value) -> Result<(), Stop> {
        match value {
            Value::List(list) => {
                self.writer.begin_sequence();
                list.with(|items| items.iter().try_for_each(|item| self.value(item)))?;
            }
            Value::Map(map) => {
                self.writer.begin_mapping();
                map.with(|table| {
                    let entries: Vec<(Cow<'_, str>, &Value)> =
                        table.iter().map(|(key, value)| (valid(key), value)).collect();
                    let mut order: Vec<(&str, &Value)> =
                        entries.iter().map(|(key, value)| (&**key, *value)).collect();
                    renga_yaml::sort_keys(&mut order, self.flavour);
                    order.into_iter().try_for_each(|(key, value)| {
                        if self.goes_through_json() && renga_yaml::is_altered_by_json(key, true) {
                            return Err(Stop::Altered);
                        }
                        self.writer.key(key);
                        self.value(value)
                    })
                })?;
            }
            _ => return Ok(()),
        }
        self.writer.end();
        Ok(())
    }
}

/// What stands for a host object in data.
fn plain(value: &Value) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    object
        .to_json()
        .or_else(|| object.json_fields().map(Value::dict))
        .or_else(|| object.as_collection())
        .or_else(|| object.number().map(Value::int))
        .unwrap_or_else(|| Value::dict(object.fields()))
}

fn unsupported(value: &Value) -> Refusal {
    match value {
        Value::Float(number) => {
            let text = String::from_utf8_lossy(&go_text(&Value::Float(*number))).into_owned();
            format!("error marshaling into JSON: json: unsupported value: {text}")
        }
        other => {
            format!("error marshaling into JSON: json: unsupported type: {}", other.type_name())
        }
    }
}

fn cycle(value: &Value) -> Refusal {
    let ty = value.type_name();
    format!("error marshaling into JSON: json: unsupported value: encountered a cycle via {ty}")
}

/// A value as JSON has it: for the rare cases that need a tree.
fn to_json(value: &Value, depth: usize) -> Result<Json, Refusal> {
    if depth > MAX_DEPTH {
        return Err(cycle(value));
    }
    stacker::maybe_grow(RED_ZONE, SEGMENT, || {
        Ok(match value {
            Value::Nil => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(_, value) => Json::from(*value),
            Value::Uint(_, value) => Json::from(*value),
            Value::Float(number) => serde_json::Number::from_f64(*number)
                .map(Json::Number)
                .ok_or_else(|| unsupported(value))?,
            Value::Complex(..) | Value::Func(_) => return Err(unsupported(value)),
            Value::Str(text) => Json::String(valid(text).into_owned()),
            Value::Bytes(bytes) => Json::String(STANDARD.encode(&bytes[..])),
            Value::List(list) if list.is_nil() => Json::Null,
            Value::List(list) => Json::Array(
                list.to_vec()
                    .iter()
                    .map(|item| to_json(item, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Map(map) if map.is_nil() => Json::Null,
            Value::Map(map) => {
                let mut object = serde_json::Map::new();
                for (key, item) in map.entries() {
                    object.insert(valid(&key).into_owned(), to_json(&item, depth + 1)?);
                }
                Json::Object(object)
            }
            Value::Object(_) => to_json(&plain(value), depth + 1)?,
        })
    })
}

/// The text as `encoding/json` keeps it: every invalid byte is U+FFFD.
pub(crate) fn valid(text: &[u8]) -> Cow<'_, str> {
    let mut error = match std::str::from_utf8(text) {
        Ok(valid) => return Cow::Borrowed(valid),
        Err(error) => error,
    };
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    loop {
        let (good, bad) = rest.split_at(error.valid_up_to());
        out.push_str(std::str::from_utf8(good).unwrap_or_default());
        out.push('\u{FFFD}');
        rest = &bad[1..];
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                out.push_str(valid);
                return Cow::Owned(out);
            }
            Err(next) => error = next,
        }
    }
}

/// What decoding into a map or list found instead.
fn kind_in_json(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// The result of one of the `from…` functions, which report errors as data.
pub(crate) fn decoded_map(json: Result<Json, String>, wrap: &str) -> Value {
    let error = match json {
        // The YAML library decodes into what points at the map, and leaves the map as it is.
        Ok(Json::Null) if wrap == UNMARSHALING => return Value::Map(Map::empty()),
        Ok(Json::Null) => return Value::Map(Map::nil(Type::DICT)),
        Ok(Json::Object(entries)) => return Value::Map(from_table(&entries, Type::DICT)),
        Ok(other) => format!(
            "{wrap}json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            kind_in_json(&other)
        ),
        Err(error) => error,
    };
    Value::dict([("Error", Value::from(error))])
}

/// As [`decoded_map`], for lists.
pub(crate) fn decoded_list(json: Result<Json, String>, wrap: &str) -> Value {
    let error = match json {
        Ok(Json::Null) if wrap == UNMARSHALING => return Value::list(Vec::new()),
        Ok(Json::Null) => return Value::List(List::nil(Type::LIST)),
        Ok(Json::Array(items)) => return Value::list(items.iter().map(from_json).collect()),
        Ok(other) => format!(
            "{wrap}json: cannot unmarshal {} into Go value of type []interface {{}}",
            kind_in_json(&other)
        ),
        Err(error) => error,
    };
    Value::list(vec![Value::from(error)])
}

/// What `sigs.k8s.io/yaml` puts before an error of the JSON decoder.
pub(crate) const UNMARSHALING: &str = "error unmarshaling JSON: while decoding JSON: ";

/// Reads YAML as Helm's functions do.
pub(crate) fn read_yaml(text: &[u8]) -> Result<Json, String> {
    renga_yaml::read(text, Flavour::SigsYaml).map_err(|error| error.to_string())
}

/// Reads JSON as Go does.
pub(crate) fn read_json(text: &[u8]) -> Result<Json, String> {
    renga_gojson::parse(text).map_err(|error| error.message)
}

/// `fromToml`.
pub(crate) fn from_toml(text: &[u8]) -> Value {
    let failed = |message: String| Value::dict([("Error", Value::from(message))]);
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + line_feeds(&text[..error.valid_up_to()]);
            return failed(format!("toml: line {line}: invalid UTF-8 byte"));
        }
    };
    match text.parse::<toml::Table>() {
        Ok(table) => from_toml_table(&table),
        Err(error) => failed(toml_error(text, &error)),
    }
}

/// The library's words for the commonest mistakes; for others, the line and our reader's words.
fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let line = 1 + line_feeds(&text.as_bytes()[..at]);
    let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let (before, after) = match text[start..].split_once('=') {
        Some((key, value)) => (key.trim(), Some(value.trim_start_matches([' ', '\t']))),
        None => (text[start..].lines().next().unwrap_or_default().trim(), None),
    };
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_key = !before.is_empty() && before.chars().all(is_bare);
    match after {
        Some("") if is_key => {
            format!("toml: line {line} (last key \"{before}\"): unexpected EOF; expected value")
        }
        Some(value) if is_key && value.starts_with('\n') => format!(
            "toml: line {line} (last key \"{before}\"): expected value but found '\\n' instead"
        ),
        None if is_key && text[start..].trim_end_matches([' ', '\t']) == before => {
            format!("toml: line {line}: unexpected EOF; expected key separator '='")
        }
        _ => format!("toml: line {line}: {}", error.message()),
    }
}

fn line_feeds(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count() - 1
}

fn from_toml_table(table: &toml::Table) -> Value {
    Value::dict(table.iter().map(|(key, value)| (key.as_str(), from_toml_value(value))))
}

fn from_toml_value(value: &toml::Value) -> Value {
    /// The type of an array of tables.
    static TABLES: Type = Type::Slice(&Type::DICT);
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(value) => Value::int64(*value),
        toml::Value::Float(value) => Value::Float(*value),
        toml::Value::Boolean(value) => Value::Bool(*value),
        toml::Value::Datetime(value) => from_toml_time(value),
        toml::Value::Array(items) => {
            let values = items.iter().map(from_toml_value).collect();
            if !items.is_empty() && items.iter().all(toml::Value::is_table) {
                Value::List(List::new(TABLES, values))
            } else {
                Value::list(values)
            }
        }
        toml::Value::Table(table) => from_toml_table(table),
    }
}

/// A date or time; what has no zone is taken as local, which is what Go's values print.
fn from_toml_time(value: &toml::value::Datetime) -> Value {
    let date = value.date.unwrap_or(toml::value::Date { year: 0, month: 1, day: 1 });
    let (hour, minute, second, nanosecond) = value.time.map_or((0, 0, 0, 0), |time| {
        (time.hour, time.minute, time.second.unwrap_or(0), time.nanosecond.unwrap_or(0))
    });
    let offset = match value.offset {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes) * 60,
        _ => 0,
    };
    let zone = match value.offset {
        Some(toml::value::Offset::Custom { minutes }) => Zone::fixed("", i32::from(minutes) * 60),
        _ => Zone::utc(),
    };
    let days = days_from_civil(i64::from(date.year), date.month.into(), date.day.into());
    let clock = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Value::time(days * 86_400 + clock - offset, nanosecond, zone)
}

/// Days from 1970 to a date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A time as RFC 3339 text.
pub(crate) fn time_text(value: &Value) -> Vec<u8> {
    match plain(value) {
        Value::Str(text) => text.to_vec(),
        other => go_text(&other),
    }
}

/// A value as `%v` prints it.
pub(crate) fn go_text(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value.print(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn yaml(value: &Value) -> String {
        String::from_utf8(to_yaml(value).unwrap()).unwrap()
    }

    #[test]
    fn yaml_is_written_from_the_value() {
        let value =
            from_json(&json!({"b": [1.0, 2.5, {"x": null}], "a10": "yes", "a2": {}, "c": []}));
        assert_eq!(yaml(&value), "a2: {}\na10: \"yes\"\nb:\n- 1\n- 2.5\n- x: null\nc: []");
        assert_eq!(yaml(&Value::Bytes(GoStr::from("hi"))), "aGk=");
        assert_eq!(yaml(&Value::from(b"a\xff\xfeb".to_vec())), "a\u{FFFD}\u{FFFD}b");
        assert_eq!(yaml(&Value::int64(i64::MAX)), "9223372036854775807");
    }

    #[test]
    fn what_json_or_yaml_refuse_is_refused() {
        assert!(to_yaml(&Value::Float(f64::NAN)).is_err());
        assert!(to_yaml(&Value::from("\u{7f}")).is_err());
        let map = Map::empty();
        map.insert("self".into(), Value::Map(map.clone()));
        assert!(to_yaml(&Value::Map(map.clone())).is_err());
        map.remove(b"self");
    }

    #[test]
    fn errors_are_data() {
        let value = decoded_map(read_yaml(b"- 1"), UNMARSHALING);
        assert_eq!(
            yaml(&value),
            "Error: 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array\n  into Go value of type map[string]interface {}'"
        );
        assert!(matches!(decoded_map(read_json(b"null"), ""), Value::Map(map) if map.is_nil()));
        let empty = decoded_map(read_yaml(b""), UNMARSHALING);
        assert!(matches!(empty, Value::Map(map) if !map.is_nil()));
    }
}
