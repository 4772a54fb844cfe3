//! The grammar of `--set`, `--set-string`, `--set-json`, `--set-file` and `--set-literal`.
//!
//! Follows Helm's parser step by step, because what it does with odd input is what users get: an
//! end of input in the middle of a key is often no error, an element of a list may be lost. Where
//! the parser of Helm panics and recovers, the error says so in Go's words.
//!
//! Invariant: nothing recurses deeper than [`MAX_DEPTH`].

use std::sync::Arc;

use renga_gotemplate::{GoStr, is_space, quoted, quoted_rune};

use crate::compat::Compat;
use crate::values::{Table, Value};

/// The highest index of a list.
const MAX_INDEX: usize = 65_536;

/// How many names may be nested.
const MAX_NAMES: usize = 30;

/// How deep values may be nested. Helm limits only names.
const MAX_DEPTH: usize = 400;

/// What comes of the text behind `=`.
pub(crate) enum Mode<'a> {
    /// `--set`: bools, null and integers by their looks, lists in braces.
    Typed,
    /// `--set-string`: strings, lists in braces.
    Strings,
    /// `--set-json`: JSON.
    Json,
    /// `--set-file`: what is in the file of that name.
    File(&'a mut dyn FnMut(&str) -> Result<GoStr, String>),
    /// `--set-literal`: all of the rest, as it is.
    Literal,
}

/// Why a text is not understood. The words are those of Helm's parser.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SetError {
    #[error("key {} has no value", quoted(key.as_bytes()))]
    NoValue { key: String },
    #[error("key {} has no value (cannot end with ,)", quoted(key.as_bytes()))]
    EndsWithComma { key: String },
    #[error("key map {} has no value", quoted(key.as_bytes()))]
    EmptyMap { key: String },
    #[error(
        "value name nested level is greater than maximum supported nested level of {MAX_NAMES}"
    )]
    TooManyNames,
    #[error("error parsing index: strconv.Atoi: parsing {}: {problem}", quoted(text.as_bytes()))]
    Index { text: String, problem: &'static str },
    #[error("error parsing index: EOF")]
    IndexEnds,
    #[error("negative {index} index not allowed")]
    NegativeIndex { index: i64 },
    #[error("index of {index} is greater than maximum supported index of {MAX_INDEX}")]
    HighIndex { index: i64 },
    #[error("unexpected data at end of array index: [{}]", runes(text))]
    BehindIndex { text: String },
    #[error("list must terminate with '}}'")]
    OpenList,
    #[error("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")]
    WrongType { found: &'static str, wanted: &'static str },
    #[error("invalid JSON")]
    Json,
    #[error("{0}")]
    File(String),
    #[error("values nest deeper than {MAX_DEPTH}")]
    TooDeep,
}

fn runes(text: &str) -> String {
    text.chars().map(quoted_rune).collect::<Vec<_>>().join(" ")
}

/// Why a step of the parser does not go on.
enum Stop {
    /// The text is over, which is only an error where the caller says so.
    End,
    Error(SetError),
}

type Step<T = ()> = Result<T, Stop>;

fn fail<T>(error: SetError) -> Step<T> {
    Err(Stop::Error(error))
}

