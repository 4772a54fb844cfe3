//! The regular expressions of the Go library, unrolled: each takes the longest text that fits.

/// The pieces of a version, as the groups of the loose pattern.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pieces<'t> {
    /// Major, minor and patch without the dots; the last two may be empty.
    pub(crate) segments: [&'t [u8]; 3],
    /// What follows the hyphen.
    pub(crate) pre: &'t [u8],
    /// What follows the plus sign.
    pub(crate) metadata: &'t [u8],
}

/// The space that `\s` stands for in Go.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ')
}

/// The number of leading bytes that are space.
pub(crate) fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space(**byte)).count()
}

fn run(text: &[u8], class: fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| class(**byte)).count()
}

/// Identifiers between dots: their length, 0 when there is none.
fn identifiers(text: &[u8]) -> usize {
    let is_identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let mut length = run(text, is_identifier);
    while length > 0 && text.get(length) == Some(&b'.') {
        match run(&text[length + 1..], is_identifier) {
            0 => break,
            more => length += 1 + more,
        }
    }
    length
}

/// Reads a version whose segments are made of the given bytes, and how long it is.
fn version(text: &[u8], in_segment: fn(u8) -> bool) -> Option<(Pieces<'_>, usize)> {
    let mut pieces = Pieces::default();
    let mut at = usize::from(text.first() == Some(&b'v'));
    for (index, segment) in pieces.segments.iter_mut().enumerate() {
        let dot = usize::from(index > 0);
        if dot == 1 && text.get(at) != Some(&b'.') {
            break;
        }
        let start = at + dot;
        let length = run(&text[start..], in_segment);
        if length == 0 {
            break;
        }
        *segment = &text[start..start + length];
        at = start + length;
    }
    if pieces.segments[0].is_empty() {
        return None;
    }
    for (mark, piece) in [(b'-', &mut pieces.pre), (b'+', &mut pieces.metadata)] {
        if text.get(at) == Some(&mark) {
            let length = identifiers(&text[at + 1..]);
            if length > 0 {
                *piece = &text[at + 1..at + 1 + length];
                at += 1 + length;
            }
        }
    }
    Some((pieces, at))
}

/// Reads a whole text as a version with numbers for segments.
pub(crate) fn loose(text: &[u8]) -> Option<Pieces<'_>> {
    version(text, |byte| byte.is_ascii_digit())
        .and_then(|(pieces, length)| (length == text.len()).then_some(pieces))
}

/// Reads the version of a constraint at the start of a text: segments may be `x`, `X` or `*`. (The
/// Go library lets `|` through as well; such a segment is refused later.)
pub(crate) fn wild(text: &[u8]) -> Option<(Pieces<'_>, usize)> {
    version(text, |byte| byte.is_ascii_digit() || matches!(byte, b'|' | b'x' | b'X' | b'*'))
}
