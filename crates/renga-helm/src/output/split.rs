//! Cutting the output of a template into documents, as each line of Helm does.
//!
//! Version 4 cuts at every line that begins with `---` and keeps the end of each document;
//! version 3 trims documents on both sides.

use crate::compat::Compat;

/// The documents of a text, in order.
pub(crate) fn split(text: &[u8], compat: Compat) -> Vec<&[u8]> {
    match compat {
        Compat::V4 => split_lines(trim_start(text)),
        Compat::V3 => split_trimmed(trim(text)),
    }
}

fn split_lines(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let mut begin = 0;
    let mut line = 0;
    loop {
        let is_separator = text[line..].starts_with(b"---");
        if is_separator {
            keep(&text[begin..line], &mut documents);
            let blanks = text[line + 3..].iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
            begin = line + 3 + blanks.count();
        }
        let from = line.max(begin);
        match find_line_feed(&text[from..]) {
            Some(at) => line = from + at + 1,
            None => break,
        }
    }
    keep(&text[begin..], &mut documents);
    documents
}

fn keep<'t>(document: &'t [u8], documents: &mut Vec<&'t [u8]>) {
    let document = trim_start(document);
    if !document.is_empty() {
        documents.push(document);
    }
}

fn find_line_feed(text: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', text)
}

fn split_trimmed(text: &[u8]) -> Vec<&[u8]> {
    let is_space = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    let mut documents = Vec::new();
    // Only what is empty before trimming is left out.
    let mut push = |start: usize, end: usize| {
        if start < end {
            documents.push(trim(&text[start..end]));
        }
    };
    let after = |at: usize| at + text[at..].iter().take_while(|byte| is_space(byte)).count();
    let mut begin = 0;
    if text.starts_with(b"---") {
        begin = after(3);
    }
    let mut from = begin;
    while let Some(at) = find_line_feed(&text[from..]).map(|at| from + at) {
        if text[at + 1..].starts_with(b"---") {
            let blanks = text[begin..at].iter().rev().take_while(|byte| is_space(byte)).count();
            push(begin, at - blanks);
            begin = after(at + 4);
            from = begin;
        } else {
            from = at + 1;
        }
    }
    push(begin, text.len());
    documents
}

/// Whether there is nothing but white space.
pub(crate) fn is_blank(text: &[u8]) -> bool {
    trim_start(text).is_empty()
}

/// `strings.TrimSpace` on the left.
pub(crate) fn trim_start(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    match text.first() {
        Some(0x0b | 0x80..) => {
            let mut rest = text;
            while let Some(c) = first_char(rest).filter(|c| c.is_whitespace()) {
                rest = &rest[c.len_utf8()..];
            }
            rest
        }
        _ => text,
    }
}

/// `strings.TrimSpace`.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut rest = trim_start(text).trim_ascii_end();
    while let Some(c) = last_char(rest).filter(|c| c.is_whitespace()) {
        rest = &rest[..rest.len() - c.len_utf8()];
    }
    rest
}

fn first_char(text: &[u8]) -> Option<char> {
    let head = &text[..text.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
    };
    valid.chars().next()
}

fn last_char(text: &[u8]) -> Option<char> {
    let from = text.iter().rposition(|byte| byte & 0xC0 != 0x80)?;
    std::str::from_utf8(&text[from..]).ok()?.chars().next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(text: &str, compat: Compat) -> Vec<&str> {
        split(text.as_bytes(), compat)
            .into_iter()
            .map(|document| std::str::from_utf8(document).unwrap())
            .collect()
    }

    #[test]
    fn version_4_keeps_the_end_of_documents() {
        let text = "\n---\na: 1\n\n--- \nb: 2\n---c: 3\n----\n  ---\n";
        assert_eq!(documents(text, Compat::V4), ["a: 1\n\n", "b: 2\n", "c: 3\n", "-\n  ---\n"]);
        assert_eq!(documents("---\n---\n \n---", Compat::V4), [""; 0]);
        assert_eq!(documents("a\r\n---\r\nb", Compat::V4), ["a\r\n", "b"]);
    }

    #[test]
    fn version_3_trims_both_sides() {
        let text = "\n---\na: 1\n\n--- \n  b: 2\n---c: 3\n  ---\n";
        assert_eq!(documents(text, Compat::V3), ["a: 1", "b: 2", "c: 3\n  ---"]);
        assert_eq!(documents("---\n---\nx", Compat::V3), ["---\nx"]);
        assert_eq!(documents("a\n\n---\n\n\n\nb", Compat::V3), ["a", "b"]);
    }

    #[test]
    fn unicode_space_counts() {
        assert_eq!(trim("\u{a0}\u{0b} x\u{2003}\n".as_bytes()), b"x");
        assert!(is_blank("\u{85}\n".as_bytes()));
        assert_eq!(trim(b"\xff x \xff"), b"\xff x \xff");
    }
}
