//! Time zones: which offset and which abbreviation hold at an instant.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time zone with a name, Go's `*time.Location`.
///
/// Never read from the machine by this crate: made from the bytes of a zone file, or from an
/// offset. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zone {
    name: Arc<str>,
    rules: Rules,
}

#[derive(Clone, Debug)]
enum Rules {
    Fixed { offset: i64, abbreviation: Arc<str> },
    Table(TimeZone),
}

/// What holds in a zone at an instant.
#[derive(Clone, Debug)]
pub(crate) struct Holds {
    /// Seconds east of Greenwich.
    pub(crate) offset: i64,
    pub(crate) abbreviation: Arc<str>,
    pub(crate) daylight_saving: bool,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Zone::fixed("UTC", 0)
    }

    /// A zone that is always `offset` seconds east of Greenwich; its name is its abbreviation.
    pub fn fixed(name: &str, offset: i32) -> Self {
        let name: Arc<str> = Arc::from(name);
        let rules = Rules::Fixed { offset: offset.into(), abbreviation: Arc::clone(&name) };
        Zone { name, rules }
    }

    /// Reads the bytes of a zone file (RFC 9636).
    ///
    /// `None` when they are not one.
    pub fn from_tzif(name: &str, data: &[u8]) -> Option<Self> {
        let rules = Rules::Table(TimeZone::tzif(name, data).ok()?);
        Some(Zone { name: Arc::from(name), rules })
    }

    /// The name of the zone: `UTC`, `Local`, or a name of the IANA database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same rules under another name.
    #[must_use]
    pub(crate) fn named(&self, name: &str) -> Zone {
        Zone { name: Arc::from(name), rules: self.rules.clone() }
    }

    /// What holds at an instant, in seconds since 1970. Beyond the years that can be looked up, the
    /// nearest one counts.
    pub(crate) fn at(&self, seconds: i64) -> Holds {
        match &self.rules {
            Rules::Fixed { offset, abbreviation } => Holds {
                offset: *offset,
                abbreviation: Arc::clone(abbreviation),
                daylight_saving: false,
            },
            Rules::Table(table) => {
                let limits = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let instant = Timestamp::from_second(seconds.clamp(limits.0, limits.1));
                let info = table.to_offset_info(instant.unwrap_or_default());
                Holds {
                    offset: info.offset().seconds().into(),
                    abbreviation: Arc::from(info.abbreviation()),
                    daylight_saving: info.dst().is_dst(),
                }
            }
        }
    }

    /// The offset a zone abbreviation stands for, preferably at the instant with that offset.
    ///
    /// `unix` is the wall clock time read as if it were UTC.
    pub(crate) fn offset_of(&self, abbreviation: &[u8], unix: i64) -> Option<i64> {
        let Rules::Table(table) = &self.rules else {
            let holds = self.at(unix);
            return (holds.abbreviation.as_bytes() == abbreviation).then_some(holds.offset);
        };
        // Every offset the zone has had around that time under this abbreviation.
        let limits = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let instant = Timestamp::from_second(unix.clamp(limits.0, limits.1)).unwrap_or_default();
        let mut candidates = vec![self.at(unix)];
        let years = table.following(instant).take(4).chain(table.preceding(instant).take(4));
        for change in years {
            candidates.push(self.at(change.timestamp().as_second()));
        }
        candidates.retain(|holds| holds.abbreviation.as_bytes() == abbreviation);
        candidates
            .iter()
            .find(|holds| self.at(unix - holds.offset).abbreviation.as_bytes() == abbreviation)
            .or_else(|| candidates.first())
            .map(|holds| holds.offset)
    }
}
