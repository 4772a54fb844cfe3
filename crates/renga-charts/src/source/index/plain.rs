//! Walks block YAML of the plain kind that Go programs write, many times faster than a full parser.
//!
//! Indexes of chart repositories reach tens of megabytes, of which one chart's entries are wanted.
//! The walker follows indentation, keys and scalars line by line and tells a visitor where they
//! are, without building anything. It knows a subset of YAML for certain: block mappings and
//! sequences, plain, quoted and block scalars over any number of lines, and sequences of scalars in
//! brackets within a line. Whatever else it meets (other flow collections, anchors, tags, tabs,
//! several documents, anything malformed), it gives up with [`Unusual`], and the caller takes the
//! real parser, whose word is final.
//!
//! Invariant: a text that is walked to its end is valid YAML, with exactly the structure told.

/// The text is beyond what the walker knows for certain; nothing said so far counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

/// What the walker comes across, in the order of the text.
///
/// The depth is the number of collections around it: 1 for the keys of the root mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'t> {
    /// The key of a mapping, without quotes.
    Key {
        /// How many collections are around it, its own included.
        depth: usize,
        /// Its text.
        text: &'t str,
        /// Whether it stood in quotes.
        quoted: bool,
        /// Where its line begins.
        start: usize,
        /// The number of its line, from 0.
        line: usize,
    },
    /// The dash of a sequence.
    Item {
        /// How many collections are around it, its own included.
        depth: usize,
    },
    /// A scalar value.
    Scalar {
        /// How many collections are around it.
        depth: usize,
        /// Its source, from its first character or quote or block header to its last.
        raw: &'t str,
    },
    /// `[]` or `{}`.
    Empty {
        /// How many collections are around it.
        depth: usize,
    },
}

impl Event<'_> {
    /// How many collections are around it.
    pub(super) fn depth(&self) -> usize {
        match *self {
            Self::Key { depth, .. }
            | Self::Item { depth }
            | Self::Scalar { depth, .. }
            | Self::Empty { depth } => depth,
        }
    }
}

/// Walks the whole of `text` and tells `visit` what is there.
///
/// # Errors
///
/// [`Unusual`], also when `visit` answers with it.
pub(super) fn walk<'t>(
    text: &'t str,
    visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
) -> Result<(), Unusual> {
    only_plain_characters(text)?;
    let mut walker = Walker {
        text,
        position: 0,
        line: 0,
        levels: Vec::with_capacity(8),
        after: After::Value { nested: 0, sequence: 0 },
        open: None,
    };
    while walker.position < text.len() {
        walker.line(visit)?;
    }
    walker.flush(visit)
}

/// A collection that later lines may continue.
#[derive(Clone, Copy, Debug)]
struct Level {
    indent: usize,
    sequence: bool,
}

/// What the line before leaves open.
#[derive(Clone, Copy, Debug)]
enum After {
    /// A value is due: collections may begin at these indentations, or it is null.
    Value { nested: usize, sequence: usize },
    /// A plain scalar, which lines indented at least this far continue.
    Plain { nested: usize },
    /// Nothing.
    Done,
}

struct Walker<'t> {
    text: &'t str,
    position: usize,
    line: usize,
    levels: Vec<Level>,
    after: After,
    /// Depth, beginning and end of the plain scalar that may go on.
    open: Option<(usize, usize, usize)>,
}

impl<'t> Walker<'t> {
    /// The next line without its end, and where the line after it begins.
    fn line_at(&self, start: usize) -> (&'t str, usize) {
        match self.text[start..].find('\n') {
            Some(length) => (&self.text[start..start + length], start + length + 1),
            None => (&self.text[start..], self.text.len()),
        }
    }

    fn flush(
        &mut self,
        visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
    ) -> Result<(), Unusual> {
        match self.open.take() {
            Some((depth, start, end)) => {
                visit(Event::Scalar { depth, raw: &self.text[start..end] })
            }
            None => Ok(()),
        }
    }

