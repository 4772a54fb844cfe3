//! A compiled expression and what can be asked of it, with Go's rules for successive and for empty
//! matches.
//!
//! Texts are bytes. Every position given out is a byte position in the caller's text.

use std::fmt;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::error::{ErrorCode, RegexpError};
use crate::expand::{Part, Template};
use crate::haystack::Haystack;
use crate::node::Node;
use crate::parse::{Parsed, parse};
use crate::successive::{each_match, replace};
use crate::translate::translate;

/// Where something matched: a range of bytes of the text.
pub type Span = Range<usize>;

/// Where the groups matched: the whole match first, then one entry for each group, `None` for a
/// group that took no part.
pub type Submatches = Vec<Option<Span>>;

/// A compiled regular expression with the syntax and meaning of Go 1.26.
///
/// Searching is linear in the text. A `limit` of `None` is Go's `-1`: all of them.
#[derive(Clone)]
pub struct Regexp {
    pattern: String,
    matcher: Regex,
    group_names: Vec<Option<String>>,
}

impl Regexp {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// [`RegexpError`], in Go's words, when Go refuses the pattern. [`ErrorCode::Large`] also when the
    /// matcher would take more than 256 MiB, which can be a little sooner than in Go.
    pub fn new(pattern: &str) -> Result<Self, RegexpError> {
        let Parsed { root, group_names } = parse(pattern)?;
        let matcher = compile(&root).ok_or_else(|| RegexpError::new(ErrorCode::Large, pattern))?;
        Ok(Self { pattern: pattern.to_owned(), matcher, group_names })
    }

    /// The pattern as given to [`Regexp::new`].
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// The names of the groups, in order; the first entry stands for the whole match and is `None`.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.group_names
    }

    /// Says whether the text contains a match.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.matcher.is_match(Haystack::new(text).text())
    }

    /// Finds the leftmost match.
    pub fn find(&self, text: &[u8]) -> Option<Span> {
        let haystack = Haystack::new(text);
        let found = self.matcher.find(haystack.text())?;
        Some(haystack.original_range(found.range()))
    }

    /// Finds successive matches that do not overlap, at most `limit`.
    ///
    /// An empty match at the end of the match before it is not counted.
    pub fn find_all(&self, text: &[u8], limit: Option<usize>) -> Vec<Span> {
        let haystack = Haystack::new(text);
        let mut found = Vec::new();
        each_match(
            &haystack,
            limit,
            |start| self.span_at(&haystack, start),
            |span| {
                found.push(haystack.original_range(span.clone()));
            },
        );
        found
    }

    /// Finds the leftmost match and its groups.
    pub fn find_submatch(&self, text: &[u8]) -> Option<Submatches> {
        let haystack = Haystack::new(text);
        Some(original(&haystack, self.groups_at(&haystack, 0)?))
    }

    /// Finds successive matches with their groups, as [`Regexp::find_all`] does.
    pub fn find_all_submatch(&self, text: &[u8], limit: Option<usize>) -> Vec<Submatches> {
        let haystack = Haystack::new(text);
        let mut found = Vec::new();
        each_match(
            &haystack,
            limit,
            |start| self.groups_at(&haystack, start),
            |groups| {
                found.push(original(&haystack, groups.clone()));
            },
        );
        found
    }

    /// Cuts the text at the matches, into at most `limit` pieces; the last piece is the uncut rest.
    pub fn split<'t>(&self, text: &'t [u8], limit: Option<usize>) -> Vec<&'t [u8]> {
        if limit == Some(0) {
            return Vec::new();
        }
        if !self.pattern.is_empty() && text.is_empty() {
            return vec![text];
        }
        let mut pieces = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for found in self.find_all(text, limit) {
            if limit.is_some_and(|limit| pieces.len() + 1 >= limit) {
                break;
            }
            end = found.start;
            if found.end != 0 {
                pieces.push(&text[begin..end]);
            }
            begin = found.end;
        }
        if end != text.len() {
            pieces.push(&text[begin..]);
        }
        pieces
    }

    /// Replaces every match by a template, in which `$1`, `${1}`, `$name` and `${name}` stand for
    /// groups and `$$` for a dollar sign.
    ///
    /// The name after a `$` without braces is as long as possible: `$1x` means `${1x}`. A group
    /// that does not exist is empty.
    pub fn replace_all(&self, text: &[u8], template: &[u8]) -> Vec<u8> {
        let haystack = Haystack::new(text);
        if !template.contains(&b'$') {
            return self.replace_all_literal(text, template);
        }
        let template = Template::new(template);
        replace(
            &haystack,
            |start| self.groups_at(&haystack, start),
            |output, groups| {
                for part in template.parts() {
                    match part {
                        Part::Text(text) => output.extend_from_slice(text),
                        Part::Number(number) => {
                            if let Some(Some(span)) = groups.get(*number) {
                                output.extend_from_slice(haystack.bytes(span.clone()));
                            }
                        }
                        Part::Name(name) => {
                            let named = self.group_names.iter().zip(groups);
                            let span = named
                                .filter(|(group, _)| group.as_deref() == Some(*name))
                                .find_map(|(_, span)| span.clone());
                            output.extend_from_slice(haystack.bytes(span.unwrap_or(0..0)));
                        }
                    }
                }
            },
        )
    }

    /// Replaces every match by `replacement` as it is.
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8]) -> Vec<u8> {
        let haystack = Haystack::new(text);
        replace(
            &haystack,
            |start| self.span_at(&haystack, start),
            |output, _| {
                output.extend_from_slice(replacement);
            },
        )
    }

    fn span_at(&self, haystack: &Haystack<'_>, start: usize) -> Option<Span> {
        self.matcher.find_at(haystack.text(), start).map(|found| found.range())
    }

    fn groups_at(&self, haystack: &Haystack<'_>, start: usize) -> Option<Submatches> {
        let captures = self.matcher.captures_at(haystack.text(), start)?;
        let group = |number| captures.get(number).map(|found| found.range());
        Some((0..self.group_names.len()).map(group).collect())
    }
}

impl fmt::Debug for Regexp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Regexp").field(&self.pattern).finish()
    }
}

impl fmt::Display for Regexp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.pattern)
    }
}

fn original(haystack: &Haystack<'_>, groups: Submatches) -> Submatches {
    groups.into_iter().map(|span| span.map(|span| haystack.original_range(span))).collect()
}

/// Escapes a text so that, as a pattern, it matches itself.
pub fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// Trees up to this height are compiled on the caller's stack.
const SHALLOW: usize = 50;
/// The stack on which higher trees are compiled, in bytes.
const DEEP_STACK: usize = 64 << 20;
/// How much memory the matcher of one pattern may take, in bytes.
const MATCHER_SIZE: usize = 256 << 20;

/// Builds the matcher, or gives up because it would be too large.
///
/// The compiler of the `regex` crate recurses over the pattern, so a high tree gets a stack that is
/// large enough for the highest.
fn compile(root: &Node) -> Option<Regex> {
    if root.height <= SHALLOW {
        return build(root);
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
        builder.spawn_scoped(scope, || build(root)).ok()?.join().ok()?
    })
}

fn build(root: &Node) -> Option<Regex> {
    // The limit on nesting counts groups as written, of which there may be two for a node.
    RegexBuilder::new(&translate(root)).nest_limit(10_000).size_limit(MATCHER_SIZE).build().ok()
}
