//! What templates can learn of the world while a chart is rendered.
//!
//! Randomness is a stream expanded from a seed: either from entropy that the caller gives, or, for
//! renderings that are to be the same every time, from the release, the chart, the template and
//! the count of requests in it. Each request for randomness or time is noted for the template that
//! is being rendered, so that callers can tell which manifests depend on it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use renga_gotemplate::Zone;
use sha2::{Digest as _, Sha256};

/// Finds the rules of a time zone by name.
pub type FindZone = dyn Fn(&str) -> Option<Zone> + Send + Sync;

/// Finds the time zone of the machine.
pub type FindLocalZone = dyn Fn() -> Zone + Send + Sync;

/// Finds the addresses of a host.
pub type FindHost = dyn Fn(&str) -> Vec<String> + Send + Sync;

/// The world as the caller gives it to a rendering.
#[derive(Clone)]
pub struct World {
    /// What randomness grows from; without it all random values are derived from the call site.
    pub entropy: Option<[u8; 32]>,
    /// The time templates see: seconds since 1970 in UTC, and nanoseconds.
    pub now: (i64, u32),
    /// The time zone of the machine. Few charts ask for it, and finding it takes a while.
    pub local_zone: Arc<FindLocalZone>,
    /// The database of time zones.
    pub find_zone: Arc<FindZone>,
    /// Name look-ups, for `getHostByName` where it is enabled.
    pub find_host: Arc<FindHost>,
}

impl World {
    /// A world that is always the same: 2000-01-01 in UTC, no other zones, no hosts.
    pub fn fixed() -> Self {
        World {
            entropy: None,
            now: (946_684_800, 0),
            local_zone: Arc::new(Zone::utc),
            find_zone: Arc::new(|_| None),
            find_host: Arc::new(|_| Vec::new()),
        }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("World")
            .field("deterministic", &self.entropy.is_none())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// The world of one rendering.
pub(crate) struct Witness<'w> {
    world: &'w World,
    /// The hash state after what names the rendering.
    seed: Sha256,
    template: RefCell<Arc<str>>,
    calls: Cell<u64>,
    asked: RefCell<BTreeSet<Arc<str>>>,
}

impl<'w> Witness<'w> {
    pub(crate) fn new(world: &'w World, release: &str, namespace: &str, chart: &str) -> Self {
        let mut seed = Sha256::new();
        match &world.entropy {
            Some(entropy) => seed.update(entropy),
            None => seed.update(b"renga deterministic rendering 1"),
        }
        for part in [release, namespace, chart] {
            seed.update([0]);
            seed.update(part);
        }
        Witness {
            world,
            seed,
            template: RefCell::new(Arc::from("")),
            calls: Cell::new(0),
            asked: RefCell::new(BTreeSet::new()),
        }
    }

    /// Says that a template begins.
    pub(crate) fn begin(&self, template: &Arc<str>) {
        *self.template.borrow_mut() = Arc::clone(template);
        self.calls.set(0);
    }

    /// The templates that asked for randomness or the time, sorted.
    pub(crate) fn asked(&self) -> Vec<Arc<str>> {
        self.asked.borrow().iter().cloned().collect()
    }

    fn note(&self) {
        let template = Arc::clone(&self.template.borrow());
        self.asked.borrow_mut().insert(template);
    }
}

impl renga_gotemplate::World for Witness<'_> {
    fn fill_random(&self, buffer: &mut [u8]) {
        self.note();
        let call = self.calls.get();
        self.calls.set(call + 1);
        let mut seed = self.seed.clone();
        seed.update([0]);
        seed.update(&**self.template.borrow());
        seed.update([0]);
        seed.update(call.to_be_bytes());
        for (block, chunk) in (0_u64..).zip(buffer.chunks_mut(32)) {
            let mut hash = seed.clone();
            hash.update(block.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn now(&self) -> (i64, u32) {
        self.note();
        self.world.now
    }

    fn zone(&self, name: &str) -> Option<Zone> {
        (self.world.find_zone)(name)
    }

    fn local_zone(&self) -> Zone {
        (self.world.local_zone)()
    }

    fn lookup_host(&self, name: &str) -> Vec<String> {
        (self.world.find_host)(name)
    }
}

#[cfg(test)]
mod tests {
    use renga_gotemplate::World as _;

    use super::*;

    #[test]
    fn randomness_follows_the_call_site() {
        let world = World::fixed();
        let draw = |release: &str, template: &str, skip: usize| {
            let witness = Witness::new(&world, release, "default", "c");
            witness.begin(&Arc::from(template));
            let mut buffer = [0; 40];
            for _ in 0..=skip {
                witness.fill_random(&mut buffer);
            }
            assert_eq!(witness.asked().len(), 1);
            buffer
        };
        assert_eq!(draw("r", "t", 0), draw("r", "t", 0));
        assert_ne!(draw("r", "t", 0), draw("r", "t", 1));
        assert_ne!(draw("r", "t", 0), draw("r", "u", 0));
        assert_ne!(draw("r", "t", 0), draw("s", "t", 0));
    }
}
