//! Constraints: alternatives of comparisons, and the versions that satisfy them.
//!
//! A constraint is a list of alternatives (`||`), each a list of comparisons that must all hold. A
//! pre-release only satisfies an alternative that names a pre-release.

use std::cmp::Ordering;
use std::fmt;

use crate::scan;
use crate::version::{Version, compare_prereleases};

/// The longest text that is read as a constraint, in bytes.
const LONGEST: usize = 512;

/// The most alternatives of a constraint.
const MOST_ALTERNATIVES: usize = 32;

/// Why a text is no constraint; the words are those of the Go library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// Longer than 512 bytes.
    #[error("constraint string is too long (max {LONGEST} bytes)")]
    TooLong,
    /// More than 32 alternatives.
    #[error("too many constraint groups (max {MOST_ALTERNATIVES})")]
    TooManyAlternatives,
    /// An alternative that is not a list of comparisons.
    #[error("improper constraint: {}", quoted(text))]
    Improper {
        /// The alternative, any bytes.
        text: Vec<u8>,
    },
    /// A comparison whose version cannot be read.
    #[error("constraint parser error")]
    Parser,
}

/// Why a version does not satisfy a constraint; the words are those of the Go library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Mismatch {
    reason: String,
}

/// A condition on versions.
#[derive(Clone, Debug)]
pub struct Constraint {
    alternatives: Vec<Vec<Comparison>>,
}

/// An operator and the version it compares with; `x` and missing segments leave it dirty.
#[derive(Clone, Debug)]
struct Comparison {
    operator: Operator,
    /// Operator and version as they were written.
    written: (String, String),
    version: Version,
    minor_dirty: bool,
    patch_dirty: bool,
    dirty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// Spellings, longer ones before their beginnings.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~>", Operator::Tilde),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
];

