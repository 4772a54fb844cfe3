//! Passwords: hashing, deriving, and encrypting with them.

use aes::cipher::{BlockDecryptMut as _, BlockEncryptMut as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;

use crate::error::FuncError;
use crate::func::{Call, FuncMap};
use crate::sprig::encoding::decode64_or_offset;
use crate::sprig::{Returned, S, fixed};
use crate::types::{Type, UintKind};
use crate::value::Value;

const U32: Type = Type::Uint(UintKind::Uint32);

/// The length of a block and of an initialisation vector.
const BLOCK: usize = 16;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "bcrypt", &[S], S, |call, a| Ok(Value::from(hash(call, a.str(0))?)));
    fixed(f, "htpasswd", &[S, S], S, |call, a| {
        let user = a.str(0);
        if user.contains(&b':') {
            return Ok(Value::from([b"invalid username: ", user].concat()));
        }
        Ok(Value::from([user, b":", hash(call, a.str(1))?.as_bytes()].concat()))
    });
    fixed(f, "derivePassword", &[U32, S, S, S, S], S, |_, a| {
        let counter = match a.any(0) {
            Value::Uint(_, counter) => u32::try_from(*counter).unwrap_or(0),
            _ => 0,
        };
        derive(counter, a.str(1), a.str(2), a.str(3), a.str(4))
    });
    fixed(f, "encryptAES", &[S, S], S, |call, a| encrypt(call, a.str(0), a.str(1)));
    fixed(f, "decryptAES", &[S, S], S, |_, a| decrypt(a.str(0), a.str(1)));
}

/// Hashes with the default cost; what goes wrong is the result, as in Sprig.
fn hash(call: &Call<'_, '_>, password: &[u8]) -> Result<String, FuncError> {
    const COST: u32 = 10;
    if password.len() > 72 {
        return Ok(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
                .to_owned(),
        );
    }
    let mut salt = [0; 16];
    call.world()?.fill_random(&mut salt);
    let parts = bcrypt::hash_with_salt(password, COST, salt);
    let parts = parts.map_err(|error| FuncError::new(error.to_string()))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoA))
}

/// The patterns of passwords, by the name of their kind.
fn patterns(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

/// The characters a letter of a pattern stands for.
fn characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm.
fn derive(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> Returned {
    const NAME: &[u8] = b"com.lyndir.masterpassword";
    let Some(patterns) = patterns(kind) else {
        return Ok(Value::from([b"cannot find password template ", kind].concat()));
    };
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let failed = |error: &dyn std::fmt::Display| {
        Ok(Value::from(format!("failed to derive password: {error}")))
    };
    let salt = [NAME, &length(user), user].concat();
    let mut key = [0; 64];
    let params = match scrypt::Params::new(15, 8, 2, key.len()) {
        Ok(params) => params,
        Err(error) => return failed(&error),
    };
    if let Err(error) = scrypt::scrypt(password, &salt, &params, &mut key) {
        return failed(&error);
    }
    let mut mac = match hmac::Hmac::<sha2::Sha256>::new_from_slice(&key) {
        Ok(mac) => mac,
        Err(error) => return failed(&error),
    };
    for part in [NAME, &length(site), site, &counter.to_be_bytes()] {
        mac.update(part);
    }
    let seed = mac.finalize().into_bytes();
    let pattern = patterns[usize::from(seed[0]) % patterns.len()];
    let letters = pattern.bytes().zip(&seed[1..]).map(|(letter, seed)| {
        let characters = characters(letter);
        characters[usize::from(*seed) % characters.len()]
    });
    Ok(Value::from(letters.collect::<Vec<u8>>()))
}

/// The password cut or padded to the length of a key.
fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    key
}

fn encrypt(call: &Call<'_, '_>, password: &[u8], text: &[u8]) -> Returned {
    if text.is_empty() {
        return Ok(Value::from(""));
    }
    let mut start = [0; BLOCK];
    call.world()?.fill_random(&mut start);
    let mut cipher = cbc::Encryptor::<aes::Aes256>::new(&key(password).into(), &start.into());
    let padding = BLOCK - text.len() % BLOCK;
    let mut encrypted = text.to_vec();
    encrypted.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or(0), padding));
    for block in encrypted.chunks_exact_mut(BLOCK) {
        cipher.encrypt_block_mut(block.into());
    }
    Ok(Value::from(STANDARD.encode([&start[..], &encrypted].concat())))
}

fn decrypt(password: &[u8], text: &[u8]) -> Returned {
    if text.is_empty() {
        return Ok(Value::from(""));
    }
    let data = decode64_or_offset(text)
        .map_err(|at| FuncError::new(format!("illegal base64 data at input byte {at}")))?;
    let Some((start, data)) = data.split_first_chunk::<BLOCK>() else {
        let room = text.len() / 4 * 3;
        return Err(FuncError::new(if room < BLOCK {
            format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {room}")
        } else {
            format!("runtime error: slice bounds out of range [{BLOCK}:{}]", data.len())
        }));
    };
    if data.len() % BLOCK != 0 {
        return Err(FuncError::new("crypto/cipher: input not full blocks"));
    }
    let mut cipher = cbc::Decryptor::<aes::Aes256>::new(&key(password).into(), &(*start).into());
    let mut decrypted = data.to_vec();
    for block in decrypted.chunks_exact_mut(BLOCK) {
        cipher.decrypt_block_mut(block.into());
    }
    let Some(&padding) = decrypted.last() else {
        return Err(FuncError::new("runtime error: index out of range [-1]"));
    };
    let length = i64::try_from(decrypted.len()).unwrap_or(i64::MAX) - i64::from(padding);
    let Ok(kept) = usize::try_from(length) else {
        return Err(FuncError::new(format!(
            "runtime error: slice bounds out of range [:{length}]"
        )));
    };
    decrypted.truncate(kept);
    Ok(Value::from(decrypted))
}
