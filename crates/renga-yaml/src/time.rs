//! Timestamps as the Go libraries recognise and print them.
//!
//! Owns the four layouts that go-yaml tries on a plain scalar and the RFC 3339 form in which
//! `encoding/json` prints the result. There is no calendar arithmetic: the wall clock and the
//! offset are kept as written, and only their ranges are checked.

use std::fmt::Write as _;

/// A moment as written: wall clock plus offset.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Timestamp {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    /// Seconds east of UTC.
    offset: i32,
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn literal(&mut self, byte: u8) -> Option<()> {
        (*self.0.first()? == byte).then(|| self.0 = &self.0[1..])
    }

    /// One or two digits.
    fn short(&mut self) -> Option<u8> {
        let first = self.0.first().filter(|b| b.is_ascii_digit())? - b'0';
        let Some(second) = self.0.get(1).filter(|b| b.is_ascii_digit()) else {
            self.0 = &self.0[1..];
            return Some(first);
        };
        let number = first * 10 + (second - b'0');
        self.0 = &self.0[2..];
        Some(number)
    }

    /// An optional fraction of a second; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> u32 {
        if !matches!(self.0, [b'.' | b',', b'0'..=b'9', ..]) {
            return 0;
        }
        let digits = self.0[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut nanoseconds = 0;
        for place in 0..9 {
            let digit = if place < digits { self.0[1 + place] - b'0' } else { 0 };
            nanoseconds = nanoseconds * 10 + u32::from(digit);
        }
        self.0 = &self.0[1 + digits..];
        nanoseconds
    }

    fn zone(&mut self) -> Option<i32> {
        if self.0.first() == Some(&b'Z') {
            self.0 = &self.0[1..];
            return Some(0);
        }
        let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, ref rest @ ..] = self.0 else {
            return None;
        };
        if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |tens: u8, ones: u8| i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
        let (hours, minutes) = (two(h1, h2), two(m1, m2));
        if hours > 24 || minutes > 60 {
            return None;
        }
        self.0 = rest;
        let seconds = hours * 3600 + minutes * 60;
        Some(if sign == b'-' { -seconds } else { seconds })
    }
}

fn days_in(month: u8, year: u16) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Timestamp {
    /// Reads `2001-1-2`, `2001-1-2 3:4:5.6`, `2001-1-2T3:4:5.6Z` or the same with `t` and an
    /// offset. Anything else is no timestamp.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits != 4 || bytes.get(4) != Some(&b'-') {
            return None;
        }
        let year = bytes[..4].iter().fold(0, |year, b| year * 10 + u16::from(b - b'0'));
        let mut cursor = Cursor(&bytes[5..]);
        let month = cursor.short()?;
        cursor.literal(b'-')?;
        let day = cursor.short()?;
        if !(1..=12).contains(&month) || day < 1 || day > days_in(month, year) {
            return None;
        }
        let mut time =
            Self { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: 0 };
        let zoned = match cursor.0.first() {
            None => return Some(time),
            Some(b'T' | b't') => {
                cursor.0 = &cursor.0[1..];
                true
            }
            Some(b' ') => {
                let spaces = cursor.0.iter().take_while(|&&b| b == b' ').count();
                cursor.0 = &cursor.0[spaces..];
                false
            }
            Some(_) => return None,
        };
        time.hour = cursor.short().filter(|&hour| hour < 24)?;
        cursor.literal(b':')?;
        time.minute = cursor.short().filter(|&minute| minute < 60)?;
        cursor.literal(b':')?;
        time.second = cursor.short().filter(|&second| second < 60)?;
        time.nanosecond = cursor.fraction();
        if zoned {
            time.offset = cursor.zone()?;
        }
        cursor.0.is_empty().then_some(time)
    }

    /// The RFC 3339 form with up to nine digits of fraction.
    ///
    /// `None` for an offset of a day, which `encoding/json` refuses to print.
    pub(crate) fn to_rfc3339(&self) -> Option<String> {
        let Self { year, month, day, hour, minute, second, nanosecond, offset } = *self;
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if nanosecond != 0 {
            let fraction = format!("{nanosecond:09}");
            text.push('.');
            text.push_str(fraction.trim_end_matches('0'));
        }
        if offset == 0 {
            text.push('Z');
        } else {
            let minutes = offset.unsigned_abs() / 60;
            if minutes >= 24 * 60 {
                return None;
            }
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (minutes / 60, minutes % 60);
            // Writing into a string cannot fail.
            let _ = write!(text, "{sign}{hours:02}:{minutes:02}");
        }
        Some(text)
    }
}
