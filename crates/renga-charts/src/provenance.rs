//! Provenance files: who signed a chart archive, and whether it is this one.
//!
//! Owns reading `.prov` files and keyrings (binary, armored, or a `GnuPG` keybox) and checking
//! PGP signatures; fetching the file, and deciding whether one is needed, is vendoring's.
//!
//! Invariants: nothing of a provenance file is believed before its signature is good; only keys
//! of the given keyring are looked at; nothing depends on the clock: a key has to be valid at the
//! time of the signature.

mod keyring;

use pgp::composed::{CleartextSignedMessage, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, Tag, Timestamp, VerifyingKey};
use renga_yaml::{Flavour, YamlError};

use crate::digest::Sha256;

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The fingerprint of the primary key, in upper-case hex digits.
    pub fingerprint: String,
    /// The user ids of the key, such as `Ada <ada@example.com>`.
    pub users: Vec<String>,
}

/// Why a provenance file does not vouch for an archive. Where Helm has words of its own,
/// `Display` gives them.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ProvenanceError {
    /// There is no clear-signed message in the file.
    #[error("signature block not found")]
    #[diagnostic(
        code(charts::provenance::unsigned),
        help("a provenance file is a PGP clear-signed message, as `helm package --sign` makes")
    )]
    Unsigned,
    /// The message or its signature is malformed.
    #[error("provenance file is malformed: {0}")]
    #[diagnostic(code(charts::provenance::malformed))]
    Malformed(String),
    /// The keyring is none, or has no key.
    #[error("cannot read the keyring: {0}")]
    #[diagnostic(
        code(charts::provenance::keyring),
        help("export public keys with `gpg --export`; an armored export or a keybox will do too")
    )]
    Keyring(String),
    /// No key of the keyring made the signature.
    #[error("openpgp: signature made by unknown entity")]
    #[diagnostic(
        code(charts::provenance::unknown_signer),
        help("the signature is of key {issuer}: add it to the keyring if you trust it")
    )]
    UnknownSigner {
        /// The id or fingerprint of the key, as far as the signature says.
        issuer: String,
    },
    /// The text is not what was signed.
    #[error("openpgp: invalid signature of key {fingerprint}")]
    #[diagnostic(
        code(charts::provenance::bad_signature),
        help("the provenance file was changed after it was signed")
    )]
    BadSignature {
        /// The key that is said to have signed.
        fingerprint: String,
    },
    /// The signature uses a hash that can be forged.
    #[error("openpgp: insecure hash algorithm {hash} in the signature")]
    #[diagnostic(code(charts::provenance::weak_hash), help("it has to be signed anew"))]
    WeakHash {
        /// `SHA1`, `MD5`, ….
        hash: String,
    },
    /// The key was not, or not yet, or not any more to be used.
    #[error("openpgp: key {fingerprint} {problem}")]
    #[diagnostic(code(charts::provenance::key))]
    Key {
        /// The key.
        fingerprint: String,
        /// What is the matter with it.
        problem: KeyProblem,
    },
    /// The signed text has no second part with the digests.
    #[error("message block must have at least two parts")]
    #[diagnostic(code(charts::provenance::parts))]
    Parts,
    /// The digests are not YAML.
    #[error("provenance file lists no digests: {0}")]
    #[diagnostic(code(charts::provenance::yaml))]
    Yaml(YamlError),
    /// The archive is not among the signed files.
    #[error("provenance does not contain a SHA for a file named {file:?}")]
    #[diagnostic(code(charts::provenance::file), help("it is signed for: {}", .signed.join(", ")))]
    OtherFile {
        /// The archive.
        file: String,
        /// What the signature is for.
        signed: Vec<String>,
    },
    /// The archive is another one than was signed.
    #[error("sha256 sum does not match for {file}: {signed:?} != {found:?}")]
    #[diagnostic(
        code(charts::provenance::digest),
        help("this is not the archive that was signed: ask the publisher")
    )]
    Digest {
        /// The archive.
        file: String,
        /// What was signed.
        signed: String,
        /// What was fetched.
        found: String,
    },
}

/// Why a key does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Its owner took it back.
    #[error("is revoked")]
    Revoked,
    /// It had expired when the signature was made.
    #[error("had expired when the signature was made")]
    Expired,
    /// It is younger than the signature.
    #[error("did not exist when the signature was made")]
    TooYoung,
    /// It is not for signing, or its owner never signed it.
    #[error("may not sign")]
    NotForSigning,
}

