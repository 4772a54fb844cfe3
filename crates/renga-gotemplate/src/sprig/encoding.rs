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

/// The text of a decoding error, which takes the place of the result, as in Sprig.
fn illegal(base: u8, at: usize) -> Vec<u8> {
    format!("illegal base{base} data at input byte {at}").into_bytes()
}

fn decode64(text: &[u8]) -> Vec<u8> {
    decode64_or_offset(text).unwrap_or_else(|at| illegal(64, at))
}

/// Decodes padded groups of four letters; the error is the offset Go reports.
pub(super) fn decode64_or_offset(text: &[u8]) -> Result<Vec<u8>, usize> {
    let letters: Vec<(usize, u8)> = text
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let mut out = Vec::with_capacity(text.len());
    for (start, group) in letters.chunks(4).enumerate() {
        let mut bits = 0_u32;
        let mut count = 0;
        for (index, &(at, byte)) in group.iter().enumerate() {
            let letter = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if index >= 2 => {
                    // The rest of the text must be padding.
                    let rest = &letters[4 * start + index + 1..];
                    let wanted = 3 - index;
                    match rest.get(wanted.saturating_sub(1)).filter(|_| wanted > 0) {
                        Some((at, other)) if *other != b'=' => return Err(at - 1),
                        None if wanted > 0 => return Err(text.len()),
                        _ => {}
                    }
                    if let Some((at, _)) = rest.get(wanted) {
                        return Err(*at);
                    }
                    bits <<= 6 * (4 - count);
                    let bytes = bits.to_be_bytes();
                    out.extend_from_slice(&bytes[1..count]);
                    return Ok(out);
                }
                _ => return Err(at),
            };
            bits = bits << 6 | u32::from(letter);
            count += 1;
        }
        if count < 4 {
            return Err(text.len() - count);
        }
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    Ok(out)
}

fn decode32(text: &[u8]) -> Vec<u8> {
    decode32_or_offset(text).unwrap_or_else(|at| illegal(32, at))
}

/// Decodes padded groups of eight letters; the error is the offset Go reports, which does not
/// count newlines. Whatever follows the padding is ignored.
fn decode32_or_offset(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> =
        text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let mut bits = 0_u64;
        let mut count = 0;
        let mut ended = false;
        while count < 8 {
            let Some(&byte) = text.get(at) else { return Err(at - count) };
            at += 1;
            let rest = &text[at..];
            if byte == b'=' && count >= 2 && rest.len() < 8 {
                if rest.len() + count < 7 {
                    return Err(text.len());
                }
                let padding = rest.iter().take(7 - count).position(|&byte| byte != b'=');
                if let Some(wrong) = padding {
                    return Err(at + wrong - 1);
                }
                if matches!(count, 3 | 6) {
                    return Err(at - 1);
                }
                ended = true;
                break;
            }
            let letter = BASE32.iter().position(|&letter| letter == byte).ok_or(at - 1)?;
            bits = bits << 5 | u64::try_from(letter).unwrap_or(0);
            count += 1;
        }
        bits <<= 5 * (8 - count);
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + count * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(out)
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
