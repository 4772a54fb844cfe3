//! What went wrong in renga's own words: the message, and names that may have been meant.

use std::path::{Path, PathBuf};

use renga_project::FileKind;

use crate::error::ErrorKind;
use crate::lexer::{Lexer, TokenKind};
use crate::search::{Resolution, SearchPath};
use crate::sources::Sources;

/// The message of an error, made of go-jsonnet's. `told`: it is the program's own, which stays.
pub(super) fn summary(message: &str, kind: ErrorKind, told: bool) -> String {
    if told {
        return message.to_owned();
    }
    for (prefix, before, after) in NAMED {
        if let Some(name) = message.strip_prefix(prefix) {
            return format!("{before}`{}`{after}", name.trim_matches('"'));
        }
    }
    if let Some(import) = message.strip_prefix("couldn't open import \"")
        && let Some((import, _)) = import.split_once("\": no match")
    {
        return format!("cannot find the import `{import}`");
    }
    if let Some(kind) = message.strip_prefix("Value non indexable: *jsonnet.value") {
        return format!("{} has no fields or elements", a(&kind.to_ascii_lowercase()));
    }
    if let Some(rest) = message.strip_prefix("Unexpected type ")
        && let Some((found, wanted)) = rest.split_once(", expected ")
    {
        return format!("expected {}, found {}", a(wanted), a(found));
    }
    let lowered =
        kind == ErrorKind::Static || LOWERED.iter().any(|start| message.starts_with(start));
    if !lowered {
        return message.to_owned();
    }
    let mut chars = message.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// go-jsonnet's words before a name, and ours around it.
const NAMED: [(&str, &str, &str); 8] = [
    ("Field does not exist: ", "field ", " does not exist"),
    ("Unknown variable: ", "unknown variable ", ""),
    ("Undefined external variable: ", "external variable ", " is not defined"),
    ("Missing argument: ", "argument ", " is missing"),
    ("function has no parameter ", "the function has no parameter ", ""),
    ("Duplicate field name: ", "field ", " is defined twice"),
    ("Duplicate local var: ", "variable ", " is defined twice"),
    ("Undefined native function: ", "native function ", " is not defined"),
];

/// Starts of messages that are go-jsonnet's own.
const LOWERED: [&str; 12] = [
    "Unexpected type ",
    "Index ",
    "Division by zero",
    "Overflow",
    "Assertion failed",
    "Object assertion failed",
    "Field name must be string",
    "Attempt to use super",
    "Not enough values",
    "Unrecognised conversion type",
    "Truncated format code",
    "Shift by negative exponent",
];

fn a(noun: &str) -> String {
    match noun.chars().next() {
        None => "nothing".to_owned(),
        _ if noun == "null" => noun.to_owned(),
        Some('a' | 'e' | 'i' | 'o' | 'u') => format!("an {noun}"),
        Some(_) => format!("a {noun}"),
    }
}

/// A help line that offers names. `None` when there are none.
pub(super) fn did_you_mean<S: AsRef<str>>(names: &[S]) -> Option<String> {
    let quoted: Vec<String> =
        names.iter().take(3).map(|name| format!("`{}`", name.as_ref())).collect();
    let (last, rest) = quoted.split_last()?;
    Some(if rest.is_empty() {
        format!("did you mean {last}?")
    } else {
        format!("did you mean {} or {last}?", rest.join(", "))
    })
}

/// Names in a text that are like the variable at `at..`, nearest first.
pub(super) fn similar_variables(text: &str, name: &str) -> Vec<String> {
    let mut before = None;
    let mut names = vec!["std".to_owned()];
    for token in Lexer::new(text) {
        let word = &text[token.start..token.end];
        if token.kind == TokenKind::Word
            && before != Some(TokenKind::Dot)
            && word != name
            && !KEYWORDS.contains(&word)
            && !names.iter().any(|known| known == word)
        {
            names.push(word.to_owned());
        }
        before = Some(token.kind);
    }
    nearest(name, names)
}

const KEYWORDS: [&str; 19] = [
    "assert",
    "else",
    "error",
    "false",
    "for",
    "function",
    "if",
    "import",
    "importbin",
    "importstr",
    "in",
    "local",
    "null",
    "self",
    "super",
    "tailstrict",
    "then",
    "true",
    "main",
];

/// Files that may have been meant by an import: in each directory that was looked in, those with
/// a name like the one asked for, written as an import would write them.
pub(super) fn similar_imports(
    sources: &Sources,
    search_path: &SearchPath,
    import: &str,
    resolution: &Resolution,
) -> Vec<String> {
    let wanted = Path::new(import);
    let Some(name) = wanted.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for missed in resolution.missed.iter().take(MAX_LISTED) {
        let Some(directory) = missed.parent() else { continue };
        for file in files_in(sources, directory) {
            if !names.contains(&file) {
                names.push(file);
            }
        }
    }
    let found = nearest(name, names);
    if !found.is_empty() {
        let beside = |file: String| wanted.with_file_name(file).to_string_lossy().into_owned();
        return found.into_iter().map(beside).collect();
    }
    // The file may be in another directory of the search path.
    let elsewhere = search_path.directories().iter().flat_map(|root| {
        let here = directories_in(sources, root).into_iter().map(move |name| root.join(name));
        here.filter_map(move |directory| {
            let file = directory.join(name);
            sources.probe(&file).filter(|kind| *kind == FileKind::File)?;
            file.strip_prefix(root).ok().map(|path| path.to_string_lossy().into_owned())
        })
    });
    elsewhere.take(3).collect()
}

/// Directories looked into for names.
const MAX_LISTED: usize = 16;

fn files_in(sources: &Sources, directory: &Path) -> Vec<String> {
    entries(sources, directory, FileKind::File)
}

fn directories_in(sources: &Sources, directory: &Path) -> Vec<String> {
    entries(sources, directory, FileKind::Directory)
}

fn entries(sources: &Sources, directory: &Path, kind: FileKind) -> Vec<String> {
    let entries = sources.source().list(directory).unwrap_or_default();
    entries.into_iter().filter(|entry| entry.kind == Some(kind)).map(|entry| entry.name).collect()
}

/// The distance up to which a name is like another, by its length.
fn near(len: usize) -> usize {
    match len {
        0..=2 => 1,
        3..=6 => 2,
        _ => 3,
    }
}

fn nearest(name: &str, names: Vec<String>) -> Vec<String> {
    let mut found: Vec<(usize, String)> = names
        .into_iter()
        .filter(|other| other.len().abs_diff(name.len()) <= 3 && name.len() <= 200)
        .map(|other| (distance(name, &other), other))
        .filter(|(distance, _)| (1..=near(name.len())).contains(distance))
        .collect();
    found.sort();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters have to be added, dropped, changed or swapped.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let mut best =
                (rows[i][j] + usize::from(l != r)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

/// The workspace that a search path belongs to: the directory above its `lib` and `vendor`.
pub(super) fn root_of(search_path: &SearchPath) -> Option<PathBuf> {
    let directories = search_path.directories();
    let vendor = directories.iter().rev().find(|path| path.ends_with("vendor"))?;
    let root = vendor.parent()?;
    directories.contains(&root.join("lib")).then(|| root.to_owned())
}

/// A path as a label shows it.
pub(super) fn shown(path: &str, root: Option<&Path>) -> String {
    let inside = root.and_then(|root| Path::new(path).strip_prefix(root).ok());
    inside.map_or_else(|| path.to_owned(), |inside| inside.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_rewritten_unless_they_are_the_programs_own() {
        for (message, expected) in [
            ("Field does not exist: tagg", "field `tagg` does not exist"),
            ("Unexpected type number, expected object", "expected an object, found a number"),
            ("Value non indexable: *jsonnet.valueNull", "null has no fields or elements"),
            ("Division by zero.", "division by zero"),
            ("Duplicate field name: \"a\"", "field `a` is defined twice"),
            ("Something of a Library", "Something of a Library"),
            (
                "couldn't open import \"a/b\": no match locally or in the Jsonnet library paths",
                "cannot find the import `a/b`",
            ),
        ] {
            assert_eq!(summary(message, ErrorKind::Runtime, false), expected);
            assert_eq!(summary(message, ErrorKind::Runtime, true), message);
        }
    }

    #[test]
    fn names_are_near_by_what_is_mistyped() {
        assert_eq!(similar_variables("local image = 1; imgae", "imgae"), ["image"]);
        assert_eq!(similar_variables("sdt.length('')", "sdt"), ["std"]);
        assert!(similar_variables("local a = 1; zzz", "zzz").is_empty());
        assert_eq!(distance("abcd", "acbd"), 1);
        assert_eq!(distance("", "ab"), 2);
    }
}
