//! Instants, durations and time zones as Go's `time` package has them.

mod zone;

pub use zone::Zone;
