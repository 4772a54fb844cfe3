//! Writing instants by a layout.

use std::fmt::Write as _;

use super::instant::Time;
use super::layout::{MONTHS, Offset, Padding, Piece, next_piece};

/// The layout of `String`.
const STRING: &[u8] = b"2006-01-02 15:04:05.999999999 -0700 MST";

impl Time {
    /// `Format`.
    pub(crate) fn format(&self, layout: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(layout.len() + 10);
        let holds = self.holds();
        let civil = self.civil(holds.offset);
        let mut rest = layout;
        while let Some((before, piece, after)) = next_piece(rest) {
            out.extend_from_slice(before);
            rest = after;
            let month = usize::try_from(civil.month - 1).unwrap_or(0);
            let hour12 = (civil.hour + 11) % 12 + 1;
            let text = match piece {
                Piece::LongMonth => MONTHS[month].to_owned(),
                Piece::Month => MONTHS[month][..3].to_owned(),
                Piece::NumMonth { padded } => number(civil.month, padded),
                Piece::LongWeekday => civil.weekday_name().to_owned(),
                Piece::Weekday => civil.weekday_name()[..3].to_owned(),
                Piece::Day(Padding::Spaces) => format!("{:2}", civil.day),
                Piece::Day(padding) => number(civil.day, padding == Padding::Zeros),
                Piece::YearDay(Padding::Spaces) => format!("{:3}", civil.year_day),
                Piece::YearDay(_) => format!("{:03}", civil.year_day),
                Piece::Hour => number(civil.hour, true),
                Piece::Hour12 { padded } => number(hour12, padded),
                Piece::Minute { padded } => number(civil.minute, padded),
                Piece::Second { padded } => number(civil.second, padded),
                Piece::LongYear if civil.year < 0 => format!("-{:04}", civil.year.unsigned_abs()),
                Piece::LongYear => format!("{:04}", civil.year),
                Piece::Year => format!("{:02}", civil.year.unsigned_abs() % 100),
                Piece::HalfDay { upper } => match (civil.hour >= 12, upper) {
                    (true, true) => "PM",
                    (false, true) => "AM",
                    (true, false) => "pm",
                    (false, false) => "am",
                }
                .to_owned(),
                Piece::ZoneName if holds.abbreviation.is_empty() => {
                    let minutes = Offset { z: false, colons: false, minutes: true, seconds: false };
                    offset(holds.offset, minutes)
                }
                Piece::ZoneName => holds.abbreviation.to_string(),
                Piece::Offset(style) => offset(holds.offset, style),
                Piece::Fraction { comma, digits, trimmed } => {
                    fraction(self.nanoseconds, comma, digits, trimmed)
                }
            };
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(rest);
        out
    }

    /// `String`: the clock's reading is part of it.
    pub(crate) fn show(&self) -> Vec<u8> {
        let mut out = self.format(STRING);
        if let Some(reading) = self.monotonic {
            let sign = if reading < 0 { '-' } else { '+' };
            let size = reading.unsigned_abs();
            let (seconds, rest) = (size / 1_000_000_000, size % 1_000_000_000);
            out.extend_from_slice(format!(" m={sign}{seconds}.{rest:09}").as_bytes());
        }
        out
    }
}

fn number(value: i64, padded: bool) -> String {
    if padded { format!("{value:02}") } else { value.to_string() }
}

fn offset(seconds: i64, style: Offset) -> String {
    if style.z && seconds == 0 {
        return "Z".to_owned();
    }
    // Go looks at the minutes: an offset of some seconds west has a plus sign.
    let minutes = seconds / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let colon = if style.colons { ":" } else { "" };
    let mut out = format!("{sign}{:02}", minutes.abs() / 60);
    if style.minutes {
        let _ = write!(out, "{colon}{:02}", minutes.abs() % 60);
    }
    if style.seconds {
        let seconds = if minutes < 0 { -seconds } else { seconds } % 60;
        let shown = if seconds < 0 { format!("-{:02}", -seconds) } else { format!("{seconds:02}") };
        let _ = write!(out, "{colon}{shown}");
    }
    out
}

fn fraction(nanoseconds: u32, comma: bool, digits: usize, trimmed: bool) -> String {
    if trimmed && nanoseconds == 0 {
        return String::new();
    }
    let point = if comma { ',' } else { '.' };
    let text = format!("{nanoseconds:09}");
    let text = &text[..digits.min(9)];
    let text = if trimmed { text.trim_end_matches('0') } else { text };
    if trimmed && text.is_empty() { String::new() } else { format!("{point}{text}") }
}
