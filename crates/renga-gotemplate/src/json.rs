//! JSON as `encoding/json` reads and writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::text::{GoStr, float, rune};
use crate::value::{Map, Value};

/// Nesting beyond which a value counts as endless. Go gives up on cycles it notices; it notices
/// them only deeper than 1,000 levels.
const MAX_DEPTH: usize = 5_000;

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `json.Marshal`: `<`, `>` and `&` escaped.
    Html,
    /// Without these escapes.
    Raw,
    /// `json.MarshalIndent` with two spaces.
    Pretty,
}

/// Encodes a value.
///
/// # Errors
///
/// Go's text for values JSON cannot hold.
pub(crate) fn encode(value: &Value, style: Style) -> Result<Vec<u8>, String> {
    let mut encoder = Encoder { out: Vec::new(), style, path: Vec::new() };
    encoder.value(value)?;
    Ok(encoder.out)
}

struct Encoder {
    out: Vec<u8>,
    style: Style,
    /// The addresses of the maps being written.
    path: Vec<usize>,
}

impl Encoder {
    fn value(&mut self, value: &Value) -> Result<(), String> {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || self.inner(value))
    }

    fn inner(&mut self, value: &Value) -> Result<(), String> {
        if self.out.len() > crate::LONGEST_TEXT {
            return Err("json: the text would be too long".to_owned());
        }
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(truth) => self.out.extend_from_slice(truth.to_string().as_bytes()),
            Value::Int(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Uint(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Float(number) => {
                let text = number_text(*number)?;
                self.out.extend_from_slice(text.as_bytes());
            }
            Value::Complex(..) | Value::Func(_) => {
                return Err(format!("json: unsupported type: {}", value.type_name()));
            }
            Value::Str(text) => self.string(text),
            Value::Bytes(bytes) => {
                self.out.push(b'"');
                self.out.extend_from_slice(STANDARD.encode(&bytes[..]).as_bytes());
                self.out.push(b'"');
            }
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) => {
                self.enter(list.address(), value)?;
                self.out.push(b'[');
                let items = list.to_vec();
                for (index, item) in items.iter().enumerate() {
                    self.separate(index);
                    self.value(item)?;
                }
                self.leave(items.is_empty(), b']');
            }
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) => {
                self.enter(map.address(), value)?;
                self.out.push(b'{');
                let entries = map.entries();
                for (index, (key, item)) in entries.iter().enumerate() {
                    self.separate(index);
                    self.string(key);
                    self.out.extend_from_slice(if self.style == Style::Pretty {
                        b": "
                    } else {
                        b":"
                    });
                    self.value(item)?;
                }
                self.leave(entries.is_empty(), b'}');
            }
            Value::Object(object) => {
                if let Some(number) = object.number() {
                    self.out.extend_from_slice(number.to_string().as_bytes());
                    return Ok(());
                }
                if let Some(fields) = object.json_fields() {
                    return self.fields(&fields, std::rc::Rc::as_ptr(object).addr(), value);
                }
                let stand_in = object.to_json().or_else(|| object.as_collection());
                let fields = || {
                    let fields = object.fields().into_iter();
                    Value::dict(fields)
                };
                self.value(&stand_in.unwrap_or_else(fields))?;
            }
        }
        Ok(())
    }

    /// Writes the fields of a struct in their own order.
    fn fields(
        &mut self,
        fields: &[(&'static str, Value)],
        address: usize,
        value: &Value,
    ) -> Result<(), String> {
        self.enter(address, value)?;
        self.out.push(b'{');
        for (index, (key, item)) in fields.iter().enumerate() {
            self.separate(index);
            self.string(key.as_bytes());
            let colon: &[u8] = if self.style == Style::Pretty { b": " } else { b":" };
            self.out.extend_from_slice(colon);
            self.value(item)?;
        }
        self.leave(fields.is_empty(), b'}');
        Ok(())
    }

    fn enter(&mut self, address: usize, value: &Value) -> Result<(), String> {
        if self.path.len() >= MAX_DEPTH || self.path.contains(&address) {
            let ty = value.type_name();
            return Err(format!("json: unsupported value: encountered a cycle via {ty}"));
        }
        self.path.push(address);
        Ok(())
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(b',');
        }
        if self.style == Style::Pretty {
            self.newline(self.path.len());
        }
    }

    fn leave(&mut self, empty: bool, close: u8) {
        self.path.pop();
        if self.style == Style::Pretty && !empty {
            self.newline(self.path.len());
        }
        self.out.push(close);
    }

    fn newline(&mut self, depth: usize) {
        self.out.push(b'\n');
        self.out.extend(std::iter::repeat_n(b' ', 2 * depth));
    }

    fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        for (at, rune, width) in rune::runes(text) {
            let escape_html = self.style != Style::Raw && matches!(rune, '<' | '>' | '&');
            match rune {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\u{8}' => self.out.extend_from_slice(b"\\b"),
                '\u{C}' => self.out.extend_from_slice(b"\\f"),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                '\t' => self.out.extend_from_slice(b"\\t"),
                rune::RUNE_ERROR if width == 1 => self.out.extend_from_slice(b"\\ufffd"),
                _ if rune < ' ' || escape_html || matches!(rune, '\u{2028}' | '\u{2029}') => {
                    self.out.extend_from_slice(format!("\\u{:04x}", u32::from(rune)).as_bytes());
                }
                _ => self.out.extend_from_slice(&text[at..at + width]),
            }
        }
        self.out.push(b'"');
    }
}

