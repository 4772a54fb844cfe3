//! DER: writing values, and reading as much as certificates and keys need.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// A value under a tag.
pub(super) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    let used = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    if content.len() >= 128 {
        out.push(0x80 | u8::try_from(used.len()).unwrap_or(0));
        out.extend_from_slice(used);
    } else {
        out.push(u8::try_from(content.len()).unwrap_or(0));
    }
    out.extend_from_slice(content);
    out
}

/// Values one after the other under a tag.
pub(super) fn constructed(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    value(tag, &parts.concat())
}

/// A sequence of values.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    constructed(SEQUENCE, parts)
}

/// A number that is not negative, from its big-endian bytes.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    match digits.first() {
        None => value(INTEGER, &[0]),
        Some(128..) => value(INTEGER, &[&[0], digits].concat()),
        Some(_) => value(INTEGER, digits),
    }
}

/// Whole bytes as a string of bits.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    value(BIT_STRING, &[&[0], bytes].concat())
}

/// A value that has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
    /// Tag, length and content.
    pub(super) whole: &'d [u8],
}

/// Takes the first value off the data.
pub(super) fn take<'d>(data: &mut &'d [u8]) -> Option<Element<'d>> {
    let [tag, first, rest @ ..] = *data else { return None };
    let (length, header) = match *first {
        short @ 0..128 => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7F);
            if count == 0 || count > 4 {
                return None;
            }
            let bytes = rest.get(..count)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + count)
        }
    };
    let end = header + length;
    let whole = data.get(..end)?;
    let element = Element { tag: *tag, content: &whole[header..], whole };
    *data = &data[end..];
    Some(element)
}

/// Takes the first value off the data if it has the tag.
pub(super) fn expect<'d>(data: &mut &'d [u8], tag: u8) -> Option<Element<'d>> {
    take(data).filter(|element| element.tag == tag)
}

#[cfg(test)]
mod tests {
    use super::{SEQUENCE, expect, sequence, take, unsigned};

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let inner = unsigned(&vec![0x91; length]);
            let outer = sequence(&[&inner, &[5, 0]]);
            let mut data = &outer[..];
            let mut content = expect(&mut data, SEQUENCE).expect("a sequence").content;
            assert!(data.is_empty());
            assert_eq!(take(&mut content).expect("a number").whole, inner);
            assert_eq!(content, [5, 0]);
        }
        assert!(take(&mut &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0][..]).is_none());
    }
}
