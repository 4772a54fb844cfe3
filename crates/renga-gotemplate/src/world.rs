//! The outside world, given by the caller.
//!
//! Nothing in this crate reads the clock, a random source or environment variables on its own.

/// What functions such as `randAlpha`, `uuidv4` and `env` ask for.
pub trait World {
    /// Fills the buffer with random bytes.
    fn random(&self, buffer: &mut [u8]);

    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// The time: seconds since 1970 in UTC, and nanoseconds.
    fn now(&self) -> (i64, u32);
}
