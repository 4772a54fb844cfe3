//! Case conversion by words, as the `xstrings` library cuts them.
//!
//! Words are runs of one class of runes; a capitalised word may go on in lower case, and digits
//! stick to the letters after them. The rules are irregular, and file names depend on them.

use crate::text::rune;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Invalid,
    Number,
    Upper,
    Letters,
    Connector,
    Punct,
    Other,
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || rune::is_space(rune)
}

/// Letters, except those of the Chinese script, which `xstrings` leaves out.
fn is_letter(rune: char) -> bool {
    rune::is_letter(rune)
        && !matches!(rune,
            '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

/// The next rune that is valid UTF-8, with everything skipped counted in the width; `previous`
/// at the end.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut size = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (rune, width) = rune::decode(rest);
        size += width;
        if rune != rune::RUNE_ERROR {
            return (rune, size);
        }
        rest = &rest[width..];
    }
    (previous, size)
}

/// Extends `offset` while the runes satisfy `wanted`; returns the rune it stopped at and the
/// width of the last one taken.
fn run(
    text: &[u8],
    offset: &mut usize,
    first: char,
    wanted: impl Fn(char) -> bool,
) -> (char, usize) {
    let mut rune = first;
    let mut last = 0;
    while *offset < text.len() {
        let (next, width) = next_valid(&text[*offset..], rune);
        rune = next;
        if !wanted(rune) {
            break;
        }
        last = width;
        *offset += width;
    }
    (rune, last)
}

/// Cuts the next word off.
fn next_word(text: &[u8]) -> (Class, &[u8], &[u8]) {
    if text.is_empty() {
        return (Class::Invalid, b"", b"");
    }
    let (rune, mut offset) = next_valid(text, rune::RUNE_ERROR);
    if rune == rune::RUNE_ERROR {
        return (Class::Invalid, &text[..offset], &text[offset..]);
    }
    let lower_part = |rune: char| is_letter(rune) && !rune::is_upper(rune);
    let class = if is_connector(rune) {
        run(text, &mut offset, rune, is_connector);
        Class::Connector
    } else if rune::is_punct(rune) {
        run(text, &mut offset, rune, rune::is_punct);
        Class::Punct
    } else if rune::is_upper(rune) {
        if offset < text.len() {
            let (second, width) = next_valid(&text[offset..], rune);
            if rune::is_upper(second) {
                offset += width;
                let before = width;
                let (stopped, last) = run(text, &mut offset, second, rune::is_upper);
                let last = if last == 0 { before } else { last };
                // The last capital belongs to the word that follows it.
                if offset < text.len() && is_letter(stopped) {
                    offset -= last;
                }
            } else if is_letter(second) {
                offset += width;
                run(text, &mut offset, second, lower_part);
            }
        }
        Class::Upper
    } else if is_letter(rune) {
        run(text, &mut offset, rune, lower_part);
        Class::Letters
    } else if rune::is_number(rune) {
        run(text, &mut offset, rune, rune::is_number);
        Class::Number
    } else {
        run(text, &mut offset, rune, |rune| {
            !(is_connector(rune)
                || is_letter(rune)
                || rune::is_number(rune)
                || rune::is_punct(rune))
        });
        Class::Other
    };
    (class, &text[..offset], &text[offset..])
}

fn push_lower(out: &mut Vec<u8>, class: Class, word: &[u8], connector: char) {
    if class != Class::Upper && class != Class::Connector {
        out.extend_from_slice(word);
        return;
    }
    for (_, rune, _) in rune::runes(word) {
        let changed = match rune {
            _ if is_connector(rune) => connector,
            _ if rune::is_upper(rune) => rune::to_lower(rune),
            _ => rune,
        };
        rune::push(out, changed);
    }
}

/// Snake or kebab case, by the connector.
pub(super) fn lower(text: &[u8], connector: char) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 4);
    let mut joint = [0; 4];
    let joint = connector.encode_utf8(&mut joint).as_bytes().to_vec();
    let breaks = |class: Class| class != Class::Connector && class != Class::Punct;
    let (mut class, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if class != Class::Connector {
            push_lower(&mut out, class, word, connector);
        }
        let (previous, last) = (class, word);
        (class, word, rest) = next_word(rest);
        match previous {
            Class::Number => {
                while matches!(class, Class::Letters | Class::Number) {
                    push_lower(&mut out, class, word, connector);
                    (class, word, rest) = next_word(rest);
                }
                if class != Class::Invalid && breaks(class) {
                    out.extend_from_slice(&joint);
                }
            }
            Class::Connector => push_lower(&mut out, previous, last, connector),
            Class::Punct => {}
            _ if class != Class::Number => {
                if breaks(class) {
                    out.extend_from_slice(&joint);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (class, word, rest) = next_word(rest);
                if class == Class::Letters {
                    out.extend_from_slice(&joint);
                    push_lower(&mut out, Class::Number, number, connector);
                    while matches!(class, Class::Letters | Class::Number) {
                        push_lower(&mut out, class, word, connector);
                        (class, word, rest) = next_word(rest);
                    }
                    if class != Class::Invalid && breaks(class) {
                        out.extend_from_slice(&joint);
                    }
                } else {
                    push_lower(&mut out, Class::Number, number, connector);
                    if breaks(class) {
                        out.extend_from_slice(&joint);
                    }
                }
            }
        }
    }
    push_lower(&mut out, class, word, connector);
    out
}

/// Camel case that begins with a capital.
pub(super) fn pascal(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut current = rune::RUNE_ERROR;
    let mut after_capital = false;
    let mut size = 0;
    while !rest.is_empty() {
        let (rune, width) = rune::decode(rest);
        rest = &rest[width..];
        current = rune;
        size = width;
        if !is_connector(rune) {
            after_capital = rune::is_upper(rune);
            current = rune::to_upper(rune);
            break;
        }
        rune::push(&mut out, rune);
    }
    if rest.is_empty() {
        if size != 0 {
            rune::push(&mut out, current);
        }
        return out;
    }
    while !rest.is_empty() {
        let previous = current;
        let (rune, width) = rune::decode(rest);
        rest = &rest[width..];
        current = rune;
        match (is_connector(rune), is_connector(previous)) {
            (true, true) => rune::push(&mut out, previous),
            (_, true) => {
                after_capital = rune::is_upper(rune);
                current = rune::to_upper(rune);
            }
            (_, false) => {
                if after_capital {
                    if rune::is_upper(rune) {
                        current = rune::to_lower(rune);
                    } else {
                        after_capital = false;
                    }
                }
                rune::push(&mut out, previous);
            }
        }
    }
    rune::push(&mut out, current);
    out
}
