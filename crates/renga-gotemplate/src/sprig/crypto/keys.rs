//! Private keys: making them from the randomness of the run, reading and writing them, signing.

use ed25519_dalek::Signer as _;
use num_bigint::BigUint;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::signature::SignatureEncoding as _;
use rsa::traits::PublicKeyParts as _;
use sha2::Digest as _;

use super::der;
use super::{pem, prime};
use crate::error::FuncError;
use crate::func::Call;

/// The exponent of every public RSA key made here.
const EXPONENT: u32 = 65_537;

/// Object identifiers, encoded.
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const RSA_WITH_SHA_256: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const EC_WITH_SHA_256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const EC_WITH_SHA_384: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03];
const P_256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P_384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
const ED_25519: &[u8] = &[0x2B, 0x65, 0x70];

/// A private key.
pub(super) enum Key {
    Rsa(Box<rsa::RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
    /// A DSA key, as it is encoded: it signs nothing.
    Dsa(Vec<u8>),
}

/// The result of a step that draws random bytes.
type Drawn<T> = Result<T, FuncError>;

fn fill(call: &Call<'_, '_>, buffer: &mut [u8]) -> Drawn<()> {
    call.world()?.fill_random(buffer);
    Ok(())
}

fn failed(error: impl std::fmt::Display) -> FuncError {
    FuncError::new(error.to_string())
}

impl Key {
    /// Makes an RSA key.
    pub(super) fn rsa(call: &Call<'_, '_>, bits: usize) -> Drawn<Key> {
        let mut random = |buffer: &mut [u8]| fill(call, buffer);
        let big = |number: &BigUint| rsa::BigUint::from_bytes_be(&number.to_bytes_be());
        let p = prime::generate(bits / 2, EXPONENT, None, &mut random)?;
        let q = prime::generate(bits / 2, EXPONENT, Some(&p), &mut random)?;
        let key = rsa::RsaPrivateKey::from_p_q(big(&p), big(&q), EXPONENT.into());
        Ok(Key::Rsa(Box::new(key.map_err(failed)?)))
    }

    /// Makes a key on the curve P-256.
    pub(super) fn ecdsa(call: &Call<'_, '_>) -> Drawn<Key> {
        let mut bytes = [0; 32];
        // All but one in four thousand million are keys.
        for _ in 0..8 {
            fill(call, &mut bytes)?;
            if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&bytes) {
                return Ok(Key::P256(key));
            }
        }
        Err(FuncError::new("the random bytes of this run make no key"))
    }

