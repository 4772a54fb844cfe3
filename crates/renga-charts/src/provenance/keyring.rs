//! Keyrings: `OpenPGP` packets, bare, armored or in a `GnuPG` keybox.

use std::io;

use pgp::armor::{BlockType, Dearmor};
use pgp::composed::{Deserializable as _, SignedPublicKey, SignedSecretKey};
use pgp::packet::{Packet, PacketParser};

use super::ProvenanceError;

/// How an armored block begins.
const BEGIN: &[u8] = b"-----BEGIN PGP";

/// The public keys of a keyring.
pub(super) fn read(keyring: &[u8]) -> Result<Vec<SignedPublicKey>, ProvenanceError> {
    let mut keys = Vec::new();
    if is_keybox(keyring) {
        for block in keybox_blocks(keyring)? {
            read_packets(block, &mut keys)?;
        }
    } else if keyring.trim_ascii_start().starts_with(BEGIN) {
        for block in armored_blocks(keyring) {
            read_packets(block, &mut keys)?;
        }
    } else {
        read_packets(keyring, &mut keys)?;
    }
    if keys.is_empty() {
        return Err(ProvenanceError::Keyring("it holds no keys".to_owned()));
    }
    Ok(keys)
}

fn read_packets(bytes: &[u8], into: &mut Vec<SignedPublicKey>) -> Result<(), ProvenanceError> {
    let packets: Vec<Packet> = if bytes.starts_with(BEGIN) {
        let mut armored = Dearmor::new(bytes);
        armored.read_header().map_err(unreadable)?;
        if !matches!(armored.typ, Some(BlockType::PublicKey | BlockType::PrivateKey)) {
            return Err(ProvenanceError::Keyring("an armored block holds no keys".to_owned()));
        }
        read_known(PacketParser::new(io::BufReader::new(armored)))?
    } else {
        read_known(PacketParser::new(bytes))?
    };
    let mut packets = packets.into_iter().peekable();
    while let Some(first) = packets.next() {
        // What is of no key is not looked at.
        if !starts_key(&first) {
            continue;
        }
        let secret = matches!(first, Packet::SecretKey(_));
        let mut key = vec![Ok(first)];
        while let Some(packet) = packets.next_if(|packet| !starts_key(packet)) {
            key.push(Ok(packet));
        }
        let key = key.into_iter().peekable();
        if secret {
            let keys = SignedSecretKey::from_packets(key).map(|key| key.map(|k| k.to_public_key()));
            into.extend(keys.collect::<Result<Vec<_>, _>>().map_err(unreadable)?);
        } else {
            let keys = SignedPublicKey::from_packets(key);
            into.extend(keys.collect::<Result<Vec<_>, _>>().map_err(unreadable)?);
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unreadable(error: pgp::errors::Error) -> ProvenanceError {
    ProvenanceError::Keyring(error.to_string())
}

fn starts_key(packet: &Packet) -> bool {
    matches!(packet, Packet::PublicKey(_) | Packet::SecretKey(_))
}

/// The packets that can be read and belong to keys. `GnuPG` keeps what it thinks of each key between
/// the others.
fn read_known(
    packets: impl Iterator<Item = Result<Packet, pgp::errors::Error>>,
) -> Result<Vec<Packet>, ProvenanceError> {
    let mut known = Vec::new();
    for packet in packets {
        match packet {
            // One key of a kind that is not known must not hide the others.
            Ok(Packet::Trust(_) | Packet::Marker(_) | Packet::Padding(_))
            | Err(pgp::errors::Error::Unsupported { .. }) => {}
            Ok(packet) => known.push(packet),
            Err(pgp::errors::Error::InvalidPacketContent { source, .. })
                if matches!(
                    *source,
                    pgp::errors::Error::Unsupported { .. }
                        | pgp::errors::Error::EllipticCurve { .. }
                ) => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(known)
}

/// The armored blocks of a file, several exports after each other being a keyring too.
fn armored_blocks(text: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = text
        .windows(BEGIN.len())
        .enumerate()
        .filter(|(at, window)| *window == BEGIN && (*at == 0 || text[at - 1] == b'\n'))
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

/// A keybox starts with a blob of type 1 that has this magic.
fn is_keybox(bytes: &[u8]) -> bool {
    bytes.len() >= 12 && bytes[4] == 1 && &bytes[8..12] == b"KBXf"
}

/// The `OpenPGP` key blocks of a keybox.
///
/// A blob is: its length (4 bytes, big endian, itself included), its type (1 byte; 2 is `OpenPGP`),
/// a version (1), flags (2; the bit 2 marks what is not in the keyring yet), then the offset and
/// the length of the key block within the blob (4 each).
fn keybox_blocks(bytes: &[u8]) -> Result<Vec<&[u8]>, ProvenanceError> {
    let error = || ProvenanceError::Keyring("the keybox is damaged".to_owned());
    let number = |bytes: &[u8], at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let mut blocks = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = number(rest, 0).filter(|length| *length >= 5).ok_or_else(error)?;
        let blob = rest.get(..length).ok_or_else(error)?;
        rest = &rest[length..];
        if blob[4] != 2 {
            continue;
        }
        let flags = blob.get(7).ok_or_else(error)?;
        if flags & 2 != 0 {
            continue;
        }
        let (start, size) = number(blob, 8).zip(number(blob, 12)).ok_or_else(error)?;
        let end = start.checked_add(size).ok_or_else(error)?;
        blocks.push(blob.get(start..end).ok_or_else(error)?);
    }
    Ok(blocks)
}
