//! TOML as BurntSushi/toml 1.6 writes it.
//!
//! Keys are sorted by their bytes, plain entries come before tables, tables are indented by two
//! spaces per level, whole floats keep `.0`. A list of nothing but maps is an array of tables.
//! Reading TOML is [`super::convert`]'s.

use renga_gotemplate::{Type, Value};

use super::convert;

/// Nesting beyond which a value is refused.
const MAX_DEPTH: usize = 1_000;

/// Writes a document.
///
/// # Errors
///
/// The text the library returns.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>, String> {
    let mut encoder = Encoder { out: Vec::new(), depth: 0 };
    encoder.encode(&mut Vec::new(), value)?;
    Ok(encoder.out)
}

/// What a value is to TOML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    Array,
    Table,
    TableArray,
}

struct Encoder {
    out: Vec<u8>,
    depth: usize,
}

/// A nil interface, map or slice.
fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// The kind of a value; `None` for nil.
fn kind(value: &Value, depth: usize) -> Result<Option<Kind>, String> {
    if depth > MAX_DEPTH {
        return Err("toml: value nests too deeply".to_owned());
    }
    if is_nil(value) {
        return Ok(None);
    }
    Ok(Some(match value {
        Value::List(list) => {
            let items = list.to_vec();
            let mut tables = !items.is_empty();
            for item in &items {
                let Some(kind) = kind(item, depth + 1)? else {
                    return Err("toml: cannot encode array with nil element".to_owned());
                };
                tables &= kind == Kind::Table;
            }
            if tables { Kind::TableArray } else { Kind::Array }
        }
        Value::Bytes(_) => Kind::Array,
        Value::Map(_) => Kind::Table,
        Value::Func(_) => return Err("unsupported type: func".to_owned()),
        Value::Complex(..) => return Err("unsupported type: complex128".to_owned()),
        Value::Object(object) if matches!(object.ty(), Type::Struct(_) | Type::Pointer(_)) => {
            if object.display().is_some() {
                Kind::Scalar
            } else {
                Kind::Table
            }
        }
        _ => Kind::Scalar,
    }))
}

