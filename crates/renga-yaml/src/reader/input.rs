//! The raw input as characters: encodings, byte order marks, and which bytes are allowed.
//!
//! The Go libraries decode input in windows of 512 bytes while they scan, so a mistake early in a
//! text wins over a forbidden byte in a later window. [`Input`] decodes everything at once and
//! keeps, for a text with a forbidden byte, how far the scanner gets before it is noticed.

/// How many raw bytes the libraries look at in one go.
const WINDOW: usize = 512;

/// Zero bytes after the text, so that looking ahead needs no bounds.
const PADDING: usize = 16;

/// Decoded text and the reason why it ends early, if it does.
#[derive(Debug)]
pub(super) struct Input {
    /// UTF-8 without control characters, then zero bytes.
    pub(super) bytes: Vec<u8>,
    /// Noticed when a scanner wants a character at or beyond the end of `bytes`.
    pub(super) problem: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { little: bool },
}

enum Decoded {
    Char(char, usize),
    /// More bytes are needed than there are.
    Incomplete(&'static str),
    Problem(&'static str),
}

impl Input {
    /// The end of the text, padding excluded.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - PADDING
    }

    pub(super) fn decode(raw: &[u8]) -> Self {
        let (encoding, start) = match raw {
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { little: true }, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { little: false }, 2),
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            _ => (Encoding::Utf8, 0),
        };
        if encoding == Encoding::Utf8
            && let Ok(text) = std::str::from_utf8(&raw[start..])
            && is_allowed_text(text)
        {
            let mut bytes = Vec::with_capacity(text.len() + PADDING);
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize(text.len() + PADDING, 0);
            return Self { bytes, problem: None };
        }
        Self::decode_slowly(raw, encoding, start)
    }

    fn decode_slowly(raw: &[u8], encoding: Encoding, start: usize) -> Self {
        let mut bytes = Vec::with_capacity(raw.len() + PADDING);
        let mut at = start;
        let mut window_end = WINDOW;
        let mut window_start_in_bytes = 0;
        let mut problem = None;
        while at < raw.len() {
            let decoded = match encoding {
                Encoding::Utf8 => decode_utf8(&raw[at..]),
                Encoding::Utf16 { little } => decode_utf16(&raw[at..], little),
            };
            let width = match decoded {
                Decoded::Char(_, width) => width,
                Decoded::Incomplete(_) => raw.len() - at,
                Decoded::Problem(_) => 1,
            };
            if at + width > window_end {
                window_end = at + WINDOW;
                window_start_in_bytes = bytes.len();
            }
            match decoded {
                Decoded::Char(c, width) if is_allowed(c) => {
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    at += width;
                }
                Decoded::Incomplete(why) => {
                    problem = Some(why);
                    break;
                }
                Decoded::Char(..) => {
                    bytes.truncate(window_start_in_bytes);
                    problem = Some("control characters are not allowed");
                    break;
                }
                Decoded::Problem(why) => {
                    bytes.truncate(window_start_in_bytes);
                    problem = Some(why);
                    break;
                }
            }
        }
        bytes.resize(bytes.len() + PADDING, 0);
        Self { bytes, problem }
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

fn is_allowed_text(text: &str) -> bool {
    // Every character that is not allowed has one of these bytes: C0 controls and DEL as they
    // are, C1 controls behind 0xC2, U+FFFE and U+FFFF behind 0xEF.
    let suspicious =
        |&b: &u8| b < b' ' && !matches!(b, b'\n' | b'\t') || matches!(b, 0x7F | 0xC2 | 0xEF);
    // Without an early end within a chunk, many bytes are looked at at once.
    let any = |chunk: &[u8]| chunk.iter().fold(false, |found, byte| found | suspicious(byte));
    !text.as_bytes().chunks(256).any(any) || text.chars().all(is_allowed)
}

/// Whether a text is UTF-8 in which every character is allowed, lines end in line feeds, and no
/// byte order mark stands.
pub(super) fn is_plain_text(raw: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(raw) else { return false };
    let is_special = |c: char| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}');
    is_allowed_text(text)
        && memchr::memchr(b'\r', raw).is_none()
        && (text.is_ascii() || !text.chars().any(is_special))
}

fn decode_utf8(raw: &[u8]) -> Decoded {
    let first = raw[0];
    let (width, bits) = match first {
        0..=0x7F => return Decoded::Char(char::from(first), 1),
        0xC0..=0xDF => (2, first & 0x1F),
        0xE0..=0xEF => (3, first & 0x0F),
        0xF0..=0xF7 => (4, first & 0x07),
        _ => return Decoded::Problem("invalid leading UTF-8 octet"),
    };
    if raw.len() < width {
        return Decoded::Incomplete("incomplete UTF-8 octet sequence");
    }
    let mut point = u32::from(bits);
    for &octet in &raw[1..width] {
        if octet & 0xC0 != 0x80 {
            return Decoded::Problem("invalid trailing UTF-8 octet");
        }
        point = (point << 6) | u32::from(octet & 0x3F);
    }
    let shortest = [0x80, 0x800, 0x1_0000][width - 2];
    if point < shortest {
        return Decoded::Problem("invalid length of a UTF-8 sequence");
    }
    char::from_u32(point)
        .map_or(Decoded::Problem("invalid Unicode character"), |c| Decoded::Char(c, width))
}

fn decode_utf16(raw: &[u8], little: bool) -> Decoded {
    let unit = |at: usize| {
        let pair = [raw[at], raw[at + 1]];
        u32::from(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    if raw.len() < 2 {
        return Decoded::Incomplete("incomplete UTF-16 character");
    }
    let first = unit(0);
    match first & 0xFC00 {
        0xDC00 => Decoded::Problem("unexpected low surrogate area"),
        0xD800 if raw.len() < 4 => Decoded::Incomplete("incomplete UTF-16 surrogate pair"),
        0xD800 => {
            let second = unit(2);
            if second & 0xFC00 != 0xDC00 {
                return Decoded::Problem("expected low surrogate area");
            }
            let point = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
            Decoded::Char(char::from_u32(point).unwrap_or_default(), 4)
        }
        _ => Decoded::Char(char::from_u32(first).unwrap_or_default(), 2),
    }
}
