//! Reading instants by a layout.

use super::civil;
use super::duration::leading_int;
use super::instant::Time;
use super::layout::{MONTHS, Offset, Padding, Piece, WEEKDAYS, next_piece};
use super::quoted;
use super::zone::Zone;

/// Why a piece could not be read.
enum Wrong {
    /// The text does not look like the piece.
    Form,
    /// The value cannot be.
    Range(&'static str),
}

type Read<T> = Result<T, Wrong>;

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    /// Whether it is before or after noon.
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i64>,
    zone_name: Vec<u8>,
}

impl Time {
    /// `time.ParseInLocation`.
    ///
    /// # Errors
    ///
    /// Go's text.
    pub(crate) fn parse(layout: &[u8], value: &[u8], zone: &Zone) -> Result<Time, String> {
        let mut fields = Fields::default();
        let (mut rest_layout, mut rest) = (layout, value);
        loop {
            let next = next_piece(rest_layout);
            let (prefix, after) = match &next {
                Some((prefix, _, after)) => (*prefix, *after),
                None => (rest_layout, &b""[..]),
            };
            let shown = &rest_layout[prefix.len()..rest_layout.len() - after.len()];
            rest = skip(rest, prefix).map_err(|rest| cannot(layout, value, prefix, rest))?;
            let Some((_, piece, _)) = next else {
                if rest.is_empty() {
                    break;
                }
                return Err(wrong(value, &format!("extra text: {}", quoted(rest))));
            };
            rest_layout = after;
            let hold = rest;
            if let Err(problem) = fields.read(piece, &mut rest, rest_layout) {
                return Err(match problem {
                    Wrong::Form => cannot(layout, value, shown, hold),
                    Wrong::Range(what) => wrong(value, &format!("{what} out of range")),
                });
            }
        }
        fields.finish(zone).map_err(|what| wrong(value, what))
    }
}

fn cannot(layout: &[u8], value: &[u8], piece: &[u8], rest: &[u8]) -> String {
    let (value, layout) = (quoted(value), quoted(layout));
    let (rest, piece) = (quoted(rest), quoted(piece));
    format!("parsing time {value} as {layout}: cannot parse {rest} as {piece}")
}

fn wrong(value: &[u8], what: &str) -> String {
    format!("parsing time {}: {what}", quoted(value))
}

/// Drops a literal part of the layout; runs of spaces are alike. What is left on failure.
fn skip<'v>(mut value: &'v [u8], mut prefix: &[u8]) -> Result<&'v [u8], &'v [u8]> {
    let without_spaces = |text: &mut &[u8]| {
        while let [b' ', rest @ ..] = *text {
            *text = rest;
        }
    };
    while let [first, rest @ ..] = prefix {
        if *first == b' ' {
            if !value.is_empty() && value[0] != b' ' {
                return Err(value);
            }
            without_spaces(&mut prefix);
            while let [b' ', rest @ ..] = value {
                value = rest;
            }
            continue;
        }
        if value.first() != Some(first) {
            return Err(value);
        }
        prefix = rest;
        value = &value[1..];
    }
    Ok(value)
}

fn digit(text: &[u8], at: usize) -> Option<i64> {
    text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'))
}

/// One or two digits; exactly two when `fixed`.
fn two_digits(rest: &mut &[u8], fixed: bool) -> Read<i64> {
    let first = digit(rest, 0).ok_or(Wrong::Form)?;
    let (value, length) = match digit(rest, 1) {
        Some(second) => (first * 10 + second, 2),
        None if fixed => return Err(Wrong::Form),
        None => (first, 1),
    };
    *rest = &rest[length..];
    Ok(value)
}

/// Digits with an optional sign, and nothing else.
fn whole(text: &[u8]) -> Read<i64> {
    let (negative, digits) = match text {
        [sign @ (b'-' | b'+'), digits @ ..] => (*sign == b'-', digits),
        _ => (false, text),
    };
    match leading_int(digits) {
        Some((value, [])) => {
            let value = i64::try_from(value).map_err(|_| Wrong::Form)?;
            Ok(if negative { -value } else { value })
        }
        _ => Err(Wrong::Form),
    }
}

/// Cuts off the first bytes.
fn take<'v>(rest: &mut &'v [u8], length: usize) -> Read<&'v [u8]> {
    let head = rest.get(..length).ok_or(Wrong::Form)?;
    *rest = &rest[length..];
    Ok(head)
}

