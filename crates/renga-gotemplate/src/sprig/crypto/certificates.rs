//! Certificates, laid out as Go's `x509.CreateCertificate` does.

use std::net::IpAddr;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

use super::keys::Key;
use super::{der, pem};
use crate::error::FuncError;
use crate::format;
use crate::func::{Args, Call, FuncMap};
use crate::object::Object;
use crate::sprig::{I, Returned, S, fixed};
use crate::text::quote;
use crate::time::{Time, Zone};
use crate::types::Type;
use crate::value::Value;

const CERTIFICATE: Type = Type::Struct("sprig.certificate");

const NAMES: Type = Type::LIST;

pub(super) fn register(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "buildCustomCert", &[S, S], CERTIFICATE, |_, a| custom(a.str(0), a.str(1)));
    fixed(f, "genCA", &[S, I], CERTIFICATE, |call, a| {
        let key = Key::rsa(call, 2_048)?;
        authority(call, a, &key)
    });
    fixed(f, "genCAWithKey", &[S, I, S], CERTIFICATE, |call, a| {
        let key = given_key(a.str(2))?;
        authority(call, a, &key)
    });
    fixed(f, "genSelfSignedCert", &[S, NAMES, NAMES, I], CERTIFICATE, |call, a| {
        let key = Key::rsa(call, 2_048)?;
        self_signed(call, a, &key)
    });
    fixed(f, "genSelfSignedCertWithKey", &[S, NAMES, NAMES, I, S], CERTIFICATE, |call, a| {
        let key = given_key(a.str(4))?;
        self_signed(call, a, &key)
    });
    fixed(f, "genSignedCert", &[S, NAMES, NAMES, I, CERTIFICATE], CERTIFICATE, |call, a| {
        let key = Key::rsa(call, 2_048)?;
        signed(call, a, &key)
    });
    fixed(
        f,
        "genSignedCertWithKey",
        &[S, NAMES, NAMES, I, CERTIFICATE, S],
        CERTIFICATE,
        |call, a| {
            let key = given_key(a.str(5))?;
            signed(call, a, &key)
        },
    );
}

/// A certificate with its key, as templates see it.
#[derive(Debug)]
struct Certificate {
    cert: Value,
    key: Value,
}

impl Certificate {
    fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }
}

