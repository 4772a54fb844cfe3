//! `time.Time`: an instant with the zone it is shown in.

use super::civil;
use super::duration;
use super::layout::WEEKDAYS;
use super::zone::{Holds, Zone};

/// Seconds from 1970 back to the zero time, the first of January of year 1.
const ZERO: i64 = -62_135_596_800;

const DAY: i64 = 86_400;

/// An instant.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Seconds since 1970 in UTC.
    pub(crate) seconds: i64,
    /// Nanoseconds beyond, below a thousand million.
    pub(crate) nanoseconds: u32,
    pub(crate) zone: Zone,
    /// The reading of the monotonic clock, which times from `now` carry. Only shown.
    pub(crate) monotonic: Option<i64>,
}

/// A date and a time of day, as a zone shows them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    /// The day of the year, from 1.
    pub(super) year_day: i64,
    /// The day of the week, Sunday is 0.
    pub(super) weekday: i64,
}

impl Civil {
    pub(super) fn weekday_name(&self) -> &'static str {
        usize::try_from(self.weekday).ok().and_then(|day| WEEKDAYS.get(day)).copied().unwrap_or("")
    }
}

impl Time {
    /// `time.Unix` in a zone.
    pub(crate) fn unix(seconds: i64, nanoseconds: u32, zone: Zone) -> Time {
        Time { seconds, nanoseconds, zone, monotonic: None }
    }

    /// The zero time.
    pub(crate) fn zero() -> Time {
        Time::unix(ZERO, 0, Zone::utc())
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.seconds == ZERO && self.nanoseconds == 0
    }

    /// `time.Date`: values out of range carry over.
    pub(super) fn from_date(
        (year, month, day): (i64, i64, i64),
        (hour, minute, second): (i64, i64, i64),
        nanoseconds: u32,
        zone: Zone,
    ) -> Time {
        let days = civil::days_from_date(year, month, day);
        let wall = days
            .saturating_mul(DAY)
            .saturating_add(hour * 3_600 + minute * 60)
            .saturating_add(second);
        // The offset depends on the instant and the instant on the offset: guess once, as Go does.
        let guess = zone.at(wall).offset;
        let offset = if guess == 0 { 0 } else { zone.at(wall.saturating_sub(guess)).offset };
        Time::unix(wall.saturating_sub(offset), nanoseconds, zone)
    }

    /// What holds in the zone at this instant.
    pub(super) fn holds(&self) -> Holds {
        self.zone.at(self.seconds)
    }

    pub(super) fn civil(&self, offset: i64) -> Civil {
        let wall = self.seconds.saturating_add(offset);
        let days = wall.div_euclid(DAY);
        let second = wall.rem_euclid(DAY);
        let (year, month, day) = civil::date_from_days(days);
        Civil {
            year,
            month,
            day,
            hour: second / 3_600,
            minute: second / 60 % 60,
            second: second % 60,
            year_day: days - civil::days_from_date(year, 1, 1) + 1,
            weekday: (days + 4).rem_euclid(7),
        }
    }

    /// The same instant shown in another zone.
    pub(crate) fn within(&self, zone: Zone) -> Time {
        Time { zone, ..self.clone() }
    }

    pub(crate) fn add(&self, duration: i64) -> Time {
        let nanoseconds = i64::from(self.nanoseconds) + duration % duration::SECOND;
        let carry = nanoseconds.div_euclid(duration::SECOND);
        let rest = nanoseconds.rem_euclid(duration::SECOND);
        Time {
            seconds: self.seconds.saturating_add(duration / duration::SECOND + carry),
            nanoseconds: u32::try_from(rest).unwrap_or(0),
            zone: self.zone.clone(),
            monotonic: self.monotonic.and_then(|reading| reading.checked_add(duration)),
        }
    }

    pub(crate) fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let civil = self.civil(self.holds().offset);
        Time::from_date(
            (
                civil.year.saturating_add(years),
                civil.month.saturating_add(months),
                civil.day.saturating_add(days),
            ),
            (civil.hour, civil.minute, civil.second),
            self.nanoseconds,
            self.zone.clone(),
        )
    }

    /// All nanoseconds since 1970.
    fn total(&self) -> i128 {
        i128::from(self.seconds) * i128::from(duration::SECOND) + i128::from(self.nanoseconds)
    }

    /// The nanoseconds since another instant, as many as fit.
    pub(crate) fn since(&self, other: &Time) -> i64 {
        let difference = self.total() - other.total();
        let saturated = if difference < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(difference).unwrap_or(saturated)
    }

    pub(crate) fn compare(&self, other: &Time) -> std::cmp::Ordering {
        self.total().cmp(&other.total())
    }

    /// Nanoseconds since 1970, in units, wrapping as Go's numbers do.
    #[expect(clippy::cast_possible_truncation, reason = "Go wraps around as well")]
    pub(crate) fn unix_in(&self, unit: i64) -> i64 {
        self.total().div_euclid(i128::from(unit)) as i64
    }

    /// How far the instant lies beyond a multiple of the duration since the zero time.
    fn beyond(&self, multiple: i64) -> i64 {
        let since_zero = self.total() - i128::from(ZERO) * i128::from(duration::SECOND);
        i64::try_from(since_zero.rem_euclid(i128::from(multiple))).unwrap_or(0)
    }

    /// `Truncate`.
    pub(crate) fn truncate(&self, multiple: i64) -> Time {
        let plain = Time { monotonic: None, ..self.clone() };
        if multiple <= 0 { plain } else { plain.add(-self.beyond(multiple)) }
    }

    /// `Round`: halves up.
    pub(crate) fn round(&self, multiple: i64) -> Time {
        let plain = Time { monotonic: None, ..self.clone() };
        if multiple <= 0 {
            return plain;
        }
        let beyond = self.beyond(multiple);
        let down = i128::from(beyond) * 2 < i128::from(multiple);
        plain.add(if down { -beyond } else { multiple - beyond })
    }

    /// The date and the time of day in the zone.
    pub(super) fn shown(&self) -> Civil {
        self.civil(self.holds().offset)
    }
}