/// Reads `text` and writes what it says into `values`.
///
/// # Errors
///
/// [`SetError`]; `values` may be changed in part.
pub(crate) fn set(
    values: &mut Table,
    text: &str,
    mode: Mode<'_>,
    compat: Compat,
) -> Result<(), SetError> {
    let mut parser = Parser { text, at: 0, mode, compat };
    loop {
        match parser.key(values, 0, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

struct Parser<'t, 'm> {
    text: &'t str,
    at: usize,
    mode: Mode<'m>,
    compat: Compat,
}

/// What stands in braces, or does not.
enum Braces {
    List(Vec<Value>),
    /// There is no brace.
    None,
    /// There is nothing at all.
    End,
}

impl Parser<'_, '_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn is_literal(&self) -> bool {
        matches!(self.mode, Mode::Literal)
    }

    /// What stands before the next of the characters in `stop`, and which of them it is; none at
    /// the end of the text.
    fn until(&mut self, stop: &[char]) -> (String, Option<char>) {
        let mut found = String::new();
        while let Some(next) = self.next() {
            if stop.contains(&next) {
                return (found, Some(next));
            }
            if next == '\\' && !self.is_literal() {
                match self.next() {
                    Some(escaped) => found.push(escaped),
                    None => break,
                }
            } else {
                found.push(next);
            }
        }
        (found, None)
    }

    /// A key and its value, written into `data`.
    fn key(&mut self, data: &mut Table, names: usize, depth: usize) -> Step {
        if depth > MAX_DEPTH {
            return fail(SetError::TooDeep);
        }
        let stop: &[char] =
            if self.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, last) = self.until(stop);
        match last {
            None if key.is_empty() => Err(Stop::End),
            None => fail(SetError::NoValue { key }),
            Some('[') => {
                let index = self.index()?;
                match data.get_mut(key.as_bytes()) {
                    None => {
                        let mut list = Vec::new();
                        let done = self.item(&mut list, index, names, depth + 1);
                        assign(data, &key, Value::List(Arc::new(list)));
                        done
                    }
                    Some(Value::List(items)) => {
                        self.item(Arc::make_mut(items), index, names, depth + 1)
                    }
                    Some(other) => wrong_type(other, "[]interface {}"),
                }
            }
            Some('=') => self.value_of(data, &key),
            Some(',') => fail(SetError::EndsWithComma { key }),
            Some(_) => {
                if names >= MAX_NAMES {
                    return fail(SetError::TooManyNames);
                }
                match data.get_mut(key.as_bytes()) {
                    None => {
                        let mut inner = Table::new();
                        let done = self.key(&mut inner, names + 1, depth + 1);
                        if !inner.is_empty() {
                            assign(data, &key, Value::table(inner));
                        } else if done.is_ok() {
                            return fail(SetError::EmptyMap { key });
                        }
                        done
                    }
                    Some(Value::Table(inner)) => {
                        let inner = Arc::make_mut(inner);
                        self.key(inner, names + 1, depth + 1)?;
                        if inner.is_empty() { fail(SetError::EmptyMap { key }) } else { Ok(()) }
                    }
                    Some(other) => wrong_type(other, "map[string]interface {}"),
                }
            }
        }
    }

    /// The value behind `key=`.
    fn value_of(&mut self, data: &mut Table, key: &str) -> Step {
        if self.is_literal() {
            let (text, _) = self.until(&[]);
            assign(data, key, Value::String(GoStr::from(text)));
            return Ok(());
        }
        if matches!(self.mode, Mode::Json) {
            let value = self.json()?;
            assign(data, key, value);
            return Ok(());
        }
        match self.braces()? {
            Braces::List(items) => assign(data, key, Value::List(Arc::new(items))),
            Braces::End => {
                assign(data, key, Value::String(GoStr::from("")));
                return Err(Stop::End);
            }
            Braces::None => {
                let (text, _) = self.until(&[',']);
                let value = self.typed(text)?;
                assign(data, key, value);
            }
        }
        Ok(())
    }

    /// The number in brackets.
    fn index(&mut self) -> Step<i64> {
        let (text, last) = self.until(&[']']);
        if last.is_none() {
            // Helm 4 takes the end of the text for what it is, Helm 3 for an error.
            return if self.compat.is_v4() { Err(Stop::End) } else { fail(SetError::IndexEnds) };
        }
        text.parse().or_else(|_| {
            let problem = if is_too_long(&text) { "value out of range" } else { "invalid syntax" };
            fail(SetError::Index { text, problem })
        })
    }

    /// What stands behind `[index]`, written into a list.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, names: usize, depth: usize) -> Step {
        if depth > MAX_DEPTH {
            return fail(SetError::TooDeep);
        }
        let Ok(at) = usize::try_from(index) else {
            return fail(SetError::NegativeIndex { index });
        };
        let (text, last) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return fail(SetError::BehindIndex { text });
        }
        match last {
            None => Err(Stop::End),
            Some('=') => {
                let value = if self.is_literal() {
                    Value::String(GoStr::from(self.until(&[]).0))
                } else if matches!(self.mode, Mode::Json) {
                    self.json()?
                } else {
                    match self.braces()? {
                        Braces::List(items) => Value::List(Arc::new(items)),
                        Braces::End => Value::String(GoStr::from("")),
                        Braces::None => {
                            let (text, _) = self.until(&[',']);
                            self.typed(text)?
                        }
                    }
                };
                assign_at(list, index, value)
            }
            Some('[') => {
                let next = self.index()?;
                match list.get_mut(at) {
                    None | Some(Value::Null) => {
                        let mut nested = Vec::new();
                        self.item(&mut nested, next, names, depth + 1)?;
                        assign_at(list, index, Value::List(Arc::new(nested)))
                    }
                    Some(Value::List(items)) => {
                        self.item(Arc::make_mut(items), next, names, depth + 1)
                    }
                    Some(other) => wrong_type(other, "[]interface {}"),
                }
            }
            Some(_) => match list.get_mut(at) {
                // Helm loses an element that was begun and not ended.
                None => {
                    let mut inner = Table::new();
                    self.key(&mut inner, names, depth + 1)?;
                    assign_at(list, index, Value::table(inner))
                }
                Some(slot) => {
                    if !matches!(slot, Value::Table(_)) {
                        *slot = Value::table(Table::new());
                    }
                    let Value::Table(inner) = slot else { return Ok(()) };
                    self.key(Arc::make_mut(inner), names, depth + 1)
                }
            },
        }
    }

    /// A list in braces, if there is one.
    fn braces(&mut self) -> Step<Braces> {
        match self.next() {
            None => return Ok(Braces::End),
            Some('{') => {}
            Some(other) => {
                self.at -= other.len_utf8();
                return Ok(Braces::None);
            }
        }
        let mut items = Vec::new();
        loop {
            let (text, last) = self.until(&[',', '}']);
            match last {
                None => return fail(SetError::OpenList),
                Some('}') => {
                    if self.rest().starts_with(',') {
                        self.at += 1;
                    }
                    items.push(self.typed(text)?);
                    return Ok(Braces::List(items));
                }
                Some(_) => items.push(self.typed(text)?),
            }
        }
    }

    /// A value by its text.
    fn typed(&mut self, text: String) -> Step<Value> {
        match &mut self.mode {
            Mode::File(read) => match read(&text) {
                Ok(contents) => Ok(Value::String(contents)),
                Err(problem) => fail(SetError::File(problem)),
            },
            Mode::Typed => Ok(typed(text)),
            _ => Ok(Value::String(GoStr::from(text))),
        }
    }

    /// A JSON value and the comma behind it. Nothing is null.
    fn json(&mut self) -> Step<Value> {
        if self.skip_space() {
            return Ok(Value::Null);
        }
        let rest = self.rest();
        let end = json_end(rest.as_bytes()).ok_or(Stop::Error(SetError::Json))?;
        let value = rest.get(..end).and_then(read_json);
        let value = value.ok_or(Stop::Error(SetError::Json))?;
        self.at += end;
        self.skip_space();
        Ok(value)
    }

    /// Passes over spaces and a comma; true when there was a comma or nothing else.
    fn skip_space(&mut self) -> bool {
        while let Some(next) = self.next() {
            if next == ',' {
                return true;
            }
            if !is_space(next) {
                self.at -= next.len_utf8();
                return false;
            }
        }
        true
    }
}

