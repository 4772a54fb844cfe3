//! The release a chart is rendered for.
//!
//! Owns its name, namespace and what templates see as `.Release`. Names are checked by
//! [`check_name`], which the caller does before rendering, as Helm does.

use crate::compat::Compat;

/// The longest release name (bytes).
const MAX_NAME: usize = 53;

/// What Helm prints of the pattern that names have to match.
const NAME_PATTERN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// A release, as templates see it in `.Release`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// The namespace it goes to.
    pub namespace: String,
    /// Whether it is an upgrade of an earlier one.
    pub is_upgrade: bool,
    /// Its number; always 1 for `helm template`.
    pub revision: i64,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            is_upgrade: false,
            revision: 1,
        }
    }
}

impl Release {
    /// The name of the tool that renders, `.Release.Service`.
    pub const SERVICE: &str = "Helm";

    /// A first installation of `name` into `namespace`.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self { name: name.into(), namespace: namespace.into(), ..Self::default() }
    }
}

/// Why a release cannot have a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum NameError {
    /// The name is empty.
    #[error("{}no name provided", NamePrefix(.name, *.compat))]
    #[diagnostic(code(helm::release_name), help("give the release a name"))]
    Missing {
        /// The name, which is empty.
        name: String,
        /// Whose words to use.
        compat: Compat,
    },
    /// The name is too long, or not that of a DNS subdomain.
    #[error(
        "{}invalid release name, must match regex {NAME_PATTERN} and the length must not be longer than {MAX_NAME}",
        NamePrefix(.name, *.compat)
    )]
    #[diagnostic(
        code(helm::release_name),
        help("use lower-case letters, digits, `-` and `.`, and at most {MAX_NAME} characters")
    )]
    Invalid {
        /// The name.
        name: String,
        /// Whose words to use.
        compat: Compat,
    },
}

struct NamePrefix<'a>(&'a str, Compat);

impl std::fmt::Display for NamePrefix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.1.is_v4() {
            f.write_str("release name check failed: ")?;
        }
        write!(f, "release name {:?}: ", self.0)
    }
}

/// Checks the name of a release.
///
/// # Errors
///
/// [`NameError`] with Helm's words.
pub fn check_name(name: &str, compat: Compat) -> Result<(), NameError> {
    let label = |part: &str| {
        let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = part.as_bytes();
        bytes.first().is_some_and(alphanumeric)
            && bytes.last().is_some_and(alphanumeric)
            && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
    };
    let name_of = || name.to_owned();
    if name.is_empty() {
        Err(NameError::Missing { name: name_of(), compat })
    } else if name.len() > MAX_NAME || !name.split('.').all(label) {
        Err(NameError::Invalid { name: name_of(), compat })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_dns_subdomains() {
        for good in ["a", "a-b", "a.b", "1", "a--b", &"x".repeat(53)] {
            assert_eq!(check_name(good, Compat::V4), Ok(()), "{good}");
        }
        for bad in ["A", "-a", "a-", "a..b", "a_b", ".a", "a.-b", "a\n", &"x".repeat(54)] {
            assert!(matches!(check_name(bad, Compat::V4), Err(NameError::Invalid { .. })), "{bad}");
        }
    }
}
