//! One version: reading, writing, order and increments.

use std::cmp::Ordering;
use std::fmt;

use crate::scan;

/// The longest text that is read as a version, in bytes.
const LONGEST: usize = 256;

/// Why a text is no version; the words are those of the Go library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Longer than 256 bytes.
    #[error("version string is too long (max {LONGEST} bytes)")]
    TooLong,
    /// Not of the form of a version.
    #[error("invalid semantic version")]
    Invalid,
    /// Nothing at all (strict reading).
    #[error("version string empty")]
    Empty,
    /// Something else than digits in a segment (strict reading).
    #[error("invalid characters in version")]
    Characters,
    /// A number with a leading zero.
    #[error("version segment starts with 0")]
    LeadingZero,
    /// A pre-release that is not made of identifiers.
    #[error("invalid prerelease string")]
    Prerelease,
    /// Metadata that is not made of identifiers.
    #[error("invalid metadata string")]
    Metadata,
    /// A number beyond 64 bits (loose reading).
    #[error(
        "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range"
    )]
    Segment {
        /// The digits of the number.
        digits: String,
    },
    /// A number that is missing or beyond 64 bits (strict reading).
    #[error("strconv.ParseUint: parsing \"{digits}\": {}", if digits.is_empty() { "invalid syntax" } else { "value out of range" })]
    Number {
        /// The digits of the number.
        digits: String,
    },
    /// A number that cannot be raised.
    #[error("{segment} version increment would overflow uint64")]
    Overflow {
        /// `major`, `minor` or `patch`.
        segment: &'static str,
    },
}

/// A semantic version.
///
/// Equality and order are those of precedence: metadata and spelling do not count.
#[derive(Clone, Debug, Default)]
pub struct Version {
    pub(crate) numbers: [u64; 3],
    pub(crate) pre: String,
    metadata: String,
    original: String,
}

impl Version {
    /// Reads a version loosely: a `v` in front, missing segments and leading zeros are fine.
    ///
    /// # Errors
    ///
    /// [`VersionError`] in the words of the Go library's `NewVersion`.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, VersionError> {
        let text = text.as_ref();
        if text.len() > LONGEST {
            return Err(VersionError::TooLong);
        }
        let pieces = scan::loose(text).ok_or(VersionError::Invalid)?;
        let mut numbers = [0; 3];
        for (number, digits) in numbers.iter_mut().zip(pieces.segments) {
            if !digits.is_empty() {
                *number = parse_number(digits)
                    .ok_or_else(|| VersionError::Segment { digits: ascii(digits) })?;
            }
        }
        if !pieces.pre.is_empty() {
            check_prerelease(pieces.pre)?;
        }
        Ok(Version {
            numbers,
            pre: ascii(pieces.pre),
            metadata: ascii(pieces.metadata),
            original: ascii(text),
        })
    }

    /// Reads a version strictly: three segments, no `v`, no leading zeros.
    ///
    /// # Errors
    ///
    /// [`VersionError`] in the words of the Go library's `StrictNewVersion`.
    pub fn parse_strict(text: impl AsRef<[u8]>) -> Result<Self, VersionError> {
        let text = text.as_ref();
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > LONGEST {
            return Err(VersionError::TooLong);
        }
        let mut parts = text.splitn(3, |&byte| byte == b'.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(VersionError::Invalid);
        };
        let (rest, metadata) = split_at_mark(rest, b'+');
        if let Some(metadata) = metadata {
            check_metadata(metadata)?;
        }
        let (patch, pre) = split_at_mark(rest, b'-');
        if let Some(pre) = pre {
            check_prerelease(pre)?;
        }
        let segments = [major, minor, patch];
        for segment in segments {
            if !segment.iter().all(u8::is_ascii_digit) {
                return Err(VersionError::Characters);
            }
            if segment.len() > 1 && segment[0] == b'0' {
                return Err(VersionError::LeadingZero);
            }
        }
        let mut numbers = [0; 3];
        for (number, digits) in numbers.iter_mut().zip(segments) {
            *number = parse_number(digits)
                .ok_or_else(|| VersionError::Number { digits: ascii(digits) })?;
        }
        Ok(Version {
            numbers,
            pre: ascii(pre.unwrap_or_default()),
            metadata: ascii(metadata.unwrap_or_default()),
            original: ascii(text),
        })
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.numbers[0]
    }

    /// The second number.
    pub fn minor(&self) -> u64 {
        self.numbers[1]
    }

    /// The third number.
    pub fn patch(&self) -> u64 {
        self.numbers[2]
    }

    /// What follows the hyphen, or nothing.
    pub fn prerelease(&self) -> &str {
        &self.pre
    }

    /// What follows the plus sign, or nothing.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text the version was read from.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The next major version.
    ///
    /// # Errors
    ///
    /// [`VersionError::Overflow`] when there is no larger number.
    pub fn next_major(&self) -> Result<Version, VersionError> {
        self.raised(0)
    }

    /// The next minor version.
    ///
    /// # Errors
    ///
    /// [`VersionError::Overflow`] when there is no larger number.
    pub fn next_minor(&self) -> Result<Version, VersionError> {
        self.raised(1)
    }

    /// The next patch version; of a pre-release, its release.
    ///
    /// # Errors
    ///
    /// [`VersionError::Overflow`] when there is no larger number.
    pub fn next_patch(&self) -> Result<Version, VersionError> {
        self.raised(2)
    }

    /// The version with everything after segment `index` reset and that segment raised.
    fn raised(&self, index: usize) -> Result<Version, VersionError> {
        let mut next = Version { numbers: self.numbers, ..Version::default() };
        if index < 2 || self.pre.is_empty() {
            let segment = ["major", "minor", "patch"][index];
            next.numbers[index] =
                self.numbers[index].checked_add(1).ok_or(VersionError::Overflow { segment })?;
            next.numbers[index + 1..].fill(0);
        }
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        next.original = format!("{prefix}{next}");
        Ok(next)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(formatter, "{major}.{minor}.{patch}")?;
        if !self.pre.is_empty() {
            write!(formatter, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Version::parse(text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.pre, &other.pre),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

/// Compares two pre-releases identifier by identifier; a missing one is the smallest.
pub(crate) fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if a == b {
            continue;
        }
        if a.is_empty() {
            return Ordering::Less;
        }
        if b.is_empty() {
            return Ordering::Greater;
        }
        return match (parse_number(a.as_bytes()), parse_number(b.as_bytes())) {
            (None, None) => a.cmp(b),
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) if a > b => Ordering::Greater,
            // Not even `0` and `00` are equal once they are spelled differently.
            (Some(_), _) => Ordering::Less,
        };
    }
}

