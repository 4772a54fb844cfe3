//! Instants, durations and time zones as Go's `time` package has them.
//!
//! [`instant`] is `time.Time`, [`duration`] is `time.Duration`, [`zone`] is `*time.Location`;
//! [`layout`] reads reference layouts, [`format`] writes and [`parse`] reads by them, and [`object`]
//! shows them to templates with their methods. Pure: the clock and the zone files are the host's.

mod civil;
pub(crate) mod duration;
mod format;
mod instant;
mod layout;
pub(crate) mod object;
mod parse;
mod zone;

pub use duration::{
    parse as parse_duration, round as round_duration, show as show_duration,
    truncate as truncate_duration,
};
pub(crate) use instant::Time;
pub use zone::Zone;

/// A text between quotes as the `time` package writes it: beyond ASCII, bytes are escaped.
fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'\x7F' => out.push(char::from(byte)),
            _ => {
                let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                out.extend(['\\', 'x', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    out.push('"');
    out
}