impl Object for Certificate {
    fn ty(&self) -> Type {
        CERTIFICATE
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.cert.clone()),
            "Key" => Some(self.key.clone()),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", self.cert.clone()), ("Key", self.key.clone())]
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T, FuncError> {
    Err(FuncError::new(message))
}

fn given_key(text: &[u8]) -> Result<Key, FuncError> {
    Key::from_pem(text).or_else(|why| fail(format!("parsing private key: {why}")))
}

fn custom(cert: &[u8], key: &[u8]) -> Returned {
    let Ok(cert) = STANDARD.decode(without_newlines(cert)) else {
        return fail("unable to decode base64 certificate");
    };
    let Ok(key) = STANDARD.decode(without_newlines(key)) else {
        return fail("unable to decode base64 private key");
    };
    let Some((_, data)) = pem::decode(&cert) else {
        return fail("unable to decode certificate");
    };
    parse(&data)?;
    if let Err(why) = Key::from_pem(&key) {
        return fail(format!("error parsing private key: {why}"));
    }
    Ok(Certificate { cert: Value::from(cert), key: Value::from(key) }.into_value())
}

/// Go's decoder skips newlines.
fn without_newlines(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
}

/// What a signer's certificate says.
struct Signer {
    subject: Vec<u8>,
    public_info: Vec<u8>,
    key_id: Option<Vec<u8>>,
}

/// Reads what is needed of a certificate.
fn parse(data: &[u8]) -> Result<Signer, FuncError> {
    parse_parts(data).ok_or_else(|| {
        FuncError::new("error parsing certificate: decodedCert.Bytes: x509: malformed certificate")
    })
}

fn parse_parts(data: &[u8]) -> Option<Signer> {
    const KEY_ID: &[u8] = &[0x55, 0x1D, 0x0E];
    let mut outer = der::expect(&mut &data[..], der::SEQUENCE)?.content;
    let mut body = der::expect(&mut outer, der::SEQUENCE)?.content;
    let mut peeked = body;
    if der::take(&mut peeked)?.tag == 0xA0 {
        body = peeked;
    }
    der::expect(&mut body, der::INTEGER)?;
    for _ in 0..3 {
        der::expect(&mut body, der::SEQUENCE)?;
    }
    let subject = der::expect(&mut body, der::SEQUENCE)?.whole.to_vec();
    let public_info = der::expect(&mut body, der::SEQUENCE)?.whole.to_vec();
    let mut key_id = None;
    while let Some(part) = der::take(&mut body) {
        if part.tag != 0xA3 {
            continue;
        }
        let mut list = part.content;
        let mut extensions = der::expect(&mut list, der::SEQUENCE)?.content;
        while let Some(extension) = der::take(&mut extensions) {
            let mut content = extension.content;
            let id = der::expect(&mut content, der::OBJECT_ID)?.content;
            let mut value = der::take(&mut content)?;
            if value.tag != der::OCTET_STRING {
                value = der::expect(&mut content, der::OCTET_STRING)?;
            }
            if id == KEY_ID {
                let mut inner = value.content;
                key_id = Some(der::expect(&mut inner, der::OCTET_STRING)?.content.to_vec());
            }
        }
    }
    Some(Signer { subject, public_info, key_id })
}

/// What goes into a certificate besides keys.
struct Request {
    subject: Vec<u8>,
    subject_is_empty: bool,
    serial: [u8; 16],
    validity: Vec<u8>,
    alternatives: Vec<Vec<u8>>,
    is_authority: bool,
}

/// Reads the arguments; addresses and names stand between the name and the days, if at all.
fn request(
    call: &Call<'_, '_>,
    name: &[u8],
    addresses: &[Value],
    names: &[Value],
    days: i64,
) -> Result<Request, FuncError> {
    let addresses = addresses.iter().map(address).collect::<Result<Vec<_>, _>>()?;
    let mut alternatives = Vec::new();
    for name in names {
        let Value::Str(name) = name else {
            let shown = format::display(name);
            return fail(format!("error processing alternate dns name: {shown} is not a string"));
        };
        if !name.is_ascii() {
            let shown = quote::quoted(name);
            return fail(format!(
                "error creating certificate: x509: {shown} cannot be encoded as an IA5String"
            ));
        }
        alternatives.push(der::value(0x82, name));
    }
    alternatives.extend(addresses.iter().map(|address| match address.to_canonical() {
        IpAddr::V4(address) => der::value(0x87, &address.octets()),
        IpAddr::V6(address) => der::value(0x87, &address.octets()),
    }));
    let mut serial = [0; 16];
    let world = call.world()?;
    world.fill_random(&mut serial);
    let (seconds, nanoseconds) = world.now();
    let from = Time::unix(seconds, nanoseconds, Zone::utc());
    // Go's durations wrap around as well.
    let until = from.add(days.wrapping_mul(24 * 3_600_000_000_000));
    Ok(Request {
        subject: subject(name)?,
        subject_is_empty: name.is_empty(),
        serial,
        validity: der::sequence(&[&moment(&from), &moment(&until)]),
        alternatives,
        is_authority: false,
    })
}

fn address(value: &Value) -> Result<IpAddr, FuncError> {
    let Value::Str(text) = value else {
        let shown = format::display(value);
        return fail(format!("error parsing ip: {shown} is not a string"));
    };
    let parsed = text.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| FuncError::new(format!("error parsing ip: {text}")))
}