/// Whether a text that is no index has too many digits, which Go notices before what follows them.
fn is_too_long(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    match digits[..count].parse::<u64>() {
        Ok(_) => count == digits.len(),
        Err(_) => count > 0,
    }
}

fn wrong_type<T>(value: &Value, wanted: &'static str) -> Step<T> {
    let found = match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Table(_) | Value::Shared(_) => "map[string]interface {}",
    };
    fail(SetError::WrongType { found, wanted })
}

/// Writes a value, unless its key is empty.
fn assign(data: &mut Table, key: &str, value: Value) {
    if !key.is_empty() {
        data.insert(GoStr::from(key), value);
    }
}

fn assign_at(list: &mut Vec<Value>, index: i64, value: Value) -> Step {
    match usize::try_from(index) {
        Ok(at) if at <= MAX_INDEX => {
            if list.len() <= at {
                list.resize(at + 1, Value::Null);
            }
            list[at] = value;
            Ok(())
        }
        _ => fail(SetError::HighIndex { index }),
    }
}

fn typed(text: String) -> Value {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") {
        Value::Bool(true)
    } else if is("false") {
        Value::Bool(false)
    } else if is("null") {
        Value::Null
    } else if text == "0" {
        Value::Int(0)
    } else if !text.starts_with('0')
        && let Ok(number) = text.parse()
    {
        Value::Int(number)
    } else {
        Value::String(GoStr::from(text))
    }
}

/// A JSON text as a value, if it is one that does not nest too deeply.
pub(crate) fn read_json(text: &str) -> Option<Value> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_string => {
                bytes.next();
            }
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return None;
        }
    }
    renga_gojson::parse(text.as_bytes()).ok().map(|json| Value::from_json(&json))
}

/// Where the JSON value at the beginning of a text ends, as Go's decoder sees it: what follows a
/// complete value is not looked at. The value itself need not be valid.
fn json_end(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    match *text.first()? {
        b'"' => string_end(text, 0),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = 0;
            while let Some(byte) = text.get(at) {
                match byte {
                    b'"' => at = string_end(text, at)? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            None
        }
        b't' | b'n' => Some(4),
        b'f' => Some(5),
        first => {
            let mut at = usize::from(first == b'-');
            at += if text.get(at) == Some(&b'0') { 1 } else { digits(at) };
            if text.get(at) == Some(&b'.') {
                at += 1 + digits(at + 1);
            }
            if matches!(text.get(at), Some(b'e' | b'E')) {
                at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
                at += digits(at);
            }
            (at > 0).then_some(at)
        }
    }
}

/// Where the string that begins at `start` ends.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
