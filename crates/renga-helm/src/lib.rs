//! Helm charts: as data, and rendered as `helm template` renders them.
//!
//! Opens no socket and runs no program.