impl Constraint {
    /// Reads a constraint.
    ///
    /// # Errors
    ///
    /// [`ConstraintError`] in the words of the Go library's `NewConstraint`.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ConstraintError> {
        let text = text.as_ref();
        if text.len() > LONGEST {
            return Err(ConstraintError::TooLong);
        }
        let text = rewrite_ranges(text);
        let parts = split_alternatives(&text);
        if parts.len() > MOST_ALTERNATIVES {
            return Err(ConstraintError::TooManyAlternatives);
        }
        let alternatives = parts.into_iter().map(parse_alternative).collect::<Result<_, _>>()?;
        Ok(Constraint { alternatives })
    }

    /// Whether a version satisfies the constraint.
    pub fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| {
            let with_pre = names_prerelease(all);
            all.iter().all(|one| one.verdict(version, with_pre).is_none())
        })
    }

    /// Whether a version satisfies the constraint, with every reason why not.
    ///
    /// # Errors
    ///
    /// The reasons, in the order of the comparisons.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<Mismatch>> {
        let mut reasons = Vec::new();
        let mut prerelease_noted = false;
        for all in &self.alternatives {
            let with_pre = names_prerelease(all);
            let mut holds = true;
            for one in all {
                let Some(verdict) = one.verdict(version, with_pre) else { continue };
                holds = false;
                if verdict == Verdict::Prerelease {
                    if prerelease_noted {
                        continue;
                    }
                    prerelease_noted = true;
                }
                reasons.push(Mismatch { reason: verdict.explain(version, &one.written.1) });
            }
            if holds {
                return Ok(());
            }
        }
        Err(reasons)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, all) in self.alternatives.iter().enumerate() {
            formatter.write_str(if index > 0 { " || " } else { "" })?;
            for (index, one) in all.iter().enumerate() {
                formatter.write_str(if index > 0 { " " } else { "" })?;
                write!(formatter, "{}{}", one.written.0, one.written.1)?;
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Constraint {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Self, ConstraintError> {
        Constraint::parse(text)
    }
}

fn names_prerelease(all: &[Comparison]) -> bool {
    all.iter().any(|one| !one.version.pre.is_empty())
}

fn split_alternatives(text: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"||") {
        parts.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    parts.push(rest);
    parts
}

/// Reads comparisons, separated by space or a comma.
fn parse_alternative(text: &[u8]) -> Result<Vec<Comparison>, ConstraintError> {
    let improper = || ConstraintError::Improper { text: text.to_vec() };
    let mut comparisons = Vec::new();
    // The Go library first checks the form of the whole, then reads each version.
    let mut unreadable = false;
    let mut at = scan::spaces(text);
    loop {
        let rest = &text[at..];
        let found = OPERATORS.iter().find(|(spelling, _)| rest.starts_with(spelling.as_bytes()));
        let (spelling, operator) = found.copied().unwrap_or(("", Operator::Equal));
        let start = spelling.len() + scan::spaces(&rest[spelling.len()..]);
        let (pieces, length) = scan::wild(&rest[start..]).ok_or_else(improper)?;
        let written = String::from_utf8_lossy(&rest[start..start + length]).into_owned();
        match Comparison::new(spelling, operator, written, &pieces) {
            Some(comparison) => comparisons.push(comparison),
            None => unreadable = true,
        }
        at += start + length;
        let gap = scan::spaces(&text[at..]);
        at += gap;
        match text.get(at) {
            None if unreadable => return Err(ConstraintError::Parser),
            None => return Ok(comparisons),
            Some(b',') => at += 1 + scan::spaces(&text[at + 1..]),
            Some(_) if gap > 0 => {}
            Some(_) => return Err(improper()),
        }
    }
}

/// Writes `1.2 - 2.3` as `>= 1.2, <= 2.3`.
fn rewrite_ranges(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let Some((low, high, length)) = range_at(&text[at..]) {
            out.extend_from_slice(b">= ");
            out.extend_from_slice(low);
            out.extend_from_slice(b", <= ");
            out.extend_from_slice(high);
            out.push(b' ');
            at += length;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// Reads a range and the space around it.
fn range_at(text: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let start = scan::spaces(text);
    let (_, low) = scan::wild(&text[start..])?;
    let mut at = start + low;
    let before = scan::spaces(&text[at..]);
    at += before;
    if before == 0 || text.get(at) != Some(&b'-') {
        return None;
    }
    let after = scan::spaces(&text[at + 1..]);
    if after == 0 {
        return None;
    }
    at += 1 + after;
    let (_, high) = scan::wild(&text[at..])?;
    let end = at + high;
    Some((&text[start..start + low], &text[at..end], end + scan::spaces(&text[end..])))
}

/// Why a comparison does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Prerelease,
    Is(&'static str),
    OtherMajor,
    OtherMajorOrMinor,
    OtherMinor { expected_to_match: bool },
    OtherPatch,
}

impl Verdict {
    fn explain(self, version: &Version, written: &str) -> String {
        match self {
            Verdict::Prerelease => format!(
                "\"{version}\" is a prerelease version and the constraint is only looking for \
                 release versions"
            ),
            Verdict::Is(relation) => format!("\"{version}\" is {relation} \"{written}\""),
            Verdict::OtherMajor => {
                format!("\"{version}\" does not have same major version as \"{written}\"")
            }
            Verdict::OtherMajorOrMinor => {
                format!("\"{version}\" does not have same major and minor version as \"{written}\"")
            }
            Verdict::OtherMinor { expected_to_match } => {
                let more = if expected_to_match {
                    ". Expected minor versions to match when constraint major version is 0"
                } else {
                    ""
                };
                format!("\"{version}\" does not have same minor version as \"{written}\"{more}")
            }
            Verdict::OtherPatch => format!(
                "\"{version}\" does not equal \"{written}\". Expect version and constraint to \
                 equal when major and minor versions are 0"
            ),
        }
    }
}

fn is_wild(segment: &[u8]) -> bool {
    matches!(segment, b"" | b"x" | b"X" | b"*")
}

/// `None` for a comparison that holds.
fn unless(holds: bool, verdict: Verdict) -> Option<Verdict> {
    (!holds).then_some(verdict)
}

impl Comparison {
    /// Completes the version; `None` when it cannot be read.
    fn new(
        spelling: &str,
        operator: Operator,
        written: String,
        pieces: &scan::Pieces<'_>,
    ) -> Option<Comparison> {
        let [major, minor, patch] = pieces.segments;
        let wild = [major, minor, patch].map(is_wild);
        let minor_dirty = !wild[0] && wild[1];
        let patch_dirty = !wild[0] && !wild[1] && wild[2];
        let dirty = wild.contains(&true);
        let version = if dirty {
            let known = |index: usize| {
                if wild[..=index].contains(&true) { &b"0"[..] } else { pieces.segments[index] }
            };
            let mut text = [known(0), known(1), known(2)].join(&b'.');
            if !pieces.pre.is_empty() {
                text.push(b'-');
                text.extend_from_slice(pieces.pre);
            }
            Version::parse(text)
        } else {
            Version::parse(&written)
        };
        Some(Comparison {
            operator,
            written: (spelling.to_owned(), written),
            version: version.ok()?,
            minor_dirty,
            patch_dirty,
            dirty,
        })
    }

    fn verdict(&self, version: &Version, with_pre: bool) -> Option<Verdict> {
        if !version.pre.is_empty() && !with_pre {
            return Some(Verdict::Prerelease);
        }
        let order = version.cmp(&self.version);
        match self.operator {
            Operator::NotEqual => self.not_equal(version, order),
            Operator::Greater => self.greater(version, order),
            Operator::Less => unless(order.is_lt(), Verdict::Is("greater than or equal to")),
            Operator::GreaterEqual => unless(order.is_ge(), Verdict::Is("less than")),
            Operator::LessEqual => {
                let [major, minor, _] = version.numbers;
                let [wanted_major, wanted_minor, _] = self.version.numbers;
                let holds = if self.dirty {
                    major < wanted_major
                        || major == wanted_major && (minor <= wanted_minor || self.minor_dirty)
                } else {
                    order.is_le()
                };
                unless(holds, Verdict::Is("greater than"))
            }
            Operator::Tilde => self.tilde(version, order),
            Operator::Caret => self.caret(version, order),
            Operator::Equal if self.dirty => self.tilde(version, order),
            Operator::Equal => unless(order.is_eq(), Verdict::Is("not equal to")),
        }
    }

    fn not_equal(&self, version: &Version, order: Ordering) -> Option<Verdict> {
        let equal = Verdict::Is("equal to");
        if !self.dirty {
            return unless(order.is_ne(), equal);
        }
        let [major, minor, patch] = version.numbers;
        let [wanted_major, wanted_minor, wanted_patch] = self.version.numbers;
        if wanted_major != major || wanted_minor != minor && !self.minor_dirty {
            return None;
        }
        if self.minor_dirty {
            return Some(equal);
        }
        if self.patch_dirty {
            let named = !version.pre.is_empty() || !self.version.pre.is_empty();
            let differs = named && compare_prereleases(&version.pre, &self.version.pre).is_ne();
            return unless(differs, equal);
        }
        unless(wanted_patch != patch || order.is_ne(), equal)
    }

    fn greater(&self, version: &Version, order: Ordering) -> Option<Verdict> {
        let [major, minor, _] = version.numbers;
        let [wanted_major, wanted_minor, _] = self.version.numbers;
        let holds = match major.cmp(&wanted_major) {
            _ if !self.dirty => order.is_gt(),
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if self.minor_dirty => false,
            Ordering::Equal if self.patch_dirty => minor > wanted_minor,
            Ordering::Equal => order.is_gt(),
        };
        unless(holds, Verdict::Is("less than or equal to"))
    }

    fn tilde(&self, version: &Version, order: Ordering) -> Option<Verdict> {
        if order.is_lt() {
            return Some(Verdict::Is("less than"));
        }
        if self.version.numbers == [0; 3] && !self.minor_dirty && !self.patch_dirty {
            return None;
        }
        if version.numbers[0] != self.version.numbers[0] {
            return Some(Verdict::OtherMajor);
        }
        let same_minor = version.numbers[1] == self.version.numbers[1] || self.minor_dirty;
        unless(same_minor, Verdict::OtherMajorOrMinor)
    }

    fn caret(&self, version: &Version, order: Ordering) -> Option<Verdict> {
        if order.is_lt() {
            return Some(Verdict::Is("less than"));
        }
        let [major, minor, patch] = version.numbers;
        let [wanted_major, wanted_minor, wanted_patch] = self.version.numbers;
        if wanted_major > 0 || self.minor_dirty {
            return unless(major == wanted_major, Verdict::OtherMajor);
        }
        if major > 0 {
            return Some(Verdict::OtherMajor);
        }
        if wanted_minor > 0 || self.patch_dirty {
            let verdict = Verdict::OtherMinor { expected_to_match: true };
            return unless(minor == wanted_minor, verdict);
        }
        if minor > 0 {
            return Some(Verdict::OtherMinor { expected_to_match: false });
        }
        unless(patch == wanted_patch, Verdict::OtherPatch)
    }
}

/// A text as a Go string literal. What lies beyond ASCII is kept when it is text at all.
fn quoted(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in text.utf8_chunks() {
        for rune in chunk.valid().chars() {
            match rune {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\u{7}' => out.push_str("\\a"),
                '\u{8}' => out.push_str("\\b"),
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\u{B}' => out.push_str("\\v"),
                '\u{C}' => out.push_str("\\f"),
                '\r' => out.push_str("\\r"),
                '\0'..='\u{1F}' | '\u{7F}' => {
                    push_byte(&mut out, rune as u8);
                }
                other => out.push(other),
            }
        }
        for byte in chunk.invalid() {
            push_byte(&mut out, *byte);
        }
    }
    out.push('"');
    out
}

fn push_byte(out: &mut String, byte: u8) {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    out.extend(['\\', 'x', digit(byte >> 4), digit(byte & 15)]);
}

#[cfg(test)]
mod tests {
    use super::{Constraint, Version};

    fn holds(constraint: &str, version: &str) -> Result<bool, String> {
        let constraint = Constraint::parse(constraint).map_err(|error| error.to_string())?;
        let version = Version::parse(version).map_err(|error| error.to_string())?;
        assert_eq!(constraint.check(&version), constraint.validate(&version).is_ok());
        Ok(constraint.check(&version))
    }

    #[test]
    fn ranges_lists_and_alternatives() {
        for (constraint, version, expected) in [
            ("*", "1.2.3", true),
            (">=1.2, <2", "1.9.9", true),
            (">=1.2 <2", "2.0.0", false),
            ("1.2 - 1.4.5", "1.4.6", false),
            ("1.2 - 1.4.5 || >=3", "3.1", true),
            ("^0.2.3", "0.3.0", false),
            ("~1.2", "1.2.9", true),
            ("!=1.2.x", "1.3.0", true),
            (">1.2", "1.2.9", false),
            ("1.x", "1.9.0", true),
            (">=1.19-0", "1.20.1-gke.3", true),
            (">=1.19", "1.20.1-gke.3", false),
        ] {
            assert_eq!(holds(constraint, version), Ok(expected), "{constraint} {version}");
        }
    }

    #[test]
    fn errors_are_in_the_words_of_the_go_library() {
        for (constraint, expected) in [
            ("", "improper constraint: \"\""),
            ("1.0 ||", "improper constraint: \"\""),
            (">>1\t\u{1}", "improper constraint: \">>1\\t\\x01\""),
            ("1,,2", "improper constraint: \"1,,2\""),
            ("1x", "constraint parser error"),
            ("1|2", "constraint parser error"),
            (&"|".repeat(100), "too many constraint groups (max 32)"),
            (&"1".repeat(513), "constraint string is too long (max 512 bytes)"),
        ] {
            assert_eq!(holds(constraint, "1"), Err(expected.to_owned()), "{constraint}");
        }
    }

    #[test]
    fn every_reason_is_given_once() {
        let constraint = Constraint::parse("<1, ~2.1 || ^0.3").expect("a constraint");
        let reasons = |version: &str| -> Vec<String> {
            let version = Version::parse(version).expect("a version");
            let reasons = constraint.validate(&version).err().unwrap_or_default();
            reasons.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            reasons("3.0.0"),
            [
                "\"3.0.0\" is greater than or equal to \"1\"",
                "\"3.0.0\" does not have same major version as \"2.1\"",
                "\"3.0.0\" does not have same major version as \"0.3\"",
            ]
        );
        assert_eq!(
            reasons("0.3.1-rc.1"),
            ["\"0.3.1-rc.1\" is a prerelease version and the constraint is only looking for \
              release versions"]
        );
    }

    #[test]
    fn a_constraint_is_written_back_without_its_spacing() {
        let constraint = Constraint::parse(" >= 1.2 ,<2||~>3.x ").expect("a constraint");
        assert_eq!(constraint.to_string(), ">=1.2 <2 || ~>3.x");
    }
}
