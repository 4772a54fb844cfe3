//! Which Helm is stood in for.
//!
//! Owns the one switch between the two lines of Helm. Whoever needs a difference asks
//! [`Compat`]; nothing else in the crate names versions.

/// The line of Helm whose bytes and rules apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compat {
    /// Helm 4.3.
    #[default]
    V4,
    /// Helm 3.22.
    V3,
}

impl Compat {
    /// Whether this is Helm 4.
    pub fn is_v4(self) -> bool {
        self == Self::V4
    }

    /// Whether this is Helm 3.
    pub fn is_v3(self) -> bool {
        self == Self::V3
    }
}
