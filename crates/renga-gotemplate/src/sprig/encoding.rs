//! Base 64 and base 32.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{S, fixed};
use crate::func::FuncMap;
use crate::value::Value;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "b64enc", &[S], S, |_, a| Ok(Value::from(STANDARD.encode(a.str(0)))));
    fixed(f, "b64dec", &[S], S, |_, a| Ok(Value::from(decode64(a.str(0)))));
    fixed(f, "b32enc", &[S], S, |_, a| Ok(Value::from(encode32(a.str(0)))));
    fixed(f, "b32dec", &[S], S, |_, a| Ok(Value::from(decode32(a.str(0)))));
}

/// Decodes; the text of an error takes the place of the result, as in Sprig.
fn decode64(text: &[u8]) -> Vec<u8> {
    decode(text, 4, |byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    })
    .unwrap_or_else(|at| format!("illegal base64 data at input byte {at}").into_bytes())
}

fn decode32(text: &[u8]) -> Vec<u8> {
    decode(text, 8, |byte| {
        let at = BASE32.iter().position(|&letter| letter == byte)?;
        u8::try_from(at).ok()
    })
    .unwrap_or_else(|at| format!("illegal base32 data at input byte {at}").into_bytes())
}

/// Decodes padded groups of `size` letters; the error is the offset Go reports.
fn decode(text: &[u8], size: usize, value: impl Fn(u8) -> Option<u8>) -> Result<Vec<u8>, usize> {
    let bits = if size == 4 { 6 } else { 5 };
    let letters: Vec<(usize, u8)> = text
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'))
        .collect();
    // Base 32 counts positions without newlines, base 64 with them.
    let position = |index: usize| {
        if size == 4 { letters.get(index).map_or(text.len(), |(at, _)| *at) } else { index }
    };
    let mut out = Vec::with_capacity(text.len());
    let mut index = 0;
    while index < letters.len() {
        let mut group = 0_u64;
        let mut count = 0;
        let mut ended = false;
        while count < size {
            let Some(&(_, byte)) = letters.get(index) else {
                // Go points at the start of the incomplete group.
                return Err(if size == 4 { text.len() - incomplete(count) } else { index - count });
            };
            if byte == b'=' {
                let padding = size - count;
                let allowed = if size == 4 { count >= 2 } else { matches!(count, 2 | 4 | 5 | 7) };
                if !allowed {
                    return Err(position(index));
                }
                for offset in 1..padding {
                    match letters.get(index + offset) {
                        Some((_, b'=')) => {}
                        Some(_) => {
                            let at =
                                if size == 4 { position(index + offset) } else { index + offset };
                            return Err(at);
                        }
                        None => {
                            return Err(if size == 4 { text.len() } else { letters.len() });
                        }
                    }
                }
                index += padding;
                if index < letters.len() {
                    return Err(position(index));
                }
                ended = true;
                break;
            }
            let Some(letter) = value(byte) else { return Err(position(index)) };
            group = group << bits | u64::from(letter);
            count += 1;
            index += 1;
        }
        let total = count * bits;
        let bytes = total / 8;
        let group = group << (size * bits - total);
        let width = size * bits / 8;
        out.extend_from_slice(&group.to_be_bytes()[8 - width..8 - width + bytes]);
        if ended {
            break;
        }
    }
    Ok(out)
}

/// How far before the end Go points when a base 64 group is cut short.
fn incomplete(count: usize) -> usize {
    count
}

fn encode32(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().div_ceil(5) * 8);
    for chunk in text.chunks(5) {
        let mut group = [0_u8; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let letters = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            if index < letters {
                let shift = 35 - 5 * index;
                out.push(BASE32[usize::try_from(bits >> shift & 31).unwrap_or(0)]);
            } else {
                out.push(b'=');
            }
        }
    }
    out
}