    /// One line, or several if a scalar that begins in it goes on.
    fn line(
        &mut self,
        visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
    ) -> Result<(), Unusual> {
        let start = self.position;
        let (line, next) = self.line_at(start);
        let indent = line.bytes().take_while(|&byte| byte == b' ').count();
        let content = &line[indent..];
        self.position = next;
        self.line += 1;
        if content.is_empty() {
            return Ok(());
        }
        if content.starts_with('#') {
            // A comment also ends a plain scalar.
            self.flush(visit)?;
            if matches!(self.after, After::Plain { .. }) {
                self.after = After::Done;
            }
            return Ok(());
        }
        if indent == 0 && (content.starts_with("---") || content.starts_with("...")) {
            return if start == 0 && content == "---" { Ok(()) } else { Err(Unusual) };
        }
        if let (After::Plain { nested }, Some((_, _, end))) = (self.after, &mut self.open)
            && indent >= nested
        {
            let (length, comment) = plain(content)?;
            *end = start + indent + length;
            if comment {
                self.flush(visit)?;
                self.after = After::Done;
            }
            return Ok(());
        }
        self.flush(visit)?;
        let dash = is_dash(content);
        self.enter(indent, dash)?;
        self.node(start, line, indent, visit)
    }

    /// Closes the collections that a node at `indent` ends, and opens the one that it begins.
    fn enter(&mut self, indent: usize, dash: bool) -> Result<(), Unusual> {
        while let Some(top) = self.levels.last() {
            // A sequence may be indented no further than the mapping that it is a value in.
            if top.indent > indent || (top.indent == indent && top.sequence && !dash) {
                self.levels.pop();
                // Whatever was due within it is null.
                if !matches!(self.after, After::Value { .. }) {
                    self.after = After::Done;
                }
            } else {
                break;
            }
        }
        if self.levels.last().is_some_and(|top| top.indent == indent && top.sequence == dash) {
            return Ok(());
        }
        match self.after {
            After::Value { nested, sequence }
                if indent >= if dash { sequence } else { nested }
                    && self.levels.last().is_none_or(|top| top.indent <= indent) =>
            {
                self.levels.push(Level { indent, sequence: dash });
                Ok(())
            }
            _ => Err(Unusual),
        }
    }

    /// The dash or key at `column` of `line`, which begins at `start`, and what follows it there.
    fn node(
        &mut self,
        start: usize,
        line: &'t str,
        column: usize,
        visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
    ) -> Result<(), Unusual> {
        let mut column = column;
        loop {
            let content = &line[column..];
            if is_dash(content) {
                let depth = self.levels.len();
                visit(Event::Item { depth })?;
                let spaces = content[1..].bytes().take_while(|&byte| byte == b' ').count();
                let inner = &content[1 + spaces..];
                if inner.is_empty() || inner.starts_with('#') {
                    self.after = After::Value { nested: column + 1, sequence: column + 1 };
                    return Ok(());
                }
                let indent = column;
                column += 1 + spaces;
                if is_dash(inner) {
                    self.levels.push(Level { indent: column, sequence: true });
                    continue;
                }
                if key(inner)?.is_some() {
                    self.levels.push(Level { indent: column, sequence: false });
                    continue;
                }
                return self.scalar(start, line, column, indent + 1, visit);
            }
            let Some((text, quoted, length)) = key(content)? else {
                return Err(Unusual);
            };
            let depth = self.levels.len();
            visit(Event::Key { depth, text, quoted, start, line: self.line - 1 })?;
            let rest = &content[length..];
            let spaces = rest.bytes().take_while(|&byte| byte == b' ').count();
            let value = &rest[spaces..];
            if value.is_empty() || value.starts_with('#') {
                self.after = After::Value { nested: column + 1, sequence: column };
                return Ok(());
            }
            return self.scalar(start, line, column + length + spaces, column + 1, visit);
        }
    }

