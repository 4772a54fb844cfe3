//! One record of comma-separated values, as Go's `encoding/csv` reads it.
//!
//! pflag splits the value of a `strings` flag this way; only the first record counts.

/// Why a value is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    /// Nothing but line ends.
    #[error("EOF")]
    Empty,
    /// A quote inside a field that does not begin with one.
    #[error("parse error on line {line}, column {column}: bare \" in non-quoted-field")]
    BareQuote {
        /// Line of the value, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
    },
    /// Something between a closing quote and the next comma, or no closing quote.
    #[error("{}parse error on line {line}, column {column}: extraneous or missing \" in quoted-field", start(*first, *line))]
    Quote {
        /// The line on which the record begins, from 1.
        first: usize,
        /// Line of the value, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
    },
}

fn start(first: usize, line: usize) -> String {
    if first == line { String::new() } else { format!("record on line {first}; ") }
}

/// Splits the first record of `text`; an empty text is an empty list.
///
/// # Errors
///
/// [`CsvError`] in Go's words.
pub(crate) fn record(text: &str) -> Result<Vec<String>, CsvError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = text.split_inclusive('\n').map(normalise).enumerate();
    let (mut number, mut line) =
        lines.by_ref().find(|(_, line)| line != "\n").ok_or(CsvError::Empty)?;
    let first = number + 1;
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let rest = &line[at..];
        if !rest.starts_with('"') {
            let end = rest.find(',');
            let field = rest[..end.unwrap_or(rest.len())].trim_end_matches('\n');
            if let Some(quote) = field.find('"') {
                return Err(CsvError::BareQuote { line: number + 1, column: at + quote + 1 });
            }
            fields.push(field.to_owned());
            match end {
                Some(comma) => at += comma + 1,
                None => return Ok(fields),
            }
            continue;
        }
        at += 1;
        let mut field = String::new();
        loop {
            let rest = &line[at..];
            if let Some(quote) = rest.find('"') {
                field.push_str(&rest[..quote]);
                at += quote + 1;
                match line[at..].chars().next() {
                    Some('"') => {
                        field.push('"');
                        at += 1;
                    }
                    Some(',') => {
                        at += 1;
                        break;
                    }
                    None | Some('\n') => {
                        fields.push(field);
                        return Ok(fields);
                    }
                    Some(_) => {
                        return Err(CsvError::Quote { first, line: number + 1, column: at });
                    }
                }
            } else {
                field.push_str(rest);
                at = line.len();
                match lines.next() {
                    Some((next, text)) => (number, line, at) = (next, text, 0),
                    None => {
                        return Err(CsvError::Quote { first, line: number + 1, column: at + 1 });
                    }
                }
            }
        }
        fields.push(field);
    }
}

/// Ends a line with `\n` alone, and drops a carriage return at the very end of the text.
fn normalise(line: &str) -> String {
    if let Some(body) = line.strip_suffix("\r\n") {
        return format!("{body}\n");
    }
    line.strip_suffix('\r').unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_split_as_in_go() {
        let fields = |text: &str| record(text).map(|fields| fields.join("|"));
        for (text, expected) in [
            ("", ""),
            ("a,b", "a|b"),
            ("a,", "a|"),
            (",", "|"),
            (" a , b ", " a | b "),
            ("\"a,b\",c", "a,b|c"),
            ("\"a\"\"b\"", "a\"b"),
            ("\"a\nb\",c", "a\nb|c"),
            ("\n\na,b\nc", "a|b"),
            ("a,b\r\n", "a|b"),
        ] {
            assert_eq!(fields(text).as_deref(), Ok(expected), "{text:?}");
        }
        for (text, message) in [
            ("\n", "EOF"),
            ("a\"b", "parse error on line 1, column 2: bare \" in non-quoted-field"),
            ("\"a\"b", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
            ("\"a", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
        ] {
            assert_eq!(fields(text).unwrap_err().to_string(), message, "{text:?}");
        }
    }
}
