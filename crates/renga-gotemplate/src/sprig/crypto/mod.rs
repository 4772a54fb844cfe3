//! Digests, random bytes, keys, certificates and passwords.
//!
//! Everything random comes from [`World::fill_random`](crate::World::fill_random), and certificates
//! begin at [`World::now`](crate::World::now): the same world makes the same bytes. Signatures that
//! Go salts with chance are the deterministic ones of the same algorithms.

mod certificates;
mod der;
mod keys;
mod passwords;
mod pem;
mod prime;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Digest as _;

use keys::Key;

use super::strings::below;
use super::{I, S, fixed};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::types::Type;
use crate::value::Value;

/// The most random bytes `randBytes` returns.
const MOST: usize = 1 << 28;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    certificates::register(f);
    passwords::register(f);
    fixed(f, "genPrivateKey", &[S], S, |call, a| {
        let key = match a.str(0) {
            b"" | b"rsa" => Key::rsa(call, 4_096)?,
            b"dsa" => Key::dsa(call)?,
            b"ecdsa" => Key::ecdsa(call)?,
            b"ed25519" => Key::ed25519(call)?,
            other => return Ok(Value::from([b"Unknown type ", other].concat())),
        };
        Ok(Value::from(key.to_pem()?))
    });
    fixed(f, "sha1sum", &[S], S, |_, a| Ok(hex(&sha1::Sha1::digest(a.str(0)))));
    fixed(f, "sha256sum", &[S], S, |_, a| Ok(hex(&sha2::Sha256::digest(a.str(0)))));
    fixed(f, "sha512sum", &[S], S, |_, a| Ok(hex(&sha2::Sha512::digest(a.str(0)))));
    fixed(f, "adler32sum", &[S], S, |_, a| Ok(Value::from(adler32(a.str(0)).to_string())));
    fixed(f, "randBytes", &[I], S, |call, a| {
        let count = usize::try_from(a.int(0)).ok().filter(|&count| count <= MOST);
        let Some(count) = count else {
            return Err(FuncError::new("runtime error: makeslice: len out of range"));
        };
        let mut bytes = vec![0; count];
        call.world()?.fill_random(&mut bytes);
        Ok(Value::from(STANDARD.encode(bytes)))
    });
    fixed(f, "randInt", &[I, I], Type::INT, |call, a| {
        let (low, high) = (a.int(0), a.int(1));
        let span = high.checked_sub(low).and_then(|span| usize::try_from(span).ok());
        match span {
            Some(span @ 1..) => {
                let offset = i64::try_from(below(call, span)?).unwrap_or(0);
                Ok(Value::int(low + offset))
            }
            _ => Err(FuncError::new("invalid argument to Intn")),
        }
    });
    fixed(f, "uuidv4", &[], S, |call, _| {
        let mut bytes = [0; 16];
        call.world()?.fill_random(&mut bytes);
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let text = hex_text(&bytes);
        let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
        Ok(Value::from(parts.join("-")))
    });
}

fn hex(digest: &[u8]) -> Value {
    Value::from(hex_text(digest))
}

fn hex_text(digest: &[u8]) -> String {
    let mut out = String::with_capacity(2 * digest.len());
    for byte in digest {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn adler32(text: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for &byte in text {
        low = (low + u32::from(byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}