/// Checks that a key of `keyring` signed the archive called `file_name` with this digest.
///
/// `prov` is the whole `.prov` file; `keyring` the contents of a keyring file.
///
/// # Errors
///
/// [`ProvenanceError`].
pub fn verify_provenance(
    prov: &[u8],
    keyring: &[u8],
    file_name: &str,
    archive_sha256: &Sha256,
) -> Result<Signer, ProvenanceError> {
    let keys = keyring::read(keyring)?;
    let message = clear_signed(prov)?;
    let text = message.signed_text();
    let signer = signer(&message, &text, &keys)?;
    check_digest(&text, file_name, archive_sha256)?;
    Ok(signer)
}

/// The first clear-signed message; what is before and after it is not signed and not looked at.
fn clear_signed(prov: &[u8]) -> Result<CleartextSignedMessage, ProvenanceError> {
    const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
    const END: &str = "-----END PGP SIGNATURE-----";
    let text = std::str::from_utf8(prov).map_err(|_| ProvenanceError::Unsigned)?;
    let begin = if text.starts_with(BEGIN) {
        0
    } else {
        text.find(&format!("\n{BEGIN}")).ok_or(ProvenanceError::Unsigned)? + 1
    };
    let text = &text[begin..];
    let end = text.find(&format!("\n{END}")).ok_or(ProvenanceError::Unsigned)?;
    let text = &text[..end + 1 + END.len()];
    let parsed = CleartextSignedMessage::from_string(text);
    parsed.map(|(message, _)| message).map_err(|e| ProvenanceError::Malformed(e.to_string()))
}

/// The owner of the key that made one of the signatures over `text`.
fn signer(
    message: &CleartextSignedMessage,
    text: &str,
    keys: &[SignedPublicKey],
) -> Result<Signer, ProvenanceError> {
    let mut issuer = String::from("?");
    let mut failure = None;
    for signature in message.signatures() {
        issuer = issuer_of(signature);
        for owner in keys {
            let primary = names(signature, &owner.primary_key)
                .then(|| check(signature, text, owner, &owner.primary_key, || primary_may(owner)));
            let subkeys =
                owner.public_subkeys.iter().filter(|subkey| names(signature, &subkey.key)).map(
                    |subkey| {
                        check(signature, text, owner, &subkey.key, || subkey_may(owner, subkey))
                    },
                );
            for result in primary.into_iter().chain(subkeys) {
                match result {
                    Ok(()) => {
                        let users = owner.details.users.iter();
                        let users = users.map(|u| String::from_utf8_lossy(u.id.id()).into_owned());
                        let fingerprint = fingerprint(&owner.primary_key);
                        return Ok(Signer { fingerprint, users: users.collect() });
                    }
                    Err(error) => failure = Some(error),
                }
            }
        }
    }
    Err(failure.unwrap_or(ProvenanceError::UnknownSigner { issuer }))
}

/// Whether the signature says that it was made by this key.
fn names(signature: &Signature, key: &impl KeyDetails) -> bool {
    signature.issuer_key_id().into_iter().any(|id| *id == key.legacy_key_id())
        || signature.issuer_fingerprint().into_iter().any(|print| *print == key.fingerprint())
}

fn issuer_of(signature: &Signature) -> String {
    let fingerprint = signature.issuer_fingerprint().first().map(ToString::to_string);
    let id = || signature.issuer_key_id().first().map(ToString::to_string);
    fingerprint.or_else(id).map_or("?".to_owned(), |text| text.to_uppercase())
}

fn fingerprint(key: &impl KeyDetails) -> String {
    key.fingerprint().to_string().to_uppercase()
}

/// What a key's owner says about it.
struct Permission {
    may_sign: bool,
    /// Seconds of validity, from the key's creation.
    lifetime: Option<u32>,
}

fn check(
    signature: &Signature,
    text: &str,
    owner: &SignedPublicKey,
    key: &impl VerifyingKey,
    permission: impl FnOnce() -> Result<Permission, KeyProblem>,
) -> Result<(), ProvenanceError> {
    let hash = signature.hash_alg();
    if !matches!(
        hash,
        Some(
            HashAlgorithm::Sha256
                | HashAlgorithm::Sha384
                | HashAlgorithm::Sha512
                | HashAlgorithm::Sha224
                | HashAlgorithm::Sha3_256
                | HashAlgorithm::Sha3_512
        )
    ) {
        let hash = hash.map_or("?".to_owned(), |hash| hash.to_string());
        return Err(ProvenanceError::WeakHash { hash });
    }
    let is_of_text = matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary));
    if !is_of_text || signature.verify(key, text.as_bytes()).is_err() {
        return Err(ProvenanceError::BadSignature { fingerprint: fingerprint(key) });
    }
    validity(signature, owner, key, permission)
        .map_err(|problem| ProvenanceError::Key { fingerprint: fingerprint(key), problem })
}

