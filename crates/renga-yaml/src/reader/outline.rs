//! Reading no more of a document than its caller asks for, where that is safe.
//!
//! Most documents are block mappings of the plainest kind. [`fields`] walks such a document line by
//! line, makes sure that the reader would take all of it, and gives back only the lines of the
//! entries that are asked for; those are then read as any other text. Tags, anchors, aliases, merge
//! keys, scalars over several lines, flow collections other than short lists, tabs, carriage
//! returns, unusual indicators, numbers that JSON does not have: whatever might be refused, or be
//! something else than it looks like, makes the whole document one for the reader.
//!
//! Invariant: where [`fields`] gives something back, the reader accepts the document, and the kept
//! lines mean to it what they mean within the document.

use super::input;
use crate::resolve::{Resolved, Version, resolve};

/// How many collections may be open at once; deeper documents are the reader's.
const MOST_OPEN: usize = 64;

/// How long a key may be (bytes).
const LONGEST_KEY: usize = 256;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
    /// A sequence in the column of the mapping it is a value of.
    Indentless,
}

#[derive(Clone, Copy)]
struct Open {
    kind: Kind,
    column: usize,
}

struct Outline<'t> {
    text: &'t [u8],
    /// The line after the one at hand.
    at: usize,
    open: Vec<Open>,
    /// Whether the entry read last has no value yet: one may follow on the next lines.
    awaiting: bool,
}

/// The lines of the entries at the top whose keys are among `names`, compared without regard to
/// case. `None` for a document that is not as plain as that.
pub(super) fn fields(text: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    if !input::is_plain_text(text) {
        return None;
    }
    let mut outline = Outline { text, at: 0, open: Vec::with_capacity(MOST_OPEN), awaiting: true };
    let mut kept = Vec::new();
    let mut wanted = None;
    loop {
        let start = outline.at;
        let Some(line) = outline.next_line() else { break };
        let column = spaces(line);
        let content = &line[column..];
        if matches!(content, [] | [b'#', ..]) {
            continue;
        }
        if column == 0 && (outline.open.is_empty() || !is_entry(content)) {
            let (key, _) = key(content)?;
            if let Some(from) = wanted.take() {
                kept.extend_from_slice(&text[from..start]);
            }
            let is_wanted = names.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(key));
            wanted = is_wanted.then_some(start);
        }
        outline.line(column, content)?;
    }
    if let Some(from) = wanted {
        kept.extend_from_slice(&text[from..]);
    }
    (!outline.open.is_empty()).then_some(kept)
}

