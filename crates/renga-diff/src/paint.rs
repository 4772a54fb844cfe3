//! Colours of a unified difference, line by line, as Tanka has them.

/// The look of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// An added line, or the name of the new file: green.
    Added,
    /// A removed line, or the name of the old file: red.
    Removed,
    /// The command that compared: bold blue.
    Command,
    /// The place of a hunk: bold magenta.
    Hunk,
    /// Anything else.
    Plain,
}

impl Paint {
    /// The look of `line`, which comes without its newline.
    pub fn of(line: &str) -> Self {
        match line.as_bytes().first() {
            Some(b'+') => Self::Added,
            Some(b'-') => Self::Removed,
            Some(b'@') => Self::Hunk,
            _ if line.starts_with("diff -u -N") => Self::Command,
            _ => Self::Plain,
        }
    }

    /// The escape sequences before and after such a line, as Tanka writes them.
    pub fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Added => ("\u{1b}[32m", "\u{1b}[0m"),
            Self::Removed => ("\u{1b}[31m", "\u{1b}[0m"),
            Self::Command => ("\u{1b}[34;1m", "\u{1b}[0;22m"),
            Self::Hunk => ("\u{1b}[35;1m", "\u{1b}[0;22m"),
            Self::Plain => ("", ""),
        }
    }
}

/// The lines of `difference` again, with colours if they are wanted.
///
/// As in Tanka each piece between newlines becomes a line of its own, so a text that ends with a
/// newline gets an empty line at its end.
pub fn paint(difference: &str, colour: bool) -> String {
    let mut out = String::with_capacity(difference.len() + 1);
    for line in difference.split('\n') {
        let (before, after) = if colour { Paint::of(line).codes() } else { ("", "") };
        out.push_str(before);
        out.push_str(line);
        out.push_str(after);
        out.push('\n');
    }
    out
}