    /// The scalar at `column`; `nested` is the indentation that its further lines need.
    fn scalar(
        &mut self,
        start: usize,
        line: &'t str,
        column: usize,
        nested: usize,
        visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
    ) -> Result<(), Unusual> {
        let depth = self.levels.len();
        let content = &line[column..];
        let begin = start + column;
        self.after = After::Done;
        match content.as_bytes()[0] {
            b'"' | b'\'' => {
                let length = quoted(&self.text[begin..])?;
                let end = begin + length;
                self.line += self.text[start..end].matches('\n').count();
                let (rest, next) = self.line_at(end);
                ended(rest)?;
                self.position = next;
                visit(Event::Scalar { depth, raw: &self.text[begin..end] })
            }
            b'|' | b'>' => {
                // A stated indentation is rare and has rules of its own.
                let header = content[1..].trim_end_matches(' ');
                if !matches!(header, "" | "-" | "+") {
                    return Err(Unusual);
                }
                let end = self.block(nested, start + line.len())?;
                visit(Event::Scalar { depth, raw: &self.text[begin..end] })
            }
            b'[' | b'{' => {
                if content.starts_with("[]") || content.starts_with("{}") {
                    ended(&content[2..])?;
                    return visit(Event::Empty { depth });
                }
                brackets(content, depth + 1, visit)
            }
            _ => {
                if !begins_plain(content) {
                    return Err(Unusual);
                }
                let (length, comment) = plain(content)?;
                if comment {
                    return visit(Event::Scalar { depth, raw: &content[..length] });
                }
                self.open = Some((depth, begin, begin + length));
                self.after = After::Plain { nested };
                Ok(())
            }
        }
    }

    /// Passes over the lines of a block scalar; the end of its last one.
    fn block(&mut self, nested: usize, header_end: usize) -> Result<usize, Unusual> {
        let mut end = header_end;
        let mut indentation = None;
        let mut blank = 0;
        while self.position < self.text.len() {
            let (line, next) = self.line_at(self.position);
            let indent = line.bytes().take_while(|&byte| byte == b' ').count();
            if indent < line.len() {
                match indentation {
                    // The first line with text says how far the scalar is indented.
                    None if indent >= nested && indent >= blank => indentation = Some(indent),
                    None if indent >= nested => return Err(Unusual),
                    Some(least) if indent >= least => {}
                    _ => break,
                }
                end = self.position + line.len();
            } else {
                blank = blank.max(indent);
            }
            self.position = next;
            self.line += 1;
        }
        Ok(end)
    }
}

/// Tells of a sequence of scalars that stands in brackets, in one line.
fn brackets<'t>(
    content: &'t str,
    depth: usize,
    visit: &mut impl FnMut(Event<'t>) -> Result<(), Unusual>,
) -> Result<(), Unusual> {
    let mut rest = content.strip_prefix('[').ok_or(Unusual)?;
    loop {
        rest = rest.trim_start_matches(' ');
        let (raw, after) = rest.split_at(in_brackets(rest)?);
        visit(Event::Item { depth })?;
        visit(Event::Scalar { depth, raw })?;
        rest = after.trim_start_matches(' ');
        if let Some(end) = rest.strip_prefix(']') {
            return ended(end);
        }
        rest = rest.strip_prefix(',').ok_or(Unusual)?;
    }
}

/// The length of the scalar within brackets at the beginning of `text`: quoted, or of characters
/// that mean nothing else there.
fn in_brackets(text: &str) -> Result<usize, Unusual> {
    let first = text.as_bytes().first().ok_or(Unusual)?;
    if matches!(first, b'"' | b'\'') {
        return quoted(text);
    }
    if !first.is_ascii_alphanumeric() {
        return Err(Unusual);
    }
    let usual = |c: char| c.is_ascii_alphanumeric() || " ._-/+".contains(c);
    let length = text.find(|c| !usual(c)).unwrap_or(text.len());
    Ok(text[..length].trim_end_matches(' ').len())
}

/// Whether what follows a scalar on its line is nothing or a comment.
fn ended(rest: &str) -> Result<(), Unusual> {
    let trimmed = rest.trim_start_matches(' ');
    let comment = trimmed.starts_with('#') && trimmed.len() < rest.len();
    if trimmed.is_empty() || comment { Ok(()) } else { Err(Unusual) }
}

fn is_dash(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}

/// Whether a plain scalar or key may begin like this.
fn begins_plain(content: &str) -> bool {
    match content.as_bytes()[0] {
        b'-' | b'?' | b':' => content.as_bytes().get(1).is_some_and(|&next| next != b' '),
        first => !b"!&*#,[]{}|>'\"%@`".contains(&first),
    }
}