impl<'t> Outline<'t> {
    fn next_line(&mut self) -> Option<&'t [u8]> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += length + 1;
        Some(&rest[..length])
    }

    /// Reads a line that is neither empty nor a comment, and what belongs to a block scalar that
    /// begins on it.
    fn line(&mut self, column: usize, content: &'t [u8]) -> Option<()> {
        let Some(mut top) = self.open.last().copied() else {
            // The document itself has to be a mapping.
            return if column == 0 && !is_entry(content) { self.node(0, content) } else { None };
        };
        if self.awaiting && column > top.column {
            // A scalar on a line of its own may have more lines.
            return if is_entry(content) || key(content).is_some() {
                self.node(column, content)
            } else {
                None
            };
        }
        if self.awaiting && column == top.column && top.kind == Kind::Mapping && is_entry(content) {
            self.push(Kind::Indentless, column)?;
            return self.entry(column, content);
        }
        while top.column > column
            || top.column == column && top.kind == Kind::Indentless && !is_entry(content)
        {
            self.open.pop();
            top = self.open.last().copied()?;
        }
        if top.column != column {
            return None;
        }
        match top.kind {
            Kind::Mapping => self.pair(content),
            Kind::Sequence | Kind::Indentless => self.entry(column, content),
        }
    }

    fn push(&mut self, kind: Kind, column: usize) -> Option<()> {
        if self.open.len() == MOST_OPEN {
            return None;
        }
        self.open.push(Open { kind, column });
        Some(())
    }

    /// A node that begins here: a collection, or a scalar on the line of its entry.
    fn node(&mut self, column: usize, content: &'t [u8]) -> Option<()> {
        if is_entry(content) {
            self.push(Kind::Sequence, column)?;
            return self.entry(column, content);
        }
        if key(content).is_some() {
            self.push(Kind::Mapping, column)?;
            return self.pair(content);
        }
        self.scalar(content)
    }

    /// `- ` and what follows it.
    fn entry(&mut self, column: usize, content: &'t [u8]) -> Option<()> {
        if !is_entry(content) {
            return None;
        }
        let rest = &content[1..];
        let blanks = spaces(rest);
        match &rest[blanks..] {
            [] | [b'#', ..] => {
                self.awaiting = true;
                Some(())
            }
            inner => self.node(column + 1 + blanks, inner),
        }
    }

    /// A key and what follows it on its line.
    fn pair(&mut self, content: &'t [u8]) -> Option<()> {
        let (_, length) = key(content)?;
        let rest = &content[length..];
        match &rest[spaces(rest)..] {
            [] | [b'#', ..] => {
                self.awaiting = true;
                Some(())
            }
            value => self.scalar(value),
        }
    }

    /// A value that is no block collection.
    fn scalar(&mut self, value: &'t [u8]) -> Option<()> {
        self.awaiting = false;
        match value[0] {
            b'|' | b'>' => {
                let header = &value[1..];
                let header = header.strip_prefix(b"-").or(header.strip_prefix(b"+"));
                is_line_end(header.unwrap_or(&value[1..])).then_some(())?;
                self.block_scalar()
            }
            b'"' | b'\'' => is_line_end(&value[quoted(value)?..]).then_some(()),
            b'{' => is_line_end(value.strip_prefix(b"{}")?).then_some(()),
            b'[' => is_line_end(&value[short_list(value)?..]).then_some(()),
            _ => plain(value),
        }
    }

    /// Steps over the lines of a block scalar.
    fn block_scalar(&mut self) -> Option<()> {
        let parent = self.open.last()?.column;
        let mut indent = None;
        let mut deepest = 0;
        loop {
            let start = self.at;
            let Some(line) = self.next_line() else { return Some(()) };
            let column = spaces(line);
            let is_empty = column == line.len();
            match indent {
                None if is_empty => deepest = deepest.max(column),
                // Its first line, unless it has none.
                None => {
                    if column <= parent {
                        self.at = start;
                        return (line[column] != b'\t').then_some(());
                    }
                    if deepest > column || line[column] == b'\t' {
                        return None;
                    }
                    indent = Some(column);
                }
                Some(indent) if column < indent && !is_empty => {
                    self.at = start;
                    return (line[column] != b'\t').then_some(());
                }
                Some(_) => {}
            }
        }
    }
}

fn spaces(line: &[u8]) -> usize {
    line.iter().position(|&byte| byte != b' ').unwrap_or(line.len())
}

/// Whether an entry of a sequence begins here.
fn is_entry(content: &[u8]) -> bool {
    matches!(content, [b'-'] | [b'-', b' ', ..])
}

/// Whether nothing but blanks and a comment follows.
fn is_line_end(rest: &[u8]) -> bool {
    match &rest[spaces(rest)..] {
        [] => true,
        [b'#', ..] => rest[0] == b' ',
        _ => false,
    }
}

/// The key at the beginning, without quotes, and how far it reaches with its colon.
fn key(content: &[u8]) -> Option<(&[u8], usize)> {
    let (key, length) = match content.first()? {
        b'"' | b'\'' => {
            let length = quoted(content)?;
            let key = &content[1..length - 1];
            // In one line of quotes others may stand for themselves; none are common in keys.
            if key == b"<<" || key.iter().any(|byte| matches!(byte, b'\\' | b'\'')) {
                return None;
            }
            (key, length)
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let is_inner = |byte: &u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
            };
            let length = content.iter().take_while(|byte| is_inner(byte)).count();
            let key = &content[..length];
            if key.eq_ignore_ascii_case(b"null") {
                return None;
            }
            (key, length)
        }
        _ => return None,
    };
    let ends = matches!(&content[length..], [b':'] | [b':', b' ', ..]);
    (ends && length <= LONGEST_KEY).then_some((key, length + 1))
}

