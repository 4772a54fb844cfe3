//! Bytes: UTF-8, base64 and hashes.

use std::fmt::Write as _;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sha3::Sha3_512;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::arrays::Array;
use crate::heap::value::Value;

fn hashed<D: Digest>(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = vm.string_arg(vm.arg(base, 0))?;
    let mut out = String::new();
    for byte in D::digest(text.as_bytes()) {
        let _ = write!(out, "{byte:02x}");
    }
    Ok(vm.heap.string(out))
}

pub(crate) fn md5(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    hashed::<Md5>(vm, base)
}

pub(crate) fn sha1(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    hashed::<Sha1>(vm, base)
}

pub(crate) fn sha256(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    hashed::<Sha256>(vm, base)
}

pub(crate) fn sha512(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    hashed::<Sha512>(vm, base)
}

pub(crate) fn sha3(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    hashed::<Sha3_512>(vm, base)
}

const INVALID: &str =
    "base64 encountered invalid codepoint value in the array (must be 0 <= X <= 255), got ";

pub(crate) fn base64(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    match vm.arg(base, 0) {
        Value::Str(string) => {
            let text = vm.heap.text(string);
            if let Some(wide) = text.chars().find(|&character| character as u32 > 255) {
                return fail(format!("{INVALID}{}", wide as u32));
            }
            Ok(vm.heap.string(STANDARD.encode(text.as_bytes())))
        }
        Value::Arr(array) => {
            if let Array::Bytes(bytes) = vm.heap.arrays.get(array) {
                let text = STANDARD.encode(bytes);
                return Ok(vm.heap.string(text));
            }
            let mut bytes = Vec::with_capacity(vm.heap.array_len(array));
            for at in 0..vm.heap.array_len(array) {
                let element = vm.element(array, at)?;
                let Ok(value) = vm.int_arg(element) else {
                    let got = element.type_name();
                    return fail(format!(
                        "base64 encountered a non-integer value in the array, got {got}"
                    ));
                };
                let Ok(byte) = u8::try_from(value) else {
                    return fail(format!("{INVALID}{value}"));
                };
                bytes.push(byte);
            }
            Ok(vm.heap.string(STANDARD.encode(bytes)))
        }
        other => fail(format!(
            "base64 can only base64 encode strings / arrays of single bytes, got {}",
            other.type_name()
        )),
    }
}

fn decoded(vm: &mut Vm<'_>, base: usize) -> Res<Vec<u8>> {
    let Value::Str(string) = vm.arg(base, 0) else {
        return fail(format!(
            "base64DecodeBytes requires a string, got {}",
            vm.arg(base, 0).type_name()
        ));
    };
    let text = vm.heap.text(string);
    if !text.len().is_multiple_of(4) {
        let len = text.len();
        return fail(format!(
            "input string appears not to be a base64 encoded string. Wrong length found ({len})"
        ));
    }
    // Go skips line ends.
    let packed: String =
        text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    match lenient.decode(packed.as_bytes()) {
        Ok(bytes) => Ok(bytes),
        Err(_) => {
            fail(format!("failed to decode: illegal base64 data at input byte {}", bad_byte(&text)))
        }
    }
}

/// Where Go's decoder stops.
fn bad_byte(text: &str) -> usize {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let bytes = text.as_bytes();
    let mut seen = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if matches!(byte, b'\r' | b'\n') {
            continue;
        }
        if !is_digit(byte) {
            if byte != b'=' || seen % 4 < 2 {
                return at;
            }
            let padding = 4 - seen % 4;
            let rest = &bytes[at..];
            let equals = rest.iter().take_while(|&&byte| byte == b'=').count();
            return if equals < padding { at + equals } else { at + padding };
        }
        seen += 1;
    }
    bytes.len()
}

pub(crate) fn base64_decode(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let bytes = decoded(vm, base)?;
    Ok(vm.heap.string(&*go_text(&bytes)))
}

pub(crate) fn base64_decode_bytes(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let bytes = decoded(vm, base)?;
    Ok(vm.heap.array_of(Array::Bytes(Rc::from(bytes))))
}

pub(crate) fn encode_utf8(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let text = vm.string_arg(vm.arg(base, 0))?;
    Ok(vm.heap.array_of(Array::Bytes(Rc::from(text.as_bytes()))))
}

pub(crate) fn decode_utf8(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let mut bytes = Vec::with_capacity(vm.heap.array_len(array));
    for at in 0..vm.heap.array_len(array) {
        let element = vm.element(array, at)?;
        let value = vm.int_arg(element)?;
        let Ok(byte) = u8::try_from(value) else {
            return fail(format!("Bytes must be integers in range [0, 255], got {value}"));
        };
        bytes.push(byte);
    }
    Ok(vm.heap.string(&*go_text(&bytes)))
}

/// Bytes as text the way Go reads them: each byte that is wrong becomes U+FFFD.
fn go_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for _ in chunk.invalid() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    out
}