/// One of the names, whatever their case; `length` bytes of each.
fn name(rest: &mut &[u8], names: &[&str], length: Option<usize>) -> Read<i64> {
    for (index, name) in names.iter().enumerate() {
        let name = &name.as_bytes()[..length.unwrap_or(name.len())];
        if rest.len() >= name.len() && rest[..name.len()].eq_ignore_ascii_case(name) {
            *rest = &rest[name.len()..];
            return i64::try_from(index).map_err(|_| Wrong::Form);
        }
    }
    Err(Wrong::Form)
}

/// The nanoseconds of `.123`, given with the separator.
fn nanoseconds(text: &[u8]) -> Read<u32> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Wrong::Form);
    }
    let digits = &text[1..text.len().min(10)];
    let value = whole(digits)?;
    if value < 0 {
        return Err(Wrong::Range("fractional second"));
    }
    let missing = u32::try_from(9 - digits.len()).unwrap_or(0);
    u32::try_from(value * 10_i64.pow(missing)).map_err(|_| Wrong::Form)
}

impl Fields {
    fn read(&mut self, piece: Piece, rest: &mut &[u8], layout: &[u8]) -> Read<()> {
        match piece {
            Piece::Year => {
                let year = whole(take(rest, 2)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Piece::LongYear => {
                if rest.len() < 4 || digit(rest, 0).is_none() {
                    return Err(Wrong::Form);
                }
                self.year = whole(take(rest, 4)?)?;
            }
            Piece::Month => self.month = Some(name(rest, &MONTHS, Some(3))? + 1),
            Piece::LongMonth => self.month = Some(name(rest, &MONTHS, None)? + 1),
            Piece::NumMonth { padded } => {
                let month = two_digits(rest, padded)?;
                if !(1..=12).contains(&month) {
                    return Err(Wrong::Range("month"));
                }
                self.month = Some(month);
            }
            Piece::Weekday => drop(name(rest, &WEEKDAYS, Some(3))?),
            Piece::LongWeekday => drop(name(rest, &WEEKDAYS, None)?),
            Piece::Day(padding) => {
                if padding == Padding::Spaces && rest.first() == Some(&b' ') {
                    *rest = &rest[1..];
                }
                self.day = Some(two_digits(rest, padding == Padding::Zeros)?);
            }
            Piece::YearDay(padding) => {
                for _ in 0..2 {
                    if padding == Padding::Spaces && rest.first() == Some(&b' ') {
                        *rest = &rest[1..];
                    }
                }
                let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 || padding == Padding::Zeros && digits != 3 {
                    return Err(Wrong::Form);
                }
                self.year_day = Some(whole(take(rest, digits)?)?);
            }
            Piece::Hour => {
                self.hour = two_digits(rest, false)?;
                if self.hour >= 24 {
                    return Err(Wrong::Range("hour"));
                }
            }
            Piece::Hour12 { padded } => {
                self.hour = two_digits(rest, padded)?;
                if self.hour > 12 {
                    return Err(Wrong::Range("hour"));
                }
            }
            Piece::Minute { padded } => {
                self.minute = two_digits(rest, padded)?;
                if self.minute >= 60 {
                    return Err(Wrong::Range("minute"));
                }
            }
            Piece::Second { padded } => {
                self.second = two_digits(rest, padded)?;
                if self.second >= 60 {
                    return Err(Wrong::Range("second"));
                }
                self.unannounced_fraction(rest, layout)?;
            }
            Piece::HalfDay { upper } => {
                let word = take(rest, 2)?;
                self.afternoon = Some(match (word, upper) {
                    (b"PM", true) | (b"pm", false) => true,
                    (b"AM", true) | (b"am", false) => false,
                    _ => return Err(Wrong::Form),
                });
            }
            Piece::Offset(style) => self.offset(style, rest)?,
            Piece::ZoneName => {
                if rest.starts_with(b"UTC") {
                    self.utc = true;
                    *rest = &rest[3..];
                } else {
                    let length = zone_name(rest).ok_or(Wrong::Form)?;
                    self.zone_name = take(rest, length)?.to_vec();
                }
            }
            Piece::Fraction { digits, trimmed: false, .. } => {
                self.nanoseconds = nanoseconds(take(rest, 1 + digits)?)?;
            }
            Piece::Fraction { .. } => {
                if matches!(rest.first(), Some(b'.' | b',')) && digit(rest, 1).is_some() {
                    let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    self.nanoseconds = nanoseconds(take(rest, 1 + digits)?)?;
                }
            }
        }
        Ok(())
    }

    /// A fraction may follow the seconds even if the layout has none.
    fn unannounced_fraction(&mut self, rest: &mut &[u8], layout: &[u8]) -> Read<()> {
        let given = matches!(rest.first(), Some(b'.' | b',')) && digit(rest, 1).is_some();
        let announced = matches!(next_piece(layout), Some((_, Piece::Fraction { .. }, _)));
        if given && !announced {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.nanoseconds = nanoseconds(take(rest, 1 + digits)?)?;
        }
        Ok(())
    }

    fn offset(&mut self, style: Offset, rest: &mut &[u8]) -> Read<()> {
        if style.z && rest.first() == Some(&b'Z') {
            *rest = &rest[1..];
            self.utc = true;
            return Ok(());
        }
        let step = if style.colons { 3 } else { 2 };
        let numbers = 1 + usize::from(style.minutes) + usize::from(style.seconds);
        let text = rest.get(..3 + step * (numbers - 1)).ok_or(Wrong::Form)?;
        let mut parts = [0_i64; 3];
        let mut form = Ok(());
        for (index, part) in parts.iter_mut().take(numbers).enumerate() {
            let start = 1 + step * index;
            if index > 0 && style.colons && text[start - 1] != b':' {
                return Err(Wrong::Form);
            }
            match two_digits(&mut &text[start..start + 2], true) {
                Ok(number) => *part = number,
                Err(problem) => {
                    form = Err(problem);
                    break;
                }
            }
        }
        let [hours, minutes, seconds] = parts;
        *rest = &rest[text.len()..];
        // Go looks at the ranges before it looks at the form.
        let ranges = [
            (seconds, 60, "time zone offset second"),
            (minutes, 60, "time zone offset minute"),
            (hours, 24, "time zone offset hour"),
        ];
        if let Some((.., what)) = ranges.iter().find(|(value, most, _)| value > most) {
            return Err(Wrong::Range(what));
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = Some(match text[0] {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(Wrong::Form),
        });
        form
    }

    fn finish(mut self, zone: &Zone) -> Result<Time, &'static str> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        if let Some(year_day) = self.year_day {
            let days = 365 + i64::from(civil::is_leap(self.year));
            if !(1..=days).contains(&year_day) {
                return Err("day-of-year out of range");
            }
            let first = civil::days_from_date(self.year, 1, 1);
            let (_, month, day) = civil::date_from_days(first + year_day - 1);
            if self.month.is_some_and(|seen| seen != month) {
                return Err("day-of-year does not match month");
            }
            if self.day.is_some_and(|seen| seen != day) {
                return Err("day-of-year does not match day");
            }
            (self.month, self.day) = (Some(month), Some(day));
        }
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if day < 1 || day > civil::days_in(month, self.year) {
            return Err("day out of range");
        }
        let date = (self.year, month, day);
        let clock = (self.hour, self.minute, self.second);
        let within = |zone: Zone| Time::from_date(date, clock, self.nanoseconds, zone);
        if self.utc {
            return Ok(within(Zone::utc()));
        }
        let abbreviation = String::from_utf8_lossy(&self.zone_name).into_owned();
        // Go takes -1 for "none given".
        if let Some(offset) = self.offset.filter(|offset| *offset != -1) {
            let mut time = within(Zone::utc());
            time.seconds -= offset;
            let holds = zone.at(time.seconds);
            let same_name = self.zone_name.is_empty() || *holds.abbreviation == *abbreviation;
            time.zone = if holds.offset == offset && same_name {
                zone.clone()
            } else {
                Zone::fixed(&abbreviation, i32::try_from(offset).unwrap_or(0))
            };
            return Ok(time);
        }
        if !self.zone_name.is_empty() {
            let mut time = within(Zone::utc());
            if let Some(offset) = zone.offset_of(&self.zone_name, time.seconds) {
                time.seconds -= offset;
                time.zone = zone.clone();
                return Ok(time);
            }
            let hours =
                self.zone_name.strip_prefix(b"GMT").map_or(0, |hours| whole(hours).unwrap_or(0));
            time.zone = Zone::fixed(&abbreviation, i32::try_from(hours * 3_600).unwrap_or(0));
            // Go fabricates the zone without moving the instant.
            return Ok(time);
        }
        Ok(within(zone.clone()))
    }
}

/// The length of what looks like the abbreviation of a zone.
fn zone_name(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if text.starts_with(b"GMT") {
        return Some(3 + signed_offset(&text[3..]));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset(text)).filter(|length| *length > 0);
    }
    let capitals = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match capitals {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of `+03`, or 0.
fn signed_offset(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    match leading_int(&text[1..]) {
        Some((hours, rest)) if hours <= 23 && rest.len() < text.len() - 1 => {
            text.len() - rest.len()
        }
        _ => 0,
    }
}