    /// Makes an Ed25519 key.
    pub(super) fn ed25519(call: &Call<'_, '_>) -> Drawn<Key> {
        let mut seed = [0; 32];
        fill(call, &mut seed)?;
        Ok(Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// Makes a DSA key with parameters of its own, of 2048 and 256 bits.
    pub(super) fn dsa(call: &Call<'_, '_>) -> Drawn<Key> {
        let mut random = |buffer: &mut [u8]| fill(call, buffer);
        let order = prime::generate(256, 1 << 30, None, &mut random)?;
        let modulus = prime::generate_over(2_048, &order, &mut random)?;
        let power = (&modulus - 1_u32) / &order;
        let one = BigUint::from(1_u32);
        let generator = (2_u32..64)
            .map(|base| BigUint::from(base).modpow(&power, &modulus))
            .find(|generator| *generator != one)
            .unwrap_or(one);
        let mut bytes = [0; 40];
        random(&mut bytes)?;
        let secret = BigUint::from_bytes_be(&bytes) % (&order - 1_u32) + 1_u32;
        let public = generator.modpow(&secret, &modulus);
        let number = |number: &BigUint| der::unsigned(&number.to_bytes_be());
        let parts = [&modulus, &order, &generator, &public, &secret].map(number).concat();
        Ok(Key::Dsa(der::sequence(&[&der::unsigned(&[]), &parts])))
    }

    /// Reads a key from the first PEM block of a text.
    ///
    /// # Errors
    ///
    /// Sprig's texts.
    pub(super) fn from_pem(text: &[u8]) -> Result<Key, String> {
        let (label, data) = pem::decode(text).ok_or("no PEM data in input")?;
        if label == "PRIVATE KEY" {
            return Key::from_pkcs8(&data)
                .ok_or_else(|| "decoding PEM as PKCS#8: x509: failed to parse key".to_owned());
        }
        let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {label}"));
        };
        let malformed =
            || format!("parsing {kind} private key from PEM: asn1: structure error: malformed key");
        match kind {
            "RSA" => match rsa::RsaPrivateKey::from_pkcs1_der(&data) {
                Ok(key) => Ok(Key::Rsa(Box::new(key))),
                Err(_) => Err(malformed()),
            },
            "EC" => Key::from_sec1(&data).ok_or_else(malformed),
            "DSA" => {
                der::expect(&mut &data[..], der::SEQUENCE).ok_or_else(malformed)?;
                Ok(Key::Dsa(data))
            }
            _ => Err(format!("invalid private key type {label}")),
        }
    }

    fn from_pkcs8(data: &[u8]) -> Option<Key> {
        if let Ok(key) = rsa::RsaPrivateKey::from_pkcs8_der(data) {
            return Some(Key::Rsa(Box::new(key)));
        }
        if let Ok(key) = p256::SecretKey::from_pkcs8_der(data) {
            return Some(Key::P256(key.into()));
        }
        if let Ok(key) = p384::SecretKey::from_pkcs8_der(data) {
            return Some(Key::P384(key.into()));
        }
        let mut content = der::expect(&mut &data[..], der::SEQUENCE)?.content;
        der::expect(&mut content, der::INTEGER)?;
        let mut algorithm = der::expect(&mut content, der::SEQUENCE)?.content;
        let is_known = der::expect(&mut algorithm, der::OBJECT_ID)?.content == ED_25519;
        let inner = der::expect(&mut content, der::OCTET_STRING)?.content;
        let seed = der::expect(&mut &inner[..], der::OCTET_STRING)?.content;
        let seed = <&[u8; 32]>::try_from(seed).ok().filter(|_| is_known)?;
        Some(Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)))
    }

    fn from_sec1(data: &[u8]) -> Option<Key> {
        let mut content = der::expect(&mut &data[..], der::SEQUENCE)?.content;
        der::expect(&mut content, der::INTEGER)?;
        let secret = der::expect(&mut content, der::OCTET_STRING)?.content;
        let mut curve = der::expect(&mut content, 0xA0)?.content;
        match der::expect(&mut curve, der::OBJECT_ID)?.content {
            P_256 => p256::ecdsa::SigningKey::from_slice(secret).ok().map(Key::P256),
            P_384 => p384::ecdsa::SigningKey::from_slice(secret).ok().map(Key::P384),
            _ => None,
        }
    }

    /// Writes the key as a PEM block, in the format Sprig chooses for its kind.
    pub(super) fn to_pem(&self) -> Result<String, FuncError> {
        let sec1 = |secret: &[u8], curve: &[u8], public: &[u8]| {
            let curve = der::value(der::OBJECT_ID, curve);
            der::sequence(&[
                &der::unsigned(&[1]),
                &der::value(der::OCTET_STRING, secret),
                &der::value(0xA0, &curve),
                &der::value(0xA1, &der::bits(public)),
            ])
        };
        Ok(match self {
            Key::Rsa(key) => {
                pem::encode("RSA PRIVATE KEY", key.to_pkcs1_der().map_err(failed)?.as_bytes())
            }
            Key::P256(key) => {
                pem::encode("EC PRIVATE KEY", &sec1(&key.to_bytes(), P_256, &self.public()))
            }
            Key::P384(key) => {
                pem::encode("EC PRIVATE KEY", &sec1(&key.to_bytes(), P_384, &self.public()))
            }
            Key::Ed25519(key) => {
                let seed = der::value(der::OCTET_STRING, key.as_bytes());
                let algorithm = der::sequence(&[&der::value(der::OBJECT_ID, ED_25519)]);
                let seed = der::value(der::OCTET_STRING, &seed);
                let whole = der::sequence(&[&der::unsigned(&[]), &algorithm, &seed]);
                pem::encode("PRIVATE KEY", &whole)
            }
            Key::Dsa(data) => pem::encode("DSA PRIVATE KEY", data),
        })
    }

    /// The bits of the public key.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Key::Rsa(key) => der::sequence(&[
                &der::unsigned(&key.n().to_bytes_be()),
                &der::unsigned(&key.e().to_bytes_be()),
            ]),
            Key::P256(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Key::P384(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Key::Ed25519(key) => key.verifying_key().as_bytes().to_vec(),
            Key::Dsa(_) => Vec::new(),
        }
    }

    /// The public key with its algorithm, as certificates hold it.
    pub(super) fn public_info(&self) -> Vec<u8> {
        let id = |bytes: &[u8]| der::value(der::OBJECT_ID, bytes);
        let algorithm = match self {
            Key::Rsa(_) => der::sequence(&[&id(RSA), &[0x05, 0x00]]),
            Key::P256(_) => der::sequence(&[&id(EC), &id(P_256)]),
            Key::P384(_) => der::sequence(&[&id(EC), &id(P_384)]),
            Key::Ed25519(_) | Key::Dsa(_) => der::sequence(&[&id(ED_25519)]),
        };
        der::sequence(&[&algorithm, &der::bits(&self.public())])
    }

    /// Whether the key can sign certificates.
    pub(super) fn signs(&self) -> bool {
        !matches!(self, Key::Dsa(_))
    }

    /// The algorithm of the signatures, as certificates hold it.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        let id = |bytes: &[u8]| der::value(der::OBJECT_ID, bytes);
        match self {
            Key::Rsa(_) => der::sequence(&[&id(RSA_WITH_SHA_256), &[0x05, 0x00]]),
            Key::P256(_) => der::sequence(&[&id(EC_WITH_SHA_256)]),
            Key::P384(_) => der::sequence(&[&id(EC_WITH_SHA_384)]),
            Key::Ed25519(_) | Key::Dsa(_) => der::sequence(&[&id(ED_25519)]),
        }
    }

    /// Signs a message. The same key signs the same message the same way.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, FuncError> {
        Ok(match self {
            Key::Rsa(key) => {
                let digest = sha2::Sha256::digest(message);
                key.sign(rsa::Pkcs1v15Sign::new::<sha2::Sha256>(), &digest).map_err(failed)?
            }
            Key::P256(key) => {
                let signature: p256::ecdsa::DerSignature = key.try_sign(message).map_err(failed)?;
                signature.to_vec()
            }
            Key::P384(key) => {
                let signature: p384::ecdsa::DerSignature = key.try_sign(message).map_err(failed)?;
                signature.to_vec()
            }
            Key::Ed25519(key) => key.try_sign(message).map_err(failed)?.to_bytes().to_vec(),
            Key::Dsa(_) => Vec::new(),
        })
    }
}
