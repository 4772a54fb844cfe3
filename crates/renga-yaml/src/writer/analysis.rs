//! One pass over a scalar that tells which styles can hold it.
//!
//! The rules are libyaml's `analyze_scalar` as the Go ports keep it, for scalars outside flow
//! collections (the writer emits only empty ones). ASCII goes through a table of classes; most
//! bytes cost one look-up.

use crate::resolve::Version;

/// The styles a scalar allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// Has a line break of any kind.
    pub(crate) multiline: bool,
    pub(crate) plain: bool,
    pub(crate) single_quoted: bool,
    pub(crate) literal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Safe,
    Space,
    Colon,
    Hash,
    LineFeed,
    Tab,
    /// Not printable, carriage return included.
    Control,
    /// Part of a character beyond ASCII.
    Wide,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Safe; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = match byte {
            b'\n' => Class::LineFeed,
            b'\t' => Class::Tab,
            0..=0x1F | 0x7F => Class::Control,
            b' ' => Class::Space,
            b':' => Class::Colon,
            b'#' => Class::Hash,
            0x80.. => Class::Wide,
            _ => Class::Safe,
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

/// Reports whether a character is a line break to libyaml.
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Reports whether the writers print a character as it is.
///
/// Characters beyond the basic plane are not among them.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{FFFD}') && c != '\u{FEFF}'
}

fn last_char(text: &str, end: usize) -> Option<char> {
    text[..end].chars().next_back()
}

/// Analyses a scalar's text.
pub(crate) fn analyze(text: &str, version: Version) -> Analysis {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else {
        return Analysis { multiline: false, plain: true, single_quoted: true, literal: false };
    };
    let blank_or_end = |at: usize| matches!(bytes.get(at), None | Some(b' ' | b'\t'));
    let mut indicators = match first {
        b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' => true,
        b'?' => blank_or_end(1),
        b'-' => blank_or_end(1) || bytes.starts_with(b"---"),
        b'.' => bytes.starts_with(b"..."),
        _ => false,
    };
    let mut breaks = false;
    let mut special = false;
    let mut tabs = false;
    let mut space_after_break = false;
    let mut break_after_space = false;

    let mut at = 0;
    while let Some(run) =
        bytes[at..].iter().position(|&byte| CLASSES[usize::from(byte)] != Class::Safe)
    {
        at += run;
        let byte = bytes[at];
        match CLASSES[usize::from(byte)] {
            Class::Safe => {}
            Class::Space => {
                if at > 0 && CLASSES[usize::from(bytes[at - 1])] != Class::Safe {
                    space_after_break |= last_char(text, at).is_some_and(is_break);
                }
            }
            Class::Colon => indicators |= blank_or_end(at + 1),
            Class::Hash => {
                if at > 0 && CLASSES[usize::from(bytes[at - 1])] != Class::Safe {
                    indicators |= last_char(text, at)
                        .is_some_and(|c| is_break(c) || matches!(c, ' ' | '\t' | '\0'));
                }
            }
            Class::LineFeed => {
                breaks = true;
                break_after_space |= at > 0 && bytes[at - 1] == b' ';
            }
            Class::Tab if version == Version::V3 => tabs = true,
            Class::Tab | Class::Control => {
                special = true;
                breaks |= byte == b'\r';
            }
            Class::Wide => {
                // `at` is at the start of a character: every wide one is stepped over whole.
                let c = text[at..].chars().next().unwrap_or_default();
                special |= !is_printable(c);
                if is_break(c) {
                    breaks = true;
                    break_after_space |= at > 0 && bytes[at - 1] == b' ';
                }
                at += c.len_utf8();
                continue;
            }
        }
        at += 1;
    }

    let last = last_char(text, bytes.len()).unwrap_or_default();
    let edge_space = first == b' ' || last == ' ';
    let edge_break = text.chars().next().is_some_and(is_break) || is_break(last);
    let unquotable = break_after_space || special;
    Analysis {
        multiline: breaks,
        plain: !(edge_space
            || edge_break
            || space_after_break
            || unquotable
            || tabs
            || breaks
            || indicators),
        single_quoted: !(space_after_break || unquotable || tabs),
        literal: !(last == ' ' || unquotable),
    }
}
