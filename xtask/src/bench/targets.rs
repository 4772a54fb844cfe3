//! The bounds that renga is to keep.

use super::workload::Program;

/// What a bound is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    /// Times as much another program, or another workload, needs at least.
    Wall { theirs: Run, own: Run, least: f64 },
    /// The same of memory.
    Memory { theirs: Run, own: Run, least: f64 },
    /// MiB a workload takes at most.
    MemoryUnder { workload: &'static str, most: f64 },
    /// Seconds a workload takes at most.
    Under { workload: &'static str, most: f64 },
    /// Seconds a workload may take longer than another one.
    Cost { workload: &'static str, without: &'static str, most: f64 },
}

/// The runs of a program in a workload.
pub(super) type Run = (&'static str, Program);

/// A bound, in words for the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) what: &'static str,
    pub(super) words: &'static str,
    pub(super) bound: Bound,
}

/// All bounds.
pub(super) static TARGETS: [Target; 17] = [
    Target {
        what: "export against tk",
        words: "at least 20 times as fast",
        bound: wall(("export", Program::Tk), "export", 20.0),
    },
    Target {
        what: "second export against the first",
        words: "at least 2 times as fast",
        bound: wall(("export", Program::Renga), "export-again", 2.0),
    },
    Target {
        what: "`--version`",
        words: "under 10 ms",
        bound: Bound::Under { workload: "version", most: 0.010 },
    },
    Target {
        what: "peak memory of the export against tk",
        words: "at least 4 times less",
        bound: memory(("export", Program::Tk), "export", 4.0),
    },
    Target {
        what: "small chart against helm",
        words: "at least 20 times as fast",
        bound: wall(("helm-small", Program::Helm), "helm-small", 20.0),
    },
    Target {
        what: "large chart against helm",
        words: "at least 15 times as fast",
        bound: wall(("helm-large", Program::Helm), "helm-large", 15.0),
    },
    Target {
        what: "peak memory of the small chart against helm",
        words: "at least 3 times less",
        bound: memory(("helm-small", Program::Helm), "helm-small", 3.0),
    },
    Target {
        what: "peak memory of the large chart against helm",
        words: "at least 3 times less",
        bound: memory(("helm-large", Program::Helm), "helm-large", 3.0),
    },
    Target {
        what: "100 renderings of a chart in one process",
        words: "under 1 s",
        bound: Bound::Under { workload: "helm-native", most: 1.0 },
    },
    Target {
        what: "30 charts vendored, nothing cached, against tk",
        words: "at least 10 times as fast",
        bound: wall(("vendor-cold", Program::Tk), "vendor-cold", 10.0),
    },
    Target {
        what: "30 charts vendored, nothing to do",
        words: "under 20 ms",
        bound: Bound::Under { workload: "vendor-again", most: 0.020 },
    },
    Target {
        what: "an index of 20 MB the first time",
        words: "under 150 ms",
        bound: Bound::Cost {
            workload: "index-large-first",
            without: "index-tiny-first",
            most: 0.150,
        },
    },
    Target {
        what: "an index of 20 MB when it is cached",
        words: "under 5 ms",
        bound: Bound::Cost {
            workload: "index-large-cached",
            without: "index-tiny-cached",
            most: 0.005,
        },
    },
    Target {
        what: "diff of 1,000 objects without a change against kubectl",
        words: "at least 10 times as fast",
        bound: wall(("cluster-diff", Program::Kubectl), "cluster-diff", 10.0),
    },
    Target {
        what: "diff of 1,000 objects with ten changes against kubectl",
        words: "at least 10 times as fast",
        bound: wall(("cluster-diff-changed", Program::Kubectl), "cluster-diff-changed", 10.0),
    },
    Target {
        what: "memory of a diff of 1,000 objects",
        words: "under 100 MiB",
        bound: Bound::MemoryUnder { workload: "cluster-diff", most: 100.0 },
    },
    Target {
        what: "memory of an apply of 1,000 objects",
        words: "under 100 MiB",
        bound: Bound::MemoryUnder { workload: "cluster-apply", most: 100.0 },
    },
];

const fn wall(theirs: Run, own: &'static str, least: f64) -> Bound {
    Bound::Wall { theirs, own: (own, Program::Renga), least }
}

const fn memory(theirs: Run, own: &'static str, least: f64) -> Bound {
    Bound::Memory { theirs, own: (own, Program::Renga), least }
}

#[cfg(test)]
mod tests {
    use super::{super::workload::WORKLOADS, Bound, TARGETS};

    #[test]
    fn every_bound_names_workloads_that_there_are() {
        for target in TARGETS {
            let named = match target.bound {
                Bound::Wall { theirs, own, .. } | Bound::Memory { theirs, own, .. } => {
                    [theirs.0, own.0]
                }
                Bound::Under { workload, .. } | Bound::MemoryUnder { workload, .. } => {
                    [workload, workload]
                }
                Bound::Cost { workload, without, .. } => [workload, without],
            };
            for name in named {
                assert!(WORKLOADS.iter().any(|workload| workload.name == name), "{name}");
            }
        }
    }
}
