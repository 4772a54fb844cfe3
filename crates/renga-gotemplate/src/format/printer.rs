//! Values under a verb.

use crate::format::pad::Flags;
use crate::object::Object;
use crate::text::rune;
use crate::types::{Type, UintKind};
use crate::value::Value;

/// Nesting of maps beyond which they print as `map[...]`: only endless ones are that deep.
const MAX_DEPTH: usize = 5_000;

/// Writes values one after the other.
#[derive(Default)]
pub(crate) struct Printer {
    pub(crate) out: Vec<u8>,
    pub(crate) flags: Flags,
    /// The addresses of the maps being written: Go would never end on a map within itself.
    pub(crate) path: Vec<usize>,
    /// Set while a misused verb is reported, when methods are not called.
    pub(crate) erroring: bool,
}

/// What a mapping verb does with integers.
fn integer_base(verb: char) -> Option<u32> {
    match verb {
        'v' | 'd' => Some(10),
        'b' => Some(2),
        'o' | 'O' => Some(8),
        'x' | 'X' => Some(16),
        _ => None,
    }
}

impl Printer {
    /// Writes an operand.
    pub(crate) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.flags.pad(&mut self.out, b"<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => {
                let name = value.type_name();
                let name = self.flags.truncate(name.as_bytes()).to_vec();
                self.flags.pad(&mut self.out, &name);
            }
            (_, 'p') => self.pointer(value, verb),
            _ => self.value(value, verb, 0),
        }
    }

    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.erroring = true;
        self.out.extend_from_slice(b"%!");
        rune::push(&mut self.out, verb);
        self.out.push(b'(');
        if matches!(value, Value::Nil) {
            self.out.extend_from_slice(b"<nil>");
        } else {
            self.out.extend_from_slice(value.type_name().as_bytes());
            self.out.push(b'=');
            self.value(value, 'v', 0);
        }
        self.out.push(b')');
        self.erroring = false;
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
            self.value_inner(value, verb, depth);
        });
    }

    fn value_inner(&mut self, value: &Value, verb: char, depth: usize) {
        if self.out.len() > crate::LONGEST_TEXT {
            // The caller refuses a result of this size.
            return;
        }
        match value {
            Value::Nil => {
                let text: &[u8] = if self.flags.sharp_v { b"interface {}(nil)" } else { b"<nil>" };
                self.out.extend_from_slice(text);
            }
            Value::Bool(truth) => match verb {
                't' | 'v' => {
                    let text: &[u8] = if *truth { b"true" } else { b"false" };
                    self.flags.pad(&mut self.out, text);
                }
                _ => self.bad_verb(value, verb),
            },
            Value::Int(_, number) => {
                let bits = number.cast_unsigned();
                self.integer(value, *number < 0, number.unsigned_abs(), bits, verb);
            }
            Value::Uint(_, number) => {
                if verb == 'v' && self.flags.sharp_v {
                    self.hexadecimal(*number, true);
                } else {
                    self.integer(value, false, *number, *number, verb);
                }
            }
            Value::Float(number) => self.float(value, *number, verb),
            Value::Complex(re, im) => self.complex(value, *re, *im, verb),
            Value::Str(text) => self.string(value, text, verb),
            Value::Bytes(bytes) => self.bytes(value, bytes, verb, depth),
            Value::Func(_) => self.pointer(value, verb),
            Value::List(_) | Value::Map(_) | Value::Object(_) if verb == 'w' && !self.erroring => {
                self.bad_verb(value, verb);
            }
            Value::List(list) => {
                if self.flags.sharp_v {
                    self.out.extend_from_slice(list.ty().to_string().as_bytes());
                    if list.is_nil() {
                        self.out.extend_from_slice(b"(nil)");
                        return;
                    }
                }
                let (open, separator, close) = self.brackets();
                self.out.push(open);
                for (index, item) in list.to_vec().iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(separator);
                    }
                    self.value(item, verb, depth + 1);
                }
                self.out.push(close);
            }
            Value::Map(map) => {
                if let Type::Named(named) = map.ty()
                    && let Some(display) = named.display
                    && self.calls_stringers(verb)
                {
                    let text = display(map);
                    self.string(value, &text, verb);
                    return;
                }
                let (_, separator, close) = self.brackets();
                if self.path.len() >= MAX_DEPTH || self.path.contains(&map.address()) {
                    self.out.extend_from_slice(b"map[...]");
                    return;
                }
                if self.flags.sharp_v {
                    self.out.extend_from_slice(map.ty().to_string().as_bytes());
                    if map.is_nil() {
                        self.out.extend_from_slice(b"(nil)");
                        return;
                    }
                    self.out.push(b'{');
                } else {
                    self.out.extend_from_slice(b"map[");
                }
                self.path.push(map.address());
                for (index, (key, item)) in map.entries().into_iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(separator);
                    }
                    self.value(&Value::Str(key), verb, depth + 1);
                    self.out.push(b':');
                    self.value(&item, verb, depth + 1);
                }
                self.path.pop();
                self.out.push(close);
            }
            Value::Object(object) => self.object(value, &**object, verb, depth),
        }
    }

    /// Whether the verb prints what a `String` method returns.
    fn calls_stringers(&self, verb: char) -> bool {
        matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.flags.sharp_v && !self.erroring
    }

    fn brackets(&self) -> (u8, &'static [u8], u8) {
        if self.flags.sharp_v { (b'{', b", ", b'}') } else { (b'[', b" ", b']') }
    }

    fn object(&mut self, value: &Value, object: &dyn Object, verb: char, depth: usize) {
        if self.calls_stringers(verb)
            && let Some(text) = object.display()
        {
            self.string(value, &text, verb);
            return;
        }
        if let Some(number) = object.number() {
            self.integer(value, number < 0, number.unsigned_abs(), number.cast_unsigned(), verb);
            return;
        }
        if let Some(collection) = object.as_collection() {
            self.value(&collection, verb, depth);
            return;
        }
        let pointer = matches!(object.ty(), Type::Pointer(_));
        if pointer {
            if depth > 0 {
                self.pointer(value, verb);
                return;
            }
            self.out.push(b'&');
        }
        if self.flags.sharp_v {
            let name = object.ty().to_string();
            self.out.extend_from_slice(name.trim_start_matches('*').as_bytes());
        }
        let separator: &[u8] = if self.flags.sharp_v { b", " } else { b" " };
        self.out.push(b'{');
        for (index, (name, field)) in object.fields().into_iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(separator);
            }
            if self.flags.plus_v || self.flags.sharp_v {
                self.out.extend_from_slice(name.as_bytes());
                self.out.push(b':');
            }
            self.value(&field, verb, depth + 1);
        }
        self.out.push(b'}');
    }

    fn integer(&mut self, value: &Value, negative: bool, magnitude: u64, bits: u64, verb: char) {
        match verb {
            'c' => self.flags.character(&mut self.out, bits),
            'q' => self.flags.quoted_character(&mut self.out, bits),
            'U' => self.flags.unicode(&mut self.out, bits),
            _ => match integer_base(verb) {
                Some(base) => {
                    let upper = verb == 'X';
                    self.flags.integer(&mut self.out, negative, magnitude, base, verb, upper);
                }
                None => self.bad_verb(value, verb),
            },
        }
    }

    fn hexadecimal(&mut self, number: u64, prefix: bool) {
        let flags = Flags { sharp: prefix, ..self.flags };
        flags.integer(&mut self.out, false, number, 16, 'v', false);
    }

    fn float(&mut self, value: &Value, number: f64, verb: char) {
        match verb {
            'v' | 'b' | 'g' | 'G' | 'x' | 'X' => {
                self.flags.float(&mut self.out, number, verb, None);
            }
            'f' | 'e' | 'E' | 'F' => self.flags.float(&mut self.out, number, verb, Some(6)),
            _ => self.bad_verb(value, verb),
        }
    }

    fn complex(&mut self, value: &Value, re: f64, im: f64, verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.bad_verb(value, verb);
            return;
        }
        let plus = self.flags.plus;
        self.out.push(b'(');
        self.float(value, re, verb);
        self.flags.plus = true;
        self.float(value, im, verb);
        self.out.extend_from_slice(b"i)");
        self.flags.plus = plus;
    }

    fn string(&mut self, value: &Value, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.flags.quoted(&mut self.out, text),
            'v' | 's' => {
                let text = self.flags.truncate(text);
                self.flags.pad(&mut self.out, text);
            }
            'x' => self.flags.hex(&mut self.out, text, false),
            'X' => self.flags.hex(&mut self.out, text, true),
            'q' => self.flags.quoted(&mut self.out, text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn bytes(&mut self, value: &Value, bytes: &[u8], verb: char, depth: usize) {
        match verb {
            's' | 'x' | 'X' | 'q' => self.string(value, bytes, verb),
            'v' if self.flags.sharp_v => {
                let name: &[u8] = if depth == 0 { b"[]byte{" } else { b"[]uint8{" };
                self.out.extend_from_slice(name);
                for (index, &byte) in bytes.iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.hexadecimal(byte.into(), true);
                }
                self.out.push(b'}');
            }
            _ => {
                self.out.push(b'[');
                for (index, &byte) in bytes.iter().enumerate() {
                    if index > 0 {
                        self.out.push(b' ');
                    }
                    let byte = Value::Uint(UintKind::Uint8, byte.into());
                    self.value(&byte, verb, depth + 1);
                }
                self.out.push(b']');
            }
        }
    }

    /// Addresses: real ones, so they differ from run to run as they do in Go.
    fn pointer(&mut self, value: &Value, verb: char) {
        let address = match value {
            Value::List(list) => list.address(),
            Value::Map(map) => map.address(),
            Value::Bytes(bytes) => bytes.as_bytes().as_ptr().addr(),
            Value::Func(closure) => std::rc::Rc::as_ptr(closure).addr(),
            Value::Object(object) if matches!(object.ty(), Type::Pointer(_)) => {
                std::rc::Rc::as_ptr(object).addr()
            }
            _ => {
                self.bad_verb(value, verb);
                return;
            }
        };
        let address = u64::try_from(address).unwrap_or(u64::MAX);
        match verb {
            'v' if self.flags.sharp_v => {
                self.out.extend_from_slice(format!("({})(", value.type_name()).as_bytes());
                self.hexadecimal(address, true);
                self.out.push(b')');
            }
            'v' | 'p' => {
                let prefix = !self.flags.sharp;
                self.hexadecimal(address, prefix);
            }
            'b' | 'o' | 'd' | 'x' | 'X' => self.integer(value, false, address, address, verb),
            _ => self.bad_verb(value, verb),
        }
    }
}