fn number_text(number: f64) -> Result<String, String> {
    if !number.is_finite() {
        return Err(format!("json: unsupported value: {}", float::format(number, b'g', None)));
    }
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = float::format(number, b'e', None);
        // e-09 becomes e-9.
        return Ok(match text.rsplit_once("e-0") {
            Some((head, digit)) => format!("{head}e-{digit}"),
            None => text,
        });
    }
    Ok(float::format(number, b'f', None))
}

/// Decodes into what `json.Unmarshal` puts into an `interface{}`.
///
/// # Errors
///
/// Go's text for the first thing wrong.
pub(crate) fn decode(text: &[u8]) -> Result<Value, String> {
    let mut decoder = Decoder { text, at: 0, depth: 0, out_of_range: None };
    decoder.space();
    let value = decoder.value()?;
    decoder.space();
    match decoder.peek() {
        None => decoder.out_of_range.map_or(Ok(value), Err),
        Some(byte) => Err(Decoder::invalid(byte, "after top-level value")),
    }
}

struct Decoder<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    /// A number out of range: reported only when the whole text is well-formed.
    out_of_range: Option<String>,
}

fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => r#"'"'"#.to_owned(),
        _ => {
            let mut out = Vec::new();
            crate::text::quote::push_quoted(
                &mut out,
                char::from(byte).to_string().as_bytes(),
                b'"',
                false,
            );
            let text = String::from_utf8_lossy(&out).into_owned();
            format!("'{}'", &text[1..text.len() - 1])
        }
    }
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn invalid(byte: u8, context: &str) -> String {
        format!("invalid character {} {context}", quote_byte(byte))
    }

    /// Go tries a space at the end of the input and complains about it where none may stand.
    fn unexpected<T>(&self, context: &str) -> Result<T, String> {
        let space_may_stand = context.starts_with("looking for") || context.starts_with("after ");
        Err(match self.peek() {
            Some(byte) => Self::invalid(byte, context),
            None if space_may_stand && !context.ends_with("numeric literal") => {
                "unexpected end of JSON input".to_owned()
            }
            None => Self::invalid(b' ', context),
        })
    }

    fn value(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > 10_000 {
            return Err("exceeded max depth".to_owned());
        }
        let value =
            stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || self.inner());
        self.depth -= 1;
        value
    }

    fn inner(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Value::Str(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Nil),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return self.unexpected(&format!("in literal {word} (expecting '{expected}')"));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, String> {
        let map = Map::empty();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(map));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            self.space();
            let value = self.value()?;
            map.insert(key, value);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Map(map));
                }
                _ => return self.unexpected("after object key:value pair"),
            }
            self.space();
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                _ => return self.unexpected("after array element"),
            }
            self.space();
        }
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if !self.digits() {
            return self.unexpected("in numeric literal");
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.digits() {
                return self.unexpected("after decimal point in numeric literal");
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.digits() {
                return self.unexpected("in exponent of numeric literal");
            }
        }
        let text = &self.text[start..self.at];
        if let Ok(number) = crate::text::number::parse_float(text) {
            return Ok(Value::Float(number));
        }
        let shown = String::from_utf8_lossy(text);
        let message =
            format!("json: cannot unmarshal number {shown} into Go value of type float64");
        self.out_of_range.get_or_insert(message);
        Ok(Value::Nil)
    }

    fn string(&mut self) -> Result<GoStr, String> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let Some(byte) = self.peek() else {
                return Err("unexpected end of JSON input".to_owned());
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(GoStr::from(out));
                }
                b'\\' => self.escape(&mut out)?,
                0..b' ' => return self.unexpected("in string literal"),
                _ => {
                    let (rune, width) = rune::decode(&self.text[self.at..]);
                    rune::push(&mut out, rune);
                    self.at += width;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        self.at += 1;
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex4()?;
                let mut code = first;
                if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let second = self.hex4()?;
                    if (0xDC00..0xE000).contains(&second) {
                        code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                    } else {
                        self.at = back;
                    }
                }
                rune::push_code(out, u64::from(code));
                return Ok(());
            }
            _ => return self.unexpected("in string escape code"),
        };
        out.push(simple);
        self.at += 1;
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.unexpected("in \\u hexadecimal character escape");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}
