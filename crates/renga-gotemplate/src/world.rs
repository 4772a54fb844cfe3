//! The outside world, given by the caller.
//!
//! Nothing in this crate reads the clock, time zones, a random source, environment variables or
//! the network on its own: functions that need them ask the [`World`] of the run.

use crate::time::Zone;

/// What functions such as `now`, `randAlpha`, `genCA`, `env` and `getHostByName` ask for.
///
/// A world that always answers the same makes templates that always render the same: everything
/// random, keys and certificates included, is computed from [`fill_random`](World::fill_random)
/// and [`now`](World::now) alone.
pub trait World {
    /// Fills the buffer with random bytes.
    fn fill_random(&self, buffer: &mut [u8]);

    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// The time: seconds since 1970 in UTC, and nanoseconds.
    fn now(&self) -> (i64, u32);

    /// The rules of a named time zone of the IANA database, such as `Europe/Berlin`.
    ///
    /// Never asked for `UTC` and `Local`.
    fn zone(&self, name: &str) -> Option<Zone>;

    /// The rules of the time zone the machine is in; its name does not matter.
    fn local_zone(&self) -> Zone;

    /// The addresses of a host, or none when there are none or it must not be asked.
    fn lookup_host(&self, name: &str) -> Vec<String>;
}