/// A name with nothing but the common name.
fn subject(name: &[u8]) -> Result<Vec<u8>, FuncError> {
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    if name.is_empty() {
        return Ok(der::sequence(&[]));
    }
    if std::str::from_utf8(name).is_err() {
        return fail("error creating certificate: asn1: string not valid UTF-8");
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let tag = if name.iter().all(plain) { 0x13 } else { 0x0C };
    let id = der::value(der::OBJECT_ID, COMMON_NAME);
    let pair = der::sequence(&[&id, &der::value(tag, name)]);
    Ok(der::sequence(&[&der::value(0x31, &pair)]))
}

/// A time: with two digits of the year until 2049.
fn moment(time: &Time) -> Vec<u8> {
    let long = time.format(b"20060102150405Z");
    match time.format(b"2006").as_slice() {
        year if (&b"1950"[..]..&b"2050"[..]).contains(&year) => der::value(0x17, &long[2..]),
        _ => der::value(0x18, &long),
    }
}

fn authority(call: &Call<'_, '_>, args: &Args<'_>, key: &Key) -> Returned {
    let mut request = request(call, args.str(0), &[], &[], args.int(1))?;
    request.is_authority = true;
    issue(&request, key, None)
}

fn self_signed(call: &Call<'_, '_>, args: &Args<'_>, key: &Key) -> Returned {
    let (addresses, names) = (args.list(1).to_vec(), args.list(2).to_vec());
    issue(&request(call, args.str(0), &addresses, &names, args.int(3))?, key, None)
}

fn signed(call: &Call<'_, '_>, args: &Args<'_>, key: &Key) -> Returned {
    let part = |name: &str| match args.any(4) {
        Value::Object(object) => match object.field(name) {
            Some(Value::Str(text)) => text,
            _ => crate::text::GoStr::default(),
        },
        _ => crate::text::GoStr::default(),
    };
    let Some((_, data)) = pem::decode(&part("Cert")) else {
        return fail("unable to decode certificate");
    };
    let signer = parse(&data).or_else(|_| {
        fail("error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate")
    })?;
    let signer_key = Key::from_pem(&part("Key"))
        .or_else(|why| fail(format!("error parsing private key: {why}")))?;
    let (addresses, names) = (args.list(1).to_vec(), args.list(2).to_vec());
    let request = request(call, args.str(0), &addresses, &names, args.int(3))?;
    issue(&request, key, Some((&signer, &signer_key)))
}

/// Makes a certificate for the key, signed by another or by itself.
fn issue(request: &Request, key: &Key, by: Option<(&Signer, &Key)>) -> Returned {
    let signing = by.map_or(key, |(_, key)| key);
    if !signing.signs() {
        return fail(
            "error creating certificate: x509: certificate private key does not implement \
             crypto.Signer",
        );
    }
    if !key.signs() {
        return fail(
            "error creating certificate: x509: unsupported public key type: *dsa.PublicKey",
        );
    }
    if let Some((signer, signer_key)) = by
        && signer.public_info != signer_key.public_info()
    {
        return fail(
            "error creating certificate: x509: provided PrivateKey doesn't match parent's \
             PublicKey",
        );
    }
    let issuer = by.map_or(&request.subject, |(signer, _)| &signer.subject);
    let signer_id = by.and_then(|(signer, _)| signer.key_id.as_deref());
    let extensions = extensions(request, key, signer_id.filter(|_| *issuer != request.subject));
    let algorithm = signing.signature_algorithm();
    let body = der::sequence(&[
        &der::value(0xA0, &der::unsigned(&[2])),
        &der::unsigned(&request.serial),
        &algorithm,
        issuer,
        &request.validity,
        &request.subject,
        &key.public_info(),
        &der::value(0xA3, &der::sequence(&[&extensions])),
    ]);
    let signature = signing.sign(&body)?;
    let whole = der::sequence(&[&body, &algorithm, &der::bits(&signature)]);
    let cert = Value::from(pem::encode("CERTIFICATE", &whole));
    Ok(Certificate { cert, key: Value::from(key.to_pem()?) }.into_value())
}

fn extensions(request: &Request, key: &Key, signer_id: Option<&[u8]>) -> Vec<u8> {
    const CRITICAL: &[u8] = &[0x01, 0x01, 0xFF];
    const SERVER_AND_CLIENT: [&[u8]; 2] = [
        &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
        &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
    ];
    let extension = |id: u8, critical: bool, value: &[u8]| {
        der::sequence(&[
            &der::value(der::OBJECT_ID, &[0x55, 0x1D, id]),
            if critical { CRITICAL } else { &[] },
            &der::value(der::OCTET_STRING, value),
        ])
    };
    // Digital signature and key encipherment; authorities also sign certificates.
    let usage: &[u8] = if request.is_authority { &[2, 0xA4] } else { &[5, 0xA0] };
    let purposes = SERVER_AND_CLIENT.map(|purpose| der::value(der::OBJECT_ID, purpose)).concat();
    let authority: &[u8] = if request.is_authority { CRITICAL } else { &[] };
    let mut out = [
        extension(0x0F, true, &der::value(der::BIT_STRING, usage)),
        extension(0x25, false, &der::sequence(&[&purposes])),
        extension(0x13, true, &der::sequence(&[authority])),
    ]
    .concat();
    if request.is_authority {
        let id = &sha2::Sha256::digest(key.public())[..20];
        out.extend(extension(0x0E, false, &der::value(der::OCTET_STRING, id)));
    }
    if let Some(id) = signer_id {
        out.extend(extension(0x23, false, &der::sequence(&[&der::value(0x80, id)])));
    }
    if !request.alternatives.is_empty() {
        let names = der::sequence(&[&request.alternatives.concat()]);
        out.extend(extension(0x11, request.subject_is_empty, &names));
    }
    out
}