/// Reads decimal digits; nothing else counts as a number.
fn parse_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn split_at_mark(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == mark) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn is_identifier(part: &[u8]) -> bool {
    !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn check_prerelease(text: &[u8]) -> Result<(), VersionError> {
    for part in text.split(|&byte| byte == b'.') {
        if !is_identifier(part) {
            return Err(VersionError::Prerelease);
        }
        if part.len() > 1 && part[0] == b'0' && part.iter().all(u8::is_ascii_digit) {
            return Err(VersionError::LeadingZero);
        }
    }
    Ok(())
}

fn check_metadata(text: &[u8]) -> Result<(), VersionError> {
    if text.split(|&byte| byte == b'.').all(is_identifier) {
        Ok(())
    } else {
        Err(VersionError::Metadata)
    }
}

/// A text that has been found to be ASCII.
fn ascii(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Version;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn loose_versions_are_completed_and_keep_their_spelling() {
        for (text, shown) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("01.02.03", "1.2.3"),
            ("1.2-rc.1", "1.2.0-rc.1"),
            ("v1.2.3-a-b.0+build.007", "1.2.3-a-b.0+build.007"),
        ] {
            assert_eq!(version(text).to_string(), shown);
            assert_eq!(version(text).original(), text);
        }
    }

    #[test]
    fn errors_are_in_the_words_of_the_go_library() {
        let long = "1".repeat(257);
        for (text, loose, strict) in [
            ("", "invalid semantic version", "version string empty"),
            ("1.2", "", "invalid semantic version"),
            ("v1.2.3", "", "invalid characters in version"),
            ("1.02.3", "", "version segment starts with 0"),
            ("1.2.3.4", "invalid semantic version", "invalid characters in version"),
            ("1.2.3-", "invalid semantic version", "invalid prerelease string"),
            ("1.2.3-a..b", "invalid semantic version", "invalid prerelease string"),
            ("1.2.3-01", "version segment starts with 0", "version segment starts with 0"),
            ("1.2.3+", "invalid semantic version", "invalid metadata string"),
            ("1..3", "invalid semantic version", "strconv.ParseUint: parsing \"\": invalid syntax"),
            (
                "1.2.18446744073709551616",
                "error parsing version segment: strconv.ParseUint: parsing \
                 \"18446744073709551616\": value out of range",
                "strconv.ParseUint: parsing \"18446744073709551616\": value out of range",
            ),
            (
                &long,
                "version string is too long (max 256 bytes)",
                "version string is too long (max 256 bytes)",
            ),
        ] {
            let shown = |result: Result<Version, _>| match result {
                Ok(_) => String::new(),
                Err(error) => super::VersionError::to_string(&error),
            };
            assert_eq!(shown(Version::parse(text)), loose, "loose {text}");
            assert_eq!(shown(Version::parse_strict(text)), strict, "strict {text}");
        }
    }

    #[test]
    fn order_is_that_of_precedence() {
        let rising = [
            "0.9",
            "1.0.0-0",
            "1.0.0-1",
            "1.0.0-10",
            "1.0.0-a",
            "1.0.0-a.1",
            "1.0.0-a.b",
            "1.0.0-b",
            "1.0.0",
            "1.0.1",
            "1.1",
            "2",
        ];
        for pair in rising.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("v1.0.0+a"), version("1+b"));
    }

    #[test]
    fn raising_drops_what_follows() {
        let start = version("v1.2.3-rc.1+b");
        let shown = |next: Result<Version, _>| match next {
            Ok(next) => next.original().to_owned(),
            Err(error) => super::VersionError::to_string(&error),
        };
        assert_eq!(shown(start.next_major()), "v2.0.0");
        assert_eq!(shown(start.next_minor()), "v1.3.0");
        assert_eq!(shown(start.next_patch()), "v1.2.3");
        assert_eq!(shown(version("1.2.3").next_patch()), "1.2.4");
        assert_eq!(
            shown(version("18446744073709551615.0.0").next_major()),
            "major version increment would overflow uint64"
        );
    }
}
