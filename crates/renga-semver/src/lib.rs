//! Semantic versions and constraints, after Masterminds semver 3.5.