fn validity(
    signature: &Signature,
    owner: &SignedPublicKey,
    key: &impl KeyDetails,
    permission: impl FnOnce() -> Result<Permission, KeyProblem>,
) -> Result<(), KeyProblem> {
    let primary = &owner.primary_key;
    if owner.details.revocation_signatures.iter().any(|s| s.verify_key(primary).is_ok()) {
        return Err(KeyProblem::Revoked);
    }
    let made = signature.created().map_or(0, Timestamp::as_secs);
    let in_time = |created: u32, lifetime: Option<u32>| {
        if made < created {
            return Err(KeyProblem::TooYoung);
        }
        let ends = lifetime.filter(|seconds| *seconds > 0);
        if ends.is_some_and(|seconds| made >= created.saturating_add(seconds)) {
            return Err(KeyProblem::Expired);
        }
        Ok(())
    };
    // A subkey lives no longer than its owner.
    let owner_permission = primary_may(owner)?;
    in_time(primary.created_at().as_secs(), owner_permission.lifetime)?;
    let permission = permission()?;
    in_time(key.created_at().as_secs(), permission.lifetime)?;
    if permission.may_sign { Ok(()) } else { Err(KeyProblem::NotForSigning) }
}

/// What the newest valid signature of a key over itself says.
fn primary_may(owner: &SignedPublicKey) -> Result<Permission, KeyProblem> {
    let key = &owner.primary_key;
    let direct = owner.details.direct_signatures.iter().filter(|s| s.verify_key(key).is_ok());
    let of_users = owner.details.users.iter().flat_map(|user| {
        let valid = |s: &&Signature| s.verify_certification(key, Tag::UserId, &user.id).is_ok();
        user.signatures.iter().filter(valid)
    });
    let newest = direct.chain(of_users).max_by_key(|s| s.created().map_or(0, Timestamp::as_secs));
    newest.map(permission).ok_or(KeyProblem::NotForSigning)
}

/// What the newest valid binding of a subkey says.
fn subkey_may(
    owner: &SignedPublicKey,
    subkey: &pgp::composed::SignedPublicSubKey,
) -> Result<Permission, KeyProblem> {
    let primary = &owner.primary_key;
    let valid = subkey
        .signatures
        .iter()
        .filter(|signature| signature.verify_subkey_binding(primary, &subkey.key).is_ok());
    let (revocations, bindings): (Vec<_>, Vec<_>) =
        valid.partition(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation));
    if !revocations.is_empty() {
        return Err(KeyProblem::Revoked);
    }
    let newest = bindings.into_iter().max_by_key(|s| s.created().map_or(0, Timestamp::as_secs));
    let binding = newest.ok_or(KeyProblem::NotForSigning)?;
    // A subkey that signs has to agree to its owner; otherwise anybody could claim it.
    let agrees = binding
        .embedded_signature()
        .is_some_and(|back| back.verify_primary_key_binding(&subkey.key, primary).is_ok());
    let mut permission = permission(binding);
    permission.may_sign &= agrees;
    Ok(permission)
}

fn permission(signature: &Signature) -> Permission {
    let lifetime = signature.key_expiration_time().map(pgp::types::Duration::as_secs);
    Permission { may_sign: signature.key_flags().sign(), lifetime }
}

/// Compares with the digest in the second part of the signed text.
fn check_digest(text: &str, file_name: &str, found: &Sha256) -> Result<(), ProvenanceError> {
    let text = text.replace("\r\n", "\n");
    let sums = text.split("\n...\n").nth(1).ok_or(ProvenanceError::Parts)?;
    let sums =
        renga_yaml::read(sums.as_bytes(), Flavour::GoYamlV2).map_err(ProvenanceError::Yaml)?;
    let files = sums.get("files").and_then(serde_json::Value::as_object);
    let file = file_name.to_owned();
    let Some(signed) = files.and_then(|files| files.get(file_name)?.as_str()) else {
        let signed = files.map(|files| files.keys().cloned().collect()).unwrap_or_default();
        return Err(ProvenanceError::OtherFile { file, signed });
    };
    let found = found.to_string();
    if signed == found {
        return Ok(());
    }
    Err(ProvenanceError::Digest { file, signed: signed.to_owned(), found })
}

#[cfg(test)]
mod tests;