/// How far a quoted scalar reaches, on this line and with escapes that everybody knows.
fn quoted(text: &[u8]) -> Option<usize> {
    let quote = text[0];
    let mut at = 1;
    loop {
        at += memchr::memchr2(quote, b'\\', &text[at..])?;
        match (text[at], text.get(at + 1)) {
            (b'\\', Some(b'"' | b'\\' | b'n' | b't')) if quote == b'"' => at += 2,
            (b'\\', _) if quote == b'"' => return None,
            (b'\\', _) => at += 1,
            (b'\'', Some(b'\'')) => at += 2,
            _ => return Some(at + 1),
        }
    }
}

/// Whether a plain scalar is on this line alone, and nothing that JSON does not have.
fn plain(value: &[u8]) -> Option<()> {
    let begins = match value {
        [b'-', next, ..] => *next != b' ',
        [first, ..] => {
            first.is_ascii_alphanumeric() || !first.is_ascii() || b"/._$(~+=\\^;".contains(first)
        }
        [] => false,
    };
    if !begins {
        return None;
    }
    let mut end = value.len();
    for at in memchr::memchr3_iter(b':', b'#', b'\t', value) {
        match value[at] {
            b':' if value.get(at + 1).is_none_or(|&next| next == b' ') => return None,
            b'#' if value[at - 1] == b' ' => {
                end = at;
                break;
            }
            b':' | b'#' => {}
            _ => return None,
        }
    }
    is_finite(value[..end].trim_ascii_end()).then_some(())
}

fn is_finite(plain: &[u8]) -> bool {
    // Nothing else can be a number.
    if !matches!(plain.first(), Some(b'.' | b'+' | b'-' | b'0'..=b'9')) {
        return true;
    }
    std::str::from_utf8(plain).is_ok_and(|text| match resolve(text, Version::V2, true) {
        Resolved::Float(value) => value.is_finite(),
        _ => true,
    })
}

