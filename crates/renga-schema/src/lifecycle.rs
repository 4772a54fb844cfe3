//! When the built-in kinds go away.
//!
//! `data/lifecycle.txt`, which `cargo xtask schemas` writes from what Kubernetes' types say of
//! themselves: a line `API_VERSION KIND DEPRECATED REMOVED REPLACEMENT` for each kind that goes, with
//! `-` for what is not said.

const DATA: &str = include_str!("../data/lifecycle.txt");

/// When a version of a kind goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// Major and minor number of the release that begins to warn of it.
    pub deprecated: Option<(u32, u32)>,
    /// Major and minor number of the first release that does not serve it.
    pub removed: (u32, u32),
    /// API version and kind to use instead.
    pub replacement: Option<(&'static str, &'static str)>,
}

impl Lifecycle {
    /// When that kind goes away; `None` where nothing is known of an end.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        DATA.lines().find_map(|line| {
            let rest = line.strip_prefix(api_version)?.strip_prefix(' ')?;
            let mut words = rest.strip_prefix(kind)?.strip_prefix(' ')?.split(' ');
            let deprecated = words.next().and_then(release);
            let removed = words.next().and_then(release)?;
            let replacement = words.next().and_then(|word| word.split_once(':'));
            Some(Self { deprecated, removed, replacement })
        })
    }
}

fn release(word: &str) -> Option<(u32, u32)> {
    let (major, minor) = word.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{DATA, Lifecycle};

    #[test]
    fn every_line_can_be_read() {
        assert!(DATA.lines().count() >= 100);
        for line in DATA.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let &[api_version, kind, deprecated, removed, _] = words.as_slice() else {
                panic!("{line}");
            };
            let life = Lifecycle::of(api_version, kind).expect(line);
            assert_eq!(format!("{}.{}", life.removed.0, life.removed.1), removed);
            assert_eq!(life.deprecated.is_none(), deprecated == "-", "{line}");
            assert!(life.deprecated.is_none_or(|release| release <= life.removed), "{line}");
        }
    }

    #[test]
    fn known_ends_are_known() {
        assert_eq!(
            Lifecycle::of("batch/v1beta1", "CronJob"),
            Some(Lifecycle {
                deprecated: Some((1, 21)),
                removed: (1, 25),
                replacement: Some(("batch/v1", "CronJob")),
            })
        );
        assert_eq!(
            Lifecycle::of("autoscaling/v2beta2", "HorizontalPodAutoscaler")
                .map(|life| life.removed),
            Some((1, 26))
        );
        assert_eq!(Lifecycle::of("apps/v1", "Deployment"), None);
        assert_eq!(Lifecycle::of("batch/v1beta1", "Cron"), None);
    }
}
