//! Reference layouts: which pieces of `Mon Jan 2 15:04:05 2006` a layout is made of.

/// A piece of a layout that stands for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    LongMonth,
    Month,
    NumMonth {
        padded: bool,
    },
    LongWeekday,
    Weekday,
    Day(Padding),
    YearDay(Padding),
    Hour,
    Hour12 {
        padded: bool,
    },
    Minute {
        padded: bool,
    },
    Second {
        padded: bool,
    },
    LongYear,
    Year,
    HalfDay {
        upper: bool,
    },
    ZoneName,
    Offset(Offset),
    /// A fraction of a second: separator, digits, and whether zeros at the end are dropped.
    Fraction {
        comma: bool,
        digits: usize,
        trimmed: bool,
    },
}

/// How a number is brought to its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    None,
    Spaces,
    Zeros,
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` stands for no offset.
    pub(super) z: bool,
    pub(super) colons: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The spellings of offsets, longer ones before their beginnings.
const OFFSETS: [(&str, bool, bool, bool); 5] = [
    ("070000", false, true, true),
    ("07:00:00", true, true, true),
    ("0700", false, true, false),
    ("07:00", true, true, false),
    ("07", false, false, false),
];

/// Finds the first piece: the text before it, how long it is, and what follows.
pub(super) fn next_piece(layout: &[u8]) -> Option<(&[u8], Piece, &[u8])> {
    for at in 0..layout.len() {
        if let Some((skip, length, piece)) = piece_at(&layout[at..]) {
            let start = at + skip;
            return Some((&layout[..start], piece, &layout[start + length..]));
        }
    }
    None
}

/// A piece at the start of a text: bytes before it, its length.
fn piece_at(text: &[u8]) -> Option<(usize, usize, Piece)> {
    let word = |at: usize| !text.get(at).is_some_and(u8::is_ascii_lowercase);
    let is = |prefix: &str| text.starts_with(prefix.as_bytes());
    let found = |length: usize, piece: Piece| Some((0, length, piece));
    match text[0] {
        b'J' if is("January") => found(7, Piece::LongMonth),
        b'J' if is("Jan") && word(3) => found(3, Piece::Month),
        b'M' if is("Monday") => found(6, Piece::LongWeekday),
        b'M' if is("Mon") && word(3) => found(3, Piece::Weekday),
        b'M' if is("MST") => found(3, Piece::ZoneName),
        b'0' => match text.get(1) {
            Some(b'1') => found(2, Piece::NumMonth { padded: true }),
            Some(b'2') => found(2, Piece::Day(Padding::Zeros)),
            Some(b'3') => found(2, Piece::Hour12 { padded: true }),
            Some(b'4') => found(2, Piece::Minute { padded: true }),
            Some(b'5') => found(2, Piece::Second { padded: true }),
            Some(b'6') => found(2, Piece::Year),
            Some(b'0') if is("002") => found(3, Piece::YearDay(Padding::Zeros)),
            _ => None,
        },
        b'1' if is("15") => found(2, Piece::Hour),
        b'1' => found(1, Piece::NumMonth { padded: false }),
        b'2' if is("2006") => found(4, Piece::LongYear),
        b'2' => found(1, Piece::Day(Padding::None)),
        // An underscore before a year is just that.
        b'_' if is("_2006") => Some((1, 4, Piece::LongYear)),
        b'_' if is("_2") => found(2, Piece::Day(Padding::Spaces)),
        b'_' if is("__2") => found(3, Piece::YearDay(Padding::Spaces)),
        b'3' => found(1, Piece::Hour12 { padded: false }),
        b'4' => found(1, Piece::Minute { padded: false }),
        b'5' => found(1, Piece::Second { padded: false }),
        b'P' if is("PM") => found(2, Piece::HalfDay { upper: true }),
        b'p' if is("pm") => found(2, Piece::HalfDay { upper: false }),
        sign @ (b'-' | b'Z') => OFFSETS.iter().find_map(|(spelling, colons, minutes, seconds)| {
            text[1..].starts_with(spelling.as_bytes()).then_some((
                0,
                1 + spelling.len(),
                Piece::Offset(Offset {
                    z: sign == b'Z',
                    colons: *colons,
                    minutes: *minutes,
                    seconds: *seconds,
                }),
            ))
        }),
        separator @ (b'.' | b',') => {
            let digit = *text.get(1).filter(|byte| matches!(byte, b'0' | b'9'))?;
            let digits = text[1..].iter().take_while(|byte| **byte == digit).count();
            if text.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            let (comma, trimmed) = (separator == b',', digit == b'9');
            found(1 + digits, Piece::Fraction { comma, digits, trimmed })
        }
        _ => None,
    }
}