/// How far a list in brackets reaches that has only words and quoted scalars.
fn short_list(text: &[u8]) -> Option<usize> {
    let mut at = 1 + spaces(&text[1..]);
    if text.get(at) == Some(&b']') {
        return Some(at + 1);
    }
    loop {
        let item = &text[at..];
        let length = match item.first()? {
            b'"' | b'\'' => quoted(item)?,
            _ => {
                let is_inner = |byte: &u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'=')
                };
                let length = item.iter().take_while(|byte| is_inner(byte)).count();
                let begins = match &item[..length] {
                    [b'-', next, ..] => next.is_ascii_alphanumeric() || *next == b'-',
                    [first, ..] => first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/'),
                    [] => false,
                };
                if !begins || !is_finite(&item[..length]) {
                    return None;
                }
                length
            }
        };
        at += length;
        at += spaces(&text[at..]);
        match text.get(at)? {
            b']' => return Some(at + 1),
            b',' => at += 1 + spaces(&text[at + 1..]),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::compose::Composer;
    use super::super::{read_composed_fields, read_fields};
    use super::fields;
    use crate::resolve::Version;

    const NAMES: [&str; 3] = ["apiVersion", "kind", "metadata"];

    /// What the reader says of the whole document.
    fn whole(text: &str) -> Result<Value, crate::YamlError> {
        read_composed_fields(&mut Composer::new(text.as_bytes(), Version::V2), &NAMES)
    }

    #[test]
    fn only_the_lines_asked_for_are_kept() {
        let text = "# A comment.\napiVersion: v1\nkind: ConfigMap # here\nmetadata:\n  name: a\n\n  \
                    labels: {}\n# Of the metadata.\ndata:\n  a: |\n    kind: x\n\n   \n  b: >-\n    c\n\
                    KIND: 'X'\nlist:\n- a: [\"b\", -c]\n  d:\n  - - e\n    - 1.5\n";
        let kept = fields(text.as_bytes(), &NAMES).expect("a plain document");
        assert_eq!(
            String::from_utf8_lossy(&kept),
            "apiVersion: v1\nkind: ConfigMap # here\nmetadata:\n  name: a\n\n  labels: {}\n\
             # Of the metadata.\nKIND: 'X'\n"
        );
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_reader() {
        for text in [
            "",
            "# nothing\n",
            "- a\n",
            "word\n",
            "a: b: c\n",
            "a: b\n  c\n",
            "a: 'b\n  c'\n",
            "a: \"b\" c\n",
            "a: \"\\x41\"\n",
            "a: &b c\n",
            "a: !!str c\n",
            "a: .inf\n",
            "a: [.inf]\n",
            "a: {b: c}\n",
            "a: [b: c]\n",
            "a:\tb\n",
            "a: b\r\n",
            "a: |2\n   b\n",
            "a: |\n   \n  b\n",
            "a: |\n\tb\n",
            "<<: b\n",
            "null: b\n",
            "1: b\n",
            "--- \na: b\n",
            "a: b\n...\n",
            "a:\n  - b\n  c: d\n",
            "a:\n    b: c\n  d: e\n",
            "a: b\n- c\n",
            "a:\n- b\n - c\n",
            "a: b\u{2028}c: d\n",
            "a: \u{85}\n",
        ] {
            assert_eq!(fields(text.as_bytes(), &NAMES), None, "{text:?}");
        }
    }

    /// Pieces of documents; put together by chance they are right and wrong in many ways.
    const PIECES: [&str; 64] = [
        "a",
        "kind",
        "metadata",
        "b-c/d.e",
        "\"q\"",
        "'s'",
        "\"x: y\"",
        "null",
        "1",
        "-1",
        "1.5",
        "~",
        ".inf",
        "true",
        "x y",
        "x # y",
        "x: y",
        ": ",
        ":",
        ":\n",
        ": \n",
        ":\n  ",
        ":\n    ",
        ":\n- ",
        ":\n  - ",
        "- ",
        "-\n",
        "- - ",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "\n- ",
        "\n  - ",
        "\n    - ",
        "\n\n",
        "\n   \n",
        " # c",
        "\n# c",
        "\n  # c",
        ": |\n  ",
        ": |-\n    ",
        ": >\n",
        "- |\n   ",
        ": |+ # c\n\n",
        "{}",
        "[]",
        "[a, \"b\"]",
        "[ 1 , -c]",
        "{a: b}",
        "[a",
        "&a",
        "*a",
        "!t",
        "\t",
        "---",
        "\n---\n",
        "\r\n",
        "é",
        "\u{2028}",
        "\\",
        "\"\\n\"",
        "#",
        "%",
    ];

    /// Contents of lines.
    const CONTENTS: [&str; 24] = [
        "a:",
        "b: c",
        "kind: d",
        "metadata:",
        "- a",
        "- b:",
        "- c: d",
        "-",
        "- - e",
        "text",
        "# c",
        "",
        "f: |",
        "- >-",
        "g: \"h: i\"",
        "'j': 1.5",
        "k: []",
        "l: [m, 'n']",
        "o: {} # p",
        "q: |+",
        "r: - s",
        "t: u: v",
        "w: \tx",
        "y: é",
    ];

    #[test]
    fn what_is_kept_means_the_same() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).map_or(0, |number| number % below)
        };
        let mut plain = 0;
        for round in 0..40_000 {
            let text: String = if round % 2 == 0 {
                (0..=next(12)).map(|_| PIECES[next(PIECES.len())]).collect()
            } else {
                let count = 1 + next(7);
                let line = |_| {
                    let (indent, content) = (2 * next(4), CONTENTS[next(CONTENTS.len())]);
                    format!("{}{content}\n", " ".repeat(indent))
                };
                (0..count).map(line).collect()
            };
            let text = if next(2) == 0 { format!("kind: K\n{text}") } else { text };
            plain += usize::from(fields(text.as_bytes(), &NAMES).is_some());
            assert_eq!(read_fields(text.as_bytes(), &NAMES), whole(&text), "{text:?}");
        }
        assert!(plain > 1_000, "only {plain} documents were plain");
    }
}
