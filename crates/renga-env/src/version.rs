//! `spec.expectVersions.tanka`: a constraint on the version of Tanka that renga stands in for.
//!
//! The syntax is that of Masterminds semver 1: `,` is "and", `||` is "or", operators
//! `= != > < >= <= ~ ^`, wildcards (`1.x`), hyphen ranges (`1.2 - 2`).

use semver::Version;

/// The version of Tanka whose behaviour renga has.
pub const TANKA_VERSION: Version = Version::new(0, 38, 0);

/// Why an environment cannot be processed by this version. The messages are Tanka's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum VersionError {
    /// The constraint cannot be read.
    #[error(
        "parsing version constraint: 'improper constraint: {0}'. Please check 'spec.expectVersions.tanka'"
    )]
    #[diagnostic(
        code(env::version_constraint),
        help("a constraint looks like `>=0.20.0, <1.0.0`, `~0.38` or `^0.30 || 1.x`")
    )]
    Improper(String),
    /// The version is not one that the environment accepts.
    #[error(
        "current version '{TANKA_VERSION}' does not satisfy the version required by the environment: '{0}'. You likely need to use another version of Tanka"
    )]
    #[diagnostic(
        code(env::version_mismatch),
        help(
            "renga stands in for Tanka {TANKA_VERSION}; change `spec.expectVersions.tanka` if the environment works with it"
        )
    )]
    Mismatch(String),
}

impl renga_diag::Report for VersionError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Checks [`TANKA_VERSION`] against a constraint; an empty one holds always.
///
/// # Errors
///
/// [`VersionError`] when the constraint is malformed or does not hold.
pub fn check_version(constraint: &str) -> Result<(), VersionError> {
    if constraint.is_empty() || satisfies(&TANKA_VERSION, constraint)? {
        return Ok(());
    }
    Err(VersionError::Mismatch(constraint.to_owned()))
}

fn satisfies(version: &Version, constraint: &str) -> Result<bool, VersionError> {
    let mut any = false;
    for alternative in constraint.split("||") {
        let mut all = true;
        for part in alternative.split(',') {
            for term in hyphen_range(part).unwrap_or_else(|| vec![part.to_owned()]) {
                all &= Term::parse(&term)?.holds(version);
            }
        }
        any |= all;
    }
    Ok(any)
}

/// `a - b` as two terms.
fn hyphen_range(part: &str) -> Option<Vec<String>> {
    let (low, high) = part.split_once(" - ")?;
    Some(vec![format!(">={}", low.trim()), format!("<={}", high.trim())])
}

/// The spellings of operators, longer ones first, and what they mean.
const OPERATORS: [(&str, &str); 12] = [
    ("!=", "!="),
    (">=", ">="),
    ("=>", ">="),
    ("<=", "<="),
    ("=<", "<="),
    ("~>", "~"),
    ("~", "~"),
    ("^", "^"),
    ("=", "="),
    (">", ">"),
    ("<", "<"),
    ("", "="),
];

struct Term {
    operator: &'static str,
    version: Version,
    /// A part was a wildcard or missing.
    dirty: bool,
    /// The minor part was.
    minor_dirty: bool,
    /// The patch part was, but not the minor one.
    patch_dirty: bool,
}

impl Term {
    fn parse(text: &str) -> Result<Self, VersionError> {
        let improper = || VersionError::Improper(text.to_owned());
        let trimmed = text.trim();
        let found = OPERATORS.iter().find(|(spelling, _)| trimmed.starts_with(spelling));
        let &(spelling, operator) = found.ok_or_else(improper)?;
        let rest = trimmed[spelling.len()..].trim_start();
        let rest = rest.strip_prefix('v').unwrap_or(rest);
        let (core, suffix) = rest.split_at(rest.find(['-', '+']).unwrap_or(rest.len()));
        let parts: Vec<&str> = core.split('.').collect();
        let is_x = |part: &str| matches!(part, "x" | "X" | "*");
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if parts.len() > 3 || !parts.iter().all(|part| is_x(part) || is_number(part)) {
            return Err(improper());
        }
        let wild = |index: usize| parts.get(index).is_none_or(|part| is_x(part));
        let (major_wild, minor_dirty) = (wild(0), !wild(0) && wild(1));
        let patch_dirty = !major_wild && !minor_dirty && wild(2);
        let number = |index: usize, keep: bool| if keep { parts[index] } else { "0" };
        let version = format!(
            "{}.{}.{}{}",
            number(0, !major_wild),
            number(1, !major_wild && !minor_dirty),
            number(2, !major_wild && !minor_dirty && !patch_dirty),
            if major_wild { "" } else { suffix }
        );
        let version = Version::parse(&version).map_err(|_| improper())?;
        Ok(Self {
            operator,
            version,
            dirty: major_wild || minor_dirty || patch_dirty,
            minor_dirty,
            patch_dirty,
        })
    }

    fn holds(&self, version: &Version) -> bool {
        let (bound, minor_dirty) = (&self.version, self.minor_dirty);
        // A wildcard bound from above holds for everything that starts with the given parts.
        let below_wildcard =
            version.major <= bound.major && (version.minor <= bound.minor || minor_dirty);
        match self.operator {
            "!=" if self.dirty => {
                version.major != bound.major || (version.minor != bound.minor && !minor_dirty)
            }
            "!=" => version != bound,
            ">" => version > bound,
            ">=" => version >= bound,
            "<" | "<=" if self.dirty => below_wildcard,
            "<" => version < bound,
            "<=" => version <= bound,
            "^" => version >= bound && version.major == bound.major,
            "=" if !self.dirty => version == bound,
            _ => self.tilde(version),
        }
    }

    fn tilde(&self, version: &Version) -> bool {
        let bound = &self.version;
        // `*`, and by its own rule `~0.0.0`, accept everything from there on.
        let everything = *bound == Version::new(0, 0, 0) && !self.minor_dirty && !self.patch_dirty;
        version >= bound
            && (everything
                || (version.major == bound.major
                    && (version.minor == bound.minor || self.minor_dirty)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_as_in_masterminds_semver_1() {
        for (constraint, holds) in [
            ("", true),
            (">=0.20.0", true),
            (">=0.20.0, <1.0.0", true),
            // The library compares minor parts even below the major one; so does tk.
            ("<1.0", false),
            ("<1.x", true),
            ("<0.38.0", false),
            ("0.38", true),
            ("0.x", true),
            ("*", true),
            ("~0.37", false),
            ("~> 0.38.0", true),
            ("^0.30", true),
            ("^1", false),
            ("^1 || v0.38.0", true),
            ("!=0.38.x", false),
            ("!=0.38.1", true),
            ("0.30 - 0.40", true),
            ("0.1 - 0.2", false),
        ] {
            assert_eq!(check_version(constraint).is_ok(), holds, "{constraint}");
        }
        assert_eq!(
            check_version("foo").unwrap_err().to_string(),
            "parsing version constraint: 'improper constraint: foo'. Please check 'spec.expectVersions.tanka'"
        );
    }
}