/// The length of a plain scalar's part in this line, and whether a comment follows it.
///
/// What looks like the key of a mapping within is an error in YAML, or a mapping.
fn plain(content: &str) -> Result<(usize, bool), Unusual> {
    let bytes = content.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        if byte == b':' && bytes.get(index + 1).is_none_or(|&next| next == b' ') {
            return Err(Unusual);
        }
        if byte == b'#' && index > 0 && bytes[index - 1] == b' ' {
            return Ok((content[..index].trim_end_matches(' ').len(), true));
        }
    }
    Ok((content.trim_end_matches(' ').len(), false))
}

/// The key at the beginning of `content`: its text, whether it is quoted, and its length with the
/// colon; none if there is no key.
fn key(content: &str) -> Result<Option<(&str, bool, usize)>, Unusual> {
    let bytes = content.as_bytes();
    let (text, is_quoted, length) = if matches!(bytes[0], b'"' | b'\'') {
        let line_length = content.len();
        // A quoted value may go on in the next line; then it is no key.
        let Ok(length) = quoted(content) else { return Ok(None) };
        if length > line_length {
            return Ok(None);
        }
        let after = content[length..].trim_start_matches(' ');
        if !after.starts_with(':') {
            return Ok(None);
        }
        let text = &content[1..length - 1];
        if text.contains(['\\', '\'', '"']) {
            return Err(Unusual);
        }
        (text, true, content.len() - after.len())
    } else {
        let mut colon = None;
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b':' && bytes.get(index + 1).is_none_or(|&next| next == b' ') {
                colon = Some(index);
                break;
            }
            if byte == b'#' && index > 0 && bytes[index - 1] == b' ' {
                break;
            }
        }
        let Some(colon) = colon else { return Ok(None) };
        if colon == 0 || !begins_plain(content) {
            return Err(Unusual);
        }
        (content[..colon].trim_end_matches(' '), false, colon)
    };
    // The parser stops looking for the colon of a key after about a thousand characters, and `<<`
    // is more than a key.
    if length > 200 || text == "<<" || bytes.get(length + 1).is_some_and(|&next| next != b' ') {
        return Err(Unusual);
    }
    Ok(Some((text, is_quoted, length + 1)))
}

/// The length of a quoted scalar with its quotes.
fn quoted(text: &str) -> Result<usize, Unusual> {
    let bytes = text.as_bytes();
    let quote = bytes[0];
    let mut index = 1;
    while let Some(&byte) = bytes.get(index) {
        if byte == quote {
            if quote == b'\'' && bytes.get(index + 1) == Some(&b'\'') {
                index += 2;
                continue;
            }
            return Ok(index + 1);
        }
        match byte {
            // Which escapes exist is the parser's knowledge, but for the common ones.
            b'\\' if quote == b'"' => {
                let escaped = bytes.get(index + 1).ok_or(Unusual)?;
                if !b"\"\\/nrt \n0".contains(escaped) && !is_hex_escape(&bytes[index + 1..]) {
                    return Err(Unusual);
                }
                index += 2;
            }
            // Document markers are not allowed within quotes.
            b'\n'
                if text[index + 1..].starts_with("---") || text[index + 1..].starts_with("...") =>
            {
                return Err(Unusual);
            }
            _ => index += 1,
        }
    }
    Err(Unusual)
}

/// `xHH`, `uHHHH` or `UHHHHHHHH` for what may be a character.
fn is_hex_escape(escape: &[u8]) -> bool {
    let digits = match escape[0] {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return false,
    };
    escape.get(1..=digits).is_some_and(|hex| {
        hex.iter().all(u8::is_ascii_hexdigit)
            && match digits {
                4 => !matches!(hex[0], b'd' | b'D'),
                8 => hex.starts_with(b"000") && hex[3] != b'0',
                _ => true,
            }
    })
}

/// Refuses characters that YAML forbids, breaks lines at, or treats as white space beside the
/// space, and the byte order mark.
fn only_plain_characters(text: &str) -> Result<(), Unusual> {
    // Chunks let the compiler compare many bytes at once.
    for chunk in text.as_bytes().chunks(4096) {
        let odd = chunk.iter().fold(0, |odd, &byte| {
            odd | u8::from(byte < b' ' && byte != b'\n') | u8::from(byte == 0x7f)
        });
        if odd != 0 {
            return Err(Unusual);
        }
    }
    if !text.is_ascii()
        && text.chars().any(|c| {
            matches!(
                c,
                '\u{80}'
                    ..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            )
        })
    {
        return Err(Unusual);
    }
    Ok(())
}
