//! Recorded from helm v4.3.1 and gpg, see `tests/provenance/README.md`.

use super::*;

const FILE: &str = "signed-1.2.3.tgz";
const ARCHIVE: &[u8] = include_bytes!("../../tests/provenance/signed-1.2.3.tgz");
const PROV: &str = include_str!("../../tests/provenance/signed-1.2.3.tgz.prov");
const BINARY: &[u8] = include_bytes!("../../tests/provenance/pubring.gpg");
const ARMORED: &[u8] = include_bytes!("../../tests/provenance/pubring.asc");
const KEYBOX: &[u8] = include_bytes!("../../tests/provenance/pubring.kbx");

fn verify(prov: &str, keyring: &[u8]) -> Result<Signer, ProvenanceError> {
    verify_provenance(prov.as_bytes(), keyring, FILE, &Sha256::of(ARCHIVE))
}

#[test]
fn helms_signature_is_good() {
    for keyring in [BINARY, ARMORED, KEYBOX] {
        let signer = verify(PROV, keyring).unwrap();
        assert_eq!(signer.users, ["Chart Signer <signer@example.com>"]);
        assert_eq!(signer.fingerprint, "4DCBE82E905E32849AE43E34E0385E4AFC1D4E8A");
    }
    let around = format!("before\n{PROV}\nafter\n");
    assert!(verify(&around, BINARY).is_ok(), "what is around the message is not looked at");
    assert!(verify(&PROV.replace('\n', "\r\n"), BINARY).is_ok(), "lines may end otherwise");
}

#[test]
fn keyrings_may_be_put_together() {
    let other = include_bytes!("../../tests/provenance/subkey.asc");
    let both = [&other[..], ARMORED].concat();
    assert!(verify(PROV, &both).is_ok());
    let subkey = include_str!("../../tests/provenance/subkey.prov");
    let signer = verify(subkey, &both).unwrap();
    assert_eq!(signer.users, ["Subkey Signer <sub@example.com>"]);
}

#[test]
fn every_other_text_is_refused() {
    let changed = PROV.replace("version: 1.2.3", "version: 1.2.4");
    assert!(matches!(verify(&changed, BINARY), Err(ProvenanceError::BadSignature { .. })));
    let moved = PROV.replace("sha256:7bf", "sha256:8bf");
    assert!(matches!(verify(&moved, BINARY), Err(ProvenanceError::BadSignature { .. })));
    for text in ["", "x", "-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n"] {
        assert!(matches!(verify(text, BINARY), Err(ProvenanceError::Unsigned)), "{text}");
    }
    let empty = "-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP SIGNATURE-----\n\n\
                 -----END PGP SIGNATURE-----\n";
    assert!(verify(empty, BINARY).is_err());
}

#[test]
fn the_archive_has_to_be_the_signed_one() {
    let other = Sha256::of(b"other");
    let error = verify_provenance(PROV.as_bytes(), BINARY, FILE, &other).unwrap_err();
    let signed = Sha256::of(ARCHIVE);
    assert_eq!(
        error.to_string(),
        format!("sha256 sum does not match for {FILE}: \"{signed}\" != \"{other}\"")
    );
    let error = verify_provenance(PROV.as_bytes(), BINARY, "x.tgz", &signed).unwrap_err();
    assert_eq!(error.to_string(), "provenance does not contain a SHA for a file named \"x.tgz\"");
}

#[test]
fn the_key_has_to_be_in_the_ring_and_good() {
    let subkey = include_bytes!("../../tests/provenance/subkey.asc");
    let error = verify(PROV, subkey).unwrap_err();
    assert_eq!(error.to_string(), "openpgp: signature made by unknown entity");
    let ProvenanceError::UnknownSigner { issuer } = error else { panic!("{error}") };
    assert_eq!(issuer, "4DCBE82E905E32849AE43E34E0385E4AFC1D4E8A");

    let problem = |prov, keyring: &[u8]| match verify(prov, keyring) {
        Err(ProvenanceError::Key { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    let expired = include_str!("../../tests/provenance/expired.prov");
    let key = include_bytes!("../../tests/provenance/expired.asc");
    assert_eq!(problem(expired, key), KeyProblem::Expired);
    let revoked = include_str!("../../tests/provenance/revoked.prov");
    let key = include_bytes!("../../tests/provenance/revoked.asc");
    assert_eq!(problem(revoked, key), KeyProblem::Revoked);
    let weak = include_str!("../../tests/provenance/weak.prov");
    let key = include_bytes!("../../tests/provenance/weak.asc");
    assert!(matches!(verify(weak, key), Err(ProvenanceError::WeakHash { .. })));
}

#[test]
fn damaged_keyrings_are_errors() {
    for keyring in [&b""[..], b"x", b"-----BEGIN PGP", &ARMORED[..200]] {
        assert!(matches!(verify(PROV, keyring), Err(ProvenanceError::Keyring(_))), "{keyring:?}");
    }
    for end in 0..KEYBOX.len() {
        let _ = verify(PROV, &KEYBOX[..end]);
    }
    for at in 0..64 {
        let mut damaged = KEYBOX.to_vec();
        damaged[at] ^= 0xff;
        let _ = verify(PROV, &damaged);
    }
    for end in 0..PROV.len() {
        assert!(verify(&PROV[..end], BINARY).is_err() || end >= PROV.trim_end().len());
    }
}
