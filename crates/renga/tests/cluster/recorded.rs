//! renga under the name `tk` answers as the recorded Grafana Tanka does, on a cluster.
//!
//! The cases are those of `tests/tk/live`; its README explains how they are recorded.

use std::fmt::Write as _;
use std::path::Path;

use renga_test::{LiveCluster, Program, TestCluster, compare, find_cases, known_gaps};

use crate::support::alone;

#[test]
fn live_cases() {
    let cluster = match TestCluster::shared() {
        Ok(cluster) if cluster.is_own => cluster,
        Ok(_) => return eprintln!("skipped: recorded cases need the contexts of our own server"),
        Err(none) => return eprintln!("{none}"),
    };
    let _alone = alone();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tk");
    let program = Program::named(Path::new(env!("CARGO_BIN_EXE_renga")), "tk").unwrap();
    let live = LiveCluster::of_kubeconfig(&cluster.kubeconfig, None).unwrap();
    let gaps = known_gaps(&corpus.join("known-gaps.txt")).unwrap();
    let mut report = String::new();
    let mut known = Vec::new();
    for path in find_cases(&corpus.join("live")).unwrap() {
        let (case, blocks) = live.play(&path, &program).unwrap_or_else(|error| panic!("{error}"));
        for failure in compare(&case, &blocks).unwrap() {
            if gaps.contains(&failure.id) {
                known.push(failure.id);
            } else {
                let _ = write!(report, "\n{failure}");
            }
        }
    }
    for gap in gaps.iter().filter(|gap| gap.starts_with("live/") && !known.contains(gap)) {
        let _ = writeln!(report, "\n{gap} agrees now: remove it from known-gaps.txt");
    }
    assert!(report.is_empty(), "live cases differ:\n{report}");
}