impl Encoder {
    fn encode(&mut self, key: &mut Vec<Vec<u8>>, value: &Value) -> Result<(), String> {
        if is_nil(value) {
            return Ok(());
        }
        match value {
            Value::Map(_) => self.table(key, value),
            Value::Func(_) | Value::Complex(..) => Err(format!(
                "unsupported type for key '{}': {}",
                String::from_utf8_lossy(&joined(key)),
                value.kind_name()
            )),
            _ => match kind(value, 0)? {
                Some(Kind::TableArray) => self.table_array(key, value),
                Some(Kind::Table) => self.table(key, value),
                _ => self.key_value(key, value, false),
            },
        }
    }

    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, key: &[Vec<u8>]) {
        let spaces = 2 * key.len().saturating_sub(1);
        self.out.extend(std::iter::repeat_n(b' ', spaces));
    }

    fn key_value(&mut self, key: &[Vec<u8>], value: &Value, inline: bool) -> Result<(), String> {
        let Some(last) = key.last() else { return self.element(value) };
        self.indent(key);
        quoted_key(last, &mut self.out);
        self.out.extend_from_slice(b" = ");
        self.element(value)?;
        if !inline {
            self.newline();
        }
        Ok(())
    }

    fn table(&mut self, key: &mut Vec<Vec<u8>>, value: &Value) -> Result<(), String> {
        if key.len() == 1 {
            self.newline();
        }
        if !key.is_empty() {
            self.indent(key);
            self.out.push(b'[');
            self.out.extend_from_slice(&joined(key));
            self.out.push(b']');
            self.newline();
        }
        self.entries(key, value, false)
    }

    fn table_array(&mut self, key: &mut Vec<Vec<u8>>, value: &Value) -> Result<(), String> {
        if key.is_empty() {
            return Err("toml: top-level values must be Go maps or structs".to_owned());
        }
        let Value::List(list) = value else { return Ok(()) };
        for item in list.to_vec() {
            self.newline();
            self.indent(key);
            self.out.extend_from_slice(b"[[");
            self.out.extend_from_slice(&joined(key));
            self.out.extend_from_slice(b"]]");
            self.newline();
            self.entries(key, &item, false)?;
        }
        Ok(())
    }

    fn entries(
        &mut self,
        key: &mut Vec<Vec<u8>>,
        value: &Value,
        inline: bool,
    ) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("toml: value nests too deeply".to_owned());
        }
        let entries = match value {
            Value::Map(map) => map.entries(),
            Value::Object(object) => {
                let mut fields: Vec<_> =
                    object.fields().into_iter().map(|(name, field)| (name.into(), field)).collect();
                fields.sort_by(|a: &(renga_gotemplate::GoStr, _), b| a.0.cmp(&b.0));
                fields
            }
            _ => Vec::new(),
        };
        let mut direct = Vec::new();
        let mut tables = Vec::new();
        for entry in entries {
            match kind(&entry.1, 0)? {
                Some(Kind::Table | Kind::TableArray) => tables.push(entry),
                _ => direct.push(entry),
            }
        }
        if inline {
            self.out.push(b'{');
        }
        let more = !tables.is_empty();
        for (group, trailing) in [(direct, more), (tables, false)] {
            let count = group.len();
            for (index, (name, item)) in group.into_iter().enumerate() {
                if is_nil(&item) {
                    continue;
                }
                if inline {
                    self.key_value(&[name.to_vec()], &item, true)?;
                    if trailing || index + 1 != count {
                        self.out.extend_from_slice(b", ");
                    }
                } else {
                    key.push(name.to_vec());
                    self.encode(key, &item)?;
                    key.pop();
                }
            }
        }
        if inline {
            self.out.push(b'}');
        }
        self.depth -= 1;
        Ok(())
    }

    fn element(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Str(text) => quoted(text, &mut self.out),
            Value::Bool(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Int(_, value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Uint(_, value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Float(value) => self.float(*value),
            Value::Bytes(bytes) => {
                let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
                self.out.extend_from_slice(format!("[{}]", numbers.join(", ")).as_bytes());
            }
            Value::List(list) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("toml: value nests too deeply".to_owned());
                }
                self.out.push(b'[');
                for (index, item) in list.to_vec().iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.element(item)?;
                }
                self.out.push(b']');
                self.depth -= 1;
            }
            Value::Map(_) => self.entries(&mut Vec::new(), value, true)?,
            Value::Object(object) => match object.display() {
                // A time stands unquoted, other texts are strings.
                Some(_) if object.ty() == Type::Struct("time.Time") => {
                    self.out.extend_from_slice(&convert::time_text(value));
                }
                Some(text) => quoted(&text, &mut self.out),
                None => self.entries(&mut Vec::new(), value, true)?,
            },
            other => return Err(format!("unexpected type: {}", other.type_name())),
        }
        Ok(())
    }

    fn float(&mut self, value: f64) {
        if value.is_nan() {
            self.out.extend_from_slice(b"nan");
        } else if value.is_infinite() {
            self.out.extend_from_slice(if value < 0.0 { b"-inf" } else { b"inf" });
        } else {
            let text = convert::go_text(&Value::Float(value));
            self.out.extend_from_slice(&text);
            if !text.iter().any(|byte| matches!(byte, b'e' | b'.')) {
                self.out.extend_from_slice(b".0");
            }
        }
    }
}

fn joined(key: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in key.iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        quoted_key(part, &mut out);
    }
    out
}

fn quoted_key(key: &[u8], out: &mut Vec<u8>) {
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.iter().all(is_bare) {
        out.extend_from_slice(key);
    } else {
        quoted(key, out);
    }
}

fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        let short = match byte {
            b'"' | b'\\' => byte,
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            12 => b'f',
            b'\r' => b'r',
            0..=31 | 127 => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
    out.push(b'"');
}
